/** A base in the place of bodies that others hold, over random histories: nothing is lost by it, and no two devices differ. */
import { expect, test, vi } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { reachOf, stateOf } from '../../src/os/kernel/snapshots';
import { SILENT } from '../../src/os/kernel/space';
import { faultyStorage } from '../../src/platform/memory/faulty';
import { memoryImages } from '../../src/platform/memory/images';
import type { Op } from '../../src/vm/op/body';
import type { Entry } from '../../src/vm/op/entry';
import { type NodeId, yjsClientIdOf } from '../../src/vm/op/ids';
import { desk, Node } from '../support/shelf';

const ROW = { table: 'space', prefix: 'base/' } as const;

/** What a node says about documents, however it keeps them. */
const told = ({ replica }: Node, documents: readonly NodeId[]) =>
  documents.map((id) => ({
    text: replica.engine.documentText(id),
    history: replica.engine.history(id),
    writers: replica.engine.blocks(id).map((block) => replica.engine.textHistory(id, block.id)),
  }));

test('[CO1] [CO2] after any sequence of compacting, fetching, letting go, erasing and starting again a document is what it is with all bodies', async () => {
  let went = 0;
  for (let seed = 1; seed <= 1; seed++) {
    const random = seededRandom(seed);
    const { here, documents, history, shardOf, type, comment, erase } = await desk(2);
    const { authors, people } = here;
    const full = await Node.of(here, people.owner);
    const part = await Node.of(here, people.admin);
    const comments: { document: NodeId; entry: Entry }[] = [];
    for (let step = 0; step < 30; step++) {
      const document = random.pick(documents);
      const author = random.pick([authors.member, authors.admin]);
      const kind = random.below(12);
      if (kind < 4) for (let i = 0; i < 4; i++) await type(author, document, `${step} `);
      else if (kind === 4) comments.push({ document, entry: await comment(author, document, `note ${step}`) });
      else if (kind === 5 && comments.length > 0) {
        const { document: place, entry } = comments.splice(random.below(comments.length), 1)[0] as (typeof comments)[0];
        await erase(authors.owner, place, entry);
      } else if (kind < 9) went += await part.compact(document);
      else if (kind === 9) await part.letGo(document);
      else if (kind === 10) await part.bringBack(shardOf(document), full);
      else if (kind === 11) await part.restart();
      await full.catchUp(history());
      if (random.below(3) === 0) continue;
      await part.catchUp(history());
      for (const each of documents) if (part.replica.isAway(shardOf(each))) await part.bringBack(shardOf(each), full);
      expect(told(part, documents), `seed ${seed}, step ${step}`).toEqual(told(full, documents));
      expect(part.replica.stateHash(), `seed ${seed}, step ${step}`).toBe(full.replica.stateHash());
    }
    await part.catchUp(history());
    for (const each of documents) {
      await part.bringBack(shardOf(each), full);
      await part.compact(each);
      await part.restart();
      expect(part.replica.isAway(shardOf(each))).toBe(false);
    }
    expect(part.replica.bases.size).toBe(2);
    expect(told(part, documents)).toEqual(told(full, documents));
    expect(part.replica.stateHash(), `seed ${seed}, again`).toBe(full.replica.stateHash());
    // PR4: what is claimed is here.
    for (const heights of part.replica.heldHeights(new Set(documents.map(shardOf))).values())
      for (const [log, height] of heights)
        for (const entry of part.replica.log(log).slice(0, height + 1))
          expect(entry.body.length > 0 || entry.erasedBy !== undefined).toBe(true);
    for (const each of documents) await part.bringBack(shardOf(each), full);
    expect(part.replica.shelved.size + part.replica.bases.size).toBe(0);
    expect(await part.held.context.ports.storage.list('space', 'base/')).toEqual([]);
  }
  expect(went).toBeGreaterThan(300);
});

