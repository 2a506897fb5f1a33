/**
 * Storage in IndexedDB: one database for each profile, one object store for each table. A batch is one transaction.
 * The fence: opening takes the next generation number, kept in the same database, and every write transaction reads it
 * and aborts when it is not its own. So a frozen leader that wakes up after a take-over cannot write, whatever it believes.
 * Beside the fence it remembers how the profile began: written with the database itself, so that no crash can forget a loss.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { err, ok, type Result } from '../../base/result';
import { type Durability, type Storage, type StorageError, TABLES, type Table } from '../../ports';
import { copyWrites, endOf } from '../rows';
import { type Beginning, dataLossIn } from './loss';

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
/** 2: the journal may be in its second format, which programs that open version 1 would take for damage. */
const VERSION = 2;
/** How long an older version may take to let go. */
const BLOCKED_MS = 3_000;
const GENERATION = 'generation';
const BEGINNING = 'beginning';
/** As kept; absent is `settled`. */
const BEGINNINGS = { new: 1, person: 2, work: 3 } as const;

/** The database cannot be opened; the message says why, in words for a person. */
export class ProfileUnavailable extends Error {}

export type IdbStorage = Storage & {
  /** As it was when this handle opened the profile. */
  readonly beginning: Beginning;
  /** This opening made the database. */
  readonly created: boolean;
  /** The browser says that it deleted the database before this one, and why. */
  readonly dataLoss?: string;
  /** Remembers another beginning, strictly. */
  begin(next: Beginning): Promise<Result<void, StorageError>>;
};

/** Opens the profile for its leader: from now on every handle that was opened before is fenced. */
export const openIdbStorage = async (profile: string): Promise<IdbStorage> => {
  let lost: StorageError | undefined;
  const lose = (type: StorageError['type'], message: string): void => {
    lost ??= { type, message };
  };
  const { db, created, dataLoss } = await openDatabase(profile, lose);
  const { generation, beginning } = await takeFence(db);
  /** Part of every write: aborts it when somebody has opened the profile since. */
  const checkFence = async (transaction: WriteTransaction): Promise<void> => {
    if ((await transaction.objectStore('fence').get(GENERATION)) === generation) return;
    lose('fenced', 'another tab has taken over this profile');
    transaction.abort();
  };
  // The transaction is made before anything is awaited, and IndexedDB runs those of one fence in the order they were made.
  const write = async (
    tables: ReadonlySet<Table>,
    durability: Durability,
    fill: (transaction: WriteTransaction, work: Promise<unknown>[]) => void,
  ): Promise<Result<void, StorageError>> => {
    if (lost) return err(lost);
    let transaction: WriteTransaction;
    try {
      transaction = db.transaction<StoreName[], 'readwrite'>([...tables, 'fence'], 'readwrite', { durability });
    } catch (fault) {
      return err(storageErrorOf(fault));
    }
    const work: Promise<unknown>[] = [transaction.done];
    try {
      work.push(checkFence(transaction));
      fill(transaction, work);
      await Promise.all(work);
      return ok(undefined);
    } catch (fault) {
      abort(transaction);
      await Promise.allSettled(work);
      return err(lost ?? storageErrorOf(transaction.error ?? fault));
    }
  };

  return {
    beginning,
    created,
    ...(dataLoss === undefined ? {} : { dataLoss }),
    begin: (next) =>
      write(new Set(), 'strict', (transaction, work) => {
        const fence = transaction.objectStore('fence');
        work.push(next === 'settled' ? fence.delete(BEGINNING) : fence.put(BEGINNINGS[next], BEGINNING));
      }),
    write: async (writes, durability) => {
      const rows = copyWrites(writes);
      return write(new Set(rows.map((row) => row.table)), durability, (transaction, work) => {
        for (const { table, key, value } of rows) {
          const store = transaction.objectStore(table);
          work.push(value ? store.put(value, key) : store.delete(key));
        }
      });
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
    keys: async (table, prefix) =>
      (await db.getAllKeys(table, IDBKeyRange.bound(prefix, endOf(prefix), false, true))) as string[],
    usage: async () => {
      const { storage } = globalThis.navigator ?? {};
      const { usage, quota } = (await storage?.estimate?.()) ?? {};
      const kept = (await storage?.persisted?.()) ?? false;
      return { used: usage ?? (await countBytes(db)), kept, ...(quota === undefined ? {} : { quota }) };
    },
    close: async () => {
      lose('failed', 'the storage is closed');
      db.close();
    },
  };
};

/** Removes the databases of a profile: what it keeps and its keys. Whoever holds them open lets go (`blocking`). */
export const eraseProfile = async (profile: string): Promise<void> => {
  await deleteDB(`lgos/${profile}`);
  await deleteDB(`lgos/${profile}/vault`);
};

type Opened = { readonly db: IDBPDatabase<Schema>; readonly created: boolean; readonly dataLoss: string | undefined };

const openDatabase = (profile: string, lose: (type: StorageError['type'], message: string) => void) =>
  new Promise<Opened>((resolve, reject) => {
    let refused = false;
    let created = false;
    let dataLoss: string | undefined;
    openDB<Schema>(`lgos/${profile}`, VERSION, {
      upgrade: (db, old, _new, _transaction, event) => {
        if (old > 0) return;
        for (const table of TABLES) db.createObjectStore(table);
        created = true;
        dataLoss = dataLossIn(event);
        const beginning = dataLoss === undefined ? 'new' : 'person';
        // Part of the upgrade, which fails as a whole where this does.
        db.createObjectStore('fence')
          .put(BEGINNINGS[beginning], BEGINNING)
          .catch(() => undefined);
      },
      // Whoever holds it open lets go when told to, once what it writes is written.
      blocked: () => {
        setTimeout(() => {
          refused = true;
          reject(new ProfileUnavailable('A tab with an older version holds this profile open. Close it and reload.'));
        }, BLOCKED_MS);
      },
      // Somebody upgrades or deletes the database: let go at once, or they wait for ever.
      blocking: (_current, _blocked, event) => {
        lose('fenced', 'another tab upgrades or removes this profile');
        (event.target as IDBDatabase).close();
      },
      terminated: () => lose('failed', 'the browser closed the database'),
    }).then(
      (db) => (refused ? db.close() : resolve({ db, created, dataLoss })),
      (fault: unknown) => {
        const reason = fault instanceof Error ? fault.message : String(fault);
        reject(new ProfileUnavailable(`This browser does not open the profile's database: ${reason}`));
      },
    );
  });

const takeFence = async (
  db: IDBPDatabase<Schema>,
): Promise<{ readonly generation: number; readonly beginning: Beginning }> => {
  const transaction = db.transaction('fence', 'readwrite', { durability: 'strict' });
  const [last, began] = await Promise.all([transaction.store.get(GENERATION), transaction.store.get(BEGINNING)]);
  const generation = (last ?? 0) + 1;
  await Promise.all([transaction.store.put(generation, GENERATION), transaction.done]);
  const named = Object.entries(BEGINNINGS).find(([, kept]) => kept === began);
  return { generation, beginning: (named?.[0] as Beginning | undefined) ?? 'settled' };
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
