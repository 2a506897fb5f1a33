/** The world of simulations: what is lost on links that lose nothing, and what kernels of one process share. */
import { expect, it } from 'vitest';
import { openRun } from '../../lab/run';
import { LINKS, SCENARIO } from '../../lab/scenario';
import { unshareRights } from '../../lab/shared-rights';
import { resendingOf } from '../../lab/world';
import { seededRandom } from '../../src/base/random';
import { virtualClock } from '../../src/platform/memory/clock';
import { memoryNetwork } from '../../src/platform/memory/network';
import { cheapCrypto } from './crypto';

it('what was lost comes late, and all that was sent after it on that link comes after it', async () => {
  const clock = virtualClock();
  const network = memoryNetwork(clock, seededRandom(1), {
    conditions: { delay: () => 10, resending: (_from, _to, bytes) => (bytes === 2 ? 400 : 0) },
  });
  const came: [number, number][] = [];
  const silent = { opened: () => {}, drained: () => {}, closed: () => {}, received: () => {} };
  network.transport('b').listen?.(() => ({
    ...silent,
    received: (bytes) => came.push([bytes.length, clock.now()]),
  }));
  const links = ['a', 'c'].map((name) => network.transport(name).dialLink('ws://b/link', silent));
  await clock.advance(100);
  const send = async (link: number, bytes: number) => {
    links[link]?.send(new Uint8Array(bytes));
    await clock.advance(5);
  };
  for (const bytes of [1, 2, 3]) await send(0, bytes);
  await send(1, 4);
  await clock.advance(1_000);
  await send(0, 5);
  await clock.advance(100);
  expect(came).toEqual([
    [1, 110],
    [4, 125],
    [2, 515],
    [3, 515],
    [5, 1130],
  ]);
});

it('of packets so many are lost as was said, each waits until it is sent again, and where none is lost no chance is drawn', () => {
  const count = 20_000;
  const waits = (loss: number, bytes: number): number[] => {
    const resending = resendingOf({ ...LINKS, loss }, () => 50, seededRandom(7));
    return Array.from({ length: count }, () => resending('a', 'b', bytes));
  };
  const shareOf = (waited: readonly number[], ms: number): number => waited.filter((wait) => wait >= ms).length / count;
  const small = waits(0.1, 500);
  expect(shareOf(small, 1)).toBeCloseTo(0.1, 2);
  // Lost twice: 400 ms, then 800.
  expect(shareOf(small, 1_200)).toBeCloseTo(0.01, 2);
  expect(new Set(small.map((wait) => wait / 400)).has(1)).toBe(true);
  // Any of ten packets.
  expect(shareOf(waits(0.1, 11_000), 1)).toBeCloseTo(1 - 0.9 ** 10, 1);
  const [untouched, random] = [seededRandom(3), seededRandom(3)];
  expect(resendingOf({ ...LINKS, loss: 0 }, () => 50, random)('a', 'b', 5_000)).toBe(0);
  expect(random.next()).toBe(untouched.next());
});

it('a kernel that starts from what all have in common holds what one holds that read its journal by itself', async () => {
  const scenario = { ...SCENARIO, nodes: 5, crypto: 'cheap' } as const;
  const run = await openRun(scenario, { crypto: cheapCrypto, settle: () => new Promise((done) => setImmediate(done)) });
  const { nodes, founded } = run.fleet;
  const [shared, own] = nodes as [(typeof nodes)[number], (typeof nodes)[number]];
  run.begin(shared);
  await run.pass(1_000);
  unshareRights(founded.space);
  run.begin(own);
  // Before they link.
  await run.pass(1_000);
  const held = await Promise.all(
    [shared, own].map(async ({ kernel }) => ({
      heads: await kernel?.heads(founded.space),
      hash: await kernel?.stateHash(founded.space),
    })),
  );
  expect(held[0]).toEqual(held[1]);
  // One of rights of each, and the founder's of the outline.
  expect(Object.keys(held[0]?.heads ?? {})).toHaveLength(nodes.length + 1);
  await run.pass(58_000);
  const { kinds } = run.recorder;
  // Neither doubts what the other states to hold.
  expect(['root', 'spaceReceipt', 'spaceReceiptAsk'].filter((kind) => kinds.has(kind))).toEqual([
    'root',
    'spaceReceipt',
  ]);
  await run.fleet.stop();
  expect(run.fleet.faults).toEqual([]);
});
