/**
 * Real kernels in one process on the virtual time of a world: members of one space, beacons that keep it, and insiders who pass on
 * nothing. Each node has its own chance from the world's seed, its own disk, and a clock that may be off.
 */

import { assert } from '../src/base/assert';
import { sha256 } from '../src/base/hash';
import type { HostedKernel } from '../src/bridge/messages';
import { apps } from '../src/domain/index';
import { type BeaconKernel, createBeaconKernel, createKernel } from '../src/os/kernel/kernel';
import { loadDevice } from '../src/os/rights/identity';
import { graphModule } from '../src/platform/engine';
import { seededEntropy } from '../src/platform/memory/random';
import { memoryVault } from '../src/platform/memory/vault';
import type { Channel, ChannelEvents, Crypto, GraphModule, Ports, Random, Transport } from '../src/ports';
import { FRAME_TYPES } from '../src/vm/net/frame';
import { hlcOf } from '../src/vm/op/clock';
import { type Disk, type Founded, foundMany } from './founding';
import type { Scenario } from './scenario';
import { unshareRights } from './shared-rights';
import { BEGAN, type World } from './world';

const SIGNALING_URL = 'ws://signaling';
const OPTIONS = { links: 'any', origin: 'http://localhost:4780', version: '0', build: 'simulation' } as const;
const HOUR = 3_600_000;

/** `black`: links, and passes on nothing; `grey`: passes on every other entry. */
export type Insider = 'black' | 'grey';
export type SimulatedNode = {
  readonly name: string;
  readonly disk: Disk;
  readonly insider?: Insider | undefined;
  /** It runs the kernel of an earlier release. */
  readonly isOlder: boolean;
  readonly clockOffset: number;
  kernel: HostedKernel | undefined;
  /** When it was started last, in virtual time; nothing while it is gone. */
  since: number | undefined;
  /** Of its runs: each has chance of its own. */
  runs: number;
};
export type Fleet = {
  readonly founded: Founded;
  readonly nodes: readonly SimulatedNode[];
  readonly beacons: readonly string[];
  /** Of kernels: each is a bug. */
  readonly faults: readonly string[];
  /** What a kernel would not do, or could not. */
  failed(what: unknown): void;
  /** Settles when it runs; time must go on meanwhile. */
  start(node: SimulatedNode): Promise<void>;
  /** Its process is gone. */
  kill(node: SimulatedNode): void;
  stop(): Promise<void>;
};

/** What a black hole lets out: it links, stays linked and says that it holds what others hold. */
const SAID_BY_BLACK_HOLES: ReadonlySet<number> = new Set(
  (['hello', 'auth', 'root', 'credit', 'receipt', 'spaceReceipt', 'ping', 'pong', 'bye', 'time'] as const).map(
    (type) => FRAME_TYPES[type],
  ),
);
const SAYS: Readonly<Record<Insider, (frame: Uint8Array) => boolean>> = {
  black: (frame) => SAID_BY_BLACK_HOLES.has(frame[0] as number),
  // By the entry, not by chance: nobody ever gets it from this node.
  grey: (frame) => frame[0] !== FRAME_TYPES.entry || (sha256(frame)[0] as number) % 2 === 0,
};
const muting = (transport: Transport, says: (frame: Uint8Array) => boolean): Transport => {
  const muted = <C extends Channel<Uint8Array>>(channel: C): C => ({
    ...channel,
    send: (frame: Uint8Array) => {
      if (says(frame)) channel.send(frame);
    },
  });
  const { createPeer } = transport;
  return {
    ...transport,
    dialLink: (url, events: ChannelEvents<Uint8Array>) => muted(transport.dialLink(url, events)),
    ...(createPeer ? { createPeer: (polite, events) => muted(createPeer(polite, events)) } : {}),
  };
};

/** The last ones, so that nobody of them founded the space. */
const insiderOf = ({ nodes, blackHoles, greyHoles }: Scenario, index: number): Insider | undefined =>
  index >= nodes * (1 - blackHoles) ? 'black' : index >= nodes * (1 - blackHoles - greyHoles) ? 'grey' : undefined;

/** Among all others, so that it says nothing of who else one is. */
const isOlder = ({ older }: Scenario, index: number): boolean =>
  Math.floor((index + 1) * older) > Math.floor(index * older);

