/** The Images adapter of a browser where it works: in a worker. Answers calls by name, and can leave a save half done. */
import { erasePrivateImages, openPrivateImages } from '../../src/platform/browser/images';

type Call = { readonly id: number; readonly name: string; readonly args: readonly unknown[] };
let profile = '';

const cut = async (name: string, number: number, bytes: Uint8Array): Promise<void> => {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('lgos');
  const folder = await root.getDirectoryHandle(`images-${profile}`);
  const handle = await (await folder.getFileHandle(`${name}.${number}`, { create: true })).createSyncAccessHandle();
  handle.truncate(0);
  handle.write(new Uint8Array(16), { at: 0 });
  handle.write(bytes, { at: 16 });
  handle.close();
};

addEventListener('message', async ({ data }: MessageEvent<Call>) => {
  const { id, name, args } = data;
  const answer = async (): Promise<unknown> => {
    if (name === 'open') {
      profile = args[0] as string;
      return (await openPrivateImages(profile)) !== undefined;
    }
    if (name === 'erase') return erasePrivateImages(profile);
    if (name === 'cut') return cut(args[0] as string, args[1] as number, args[2] as Uint8Array);
    const images = await openPrivateImages(profile);
    if (!images) throw new Error('no private file system');
    return (images[name as 'load'] as (...given: readonly unknown[]) => Promise<unknown>)(...args);
  };
  postMessage({ id, value: await answer().catch((fault: unknown) => ({ fault: String(fault) })) });
});
