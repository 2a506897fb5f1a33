/** A profile that the version with the first storage format left opens whole, in clear and under a lock. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { sealProfile } from '../../../src/platform/resealing';
import { openSealedStorage, openSealedVault } from '../../../src/platform/sealed';
import { createSealer } from '../../../src/platform/sealer';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';
import type { Storage, Vault } from '../../../src/ports';
import { Journal } from '../../../src/vm/journal/journal';
import type { SpaceId } from '../../../src/vm/op/ids';
import { createFleet, until } from '../../support/fleet';
import { FIRST_PROFILE, firstRows, firstVault } from '../../support/profile';

const { space, channelId, documentId, messages, text } = FIRST_PROFILE;
let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(() => fleet?.stop());

const isWhole = async (kernel: KernelApi): Promise<void> => {
  const rows = (await kernel.query('chat.messages', { channelId, limit: 100 })) as readonly MessageRow[];
  expect(rows.map((row) => row.text).sort()).toEqual(messages);
  expect(await kernel.documentText(documentId)).toBe(text);
};
const isMoved = async (storage: Storage): Promise<boolean> => {
  const journal = new Journal(storage, space as SpaceId);
  return (await journal.load()).ok && !journal.needsFold;
};
/** Opened twice: as it was left, and moved over. */
const opensTwice = async (storage: Storage, vault: Vault): Promise<void> => {
  fleet = await createFleet(5);
  expect(await isMoved(storage)).toBe(false);
  const first = await fleet.tab('a', { storage, vault, beacon: false });
  await isWhole(first);
  await until(() => isMoved(storage), 'moved over');
  const { id } = (await first.run('chat.createChannel', { spaceId: space, title: 'new' })) as { id: string };
  await first.stop();
  const second = await fleet.tab('a', { storage, vault, beacon: false });
  await isWhole(second);
  expect(await second.query('chat.messages', { channelId: id, limit: 1 })).toEqual([]);
  expect((await second.stats()).journalDamaged).toBeUndefined();
};

test('a profile of the version before opens whole, and again once it has gone over', async () => {
  const storage = memoryStorage();
  await storage.write(firstRows(), 'strict');
  await opensTwice(storage, await firstVault());
});

test('a profile of the version before under a lock opens whole, and no row of it lies in clear', async () => {
  const inner = memoryStorage();
  await inner.write(firstRows(), 'strict');
  const innerVault = await firstVault();
  const sealer = createSealer(webCrypto(), webRandom(), new Uint8Array(32).fill(7));
  await sealProfile({ storage: inner, vault: innerVault }, sealer, () => {});
  await opensTwice(await openSealedStorage(inner, sealer), await openSealedVault(innerVault, sealer));
  for (const { key } of await inner.list('journal', '')) expect(key).toMatch(/^~lock\//);
});
