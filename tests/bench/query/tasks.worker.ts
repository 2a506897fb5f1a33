/**
 * A kernel in small for the bench of live lists: the graph with 10,000 tasks, live queries and the bridge, without storage and keys.
 * `kept` follows what changed; `rerun` is the same question answered anew by looking at every task.
 */

import { seededRandom } from '../../../src/base/random';
import { ok } from '../../../src/base/result';
import type { KernelApi } from '../../../src/bridge/messages';
import { serveKernel } from '../../../src/bridge/server';
import { rowTeller } from '../../../src/os/graph/find';
import { follow } from '../../../src/os/graph/follow';
import { Indexes } from '../../../src/os/graph/indexes';
import { createLive } from '../../../src/os/graph/live';
import type { Question } from '../../../src/os/graph/question';
import type { Followed, GraphNode, View } from '../../../src/os/schema/define';
import type { NodeId } from '../../../src/vm/op/ids';
import { createWorld, SPACE, TYPES } from '../../support/questions';

const COUNT = 10_000;
const QUESTION: Question = {
  type: ['Task'],
  where: { not: { field: 'state', is: 'gone' } },
  order: [{ by: 'due' }],
  limit: COUNT,
};
const world = createWorld();
const random = seededRandom(1);
world.deliver(
  ...Array.from({ length: COUNT }, (_, i) => world.create('Task', { title: `Task ${i}`, state: 'open', due: i })),
);
const indexes = new Indexes(world.engine, TYPES);
indexes.build(Number.POSITIVE_INFINITY);
const source = { space: SPACE, engine: world.engine, indexes };

const byScan = (): unknown =>
  [...world.engine.nodesOfType('Task')]
    .filter((node) => !node.deleted && node.field('state') !== 'gone')
    .sort((a: GraphNode, b: GraphNode) => Number(a.field('due')) - Number(b.field('due')) || (a.id < b.id ? -1 : 1))
    .map(rowTeller(TYPES, undefined));

const view = {
  me: { userId: '', name: '', personalSpace: '' },
  graph: () => world.engine,
} as unknown as View;
let flush: (() => void) | undefined;
const live = createLive({
  view: () => view,
  run: (_name, _args, seen) => {
    for (const _ of seen.graph(SPACE)?.nodesOfType('Task') ?? []) break;
    return ok(byScan());
  },
  follow: (name): Followed | undefined => {
    if (name !== 'kept') return undefined;
    const kept = follow(() => ({ source, of: world }), QUESTION, TYPES);
    return {
      space: SPACE,
      get answer() {
        return kept.answer;
      },
      changed: kept.changed,
      advance: kept.advance,
    };
  },
  schedule: (run) => {
    flush = run;
    setTimeout(() => {
      flush?.();
      flush = undefined;
    });
  },
  faulted: (fault) => {
    throw fault;
  },
});

/** The first in sight and others anywhere: new titles and new places. Gives when it began, in ms since 1970. */
const change = async (_name: string, args: unknown): Promise<Readonly<Record<string, string>>> => {
  const at = performance.timeOrigin + performance.now();
  const { count, first, stamp } = args as { count: number; first: string; stamp: string };
  const set = (node: NodeId, key: string, value: string | number) =>
    world.entry([{ type: 'fieldSet', node, key, value: JSON.stringify(value) }]);
  const entries = [set(first as NodeId, 'title', stamp)];
  for (let i = 1; i < count; i++) entries.push(set(random.pick(world.nodes), 'due', 100 + random.below(COUNT)));
  const changes = world.deliver(...entries);
  indexes.changed(changes.nodes);
  live.changed(SPACE, changes);
  return { at: String(at) };
};

const kernel = { run: change, watch: live.watch } as unknown as KernelApi;
serveKernel(kernel).serve(self as never);
