/**
 * Where the beacon's kernel is composed over the ports that `main.ts` opened. It keeps the beacon's device key.
 */
import { toHex } from '../src/base/bytes';
import type { NodeTransport } from '../src/platform/node/transport';
import { webCrypto, webRandom } from '../src/platform/webcrypto';
import type { Log, Storage, Vault } from '../src/ports';
import type { Hosting } from './config';

export type BeaconOptions = {
  readonly storage: Storage;
  readonly vault: Vault;
  readonly transport: NodeTransport;
  readonly hosting: Hosting;
  readonly hosted: readonly string[];
  readonly quotaBytes: number;
  readonly joinCode: string;
  readonly log: Log;
};

export type Beacon = {
  /** The device's Ed25519 public key, 64 hex digits. */
  readonly deviceId: string;
  stop(): Promise<void>;
  stats(): Record<string, number>;
};

const SEED = 'device-seed';

export const startBeacon = async ({ vault, transport, log }: BeaconOptions): Promise<Beacon> => {
  const kept = await vault.get(SEED);
  const seed = kept ?? webRandom().bytes(32);
  if (!kept) await vault.put(SEED, seed);
  const { publicKey } = await webCrypto().signingKey(seed);
  const deviceId = toHex(publicKey);
  log('beaconStarted', { deviceId });
  return {
    deviceId,
    stop: async () => log('beaconStopped', {}),
    stats: () => ({ links: transport.links() }),
  };
};
