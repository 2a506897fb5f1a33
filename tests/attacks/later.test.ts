/** Entries of kinds that no version knows yet, by insiders with real keys: kept like any of their class, and good for nothing. */
import { expect, test } from 'vitest';
import { memoryStorage } from '../../src/platform/memory/storage';
import { decodeEntry, type Entry, type EntryKind, encodeEntry } from '../../src/vm/op/entry';
import { contentShardOf } from '../../src/vm/op/ids';
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
