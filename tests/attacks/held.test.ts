/** Work that must not be shown, and what people try to have it shown: by backdating, by a colluder, by an ended right. */
import { expect, test } from 'vitest';
import type { Act } from '../../src/os/rights/acl';
import { hlcOf } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId } from '../../src/vm/op/ids';
import { ended, HOUR, shownAtTheEnd } from '../support/ended';
import { nodeOf, states, take, testClock } from '../support/halves';
import type { Held } from '../support/insider';
import { stage } from '../support/stage';

const orders = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) => orders([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));

/** What is shown after these in that order, by nodes that see and one that hears of it late. */
const shownAfter = async (here: Awaited<ReturnType<typeof ended>>, given: readonly Entry[]) => {
  const node = await nodeOf(here, 'admin', here.clock);
  await take(node, [here.granted]);
  for (const entry of given) expect(await node.receive(entry)).toEqual(['admitted']);
  return node.space.replica.engine.node(here.document)?.field('work');
};

test('[T34] a temporary Member wrote at minute 59: shown with a witness, in every order; held without one', async () => {
  const here = await ended();
  const { work, witness, without } = here;
  expect(await shownAfter(here, [work])).toBe('done');
  for (const given of [
    [work, without],
    [without, work],
  ])
    expect(await shownAfter(here, given)).toBeUndefined();
  for (const given of orders([work, witness, without]).filter((order) => order.indexOf(work) < order.indexOf(witness)))
    expect(await shownAfter(here, given)).toBe('done');
});

test('[T34] what is dated after the end is refused; dated before it by somebody whose right has ended it is held, and adopted', async () => {
  const here = await ended();
  const { authors, set, granted, end, without, fresh, people, document } = here;
  const [tab, beacon] = [await nodeOf(here, 'owner', here.clock), await nodeOf(here, 'none', here.clock)];
  const give = async (entry: Entry) => [...(await tab.receive(entry)), ...(await beacon.receive(entry))];
  await give(granted);
  const after = await set(authors.guest, 'work', 'after', { ...fresh, aclRef: granted.id, hlc: hlcOf(end + 1) });
  expect(await give(after)).toEqual(['refused expired', 'refused expired']);
  await give(without);
  const forged = { ...fresh, aclRef: granted.id, incarnation: 9, hlc: hlcOf(end - 30 * 60_000) };
  const backdated = await set(authors.guest, 'work', 'backdated', forged);
  expect(await give(backdated)).toEqual(['admitted', 'admitted']);
  const { replica } = tab.space;
  const shown = () => replica.engine.node(document)?.field('work');
  expect([shown(), replica.unfolded.get(backdated.id)]).toEqual([undefined, 'held']);
  // A day later nobody witnesses it any more.
  const later = { ...fresh, incarnation: 4, deps: [backdated.id], hlc: hlcOf(end + 25 * HOUR) };
  await give(await set(authors.admin, 'b', 'x', later));
  expect([shown(), replica.unfolded.get(backdated.id)]).toEqual([undefined, 'held']);
  const cut = [{ log: backdated.log, seq: 0, head: backdated.id }];
  const adopted = await tab.space.act('acl', [{ type: 'adopt', user: people.guest.user, cut }]);
  expect([adopted.ok, shown()]).toEqual([true, 'backdated']);
});

test('[T34] without the witness rule what an ended Member dates back is shown', async () => {
  expect(await shownAtTheEnd({ witness: false, rule: false })).toBe('done');
});

test('[T30] what a removed person hands to a colluder is held on every node, cited or not; an Admin takes it over', async () => {
  const here = await stage();
  const { authors, author, people, set, head, document } = here;
  const clock = testClock();
  const nodes = [
    await nodeOf(here, 'owner', clock),
    await nodeOf(here, 'admin', clock),
    await nodeOf(here, 'none', clock),
  ] as const;
  const [owner, admin, beacon] = nodes;
  const first = [...owner.space.replica.logs.values()].find(
    ({ head: last }) => last?.header.device === people.member.device && last.header.shard === here.outline,
  )?.head as Entry;
  const cut = [{ log: first.log, seq: 0, head: first.id }];
  const removal = await author.act([head], [{ type: 'revoke', user: people.member.user, cut }]);
  for (const node of nodes) await take(node, [removal]);
  const late = await set(authors.member, 'a', 'late', { seq: 1, prev: first.id });
  // The Guest passes it on, and cites it in a comment of theirs.
  const vouching = await set(authors.guest, 'c', 'x', {
    class: 'annotation',
    deps: [late.id],
    seq: 0,
    prev: '0'.repeat(64) as EntryId,
    incarnation: 2,
  });
  for (const node of nodes)
    expect((await take(node, [late, vouching])).map(({ type }) => type)).toEqual(['admitted', 'admitted']);
  const shown = (node: Held) => node.space.replica.engine.node(document)?.field('a');
  for (const node of [owner, admin]) {
    expect(shown(node)).toBeUndefined();
    expect(node.space.replica.unfolded.get(late.id)).toBe('held');
  }
  // Neither a Guest nor the removed takes it over.
  const place = [{ log: late.log, seq: late.header.seq, head: late.id }];
  const taking: Act = { type: 'adopt', user: people.member.user, cut: place };
  for (const by of [authors.guest, authors.member]) {
    const attempt = await by.act([removal.id], [taking]);
    expect(await owner.receive(attempt)).toEqual(['refused rightsNotAllowed']);
  }
  const backdated = await authors.member.act([head], [taking], {
    incarnation: 5,
    seq: 0,
    prev: '0'.repeat(64) as EntryId,
  });
  expect(await owner.receive(backdated)).toEqual(['refused rightsNotAllowed']);
  const adopted = await admin.space.act('acl', [taking]);
  expect(adopted.ok).toBe(true);
  for (const node of [owner, beacon]) await take(node, adopted.ok ? [adopted.value] : []);
  for (const node of [owner, admin]) expect(shown(node)).toBe('late');
  expect(states([owner, admin]).length).toBe(1);
});
