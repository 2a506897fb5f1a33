/** Kernels on disks that lose power: what was reported as saved, or receipted, is there afterwards. */
import { type SeededRandom, seededRandom } from '../../src/base/random';
import { ok } from '../../src/base/result';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { SpaceImage } from '../../src/os/kernel/images';
import { faultyStorage } from '../../src/platform/memory/faulty';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Durability, Images, Storage } from '../../src/ports';
import { converged, createFleet, until } from './fleet';

const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[]).map((row) => row.text);

/** A storage that forgets to sync: what a kernel that asked for relaxed writes everywhere would get. */
export const careless = (storage: Storage): Storage => ({
  ...storage,
  write: (writes, _durability: Durability) => storage.write(writes, 'relaxed'),
});

/** Images on a disk that loses power: what is on its way, and what nobody can be sure of, is kept, gone, or as it was before. */
const faultyImages = (random: SeededRandom) => {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  /** What each file was before, since the last crash. */
  const former = new Map<string, Uint8Array<ArrayBuffer> | undefined>();
  let life = 0;
  const open = (): Images => {
    const born = life;
    const later = async <T>(work: () => T): Promise<T> => {
      for (let turns = random.below(8); turns > 0; turns--) await Promise.resolve();
      return born === life ? work() : new Promise<T>(() => {});
    };
    return {
      load: (name) => later(() => files.get(name)?.slice()),
      list: () => later(() => [...files.keys()].sort()),
      save: (name, bytes) => {
        const copy = new Uint8Array(bytes);
        return later(() => {
          if (!former.has(name)) former.set(name, files.get(name));
          files.set(name, copy);
          return ok(undefined);
        });
      },
      remove: (name) =>
        later(() => {
          former.delete(name);
          files.delete(name);
          return ok(undefined);
        }),
    };
  };
  const crash = (): void => {
    life++;
    for (const [name, before] of former) {
      const kept = random.pick([files.get(name), before, undefined]);
      if (kept) files.set(name, kept);
      else files.delete(name);
    }
    former.clear();
  };
  return { open, crash };
};

/** While any run goes on, an image is made at one in six changes, instead of after many and a pause. */
const soundly = SpaceImage.prototype.changed;
let runs = 0;
const imageOften = (): (() => void) => {
  const random = seededRandom(7);
  if (runs++ === 0)
    SpaceImage.prototype.changed = (_since, save) => {
      if (random.below(6) === 0) void save();
    };
  return () => {
    if (--runs === 0) SpaceImage.prototype.changed = soundly;
  };
};
/** A state is stated, and confirmed, after a few entries instead of thousands, and by somebody who is at work all the time. */
const KERNEL = { checkpoints: { entries: 30, bytes: 1, quietMs: 10, apartMs: 0, behind: 5 }, calmMs: 0 };

/** What a message may be: as it was last said to be durable, or as the act makes it that was under way. */
type Told = { id: string | undefined; sure: string | undefined; pending: string | undefined };
const GONE = 'gone';
const ERASED = 'erased';
const AWAY = 'what lies with others';
/** The pieces of a document whose changes are let go of and fetched again and again: it is whole at every moment. */
const TYPED = Array.from({ length: 24 }, (_, i) => `${i} `);
const COMPACTED = [...TYPED].reverse().join('');
const SHORTCUTS = [
  'imagesSaved',
  'imagesUsed',
  'imagesStale',
  'imagesDamaged',
  'checkpointsStated',
  'checkpointsConfirmed',
  'checkpointsFalse',
  'compacted',
  'basesVoid',
] as const;

type TabRun = {
  /** What was said to be saved or held, and is not; what is there and cannot be. */
  readonly lost: readonly string[];
  readonly forks: number;
  readonly faults: readonly string[];
  /** Acts that were said to be saved, and messages of another that this device gave receipts for. */
  readonly saved: number;
  readonly receipted: number;
  /** What was under way and was not kept. */
  readonly dropped: number;
  /** How often the text of a document was let go. */
  readonly away: number;
  /** Images and states that were made, used and left aside, by the names of the counters. */
  readonly shortcuts: ReadonlyMap<string, number>;
};

