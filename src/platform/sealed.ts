/**
 * The Storage and Vault ports over others of their kind, with everything sealed. A row KEY of a table lies as two rows whose keys
 * tell nothing: `~lock/r/TAG` holds the value, `~lock/n/TAG` the key. All keys are opened once and kept in memory, in order, so
 * that listing by prefix needs no order on the disk. What stays visible: how many rows a table has, and their sizes.
 *
 * [LK3] A row and its name are written in one batch: neither is there without the other.
 * A value that does not open is given as an empty one: every reader checks what it reads, and reports it as damage. A name that does
 * not open stops the opening, for a row that nobody sees is worse than none.
 */

import { concat, fromUtf8, utf8 } from '../base/bytes';
import { firstNot } from '../base/sorted';
import { type Storage, TABLES, type Table, type Vault, type Write } from '../ports';
import { copyWrites } from './rows';
import type { Sealer } from './sealer';

/** All that a locked profile writes begins so, in every table and in the vault; nothing else may. */
export const SEALED = '~lock/';
const ROW = `${SEALED}r/`;
const NAME = `${SEALED}n/`;
const SECRET = `${SEALED}s/`;
/** Rows that are read or opened at once. */
const PAGE = 64;
const NOTHING = new Uint8Array();

/** What is locked here was changed by something else than this program. */
export class SealedDamaged extends Error {}

const rowPlace = (table: Table, key: string): string => `row/${table}/${key}`;
const namePlace = (table: Table, tag: string): string => `name/${table}/${tag}`;

/** The writes that put a row, as they reach the disk. */
export const sealRow = async (
  sealer: Sealer,
  table: Table,
  key: string,
  value: Uint8Array,
  named: boolean,
): Promise<Write[]> => {
  const tag = sealer.tagOf(rowPlace(table, key));
  const row = { table, key: ROW + tag, value: await sealer.seal(rowPlace(table, key), value) };
  if (named) return [row];
  return [row, { table, key: NAME + tag, value: await sealer.seal(namePlace(table, tag), utf8(key)) }];
};
export const removeRow = (sealer: Sealer, table: Table, key: string): Write[] => {
  const tag = sealer.tagOf(rowPlace(table, key));
  return [
    { table, key: ROW + tag },
    { table, key: NAME + tag },
  ];
};
/** `undefined`: it is not there. Empty: it does not open. */
export const readSealed = async (storage: Storage, sealer: Sealer, table: Table, key: string) => {
  const sealed = await storage.read(table, ROW + sealer.tagOf(rowPlace(table, key)));
  return sealed && ((await sealer.open(rowPlace(table, key), sealed)) ?? NOTHING);
};

/** The keys of all sealed rows of a table, in no order. Throws `SealedDamaged`. */
export const sealedKeys = async (storage: Storage, sealer: Sealer, table: Table): Promise<readonly string[]> => {
  const keys: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await storage.list(table, NAME, after, PAGE * 8);
    const names = await Promise.all(
      page.map(({ key, value }) => sealer.open(namePlace(table, key.slice(NAME.length)), value)),
    );
    for (const [i, name] of names.entries()) {
      if (!name) throw new SealedDamaged(`The name of the row ${page[i]?.key} of ${table} does not open`);
      keys.push(fromUtf8(name));
    }
    after = page.at(-1)?.key;
    if (page.length < PAGE * 8) return keys;
  }
};

