/** When a circuit is asked for, of whom, whose offers are taken, and when it is left. Whole kernels: circuits.test.ts. */
import { expect, it } from 'vitest';
import { decode, encode } from '../../../src/base/codec';
import { type CircuitFacts, Circuits } from '../../../src/os/kernel/circuits';
import type { KernelContext } from '../../../src/os/kernel/context';
import type { Link, LinkOptions } from '../../../src/os/kernel/link';
import type { Session } from '../../../src/os/kernel/session';
import type { Space } from '../../../src/os/kernel/space';
import { virtualClock } from '../../../src/platform/memory/clock';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';
import { CIRCUITS, type CircuitWord, circuitCodec } from '../../../src/vm/net/circuit';
import type { DeviceId, SpaceId } from '../../../src/vm/op/ids';
import { atRest, tracked } from '../../support/resting';

const device = (n: number) => String(n).padStart(64, '0') as DeviceId;
const [ME, OTHER] = [device(5), device(9)] as const;
const key = webRandom().bytes(32);

/** This node, who reads which spaces, and who of those that are linked holds which. */
const node = (
  reads: Readonly<Record<string, readonly number[]>>,
  { unreached = [9], sought = false, me = ME, silent = false } = {},
) => {
  const clock = virtualClock(0, atRest);
  const crypto = tracked(webCrypto());
  const counts = new Map<string, number>();
  const count = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const spaces = new Map<SpaceId, Space>();
  for (const [id, members] of Object.entries(reads)) {
    const isIn = (who: DeviceId): boolean => who === me || members.some((n) => device(n) === who);
    const rights = {
      userOf: (who: DeviceId) => (isIn(who) ? who : undefined),
      suspensions: () => [],
      role: () => 'member',
    };
    spaces.set(id as SpaceId, { id, isWhole: true, replica: { rights, now: () => 0 } } as unknown as Space);
  }
  const sessions = new Map<string, Session[]>();
  const links = new Set<Link>();
  const said: { readonly to: number; readonly word: CircuitWord }[] = [];
  const make = (n: number, options: LinkOptions, kind: 'tab' | 'beacon' = 'tab', features = [CIRCUITS]) => {
    const link = {
      ready: { device: device(n), kind, features },
      options,
      closed: false,
      closedFor: '',
      roomForBulk: true,
      openedAt: 0,
      channelEvents: { opened: () => {}, received: () => {}, closed: () => {} },
      send: (_: string, payload: Uint8Array) => {
        const word = decode(circuitCodec, payload);
        return word.ok && said.push({ to: n, word: word.value }) > 0;
      },
      close: (reason: string) => {
        link.closedFor = reason;
        links.delete(link as unknown as Link);
        circuits.unlinked(link as unknown as Link, reason);
      },
    };
    links.add(link as unknown as Link);
    return link;
  };
  const facts: CircuitFacts = {
    network: {
      links,
      open: (options, connect) => {
        const link = make(Number(options.expected), options) as unknown as Link;
        if (silent) link.ready = undefined;
        connect(link);
        return link;
      },
      sessions: (space) => sessions.get(space) ?? [],
    },
    spaces,
    unreached: () => unreached.map(device),
    isSought: () => sought,
    changed: () => {},
  };
  const context = {
    ...{ ports: { clock, crypto, random: webRandom() }, device: { device: me }, count, metered: false },
  } as unknown as KernelContext;
  const circuits = new Circuits(context, facts);
  circuits.start();
  /** Somebody linked, who holds these spaces. */
  const linked = (
    n: number,
    holds: string,
    options: LinkOptions = { path: 'direct' },
    kind?: 'tab' | 'beacon',
    features?: number[],
  ) => {
    const link = make(n, options, kind, features) as unknown as Link & { closedFor: string };
    for (const space of holds)
      sessions.set(space, [
        ...(sessions.get(space) ?? []),
        { device: device(n), link, theirIndex: 0 } as unknown as Session,
      ]);
    return link;
  };
  const hear = (link: Link, word: CircuitWord) => circuits.heard(link, encode(circuitCodec, word));
  const asked = () => said.filter(({ word }) => word.type === 'ask').map(({ to }) => to);
  /** Looks once, and whoever was asked says no. */
  const look = async (): Promise<readonly number[]> => {
    const before = said.length;
    await clock.advance(2_000);
    const now = said.slice(before);
    for (const { to, word } of now) {
      const via = [...links].find(({ ready }) => ready?.device === device(to));
      if (via && word.type === 'ask') await hear(via, { type: 'close', id: word.id, why: 'unreached' });
    }
    return now.map(({ to }) => to);
  };
  return { clock, counts, circuits, links, said, linked, hear, asked, look };
};
const offer = (id: number, from: number): CircuitWord => ({
  type: 'offer',
  id: String(id).padStart(16, '0'),
  device: device(from),
  key,
});

