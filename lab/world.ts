/**
 * The world of a simulation: virtual time, chance from one seed, and the network that nodes meet on, under conditions like those of
 * real ones. It knows no kernel; the kernels of `fleet` stand on it.
 */

import { type Lobby, type LobbyInput, lobbyStep, openLobby } from '../signaling/lobby';
import { assert } from '../src/base/assert';
import { concat, utf8 } from '../src/base/bytes';
import { sha256 } from '../src/base/hash';
import { type SeededRandom, seededRandom } from '../src/base/random';
import { type VirtualClock, virtualClock } from '../src/platform/memory/clock';
import {
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryServer,
  memoryNetwork,
} from '../src/platform/memory/network';
import type { Links } from './scenario';

/** A morning in January: nothing here depends on when it is run. */
export const BEGAN = Date.UTC(2026, 0, 5, 8);

type Heard = NonNullable<MemoryNetworkOptions['heard']>;
export type World = {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: MemoryNetwork;
  /** What signaling servers refused, by reason. */
  refused(): Readonly<Record<string, number>>;
};

/** A number in [0, 1) that belongs to the pair: the same whoever asks first. */
const drawOf = (seed: number, what: string, a: string, b: string): number => {
  const [low, high] = a < b ? [a, b] : [b, a];
  const [x = 0, y = 0, z = 0, w = 0] = sha256(concat(utf8(`${seed}/${what}/${low}/${high}`)));
  return (((x * 256 + y) * 256 + z) * 256 + w) / 2 ** 32;
};

/** Log-normal about the median, some pairs farther by a relay: the distribution of the reference model. */
const pairDelays = (seed: number, links: Links): ((a: string, b: string) => number) => {
  const known = new Map<string, number>();
  return (a, b) => {
    const pair = a < b ? `${a} ${b}` : `${b} ${a}`;
    const before = known.get(pair);
    if (before !== undefined) return before;
    const gauss =
      Math.sqrt(-2 * Math.log(1 - drawOf(seed, 'radius', a, b))) * Math.cos(2 * Math.PI * drawOf(seed, 'angle', a, b));
    const direct = Math.min(links.mostMs, Math.max(links.leastMs, links.medianMs * Math.exp(links.spread * gauss)));
    const delay = direct + (drawOf(seed, 'far', a, b) < links.farShare ? links.farMs : 0);
    known.set(pair, delay);
    return delay;
  };
};

type Delays = (from: string, to: string) => number;
/** Of one message, each time drawn anew about what the pair has. */
export const delaysOf = (seed: number, links: Links, random: SeededRandom): Delays => {
  const delayOf = pairDelays(seed, links);
  return (from, to) => delayOf(from, to) * (1 + links.jitter * (2 * random.next() - 1));
};

/** Of data channels: what fits into one packet, and how long a sender waits at least for word that it came. */
const PACKET_BYTES = 1_150;
const LEAST_WAIT_MS = 400;

/**
 * How long a message takes longer because packets of it were lost, each time that it was sent: the sender waits for word of it as long
 * as the way there and back takes twice, then twice as long. It is never told sooner, as it would be where more follows at once.
 */
export const resendingOf = ({ loss }: Links, delayOf: Delays, random: SeededRandom) => {
  assert(loss < 1, 'not everything can be lost');
  return (from: string, to: string, bytes: number): number => {
    if (loss === 0) return 0;
    let left = Math.ceil(bytes / PACKET_BYTES);
    let waited = 0;
    for (let wait = Math.max(LEAST_WAIT_MS, 4 * delayOf(from, to)); ; wait *= 2) {
      left = Array.from({ length: left }, () => random.next()).filter((drawn) => drawn < loss).length;
      if (left === 0) return waited;
      waited += wait;
    }
  };
};

/**
 * `settle`: what was begun in kernels ends before time goes on. Nothing in a simulation leaves the microtask queue, so that one turn of
 * the host's own queue is enough.
 */
export const createWorld = (seed: number, links: Links, settle: () => Promise<void>, heard: Heard): World => {
  const clock = virtualClock(BEGAN, settle);
  const random = seededRandom(seed);
  const delay = delaysOf(seed, links, random);
  const isShut = (node: string): boolean => drawOf(seed, 'nat', node, node) < links.shutShare;
  const lobbies: { lobby: Lobby }[] = [];
  const network = memoryNetwork(clock, random, {
    conditions: {
      delay,
      resending: resendingOf(links, delay, random),
      // Servers are asked by all, and are no homes.
      uplink: (node) => (node.startsWith('ws://') ? Number.POSITIVE_INFINITY : links.uplinkKbps / 8),
      meets: (a, b) => !(isShut(a) && isShut(b)),
      connectMs: () => links.connectMs * (0.6 + 0.8 * random.next()),
      noticeMs: () => links.noticeMs * (0.4 + 0.6 * random.next()),
    },
    server: () => {
      const held = { lobby: openLobby(random.below(2 ** 32)) };
      lobbies.push(held);
      return lobbyServer(held, clock, random);
    },
    heard,
  });
  return {
    ...{ clock, random, network },
    refused: () => {
      const sums: Record<string, number> = {};
      for (const { lobby } of lobbies)
        for (const [reason, count] of Object.entries(lobby.refused))
          if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
      return sums;
    },
  };
};

/** The lobby of the product, on the network of the world. */
const lobbyServer = (held: { lobby: Lobby }, clock: VirtualClock, random: SeededRandom): MemoryServer => {
  const clients = new Map<string, Parameters<MemoryServer>[0]>();
  let opened = 0;
  const step = (input: LobbyInput): void => {
    const [lobby, outputs] = lobbyStep(held.lobby, input);
    held.lobby = lobby;
    for (const output of outputs) {
      if (output.type === 'send') for (const socket of output.sockets) clients.get(socket)?.send(output.text);
      if (output.type === 'close') clients.get(output.socket)?.close();
    }
  };
  return (client) => {
    const socket = String(opened++);
    clients.set(socket, client);
    step({ type: 'opened', socket, address: client.node, network: client.node, now: clock.now() });
    return {
      received: (text) =>
        step({ type: 'received', socket, text, bytes: text.length, random: random.bytes(32), now: clock.now() }),
      closed: () => {
        clients.delete(socket);
        step({ type: 'closed', socket });
      },
    };
  };
};
