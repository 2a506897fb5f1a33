/** What a page calls to have a kernel: its own worker, the client on it. Runs on the page. */
import { connectClient, type KernelClient } from '../src/bridge/client';
import { type OpenTabOptions, openTab as openAnyTab } from '../src/platform/browser/tab';

export type OpenOptions = Pick<OpenTabOptions<KernelClient>, 'profile' | 'links' | 'turnOnly' | 'welcome'>;

/** Resolves when a kernel answers, here or in another tab; rejects with a refusal whose type is `noKernel`. */
export const openTab = (options: OpenOptions): Promise<KernelClient> =>
  openAnyTab({
    ...options,
    connect: (port) => connectClient(port),
    startWorker: () => new Worker(new URL('./kernel.worker.ts', import.meta.url), { type: 'module', name: 'lgos' }),
  });