it('[CI5] three neighbours are asked one after the other, then nobody for half a minute, then for a minute; who failed least first', async () => {
  const { linked, look } = node({ p: [9], t: [1, 2, 3, 4, 9] });
  for (const n of [1, 2, 3, 4]) linked(n, 't');
  const rounds = [];
  for (let i = 0; i < 55; i++) rounds.push(...(await look()));
  // 2 s apart: asked at 2, 4, 6; at 8 it pauses until 38; asked at 38, 40, 42; at 44 until 104; asked at 104.
  expect(rounds).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1].slice(0, rounds.length));
  expect(rounds.length).toBe(9);
});

it('[CI5] nobody is asked for what comes another way, of strangers, or about one who is linked', async () => {
  const cases: readonly [string, readonly number[], (at: ReturnType<typeof node>) => void][] = [
    ['the neighbour does not hold it', [1], ({ linked }) => linked(1, 't')],
    ['the neighbour holds it', [], ({ linked }) => linked(1, 'tp')],
    ['a beacon holds it', [], ({ linked }) => [linked(1, 't'), linked(7, 'p', { path: 'relayed' }, 'beacon')]],
    ['one more neighbour holds it', [1], ({ linked }) => [linked(1, 't'), linked(2, 'tp')]],
    ['no space in common with the neighbour', [], ({ linked }) => linked(3, 'q')],
    ['not there, as far as its root says', [], ({ linked }) => linked(1, '')],
    ['a WebSocket', [], ({ linked }) => linked(1, 't', { path: 'relayed' })],
    ['a circuit', [], ({ linked }) => linked(1, 't', { path: 'circuit', expected: device(1), via: device(2) })],
    ['a beacon', [], ({ linked }) => linked(1, 't', { path: 'direct' }, 'beacon')],
    ['an older one', [], ({ linked }) => linked(1, 't', { path: 'direct' }, 'tab', [1])],
    ['linked', [], ({ linked }) => [linked(1, 't'), linked(9, '')]],
  ];
  for (const [name, expected, prepare] of cases) {
    const at = node({ p: [9], t: [1, 2, 9], q: [3] });
    prepare(at);
    expect([name, await at.look()]).toEqual([name, expected]);
  }
  const nothing = node({ t: [1, 9] });
  nothing.linked(1, 't');
  expect(await nothing.look(), 'no space of their own').toEqual([]);
  const joining = node({ t: [1, 9] }, { sought: true });
  joining.linked(1, 't');
  expect(await joining.look(), 'one that is being joined').toEqual([1]);
});

it('[CI5] an offer of a reader is taken; of strangers, of oneself, of who is linked, and too many are not', async () => {
  const agreed = async (from: number, prepare = (_: ReturnType<typeof node>) => {}) => {
    const at = node({ t: [1, 6, 9] }, { unreached: [] });
    const via = at.linked(1, 't');
    prepare(at);
    await at.hear(via, offer(1, from));
    await at.clock.advance(10);
    return at.said.map(({ word }) => word.type);
  };
  expect(await agreed(9)).toEqual(['accept']);
  expect(await agreed(8)).toEqual(['close']);
  expect(await agreed(5)).toEqual(['close']);
  expect(await agreed(9, ({ linked }) => linked(9, ''))).toEqual(['close']);
  const at = node({ t: [1, 9] }, { unreached: [] });
  const via = at.linked(1, 't');
  for (let i = 0; i < 20; i++) {
    await at.hear(via, offer(i, 9));
    await at.hear(via, { type: 'close', id: String(i).padStart(16, '0'), why: 'ended' });
  }
  expect(at.counts.get('refused.circuitOffer')).toBe(15);
  const over = at.linked(9, '', { path: 'circuit', expected: device(9), via: device(1) });
  expect(await at.hear(over, offer(99, 1)), 'never over a circuit').toBe('refused.badCircuit');
});

