/** Islands of two to four that write and change rights apart: whatever each did, they are one again once they meet. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random';
import type { Act, Role } from '../../src/os/rights/acl';
import type { Rights } from '../../src/os/rights/resolve';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId, UserId } from '../../src/vm/op/ids';
import { digests, exchange, nodeOf, states, take, testClock } from '../support/halves';
import type { Author, Held } from '../support/insider';
import { type Stage, stage } from '../support/stage';
import type { Weaken } from '../support/weak';

const ROLES = ['owner', 'admin', 'member', 'guest'] as const;
const GRANTED = ['guest', 'member'] as const;

/** Of somebody's role the last word counts that came. */
const byArrival: Weaken = ({ space }) => {
  const { rights } = space.replica;
  const { add, role } = rights;
  const roles = new Map<UserId, Role | 'none'>();
  Object.assign(rights, {
    add: (item) => {
      const taken = add(item);
      for (const act of taken ? item.body.acts : []) {
        if (act.type === 'grant') roles.set(act.user, act.role);
        if (act.type === 'revoke') roles.set(act.user, 'none');
      }
      return taken;
    },
    role: (user, at) => roles.get(user) ?? role(user, at),
  } satisfies Partial<Rights>);
};

/** Twelve things that happen on islands; then all meet. */
const part = async (here: Stage, seed: number, weaken: Weaken = () => {}) => {
  const random = seededRandom(seed);
  const clock = testClock();
  const nodes: Held[] = [];
  for (const role of [...ROLES, 'none'] as const) nodes.push(await nodeOf(here, role, clock));
  nodes.forEach(weaken);
  const islands = 2 + random.below(3);
  const placed = nodes.map((_, i) => (i < islands ? i : random.below(islands)));
  const incarnation = 100 + seed;
  for (let i = 0; i < 12; i++) {
    const at = random.below(ROLES.length);
    const role = ROLES[at] as (typeof ROLES)[number];
    const node = nodes[at] as Held;
    const { rights } = node.space.replica;
    const author: Author = here.authors[role];
    const others = ROLES.filter((other) => other !== role && other !== 'owner');
    const user = here.people[random.pick(others)].user;
    const acts: readonly Act[] = [
      random.below(2) === 0
        ? { type: 'revoke', user, cut: [] }
        : { type: 'grant', user, role: random.pick(GRANTED), notAfter: undefined, cut: [], certificate: undefined },
    ] as never;
    const entry: Entry =
      (role === 'owner' || role === 'admin') && random.below(3) === 0
        ? await author.act(rights.heads(), acts, { incarnation })
        : await here.set(author, random.pick(['title', 'p', 'q']), `${seed} ${i}`, {
            incarnation,
            aclRef: rights.heads()[0] as EntryId,
          });
    const island = nodes.filter((_, n) => placed[n] === placed[at]);
    const became = await node.receive(entry);
    if (became.includes('admitted')) for (const other of island) await take(other, [entry]);
    // Refused at home, it leaves no gap.
    else author.forget(entry);
  }
  const apart = digests(nodes).length;
  await exchange(nodes).catch(() => undefined);
  const seeing = nodes.filter(({ context }) => context.kind === 'tab');
  const now = clock.now();
  const rolesOn = ({ space }: Held): string =>
    ROLES.map((role) => space.replica.rights.role(here.people[role].user, now)).join();
  return {
    ...{ apart, digests: digests(nodes).length, states: states(seeing).length },
    roles: new Set(nodes.map(rolesOn)).size,
  };
};

test('[T57] ten random partitions with edits and changes of rights end in one state; where rights go by the order of arrival they do not', async () => {
  const here = await stage();
  let islands = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const { apart, ...met } = await part(here, seed);
    islands += apart;
    expect(met, `seed ${seed}`).toEqual({ digests: 1, states: 1, roles: 1 });
  }
  expect(islands).toBeGreaterThan(20);
  let torn = 0;
  for (let seed = 101; seed <= 103; seed++) torn += (await part(here, seed, byArrival)).roles > 1 ? 1 : 0;
  expect(torn).toBeGreaterThan(0);
});
