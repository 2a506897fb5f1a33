/** Erasing what is not one's own, hiding under erasure, and hollow entries; each attack also on a node without the defence. */
import { expect, test, vi } from 'vitest';
import { Holdings } from '../../src/os/kernel/holdings';
import { SILENT, type Space } from '../../src/os/kernel/space';
import { sealBlob } from '../../src/vm/blob/chunk';
import { putBlob } from '../../src/vm/blob/store';
import type { Op } from '../../src/vm/op/body';
import { type Entry, stubOf } from '../../src/vm/op/entry';
import {
  type BlobId,
  contentShardOf,
  type EntryId,
  erasuresShardOf,
  type NodeId,
  outlineShardOf,
} from '../../src/vm/op/ids';
import type { HeaderDraft } from '../../src/vm/op/seal';
import { foundIn } from '../support/disk';
import { type Author, crypto, type Held } from '../support/insider';
import { type Stage, stage } from '../support/stage';
import { roleless, type Weaken } from '../support/weak';

const ELSEWHERE = '5'.repeat(32) as NodeId;
const shardIn = ({ id }: Stage) => contentShardOf(id, ELSEWHERE);

/** A message of `author` that is signed and not given to anybody yet. */
const message = async (here: Stage, author: Author, text = 'secret', fields: Partial<HeaderDraft> = {}) => {
  const { node, op } = author.newNode('Message');
  const set: Op = { type: 'fieldSet', node, key: 'text', value: JSON.stringify(text) };
  const entry = await here.write(author, [op, set], { shard: shardIn(here), kind: 'erasable', ...fields });
  return { node, entry };
};
const erasing = (here: Stage, author: Author, entries: readonly EntryId[], fields: Partial<HeaderDraft> = {}) =>
  author.erase(
    { version: 1, shard: shardIn(here), object: ELSEWHERE, within: ELSEWHERE, entries: [...entries].sort() },
    { aclRef: here.head, ...fields },
  );
const shows = ({ tab }: Stage, node: NodeId): unknown => tab.space.replica.engine.node(node)?.field('text');
/** Nodes that hold the body, in memory or on the disk. */
const holders = async ({ tab, beacon }: Stage, { id, body }: Entry): Promise<number> => {
  const found = await Promise.all(
    [tab, beacon].map(async ({ space, context }) => {
      const kept = space.replica.entries.get(id);
      return (kept?.body.length ?? 0) > 0 || (await foundIn(context.ports.storage, [body])) > 0;
    }),
  );
  return found.filter(Boolean).length;
};

const ofAnother = async (by: 'member' | 'admin', weaken?: Weaken) => {
  const here = await stage(weaken);
  const { node, entry } = await message(here, by === 'member' ? here.authors.admin : here.authors.member);
  await here.give(entry);
  const got = await here.give(await erasing(here, here.authors[by], [entry.id]));
  return { got: [...got.tab, ...got.beacon], shown: shows(here, node), holders: await holders(here, entry) };
};
test('[T79] a Member erases nothing of others, an Admin anything', async () => {
  const taken = ['admitted', 'admitted'];
  expect(await ofAnother('member')).toEqual({ got: taken, shown: 'secret', holders: 2 });
  expect(await ofAnother('admin')).toEqual({ got: taken, shown: undefined, holders: 0 });
  // Where nobody is asked who they are, the Member does.
  expect(await ofAnother('member', roleless)).toEqual({ got: taken, shown: undefined, holders: 0 });
});

test('[ER1] what is erased before it arrives is kept without its body, and passed on so', async () => {
  const here = await stage();
  const { authors, tab, beacon } = here;
  const first = await message(here, authors.member);
  const next = await message(here, authors.member, 'the next');
  await here.give(await erasing(here, authors.member, [first.entry.id]));
  expect(await here.give(first.entry, next.entry)).toEqual({
    tab: ['admitted', 'admitted'],
    beacon: ['admitted', 'admitted'],
  });
  expect([shows(here, first.node), shows(here, next.node)]).toEqual([undefined, 'the next']);
  expect(await holders(here, first.entry)).toBe(0);
  for (const { passedOn } of [tab, beacon])
    expect(passedOn.filter(({ id }) => id === first.entry.id).map(({ body }) => body.length)).toEqual([0]);
});