/** A document of `many` changes by two people, on a node that has all bodies and one that has a base. */
const light = async (many: number) => {
  const made = await desk(1);
  const [document] = made.documents as [NodeId];
  const { authors, people } = made.here;
  for (let i = 0; i < many; i++) await made.type(i % 3 === 0 ? authors.admin : authors.member, document, `${i} `);
  const full = await Node.of(made.here, people.owner);
  const node = await Node.of(made.here, people.guest);
  for (const each of [full, node]) await each.catchUp(made.history());
  expect(await node.compact(document)).toBeGreaterThan(0);
  const shard = made.shardOf(document);
  expect([node.replica.isAway(shard), node.replica.bases.size]).toEqual([false, 1]);
  const same = (): void => {
    expect(told(node, [document])).toEqual(told(full, [document]));
    expect(node.replica.stateHash()).toBe(full.replica.stateHash());
  };
  same();
  /** CO3: it is away, and asked for, until its bodies are brought back, and then as everywhere. */
  const comesBack = async (): Promise<void> => {
    expect([node.replica.isAway(shard), node.replica.bases.size]).toEqual([true, 0]);
    await node.bringBack(shard, full);
    expect(node.replica.shelved.size).toBe(0);
    same();
  };
  return { ...made, document, shard, full, node, same, comesBack };
};

test('[CO2] power that is lost while a text is compacted takes nothing: its bodies or its base are on the disk', async () => {
  const { here, document, shard, full, history } = await light(12);
  const seen = new Set<string>();
  for (const kind of ['unsynced', 'torn'] as const)
    for (const ended of [0, 1, 2]) {
      const disk = faultyStorage(seededRandom(ended + 1));
      const node = await Node.of(here, here.people.admin);
      await node.restart(disk.open());
      await node.catchUp(history());
      await disk.open().write([{ table: 'local', key: 'synced', value: new Uint8Array([1]) }], 'strict');
      disk.hold();
      void node.compact(document);
      for (let written = 0; written <= Math.min(ended, 1); written++) {
        while (disk.inFlight === 0) await new Promise((done) => setImmediate(done));
        if (written < ended) disk.step();
      }
      if (ended === 2) disk.step();
      disk.crash(kind);
      disk.release();
      await node.restart(disk.open());
      // Nobody is asked.
      seen.add(node.replica.bases.size > 0 ? 'base' : 'bodies');
      expect(node.replica.isAway(shard)).toBe(false);
      expect(told(node, [document]), `${kind} after ${ended}`).toEqual(told(full, [document]));
      expect(node.replica.stateHash()).toBe(full.replica.stateHash());
      // What is not needed does not stay.
      expect(await disk.open().list(ROW.table, ROW.prefix)).toHaveLength(node.replica.bases.size);
    }
  expect([...seen].sort()).toEqual(['base', 'bodies']);
});

test('[CO3] a base is void when what it covers is judged otherwise', async () => {
  const lost = vi.spyOn(SILENT, 'lost');
  const { here, document, full, node, comesBack } = await light(12);
  const { user } = here.people.member;
  const removed = await here.authors.owner.act([here.head], [{ type: 'revoke', user, cut: [] }]);
  for (const each of [full, node]) await each.take(removed);
  expect(lost.mock.calls.map(([, id]) => id)).toEqual([document]);
  lost.mockRestore();
  await comesBack();
});

test('[CO3] [T24] a member who claims again what a base holds cannot make it say something else: its bodies are asked for', async () => {
  const { here, document, shard, full, node, comesBack } = await light(12);
  const { admin } = here.authors;
  // Of an empty document it begins with the first clock.
  const client = yjsClientIdOf(admin.me.device, document, 1);
  const empty = await Node.of(here, here.people.none);
  const update = empty.replica.engine.textEdit(document, { index: 0, insert: 'rival' }, client);
  if (!update.ok) throw new Error(update.error.message);
  const op: Op = { type: 'textUpdate', document, n: 1, update: update.value };
  const rival = await here.write(admin, [op], { shard });
  for (const each of [full, node]) await each.take(rival);
  await comesBack();
  // Which claim holds is a matter of order now: no base can tell it.
  expect(await node.compact(document)).toBe(0);
});

