import { afterEach, expect, test } from 'vitest';
import type { DeviceRow, KernelApi, LinkingAnswer, PhraseAnswer, RecoveryAnswer } from '../../../src/bridge/messages';
import { receiptsOf } from '../../../src/os/kernel/receipts';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { SpaceId } from '../../../src/vm/op/ids';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const recovery = async (kernel: KernelApi): Promise<RecoveryAnswer> =>
  (await kernel.query('os.recovery', {})) as RecoveryAnswer;
const linking = async (kernel: KernelApi): Promise<LinkingAnswer> =>
  (await kernel.query('os.linking', {})) as LinkingAnswer;
const devices = async (kernel: KernelApi): Promise<readonly DeviceRow[]> =>
  (await kernel.query('os.devices', {})) as readonly DeviceRow[];
const phrase = async (kernel: KernelApi): Promise<string> =>
  ((await kernel.query('os.recoveryPhrase', {})) as NonNullable<PhraseAnswer>).words.join(' ');
const titles = async (kernel: KernelApi): Promise<readonly string[]> =>
  (await kernel.spaces()).map(({ title }) => title).sort();

/** A second device in a clean browser, linked to `old` by its code; its kernel was started anew. */
const linkTo = async (old: KernelApi, name: string, storage = memoryStorage()): Promise<KernelApi> => {
  const profile = { vault: memoryVault(), storage, direct: false };
  const clean = await fleet.tab(`clean ${name}`, profile);
  await old.run('os.offerLinking', {});
  await clean.run('os.linkDevice', { code: (await linking(old)).code });
  for (const kernel of [old, clean]) await until(async () => (await linking(kernel)).step === 'comparing', 'digits');
  const [ours, theirs] = await Promise.all([linking(old), linking(clean)]);
  expect(ours.digits).toMatch(/^\d{6}$/);
  expect(theirs.digits).toBe(ours.digits);
  await clean.run('os.confirmLinking', { same: true });
  expect((await recovery(clean)).restart).toBe(false);
  await old.run('os.confirmLinking', { same: true });
  await until(async () => (await linking(clean)).step === 'done', 'linked');
  await until(async () => (await linking(old)).step === 'done', 'linked, the old one too');
  expect((await recovery(clean)).restart).toBe(true);
  await clean.stop();
  return fleet.tab(name, profile);
};

test('[ID5] the recovery phrase alone brings a person back in a clean browser: spaces, drafts, name', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { userId, deviceId } = await a.me();
  await a.setName('Anna');
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: documentId } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
  await a.insertText(documentId as string, 0, 'Not lost');
  await a.run('os.saveDraft', { key: 'x', text: 'half a thought' });
  expect((await recovery(a)).saved).toBe(false);
  await a.run('os.keyFileSaved', {});
  const home = (await a.query('os.me', {})) as { personalSpace: string };
  await until(async () => (await recovery(a)).known === 1, 'listed');
  for (const id of [space, home.personalSpace]) await until(async () => (await a.durability(id)).safe, 'safe');
  const words = await phrase(a);
  await a.stop();

  const profile = { vault: memoryVault(), storage: memoryStorage(), direct: false };
  const clean = await fleet.tab('clean', profile);
  await expect(clean.run('os.recover', { phrase: 'one two three' })).rejects.toMatchObject({ type: 'badPhrase' });
  await clean.run('os.recover', { phrase: words });
  expect((await recovery(clean)).restart).toBe(true);
  await clean.stop();

  const restored = await fleet.tab('restored', profile);
  expect((await restored.me()).userId).toBe(userId);
  expect((await restored.me()).deviceId).not.toBe(deviceId);
  await until(async () => (await restored.documentText(documentId as string)) === 'Not lost', 'document');
  expect(await titles(restored)).toEqual(['Personal', 'Team']);
  await until(async () => (await restored.me()).name === 'Anna', 'name');
  expect(await restored.query('os.draft', { key: 'x' })).toBe('half a thought');
  await until(async () => (await recovery(restored)).saved, 'the saved key file is known everywhere');
  expect(await recovery(restored)).toMatchObject({ way: 'phrase', home: true, known: 1, here: 1, restart: false });
  await restored.insertText(documentId as string, 8, ', found');
  await until(async () => (await restored.durability(space)).beacons === 1, 'receipts for what the new device wrote');
  await until(async () => (await devices(restored)).length === 2, 'both devices, and no founder');
  await expect(restored.run('os.recover', { phrase: words })).rejects.toMatchObject({ type: 'alreadyYou' });
});

