/** The contracts of a locked profile on a real IndexedDB. */
import { openIdbStorage } from '../../src/platform/browser/idb';
import { openIdbVault } from '../../src/platform/browser/vault';
import { openSealedStorage, openSealedVault } from '../../src/platform/sealed';
import { createSealer } from '../../src/platform/sealer';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { storageContract } from '../contract/storage.suite';
import { vaultContract } from '../contract/vault.suite';

const sealer = createSealer(webCrypto(), webRandom(), webRandom().bytes(32));
let profile = '';
storageContract('locked, in a real IndexedDB', {
  open: async () => {
    profile = `sealed-${crypto.randomUUID()}`;
    return openSealedStorage(await openIdbStorage(profile), sealer);
  },
  reopen: async (storage) => {
    await storage.close();
    return openSealedStorage(await openIdbStorage(profile), sealer);
  },
});
vaultContract('locked, in a real IndexedDB', {
  fresh: async () => {
    const name = `sealed-${crypto.randomUUID()}`;
    return async () => openSealedVault(await openIdbVault(name), sealer);
  },
  outlivesHandle: false,
});
