/**
 * Storage in LMDB, for beacons. A batch is one transaction. `strict` waits for the flush to the disk, `relaxed` for the
 * commit alone: a killed process loses nothing then, a lost machine may lose the last commits but never their order.
 */
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { err, ok } from '../../base/result';
import { type Storage, type StorageError, TABLES, type Table } from '../../ports';
import { copyWrites, endOf } from '../rows';
import { DataUnwritable, lockDirectory } from './lock';

export { DataInUse, DataUnwritable } from './lock';

/** Throws `DataInUse` when another process holds the directory, `DataUnwritable` when it cannot be written. */
export const openLmdbStorage = async (directory: string): Promise<Storage> => {
  const unlock = await lockDirectory(directory);
  const file = join(directory, 'store.mdb');
  const root = await openRoot(directory, file, unlock);
  const tables = new Map<Table, Database<Uint8Array, string>>(
    TABLES.map((table) => [table, root.openDB<Uint8Array, string>({ name: table, encoding: 'binary' })]),
  );
  const tableOf = (table: Table) => tables.get(table) as Database<Uint8Array, string>;
  let closed = false;
  const assertOpen = (): void => {
    if (closed) throw new Error('The storage is closed');
  };

  return {
    write: async (writes, durability) => {
      const rows = copyWrites(writes);
      if (closed) return err({ type: 'failed', message: 'the storage is closed' });
      try {
        await root.transaction(() => {
          for (const { table, key, value } of rows) {
            if (value) tableOf(table).putSync(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
            else tableOf(table).removeSync(key);
          }
        });
        if (durability === 'strict') await root.flushed;
        return ok(undefined);
      } catch (fault) {
        return err(storageErrorOf(fault));
      }
    },
    read: async (table, key) => {
      assertOpen();
      const value = tableOf(table).getBinary(key);
      return value && new Uint8Array(value);
    },
    list: async (table, prefix, after, limit) => {
      assertOpen();
      const start = after !== undefined && after >= prefix ? after : prefix;
      const range = {
        start,
        exclusiveStart: start === after,
        end: endOf(prefix),
        ...(limit === undefined ? {} : { limit }),
      };
      return [...tableOf(table).getRange(range)].map(({ key, value }) => ({ key, value: new Uint8Array(value) }));
    },
    keys: async (table, prefix) => {
      assertOpen();
      return [...tableOf(table).getKeys({ start: prefix, end: endOf(prefix) })];
    },
    usage: async () => {
      const [{ size }, disk] = await Promise.all([stat(file), statfs(directory)]);
      return { used: size, quota: size + disk.bavail * disk.bsize, kept: true };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await root.close();
      await unlock();
    },
  };
};

const openRoot = async (directory: string, file: string, unlock: () => Promise<void>) => {
  try {
    return open<Uint8Array, string>({ path: file, noSubdir: true, encoding: 'binary', maxDbs: TABLES.length + 2 });
  } catch (fault) {
    await unlock();
    throw new DataUnwritable(directory, fault);
  }
};

const storageErrorOf = (fault: unknown): StorageError => {
  const message = fault instanceof Error ? fault.message : String(fault);
  const full = /MDB_MAP_FULL|ENOSPC|EDQUOT|No space left|quota exceeded/i.test(message);
  return { type: full ? 'full' : 'failed', message };
};
