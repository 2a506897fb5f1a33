/** Composes a browser's kernel: its ports, the applications, the beacon that this page came from. */

import { VERSION } from '../src/base/version';
import { apps } from '../src/domain/index';
import { createKernel, type KernelOptions } from '../src/os/kernel/kernel';
import { openIdbStorage } from '../src/platform/browser/idb';
import { browserTransport } from '../src/platform/browser/transport';
import { openIdbVault } from '../src/platform/browser/vault';
import { openWitness } from '../src/platform/browser/witness';
import { systemClock } from '../src/platform/clock';
import { discover } from '../src/platform/discovery';
import { webCrypto, webRandom } from '../src/platform/webcrypto';
import type { Ports } from '../src/ports';
import { openSeen } from './answers';
import { openLosses, withLosses } from './loss';
import type { Boot } from './serve';

/** The bundler names this worker by the hash of all that is in it. */
const build = /-([\w-]{8})\.js$/.exec(import.meta.url)?.[1] ?? 'development';

export const boot: Boot = async ({ profile, links: wanted, origin, rtc, welcome }) => {
  const log: Ports['log'] = (event, details) => console.debug(event, details ?? '');
  // One after the other: a vault beside no storage then means that the storage was lost, and no start that was cut short.
  const storage = await openIdbStorage(profile);
  const vault = await openIdbVault(profile);
  const [found, seen, losses] = await Promise.all([
    discover(origin, storage),
    openSeen(storage),
    openLosses({ storage, vault, witness: openWitness(profile), log }),
  ]);
  const links = found.relayOnly ? 'relay' : wanted;
  const ports: Ports = {
    clock: systemClock(),
    random: webRandom(),
    crypto: webCrypto(),
    vault,
    storage,
    transport: browserTransport({ links, ...(rtc ? { rtc } : {}) }),
    log,
  };
  const kernel = await createKernel(ports, apps, {
    kind: 'tab',
    links,
    origin,
    version: VERSION,
    build,
    signaling: found.signaling,
    ...(found.beacon ? { beacon: found.beacon as NonNullable<KernelOptions['beacon']> } : {}),
    ...(found.serverTime === undefined ? {} : { serverTime: found.serverTime }),
    ...(welcome ? { welcome } : {}),
  });
  void losses.started();
  return { kernel: withLosses(kernel, losses), seen };
};
