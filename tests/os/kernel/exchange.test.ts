/** A space leaves as a file and comes back from it, over real kernels that are linked to nobody. */
import { zipSync } from 'fflate';
import { afterEach, describe, expect, test } from 'vitest';
import type { KernelClient } from '../../../src/bridge/client';
import type { KernelApi } from '../../../src/bridge/messages';
import { systemClock } from '../../../src/platform/clock';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { Clock, Storage } from '../../../src/ports';
import { readableFiles } from '../../../src/view/exchange/readable';
import { BundleWriter, JOURNAL_FILE, readBundle } from '../../../src/vm/journal/bundle';
import { decodeEntry } from '../../../src/vm/op/entry';
import { rowsOf } from '../../support/disk';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

/** Alone: no beacon, no signaling, nobody. */
const alone = async (name: string, options: Parameters<typeof fleet.tab>[1] = {}): Promise<KernelApi> => {
  const kernel = await fleet.tab(name, { beacon: false, direct: false, ...options });
  await kernel.setOnline(false);
  return kernel;
};
/** A space with something of everything: texts, a large paste, removed, erased, several people's work. */
const furnished = async (owner: KernelApi): Promise<string> => {
  const { id } = await owner.createSpace({ title: 'Harbour', kind: 'team' });
  const { id: channelId } = await owner.run('chat.createChannel', { spaceId: id, title: 'general' });
  const { id: first } = await owner.run('chat.send', { channelId, text: 'wait twenty minutes' });
  const { id: second } = await owner.run('chat.send', { channelId, text: 'forget this' });
  await owner.run('chat.send', { channelId, text: 'an answer', replyTo: first });
  await owner.run('os.erase', { objectId: second });
  const { id: documentId } = await owner.run('editor.createDocument', { spaceId: id, title: 'План' });
  await owner.insertText(documentId as string, 0, 'The boat waits at the quay\n'.repeat(700));
  await owner.run('editor.createFolder', { spaceId: id, title: 'x'.repeat(200) });
  await owner.run('editor.remove', { documentId: (await owner.run('editor.createDocument', { spaceId: id })).id });
  return id;
};
const spacesOf = async (kernel: KernelApi): Promise<readonly string[]> =>
  (await kernel.spaces()).map(({ title, role }) => `${title} ${role}`).sort();
const refusalOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (refusal: { type: string }) => refusal.type,
  );

