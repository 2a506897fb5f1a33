/** Kernels of earlier states of the project (`tests/releases`), for networks in which nodes of both work together. */
import type { apps } from '../../src/domain/index';
import type { createKernel } from '../../src/os/kernel/kernel';
import type { graphModule } from '../../src/platform/engine';
import type { Transport } from '../../src/ports';

export type Release = {
  readonly apps: typeof apps;
  readonly createKernel: typeof createKernel;
  readonly graphModule: typeof graphModule;
};
/** `file`: its `kernel.mjs`. It is not told what ports have told since, and has a Yjs of its own. */
export const loadRelease = async (file: URL): Promise<Release> => {
  const marks = globalThis as unknown as Record<string, unknown>;
  const yjs = marks['__ $YJS$ __'];
  delete marks['__ $YJS$ __'];
  const release: Release = await import(/* @vite-ignore */ file.href);
  marks['__ $YJS$ __'] = yjs;
  return {
    ...release,
    createKernel: (ports, _apps, options) => {
      const { createPeer } = ports.transport;
      const transport: Transport = {
        ...ports.transport,
        ...(createPeer ? { createPeer: (polite, events) => createPeer(polite, { ...events, routed: () => {} }) } : {}),
      };
      return release.createKernel({ ...ports, transport, graph: release.graphModule() }, release.apps, options);
    },
  };
};
