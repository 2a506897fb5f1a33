/**
 * Attacks among twelve real kernels on virtual time, more than link to all, by members with real keys; each also without the defence.
 * They are played one after the other in one space, by others each time.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openRun, type Run } from '../../lab/run';
import { SCENARIO } from '../../lab/scenario';
import { toHex } from '../../src/base/bytes';
import { decode, encode } from '../../src/base/codec';
import type { NeighbourhoodRow } from '../../src/bridge/messages';
import { Overlay } from '../../src/os/kernel/overlay';
import type { Space } from '../../src/os/kernel/space';
import type { Rights } from '../../src/os/rights/resolve';
import type { Channel, ChannelEvents, Transport } from '../../src/ports';
import {
  CONTINUED,
  FRAME_HEADER_BYTES,
  FRAME_TYPES,
  type FrameType,
  fragment,
  MORE,
  spaceOfFrame,
} from '../../src/vm/net/frame';
import { topicsOf } from '../../src/vm/net/rendezvous';
import { publishText, type SessionId, sealSignal } from '../../src/vm/net/signal';
import { decodeEntry } from '../../src/vm/op/entry';
import type { DeviceId, UserId } from '../../src/vm/op/ids';
import { Blame } from '../../src/vm/overlay/blame';
import { neighbourCodec } from '../../src/vm/overlay/messages';
import { entriesCodec } from '../../src/vm/sync/messages';
import { cheapCrypto } from '../network/crypto';

/** What becomes of the frames that a node sends and hears: nothing, they are lost; several, it says more than it should. */
type Tap = { sends?(frame: Uint8Array): readonly Uint8Array[]; hears?(frame: Uint8Array): boolean };
type Node = Run['fleet']['nodes'][number];

/** By the name of a node. */
const taps = new Map<string, Tap>();
const isA = (frame: Uint8Array, ...types: readonly FrameType[]): boolean =>
  types.some((type) => frame[0] === FRAME_TYPES[type]);
const tapped = (name: string, own: Transport): Transport => {
  const through = <E extends ChannelEvents<Uint8Array>>(events: E): E => ({
    ...events,
    received: (frame: Uint8Array) => {
      if (taps.get(name)?.hears?.(frame) ?? true) events.received(frame);
    },
  });
  const saying = <C extends Channel<Uint8Array>>(channel: C): C => ({
    ...channel,
    send: (frame: Uint8Array) => {
      for (const each of taps.get(name)?.sends?.(frame) ?? [frame]) channel.send(each);
    },
  });
  const { createPeer } = own;
  return createPeer ? { ...own, createPeer: (polite, events) => saying(createPeer(polite, through(events))) } : own;
};

const blame = { fault: Blame.prototype.fault, isBanned: Blame.prototype.isBanned };
const blamesNobody = (): void => {
  Object.assign(Blame.prototype, { fault: () => false, isBanned: () => false });
};
const { gate } = Overlay.prototype;
/** What every member knows, heard at the gate of any node. */
let room = new Uint8Array();
const watchGates = (believes: boolean): void => {
  Overlay.prototype.gate = function (...said) {
    room = said[0].slice();
    const { spaces } = this as unknown as { readonly spaces: ReadonlyMap<string, Space> };
    if (believes) for (const { replica } of spaces.values()) takesAll(replica.rights);
    return gate.apply(this, said);
  };
};
/** Every device is a member's. */
const takesAll = (rights: Rights): void => {
  const { userOf, role } = rights;
  if (userOf(NOBODY) !== undefined) return;
  Object.assign(rights, {
    userOf: (device) => userOf(device) ?? (device as string as UserId),
    role: (user, now) => {
      const known = role(user, now);
      return known === 'none' ? 'member' : known;
    },
  } satisfies Partial<Rights>);
};
const NOBODY = '0'.repeat(64) as DeviceId;
const crypto = cheapCrypto();
let run: Run;
beforeAll(async () => {
  run = await openRun(
    { ...SCENARIO, crypto: 'cheap', nodes: 12, seed: 5, comeBack: true },
    { crypto: () => crypto, settle: () => new Promise((done) => setImmediate(done)) },
  );
  const { network } = run.world;
  const { transport } = network;
  Object.assign(network, {
    transport: (name: string, options?: { direct?: boolean }) => tapped(name, transport(name, options)),
  });
  run.arm(1_000);
  await run.pass(10_000);
  await chatter(16);
});
afterEach(() => {
  Object.assign(Blame.prototype, blame);
  Overlay.prototype.gate = gate;
  taps.clear();
});
afterAll(async () => {
  await run.fleet.stop();
  expect(run.fleet.faults).toEqual([]);
});

