/** The Images port in files of one folder, mode 0600: written beside, then put in place, so that a crash leaves one or the other. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../base/assert';
import { err, ok, type Result } from '../../base/result';
import type { Images, StorageError } from '../../ports';

const NAME = /^[a-z0-9-]{1,100}$/;
/** Beside the one it is to replace; never listed, and removed at the next opening. */
const BESIDE = '.new';

export const openFileImages = async (dataDirectory: string): Promise<Images> => {
  const folder = join(dataDirectory, 'images');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of await readdir(folder)) if (file.endsWith(BESIDE)) await rm(join(folder, file), { force: true });
  const fileOf = (name: string): string => {
    assert(NAME.test(name), 'the name of an image is of a-z, 0-9 and -');
    return join(folder, name);
  };
  return {
    load: async (name) => {
      try {
        return new Uint8Array(await readFile(fileOf(name)));
      } catch {
        return undefined;
      }
    },
    save: (name, bytes) =>
      attempt(async () => {
        const beside = fileOf(name) + BESIDE;
        const file = await open(beside, 'w', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(beside, fileOf(name));
      }),
    remove: (name) =>
      attempt(async () => {
        await rm(fileOf(name) + BESIDE, { force: true });
        await rm(fileOf(name), { force: true });
      }),
    list: async () => (await readdir(folder)).filter((file) => NAME.test(file)).sort(),
  };
};

const attempt = async (work: () => Promise<void>): Promise<Result<void, StorageError>> => {
  try {
    await work();
    return ok(undefined);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    return err({ type: code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : 'failed', message: String(fault) });
  }
};