/** Opens what was sealed with the same key; nothing beside it is seen. Throws `SealedDamaged`. */
export const openSealedStorage = async (inner: Storage, sealer: Sealer): Promise<Storage> => {
  const keys = new Map<Table, Set<string>>();
  for (const table of TABLES) keys.set(table, new Set(await sealedKeys(inner, sealer, table)));
  const sorted = new Map<Table, readonly string[]>();
  const keysOf = (table: Table): Set<string> => keys.get(table) as Set<string>;
  const inOrder = (table: Table): readonly string[] => {
    const known = sorted.get(table) ?? [...keysOf(table)].sort();
    sorted.set(table, known);
    return known;
  };
  /** The write that was handed to the disk last, and the one that finished last. */
  let issued: Promise<unknown> = Promise.resolve();
  let finished: Promise<unknown> = Promise.resolve();
  let underWay = 0;

  const sealBatch = (rows: readonly Write[]): Promise<Write[][]> => {
    // While another write is under way nobody can say which names will be there.
    const sure = underWay === 0;
    return Promise.all(
      rows.map(async ({ table, key, value }) =>
        value ? sealRow(sealer, table, key, value, sure && keysOf(table).has(key)) : removeRow(sealer, table, key),
      ),
    );
  };
  const settle = (rows: readonly Write[]): void => {
    for (const { table, key, value } of rows) {
      const known = keysOf(table);
      if (value ? known.has(key) : !known.has(key)) continue;
      sorted.delete(table);
      if (value) known.add(key);
      else known.delete(key);
    }
  };

  return {
    write: async (writes, durability) => {
      const rows = [...new Map(copyWrites(writes).map((row) => [`${row.table}/${row.key}`, row])).values()];
      const sealing = sealBatch(rows);
      underWay++;
      const turn = issued.then(async () => ({ result: inner.write((await sealing).flat(), durability) }));
      issued = turn.catch(() => undefined);
      const done = turn.then(async ({ result }) => {
        const written = await result;
        if (written.ok) settle(rows);
        return written;
      });
      finished = Promise.all([finished, done.catch(() => undefined)]);
      try {
        return await done;
      } finally {
        underWay--;
      }
    },
    read: async (table, key) => {
      await finished;
      return keysOf(table).has(key) ? readSealed(inner, sealer, table, key) : undefined;
    },
    list: async (table, prefix, after = '', limit = Number.POSITIVE_INFINITY) => {
      await finished;
      const wanted: string[] = [];
      const all = inOrder(table);
      for (let i = firstNotBelow(all, after > prefix ? after : prefix); i < all.length && wanted.length < limit; i++) {
        const key = all[i] as string;
        if (!key.startsWith(prefix)) break;
        if (key > after) wanted.push(key);
      }
      const found: { key: string; value: Uint8Array<ArrayBuffer> }[] = [];
      for (let i = 0; i < wanted.length; i += PAGE) {
        const page = wanted.slice(i, i + PAGE);
        const values = await Promise.all(page.map((key) => readSealed(inner, sealer, table, key)));
        for (const [n, value] of values.entries()) if (value) found.push({ key: page[n] as string, value });
      }
      return found;
    },
    keys: async (table, prefix) => {
      await finished;
      const all = inOrder(table);
      const from = firstNotBelow(all, prefix);
      const end = all.findIndex((key, i) => i >= from && !key.startsWith(prefix));
      return all.slice(from, end < 0 ? undefined : end);
    },
    usage: () => inner.usage(),
    close: () => inner.close(),
  };
};

const firstNotBelow = (sorted: readonly string[], key: string): number => firstNot(sorted, (each) => each < key);

// --- Secrets ---------------------------------------------------------------------------------------------------

const secretPlace = (tag: string): string => `secret/${tag}`;
const tagOfSecret = (sealer: Sealer, name: string): string => sealer.tagOf(`secret/${name}`);

export const sealSecret = async (vault: Vault, sealer: Sealer, name: string, secret: Uint8Array): Promise<void> => {
  const tag = tagOfSecret(sealer, name);
  const named = utf8(name);
  const plain = concat(Uint8Array.of(named.length >> 8, named.length & 0xff), named, secret);
  await vault.put(SECRET + tag, await sealer.seal(secretPlace(tag), plain));
};
export const removeSecret = (vault: Vault, sealer: Sealer, name: string): Promise<void> =>
  vault.remove(SECRET + tagOfSecret(sealer, name));

type Secret = { readonly name: string; readonly secret: Uint8Array<ArrayBuffer> };
const openSecret = async (vault: Vault, sealer: Sealer, kept: string): Promise<Secret | undefined> => {
  const sealed = await vault.get(kept);
  if (!sealed) return undefined;
  const plain = await sealer.open(secretPlace(kept.slice(SECRET.length)), sealed);
  if (!plain) throw new SealedDamaged(`The secret ${kept} does not open`);
  const length = ((plain[0] as number) << 8) | (plain[1] as number);
  return { name: fromUtf8(plain.subarray(2, 2 + length)), secret: plain.slice(2 + length) };
};

/** Each sealed secret with its name. Throws `SealedDamaged`: a secret that is damaged must not look absent. */
export const sealedSecrets = async (vault: Vault, sealer: Sealer): Promise<readonly Secret[]> => {
  const secrets: Secret[] = [];
  for (const kept of await vault.list(SECRET)) {
    const opened = await openSecret(vault, sealer, kept);
    if (opened) secrets.push(opened);
  }
  return secrets;
};

export const openSealedVault = async (inner: Vault, sealer: Sealer): Promise<Vault> => {
  const names = new Set((await sealedSecrets(inner, sealer)).map(({ name }) => name));
  return {
    get: async (name) => (await openSecret(inner, sealer, SECRET + tagOfSecret(sealer, name)))?.secret,
    put: async (name, secret) => {
      await sealSecret(inner, sealer, name, new Uint8Array(secret));
      names.add(name);
    },
    list: async (prefix) => [...names].filter((name) => name.startsWith(prefix)).sort(),
    remove: async (name) => {
      await removeSecret(inner, sealer, name);
      names.delete(name);
    },
  };
};
