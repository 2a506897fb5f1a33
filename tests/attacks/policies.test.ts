/** Rules of a space and of one object at the door: of a tab, of a blind beacon, and of both with the rules left out. */
import { expect, test } from 'vitest';
import type { Act } from '../../src/os/rights/acl';
import type { EntryClass } from '../../src/vm/op/entry';
import { contentShardOf, type EntryId, type InviteId } from '../../src/vm/op/ids';
import { ROLES, type Stage, stage } from '../support/stage';
import type { Weaken } from '../support/weak';

/** No rule is ever heard: in the place of each stands an act that does nothing. */
const ruleless: Weaken = ({ space }) => {
  const { rights } = space.replica;
  const { add } = rights;
  const nothing: Act = { type: 'revokeInvite', invite: 'f'.repeat(32) as InviteId };
  rights.add = ({ entry, body }) =>
    add({ entry, body: { ...body, acts: body.acts.map((act) => (act.type === 'policy' ? nothing : act)) } });
};

type Cell = { readonly rule: string; readonly role: string; readonly class: string; readonly part: string };
const LEAST = { content: 2, annotation: 1 } as const;
const RULES: readonly (readonly [key: 'content' | 'annotation', own: boolean, value: string, rank: number])[] = [
  ['content', true, 'admin', 3],
  ['content', true, 'owner', 4],
  ['content', false, 'admin', 3],
  ['annotation', true, 'member', 2],
  ['annotation', false, 'owner', 4],
];

const setRule = async (here: Stage, key: string, value: string): Promise<EntryId> => {
  const entry = await here.authors.owner.act([here.head], [{ type: 'policy', key, value }]);
  const got = await here.give(entry);
  expect(got).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  return entry.id;
};

/** Every role writes each class into the object that the rule is about and into another one. */
const writeAll = async (weaken?: Weaken) => {
  const cells: { cell: Cell; may: boolean; got: unknown }[] = [];
  for (const [key, own, value, rank] of RULES) {
    const here = await stage(weaken);
    const ruled = contentShardOf(here.id, here.document);
    const other = contentShardOf(here.id, here.authors.owner.newNode('Document').node);
    const aclRef = await setRule(here, own ? `${key}:${ruled}` : key, value);
    for (const [index, role] of ROLES.entries()) {
      if (role === 'none') continue;
      for (const entryClass of ['content', 'annotation'] as const satisfies readonly EntryClass[])
        for (const [part, shard] of [
          ['ruled', ruled],
          ['other', other],
        ] as const) {
          const author = here.authors[role];
          const entry = await here.set(author, 'x', 'y', { shard, class: entryClass, aclRef });
          const got = await here.give(entry);
          if (got.tab[0] !== 'admitted') author.forget(entry);
          const holds = entryClass === key && (!own || part === 'ruled');
          cells.push({
            cell: { rule: `${key}${own ? ' of the object' : ''} ${value}`, role, class: entryClass, part },
            may: index >= Math.max(LEAST[entryClass], holds ? rank : 0),
            got,
          });
        }
    }
  }
  return cells;
};

test('[T28] rules: who may edit or comment is held by tabs and by blind beacons alike', async () => {
  const sound = await writeAll();
  expect(sound.length).toBe(RULES.length * 16);
  for (const { cell, may, got } of sound) {
    const each = may ? ['admitted'] : ['refused notAllowed'];
    expect({ cell, got }).toEqual({ cell, got: { tab: each, beacon: each } });
  }
  // Without rules the roles alone decide, and what a rule forbids is taken.
  const open = await writeAll(ruleless);
  const taken = open.filter(({ may, got }) => !may && JSON.stringify(got).includes('admitted'));
  const forbidden = sound.filter(({ cell, may }) => !may && !(cell.role === 'guest' && cell.class === 'content'));
  expect(taken.length).toBe(forbidden.length);
  expect(taken.length).toBeGreaterThan(10);
});

test('[T28] rules: only an Owner sets one, and it holds for whoever has seen it', async () => {
  const here = await stage();
  const shard = contentShardOf(here.id, here.document);
  for (const role of ['guest', 'member', 'admin'] as const) {
    const entry = await here.authors[role].act([here.head], [{ type: 'policy', key: 'content', value: 'owner' }]);
    expect({ role, got: await here.give(entry) }).toEqual({
      role,
      got: { tab: ['refused rightsNotAllowed'], beacon: ['refused rightsNotAllowed'] },
    });
    here.authors[role].forget(entry);
  }
  for (const [key, value] of [
    ['content', 'guest'],
    ['content:nowhere', 'admin'],
    ['history:'.padEnd(40, '0'), 'full'],
    ['everything', 'owner'],
  ] as const) {
    const entry = await here.authors.owner.act([here.head], [{ type: 'policy', key, value }]);
    expect((await here.give(entry)).tab).toEqual(['refused rightsNotAllowed']);
    here.authors.owner.forget(entry);
  }
  const before = await here.set(here.authors.member, 'x', 'before', { shard });
  const aclRef = await setRule(here, `content:${shard}`, 'admin');
  expect((await here.give(before)).beacon).toEqual(['admitted']);
  const after = await here.set(here.authors.member, 'x', 'after', { shard, aclRef });
  expect((await here.give(after)).beacon).toEqual(['refused notAllowed']);
});
