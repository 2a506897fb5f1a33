/** The feed: what happened across spaces, put together by object within a few hours, the newest or the nearest to this person first. */
import type { ActivityItem, FeedAnswer } from '../../bridge/messages';
import { isBlocked, query, type SpaceId, type UserId, type View } from '../../os/schema/define';
import { type Happening, happeningsIn } from './happenings';
import { placeOf, placeOfSpace } from './place';
import { EXCERPT, TOGETHER } from './schema';

const PAGE = 40;
const MAX_PAGE = 200;
const MAX_PEOPLE = 5;
const DAY = 86_400_000;
/** So many windows are looked through for one page, so that a busy channel hides nothing else. */
const ROUNDS = 6;

const TABS = ['all', 'mine', 'team', 'guild'] as const;
type Tab = (typeof TABS)[number];
const APPS: Readonly<Record<string, 'chat' | 'editor'>> = { Channel: 'chat', Document: 'editor', Folder: 'editor' };

type Told = Happening & { readonly space: SpaceId; readonly rank: ActivityItem['rank'] };

const rankOf = (
  view: View,
  space: SpaceId,
  { id, container }: Happening,
  isFavourite: (id: string) => boolean,
): ActivityItem['rank'] => {
  const notice = view.notices(space)?.get(id);
  if (notice && notice.kind !== 'reaction') return 'me';
  if (space === view.me.personalSpace || container?.author === view.me.userId) return 'mine';
  return container && isFavourite(container.id) ? 'favourite' : 'rest';
};
/** A setting is JSON that any device of the person wrote. */
const favouritesOf = (view: View): ReadonlySet<unknown> => {
  const listed = view.personal('favourites');
  return new Set(Array.isArray(listed) ? listed : []);
};

const isOf = (view: View, tab: Tab, { space, rank }: Told): boolean => {
  const { kind } = view.community(space);
  if (tab === 'mine') return kind === 'personal' || rank === 'me' || rank === 'mine';
  return tab === 'all' || (tab === 'guild' ? kind === 'guild' : kind === 'team' || kind === 'room');
};

/** What is told by the space and by who did it, not by the object. */
const BY_HAND: ReadonlySet<Happening['kind']> = new Set(['removed', 'putOut']);

/** Of one kind, about one object, one soon after the other. `told`: the newest first. */
const together = (told: readonly Told[]): readonly (readonly [Told, ...Told[]])[] => {
  const groups: [Told, ...Told[]][] = [];
  const open = new Map<string, [Told, ...Told[]]>();
  for (const each of told) {
    const about = BY_HAND.has(each.kind) ? each.user : (each.container?.id ?? '');
    const key = `${each.kind} ${each.space} ${about}`;
    const group = open.get(key);
    if (group && (group.at(-1) as Told).at - each.at <= TOGETHER) group.push(each);
    else {
      const begun: [Told, ...Told[]] = [each];
      open.set(key, begun);
      groups.push(begun);
    }
  }
  return groups;
};

const MOST_NAMES = 8;
const namesIn = (group: readonly Told[]): string => {
  const names = group.map(({ text }) => text).filter((text) => text.trim() !== '');
  return [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ['…'] : [])].join(', ');
};

const RANKS: readonly ActivityItem['rank'][] = ['me', 'mine', 'favourite', 'rest'];

const itemOf = (view: View, group: readonly [Told, ...Told[]]): ActivityItem => {
  const [newest] = group;
  const oldest = group.at(-1) as Told;
  const { space, kind, node, container } = newest;
  const users = [...new Set(group.map(({ user }) => user))];
  return {
    id: `${kind} ${oldest.id}`,
    kind,
    at: newest.at,
    since: oldest.at,
    people: users.slice(0, MAX_PEOPLE).map((user) => view.person(space, user)),
    others: Math.max(0, users.length - MAX_PEOPLE),
    count: group.length,
    about: group
      .flatMap(({ about }) => about ?? [])
      .slice(0, MOST_NAMES)
      .map((user) => view.person(space, user)),
    text: (BY_HAND.has(kind) && (group.length > 1 || !node) ? namesIn(group) : newest.text).slice(0, EXCERPT),
    place:
      node && container && (kind !== 'removed' || group.length === 1)
        ? placeOf(view, space, container, node)
        : placeOfSpace(view, space),
    rank: RANKS.find((rank) => group.some((each) => each.rank === rank)) ?? 'rest',
    own: users.every((user) => user === view.me.userId),
  };
};

export const feed = query({
  describes: `What changed in your spaces, the newest first: \`limit\` cards (${PAGE} unless told, at most ${MAX_PAGE}) older than \`before\` (ms). \`tab\` is all, mine, team or guild; \`app\` is chat or editor; with \`ranked\` what addresses you comes first in each day, days beginning \`offset\` minutes from UTC.`,
  args: {
    tab: { type: 'text', max: 10, optional: true },
    spaceId: { type: 'id', optional: true },
    app: { type: 'text', max: 10, optional: true },
    person: { type: 'id', optional: true },
    ranked: { type: 'flag', optional: true },
    offset: { type: 'number', optional: true },
    limit: { type: 'number', optional: true },
    before: { type: 'number', optional: true },
  },
  run: (view, { tab: asked, spaceId, app, person, ranked, offset = 0, limit = PAGE, before }): FeedAnswer => {
    const tab = TABS.find((each) => each === asked) ?? 'all';
    const spaces = view.spaces.filter((space) => spaceId === undefined || space === spaceId);
    const ready = spaces.filter((space) => view.notices(space) !== undefined);
    const favourites = favouritesOf(view);
    const told: Told[] = [];
    let complete = 0;
    const blocked = new Map<UserId, boolean>();
    const isSeen = (user: UserId): boolean => {
      const known = blocked.get(user) ?? isBlocked(view, user);
      blocked.set(user, known);
      return !known;
    };
    const most = Math.max(1, Math.min(MAX_PAGE, Math.floor(limit)));
    let from = before ?? Number.POSITIVE_INFINITY;
    let groups: ReturnType<typeof together> = [];
    for (let round = 0; round < ROUNDS && groups.length < most; round++) {
      complete = 0;
      const found = ready.map((space) => ({ space, ...happeningsIn(view, space, from) }));
      for (const each of found) complete = Math.max(complete, each.complete);
      for (const { space, all } of found) {
        for (const each of all) {
          // What is older than the end of any window would be told with gaps.
          if (each.at <= complete && complete > 0) continue;
          if (!isSeen(each.user) || (person !== undefined && each.user !== person)) continue;
          if (app !== undefined && (each.container === undefined || APPS[each.container.type] !== app)) continue;
          const ranked = { ...each, space, rank: rankOf(view, space, each, (id) => favourites.has(id)) };
          if (isOf(view, tab, ranked)) told.push(ranked);
        }
      }
      told.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      groups = together(told);
      // More at one time than a window holds.
      if (complete === 0 || complete + 1 >= from) break;
      from = complete + 1;
    }
    const items = groups.slice(0, most).map((group) => itemOf(view, group));
    // A card is cut nowhere: the next page begins before the oldest that was told.
    const rest = groups.length > most ? (items.at(-1)?.at ?? null) : complete > 0 ? complete + 1 : null;
    const dayOf = ({ at }: ActivityItem): number => Math.floor((at + offset * 60_000) / DAY);
    if (ranked)
      items.sort((a, b) => dayOf(b) - dayOf(a) || RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank) || b.at - a.at);
    return { items, next: rest, gathering: ready.length < spaces.length };
  },
});