/** Sound nodes in turn write, twice a second. */
const chatter = async (times: number): Promise<void> => {
  for (let i = 0; i < times; i++) {
    const sound = run.fleet.nodes.filter(({ name }) => !taps.has(name));
    run.write(sound[i % sound.length] as Node);
    await run.pass(500);
  }
};
const neighboursOf = async ({ kernel }: Node): Promise<NeighbourhoodRow['neighbours']> => {
  const [row] = ((await kernel?.query('os.neighbours', {})) ?? []) as readonly NeighbourhoodRow[];
  return row?.neighbours ?? [];
};
/** How many sound nodes have it as their neighbour. */
const neighbourOf = async ({ disk }: Node): Promise<number> => {
  let count = 0;
  for (const node of run.fleet.nodes)
    if (!taps.has(node.name) && (await neighboursOf(node)).some(({ deviceId }) => deviceId === disk.device)) count++;
  return count;
};

const PULL_MS = 15_000;

test('[T53] [BC5] half of the neighbours hold one author back: it comes by the others within two pulls; who hears of it from no others waits on', async () => {
  const { nodes } = run.fleet;
  const author = nodes[0] as Node;
  const isOfAuthor = (bytes: Uint8Array): boolean => {
    const entry = decodeEntry(bytes);
    return entry.ok && entry.value.header.device === author.disk.device;
  };
  const keepsBack = (frame: Uint8Array): readonly Uint8Array[] => {
    const payload = frame.subarray(FRAME_HEADER_BYTES);
    if (isA(frame, 'entry')) return isOfAuthor(payload) ? [] : [frame];
    if (!isA(frame, 'entries')) return [frame];
    const entries = ((frame[3] as number) & (MORE | CONTINUED)) === 0 ? decode(entriesCodec, payload) : undefined;
    return entries?.ok && !entries.value.some(isOfAuthor) ? [frame] : [];
  };
  // Somebody who hears of the author by others alone; of its neighbours those that push to it hold back first of all.
  const near = await Promise.all(nodes.map(neighboursOf));
  const place = near.findIndex(
    (neighbours, i) =>
      i > 0 && neighbours.length > 5 && !neighbours.some(({ deviceId }) => deviceId === author.disk.device),
  );
  const [reader, neighbours] = [nodes[place] as Node, near[place] ?? []];
  const ordered = new Set([...neighbours.filter(({ gets }) => gets === 'entries'), ...neighbours]);
  const half = new Set([...ordered].map(({ deviceId }) => deviceId).slice(0, neighbours.length / 2));
  for (const { name, disk } of nodes) if (half.has(disk.device)) taps.set(name, { sends: keepsBack });
  expect(half.size).toBeGreaterThanOrEqual(3);
  const waits = async (times: number, calmMs: number): Promise<readonly number[]> => {
    const before = run.recorder.spreads.length;
    for (let i = 0; i < times; i++) {
      run.write(author);
      await run.pass(1_000);
    }
    await run.pass(calmMs);
    return run.recorder.spreads
      .slice(before)
      .map(({ arrivals, writtenAt }) => (arrivals.get(reader.name) ?? Number.POSITIVE_INFINITY) - writtenAt);
  };
  taps.set(reader.name, {
    hears: (frame) => !isA(frame, 'ihave', 'root', 'vector', 'shortVector', 'sketch', 'range'),
    sends: (frame) => (isA(frame, 'root') ? [] : [frame]),
  });
  const deaf = await waits(2, 2 * PULL_MS);
  taps.delete(reader.name);
  const listening = await waits(6, 3_000);
  expect(Math.max(...deaf)).toBeGreaterThan(2 * PULL_MS);
  expect(listening).toHaveLength(6);
  expect(Math.max(...listening)).toBeLessThanOrEqual(2 * PULL_MS);
});

