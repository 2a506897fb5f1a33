/**
 * The Vault port in files of mode 0600 under `identity/`, one for each secret. A secret is written beside its place,
 * flushed, and renamed into it, so that a crash leaves the old one or the new one.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../base/assert';
import type { Vault } from '../../ports';
import { DataUnwritable } from './lock';

/** Throws `DataUnwritable` when `identity/` cannot be made. */
export const openFileVault = async (directory: string): Promise<Vault> => {
  const folder = join(directory, 'identity');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // What a crash left half written was never the secret.
    for (const file of await readdir(folder)) if (file.startsWith('.')) await rm(join(folder, file));
  } catch (fault) {
    throw new DataUnwritable(folder, fault);
  }
  let written = 0;

  return {
    get: async (name) => {
      try {
        return new Uint8Array(await readFile(join(folder, fileOf(name))));
      } catch (fault) {
        if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw fault;
      }
    },
    put: async (name, secret) => {
      const copy = new Uint8Array(secret);
      const beside = join(folder, `.${process.pid}-${written++}`);
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(copy);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, join(folder, fileOf(name)));
      await syncFolder(folder);
    },
    list: async (prefix) =>
      (await readdir(folder))
        .filter((file) => !file.startsWith('.'))
        .map(nameOf)
        .filter((name) => name.startsWith(prefix))
        .sort(),
    remove: async (name) => {
      await rm(join(folder, fileOf(name)), { force: true });
      await syncFolder(folder);
    },
  };
};

/** A name may hold slashes and dots; a file name may not begin with one. */
const fileOf = (name: string): string => {
  const file = encodeURIComponent(name).replaceAll('.', '%2E');
  assert(file.length > 0 && file.length <= 200, `a secret's name of ${file.length} characters, 1 to 200`);
  return file;
};
const nameOf = (file: string): string => decodeURIComponent(file);

/** Makes a rename or removal durable. Windows has no such call on a folder and needs none. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
