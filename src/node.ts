/** `openNode`: a kernel in Node, with the same surface as `window.lgos` in a page. For scripts, tests and the command line. */

import { VERSION } from './base/version';
import type { KernelApi, Lgos } from './bridge/messages';
import { apps } from './domain/index';
import { createKernel, type KernelOptions } from './os/kernel/kernel';
import { systemClock } from './platform/clock';
import { processorCompute } from './platform/compute';
import { webDeflate } from './platform/deflate';
import { discover } from './platform/discovery';
import { graphModule } from './platform/engine';
import { memoryStorage } from './platform/memory/storage';
import { memoryVault } from './platform/memory/vault';
import { openFileImages } from './platform/node/images';
import { openLmdbStorage } from './platform/node/lmdb';
import { nodeTransport } from './platform/node/transport';
import { openFileVault } from './platform/node/vault';
import { webCrypto, webRandom } from './platform/webcrypto';

export type NodeOptions = {
  /** Address of the page, such as `http://localhost:4780`: its beacon and signaling are used. */
  readonly origin: string;
  /** Where keys and journal are kept; in memory when left out, and gone when the process ends. */
  readonly dataDirectory?: string;
  /** Certificate (PEM) of an authority to trust besides the usual ones. */
  readonly authority?: string;
};

/** There is no WebRTC here: links go through beacons. `stop()` closes everything. */
export const openNode = async (options: NodeOptions): Promise<Lgos & Pick<KernelApi, 'stop'>> => {
  const storage = options.dataDirectory ? await openLmdbStorage(options.dataDirectory) : memoryStorage();
  const found = await discover(options.origin, storage);
  const vault = options.dataDirectory ? await openFileVault(options.dataDirectory) : memoryVault();
  // In memory nothing outlives the process, an image as little as the rest.
  const images = options.dataDirectory ? await openFileImages(options.dataDirectory) : undefined;
  const transport = nodeTransport(options.authority === undefined ? {} : { authority: options.authority });
  const kernel = await createKernel(
    {
      clock: systemClock(),
      random: webRandom(),
      crypto: webCrypto(),
      deflate: webDeflate(),
      storage,
      vault,
      ...(images ? { images } : {}),
      transport,
      graph: graphModule(),
      compute: processorCompute(),
      log: () => {},
    },
    apps,
    {
      kind: 'tab',
      links: 'relay',
      origin: options.origin,
      version: VERSION,
      build: 'node',
      signaling: found.signaling,
      ...(found.beacon ? { beacon: found.beacon as NonNullable<KernelOptions['beacon']> } : {}),
      ...(found.serverTime === undefined ? {} : { serverTime: found.serverTime }),
    },
  );
  const stop = async (): Promise<void> => {
    await kernel.stop();
    transport.close();
    await storage.close();
  };
  return { ...kernel, stop };
};
