/** Everybody against everybody: each role does each thing to each role, at the door of a tab and of a blind beacon. */
import { expect, test } from 'vitest';
import type { Act, Role } from '../../src/os/rights/acl';
import { mayDo, type PersonAct, ROLE_ACTS, standingsIn } from '../../src/os/rights/may';
import type { Entry } from '../../src/vm/op/entry';
import type { UserId } from '../../src/vm/op/ids';
import { type Author, type Held, holdSpace, makeInvite, newPerson } from '../support/insider';
import { stage } from '../support/stage';
import { believing, type Weaken } from '../support/weak';

const BY = ['none', 'guest', 'member', 'admin', 'junior', 'owner'] as const;
type Who = (typeof BY)[number] | 'banned' | 'barred';
/** `banned`: by the Admin; `barred`: by the Owner. */
const TARGETS: readonly Who[] = [...BY, 'banned', 'barred'];

const granting =
  (role: Role, notAfter?: number) =>
  (user: UserId): readonly Act[] => [{ type: 'grant', user, role, notAfter, cut: [], certificate: undefined }];
const LATER = 4_102_444_800_000;
const DOINGS: Readonly<Record<string, { readonly act: PersonAct; acts(user: UserId): readonly Act[] }>> = {
  'make a Guest': { act: ROLE_ACTS.guest, acts: granting('guest') },
  'make a Member': { act: ROLE_ACTS.member, acts: granting('member') },
  'make an Admin': { act: ROLE_ACTS.admin, acts: granting('admin') },
  'make an Owner': { act: ROLE_ACTS.owner, acts: granting('owner') },
  'give an end': { act: 'limit', acts: granting('member', LATER) },
  remove: { act: 'remove', acts: (user) => [{ type: 'revoke', user, cut: [] }] },
  ban: {
    act: 'ban',
    acts: (user) => [
      { type: 'revoke', user, cut: [] },
      { type: 'ban', user },
    ],
  },
};
/** These the table refuses as pointless or as a matter of taste; the log would take them and they would harm nobody. */
const POINTLESS = new Set(['already', 'notInSpace', 'noEnd', 'banned', 'notBanned', 'inSpace']);

/** The stage with a second Owner and two who are banned. */
const cast = async () => {
  const here = await stage();
  const { author, people, authors, head } = here;
  const added: Entry[] = [];
  let last = head;
  const users: Record<string, UserId> = Object.fromEntries(
    Object.entries(people).map(([name, { user }]) => [name, user]),
  );
  const by: Record<string, Author> = { ...authors };
  for (const name of ['junior', 'banned', 'barred']) {
    const invite = await makeInvite(author, [last], here.key, { role: 'member' });
    const person = await newPerson();
    const { author: joined, entry } = await invite.join(person, [invite.entry.id]);
    const user = person.user;
    const word =
      name === 'junior'
        ? await author.act([entry.id], granting('owner')(user))
        : await (name === 'banned' ? authors.admin : author).act([entry.id], DOINGS.ban?.acts(user) ?? []);
    added.push(invite.entry, entry, word);
    last = word.id;
    users[name] = user;
    by[name] = joined;
  }
  return { ...here, entries: [...here.entries, ...added], head: last, users, by };
};

type Cell = {
  readonly cell: string;
  readonly why: string | undefined;
  readonly got: readonly string[];
  readonly done: boolean;
};
/** `isPlayed`: of the cells; all of them. */
const playAll = async (
  weaken: Weaken = () => {},
  isPlayed: (cell: string) => boolean = () => true,
): Promise<readonly Cell[]> => {
  const { id, people, entries, head, users, by } = await cast();
  const fresh = async (): Promise<readonly [Held, Held]> => {
    const nodes = [await holdSpace(id, people.owner), await holdSpace(id)] as const;
    for (const node of nodes) {
      await node.receive(...entries);
      weaken(node);
    }
    return nodes;
  };
  let nodes = await fresh();
  const standing = standingsIn(nodes[0].space.replica.rights, Date.now());
  const cells: Cell[] = [];
  for (const who of BY) {
    for (const target of TARGETS) {
      if (who === target) continue;
      for (const [name, { act, acts }] of Object.entries(DOINGS)) {
        const cell = `${who}: ${name}: ${target}`;
        if (!isPlayed(cell)) continue;
        const user = users[target] as UserId;
        const author = by[who] as Author;
        const entry = await author.act([head], acts(user));
        const got = [...(await nodes[0].receive(entry)), ...(await nodes[1].receive(entry))];
        author.forget(entry);
        const roles = nodes.map(({ space }) => space.replica.rights.role(user));
        const wanted = name === 'remove' || name === 'ban' ? 'none' : name === 'give an end' ? 'member' : undefined;
        const expected = wanted ?? Object.entries(ROLE_ACTS).find(([, each]) => each === act)?.[0];
        cells.push({
          cell,
          why: mayDo(standing(users[who] as UserId), act, standing(user)),
          got: [...new Set(got)],
          done: roles.every((role) => role === expected),
        });
        if (got.includes('admitted')) nodes = await fresh();
      }
    }
  }
  return cells;
};

test('[T28] role x act x role: the doors of tabs and beacons take what the table allows, and nothing that it forbids', async () => {
  const cells = await playAll();
  expect(cells.length).toBe(6 * 7 * 7);
  expect(cells.length).toBeGreaterThanOrEqual(120);
  for (const { cell, why, got, done } of cells) {
    if (why === undefined) expect({ cell, got, done }).toEqual({ cell, got: ['admitted'], done: true });
    // Of a ban that cannot be lifted the words are taken, and change nothing.
    else if (why === 'bannedHigher') expect({ cell, done }).toEqual({ cell, done: false });
    else if (!POINTLESS.has(why)) expect({ cell, got }).toEqual({ cell, got: ['refused rightsNotAllowed'] });
  }
  const forbidden = cells.filter(({ why }) => why !== undefined && !POINTLESS.has(why));
  expect(forbidden.length).toBeGreaterThanOrEqual(120);

  // A log that takes everybody at their word does all that was forbidden.
  const sound = new Map(cells.map((cell) => [cell.cell, cell]));
  const isForbidden = (cell: string): boolean => {
    const { why } = sound.get(cell) ?? {};
    return why !== undefined && !POINTLESS.has(why) && why !== 'bannedHigher';
  };
  for (const { cell, got, done } of await playAll(believing, isForbidden))
    expect({ cell, got, done }).toEqual({ cell, got: ['admitted'], done: true });
});