test('[LI2] [LI3] a linked device is the person, without the root, and finds the spaces by itself', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  await a.run('chat.send', { channelId, text: 'from the first device' });
  await until(async () => (await recovery(a)).known === 1, 'listed');
  const b = await linkTo(a, 'b');
  expect((await b.me()).userId).toBe((await a.me()).userId);
  await until(async () => (await titles(b)).join() === 'Personal,Team', 'spaces');
  await until(async () => (await b.stateHash(space)) === (await a.stateHash(space)), 'content');
  await b.run('chat.send', { channelId, text: 'from the second' });
  await converged([a, b], space);
  expect(await recovery(b)).toMatchObject({ way: 'none', home: true });
  expect(await b.query('os.recoveryPhrase', {})).toBeNull();
  await expect(b.exportKeys('correct horse')).rejects.toMatchObject({ type: 'noRoot' });
  await expect(b.run('os.offerLinking', {})).rejects.toMatchObject({ type: 'noRoot' });
  await expect(b.run('os.revokeDevice', { deviceId: (await a.me()).deviceId })).rejects.toMatchObject({
    type: 'noRoot',
  });
  // A space that one device enters is on the other one by itself.
  const { id: later } = await b.createSpace({ title: 'Later', kind: 'team' });
  await until(async () => (await titles(a)).includes('Later'), 'the space of the other device');
  await converged([a, b], later);
  await until(async () => (await devices(a)).length === 2, 'two devices');
  await a.run('os.renameDevice', { deviceId: (await b.me()).deviceId, name: 'Phone' });
  await until(async () => (await devices(b)).find(({ you }) => you)?.name === 'Phone', 'the name');
});

test('[SY2] a space that is named while its journal is read here is gone into when that is done, and nothing is lost', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  await until(async () => (await recovery(a)).known === 1, 'listed');
  await until(async () => (await a.durability(space)).beacons === 1, 'hosted');
  const disk = memoryStorage();
  let reads = false;
  let go = (): void => {};
  const gate = new Promise<void>((done) => {
    go = done;
  });
  const b = await linkTo(a, 'b', {
    ...disk,
    list: async (table, prefix, ...rest) => {
      if (prefix === receiptsOf(space as SpaceId)) {
        reads = true;
        await gate;
      }
      return disk.list(table, prefix, ...rest);
    },
  });
  await until(() => reads, 'the space is being read');
  const linked = async (count: number): Promise<unknown> =>
    until(async () => (await b.peers()).length === count, `${count} links`);
  await linked(1);
  await b.setOnline(false);
  await linked(0);
  // On the new link the beacon names the space.
  await b.setOnline(true);
  await linked(1);
  await a.run('os.saveDraft', { key: 'later', text: 'has come' });
  await until(async () => (await b.query('os.draft', { key: 'later' })) === 'has come', 'what the beacon said after');
  go();
  await until(async () => (await titles(b)).join() === 'Personal,Team', 'spaces');
  await converged([a, b], space);
  await until(async () => (await b.durability(space)).beacons === 1, 'its own word of itself is kept');
});

test('[LI4] a person who sees other digits ends the code, and nothing has passed', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const b = await fleet.tab('b', { direct: false });
  const { userId } = await b.me();
  await a.run('os.offerLinking', {});
  const { code } = await linking(a);
  await b.run('os.linkDevice', { code: (code as string).toLowerCase().replaceAll('-', ' ') });
  for (const kernel of [a, b]) await until(async () => (await linking(kernel)).step === 'comparing', 'digits');
  await b.run('os.confirmLinking', { same: false });
  await until(async () => (await linking(a)).step === 'failed', 'over');
  expect(await linking(a)).toMatchObject({ reason: 'differ' });
  await a.run('os.confirmLinking', { same: true });
  expect((await recovery(b)).restart).toBe(false);
  expect((await b.me()).userId).toBe(userId);
  await expect(b.run('os.linkDevice', { code: 'ABCD' })).rejects.toMatchObject({ type: 'badCode' });
});