test('[CO4] [CO3] a base that was changed, is an older one, of another part, or not there, stands for nothing', async () => {
  const { here, document, node, type, full, history, comesBack } = await light(12);
  const { storage } = node.held.context.ports;
  const rows = () => storage.list(ROW.table, ROW.prefix);
  const [older] = await rows();
  if (!older) throw new Error('no row');
  for (let i = 0; i < 8; i++) await type(here.authors.member, document, `later ${i} `);
  for (const each of [full, node]) await each.catchUp(history());
  await node.compact(document);
  const [newer] = await rows();
  if (!newer) throw new Error('no row');
  const changed = newer.value.map((byte, i) => (i === newer.value.length - 20 ? byte ^ 1 : byte));
  const other = `${newer.key.slice(0, -32)}${'0'.repeat(32)}`;
  for (const [key, value] of [
    [newer.key, changed],
    [newer.key, older.value],
    [other, newer.value],
    [newer.key, undefined],
  ] as const) {
    const gone = key === newer.key ? [] : [{ table: ROW.table, key: newer.key }];
    await storage.write([...gone, value ? { table: ROW.table, key, value } : { table: ROW.table, key }], 'strict');
    await node.restart();
    await comesBack();
    expect(await rows()).toEqual([]);
    await node.compact(document);
    expect(await rows()).toHaveLength(1);
  }
});

test('[CO4] [PR5] a body that nobody asked for is not taken into the place of a base', async () => {
  const { node, full, shard, same } = await light(12);
  const [id] = [...(node.replica.shelved.get(shard) ?? [])];
  const entry = full.replica.entries.get(id as never) as Entry;
  await node.take(entry);
  expect(node.holds(entry.id)).toBe(false);
  node.replica.want(shard);
  await node.take({ ...entry, body: entry.body.map((byte) => byte ^ 1) });
  expect(node.holds(entry.id)).toBe(false);
  await node.take(entry);
  expect(node.holds(entry.id)).toBe(true);
  same();
});

test('[CO1] [CK2] a checkpoint is the same with a base, in root and bytes, and left where it covers less than the base', async () => {
  const { node, full, shard } = await light(12);
  const states = [node, full].map(({ held, replica }, i) => {
    const reach = reachOf(replica, shard) ?? [];
    return stateOf(held.context, i === 0 ? node.replica : full.replica, shard, reach, {
      pause: async () => {},
      snapshot: true,
    });
  });
  const [light1, whole] = await Promise.all(states);
  expect(light1?.parts.length).toBeGreaterThan(0);
  expect(light1).toEqual(whole);
  const [first, ...rest] = reachOf(node.replica, shard) ?? [];
  if (!first) throw new Error('no reach');
  const less = {
    ...first,
    length: first.length - 1,
    head: node.replica.log(first.log).at(first.length - 2)?.id as never,
  };
  const of = { pause: async () => {}, snapshot: false };
  expect(await stateOf(full.held.context, full.replica, shard, [less, ...rest], of)).toBeDefined();
  expect(await stateOf(node.held.context, node.replica, shard, [less, ...rest], of)).toBeUndefined();
});

test('[CO1] [IM1] an image from before, with the base, or of another base stands; one whose base is gone does not', async () => {
  const { node, full, document, shard, type, here, history, same } = await light(12);
  Object.assign(node.held.context.ports, { images: memoryImages() });
  const used = (): number => node.held.context.counts.get('imagesUsed') ?? 0;
  const startsFromImage = async (): Promise<void> => {
    const before = used();
    await node.restart();
    expect(used()).toBe(before + 1);
    same();
  };
  await node.restart();
  await node.space.putAway();
  await startsFromImage();
  // Of bodies that have come again; and compacted after it was made.
  await node.bringBack(shard, full);
  await startsFromImage();
  await node.space.putAway();
  await node.compact(document);
  await startsFromImage();
  for (let i = 0; i < 8; i++) await type(here.authors.member, document, `later ${i} `);
  for (const each of [full, node]) await each.catchUp(history());
  await node.compact(document);
  await startsFromImage();
  await node.space.putAway();
  const { storage } = node.held.context.ports;
  const [row] = await storage.list(ROW.table, ROW.prefix);
  await storage.write([{ table: ROW.table, key: row?.key ?? '' }], 'strict');
  const before = used();
  await node.restart();
  expect([node.replica.isAway(shard), used()]).toEqual([true, before]);
  await node.bringBack(shard, full);
  same();
});
