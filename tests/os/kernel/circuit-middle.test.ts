/** What a node carries between two others: for whom, how many, how fast, and how long. */
import { expect, it } from 'vitest';
import { CircuitMiddle, type MiddleFacts } from '../../../src/os/kernel/circuit-middle';
import { LANE_BYTES, LANE_RATE, Lane } from '../../../src/os/kernel/lane';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { Ports } from '../../../src/ports';
import type { CircuitWord } from '../../../src/vm/net/circuit';
import type { DeviceId } from '../../../src/vm/op/ids';

const device = (n: number) => String(n).padStart(64, '0') as DeviceId;
const [A, B, C] = [device(1), device(2), device(3)] as const;
const key = new Uint8Array(32);
const none = { all: Number.POSITIVE_INFINITY, ofDevice: Number.POSITIVE_INFINITY };

const middle = (facts: Partial<MiddleFacts> & { metered?: boolean; limits?: typeof none } = {}) => {
  const clock = virtualClock(0);
  const said: { readonly to: DeviceId; readonly word: CircuitWord }[] = [];
  const counts = new Map<string, number>();
  const node = new CircuitMiddle(
    {
      ports: { clock } as unknown as Ports,
      metered: facts.metered,
      count: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    },
    {
      mayJoin: () => true,
      say: (to, word) => said.push({ to, word }) > 0,
      isFree: () => true,
      changed: () => {},
      ...facts,
    },
    facts.limits,
  );
  let ids = 0;
  const ask = (from: DeviceId, to: DeviceId, id = String(ids++)): string => {
    node.asked(from, { type: 'ask', id, device: to, key });
    return id;
  };
  const open = (from: DeviceId, to: DeviceId): string => {
    const id = ask(from, to);
    node.accepted(to, { type: 'accept', id, key });
    return id;
  };
  const closed = () => said.flatMap(({ to, word }) => (word.type === 'close' ? [`${Number(to)} ${word.why}`] : []));
  const carried = (id: string) =>
    said.flatMap(({ word }) => (word.type === 'data' && word.id === id ? [word.sealed.length] : []));
  return { clock, said, counts, node, ask, open, closed, carried };
};
const bytes = (length: number) => new Uint8Array(length);

it('[CI1] it offers to the other end, passes on what both say, and nothing of anybody else', async () => {
  const { node, said, open, carried } = middle();
  const id = open(A, B);
  expect(said).toEqual([
    { to: B, word: { type: 'offer', id, device: A, key } },
    { to: A, word: { type: 'accept', id, key } },
  ]);
  expect(await node.came(A, { id, sealed: bytes(5) })).toBe(true);
  expect(await node.came(B, { id, sealed: bytes(7) })).toBe(true);
  for (const foreign of [
    await node.came(C, { id, sealed: bytes(9) }),
    await node.came(A, { id: 'another', sealed: bytes(9) }),
    node.closed(C, { id, why: 'ended' }),
    node.accepted(A, { type: 'accept', id, key }),
    node.accepted(B, { type: 'accept', id, key }),
  ])
    expect(foreign).toBe(false);
  expect(carried(id)).toEqual([5, 7]);
  expect(node.figures).toEqual({ circuits: 1, bytes: 12 });
  node.closed(B, { id, why: 'ended' });
  expect(said.at(-1)).toEqual({ to: A, word: { type: 'close', id, why: 'ended' } });
  expect(node.figures).toEqual({ circuits: 0, bytes: 12 });
});

it('[CI1] strangers, itself, who is not there, and everybody where bytes are dear: refused and counted', () => {
  const strange = middle({ mayJoin: () => false });
  strange.ask(A, B);
  expect(strange.closed()).toEqual(['1 unreached']);
  expect(strange.counts.get('refused.circuit.unreached')).toBe(1);
  const sound = middle();
  sound.ask(A, A);
  expect(sound.closed()).toEqual(['1 unreached']);
  const gone = middle({
    say: (to, word) => gone.said.push({ to, word }) > 0 && to !== B,
  });
  gone.ask(A, B);
  expect(gone.closed()).toContain('1 unreached');
  const dear = middle({ metered: true });
  dear.ask(A, B);
  expect(dear.closed()).toEqual(['1 busy']);
});

