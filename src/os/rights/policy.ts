/**
 * The rules that an Owner sets for a space, in clear in the rights log, so that a blind beacon keeps them too. A rule holds
 * for whoever cites it: what was written before stays.
 *
 * Keys: `history` full | fromJoin (may newcomers read what was written before); `invite` admin | member (who may invite
 * Guests); `content` and `annotation`, each also with `:` and a shard for one object, with the least role that may write.
 */
import type { Settled } from './layers';
import { seniorityOf } from './layers';
import { has, type Past } from './past';
import { type Item, inOrder } from './words';

export const POLICIES = {
  history: ['full', 'fromJoin'],
  invite: ['admin', 'member'],
  content: ['member', 'admin', 'owner'],
  annotation: ['guest', 'member', 'admin', 'owner'],
} as const;
export type PolicyName = keyof typeof POLICIES;

export const isPolicy = (key: string, value: string): boolean => {
  const [name, shard, ...more] = key.split(':');
  const values: readonly string[] | undefined = POLICIES[name as PolicyName];
  if (!values?.includes(value) || more.length > 0) return false;
  return shard === undefined || ((name === 'content' || name === 'annotation') && /^[0-9a-f]{32}$/.test(shard));
};

/** The last word on a rule; of concurrent ones the most senior Owner's. */
export const policyIn = (
  items: readonly Item[],
  settled: Settled,
  past: Past | undefined,
  key: string,
): string | undefined => {
  const set = items.flatMap((item) => {
    // Most are of other things: nothing more is asked of those.
    const value = item.acts.findLast((act) => act.type === 'policy' && act.key === key);
    if (value?.type !== 'policy' || !isPolicy(key, value.value)) return [];
    const seen = settled.authority(item) !== undefined && (!past || has(past, item.index));
    return seen ? [{ item, value: value.value }] : [];
  });
  return set
    .filter(({ item }) => !set.some((later) => has(later.item.past, item.index)))
    .sort(
      (a, b) =>
        seniorityOf(settled.owners, a.item.user) - seniorityOf(settled.owners, b.item.user) || inOrder(a.item, b.item),
    )[0]?.value;
};