const hollow = async (weaken?: Weaken) => {
  const here = await stage(weaken);
  const { authors } = here;
  const { node, entry } = await message(here, authors.admin);
  const got: string[] = [];
  // Nothing erased it; and then something that may not.
  got.push(...(await here.tab.receive(stubOf(entry, 'e'.repeat(64) as EntryId))));
  const mark = await erasing(here, authors.member, [entry.id]);
  await here.give(mark);
  got.push(...(await here.tab.receive(stubOf(entry, mark.id))), ...(await here.beacon.receive(stubOf(entry, mark.id))));
  const whole = await here.give(entry);
  return { got, whole: [...whole.tab, ...whole.beacon], shown: shows(here, node) };
};
test('[T79] an entry without its body is refused unless it was erased, and taken from others when it is whole', async () => {
  expect(await hollow()).toEqual({
    got: ['refused notErased', 'refused notErased', 'refused notErased'],
    whole: ['admitted', 'admitted'],
    shown: 'secret',
  });
  const gullible: Weaken = ({ space }) => Object.assign(space.replica.erasing, { mayLackBody: () => true });
  // Who believes it has nothing to show, until somebody happens to send it whole.
  expect((await hollow(gullible)).got).toEqual(['admitted', 'known', 'admitted']);
});

/** An Admin erases; an Owner, who had not seen it, has removed them. */
const removedMeanwhile = async (order: 'erasureFirst' | 'removalFirst') => {
  const here = await stage();
  const { authors, people } = here;
  const { node, entry } = await message(here, authors.member);
  await here.give(entry);
  const mark = await erasing(here, authors.admin, [entry.id]);
  const removal = await authors.owner.act([here.head], [{ type: 'revoke', user: people.admin.user, cut: [] }]);
  const items = order === 'erasureFirst' ? [mark, removal] : [removal, mark];
  expect(await here.give(...items)).toEqual({ tab: ['admitted', 'admitted'], beacon: ['admitted', 'admitted'] });
  return { here, node, entry, mark };
};
test('[ER3] what somebody erased who had been removed meanwhile is asked for again, and is as if it had never gone', async () => {
  const kept = await removedMeanwhile('removalFirst');
  expect(shows(kept.here, kept.node)).toBe('secret');
  const { here, node, entry, mark } = await removedMeanwhile('erasureFirst');
  expect(shows(here, node)).toBeUndefined();
  const nodes: readonly Held[] = [here.tab, here.beacon];
  for (const { space } of nodes) expect(space.replica.lacking).toEqual([entry.id]);
  // Another body is not taken for it, nor is a stub.
  expect(await here.tab.receive(stubOf(entry, mark.id))).toEqual(['known']);
  await here.give(entry);
  for (const { space } of nodes) expect(space.replica.lacking).toEqual([]);
  expect(shows(here, node)).toBe('secret');
  expect(await holders(here, entry)).toBe(2);
  const { replica } = here.tab.space;
  const before = replica.stateHash();
  await replica.rebuild();
  expect(replica.stateHash()).toBe(before);
});

