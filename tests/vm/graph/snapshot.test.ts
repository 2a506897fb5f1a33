/** Snapshots: what is left of random histories, taken into an empty engine; and bytes that nobody made so. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import type { Engine, FoldEntry } from '../../../src/vm/graph/engine';
import { partsOf, readInSteps, readPart, Survey } from '../../../src/vm/graph/snapshot';
import type { GraphStore } from '../../../src/vm/graph/store/store';
import type { Op } from '../../../src/vm/op/body';
import type { ShardId } from '../../../src/vm/op/ids';
import { createEngine, newStore } from '../../support/engines';
import { randomHistory } from '../../support/graph-histories';
import { Device, OPEN, SPACE, typingHistory } from './world';

const shardsOf = (entries: readonly FoldEntry[]): readonly ShardId[] => [...new Set(entries.map(({ shard }) => shard))];
const rootOf = (engine: Engine, shard: ShardId): string =>
  toHex(engine.stateHash([]).shards.get(shard) ?? new Uint8Array());
const madeOf = (entries: readonly FoldEntry[], engine: GraphStore): readonly Uint8Array[] => {
  const making = partsOf(entries, new Survey(engine));
  for (let step = making.next(); ; step = making.next()) if (step.done) return step.value;
};
const readAll = (parts: readonly Uint8Array[], shard: ShardId): readonly FoldEntry[] =>
  parts.flatMap((part) => {
    const read = readPart(part, SPACE, shard);
    if (!read.ok) throw new Error(read.error.message);
    return read.value;
  });
const showing = (engine: Engine, shard: ShardId) =>
  [...engine.nodesOfShard(shard)]
    .map((node) => ({
      id: node.id,
      deleted: node.deleted,
      parent: node.parent,
      fields: node.keys().map((key) => [key, node.fieldState(key)]),
      edges: engine.edgesFrom(node.id),
      text: engine.documentText(node.id),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

describe('snapshots', () => {
  it('[CK1] give the state hash and the conflicts of the history, on 60 random ones', () => {
    let parts = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { entries } = randomHistory(seed, 5 + (seed % 40), seed % 4 === 0);
      for (const shard of shardsOf(entries)) {
        const own = entries.filter((entry) => entry.shard === shard);
        const whole = newStore();
        whole.apply(own);
        const made = madeOf(own, whole);
        const taken = newStore();
        taken.apply(seededRandom(seed).shuffle([...readAll(made, shard)]));
        expect(rootOf(taken, shard), `seed ${seed}`).toBe(rootOf(whole, shard));
        expect(showing(taken, shard), `seed ${seed}`).toEqual(showing(whole, shard));
        parts += made.length;
      }
    }
    expect(parts).toBeGreaterThan(60);
  });

  it('[CK1] of documents that several people type into; what is written after goes on there', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { entries, document } = typingHistory(seed, 40);
      const [birth, ...typed] = entries as [FoldEntry, ...FoldEntry[]];
      const shard = typed[0]?.shard as ShardId;
      const half = typed.length >> 1;
      const whole = createEngine(OPEN);
      whole.apply(typed.slice(0, half));
      const made = madeOf(typed.slice(0, half), whole);
      const taken = createEngine(OPEN);
      taken.apply([birth, ...readAll(made, shard)]);
      expect(rootOf(taken, shard), `seed ${seed}`).toBe(rootOf(whole, shard));
      whole.apply(typed.slice(half));
      taken.apply(typed.slice(half));
      expect(rootOf(taken, shard), `seed ${seed}`).toBe(rootOf(whole, shard));
      expect(taken.documentText(document)).toBe(whole.documentText(document));
    }
  });

  it('[CK2] are the same bytes in whatever order the entries came', () => {
    for (let seed = 4; seed <= 60; seed += 4) {
      const { entries, random } = randomHistory(seed, 30, true);
      for (const shard of shardsOf(entries)) {
        const own = entries.filter((entry) => entry.shard === shard);
        const made = [own, random.shuffle([...own])].map((order) => {
          const engine = newStore();
          engine.apply(order);
          return madeOf(order, engine).map(toHex);
        });
        expect(made[1], `seed ${seed}`).toEqual(made[0]);
      }
    }
  });

  it('[GW1] are looked at, written and read in steps of some hundred ops', () => {
    const ann = new Device('ann');
    const task = ann.born();
    const set = (i: number, j: number): Op => ({ type: 'fieldSet', node: task.node, key: `${i} ${j}`, value: '1' });
    const entries = [ann.write([task], 0)];
    for (let i = 1; i <= 20; i++)
      entries.push(
        ann.write(
          Array.from({ length: 200 }, (_, j) => set(i, j)),
          i,
        ),
      );
    const engine = newStore();
    engine.apply(entries);
    const stepsOf = <T>(steps: Generator<undefined, T>): readonly [number, T] => {
      for (let count = 1; ; count++) {
        const step = steps.next();
        if (step.done) return [count, step.value];
      }
    };
    const [made, parts] = stepsOf(partsOf(entries, new Survey(engine)));
    expect(made).toBeGreaterThan(12);
    for (const part of parts) {
      const [read, taken] = stepsOf(readInSteps(part, SPACE, entries[0]?.shard as ShardId));
      const ops = taken.ok ? taken.value.reduce((sum, entry) => sum + entry.ops.length, 0) : 0;
      expect(ops).toBeGreaterThan(500);
      expect(read).toBeGreaterThanOrEqual(Math.floor(ops / 700));
    }
  });

  it('[CK3] bytes that are damaged are refused or harmless: never a fault, never endless', () => {
    const { entries } = randomHistory(8, 60, true);
    const random = seededRandom(3);
    let refused = 0;
    for (const shard of shardsOf(entries)) {
      const own = entries.filter((entry) => entry.shard === shard);
      const engine = newStore();
      engine.apply(own);
      for (const part of madeOf(own, engine)) {
        for (let i = 0; i < 60; i++) {
          const damaged = random.below(4) === 0 ? part.slice(0, random.below(part.length)) : part.slice();
          for (let k = 1 + random.below(3); k > 0; k--) damaged[random.below(damaged.length)] = random.below(256);
          const read = readPart(damaged, SPACE, shard);
          if (read.ok) newStore().apply(read.value);
          else refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});
