/** A right of one hour: who had it wrote a minute before its end, and all that is said of it here is two days later. */
import type { Act } from '../../src/os/rights/acl';
import { hlcOf } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId } from '../../src/vm/op/ids';
import { nodeOf, take, testClock } from './halves';
import { stage } from './stage';

export const HOUR = 3_600_000;

/** The Guest was a Member for an hour. `witness` cites the work in time, `without` is later and knows nothing of it. */
export const ended = async () => {
  const here = await stage();
  const { author, authors, people, set, head } = here;
  const clock = testClock();
  await clock.advance(48 * HOUR);
  const end = Date.now() + HOUR;
  const grant: Act = {
    type: 'grant',
    user: people.guest.user,
    role: 'member',
    notAfter: end,
    cut: [],
    certificate: undefined,
  };
  const granted = await author.act([head], [grant]);
  await here.give(granted);
  const fresh = { seq: 0, prev: '0'.repeat(64) as EntryId };
  const work = await set(authors.guest, 'work', 'done', { ...fresh, aclRef: granted.id, hlc: hlcOf(end - 60_000) });
  const by = (name: 'admin' | 'owner', key: string, at: number, deps: readonly Entry[] = []) =>
    set(authors[name], key, 'x', {
      ...fresh,
      incarnation: 3,
      hlc: hlcOf(end + at),
      deps: deps.map(({ id }) => id).sort(),
    });
  const witness = await by('admin', 'witness', 10 * 60_000, [work]);
  const without = await by('owner', 'without', HOUR);
  return { ...here, clock, end, granted, work, witness, without, fresh };
};

/** What is shown of the work in the end. `rule`: whether it matters when work comes to light. */
export const shownAtTheEnd = async (options: { witness: boolean; rule?: boolean }): Promise<unknown> => {
  const here = await ended();
  const node = await nodeOf(here, 'admin', here.clock);
  const { rights } = node.space.replica;
  const { judge } = rights;
  if (options.rule === false)
    rights.judge = (asked) => {
      const verdict = judge(asked);
      return verdict.type === 'allowed' ? { ...verdict, until: undefined } : verdict;
    };
  await take(node, [here.granted, here.without, here.work, ...(options.witness ? [here.witness] : [])]);
  return node.space.replica.engine.node(here.document)?.field('work');
};
