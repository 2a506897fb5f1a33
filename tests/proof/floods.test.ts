/** Floods by one member: 100,000 edges on one node, 14,000 text updates in reverse. Time and memory per entry stay flat. */
import { expect, test } from 'vitest';
import type * as Y from 'yjs';
import type { FoldEntry } from '../../src/vm/graph/engine';
import { MAX_OPS, type Op } from '../../src/vm/op/body';
import { createFold } from '../support/fold/fold';
import { Device, OPEN, paragraph, Twin } from '../vm/graph/world';

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
};
const percentile = (times: readonly number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
const shown = (ms: number): string => `${ms.toFixed(1)} ms`;

test('[T20] 100,000 edges from one member: each entry costs as the first, and an Admin takes them all away', () => {
  const EDGES = 100_000;
  const [eve, boss, ann] = [new Device('eve'), new Device('boss', 'admin'), new Device('ann')];
  const task = ann.born();
  const add = (to: string): Op => ({ type: 'edgeAdd', from: task.node, relation: 'about', to, value: 'true' });
  const entries = Array.from({ length: Math.ceil(EDGES / MAX_OPS) }, (_, i) =>
    eve.write(
      Array.from({ length: MAX_OPS }, (_, j) => add(`${i} ${j}`)),
      10 + i,
    ),
  );
  const engine = createFold(OPEN);
  engine.apply([ann.write([task], 1)]);
  const before = heap();
  const times = entries.map((entry) => {
    const began = performance.now();
    engine.apply([entry]);
    return performance.now() - began;
  });
  const bytes = heap() - before;
  const found = engine.edgesFrom(task.node);
  expect(found.length).toBeGreaterThanOrEqual(EDGES);
  const reads = Array.from({ length: 20 }, () => {
    const began = performance.now();
    engine.edgesFrom(task.node);
    return performance.now() - began;
  });
  const hashed = performance.now();
  engine.stateHash([]);
  const hash = performance.now() - hashed;
  const tags = found.map(({ tag }) => tag);
  const removal = performance.now();
  for (let i = 0; i < entries.length; i++)
    engine.apply([boss.write([{ type: 'edgeDel', tags: tags.slice(i * MAX_OPS, (i + 1) * MAX_OPS) }], 9_000 + i)]);
  const removed = performance.now() - removal;
  expect(engine.edgesFrom(task.node)).toEqual([]);
  const [first, last] = [times.slice(0, 100), times.slice(-100)].map((some) => percentile(some, 0.5)) as [
    number,
    number,
  ];
  console.log(
    `${found.length} edges: an entry of ${MAX_OPS} p50 ${shown(first)} among the first hundred, ${shown(last)} among the last, p95 ${shown(percentile(times, 0.95))}; ` +
      `${Math.round(bytes / found.length)} bytes an edge; all read in ${shown(percentile(reads, 0.5))}; hashed in ${shown(hash)}; taken away in ${shown(removed)}`,
  );
});

test('[T24] 14,000 text updates in reverse wait as bytes, and all enter with the first', () => {
  const UPDATES = 14_000;
  const ann = new Device('ann');
  const page = ann.born('Document');
  const twin = new Twin(ann, page.node);
  const textOps = (i: number): readonly Op[] =>
    twin.ops((fragment) => ((fragment.get(0) as Y.XmlElement).get(0) as Y.XmlText).insert(i, 'x'));
  const first = ann.write([page], 1);
  const start = ann.write(
    twin.ops((fragment) => fragment.insert(0, [paragraph('')])),
    2,
    { shard: twin.shard },
  );
  const typed: FoldEntry[] = Array.from({ length: UPDATES }, (_, i) =>
    ann.write([...textOps(i)], 3 + i, { shard: twin.shard }),
  );
  const engine = createFold(OPEN);
  engine.apply([first]);
  const before = heap();
  const began = performance.now();
  for (const entry of typed.toReversed()) engine.apply([entry]);
  const waiting = performance.now() - began;
  const bytes = heap() - before;
  expect(engine.counts().pendingStructs).toBe(UPDATES);
  const entered = performance.now();
  engine.apply([start]);
  const entering = performance.now() - entered;
  expect([engine.counts().pendingStructs, engine.documentText(page.node).length]).toEqual([0, UPDATES]);
  console.log(
    `${UPDATES} updates in reverse: ${shown(waiting)} to take in one by one, ${shown(entering)} to enter with the first; ${Math.round(bytes / UPDATES)} bytes each while they wait`,
  );
});
