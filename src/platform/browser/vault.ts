/**
 * The Vault port in IndexedDB: each secret under AES-256-GCM, its name bound to it, with a key that the browser keeps
 * and does not hand out. It keeps secrets out of a page's dumps and exports, not from someone who copies the
 * browser's profile directory: the key lies there too.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { concat, utf8 } from '../../base/bytes';
import type { Vault } from '../../ports';
import { dataLossIn, type VaultFound } from './loss';

interface Schema extends DBSchema {
  key: { key: string; value: CryptoKey };
  secret: { key: string; value: Uint8Array };
}
const WRAPPING = 'wrapping';
const NONCE = 12;
const STRICT = { durability: 'strict' } as const;

export type IdbVault = Vault & { readonly found: VaultFound };

/** A secret that does not open (another key, damaged, moved from another name) throws: it must not look absent. */
export const openIdbVault = async (profile: string): Promise<IdbVault> => {
  let found: VaultFound = 'kept';
  const db = await openDB<Schema>(`lgos/${profile}/vault`, 1, {
    upgrade: (fresh, _old, _new, _transaction, event) => {
      fresh.createObjectStore('key');
      fresh.createObjectStore('secret');
      found = dataLossIn(event) === undefined ? 'new' : 'lost';
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  const key = await wrappingKeyOf(db);
  const gcm = (name: string, iv: Uint8Array<ArrayBuffer>) => ({ name: 'AES-GCM', iv, additionalData: utf8(name) });
  const { subtle } = globalThis.crypto;

  return {
    found,
    get: async (name) => {
      const sealed = (await db.get('secret', name)) as Uint8Array<ArrayBuffer> | undefined;
      if (!sealed) return undefined;
      try {
        return new Uint8Array(await subtle.decrypt(gcm(name, sealed.slice(0, NONCE)), key, sealed.slice(NONCE)));
      } catch (fault) {
        throw new Error(`The secret ${name} of this profile is damaged`, { cause: fault });
      }
    },
    put: async (name, secret) => {
      const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE));
      const sealed = new Uint8Array(await subtle.encrypt(gcm(name, nonce), key, new Uint8Array(secret)));
      const transaction = db.transaction('secret', 'readwrite', STRICT);
      await Promise.all([transaction.store.put(concat(nonce, sealed), name), transaction.done]);
    },
    list: async (prefix) => (await db.getAllKeys('secret')).filter((name) => name.startsWith(prefix)),
    remove: async (name) => {
      const transaction = db.transaction('secret', 'readwrite', STRICT);
      await Promise.all([transaction.store.delete(name), transaction.done]);
    },
  };
};

/** Two tabs may open a new vault at once: the first key that is stored is the one both use. */
const wrappingKeyOf = async (db: IDBPDatabase<Schema>): Promise<CryptoKey> => {
  const kept = await db.get('key', WRAPPING);
  if (kept) return kept;
  const made = await globalThis.crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
  const transaction = db.transaction('key', 'readwrite', STRICT);
  const first = await transaction.store.get(WRAPPING);
  if (!first) await transaction.store.put(made, WRAPPING);
  await transaction.done;
  return first ?? made;
};
