/** Signals over links: where they go, and what becomes of those who flood, loop, lie or drop. Each defence is taken away as well. */
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { decode, encode } from '../../../src/base/codec';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import {
  type Arrival,
  type Carried,
  carriedCodec,
  FORWARDING_RULES,
  Forwarding,
  type Linked,
} from '../../../src/vm/net/forwarding';
import { MAX_SEALED } from '../../../src/vm/net/signal';
import type { DeviceId } from '../../../src/vm/op/ids';

const id = (n: number): DeviceId => n.toString(16).padStart(64, '0') as DeviceId;
const [self, a, b, c, d, far] = [1, 2, 3, 4, 5, 99].map(id) as [
  DeviceId,
  DeviceId,
  DeviceId,
  DeviceId,
  DeviceId,
  DeviceId,
];
const linked =
  (...devices: DeviceId[]) =>
  (): readonly Linked[] =>
    devices.map((device, rank) => ({ device, rank }));
const sealed = (n: number): Uint8Array<ArrayBuffer> => Uint8Array.of(n >> 8, n & 255);
const signal = (over: Partial<Carried> = {}): Carried => ({ hops: 3, origin: a, to: far, sealed: sealed(1), ...over });
const to = (arrival: Arrival): readonly DeviceId[] => (arrival.type === 'forward' ? arrival.to : []);

describe('where a signal goes', () => {
  test('has the bytes of docs/protocol/signaling.md, and refuses what is too long', () => {
    const bytes = encode(carriedCodec, signal({ sealed: Uint8Array.of(9, 8) }));
    expect(toHex(bytes)).toBe(`03${a}${far}020908`);
    expect(decode(carriedCodec, encode(carriedCodec, signal({ sealed: new Uint8Array(MAX_SEALED) }))).ok).toBe(true);
    const tooLong = new Uint8Array([...bytes.slice(0, 65), 0x81, 0x60, ...new Uint8Array(MAX_SEALED + 1)]);
    expect(decode(carriedCodec, tooLong).ok).toBe(false);
  });

  test('[IB2] to the device itself where it is linked, else to whoever told of it last and the best other one', () => {
    const forwarding = new Forwarding(self);
    expect(to(forwarding.begin(far, sealed(1), linked(a, b, far)))).toEqual([far]);
    expect(to(forwarding.begin(far, sealed(2), linked(a, b, c)))).toEqual([a, b]);
    forwarding.told(far, c);
    expect(to(forwarding.begin(far, sealed(3), linked(a, b, c)))).toEqual([c, a]);
    forwarding.told(far, b);
    expect(to(forwarding.begin(far, sealed(4), linked(a, b, c)))).toEqual([b, a]);
    expect(to(forwarding.begin(far, sealed(5), linked(a)))).toEqual([a]);
    expect(to(forwarding.begin(far, sealed(6), linked()))).toEqual([]);
  });

  test('[IB2] never back to where it came from or to its origin, and the answer finds its way back', () => {
    const forwarding = new Forwarding(self);
    expect(to(forwarding.received(signal(), a, linked(a, b, c, d), 0))).toEqual([b, c]);
    const second = signal({ hops: 2, origin: d, sealed: sealed(2) });
    expect(to(forwarding.received(second, a, linked(a, d, b), 0))).toEqual([b]);
    expect(forwarding.received(signal({ sealed: sealed(3) }), a, linked(a), 0)).toEqual({ type: 'drop', why: 'far' });
    // `d` was heard of from `a`.
    expect(to(forwarding.begin(d, sealed(4), linked(b, c, a)))).toEqual([a, b]);
  });

  test('[IB5] who was told of longest ago is forgotten, and so is what was seen longest ago', () => {
    const forwarding = new Forwarding(self, { ...FORWARDING_RULES, told: 2, seen: 2, copies: 1 });
    for (const device of [far, d, b]) forwarding.told(device, c);
    const first = (device: DeviceId, n: number) => to(forwarding.begin(device, sealed(n), linked(a, c)));
    expect([first(far, 1), first(d, 2), first(b, 3)]).toEqual([[a], [c], [c]]);
    const again = (n: number) => forwarding.received(signal({ to: self, sealed: sealed(n) }), a, linked(a), 0).type;
    expect([4, 4, 5, 6, 4].map(again)).toEqual(['deliver', 'drop', 'deliver', 'deliver', 'deliver']);
  });

  test('[IB1] three hops and no more; three in the name of another is forged', () => {
    const forwarding = new Forwarding(self);
    expect(forwarding.received(signal({ hops: 2, origin: d }), a, linked(a, b), 0)).toMatchObject({
      type: 'forward',
      signal: { hops: 1, origin: d },
    });
    const last = signal({ hops: 1, origin: d, sealed: sealed(2) });
    expect(forwarding.received(last, a, linked(a, b, far), 0)).toEqual({ type: 'drop', why: 'far' });
    expect(forwarding.received({ ...last, to: self }, a, linked(a), 0)).toEqual({ type: 'deliver' });
    for (const forged of [signal({ origin: d }), signal({ hops: 4 }), signal({ hops: 0 })])
      expect(forwarding.received(forged, a, linked(a, b), 0)).toEqual({ type: 'drop', why: 'forged' });
  });

  test('[IB3] each once, delivered or passed on, our own too; an altered copy is another one', () => {
    const forwarding = new Forwarding(self);
    const mine = signal({ to: self, origin: d, hops: 2 });
    expect(forwarding.received(mine, a, linked(a, b), 0).type).toBe('deliver');
    expect(forwarding.received(mine, b, linked(a, b), 0)).toEqual({ type: 'drop', why: 'seen' });
    expect(forwarding.received({ ...mine, sealed: sealed(2) }, b, linked(a, b), 0).type).toBe('deliver');
    const { signal: own } = forwarding.begin(far, sealed(7), linked(a));
    expect(forwarding.received({ ...own, hops: 2, origin: d }, b, linked(a, b), 0)).toEqual({
      type: 'drop',
      why: 'seen',
    });
  });
});

