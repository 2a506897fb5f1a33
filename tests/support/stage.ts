/** A founded space with one person of each role, held by a tab of the Owner and by a beacon: where attacks are played. */
import type { Role } from '../../src/os/rights/acl';
import type { Identity } from '../../src/os/rights/identity';
import type { Op } from '../../src/vm/op/body';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId } from '../../src/vm/op/ids';
import type { HeaderDraft } from '../../src/vm/op/seal';
import { type Author, foundSpace, type Held, holdSpace, makeInvite, newPerson } from './insider';
import type { Weaken } from './weak';

/** `none`: somebody who was in the space and was removed. */
export const ROLES = ['none', 'guest', 'member', 'admin', 'owner'] as const;
export type Standing = (typeof ROLES)[number];

/** The names of the counters that match, added up. */
export const counted = ({ context }: Held, name: RegExp): number =>
  [...context.counts].reduce((sum, [key, count]) => sum + (name.test(key) ? count : 0), 0);

/** `weaken` takes a defence from both nodes. */
export const stage = async (weaken: Weaken = () => {}) => {
  const owner = await newPerson();
  const founded = await foundSpace(owner);
  const entries: Entry[] = [...founded.entries];
  let heads: readonly EntryId[] = [(entries.at(-1) as Entry).id];
  const tab = await holdSpace(founded.id, owner);
  const beacon = await holdSpace(founded.id);
  for (const node of [tab, beacon]) weaken(node);
  const give = async (...items: Entry[]) => ({
    tab: await tab.receive(...items),
    beacon: await beacon.receive(...items),
  });
  const giveSound = async (...items: Entry[]): Promise<void> => {
    const refused = Object.values(await give(...items))
      .flat()
      .filter((admission) => admission !== 'admitted');
    if (refused.length > 0) throw new Error(`The stage was not set: ${refused}`);
  };
  await giveSound(...entries);
  const authors = { owner: founded.author } as Record<Role | 'none', Author>;
  const people = { owner } as Record<Role | 'none', Identity>;
  for (const role of ['admin', 'member', 'guest', 'none'] as const) {
    const invite = await makeInvite(founded.author, heads, founded.key, { role: role === 'none' ? 'member' : role });
    const person = await newPerson();
    const { author, entry } = await invite.join(person, [invite.entry.id]);
    const added = [invite.entry, entry];
    if (role === 'none')
      added.push(await founded.author.act([entry.id], [{ type: 'revoke', user: person.user, cut: [] }]));
    await giveSound(...added);
    entries.push(...added);
    heads = [(added.at(-1) as Entry).id];
    authors[role] = author;
    people[role] = person;
  }
  const head = heads[0] as EntryId;
  /** Ops of `author` in the outline, as content; any field of the header can be given. */
  const write = (author: Author, ops: readonly Op[], fields: Partial<HeaderDraft> = {}): Promise<Entry> =>
    author.data(fields.shard ?? founded.outline, fields.class ?? 'content', ops, founded.key, {
      aclRef: head,
      ...fields,
    });
  // A Member made something, so that others have what to lay hands on.
  const made = authors.member.newNode('Document');
  const document = made.node;
  /** A field of that document. */
  const set = (author: Author, key: string, value: string, fields: Partial<HeaderDraft> = {}): Promise<Entry> =>
    write(author, [{ type: 'fieldSet', node: document, key, value: JSON.stringify(value) }], fields);
  await giveSound(
    await write(authors.member, [
      made.op,
      { type: 'fieldSet', node: document, key: 'title', value: JSON.stringify('Plan') },
    ]),
  );
  /** What the tab shows of the document. */
  const shown = (key: string): unknown => tab.space.replica.engine.node(document)?.field(key);
  return { ...founded, entries, head, tab, beacon, give, authors, people, document, write, set, shown };
};
export type Stage = Awaited<ReturnType<typeof stage>>;
