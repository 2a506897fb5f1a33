/** The bridge between a page and a real worker, with its own 16 ms frames. */
import { expect, it } from 'vitest';
import { connectClient, type KernelClient } from '../../src/bridge/client';
import { createLgos } from '../../src/bridge/lgos';
import { openTab } from '../../src/platform/browser/tab';

it('carries window.lgos, live answers and refusals between a page and its worker', async () => {
  let worker: Worker | undefined;
  const client: KernelClient = await openTab({
    profile: `bridge-${Date.now()}`,
    links: 'any',
    connect: (port) => connectClient(port),
    startWorker: () => {
      worker = new Worker(new URL('./fake.worker.ts', import.meta.url), { type: 'module' });
      return worker;
    },
  });
  const lgos = createLgos(client);
  const { deviceId } = await lgos.me();
  expect(await lgos.run('any', {})).toEqual({ leader: deviceId });
  const store = client.store('who');
  await new Promise<void>((resolve) => store.subscribe(resolve));
  expect(store.getSnapshot()).toEqual({ leader: deviceId });
  const events = { updated: () => undefined, presence: () => undefined, refused: () => undefined };
  await expect(client.openDocument('d', events)).rejects.toMatchObject({ type: 'internal', message: 'no documents' });
  worker?.terminate();
});