// --- Whole networks ------------------------------------------------------------------------------------------------

type Net = { readonly nodes: readonly Forwarding[]; readonly links: readonly Set<number>[] };
const net = (random: SeededRandom, size: number, degree: number, rules = FORWARDING_RULES): Net => {
  const links = Array.from({ length: size }, () => new Set<number>());
  for (let i = 0; i < size; i++)
    while ((links[i] as Set<number>).size < degree) {
      const other = random.below(size);
      if (other === i) continue;
      links[i]?.add(other);
      links[other]?.add(i);
    }
  return { nodes: links.map((_, i) => new Forwarding(id(i), rules)), links };
};
const indexOf = (device: DeviceId): number => Number.parseInt(device, 16);
/** All that comes of one signal: how often it was sent, and to whom it was delivered. */
const run = (
  { nodes, links }: Net,
  from: number,
  begun: { readonly to: number; readonly sealed: Uint8Array<ArrayBuffer> },
  drops: (node: number) => boolean = () => false,
): { sent: number; delivered: number } => {
  const linkedOf = (i: number) => (): readonly Linked[] =>
    [...(links[i] as Set<number>)].map((j) => ({ device: id(j), rank: (j * 7919 + begun.to * 104729) % 1009 }));
  const first = (nodes[from] as Forwarding).begin(id(begun.to), begun.sealed, linkedOf(from));
  let [sent, delivered] = [0, 0];
  const queue = first.to.map((device) => ({ from, to: indexOf(device), signal: first.signal }));
  for (let next = queue.shift(); next && sent < 100_000; next = queue.shift()) {
    sent++;
    const { to: at, signal: carried } = next;
    if (drops(at)) continue;
    const arrival = (nodes[at] as Forwarding).received(carried, id(next.from), linkedOf(at), 0);
    if (arrival.type === 'deliver') delivered++;
    for (const device of to(arrival))
      queue.push({ from: at, to: indexOf(device), signal: (arrival as { signal: Carried }).signal });
  }
  return { sent, delivered };
};
const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

describe('whole networks', () => {
  test('[IB2] [IB3] a signal is sent 14 times at most and comes once; with all links for copies it floods', () => {
    const random = seededRandom(5);
    const sound = net(random, 60, 8);
    const outcomes = Array.from({ length: 200 }, (_, i) =>
      run(sound, random.below(60), { to: random.below(60), sealed: sealed(i) }),
    );
    expect(Math.max(...outcomes.map(({ sent }) => sent))).toBeLessThanOrEqual(14);
    expect(Math.max(...outcomes.map(({ delivered }) => delivered))).toBe(1);
    expect(sum(outcomes.map(({ delivered }) => delivered))).toBeGreaterThan(100);
    const flooding = net(random, 60, 8, { ...FORWARDING_RULES, copies: 60 });
    const far = [...Array(60).keys()].find((j) => !flooding.links[0]?.has(j) && j !== 0) as number;
    expect(run(flooding, 0, { to: far, sealed: sealed(1) }).sent).toBeGreaterThan(40);
  });

  test('[IB2] one relay that drops does not stop a signal that has another way; with one copy it does', () => {
    // 0 and 3 know 1 and 2: whoever told last is the one that drops.
    const diamond = (copies: number): Net => {
      const links = [
        [1, 2],
        [0, 3],
        [0, 3],
        [1, 2],
      ].map((others) => new Set(others));
      const nodes = links.map((_, i) => new Forwarding(id(i), { ...FORWARDING_RULES, copies }));
      nodes[0]?.told(id(3), id(1));
      return { nodes, links };
    };
    const drops = (node: number): boolean => node === 1;
    expect(run(diamond(2), 0, { to: 3, sealed: sealed(1) }, drops).delivered).toBe(1);
    expect(run(diamond(1), 0, { to: 3, sealed: sealed(1) }, drops).delivered).toBe(0);
  });

  test('[IB4] a flood in the names of others leaves by its rate, and takes nothing from what comes over other links; without rates all of it goes on', () => {
    const flood = (rules = FORWARDING_RULES) => {
      const forwarding = new Forwarding(self, rules);
      const arrivals = Array.from({ length: 5_000 }, (_, i) =>
        forwarding.received(
          signal({ hops: 2, origin: id(200 + (i % 50)), sealed: sealed(i) }),
          a,
          linked(a, b, c),
          i / 5,
        ),
      );
      const honest = forwarding.received(signal({ origin: b, sealed: sealed(9_999) }), b, linked(a, b, c), 1_000);
      return { passed: arrivals.filter(({ type }) => type === 'forward').length, honest: honest.type };
    };
    // A second of it: what may come at once, and the rate.
    const { passed, honest } = flood();
    expect(honest).toBe('forward');
    expect(passed).toBeLessThanOrEqual(200);
    expect(flood({ ...FORWARDING_RULES, perLink: [1e9, 1e9], perOrigin: [1e9, 1e9] }).passed).toBe(5_000);
  });

  test('[IB4] one origin has a rate of its own on a link: others on it come through', () => {
    const forwarding = new Forwarding(self);
    const of = (origin: DeviceId, n: number) =>
      forwarding.received(signal({ hops: 2, origin, sealed: sealed(n) }), a, linked(a, b), 0).type;
    expect(Array.from({ length: 100 }, (_, i) => of(c, i)).filter((type) => type === 'forward')).toHaveLength(64);
    expect(of(d, 500)).toBe('forward');
  });
});
