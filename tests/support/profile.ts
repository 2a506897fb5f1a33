/**
 * A small profile as the version with the first storage format left it (tests/vectors/profile-1.json): a person with a team of
 * two, a channel and a document. And an encoder of that format, which the program itself only reads.
 */
import { concat, utf8 } from '../../src/base/bytes';
import { blob, encode, list, record, u8 } from '../../src/base/codec';
import { hash } from '../../src/base/hash';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Table, Vault, Write } from '../../src/ports';
import { type Entry, encodeEntry, MAX_ENTRY } from '../../src/vm/op/entry';
import recorded from '../vectors/profile-1.json';

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

export const FIRST_PROFILE = recorded.expected;
export const firstRows = (): Write[] =>
  recorded.rows.map(([table, key, value]) => ({
    table: table as Table,
    key: key as string,
    value: bytesOf(value as string),
  }));
export const firstVault = async (): Promise<Vault> => {
  const vault = memoryVault();
  for (const [name, secret] of recorded.secrets) await vault.put(name as string, bytesOf(secret as string));
  return vault;
};

const firstCodec = record({ version: u8, entries: list(blob(MAX_ENTRY), 256) });
/** A segment in the first format. */
export const encodeFirst = (key: string, entries: readonly Entry[]): Uint8Array<ArrayBuffer> => {
  const bytes = encode(firstCodec, { version: 1, entries: entries.map(encodeEntry) });
  return concat(bytes, hash('lgos/segment/1', utf8(`${key}\0`), bytes));
};