export const createFleet = async (
  world: World,
  scenario: Scenario,
  crypto: Crypto,
  /** Of an earlier release. */
  earlier?: typeof createKernel,
): Promise<Fleet> => {
  const { clock, network } = world;
  assert(earlier || scenario.older === 0, 'the kernel of an earlier release is given where some run it');
  const compiled = graphModule();
  const faults: string[] = [];
  const failed = (what: unknown): void => {
    if (faults.length < 20) faults.push(what instanceof Error ? `${what.stack}` : JSON.stringify(what));
  };
  const log: Ports['log'] = (event, details) => {
    if (event === 'fault' || event === 'notRead' || event === 'readOnly') failed({ event, ...details });
  };
  const entropyOf = (what: string, index: number): Random =>
    seededEntropy(
      [...`${scenario.seed}/${what}/${index}`].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), 7),
    );
  /** The seed of a node's tables is chance as well. */
  const graphOf = (random: Random): GraphModule => ({
    ...compiled,
    seed: () => new DataView(random.bytes(8).buffer).getBigUint64(0),
  });

  const beaconNames = Array.from({ length: scenario.beacons }, (_, i) => `beacon${i}`);
  const beaconVaults = beaconNames.map(() => memoryVault());
  const addresses = await Promise.all(
    beaconNames.map(async (name, i) => {
      const { device } = await loadDevice(crypto, entropyOf('beacon', i), beaconVaults[i] as never);
      return { device, url: `ws://${name}/link`, name };
    }),
  );
  let signedAt = BEGAN - HOUR;
  const founded = await foundMany(
    scenario.nodes,
    { crypto, random: entropyOf('founder', 0), now: () => signedAt, tick: () => hlcOf(++signedAt) },
    (member) => entropyOf('member', member),
    addresses,
    scenario.comeBack || scenario.churn > 0,
  );
  const running = new Set<HostedKernel | BeaconKernel>();
  for (const [i, name] of beaconNames.entries()) {
    const random = entropyOf('beacon run', i);
    running.add(
      await createBeaconKernel(
        {
          ...{ clock, random, crypto, graph: graphOf(random), log },
          ...{ vault: beaconVaults[i] as never, storage: founded.newDisk() },
          transport: network.transport(name, { direct: false }),
        },
        apps,
        {
          ...OPTIONS,
          kind: 'beacon',
          floods: scenario.spread === 'flood',
          hosting: { hosting: 'open', joinCode: 'X', listed: [], quotaBytes: 1e9, maxSpaces: 1e6, isLocal: () => true },
        },
      ),
    );
  }
  const nodes = founded.disks.map((disk, i): SimulatedNode => {
    const isSkewed = i < scenario.nodes * scenario.skewed;
    return {
      ...{ name: `n${i}`, disk, kernel: undefined, since: undefined, runs: 0 },
      insider: insiderOf(scenario, i),
      isOlder: isOlder(scenario, i),
      clockOffset: isSkewed ? Math.round((2 * world.random.next() - 1) * HOUR) : 0,
    };
  });
  return {
    ...{ founded, nodes, beacons: beaconNames, faults, failed },
    start: async (node) => {
      const random = entropyOf(`${node.name} run`, node.runs++);
      const transport = network.transport(node.name);
      const run = node.runs;
      node.since = clock.now();
      const create = node.isOlder && earlier ? earlier : createKernel;
      const kernel = await create(
        {
          ...{ random, crypto, graph: graphOf(random), log },
          clock: node.clockOffset === 0 ? clock : clock.skewed(node.clockOffset),
          vault: node.disk.vault,
          storage: node.disk.storage,
          transport: node.insider ? muting(transport, SAYS[node.insider]) : transport,
        },
        apps,
        { ...OPTIONS, kind: 'tab', signaling: [SIGNALING_URL], floods: scenario.spread === 'flood' },
      );
      // It may have been killed meanwhile.
      if (node.runs !== run || node.since === undefined) return void kernel.stop();
      running.add(kernel);
      node.kernel = kernel;
    },
    kill: (node) => {
      network.vanish(node.name);
      node.since = undefined;
      const { kernel } = node;
      node.kernel = undefined;
      if (!kernel) return;
      running.delete(kernel);
      void kernel.stop();
    },
    stop: async () => {
      await Promise.all([...running].map((kernel) => kernel.stop()));
      unshareRights(founded.space);
    },
  };
};