test('[DE2] a device that was taken away is told, writes nothing that counts, and reads nothing new', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  await until(async () => (await recovery(a)).known === 1, 'listed');
  const b = await linkTo(a, 'b');
  const c = await linkTo(a, 'c');
  const thief = (await b.me()).deviceId;
  for (const kernel of [b, c]) await until(async () => (await titles(kernel)).includes('Team'), 'spaces');
  await b.run('chat.send', { channelId, text: 'before' });
  await converged([a, b, c], space);
  await until(async () => (await devices(a)).filter(({ name }) => name !== undefined).length === 3, 'three devices');
  await a.run('os.revokeDevice', { deviceId: thief });
  await until(async () => (await recovery(b)).removed, 'told');
  await expect(b.run('chat.send', { channelId, text: 'stolen words' })).rejects.toMatchObject({ type: 'notSaved' });
  await a.run('chat.send', { channelId, text: 'a secret' });
  // The device that stays goes on with the new keys.
  await until(
    async () => JSON.stringify(await c.query('chat.messages', { channelId })).includes('a secret'),
    'c reads',
  );
  await c.run('chat.send', { channelId, text: 'still here' });
  await converged([a, c], space);
  expect(JSON.stringify(await b.query('chat.messages', { channelId }))).not.toContain('a secret');
  const said = JSON.stringify(await a.query('chat.messages', { channelId }));
  expect(said).toContain('before');
  expect((await devices(a)).find(({ id }) => id === thief)?.revoked).toBe(true);
  // A device restored from the phrase goes on with the last generation of the keyring.
  const words = await phrase(a);
  const profile = { vault: memoryVault(), storage: memoryStorage(), direct: false };
  const clean = await fleet.tab('clean', profile);
  await clean.run('os.recover', { phrase: words });
  await clean.stop();
  const restored = await fleet.tab('restored', profile);
  await until(
    async () => JSON.stringify(await restored.query('chat.messages', { channelId })).includes('still here'),
    'the restored device reads what was said after',
  );
});

test('what a linked device writes the moment it sees a space is kept, though the space has yet to hear of the device', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  const written = new Promise<void>((done, fail) => {
    void linkTo(a, 'b').then((b) => {
      let began = false;
      const stop = b.watch('chat.channels', { spaceId: space }, (rows) => {
        if (began || !(rows as readonly { id: string }[]).some(({ id }) => id === channelId)) return;
        began = true;
        stop();
        b.run('chat.send', { channelId, text: 'at once' }).then(() => done(), fail);
      });
    }, fail);
  });
  await written;
  await until(
    async () => JSON.stringify(await a.query('chat.messages', { channelId })).includes('at once'),
    'it is heard',
  );
});

test('a picture is bounded, kept in the profile of each space, and taken away again', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const b = await fleet.tab('b', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { url } = await a.invite(space, { role: 'member' });
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  await b.join(url, { timeoutMs: 30_000 });
  const seen = async () => (await b.query('os.pictures', { spaceId: space })) as readonly { picture: string }[];
  const picture = `data:image/webp;base64,${'A'.repeat(64)}`;
  for (const bad of [
    'https://elsewhere.example/x.png',
    'data:image/svg+xml;base64,AAAAAAAAAAAAAAAAAAAA',
    `${picture}"`,
  ])
    await expect(a.run('os.setPicture', { picture: bad })).rejects.toMatchObject({ type: 'badPicture' });
  await expect(a.run('os.setPicture', { picture: picture + 'A'.repeat(12_000) })).rejects.toBeTruthy();
  await a.run('os.setPicture', { picture });
  await until(async () => (await seen()).map((row) => row.picture).join() === picture, 'seen by the other');
  await a.run('os.setPicture', { picture: '' });
  await until(async () => (await seen()).length === 0, 'gone');
});
