/** Where the beacon's kernel is composed over the ports that `main.ts` opened: the same kernel as a tab's, without keys. */
import { VERSION } from '../src/base/version';
import { apps } from '../src/domain/index';
import type { IcePolicy } from '../src/os/kernel/ice-giving';
import { createBeaconKernel } from '../src/os/kernel/kernel';
import { systemClock } from '../src/platform/clock';
import { graphModule } from '../src/platform/engine';
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
  /** For each space. */
  readonly quotaBytes: number;
  readonly joinCode: string;
  readonly ice: IcePolicy;
  readonly log: Log;
};

export type Beacon = {
  /** The device's Ed25519 public key, 64 hex digits. */
  readonly deviceId: string;
  stop(): Promise<void>;
  stats(): Record<string, number>;
};

const MAX_SPACES = 10_000;

export const startBeacon = async (options: BeaconOptions): Promise<Beacon> => {
  const { storage, vault, transport, log } = options;
  const kernel = await createBeaconKernel(
    {
      clock: systemClock(),
      random: webRandom(),
      crypto: webCrypto(),
      storage,
      vault,
      transport,
      graph: graphModule(),
      log,
    },
    apps,
    {
      kind: 'beacon',
      links: 'relay',
      origin: '',
      version: VERSION,
      build: 'node',
      ice: options.ice,
      hosting: {
        hosting: options.hosting,
        joinCode: options.joinCode,
        listed: options.hosted,
        quotaBytes: options.quotaBytes,
        maxSpaces: MAX_SPACES,
        isLocal: (channel) => transport.isLocal(channel),
      },
    },
  );
  log('beaconStarted', { deviceId: kernel.deviceId });
  return {
    deviceId: kernel.deviceId,
    stop: async () => {
      await kernel.stop();
      log('beaconStopped', {});
    },
    stats: () => ({ ...kernel.stats(), links: transport.links() }),
  };
};
