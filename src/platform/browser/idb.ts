/**
 * Storage in IndexedDB: one database for each profile, one object store for each table. A batch is one transaction.
 * The fence: opening takes the next generation number, kept in the same database, and every write transaction reads it
 * and aborts when it is not its own. So a frozen leader that wakes up after a take-over cannot write, whatever it believes.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { err, ok } from '../../base/result';
import { type Storage, type StorageError, TABLES, type Table } from '../../ports';
import { copyWrites, endOf } from '../rows';

interface Schema extends DBSchema {
  journal: { key: string; value: Uint8Array };
  space: { key: string; value: Uint8Array };
  local: { key: string; value: Uint8Array };
  blob: { key: string; value: Uint8Array };
  outbox: { key: string; value: Uint8Array };
  fence: { key: string; value: number };
}
type StoreName = Table | 'fence';
type WriteTransaction = IDBPTransaction<Schema, StoreName[], 'readwrite'>;
const VERSION = 1;
const GENERATION = 'generation';

/** The database cannot be opened; the message says why, in words for a person. */
export class ProfileUnavailable extends Error {}

/** Opens the profile for its leader: from now on every handle that was opened before is fenced. */
export const openIdbStorage = async (profile: string): Promise<Storage> => {
  let lost: StorageError | undefined;
  const lose = (type: StorageError['type'], message: string): void => {
    lost ??= { type, message };
  };
  const db = await openDatabase(profile, lose);
  const generation = await takeFence(db);

  return {
    // The transaction is made before anything is awaited, and IndexedDB runs those of one fence in the order they were made.
    write: async (writes, durability) => {
      const rows = copyWrites(writes);
      if (lost) return err(lost);
      const tables = new Set<Table>(rows.map((row) => row.table));
      let transaction: WriteTransaction;
      try {
        transaction = db.transaction<StoreName[], 'readwrite'>([...tables, 'fence'], 'readwrite', { durability });
      } catch (fault) {
        return err(storageErrorOf(fault));
      }
      const work: Promise<unknown>[] = [transaction.done];
      try {
        const fence = transaction
          .objectStore('fence')
          .get(GENERATION)
          .then((held) => {
            if (held === generation) return;
            lose('fenced', 'another tab has taken over this profile');
            transaction.abort();
          });
        work.push(fence);
        for (const { table, key, value } of rows) {
          const store = transaction.objectStore(table);
          work.push(value ? store.put(value, key) : store.delete(key));
        }
        await Promise.all(work);
        return ok(undefined);
      } catch (fault) {
        abort(transaction);
        await Promise.allSettled(work);
        return err(lost ?? storageErrorOf(transaction.error ?? fault));
      }
    },
    read: async (table, key) => (await db.get(table, key)) as Uint8Array<ArrayBuffer> | undefined,
    list: async (table, prefix, after, limit) => {
      const end = endOf(prefix);
      if (limit === 0 || (after !== undefined && after >= end)) return [];
      const open = after !== undefined && after >= prefix;
      const range = IDBKeyRange.bound(open ? after : prefix, end, open, true);
      const store = db.transaction(table).store;
      const [keys, values] = await Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
      return keys.map((key, i) => ({ key, value: values[i] as Uint8Array<ArrayBuffer> }));
    },
    usage: async () => {
      const { usage, quota } = (await globalThis.navigator?.storage?.estimate?.()) ?? {};
      return { used: usage ?? (await countBytes(db)), ...(quota === undefined ? {} : { quota }) };
    },
    close: async () => {
      lose('failed', 'the storage is closed');
      db.close();
    },
  };
};

const openDatabase = (profile: string, lose: (type: StorageError['type'], message: string) => void) =>
  new Promise<IDBPDatabase<Schema>>((resolve, reject) => {
    let refused = false;
    openDB<Schema>(`lgos/${profile}`, VERSION, {
      upgrade: (db) => {
        for (const table of TABLES) db.createObjectStore(table);
        db.createObjectStore('fence');
      },
      blocked: () => {
        refused = true;
        reject(new ProfileUnavailable('A tab with an older version holds this profile open. Close it and reload.'));
      },
      // Somebody upgrades or deletes the database: let go at once, or they wait for ever.
      blocking: (_current, _blocked, event) => {
        lose('fenced', 'another tab upgrades or removes this profile');
        (event.target as IDBDatabase).close();
      },
      terminated: () => lose('failed', 'the browser closed the database'),
    }).then(
      (db) => (refused ? db.close() : resolve(db)),
      (fault: unknown) => {
        const reason = fault instanceof Error ? fault.message : String(fault);
        reject(new ProfileUnavailable(`This browser does not open the profile's database: ${reason}`));
      },
    );
  });

const takeFence = async (db: IDBPDatabase<Schema>): Promise<number> => {
  const transaction = db.transaction('fence', 'readwrite', { durability: 'strict' });
  const generation = ((await transaction.store.get(GENERATION)) ?? 0) + 1;
  await Promise.all([transaction.store.put(generation, GENERATION), transaction.done]);
  return generation;
};

/** A request that was refused at once leaves the transaction open, and it would commit the rest. */
const abort = (transaction: WriteTransaction): void => {
  try {
    transaction.abort();
  } catch {
    // It has already aborted.
  }
};

const storageErrorOf = (fault: unknown): StorageError => {
  const { name = 'Error', message = String(fault) } = fault instanceof Error ? fault : {};
  if (name === 'QuotaExceededError') return { type: 'full', message: 'the browser gives this site no more room' };
  return { type: 'failed', message: `${name}: ${message}` };
};

const countBytes = async (db: IDBPDatabase<Schema>): Promise<number> => {
  let used = 0;
  for (const table of TABLES) {
    for await (const { key, value } of db.transaction(table).store) used += key.length + value.length;
  }
  return used;
};
