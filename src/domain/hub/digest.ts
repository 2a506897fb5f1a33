/**
 * What somebody missed, by rules: where something was written since they were here last, how much, by whom, and the lines that
 * address them or were reacted to most. Read from indexes by time, a window of each place.
 */
import type { DigestAnswer, MissedLine, MissedPlace } from '../../bridge/messages';
import {
  command,
  DONE,
  type GraphNode,
  isBlocked,
  msOf,
  query,
  type SpaceId,
  type UserId,
  type View,
} from '../../os/schema/define';
import { MESSAGE, REACTION } from '../chat/schema';
import { type Happening, happeningsIn, WINDOW } from './happenings';
import { placeOf } from './place';
import { EXCERPT, LEFT, leftOf } from './schema';

const MAX_PLACES = 12;
const MAX_LINES = 3;
const MAX_PEOPLE = 5;
/** Of one place, for its lines. */
const MAX_RATED = 120;

type Missed = { readonly space: SpaceId; readonly container: GraphNode; readonly all: readonly Happening[] };

const TOLD: ReadonlySet<Happening['kind']> = new Set(['said', 'commented', 'proposed', 'wrote', 'created']);

const reactionsTo = (view: View, space: SpaceId, message: GraphNode): number =>
  view.find(space, { type: [REACTION], where: { field: 'message', is: message.id }, limit: 20 }).length;

/** What is worth a line: what addresses this person before what was reacted to before what came first. */
const linesOf = (view: View, { space, container, all }: Missed): readonly MissedLine[] => {
  const rated = all
    .filter(({ node, text }) => node !== undefined && node !== container && text !== '')
    .slice(0, MAX_RATED)
    .map((each) => {
      const node = each.node as GraphNode;
      const called = view.notices(space)?.get(node.id) !== undefined ? 100 : 0;
      return { each, node, rate: called + (node.type === MESSAGE ? reactionsTo(view, space, node) : 0) };
    });
  return rated
    .sort((a, b) => b.rate - a.rate || a.each.at - b.each.at)
    .slice(0, MAX_LINES)
    .sort((a, b) => a.each.at - b.each.at)
    .map(({ each, node }) => ({
      id: node.id,
      person: view.person(space, each.user),
      text: each.text.slice(0, EXCERPT),
      place: placeOf(view, space, container, node),
    }));
};

const tell = (view: View, missed: Missed, more: boolean): MissedPlace => {
  const { space, container, all } = missed;
  const users = [...new Set(all.map(({ user }) => user))];
  return {
    id: container.id,
    place: placeOf(view, space, container, container),
    count: all.filter(({ kind }) => kind !== 'wrote' && kind !== 'created').length,
    more,
    people: users.slice(0, MAX_PEOPLE).map((user) => view.person(space, user)),
    others: Math.max(0, users.length - MAX_PEOPLE),
    edited: all.some(({ kind }) => kind === 'wrote'),
    lines: linesOf(view, missed),
  };
};

export const digest = query({
  describes:
    'What you missed since you were here last, or `since` (ms): where, how much, by whom, and the lines that matter most.',
  args: { since: { type: 'number', optional: true } },
  run: (view, { since: asked }): DigestAnswer => {
    const since = asked ?? leftOf(view);
    if (since === null) return null;
    const places: (Missed & { more: boolean })[] = [];
    let messages = 0;
    const blocked = new Map<UserId, boolean>();
    const counts = (user: UserId): boolean => {
      const known = blocked.get(user) ?? isBlocked(view, user);
      blocked.set(user, known);
      return !known && user !== view.me.userId;
    };
    for (const space of view.spaces) {
      if (view.notices(space) === undefined) continue;
      const { all } = happeningsIn(view, space);
      const byPlace = new Map<GraphNode['id'], Happening[]>();
      for (const each of all) {
        if (each.at <= since || !each.container || !TOLD.has(each.kind) || !counts(each.user)) continue;
        byPlace.set(each.container.id, [...(byPlace.get(each.container.id) ?? []), each]);
      }
      for (const of of byPlace.values()) {
        const { container } = of[0] as Happening;
        places.push({ space, container: container as GraphNode, all: of, more: of.length >= WINDOW });
        messages += of.filter(({ kind }) => kind === 'said').length;
      }
    }
    const weight = ({ space, all }: Missed): number =>
      all.reduce((sum, { id }) => sum + (view.notices(space)?.get(id) ? 1_000 : 1), 0);
    const ranked = places.map((place) => ({ place, weight: weight(place) })).sort((a, b) => b.weight - a.weight);
    return {
      since,
      messages,
      places: ranked.slice(0, MAX_PLACES).map(({ place }) => tell(view, place, place.more)),
      rest: Math.max(0, ranked.length - MAX_PLACES),
    };
  },
});

/** Said so often at most, ms: it is a setting of the person, and each change of one is kept. */
const EVERY = 5 * 60_000;

export const leave = command({
  describes: 'Notes that you were here until now: what hub.digest tells is what came after.',
  args: {},
  undoable: false,
  run(view, write, _args, now) {
    const left = leftOf(view);
    const at = msOf(now);
    if (left === null || at - left >= EVERY) write.setPersonal(LEFT, at);
    return DONE;
  },
});
