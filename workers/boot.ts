/** Composes a browser's kernel: its ports, the applications, the beacon that this page came from. */
import { apps } from '../src/domain/index';
import { createKernel } from '../src/os/kernel/kernel';
import { openIdbStorage } from '../src/platform/browser/idb';
import { browserTransport } from '../src/platform/browser/transport';
import { openIdbVault } from '../src/platform/browser/vault';
import { systemClock } from '../src/platform/clock';
import { webCrypto, webRandom } from '../src/platform/webcrypto';
import type { Ports } from '../src/ports';
import { openSeen } from './answers';
import type { Boot } from './serve';

/** A page served by a static host has no beacon: not finding one must not hold up the start. */
const WELL_KNOWN_MS = 1_500;

/** Address of the `/link` of the beacon that serves this page; `undefined` when there is none or it is out of reach. */
const findBeacon = async (origin: string): Promise<string | undefined> => {
  try {
    const answer = await fetch(new URL('/.well-known/lgos.json', origin), { signal: AbortSignal.timeout(WELL_KNOWN_MS) });
    if (!answer.ok) return undefined;
    const { link } = (await answer.json()) as { link?: unknown };
    if (typeof link !== 'string') return undefined;
    const url = new URL(link, origin);
    if (url.protocol === 'http:') url.protocol = 'ws:';
    if (url.protocol === 'https:') url.protocol = 'wss:';
    return url.protocol === 'ws:' || url.protocol === 'wss:' ? url.href : undefined;
  } catch {
    return undefined;
  }
};

export const boot: Boot = async ({ profile, links, origin, rtc }) => {
  const [storage, vault, beaconUrl] = await Promise.all([openIdbStorage(profile), openIdbVault(profile), findBeacon(origin)]);
  const ports: Ports = {
    clock: systemClock(),
    random: webRandom(),
    crypto: webCrypto(),
    vault,
    storage,
    transport: browserTransport({ links, ...(rtc ? { rtc } : {}) }),
    log: (event, details) => console.debug(event, details ?? ''),
  };
  const kernel = await createKernel(ports, apps, { kind: 'tab', links, origin, ...(beaconUrl ? { beaconUrl } : {}) });
  return { kernel, seen: await openSeen(storage) };
};
