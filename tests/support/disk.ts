/** What lies on a disk, looked at as somebody would who takes it out: every row of every table, byte by byte. */

import { webCrypto } from '../../src/platform/webcrypto';
import { type Storage, TABLES, type Vault } from '../../src/ports';
import { Journal } from '../../src/vm/journal/journal';
import { EntryLog } from '../../src/vm/journal/log';
import type { LogId, ShardId, SpaceId } from '../../src/vm/op/ids';
import { verifyEntry } from '../../src/vm/op/seal';

/** The bodies of a shard that are whole, in the order in which they came. */
export const bodiesIn = async (storage: Storage, space: string, shard: ShardId): Promise<readonly Uint8Array[]> => {
  const loaded = await new Journal(storage, space as SpaceId).load();
  if (!loaded.ok) throw new Error(loaded.error.message);
  const own = loaded.value.entries.filter(({ header }) => header.shard === shard);
  return own.flatMap(({ body }) => (body.length > 0 ? [body] : []));
};

/** Appends all that is there to logs anew, each signature and each link checked. Gives how many entries, and without body. */
export const chainsOn = async (storage: Storage, space: string): Promise<{ entries: number; stubs: number }> => {
  const loaded = await new Journal(storage, space as SpaceId).load();
  if (!loaded.ok || loaded.value.damaged.length > 0) throw new Error('damaged');
  const logs = new Map<LogId, EntryLog>();
  for (const entry of loaded.value.entries) {
    if (!(await verifyEntry(webCrypto(), entry))) throw new Error(`a signature of ${entry.log}`);
    const log = logs.get(entry.log) ?? new EntryLog(entry.log);
    logs.set(entry.log, log);
    const appended = log.append(entry);
    if (!appended.ok) throw new Error(appended.error.type);
  }
  const { entries } = loaded.value;
  return { entries: entries.length, stubs: entries.filter(({ erasedBy }) => erasedBy !== undefined).length };
};

/** How many of these texts of bytes lie in it somewhere. */
export const foundIn = async (storage: Storage, bodies: readonly Uint8Array[]): Promise<number> => {
  const rows: Buffer[] = [];
  for (const table of TABLES) for (const { value } of await storage.list(table, '')) rows.push(Buffer.from(value));
  return bodies.filter((body) => rows.some((row) => row.includes(Buffer.from(body)))).length;
};

/** The rows and secrets that are named by a space. */
export const rowsOf = async (disk: { storage: Storage; vault: Vault }, space: string): Promise<readonly string[]> => {
  const tables = await Promise.all(TABLES.map((table) => disk.storage.keys(table, '')));
  return [...tables.flat(), ...(await disk.vault.list(''))].filter((key) => key.includes(space));
};
