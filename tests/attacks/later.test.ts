/** Entries of kinds that no version knows yet, by insiders with real keys: kept like any of their class, and good for nothing. */
import { expect, test } from 'vitest';
import { memoryImages } from '../../src/platform/memory/images';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { decodeEntry, type Entry, type EntryKind, encodeEntry } from '../../src/vm/op/entry';
import { contentShardOf, type EntryId } from '../../src/vm/op/ids';
import { digests, nodeOf, states, take, testClock } from '../support/halves';
import { holdSpace } from '../support/insider';
import { ROLES, stage } from '../support/stage';
import { roleless, type Weaken } from '../support/weak';

const KIND: EntryKind = 'later-9';

const writeAll = async (weaken?: Weaken) => {
  const here = await stage(weaken);
  const got: Record<string, readonly string[]> = {};
  for (const role of ROLES) {
    const entry = await here.set(here.authors[role], 'x', role, { kind: KIND });
    const { tab, beacon } = await here.give(entry);
    got[role] = [...tab, ...beacon];
  }
  return { ...here, got };
};
const BOTH = ['admitted', 'admitted'];
const NEITHER = ['refused notAllowed', 'refused notAllowed'];

test('[AD6] [T28] an entry of a kind that is not known is taken of whoever may write its class, passed on, and changes nothing', async () => {
  const { got, shown, tab } = await writeAll();
  expect(got).toEqual({ none: NEITHER, guest: NEITHER, member: BOTH, admin: BOTH, owner: BOTH });
  expect(tab.passedOn.filter(({ header }) => header.kind === KIND).length).toBe(3);
  expect(shown('x')).toBeUndefined();
  // Where nobody is asked for their role it is taken of all.
  const open = await writeAll(roleless);
  expect(open.got).toEqual({ none: BOTH, guest: BOTH, member: BOTH, admin: BOTH, owner: BOTH });
});

test('[AD6] [T28] rights inside one are no rights, and it lies in no part that a node keeps in order itself', async () => {
  const { id, authors, people, head, document, tab, beacon, give } = await stage();
  const { member } = authors;
  const grant = {
    type: 'grant',
    user: people.member.user,
    role: 'owner',
    notAfter: undefined,
    cut: [],
    certificate: undefined,
  } as const;
  const shard = contentShardOf(id, document);
  const entry = await member.act([head], [grant], {
    kind: KIND,
    shard,
    class: 'content',
    aclRef: head,
    incarnation: 1,
  });
  expect(await give(entry)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  for (const node of [tab, beacon]) expect(node.space.replica.rights.role(people.member.user)).toBe('member');
  const { acl, erasures, checkpoints } = tab.space.replica;
  for (const [i, closed] of [acl, erasures, checkpoints].entries()) {
    const fields = { kind: KIND, shard: closed, class: 'personal', aclRef: head, incarnation: 2 + i } as const;
    const there = await member.act([head], [grant], fields);
    expect(await give(there)).toEqual({ tab: ['refused wrongShard'], beacon: ['refused wrongShard'] });
  }
});

test('[AD6] it keeps its number and every byte, and lies in the journal', async () => {
  const { id, authors, people, entries, set } = await stage();
  const storage = memoryStorage();
  const first = await holdSpace(id, people.owner, undefined, { storage });
  const member = await set(authors.member, 'x', '1', {
    kind: 'later-255',
    seq: 0,
    prev: '0'.repeat(64) as never,
    incarnation: 7,
  });
  const bytes = encodeEntry(member);
  const decoded = decodeEntry(bytes);
  expect(bytes[3]).toBe(255);
  expect(decoded.ok && encodeEntry(decoded.value)).toEqual(bytes);
  const given: readonly Entry[] = [...entries, member];
  expect(new Set(await first.receive(...given))).toEqual(new Set(['admitted']));
  const again = await holdSpace(id, people.owner, undefined, { storage });
  const kept = again.space.replica.entries.get(member.id);
  expect(kept && encodeEntry(kept)).toEqual(bytes);
});

test('[AD6] a device that goes on in two ways, in one of them under such a kind, does not part what replicas show', async () => {
  const here = await stage();
  const { authors, author, people, set, head, tab, outline, document } = here;
  const clock = testClock();
  const [one, other] = [await nodeOf(here, 'admin', clock), await nodeOf(here, 'guest', clock)] as const;
  const mine = [...tab.space.replica.entries.values()].filter(({ header }) => header.device === people.member.device);
  const last = mine.findLast(({ header }) => header.shard === outline) as Entry;
  const place = { seq: last.header.seq + 1, prev: last.id };
  const said = await set(authors.member, 'x', 'said', place);
  const later = await set(authors.member, 'x', '', { ...place, kind: KIND });
  // Of the branch that goes on under the kind alone.
  const cut = [{ log: later.log, seq: later.header.seq, head: later.id }];
  const removal = await author.act([head], [{ type: 'revoke', user: people.member.user, cut }]);
  for (const entry of [said, removal, later]) await take(one, [entry]);
  for (const entry of [later, removal, said]) await take(other, [entry]);
  expect([digests([one, other]).length, states([one, other]).length]).toEqual([1, 1]);
  for (const { space } of [one, other]) expect(space.replica.engine.node(document)?.field('x')).toBeUndefined();
});

test('[AD7] what does not count is not cited: nobody makes an edit that came after another look as if it was made beside it', async () => {
  const other = 'ab'.repeat(16) as never;
  for (const [name, fields] of Object.entries({ kind: { kind: KIND }, unreadable: { epoch: other } })) {
    const { authors, set, tab, document, give, outline } = await stage();
    const sides = (key: string) =>
      tab.space.replica.engine.history(document).flatMap((item) => {
        return item.type === 'field' && item.key === key && item.concurrent ? [item.entry] : [];
      });
    /** Somebody edits what an Owner wrote; a Member put something between. */
    const edit = async (key: string, cite: (between: Entry) => readonly EntryId[]) => {
      const first = await set(authors.owner, key, 'first');
      await give(first);
      const between = await set(authors.member, 'y', '', { ...fields, deps: [first.id] });
      expect(await give(between)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
      await give(await set(authors.admin, key, 'second', { deps: cite(between) }));
      return sides(key).includes(first.id);
    };
    expect(await edit('a', () => [...tab.space.replica.frontiers.of(outline)].sort()), name).toBe(false);
    // Cited like all else, it stands between.
    expect(await edit('b', ({ id }) => [id]), name).toBe(true);
  }
});

test('[AD7] the same after a start, also out of an image', async () => {
  const { id, authors, people, entries, key, set, outline, tab } = await stage();
  const all = [...tab.space.replica.entries.values()];
  const first = await set(authors.owner, 'x', 'first');
  const between = await set(authors.member, 'y', '', { kind: KIND, deps: [first.id] });
  const [storage, vault, images] = [memoryStorage(), memoryVault(), memoryImages()];
  const held = await holdSpace(id, people.owner, undefined, { storage, vault, images });
  held.space.replica.keys = new Map([[key.epoch, key.key]]);
  await held.receive(...entries, ...all, first, between);
  const before = [...held.space.replica.frontiers.of(outline)].sort();
  expect([before.includes(first.id), before.includes(between.id)]).toEqual([true, false]);
  await held.space.putAway();
  for (const disk of [
    { storage, vault, images },
    { storage, vault },
  ]) {
    const again = await holdSpace(id, people.owner, undefined, disk);
    expect([...again.space.replica.frontiers.of(outline)].sort()).toEqual(before);
    if ('images' in disk) expect(again.context.counts.get('imagesUsed')).toBe(1);
  }
});
