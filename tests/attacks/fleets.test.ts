/**
 * Attacks among twelve real kernels on virtual time, more than link to all, by members with real keys; each also without the defence.
 * They are played one after the other in one space, by others each time.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openRun, type Run } from '../../lab/run';
import { SCENARIO } from '../../lab/scenario';
import { decode, encode } from '../../src/base/codec';
import type { NeighbourhoodRow } from '../../src/bridge/messages';
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
import { decodeEntry } from '../../src/vm/op/entry';
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
let run: Run;
beforeAll(async () => {
  run = await openRun(
    { ...SCENARIO, crypto: 'cheap', nodes: 12, seed: 5 },
    { crypto: cheapCrypto, settle: () => new Promise((done) => setImmediate(done)) },
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
