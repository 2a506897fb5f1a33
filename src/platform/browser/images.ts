/**
 * The Images port in the origin's private file system, for a worker. An image is a file `NAME.N` of a header and the bytes; the
 * header is written last, so a file that was not finished is none. A save writes the next N, and then removes the others. Writing
 * holds up the worker, so it is done piece by piece, and others have their turn in between.
 *
 *     length of the bytes u64 | the same once more, as its complement | bytes
 */
import { assert } from '../../base/assert';
import { err, ok, type Result } from '../../base/result';
import type { Images, StorageError } from '../../ports';

const ROOT = 'lgos';
const HEADER = 16;
/** Written at once: some milliseconds. */
const PIECE = 2 * 1024 * 1024;
const NAME = /^[a-z0-9-]{1,100}$/;
const FILE = /^([a-z0-9-]{1,100})\.(\d{1,15})$/;

const folderOf = (profile: string): string => `images-${encodeURIComponent(profile)}`;

/** `undefined` where the browser has no such place, or does not open files for a worker. */
export const openPrivateImages = async (profile: string): Promise<Images | undefined> => {
  let folder: FileSystemDirectoryHandle;
  try {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true });
    folder = await root.getDirectoryHandle(folderOf(profile), { create: true });
    if (typeof FileSystemFileHandle.prototype.createSyncAccessHandle !== 'function') return undefined;
  } catch {
    return undefined;
  }

  /** The numbers under a name, the latest first. */
  const numbersOf = async (name: string): Promise<readonly number[]> => {
    assert(NAME.test(name), 'the name of an image is of a-z, 0-9 and -');
    const numbers: number[] = [];
    for (const file of await namesIn(folder)) {
      const [, of, number] = FILE.exec(file) ?? [];
      if (of === name) numbers.push(Number(number));
    }
    return numbers.sort((a, b) => b - a);
  };
  const opened = async <T>(file: string, work: (handle: FileSystemSyncAccessHandle) => T | Promise<T>): Promise<T> => {
    const handle = await (await folder.getFileHandle(file, { create: true })).createSyncAccessHandle();
    try {
      return await work(handle);
    } finally {
      handle.close();
    }
  };

  return {
    load: async (name) => {
      for (const number of await numbersOf(name)) {
        try {
          const bytes = await opened(`${name}.${number}`, readWhole);
          if (bytes) return bytes;
        } catch {
          // Another worker has it open, or it went.
        }
      }
      return undefined;
    },
    save: (name, bytes) =>
      attempt(async () => {
        const before = await numbersOf(name);
        const number = (before[0] ?? 0) + 1;
        try {
          await opened(`${name}.${number}`, (handle) => writeWhole(handle, bytes));
        } catch (fault) {
          await folder.removeEntry(`${name}.${number}`).catch(() => undefined);
          throw fault;
        }
        for (const old of before) await folder.removeEntry(`${name}.${old}`);
      }),
    remove: (name) =>
      attempt(async () => {
        for (const number of await numbersOf(name)) await folder.removeEntry(`${name}.${number}`);
      }),
    list: async () => {
      const names = (await namesIn(folder)).flatMap((file) => FILE.exec(file)?.[1] ?? []);
      return [...new Set(names)].sort();
    },
  };
};

/** Removes all images of a profile. */
export const erasePrivateImages = async (profile: string): Promise<void> => {
  try {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT);
    await root.removeEntry(folderOf(profile), { recursive: true });
  } catch {
    // There were none.
  }
};

const namesIn = async (folder: FileSystemDirectoryHandle): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names;
};

const headerOf = (length: number): Uint8Array<ArrayBuffer> => {
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setBigUint64(0, BigInt(length));
  header.setBigUint64(8, ~BigInt(length));
  return new Uint8Array(header.buffer);
};
const readWhole = (handle: FileSystemSyncAccessHandle): Uint8Array<ArrayBuffer> | undefined => {
  const length = handle.getSize() - HEADER;
  if (length < 0) return undefined;
  const header = new Uint8Array(HEADER);
  const bytes = new Uint8Array(length);
  if (handle.read(header, { at: 0 }) !== HEADER || handle.read(bytes, { at: HEADER }) !== length) return undefined;
  return headerOf(length).every((byte, i) => byte === header[i]) ? bytes : undefined;
};
const writeWhole = async (handle: FileSystemSyncAccessHandle, bytes: Uint8Array): Promise<void> => {
  handle.truncate(0);
  const put = (part: Uint8Array, at: number): void => {
    if (handle.write(part, { at }) !== part.length) throw new DOMException('no room', 'QuotaExceededError');
  };
  put(new Uint8Array(HEADER), 0);
  for (let at = 0; at < bytes.length; at += PIECE) {
    put(bytes.subarray(at, at + PIECE), HEADER + at);
    handle.flush();
    await new Promise((done) => setTimeout(done));
  }
  handle.flush();
  put(headerOf(bytes.length), 0);
  handle.flush();
};

const attempt = async (work: () => Promise<void>): Promise<Result<void, StorageError>> => {
  try {
    await work();
    return ok(undefined);
  } catch (fault) {
    const { name } = fault as { readonly name?: string };
    return err({ type: name === 'QuotaExceededError' ? 'full' : 'failed', message: String(fault) });
  }
};
