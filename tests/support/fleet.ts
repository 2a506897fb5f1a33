/** Kernels in one process: a beacon and tabs over a network in memory. Real crypto; the clock is real or skewed. */
import { toHex } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import type { KernelApi } from '../../src/bridge/messages';
import { apps } from '../../src/domain/index';
import type { HostingPolicy } from '../../src/os/kernel/hosting';
import type { IcePolicy } from '../../src/os/kernel/ice-giving';
import { type BeaconKernel, createBeaconKernel, createKernel, type KernelOptions } from '../../src/os/kernel/kernel';
import { systemClock } from '../../src/platform/clock';
import { webDeflate } from '../../src/platform/deflate';
import { graphModule } from '../../src/platform/engine';
import { memoryNetwork } from '../../src/platform/memory/network';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import type {
  Channel,
  ChannelEvents,
  Clock,
  Crypto,
  IceServer,
  Images,
  Ports,
  Storage,
  Transport,
  Vault,
} from '../../src/ports';
import type { Release } from '../network/release';
import { tracked } from './resting';

export const BEACON_URL = 'ws://beacon/link';
export const SIGNALING_URL = 'ws://signaling';
const base = { links: 'any', origin: 'http://localhost:4780', version: '0', build: 'test' } as const;

export type TabOptions = {
  storage?: Storage;
  vault?: Vault;
  images?: Images;
  clock?: Clock;
  direct?: boolean;
  beacon?: boolean;
  crypto?: Crypto;
  kernel?: Partial<KernelOptions>;
  /** Of an earlier state of the project. */
  release?: Release;
  /** Hears which STUN and TURN servers are to be used. */
  iceServers?: (servers: readonly IceServer[]) => void;
  /** What comes over links to servers instead; nothing: it is lost. */
  bend?: (frame: Uint8Array) => Uint8Array | undefined;
  /** Hears all that goes to and comes from servers: texts as they are, bytes in hex. */
  spy?: (said: string) => void;
  /** What becomes of what it says to others directly, and to servers of signaling. */
  meddle?: {
    frame?(frame: Uint8Array): Uint8Array | undefined;
    text?(text: string): string | undefined;
    /** Which connection it sees where it sees another than who it says it is linked with. */
    binding?(binding: Uint8Array): Uint8Array;
  };
};

const bent = (transport: Transport, bend: TabOptions['bend']): Transport =>
  bend
    ? {
        ...transport,
        dialLink: (url, events) =>
          transport.dialLink(url, {
            ...events,
            received: (frame) => {
              const instead = bend(frame);
              if (instead) events.received(instead);
            },
          }),
      }
    : transport;
const meddled = (transport: Transport, meddle: TabOptions['meddle']): Transport => {
  const { createPeer } = transport;
  if (!meddle || !createPeer) return transport;
  const { frame = (bytes) => bytes, text = (said) => said, binding = (seen) => seen } = meddle;
  const through = <M, C extends Channel<M>>(channel: C, change: (message: M) => M | undefined): C => ({
    ...channel,
    send: (message: M) => {
      const changed = change(message);
      if (changed !== undefined) channel.send(changed);
    },
  });
  return {
    ...transport,
    createPeer: (polite, events, patienceMs) => {
      const opened = (seen: Uint8Array): void => events.opened(binding(seen));
      return through(createPeer.call(transport, polite, { ...events, opened }, patienceMs), frame);
    },
    dialSignaling: (url, events) => through(transport.dialSignaling(url, events), text),
  };
};
const overheard = (transport: Transport, hear: TabOptions['spy']): Transport => {
  if (!hear) return transport;
  const tapped = <M>(events: ChannelEvents<M>, dial: (events: ChannelEvents<M>) => Channel<M>): Channel<M> => {
    const note = (message: M): M => {
      hear(message instanceof Uint8Array ? toHex(message) : String(message));
      return message;
    };
    const channel = dial({ ...events, received: (message) => events.received(note(message)) });
    return { ...channel, send: (message) => channel.send(note(message)) };
  };
  return {
    ...transport,
    dialLink: (url, events) => tapped(events, (all) => transport.dialLink(url, all)),
    dialSignaling: (url, events) => tapped(events, (all) => transport.dialSignaling(url, all)),
  };
};