/**
 * A sends, edits, deletes, erases, types, pastes, marks as read, lets text go and changes of texts, many acts at once, while power is lost `crashes`
 * times at random moments. It opens alone each time, so that nobody brings back what it lost; then it goes on with the others.
 * `weaken` stands between the kernel and its disk.
 */
export const crashTab = async (
  seed: number,
  crashes: number,
  weaken: (storage: Storage) => Storage = (storage) => storage,
): Promise<TabRun> => {
  const random = seededRandom(seed);
  const fleet = await createFleet(seed);
  const disk = faultyStorage(random);
  const vault = memoryVault();
  const images = faultyImages(random);
  const endImages = imageOften();
  const open = () => fleet.tab('a', { storage: weaken(disk.open()), images: images.open(), vault, kernel: KERNEL });
  let a = await open();
  const b = await fleet.tab('b', { kernel: KERNEL });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId = '' } = await a.run('chat.createChannel', { spaceId: space, title: 'c' });
  const make = async (title: string): Promise<string> =>
    (await a.run('editor.createDocument', { spaceId: space, title })).id ?? '';
  const [documentId, shelved, compacted] = [await make('d'), await make('away'), await make('compacted')];
  await a.insertText(shelved, 0, AWAY);
  for (const word of TYPED) await a.insertText(compacted, 0, word);
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  // The beginning is on the disk in either case: what is asked is what comes after.
  await disk.open().write([{ table: 'local', key: 'synced', value: new Uint8Array([1]) }], 'strict');

  const messages = new Map<string, Told>();
  const said = new Map<string, string>();
  const theirs = new Map<string, string>();
  /** Pieces of the document, the first typed first; each is put before the others. */
  let typed: string[] = [];
  let typedSurely = 0;
  let [saved, receipted, dropped, away, forks] = [0, 0, 0, 0, 0];
  const lost = new Set<string>();
  const shortcuts = new Map<string, number>();
  const countForks = async (kernel: KernelApi) => {
    const stats = await kernel.stats();
    if (kernel === a)
      for (const name of SHORTCUTS) shortcuts.set(name, (shortcuts.get(name) ?? 0) + (stats[name] ?? 0));
    forks += (stats.forks ?? 0) + (stats['refused.badPrev'] ?? 0);
  };

  const act = (word: string): Promise<unknown> => {
    const told = [...messages.values()].filter(
      ({ id, sure, pending }) => id && sure !== ERASED && pending === undefined,
    );
    const one = told.length > 0 ? random.pick(told) : undefined;
    const change = (to: string, command: string, args: object): Promise<unknown> => {
      if (!one) return Promise.resolve();
      one.pending = to;
      return a.run(command, args).then(() => {
        Object.assign(one, { sure: to, pending: undefined });
        saved++;
      });
    };
    const messageId = one?.id ?? '';
    const what = random.below(16);
    if (what < 4) {
      const message: Told = { id: undefined, sure: undefined, pending: word };
      messages.set(word, message);
      return a.run('chat.send', { channelId, text: word }).then(({ id }) => {
        Object.assign(message, { id, sure: word, pending: undefined });
        saved++;
      });
    }
    if (what === 4) return change(ERASED, 'os.erase', { objectId: messageId });
    if (what === 5 && one?.sure !== GONE) return change(GONE, 'chat.remove', { messageId });
    if (what < 9 && one?.sure !== GONE)
      return change(`${word} again`, 'chat.edit', { messageId, text: `${word} again` });
    if (what < 13) {
      // A paste is too large for an entry: what it brings lies in a blob.
      const piece = random.below(12) === 0 ? word.padEnd(20_000, '.') : word;
      typed.push(piece);
      const end = typed.length;
      return a.insertText(documentId, 0, piece).then(() => {
        typedSurely = Math.max(typedSurely, end);
        saved++;
      });
    }
    if (what === 13) return a.run('chat.markRead', { channelId });
    if (what === 14) return a.run('os.shelve', { id: shelved }).then(() => away++);
    return a.run('os.fetch', { id: random.pick([shelved, compacted]) });
  };

  /** What is here against what may be; what is here is what counts from now on. */
  const check = async (name: string): Promise<void> => {
    const rows = (await a.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[];
    const shown = new Map(rows.map((row) => [row.id, row.erased ? ERASED : row.deleted ? GONE : row.text]));
    const idByText = new Map(rows.map((row) => [row.text, row.id]));
    for (const [word, told] of messages) {
      told.id ??= idByText.get(word);
      const now = told.id === undefined ? undefined : shown.get(told.id);
      if (now !== told.sure && now !== told.pending) lost.add(`${name}: ${word} is ${now}, was ${told.sure}`);
      if (told.pending !== undefined && now !== told.pending) dropped++;
      if (now === undefined) messages.delete(word);
      else Object.assign(told, { sure: now, pending: undefined });
    }
    for (const [id, word] of theirs) if (!shown.has(id)) lost.add(`${name}: ${word}, which it gave a receipt for`);
    if ((await a.documentText(compacted).catch(String)) !== COMPACTED) lost.add(`${name}: what a base stands for`);
    const text = await a.documentText(documentId);
    let kept = typed.length;
    while (kept > 0 && text !== typed.slice(0, kept).reverse().join('')) kept--;
    if (kept === 0 && text !== '') lost.add(`${name}: the text is no beginning of what was typed`);
    if (kept < typedSurely) lost.add(`${name}: ${typedSurely - kept} pieces of text`);
    if (kept < typed.length) dropped++;
    typed = typed.slice(0, kept);
    typedSurely = kept;
  };

  /** With what lies with others, both have the same. */
  const whole = async (): Promise<void> => {
    await a.run('os.fetch', { id: shelved });
    await until(async () => (await a.documentText(shelved)) === AWAY, AWAY).catch(() => lost.add(AWAY));
    await converged([a, b], space).catch(() => lost.add('convergence'));
  };

  for (let crash = 0; crash < crashes; crash++) {
    const pending: Promise<unknown>[] = [];
    if (random.below(2) === 0) {
      const compacting = a.run('os.compact', { id: compacted });
      // Refused while it is not held by others yet, maybe before the others are begun.
      compacting.catch(() => {});
      pending.push(compacting);
      for (let turns = random.below(8); turns > 0; turns--) await new Promise((done) => setImmediate(done));
    }
    for (let n = 4 + random.below(12); n > 0; n--) {
      const word = `${crash}.${n};`;
      pending.push(act(word));
      if (random.below(3) === 0)
        pending.push(
          b.run('chat.send', { channelId, text: `b${word}` }).then(({ id = '' }) => said.set(id, `b${word}`)),
        );
      if (random.below(6) === 0) await Promise.race(pending).catch(() => {});
    }
    for (const each of pending) each.catch(() => {});
    // Somewhere between nothing and everything of it is on the disk.
    for (let turns = random.below(60); turns > 0; turns--) await new Promise((done) => setImmediate(done));
    for (let turns = random.below(40); turns > 0; turns--) await Promise.resolve();
    for (const [id, word] of said) {
      if (theirs.has(id) || (await b.durability(id)).devices === 0) continue;
      theirs.set(id, word);
      receipted++;
    }
    disk.crash(random.below(2) === 0 ? 'unsynced' : 'torn');
    images.crash();
    await countForks(a);
    // The process is gone: its promises never settle, its links fall. Alone it can show only what its disk has.
    fleet.network.partition([['a'], ['b', 'beacon']]);
    fleet.abandon(a);
    a = await open();
    await check(`seed ${seed}, crash ${crash}`);
    fleet.network.partition([]);
    // Sometimes it goes on at once, sometimes when the others have told it what it missed.
    const last = [...said.keys()].at(-1);
    if (random.below(3) === 0) continue;
    await whole();
    if (!last || random.below(2) === 0) continue;
    // Receipts go from tab to tab, where the two have found each other again.
    const apart = async (): Promise<boolean> => !(await b.peers()).some(({ path }) => path === 'direct');
    await until(async () => (await apart()) || (await b.durability(last)).devices > 0, 'a receipt').catch(() =>
      lost.add('receipts'),
    );
  }
  await whole();
  await check('the end');
  const end = await a.run('chat.send', { channelId, text: 'end' }).catch(() => undefined);
  if (!end) lost.add('it writes no more');
  else
    await until(async () => (await texts(b, channelId)).includes('end'), 'it still writes').catch(() =>
      lost.add('end'),
    );
  await countForks(a);
  await countForks(b);
  forks += fleet.beacon.stats().forks ?? 0;
  endImages();
  await fleet.stop();
  return { lost: [...lost], forks, faults: fleet.faults, saved, receipted, dropped, away, shortcuts };
};