it('[CI5] what a neighbour offers and nobody opens keeps neither asks nor other offers away', async () => {
  const at = node({ p: [9], t: [1, 2, 6, 7, 9] }, { silent: true });
  const [hostile, sound] = [at.linked(1, 't'), at.linked(2, 't')];
  for (const [id, from] of [9, 6, 7].entries()) await at.hear(hostile, offer(id, from));
  await at.hear(sound, offer(3, 9));
  await at.clock.advance(2_000);
  // Keys for several are agreed on at once, and are ready in any order.
  const said = at.said.map(({ to, word }) => `${to} ${word.type}`).sort();
  expect(said).toEqual(['1 accept', '1 accept', '1 close', '2 accept', '2 ask']);
});

it('[CI7] of two circuits to one device both ends keep the same, whichever was ready first', async () => {
  for (const [me, keeps] of [
    [device(5), 'asked'],
    [device(10), 'offered'],
  ] as const)
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const at = node({ p: [9], t: [1, 9] }, { me });
      const via = at.linked(1, 't');
      await at.clock.advance(2_000);
      const [ask] = at.said;
      const { publicKey } = await webCrypto().agreementKey(key);
      if (ask?.word.type === 'ask') await at.hear(via, { type: 'accept', id: ask.word.id, key: publicKey });
      await at.clock.advance(10);
      await at.hear(via, offer(1, 9));
      await at.clock.advance(10);
      const links = [...at.links].filter((link) => link.options.via) as (Link & { closedFor: string })[];
      expect(links.length).toBe(2);
      for (const i of order) at.circuits.linked(links[i] as Link);
      const kept = links.map(({ closedFor }) => closedFor === '');
      expect(kept).toEqual(keeps === 'asked' ? [true, false] : [false, true]);
    }
});

it('[CI7] it is left when another link is ready, and when the space comes another way', async () => {
  const open = async () => {
    const at = node({ p: [9], t: [1, 9] });
    const via = at.linked(1, 't');
    await at.clock.advance(2_000);
    const [ask] = at.said;
    if (ask?.word.type !== 'ask') throw new Error('Nothing was asked');
    const { publicKey } = await webCrypto().agreementKey(key);
    await at.hear(via, { type: 'accept', id: ask.word.id, key: publicKey });
    await at.clock.advance(10);
    const link = [...at.links].find(({ options }) => options.via === device(1)) as Link & { closedFor: string };
    expect(link.options).toEqual({ path: 'circuit', expected: OTHER, via: device(1) });
    await at.clock.advance(4_000);
    expect(link.closedFor, 'it stays as long as it is needed').toBe('');
    return { ...at, link };
  };
  const better = await open();
  better.circuits.linked(better.linked(9, 'p'));
  expect(better.link.closedFor).toBe('a better way');
  const beacon = await open();
  beacon.linked(7, 'p', { path: 'relayed' }, 'beacon');
  await beacon.clock.advance(2_000);
  expect(beacon.link.closedFor).toBe('a better way');
});

it('[CI1] it joins two that read and hold a space that it reads and holds, and nobody else', async () => {
  const joined = async (from: number, to: number, holds: readonly [string, string]) => {
    const at = node({ t: [1, 2], u: [1], v: [2] }, { unreached: [] });
    const [asking] = [at.linked(from, holds[0]), at.linked(to, holds[1])];
    await at.hear(asking, { type: 'ask', id: '0'.repeat(16), device: device(to), key });
    return at.said.map(({ to: who, word }) => `${who} ${word.type}`);
  };
  expect(await joined(1, 2, ['t', 't'])).toEqual(['2 offer']);
  expect(await joined(1, 2, ['t', '']), 'not seen to hold it').toEqual(['1 close']);
  expect(await joined(1, 2, ['', 't']), 'not seen to hold it').toEqual(['1 close']);
  expect(await joined(1, 2, ['u', 'v']), 'in two spaces').toEqual(['1 close']);
  expect(await joined(3, 2, ['t', 't']), 'a stranger').toEqual(['3 close']);
  expect(await joined(1, 4, ['t', 't']), 'to a stranger').toEqual(['1 close']);
});
