/** A locked profile keeps the contracts of Storage and Vault, on every medium that runs in Node. */
import 'fake-indexeddb/auto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { openIdbStorage } from '../../src/platform/browser/idb';
import { openIdbVault } from '../../src/platform/browser/vault';
import { faultyStorage } from '../../src/platform/memory/faulty';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { openLmdbStorage } from '../../src/platform/node/lmdb';
import { openSealedStorage, openSealedVault } from '../../src/platform/sealed';
import { createSealer } from '../../src/platform/sealer';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { storageContract } from './storage.suite';
import { vaultContract } from './vault.suite';

const sealer = createSealer(webCrypto(), webRandom(), webRandom().bytes(32));
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

storageContract('locked, in memory', { open: () => openSealedStorage(memoryStorage(), sealer) });

let disk = faultyStorage(seededRandom(1));
storageContract('locked, on the faulty disk', {
  open: () => {
    disk = faultyStorage(seededRandom(1));
    return openSealedStorage(disk.open(), sealer);
  },
  reopen: () => openSealedStorage(disk.open(), sealer),
});

let profile = '';
storageContract('locked, in IndexedDB', {
  open: async () => {
    profile = `sealed-${crypto.randomUUID()}`;
    return openSealedStorage(await openIdbStorage(profile), sealer);
  },
  reopen: async (storage) => {
    await storage.close();
    return openSealedStorage(await openIdbStorage(profile), sealer);
  },
});

let folder = '';
storageContract('locked, in LMDB', {
  open: async () => {
    folder = await mkdtemp(join(tmpdir(), 'lgos-sealed-'));
    folders.push(folder);
    return openSealedStorage(await openLmdbStorage(folder), sealer);
  },
  reopen: async (storage) => {
    await storage.close();
    return openSealedStorage(await openLmdbStorage(folder), sealer);
  },
});

vaultContract('locked, in memory', {
  fresh: async () => {
    const inner = memoryVault();
    const vault = await openSealedVault(inner, sealer);
    return async () => vault;
  },
  outlivesHandle: true,
});
vaultContract('locked, in IndexedDB', {
  fresh: async () => {
    const name = `sealed-${crypto.randomUUID()}`;
    return async () => openSealedVault(await openIdbVault(name), sealer);
  },
  outlivesHandle: false,
});