/** The beacon loses power: whatever it gave receipts for must be there, with everybody else gone. */
export const crashBeacon = async (
  seed: number,
  rounds: number,
  weaken?: (storage: Storage) => Storage,
): Promise<{ lost: string[]; forks: number; faults: readonly string[]; receipted: number }> => {
  const random = seededRandom(seed);
  const disk = faultyStorage(random);
  const onDisk = (): Storage => (weaken ? weaken(disk.open()) : disk.open());
  /** For what must come on a busy machine too; less where it is to be missing. */
  const patience = weaken ? 1_500 : 30_000;
  const fleet = await createFleet(seed, { beaconStorage: onDisk() });
  const a = await fleet.tab('a', { direct: false });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member', uses: 100 });
  await until(async () => (await a.durability(space)).beacons === 1, 'hosted and receipted');
  await disk.open().write([{ table: 'local', key: 'synced', value: new Uint8Array([1]) }], 'strict');
  let { beacon } = fleet;
  const lost = new Set<string>();
  let forks = 0;
  let receipted = 0;
  for (let round = 0; round < rounds; round++) {
    const sent: { id: string; text: string }[] = [];
    for (let i = 0; i < 4; i++) {
      const text = `${round}.${i}`;
      const { id } = (await a.run('chat.send', { channelId, text })) as { id: string };
      sent.push({ id, text });
      if (random.below(3) === 0) await until(async () => (await a.durability(id)).beacons === 1, 'a receipt');
    }
    for (let turns = random.below(60); turns > 0; turns--) await new Promise((done) => setImmediate(done));
    const rows = (await a.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[];
    const promised = rows.filter((row) => row.state.step === 'beacon').map((row) => row.text);
    receipted += promised.length;
    disk.crash(random.below(2) === 0 ? 'unsynced' : 'torn');
    forks += beacon.stats().forks ?? 0;
    fleet.abandon(beacon);
    await a.setOnline(false);
    fleet.beaconPorts.storage = onDisk();
    beacon = await fleet.startBeacon();
    // Only the beacon is there: a newcomer sees what it held on to.
    const c = await fleet.tab(`c${round}`, { direct: false });
    await c.join(url, { timeoutMs: weaken ? 8_000 : 30_000 }).catch(() => lost.add('join'));
    await until(
      async () => {
        const held = new Set(await texts(c, channelId));
        return promised.every((text) => held.has(text));
      },
      'what was promised',
      patience,
    ).catch(async () => {
      const held = new Set(await texts(c, channelId).catch(() => []));
      for (const text of promised) if (!held.has(text)) lost.add(text);
    });
    await c.stop();
    await a.setOnline(true);
    await until(async () => (await a.durability(space)).beacons === 1, 'receipts again').catch(() =>
      lost.add('receipts'),
    );
  }
  forks += beacon.stats().forks ?? 0;
  await fleet.stop();
  return { lost: [...lost], forks, faults: fleet.faults, receipted };
};
