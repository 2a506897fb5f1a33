/** Kernels on disks that lose power: what was reported as saved, or receipted, is there afterwards. */
import { seededRandom } from '../../src/base/random';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { faultyStorage } from '../../src/platform/memory/faulty';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Durability, Storage } from '../../src/ports';
import { converged, createFleet, until } from './fleet';

const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[]).map((row) => row.text);

/** A storage that forgets to sync: what a kernel that asked for relaxed writes everywhere would get. */
export const careless = (storage: Storage): Storage => ({
  ...storage,
  write: (writes, _durability: Durability) => storage.write(writes, 'relaxed'),
});

/**
 * A types and sends while power is lost `crashes` times at random moments. Gives what went missing and how many forks
 * any node counted. `weaken` stands between the kernel and its disk.
 */
export const crashTab = async (
  seed: number,
  crashes: number,
  weaken: (storage: Storage) => Storage = (storage) => storage,
): Promise<{ lost: string[]; forks: number; faults: readonly string[]; saved: number }> => {
  const random = seededRandom(seed);
  const fleet = await createFleet(seed);
  const disk = faultyStorage(random);
  const vault = memoryVault();
  let a = await fleet.tab('a', { storage: weaken(disk.open()), vault });
  const b = await fleet.tab('b');
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { id: documentId } = (await a.run('editor.createDocument', { spaceId: space, title: 'd' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  // The beginning is on the disk in either case: what is asked is what comes after.
  await disk.open().write([{ table: 'local', key: 'synced', value: new Uint8Array([1]) }], 'strict');
  const saved: string[] = [];
  const typed: string[] = [];
  let forks = 0;
  const lost = new Set<string>();
  const countForks = async (kernel: KernelApi) => {
    const stats = await kernel.stats();
    forks += (stats.forks ?? 0) + (stats['refused.badPrev'] ?? 0);
  };
  for (let crash = 0; crash < crashes; crash++) {
    const words = 1 + random.below(6);
    const at = random.below(words);
    const pending: Promise<unknown>[] = [];
    for (let word = 0; word <= at; word++) {
      const text = `${crash}.${word};`;
      pending.push(a.run('chat.send', { channelId, text }).then(() => saved.push(text)));
      pending.push(a.insertText(documentId, 0, text).then(() => typed.push(text)));
      if (random.below(3) === 0) void b.run('chat.send', { channelId, text: `b${crash}.${word};` });
    }
    for (const each of pending) each.catch(() => {});
    // Somewhere between nothing and everything of it is on the disk.
    for (let turns = random.below(40); turns > 0; turns--) await new Promise((done) => setImmediate(done));
    for (let turns = random.below(40); turns > 0; turns--) await Promise.resolve();
    if (random.below(2) === 0) await Promise.race(pending);
    const savedBefore = [...saved];
    const typedBefore = [...typed];
    disk.crash(random.below(2) === 0 ? 'unsynced' : 'torn');
    await countForks(a);
    // The process is gone: its promises never settle, its links fall.
    fleet.abandon(a);
    a = await fleet.tab('a', { storage: weaken(disk.open()), vault });
    const held = new Set(await texts(a, channelId));
    const text = await a.documentText(documentId).catch(() => '');
    for (const each of savedBefore) if (!held.has(each)) lost.add(each);
    for (const each of typedBefore) if (!text.includes(each)) lost.add(`text ${each}`);
  }
  const end = await a.run('chat.send', { channelId, text: 'end' }).then(
    () => true,
    () => false,
  );
  if (end) {
    await until(async () => (await texts(b, channelId)).includes('end'), 'it still writes').catch(() =>
      lost.add('end'),
    );
    await converged([a, b], space).catch(() => lost.add('convergence'));
  } else lost.add('end');
  await countForks(a);
  await countForks(b);
  forks += fleet.beacon.stats().forks ?? 0;
  await fleet.stop();
  return { lost: [...lost], forks, faults: fleet.faults, saved: saved.length + typed.length };
};

/** The beacon loses power: whatever it gave receipts for must be there, with everybody else gone. */
export const crashBeacon = async (
  seed: number,
  rounds: number,
  weaken: (storage: Storage) => Storage = (storage) => storage,
): Promise<{ lost: string[]; forks: number; faults: readonly string[]; receipted: number }> => {
  const random = seededRandom(seed);
  const disk = faultyStorage(random);
  const fleet = await createFleet(seed, { beaconStorage: weaken(disk.open()) });
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
    fleet.beaconPorts.storage = weaken(disk.open());
    beacon = await fleet.startBeacon();
    // Only the beacon is there: a newcomer sees what it held on to.
    const c = await fleet.tab(`c${round}`, { direct: false });
    await c.join(url, { timeoutMs: 8_000 }).catch(() => lost.add('join'));
    await until(
      async () => {
        const held = new Set(await texts(c, channelId));
        return promised.every((text) => held.has(text));
      },
      'what was promised',
      1_500,
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
