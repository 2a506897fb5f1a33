/** Islands of people who write and change rights apart, and then meet: what T57 is played on. */
import { seededRandom } from '../../src/base/random';
import type { Act } from '../../src/os/rights/acl';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId } from '../../src/vm/op/ids';
import { digests, exchange, nodeOf, states, take, testClock } from './halves';
import type { Author, Held } from './insider';
import type { Stage } from './stage';
import type { Weaken } from './weak';

const ROLES = ['owner', 'admin', 'member', 'guest'] as const;
const GRANTED = ['guest', 'member', 'admin'] as const;

/** What came of it: how many histories, states and opinions of who has which role there are, and how many histories there were before. */
export type Met = {
  readonly islands: number;
  readonly apart: number;
  readonly digests: number;
  readonly states: number;
  readonly roles: number;
};

/** On two to four islands so many things happen, one in four or so about rights; then all meet. */
export const part = async (here: Stage, seed: number, acts = 12, weaken: Weaken = () => {}): Promise<Met> => {
  const random = seededRandom(seed);
  const clock = testClock();
  const nodes: Held[] = [];
  for (const role of [...ROLES, 'none'] as const) nodes.push(await nodeOf(here, role, clock));
  nodes.forEach(weaken);
  const islands = 2 + random.below(3);
  const placed = random.shuffle(nodes.map((_, i) => (i < islands ? i : random.below(islands))));
  const incarnation = 100 + seed;
  for (let i = 0; i < acts; i++) {
    const at = random.below(ROLES.length);
    const role = ROLES[at] as (typeof ROLES)[number];
    const node = nodes[at] as Held;
    const { rights } = node.space.replica;
    const author: Author = here.authors[role];
    const others = ROLES.filter((other) => other !== role && other !== 'owner');
    const user = here.people[random.pick(others)].user;
    const said: readonly Act[] = [
      random.below(2) === 0
        ? { type: 'revoke', user, cut: [] }
        : { type: 'grant', user, role: random.pick(GRANTED), notAfter: undefined, cut: [], certificate: undefined },
    ] as never;
    const entry: Entry =
      (role === 'owner' || role === 'admin') && random.below(2) === 0
        ? await author.act(rights.heads(), said, { incarnation })
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
    ...{ islands, apart, digests: digests(nodes).length, states: states(seeing).length },
    roles: new Set(nodes.map(rolesOn)).size,
  };
};
