/** What IndexedDB adds to the Storage and Vault contracts: the fence, and secrets under a key that is not handed out. */
import { describe, expect, it, vi } from 'vitest';
import { openIdbStorage, ProfileUnavailable } from '../../src/platform/browser/idb';
import { openIdbVault } from '../../src/platform/browser/vault';
import { type Storage, TABLES } from '../../src/ports';
import { storageContract } from './storage.suite';
import { vaultContract } from './vault.suite';

const row = (key: string, byte: number) => ({ table: 'journal' as const, key, value: Uint8Array.of(byte) });
const freshProfile = () => `test-${globalThis.crypto.randomUUID()}`;

const openRaw = (name: string): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export const idbSuites = (): void => {
  let profile = '';
  storageContract('IndexedDB', {
    open: () => {
      profile = freshProfile();
      return openIdbStorage(profile);
    },
    reopen: async (storage: Storage) => {
      await storage.close();
      return openIdbStorage(profile);
    },
  });
  vaultContract('IndexedDB', {
    fresh: async () => {
      const name = freshProfile();
      return () => openIdbVault(name);
    },
    outlivesHandle: true,
  });

  describe('IndexedDB fence', () => {
    it('fences the former leader for good once another one has opened the profile', async () => {
      const name = freshProfile();
      const former = await openIdbStorage(name);
      expect((await former.write([row('a', 1)], 'strict')).ok).toBe(true);
      const leader = await openIdbStorage(name);
      for (const durability of ['strict', 'relaxed'] as const) {
        expect(await former.write([row('a', 2), row('b', 2)], durability)).toMatchObject({
          ok: false,
          error: { type: 'fenced' },
        });
      }
      expect((await leader.write([row('c', 3)], 'strict')).ok).toBe(true);
      expect((await leader.list('journal', '')).map(({ key, value }) => [key, value[0]])).toEqual([
        ['a', 1],
        ['c', 3],
      ]);
      await Promise.all([former.close(), leader.close()]);
    });

    it('lets no write through after the take-over, whatever the moment of it', async () => {
      const name = freshProfile();
      const former = await openIdbStorage(name);
      const results = Array.from({ length: 30 }, (_, i) =>
        former.write([row(`a${String(i).padStart(2, '0')}`, i)], 'relaxed'),
      );
      const leader = await openIdbStorage(name);
      const seen = await leader.list('journal', '');
      const accepted = (await Promise.all(results)).filter((result) => result.ok).length;
      expect((await former.write([row('z', 0)], 'strict')).ok).toBe(false);
      expect(await leader.list('journal', '')).toEqual(seen);
      expect(seen).toHaveLength(accepted);
      await Promise.all([former.close(), leader.close()]);
    });

    it('opens a database of version 1 with all that is in it, and one of a later version not at all', async () => {
      const name = freshProfile();
      const request = indexedDB.open(`lgos/${name}`, 1);
      request.onupgradeneeded = () => {
        for (const store of [...TABLES, 'fence']) request.result.createObjectStore(store);
      };
      const before = await settled(request);
      const filling = before.transaction(['journal', 'fence'], 'readwrite');
      filling.objectStore('journal').put(Uint8Array.of(1), 'a');
      filling.objectStore('fence').put(7, 'generation');
      await new Promise((done) => {
        filling.oncomplete = done;
      });
      before.close();
      const storage = await openIdbStorage(name);
      expect([storage.created, storage.beginning]).toEqual([false, 'settled']);
      expect(await storage.list('journal', '')).toEqual([{ key: 'a', value: Uint8Array.of(1) }]);
      expect((await storage.write([row('b', 2)], 'strict')).ok).toBe(true);
      await storage.close();
      const later = indexedDB.open(`lgos/${name}`, 3);
      (await settled(later)).close();
      await expect(openIdbStorage(name)).rejects.toBeInstanceOf(ProfileUnavailable);
    });

    it('lets go of the database when somebody deletes it, and writes nothing more', async () => {
      const name = freshProfile();
      const storage = await openIdbStorage(name);
      await settled(indexedDB.deleteDatabase(`lgos/${name}`));
      expect(await storage.write([row('a', 1)], 'strict')).toMatchObject({ ok: false, error: { type: 'fenced' } });
    });

    it('answers a full disk with `full` and writes none of the batch', async () => {
      const storage = await openIdbStorage(freshProfile());
      const real = IDBObjectStore.prototype.put;
      const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
        this: IDBObjectStore,
        value,
        key,
      ) {
        if (key === 'b') throw new DOMException('no room', 'QuotaExceededError');
        return real.call(this, value, key);
      });
      expect(await storage.write([row('a', 1), row('b', 1)], 'strict')).toMatchObject({
        ok: false,
        error: { type: 'full' },
      });
      spy.mockRestore();
      expect(await storage.list('journal', '')).toEqual([]);
      expect((await storage.write([row('b', 1)], 'strict')).ok).toBe(true);
      await storage.close();
    });
  });

  describe('IndexedDB vault', () => {
    it('stores no secret in clear and a wrapping key that cannot be exported', async () => {
      const name = freshProfile();
      const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
      await (await openIdbVault(name)).put('device', secret);
      const db = await openRaw(`lgos/${name}/vault`);
      const transaction = db.transaction(['key', 'secret']);
      const stored = await settled<Uint8Array>(transaction.objectStore('secret').get('device'));
      const key = await settled<CryptoKey>(transaction.objectStore('key').get('wrapping'));
      db.close();
      expect([...stored].join()).not.toContain([...secret].join());
      expect(key.extractable).toBe(false);
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
    });

    it('throws for a secret that was damaged or moved to another name, and does not call it absent', async () => {
      const name = freshProfile();
      const vault = await openIdbVault(name);
      await vault.put('a', Uint8Array.of(1, 2, 3));
      const db = await openRaw(`lgos/${name}/vault`);
      const sealed = await settled<Uint8Array>(db.transaction('secret').objectStore('secret').get('a'));
      const store = db.transaction('secret', 'readwrite').objectStore('secret');
      await settled(store.put(sealed, 'b'));
      sealed[sealed.length - 1] = (sealed[sealed.length - 1] as number) ^ 1;
      await settled(store.put(sealed, 'a'));
      db.close();
      await expect(vault.get('a')).rejects.toThrow(/damaged/);
      await expect(vault.get('b')).rejects.toThrow(/damaged/);
    });
  });
};