describe('a bundle', () => {
  test('[EX1] brings a space into an empty network with the state that it had, to be read and kept', async () => {
    fleet = await createFleet(1);
    const owner = await alone('owner');
    const id = await furnished(owner);
    const before = await owner.stateHash(id);
    const profile = { storage: memoryStorage(), vault: memoryVault() };
    const other = await alone('other', profile);
    const imported = await other.importBundle(await owner.exportSpace(id));
    expect(imported).toMatchObject({ id, stateHash: before, isNew: true, refused: 0 });
    expect(await other.stateHash(id)).toBe(before);
    expect(await spacesOf(other)).toEqual(['Harbour none', 'Personal owner']);
    const [channel] = (await other.query('chat.channels', { spaceId: id })) as { id: string }[];
    expect(await refusalOf(other.run('chat.send', { channelId: channel?.id, text: 'no' }))).toBe('notAllowed');
    expect(await other.query('start.steps', {})).toMatchObject({ met: false, wrote: false });
    await other.setName('Somebody else');
    await other.stop();
    const again = await alone('other', profile);
    expect(await again.stateHash(id)).toBe(before);
    expect(await spacesOf(again)).toEqual(['Harbour none', 'Personal owner']);
    await again.run('os.removeArchive', { spaceId: id });
    expect(await spacesOf(again)).toEqual(['Personal owner']);
    expect((await profile.storage.list('journal', `${id}/`)).length).toBe(0);
    expect(await profile.vault.list(`epoch/${id}`)).toEqual([]);
  });

  test('brings whoever is in the space back to work, without any key in it', async () => {
    fleet = await createFleet(2);
    const owner = await alone('owner');
    const id = await furnished(owner);
    const before = await owner.stateHash(id);
    const { words } = (await owner.query('os.recoveryPhrase', {})) as { words: readonly string[] };
    const home = (await owner.spaces()).find(({ kind }) => kind === 'personal')?.id as string;
    const files = [await owner.exportSpace(home, { keys: 'none' }), await owner.exportSpace(id, { keys: 'none' })];
    await owner.stop();
    const profile = { storage: memoryStorage(), vault: memoryVault() };
    const clean = await alone('clean', profile);
    await clean.run('os.recover', { phrase: words.join(' ') });
    await clean.stop();
    const back = await alone('back', profile);
    for (const file of files) await back.importBundle(file);
    await until(async () => (await spacesOf(back)).join() === 'Harbour owner,Personal owner', 'the spaces');
    expect(
      await back.documentText(
        ((await back.query('editor.documents', { spaceId: id })) as { id: string }[])[0]?.id ?? '',
      ),
    ).toContain('The boat');
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    await until(
      async () => (await refusalOf(back.run('chat.createChannel', { spaceId: id, title: 'after' }))) === 'none',
      'writing again',
    );
  });

  test('[EX3] its keys open with the passphrase alone, and without keys it is nothing to a stranger', async () => {
    fleet = await createFleet(3);
    const owner = await alone('owner');
    const id = await furnished(owner);
    const storage = memoryStorage();
    const other = await alone('other', { storage });
    const sealed = await owner.exportSpace(id, { passphrase: 'correct horse' });
    expect(await refusalOf(other.importBundle(sealed))).toBe('needsPassphrase');
    expect(await refusalOf(other.importBundle(sealed, { passphrase: 'wrong' }))).toBe('wrongPassphrase');
    expect(await refusalOf(other.importBundle(await owner.exportSpace(id, { keys: 'none' })))).toBe('noKey');
    expect((await storage.list('journal', `${id}/`)).length).toBe(0);
    const { stateHash } = await other.importBundle(sealed, { passphrase: 'correct horse' });
    expect(stateHash).toBe(await owner.stateHash(id));
    expect(await refusalOf(owner.exportSpace(id, { passphrase: '' }))).toBe('badArguments');
  });

  test('carries changes between two members who are never linked, both ways, through the same door', async () => {
    fleet = await createFleet(4);
    const ada = await fleet.tab('ada');
    const bert = await fleet.tab('bert');
    const { id } = await ada.createSpace({ title: 'Team', kind: 'team' });
    const { id: channelId } = await ada.run('chat.createChannel', { spaceId: id, title: 'general' });
    await bert.join((await ada.invite(id, { role: 'member' })).url);
    await until(async () => ((await bert.query('chat.channels', { spaceId: id })) as unknown[]).length === 1);
    await until(async () => (await ada.stateHash(id)) === (await bert.stateHash(id)), 'the same');
    for (const kernel of [ada, bert]) await kernel.setOnline(false);
    await ada.run('chat.send', { channelId, text: 'from Ada' });
    await bert.run('chat.send', { channelId, text: 'from Bert' });
    const textsOf = async (kernel: KernelApi): Promise<readonly string[]> =>
      ((await kernel.query('chat.messages', { channelId })) as { text: string }[]).map(({ text }) => text).sort();
    expect(await bert.importBundle(await ada.exportSpace(id, { keys: 'none' }))).toMatchObject({
      refused: 0,
      isNew: false,
    });
    expect(await textsOf(bert)).toEqual(['from Ada', 'from Bert']);
    const journal = await bert.exportSpace(id, { keys: 'none' });
    const zip = zipSync({ 'chat/general.md': new Uint8Array(9), [JOURNAL_FILE]: [journal, { level: 0 }] });
    expect((await ada.importBundle(zip)).added).toBeGreaterThan(0);
    expect(await textsOf(ada)).toEqual(['from Ada', 'from Bert']);
    // What a node does by itself meanwhile, it does.
    await until(async () => {
      await bert.importBundle(await ada.exportSpace(id));
      return (await ada.importBundle(await bert.exportSpace(id))).added === 0;
    }, 'nothing new');
    expect(await ada.stateHash(id)).toBe(await bert.stateHash(id));
  });

  test('[EX2] nothing is kept of a file that was cut, forged, made of two spaces, or lacks something', async () => {
    fleet = await createFleet(5);
    const owner = await alone('owner');
    const id = await furnished(owner);
    const { id: foreign } = await owner.createSpace({ title: 'Another', kind: 'team' });
    const storage = memoryStorage();
    const other = await alone('other', { storage });
    const good = await owner.exportSpace(id);
    const bundle = readBundle(good);
    const second = readBundle(await owner.exportSpace(foreign));
    if (!bundle.ok || !second.ok) throw new Error('not read');
    const entries = [...bundle.value.sections()].flatMap((each) => (each.kind === 'entries' ? each.entries : []));
    const others = [...second.value.sections()].flatMap((each) => (each.kind === 'entries' ? each.entries : []));
    const made = (all: readonly Uint8Array[]): Uint8Array => {
      const writer = new BundleWriter(bundle.value.space, bundle.value.keys);
      for (const entry of all) writer.entry(new Uint8Array(entry));
      return writer.finish();
    };
    const forged = entries.map((entry, i) => {
      const decoded = decodeEntry(entry);
      if (i !== entries.length - 1 || !decoded.ok) return entry;
      const changed = new Uint8Array(entry);
      const at = entry.length - decoded.value.body.length - 10;
      changed[at] = (changed[at] as number) ^ 1;
      return changed;
    });
    const files: readonly (readonly [string, Uint8Array])[] = [
      ['cut', good.subarray(0, good.length - 1)],
      ['cut', good.subarray(0, good.length >> 1)],
      ['notOne', new Uint8Array(1_000)],
      ['notOne', new Uint8Array()],
      // What lies compressed may grow without end.
      ['notOne', zipSync({ [JOURNAL_FILE]: new Uint8Array(5_000_000) })],
      ['notOne', zipSync({ [`../${JOURNAL_FILE}`]: [good, { level: 0 }] })],
      ['notSound', made(forged)],
      ['notSound', made([...entries, ...others])],
      ['notSound', made(entries.filter((_, i) => i !== 5))],
      ['notSound', made([...entries, new Uint8Array(300)])],
      ['notSound', made([])],
    ];
    for (const [why, file] of files) expect(await refusalOf(other.importBundle(file)), why).toBe(why);
    expect(await refusalOf(other.importBundle('no bytes' as never))).toBe('notOne');
    expect((await storage.list('journal', `${id}/`)).length).toBe(0);
    expect((await storage.list('space', `blob/${id}`)).length).toBe(0);
    expect(await spacesOf(other)).toEqual(['Personal owner']);
    expect((await other.importBundle(made(entries))).added).toBe(entries.length);
  });

  test('files go along, in the bundle and beside the texts; so do threads, and names are safe', async () => {
    fleet = await createFleet(7);
    const owner = await alone('owner');
    const { id } = await owner.createSpace({ title: 'Team', kind: 'team' });
    const { id: channelId } = await owner.run('chat.createChannel', { spaceId: id, title: '../up' });
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i & 255);
    const { blob, key } = await owner.putFile(id, bytes);
    const file = { blob, key, name: 'sea/chart.PNG', mime: 'image/png', size: bytes.length };
    const { id: root } = await owner.run('chat.send', { channelId, text: 'the chart', files: [file] });
    await owner.run('chat.send', { channelId, text: 'under it', thread: root });
    const other = await alone('other');
    await other.importBundle(await owner.exportSpace(id));
    expect(Buffer.compare(await other.getFile(id, blob, key), bytes)).toBe(0);
    const found = new Map<string, string>();
    for await (const { path, pieces } of readableFiles(other as KernelClient, id)) {
      const parts: (string | Uint8Array)[] = [];
      for await (const piece of pieces()) parts.push(piece);
      found.set(path, parts.map((part) => (typeof part === 'string' ? part : `${part.length} bytes`)).join(''));
    }
    expect([...found.keys()]).toEqual([
      'channels/up.md',
      'channels/files/sea chart.PNG',
      'channels/up.json',
      'people.json',
      'objects.json',
    ]);
    expect(found.get('channels/files/sea chart.PNG')).toBe('100000 bytes');
    expect(found.get('channels/up.md')).toContain('[sea chart.PNG](<files/sea chart.PNG>)');
    expect(found.get('channels/up.md')).toMatch(/the chart[\s\S]*↳ \*\*[\s\S]*under it/);
    const objects = JSON.parse(found.get('objects.json') ?? '') as { id: string; type: string }[];
    expect(objects.map((object) => object.id)).toEqual([...new Set(objects.map((object) => object.id))].sort());
    expect(objects.filter(({ type }) => type === 'Message')).toHaveLength(2);
  });

  test('an export tells how far it is, and can be stopped', async () => {
    fleet = await createFleet(6);
    const owner = await alone('owner');
    const id = await furnished(owner);
    const told: unknown[] = [];
    const stop = owner.watch('os.exporting', {}, (answer) => told.push(answer));
    const first = owner.exportSpace(id);
    expect(await refusalOf(owner.exportSpace(id))).toBe('busy');
    await owner.run('os.stopExport', {});
    expect(await refusalOf(first)).toBe('stopped');
    expect((await owner.exportSpace(id)).length).toBeGreaterThan(1_000);
    await until(() => told.at(-1) === null && told.length > 2, 'told');
    expect(told).toContainEqual({ spaceId: id, done: 0, total: expect.any(Number) });
    stop();
  });

  test('[EX4] comes in pieces that are asked for, holds no more than one, and ends where nobody asks', async () => {
    fleet = await createFleet(8);
    const clock = systemClock();
    // What waits for a minute waits until this test says so.
    const minutes = new Set<() => void>();
    const after: Clock['after'] = (ms, run) => {
      if (ms !== 60_000) return clock.after(ms, run);
      minutes.add(run);
      return () => void minutes.delete(run);
    };
    const owner = await alone('owner', { clock: { now: clock.now, after } });
    const id = await furnished(owner);
    for (let i = 0; i < 3; i++) await owner.putFile(id, new Uint8Array(1_500_000).fill(i));
    const whole = await owner.exportSpace(id, { keys: 'none' });
    const { id: name } = await owner.beginExport(id, { keys: 'none' });
    expect(await refusalOf(owner.beginExport(id))).toBe('busy');
    const pieces: Uint8Array[] = [];
    for (let n = 0; ; n++) {
      const piece = await owner.exportPiece(name, n);
      if (n === 1) {
        expect(await owner.exportPiece(name, 1), 'whoever did not hear the answer asks again').toEqual(piece);
        expect(await refusalOf(owner.exportPiece(name, 3))).toBe('exportEnded');
      }
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    expect(pieces.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(3_000_000);
    expect(Buffer.compare(Buffer.concat(pieces), whole)).toBe(0);
    expect(await refusalOf(owner.exportPiece(name, 0))).toBe('exportEnded');

    minutes.clear();
    const { id: left } = await owner.beginExport(id);
    await owner.exportPiece(left, 0);
    for (const passes of [...minutes]) passes();
    expect(await owner.query('os.exporting', {})).toBeNull();
    expect(await refusalOf(owner.exportPiece(left, 1))).toBe('exportEnded');
    await owner.run('os.stopExport', {});
    const { id: stopped } = await owner.beginExport(id);
    await owner.run('os.stopExport', {});
    expect(await refusalOf(owner.exportPiece(stopped, 0))).toBe('exportEnded');
  });

  test('what of the files is not here is counted before an export, and can be fetched first', async () => {
    fleet = await createFleet(9);
    const ada = await fleet.tab('ada');
    const { id } = await ada.createSpace({ title: 'Team', kind: 'team' });
    const { id: channelId } = await ada.run('chat.createChannel', { spaceId: id, title: 'general' });
    const size = 1_200_000;
    const { blob, key } = await ada.putFile(id, new Uint8Array(size).fill(7));
    const file = { blob, key, name: 'chart.bin', mime: 'application/octet-stream', size };
    await ada.run('chat.send', { channelId, text: 'the chart', files: [file] });
    const bea = await fleet.tab('bea');
    await bea.join((await ada.invite(id, { role: 'member' })).url);
    const missing = (kernel: KernelApi) => kernel.query('os.missingFiles', { spaceId: id });
    await until(async () => ((await missing(bea)) as { files: number }).files === 1, 'the message');
    expect(await missing(bea)).toEqual({ files: 1, bytes: size, coming: 0 });
    expect(await missing(ada)).toEqual({ files: 0, bytes: 0, coming: 0 });
    await ada.setOnline(false);
    await bea.run('os.fetchFiles', { spaceId: id });
    expect(await missing(bea)).toEqual({ files: 1, bytes: size, coming: 1 });
    await ada.setOnline(true);
    await until(async () => ((await missing(bea)) as { files: number }).files === 0, 'the file');
    expect((await bea.getFile(id, blob, key)).length).toBe(size);
  });

  test('[EX2] an import tells how far it is, and stopped in the middle of a file it leaves nothing behind', async () => {
    fleet = await createFleet(7);
    const owner = await alone('owner');
    const id = await furnished(owner);
    await owner.putFile(id, new Uint8Array(200_000).fill(3));
    const before = await owner.stateHash(id);
    const file = await owner.exportSpace(id);
    await owner.stop();
    const storage = memoryStorage();
    let other: KernelApi | undefined;
    let stops = true;
    const write: Storage['write'] = (writes, durability) => {
      if (stops && writes.some(({ table, value }) => table === 'blob' && value)) void other?.run('os.stopImport', {});
      return storage.write(writes, durability);
    };
    const vault = memoryVault();
    other = await alone('other', { storage: { ...storage, write }, vault });
    const told: unknown[] = [];
    const unwatch = other.watch('os.importing', {}, (answer) => told.push(answer));
    const first = other.importBundle(file);
    expect(await refusalOf(other.importBundle(file))).toBe('importBusy');
    expect(await refusalOf(first)).toBe('importStopped');
    expect(await spacesOf(other)).toEqual(['Personal owner']);
    expect([await rowsOf({ storage, vault }, id), await storage.keys('blob', '')]).toEqual([[], []]);
    stops = false;
    expect(await other.importBundle(file)).toMatchObject({ isNew: true, stateHash: before });
    await until(() => told.at(-1) === null && told.length > 2, 'told');
    unwatch();
  });
});
