/** Composes a browser's kernel: its ports, the applications, the beacon that this page came from. */

import { VERSION } from '../src/base/version';
import { apps } from '../src/domain/index';
import { createKernel, type KernelOptions } from '../src/os/kernel/kernel';
import { agentName, isMetered } from '../src/platform/browser/agent';
import { graphicsCompute } from '../src/platform/browser/gpu';
import { eraseProfile, openIdbStorage } from '../src/platform/browser/idb';
import { erasePrivateImages, openPrivateImages } from '../src/platform/browser/images';
import { browserTransport } from '../src/platform/browser/transport';
import { openIdbVault } from '../src/platform/browser/vault';
import { openWitness } from '../src/platform/browser/witness';
import { systemClock } from '../src/platform/clock';
import { processorCompute } from '../src/platform/compute';
import { webDeflate } from '../src/platform/deflate';
import { discover } from '../src/platform/discovery';
import { graphModule } from '../src/platform/engine';
import { webCrypto, webRandom } from '../src/platform/webcrypto';
import type { Ports, Storage, Vault } from '../src/ports';
import { openSeen } from './answers';
import { forgetDeadSecrets, openLock } from './lock';
import { openLosses, withLosses } from './loss';
import type { Boot, BootedKernel } from './serve';

/** The bundler names this worker by the hash of all that is in it. */
const build = /-([\w-]{8})\.js$/.exec(import.meta.url)?.[1] ?? 'development';

export const boot: Boot = async ({ profile, links: wanted, origin, rtc, welcome }, replace) => {
  const log: Ports['log'] = (event, details) => console.debug(event, details ?? '');
  const compute = graphicsCompute(processorCompute(), { gpu: navigator.gpu, log });
  const own = { random: webRandom(), crypto: webCrypto(), deflate: webDeflate(), graph: graphModule() };
  const shared = { clock: systemClock(), ...own, compute, log };
  // One after the other: a vault beside no storage then means that the storage was lost, and no start that was cut short.
  const storage = await openIdbStorage(profile);
  const vault = await openIdbVault(profile);
  const images = await openPrivateImages(profile);
  const witness = openWitness(profile);
  const found = (await forgetDeadSecrets(storage, vault)) ? 'lost' : vault.found;
  const losses = await openLosses({ storage, vault: { found }, witness, log });

  /** On the profile as it lies here, or through its lock. */
  const start = async (storage: Storage, vault: Vault): Promise<BootedKernel> => {
    const [discovered, seen] = await Promise.all([discover(origin, storage), openSeen(storage)]);
    const links = discovered.relayOnly ? 'relay' : wanted;
    const transport = browserTransport({ links, ...(rtc ? { rtc: rtc() } : {}) });
    const kernel = await createKernel({ ...shared, ...(images ? { images } : {}), vault, storage, transport }, apps, {
      kind: 'tab',
      links,
      origin,
      version: VERSION,
      build,
      deviceName: agentName(navigator.userAgent),
      metered: isMetered(navigator),
      signaling: discovered.signaling,
      ...(discovered.beacon ? { beacon: discovered.beacon as NonNullable<KernelOptions['beacon']> } : {}),
      ...(discovered.serverTime === undefined ? {} : { serverTime: discovered.serverTime }),
      ...(welcome ? { welcome } : {}),
    });
    void losses.started();
    return { kernel: withLosses(kernel, losses), seen };
  };
  const erase = async (): Promise<void> => {
    await storage.close();
    await eraseProfile(profile);
    await erasePrivateImages(profile);
    await witness.remove();
  };
  return openLock({ ...shared, storage, vault, start, erase, replace });
};