test('[ER2] what others build on is not erased: text and trees are no erasable entries, and what hides there counts nowhere', async () => {
  const here = await stage();
  const { authors, document, tab } = here;
  // The member's own document, in an ordinary entry.
  const own = [...tab.space.replica.entries.values()].find(({ id }) => tab.space.replica.judged.has(id)) as Entry;
  const mark = await authors.member.erase(
    { version: 1, shard: outlineShardOf(here.id), object: document, within: document, entries: [own.id] },
    { aclRef: here.head },
  );
  expect(await here.give(mark)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  expect(here.shown('title')).toBe('Plan');
  expect(tab.space.replica.entries.get(own.id)?.body.length).toBeGreaterThan(0);
  // A document, a move and text, declared erasable.
  const { node, op } = authors.member.newNode('Document');
  const hidden: readonly (readonly Op[])[] = [
    [op],
    [{ type: 'move', node: document, parent: '', order: 'V' }],
    [{ type: 'textUpdate', document, n: 1, update: Uint8Array.of(0, 0) }],
    [{ type: 'edgeAdd', from: document, relation: 'to', to: 'there', value: '1' }],
    [{ type: 'large', blob: 'b'.repeat(64) as never, size: 1, key: new Uint8Array(32) }],
  ];
  for (const ops of hidden) {
    const entry = await here.write(authors.member, ops, { kind: 'erasable' });
    expect(await here.give(entry)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
    expect(tab.space.replica.unfolded.get(entry.id)).toBe('void');
  }
  expect(tab.space.replica.engine.node(node)).toBeUndefined();
});

test('[ER1] an erasure in another form, place or class is refused, by nodes without keys too', async () => {
  const here = await stage();
  const { authors } = here;
  const { entry } = await message(here, authors.member);
  await here.give(entry);
  const strange = await here.write(authors.member, [], { shard: erasuresShardOf(here.id) });
  expect((await here.give(strange)).beacon).toEqual(['refused wrongShard']);
  authors.member.forget(strange);
  const elsewhere = await authors.member.erase(
    { version: 1, shard: outlineShardOf(here.id), object: ELSEWHERE, within: ELSEWHERE, entries: [entry.id] },
    { aclRef: here.head },
  );
  await here.give(elsewhere);
  const forms: readonly Partial<HeaderDraft>[] = [
    { class: 'content' },
    { epoch: here.key.epoch },
    { shard: shardIn(here) },
  ];
  for (const fields of forms) {
    const mark = await erasing(here, authors.member, [entry.id], fields);
    authors.member.forget(mark);
    expect(await here.give(mark)).toEqual({
      tab: ['refused badErasureHeader'],
      beacon: ['refused badErasureHeader'],
    });
  }
  expect(await holders(here, entry)).toBe(2);
});

/** A file of `by` that a message of theirs names, on both nodes; `again`: another message names it too. */
const filed = async (here: Stage, by: 'member' | 'admin', again = false) => {
  const { node: of, entry } = await message(here, here.authors[by]);
  const owner = here.people[by].device;
  const sealed = await sealBlob(crypto, new Uint8Array(100_000).fill(7), new Uint8Array(32), new Uint8Array(16), owner);
  if (!sealed.ok) throw new Error('too large');
  const { id, chunks } = sealed.value;
  for (const { context, space } of [here.tab, here.beacon]) {
    await putBlob(context.ports.storage, sealed.value, 'strict');
    await space.blobs.keep(id, 100_000);
  }
  const attach = async () => {
    const { node, op } = here.authors[by].newNode('Attachment');
    const set = (key: string, value: string): Op => ({ type: 'fieldSet', node, key, value: JSON.stringify(value) });
    const ops = [op, set('message', of), set('blob', id)];
    return here.write(here.authors[by], ops, { shard: shardIn(here), kind: 'erasable' });
  };
  const attached = await attach();
  await here.give(entry, attached, ...(again ? [await attach()] : []));
  /** Nodes on whose disk it lies. */
  const left = async () => {
    const found = [here.tab, here.beacon].map(({ context }) =>
      foundIn(context.ports.storage, [chunks[0] as Uint8Array]),
    );
    return (await Promise.all(found)).reduce((sum, each) => sum + each, 0);
  };
  const erase = async (author: Author, entries = [entry.id, attached.id]) => {
    const place = { shard: shardIn(here), object: ELSEWHERE, within: ELSEWHERE };
    const body = { version: 2, ...place, entries: [...entries].sort(), blobs: [id] };
    return here.give(await author.erase(body, { aclRef: here.head }));
  };
  return { blob: id, owner, left, erase, entry, attached };
};
const fileOfAnother = async (by: 'member' | 'admin', weaken?: Weaken) => {
  const here = await stage(weaken);
  const file = await filed(here, by === 'member' ? 'admin' : 'member');
  const before = await file.left();
  await file.erase(here.authors[by]);
  return [before, await file.left()];
};
test('[ER4] a file goes from every disk with the message that named it, also from a node without keys', async () => {
  const here = await stage();
  const { left, erase, blob } = await filed(here, 'member');
  const before = here.beacon.space.bytes;
  expect(await left()).toBe(2);
  await erase(here.authors.member);
  expect(await left()).toBe(0);
  expect(before - here.beacon.space.bytes).toBeGreaterThan(99_000);
  expect([here.tab, here.beacon].map(({ space }) => space.blobs.has(blob))).toEqual([false, false]);
});
test('[ER4] a Member makes no file of others go, an Admin any; where nobody is asked whose it is, the Member does', async () => {
  expect(await fileOfAnother('member')).toEqual([2, 2]);
  expect(await fileOfAnother('admin')).toEqual([2, 0]);
  expect(await fileOfAnother('member', roleless)).toEqual([2, 0]);
});
test('[ER4] what is still named stays with whoever can see that, and a file that says not whose it is stays with all', async () => {
  const here = await stage();
  const named = await filed(here, 'member', true);
  await named.erase(here.authors.member);
  expect([here.tab, here.beacon].map(({ space }) => space.blobs.has(named.blob))).toEqual([true, false]);
  expect(here.tab.space.blobs.isErased(named.blob, { owner: named.owner })).toBe(false);
  expect(here.beacon.space.blobs.isErased(named.blob, { owner: named.owner })).toBe(true);
  expect(here.beacon.space.blobs.isErased(named.blob, { owner: undefined })).toBe(false);
});
test('[ER4] a file that a crash left behind its erasure goes with the next start, but for what another space stands on', async () => {
  const here = await stage();
  const { context } = here.tab;
  const { storage } = context.ports;
  const { blob, left, erase } = await filed(here, 'member');
  const pieces = (await storage.list('blob', `${blob}/`)).map((row) => ({ table: 'blob' as const, ...row }));
  const [row] = await storage.list('space', `blob/${here.id}/`);
  await erase(here.authors.member);
  /** Whether it is named here after a start, and on how many disks it lies. */
  const begin = async (...spaces: string[]) => {
    const held = spaces.flatMap((id) => [
      { table: 'local' as const, key: `space/${id}`, value: new Uint8Array([1]) },
      { table: 'space' as const, key: `blob/${id}/${blob}`, value: row?.value as Uint8Array },
    ]);
    await storage.write([...pieces, ...held], 'strict');
    const events = { ...SILENT, isElsewhere: (of: Space, id: BlobId) => holdings.isElsewhere(of, id) };
    const holdings: Holdings = new Holdings(context, events, () => {});
    await holdings.load();
    return [holdings.space(here.id).blobs.has(blob), await left()];
  };
  expect(await begin(here.id)).toEqual([false, 0]);
  // It is read later than this one.
  expect(await begin(here.id, 'f'.repeat(64))).toEqual([false, 1]);
});
test('[ER4] who sees only a part of a space does not judge what nothing names, and does when all is here', async () => {
  const here = await stage();
  const { replica } = here.tab.space;
  const { erase, left } = await filed(here, 'member');
  const away = vi.spyOn(replica, 'awayShards', 'get').mockReturnValue([shardIn(here)]);
  await erase(here.authors.member);
  expect(await left()).toBe(1);
  away.mockReturnValue([]);
  const whole = vi.spyOn(replica, 'readableWhole', 'get').mockReturnValue(false);
  const more = async (text: string) => here.give((await message(here, here.authors.member, text)).entry);
  await more('one');
  expect(await left()).toBe(1);
  whole.mockReturnValue(true);
  await more('two');
  expect(await left()).toBe(0);
});
