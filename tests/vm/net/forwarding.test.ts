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
/** The best first. */
const linked = (...devices: DeviceId[]): Linked => ({
  has: (device) => devices.includes(device),
  devices: () => devices,
  rank: (device) => devices.indexOf(device),
});
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
    const forwarding = new Forwarding(self, { ...FORWARDING_RULES, lots: 0 });
    const begin = (n: number, around: Linked) => to(forwarding.begin(far, sealed(n), around, 0));
    expect(begin(1, linked(a, b, far))).toEqual([far]);
    expect(begin(2, linked(a, b, c))).toEqual([a, b]);
    forwarding.told(far, c);
    expect(begin(3, linked(a, b, c))).toEqual([c, a]);
    forwarding.told(far, b);
    expect(begin(4, linked(a, b, c))).toEqual([b, a]);
    expect(begin(5, linked(a))).toEqual([a]);
    expect(begin(6, linked())).toEqual([]);
  });

  test('[IB2] never back to where it came from or to its origin, and the answer finds its way back', () => {
    const forwarding = new Forwarding(self);
    expect(to(forwarding.received(signal(), a, linked(a, b, c, d), 0))).toEqual([b, c]);
    const second = signal({ hops: 2, origin: d, sealed: sealed(2) });
    expect(to(forwarding.received(second, a, linked(a, d, b), 0))).toEqual([b]);
    expect(forwarding.received(signal({ sealed: sealed(3) }), a, linked(a), 0)).toEqual({ type: 'drop', why: 'far' });
    // `d` was heard of from `a`.
    expect(to(forwarding.begin(d, sealed(4), linked(b, c, a), 0)).slice(0, 2)).toEqual([a, b]);
  });

  test('[IB5] who was told of longest ago is forgotten, and so is what was seen longest ago', () => {
    const forwarding = new Forwarding(self, { ...FORWARDING_RULES, told: 2, seen: 2, copies: 1, lots: 0 });
    for (const device of [far, d, b]) forwarding.told(device, c);
    const first = (device: DeviceId, n: number) => to(forwarding.begin(device, sealed(n), linked(a, c), 0));
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
    const toItself = signal({ hops: 2, origin: far });
    for (const forged of [signal({ origin: d }), signal({ hops: 4 }), signal({ hops: 0 }), toItself])
      expect(forwarding.received(forged, a, linked(a, b), 0)).toEqual({ type: 'drop', why: 'forged' });
  });

  test('[IB3] each once, delivered or passed on, our own too; an altered copy is another one', () => {
    const forwarding = new Forwarding(self);
    const mine = signal({ to: self, origin: d, hops: 2 });
    expect(forwarding.received(mine, a, linked(a, b), 0).type).toBe('deliver');
    expect(forwarding.received(mine, b, linked(a, b), 0)).toEqual({ type: 'drop', why: 'seen' });
    expect(forwarding.received({ ...mine, sealed: sealed(2) }, b, linked(a, b), 0).type).toBe('deliver');
    const { signal: own } = forwarding.begin(far, sealed(7), linked(a), 0);
    expect(forwarding.received({ ...own, hops: 2 }, b, linked(a, b), 0)).toEqual({ type: 'drop', why: 'seen' });
  });

  test('[IB3] whoever gets ahead with a copy that goes nowhere keeps nothing back', () => {
    const true_ = signal({ origin: c, hops: 2 });
    // At its end already; in the name of the one who is linked with the device; and one that goes less far.
    for (const ahead of [
      { ...true_, hops: 1 },
      { ...true_, origin: b },
    ]) {
      const forwarding = new Forwarding(self);
      forwarding.received(ahead, a, linked(a, b, d), 0);
      expect(to(forwarding.received(true_, d, linked(a, b, d), 0))).toContain(b);
    }
    const forwarding = new Forwarding(self);
    expect(to(forwarding.received(true_, a, linked(a, b, c), 0))).toEqual([b]);
    expect(forwarding.received({ ...true_, hops: 3 }, c, linked(a, b, c), 0)).toMatchObject({ signal: { hops: 2 } });
    expect(forwarding.received({ ...true_, hops: 3 }, c, linked(a, b, c), 0).type).toBe('drop');
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
  around?: (node: number) => Linked,
): { sent: number; delivered: number } => {
  const linkedOf =
    around ??
    ((i: number): Linked => ({
      has: (device) => links[i]?.has(indexOf(device)) ?? false,
      devices: () => [...(links[i] as Set<number>)].map(id),
      rank: (device) => (indexOf(device) * 7919 + begun.to * 104729) % 1009,
    }));
  const first = (nodes[from] as Forwarding).begin(id(begun.to), begun.sealed, linkedOf(from), 0);
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
  test('[IB2] [IB3] a signal is sent 21 times at most and comes once; with all links for copies it floods', () => {
    const random = seededRandom(5);
    const sound = net(random, 60, 8);
    const outcomes = Array.from({ length: 200 }, (_, i) =>
      run(sound, random.below(60), { to: random.below(60), sealed: sealed(i) }),
    );
    expect(Math.max(...outcomes.map(({ sent }) => sent))).toBeLessThanOrEqual(21);
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
      const nodes = links.map((_, i) => new Forwarding(id(i), { ...FORWARDING_RULES, copies, lots: 0 }));
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
    const all = { most: 1, withinMs: 0 };
    expect(flood({ ...FORWARDING_RULES, perLink: [1e9, 1e9], passed: all }).passed).toBe(5_000);
  });

  test('[IB2] two that drop, one told last and one of the best rank, do not keep two apart; without the lot they do', () => {
    const attempts = (lots: number): number => {
      // 0 and 9 have 1 to 8 in common; 1 and 2 drop.
      const links = Array.from({ length: 10 }, (_, i) =>
        i === 0 || i === 9 ? new Set([1, 2, 3, 4, 5, 6, 7, 8]) : new Set([0, 9]),
      );
      const net: Net = { nodes: links.map((_, i) => new Forwarding(id(i), { ...FORWARDING_RULES, lots })), links };
      net.nodes[0]?.told(id(9), id(1));
      const bestOf2 = (i: number): Linked => ({
        has: (device) => links[i]?.has(indexOf(device)) ?? false,
        devices: () => [...(links[i] as Set<number>)].map(id),
        rank: (device) => (indexOf(device) === 2 ? 0 : indexOf(device)),
      });
      const drops = (node: number): boolean => node === 1 || node === 2;
      return sum(
        Array.from({ length: 20 }, (_, n) => run(net, 0, { to: 9, sealed: sealed(n) }, drops, bestOf2).delivered),
      );
    };
    expect(attempts(1)).toBe(20);
    expect(attempts(0)).toBe(0);
  });

  test('[IB6] four that flood through a relay, in the name of one who dials as well, do not starve the dial; where all goes on as it comes they do', () => {
    const dialled = (rules: typeof FORWARDING_RULES): number => {
      const [relay, end] = [new Forwarding(id(50), rules), new Forwarding(id(51), rules)];
      const floods = Array.from({ length: 4 }, (_, i) => id(100 + i));
      const random = seededRandom(38);
      let [n, came] = [0, 0];
      const say = (from: DeviceId, origin: DeviceId, now: number): boolean => {
        const bytes = sealed(n++);
        const all = linked(...floods, c, id(51));
        const arrival = relay.received(
          { hops: from === origin ? 3 : 2, origin, to: id(51), sealed: bytes },
          from,
          all,
          now,
        );
        if (arrival.type !== 'forward') return false;
        return end.received(arrival.signal, id(50), linked(id(50)), now).type === 'deliver';
      };
      for (let now = 0; now < 20_000; now += 20) {
        for (const flood of floods) say(flood, random.below(2) === 0 ? c : id(200 + random.below(90)), now);
        // A dial: twelve signals within two seconds and a half.
        if (now >= 10_000 && now < 12_400 && now % 200 === 0 && say(c, c, now)) came++;
      }
      return came;
    };
    expect(dialled(FORWARDING_RULES)).toBe(12);
    expect(dialled({ ...FORWARDING_RULES, passed: { most: 1, withinMs: 0 } })).toBeLessThan(6);
  });

  test('to list and rank all who are linked is for what goes on alone, and for a few of them', () => {
    const forwarding = new Forwarding(self);
    const many = Array.from({ length: 1_000 }, (_, i) => id(1_000 + i));
    let [listed, ranked] = [0, 0];
    const crowd: Linked = {
      has: () => false,
      devices: () => {
        listed++;
        return many;
      },
      rank: () => ranked++,
    };
    for (let i = 0; i < 5_000; i++) forwarding.received(signal({ hops: 2, origin: b, sealed: sealed(i) }), a, crowd, 0);
    expect([listed, ranked]).toEqual([160, 160 * 32]);
  });
});