export const createFleet = async (
  seed = 1,
  options: {
    beaconStorage?: Storage;
    hosting?: Partial<HostingPolicy>;
    ice?: IcePolicy;
    beaconRtc?: boolean;
    clock?: Clock;
    /** Who can connect directly, by name. */
    meets?: (a: string, b: string) => boolean;
  } = {},
) => {
  const { clock = systemClock() } = options;
  const network = memoryNetwork(clock, seededRandom(seed), {
    latencyMs: 1,
    ...(options.meets ? { conditions: { meets: options.meets } } : {}),
  });
  const faults: string[] = [];
  /** Why links were closed, on any node, and how often. */
  const closings = new Map<string, number>();
  const log: Ports['log'] = (event, details) => {
    if (event === 'linkClosed') closings.set(String(details?.reason), (closings.get(String(details?.reason)) ?? 0) + 1);
    if (event === 'fault') faults.push(`${details?.message}\n${details?.stack}`);
  };
  const running = new Set<{ stop(): Promise<void> }>();
  const beaconPorts = { storage: options.beaconStorage ?? memoryStorage(), vault: memoryVault() };
  const startBeacon = async (): Promise<BeaconKernel> => {
    const kernel = await createBeaconKernel(
      {
        clock,
        random: webRandom(),
        crypto: tracked(webCrypto()),
        transport: network.transport('beacon', { direct: options.beaconRtc ?? false }),
        graph: graphModule(),
        log,
        ...beaconPorts,
      },
      apps,
      {
        ...base,
        kind: 'beacon',
        hosting: {
          hosting: 'open',
          joinCode: 'X',
          listed: [],
          quotaBytes: 1e8,
          maxSpaces: 100,
          isLocal: () => true,
          ...options.hosting,
        },
        ...(options.ice ? { ice: options.ice } : {}),
      },
    );
    running.add(kernel);
    return kernel;
  };
  const beacon = await startBeacon();
  const tab = async (name: string, options: TabOptions = {}): Promise<KernelApi> => {
    const ports: Ports = {
      clock: options.clock ?? clock,
      random: webRandom(),
      crypto: options.crypto ?? tracked(webCrypto()),
      deflate: tracked(webDeflate()),
      vault: options.vault ?? memoryVault(),
      storage: options.storage ?? memoryStorage(),
      graph: graphModule(),
      ...(options.images ? { images: options.images } : {}),
      transport: {
        ...meddled(
          bent(overheard(network.transport(name, { direct: options.direct ?? true }), options.spy), options.bend),
          options.meddle,
        ),
        ...(options.iceServers ? { setIceServers: options.iceServers } : {}),
      },
      log,
    };
    const kernel = await (options.release?.createKernel ?? createKernel)(ports, apps, {
      ...base,
      kind: 'tab',
      signaling: [SIGNALING_URL],
      ...(options.beacon === false
        ? {}
        : { beacon: { url: BEACON_URL, device: beacon.deviceId, name: 'Office beacon' } }),
      ...options.kernel,
    });
    running.add(kernel);
    return kernel;
  };
  return {
    network,
    beacon,
    startBeacon,
    tab,
    faults,
    closings,
    beaconPorts,
    /** Its process is gone: nothing it began will end. Its links fall. */
    abandon: (kernel: { stop(): Promise<void> }) => {
      running.delete(kernel);
      void kernel.stop();
    },
    stop: async () => {
      for (const kernel of running) await kernel.stop();
    },
  };
};

/** Less than the limit of a test, so that it says what it waited for; no measure of speed. */
const HANGS_MS = 150_000;
/** Waits until `what` gives a value that is not falsy; fails with what it last gave. */
export const until = async <T>(what: () => Promise<T> | T, label = 'condition', ms = HANGS_MS): Promise<T> => {
  const end = Date.now() + ms;
  let last: unknown;
  for (;;) {
    try {
      const value = await what();
      if (value) return value;
      last = value;
    } catch (fault) {
      last = fault;
    }
    if (Date.now() > end)
      throw new Error(`Never: ${label}; last ${JSON.stringify(last)} ${last instanceof Error ? last.stack : ''}`);
    await new Promise((done) => setTimeout(done, 20));
  }
};

export const converged = (kernels: readonly KernelApi[], space: string): Promise<boolean> =>
  until(
    async () => new Set(await Promise.all(kernels.map((kernel) => kernel.stateHash(space)))).size === 1,
    'equal state hashes',
  );