it('[CI3] two of a device and sixteen in all, also when a hundred devices ask; without the bounds all of them', async () => {
  const held = async (limits?: typeof none) => {
    const { clock, node, open } = middle(limits ? { limits } : {});
    for (let i = 0; i < 5; i++) open(A, device(100 + i));
    const ofOne = node.figures.circuits;
    for (let i = 0; i < 100; i++) open(device(200 + i), device(400 + i));
    await clock.advance(0);
    return [ofOne, node.figures.circuits];
  };
  expect(await held()).toEqual([2, 16]);
  expect(await held(none)).toEqual([5, 105]);
  const { open, closed } = middle();
  for (const other of [B, C]) open(other, A);
  open(device(4), A);
  expect(closed(), 'the one asked for counts as well').toEqual(['4 busy']);
});

it('[CI3] asks: five at once and one a second; the same circuit once', async () => {
  const { clock, counts, ask, closed } = middle({ limits: none });
  for (let i = 0; i < 20; i++) ask(A, B);
  expect(counts.get('refused.circuit.busy')).toBe(15);
  await clock.advance(1_000);
  ask(A, B, '0');
  expect(closed().length).toBe(16);
});

it('[CI3] an offer that is not answered ends after ten seconds, a circuit on which nothing comes after two minutes', async () => {
  const { clock, ask, open, closed, node } = middle();
  ask(A, B);
  const id = open(C, device(4));
  await clock.advance(9_999);
  expect(closed()).toEqual([]);
  await clock.advance(1);
  expect(closed()).toEqual(['1 silent', '2 silent']);
  await clock.advance(100_000);
  await node.came(C, { id, sealed: bytes(1) });
  await clock.advance(119_999);
  expect(node.figures.circuits).toBe(1);
  await clock.advance(1);
  expect([node.figures.circuits, closed().slice(2)]).toEqual([0, ['3 ended', '4 ended']]);
});

it('[CI3] whoever is not linked any more takes its circuits along', () => {
  const { open, closed, node } = middle();
  open(A, B);
  open(C, device(4));
  node.unlinked(B);
  expect([closed(), node.figures.circuits]).toEqual([['1 ended'], 1]);
});

it('[CI4] a flood goes at the rate and waits; what does not fit ends the circuit, and no other', async () => {
  const { clock, open, carried, closed, node } = middle();
  const [id, other] = [open(A, B), open(C, device(4))];
  const part = 16 * 1024;
  let done = 0;
  const flood = (times: number) => {
    for (let i = 0; i < times; i++) void node.came(A, { id, sealed: bytes(part) }).then(() => done++);
  };
  flood(48);
  await clock.advance(0);
  // The last of a burst may take it below nothing.
  expect(carried(id).length).toBeLessThanOrEqual(LANE_RATE.atOnce / part + 1);
  expect(done, 'credit is given back for what has left').toBe(carried(id).length);
  await clock.advance(10_000);
  const most = (LANE_RATE.atOnce + 10 * LANE_RATE.perSecond) / part + 1;
  expect(carried(id).length).toBeLessThanOrEqual(most);
  expect(carried(id).length).toBeGreaterThan(most - 3);
  await node.came(C, { id: other, sealed: bytes(3) });
  expect(carried(other)).toEqual([3]);
  flood(LANE_BYTES / part + 1);
  await clock.advance(0);
  expect(closed()).toEqual(['1 full', '2 full']);
  expect(done, 'nothing waits for ever').toBe(48 + LANE_BYTES / part + 1);
  expect(node.figures.circuits).toBe(1);
});

it('[CI4] nothing goes while the link has much of its own; what somebody waits for goes before the rest', async () => {
  const clock = virtualClock(0);
  const gone: number[] = [];
  let isFree = false;
  const lane = new Lane(
    clock,
    () => isFree,
    ({ length }) => gone.push(length),
  );
  void lane.push(bytes(1));
  void lane.push(bytes(2));
  void lane.push(bytes(3), true);
  await clock.advance(5_000);
  expect([gone, lane.held]).toEqual([[], 6]);
  isFree = true;
  await clock.advance(100);
  expect([gone, lane.held]).toEqual([[3, 1, 2], 0]);
  expect(clock.timers, 'nothing looks again').toBe(0);
});
