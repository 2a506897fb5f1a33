/**
 * Who gives a link up where a beacon has no place left for one more. Pure: it knows when links came, from where, and who is a
 * member.
 *
 * PL1: one of the network that has the most of them. PL2: of those, first who has been here for long enough and is in no space that
 * is kept here, then who came just now, members last; of several alike whoever came last.
 */
const NEW_MS = 30_000;

export type Placed = { readonly openedAt: number; readonly options: { readonly network?: string | undefined } };

/** One of `links`, which are in the order in which they came. */
export const whoGivesWay = <L extends Placed>(
  links: readonly [L, ...L[]],
  now: number,
  isMember: (link: L) => boolean,
): L => {
  const countByNetwork = new Map<string, number>();
  const networkOf = ({ options }: L): string => options.network ?? '';
  for (const link of links) countByNetwork.set(networkOf(link), (countByNetwork.get(networkOf(link)) ?? 0) + 1);
  const most = Math.max(...countByNetwork.values());
  const worthOf = (link: L): number => (isMember(link) ? 2 : now - link.openedAt < NEW_MS ? 1 : 0);
  let [least, worth] = [links[0], Number.POSITIVE_INFINITY];
  for (const link of links) {
    if (countByNetwork.get(networkOf(link)) !== most) continue;
    const own = worthOf(link);
    if (own <= worth) [least, worth] = [link, own];
  }
  return least;
};
