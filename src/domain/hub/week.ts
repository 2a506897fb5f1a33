/** The week in figures, and what is open: counted in windows, so that a busy space costs no more than a quiet one. */
import type { WeekAnswer } from '../../bridge/messages';
import { isBlocked, query, textField, type UserId, type View } from '../../os/schema/define';
import { SUGGESTION, VERDICT } from '../editor/schema';
import { happeningsIn } from './happenings';
import { containerOf } from './place';

const MAX_PEOPLE = 8;
const MAX_OPEN = 200;

/** Proposals that nobody decided about, of those made last. */
const openProposals = (view: View): number => {
  let open = 0;
  for (const space of view.spaces) {
    const last = (type: string) =>
      view.find(space, { type: [type], order: [{ by: '@createdAt', down: true }], limit: MAX_OPEN });
    const decided = new Set(last(VERDICT).map((node) => textField(node, 'suggestion')));
    open += last(SUGGESTION).filter((node) => !decided.has(node.id) && containerOf(view, space, node)).length;
  }
  return open;
};

export const week = query({
  describes:
    'Figures of your spaces since a time (ms): messages, comments, documents that changed, who did most, and what is open.',
  args: { since: { type: 'number' } },
  run: (view, { since }): WeekAnswer => {
    const byUser = new Map<UserId, { count: number; space: (typeof view.spaces)[number] }>();
    const documents = new Set<string>();
    let [messages, comments, more] = [0, 0, false];
    const open = { proposals: openProposals(view), requests: 0, reports: 0 };
    for (const space of view.spaces) {
      const { all, complete } = happeningsIn(view, space);
      more ||= complete > since;
      for (const { kind, at, user, container } of all) {
        if (at <= since || isBlocked(view, user)) continue;
        if (kind === 'said') messages++;
        if (kind === 'commented') comments++;
        if (container?.type === 'Document' && kind !== 'commented') documents.add(container.id);
        byUser.set(user, { count: (byUser.get(user)?.count ?? 0) + 1, space });
      }
      for (const { kind } of view.community(space).waiting) {
        if (kind === 'request') open.requests++;
        else open.reports++;
      }
    }
    const ranked = [...byUser].sort((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1));
    const people = ranked
      .slice(0, MAX_PEOPLE)
      .map(([user, { count, space }]) => ({ person: view.person(space, user), count }));
    return {
      ...{ messages, comments, documents: documents.size, more },
      ...{ people, others: ranked.length - people.length, open },
    };
  },
});