test('[OV13] [OV9] who says over and over whether others are its neighbours is left and banned by all; where nobody is blamed it stays', async () => {
  const flood = async (insider: Node) => {
    const before = await neighbourOf(insider);
    taps.set(insider.name, {
      sends: (frame) => {
        if (spaceOfFrame(frame) === 0) return [frame];
        const payload = encode(neighbourCodec, { taken: true });
        const said = fragment({ type: 'neighbour', traffic: 'live', space: spaceOfFrame(frame), payload });
        return [frame, ...Array.from({ length: 20 }, () => (said.ok ? said.value : [])).flat()];
      },
    });
    await chatter(12);
    return { before, after: await neighbourOf(insider) };
  };
  const [first, second] = run.fleet.nodes.slice(-2) as [Node, Node];
  const seen = await flood(first);
  expect(seen.before).toBeGreaterThan(4);
  expect(seen.after).toBe(0);
  blamesNobody();
  const unseen = await flood(second);
  expect(unseen.after).toBeGreaterThan(0);
});

test('[RF1] who sends what no sound node sends is banned by whoever heard it; where nobody is blamed it comes back at once, over and over', async () => {
  const bend = async (insider: Node) => {
    let hellos = 0;
    taps.set(insider.name, {
      sends: (frame) => {
        if (isA(frame, 'hello')) hellos++;
        if (!isA(frame, 'entry')) return [frame];
        const bent = frame.slice();
        bent[frame.length - 1] = (bent[frame.length - 1] as number) ^ 1;
        return [bent];
      },
    });
    // What it writes goes to all that take it.
    const spoil = async (): Promise<number> => {
      const before = hellos;
      for (let i = 0; i < 4; i++) {
        run.write(insider);
        await chatter(2);
      }
      return hellos - before;
    };
    await spoil();
    return { links: await spoil(), neighbours: await neighbourOf(insider) };
  };
  const [first, second] = run.fleet.nodes.slice(-4) as [Node, Node];
  const banned = await bend(first);
  blamesNobody();
  const forgiven = await bend(second);
  expect(banned.neighbours).toBe(0);
  expect(forgiven.links).toBeGreaterThan(2 * banned.links);
});

/** Over so many sockets as many devices that nobody ever heard of are announced each 50 ms, as often as a server takes it. */
const announcing = (sockets: number): { readonly count: () => number; stop(): void } => {
  const { clock, network, random } = run.world;
  let [count, isOver] = [0, false];
  const channels = Array.from({ length: sockets }, (_, i) =>
    network.transport(`flood${i}`).dialSignaling('ws://signaling', {
      opened: () => {},
      received: () => {},
      drained: () => {},
      closed: () => {},
    }),
  );
  const announce = async (channel: Channel<string>): Promise<void> => {
    const key = await crypto.signingKey(random.bytes(32));
    const [from, session] = [toHex(key.publicKey) as DeviceId, toHex(random.bytes(16)) as SessionId];
    const now = clock.now();
    const said = { kind: 'announce', from, session, count: 0, time: now, alone: true, payload: '' } as const;
    const sealed = await sealSignal(crypto, random, key.handle, room, { ...said, to: undefined, toSession: undefined });
    channel.send(publishText(topicsOf(room, now)[1], sealed));
    count++;
  };
  const again = (): void => {
    if (isOver) return;
    for (const channel of channels) void announce(channel);
    clock.after(50, again);
  };
  clock.after(1_000, again);
  return {
    count: () => count,
    stop: () => {
      isOver = true;
      for (const channel of channels) channel.close();
    },
  };
};

test('[T51] [RV7] devices that nobody ever heard of are announced by signaling without end: nobody knows one, and who comes is reached; where all are taken for members most of what is known is false, and who comes stays alone', async () => {
  const invent = async (comer: Node, believes: boolean) => {
    watchGates(believes);
    run.fleet.kill(comer);
    const flood = announcing(2);
    await chatter(6);
    run.begin(comer);
    await chatter(12);
    const before = run.recorder.spreads.length;
    await chatter(4);
    await run.pass(1_000);
    flood.stop();
    const rows = await Promise.all(
      run.sound.map(async ({ kernel }) => (await kernel?.query('os.neighbours', {})) as readonly NeighbourhoodRow[]),
    );
    const written = run.recorder.spreads.slice(before);
    return {
      invented: flood.count(),
      most: Math.max(...rows.map(([row]) => row?.known ?? 0)),
      came: written.filter(({ author, arrivals }) => author === comer.name || arrivals.has(comer.name)).length,
      of: written.length,
    };
  };
  const [first, second] = run.fleet.nodes.slice(2) as [Node, Node];
  const sound = await invent(first, false);
  expect(sound.invented).toBeGreaterThan(400);
  expect(sound).toMatchObject({ most: 11, came: sound.of });
  const credulous = await invent(second, true);
  expect(credulous.most).toBeGreaterThan(3 * 11);
  expect(credulous.came).toBe(0);
});
