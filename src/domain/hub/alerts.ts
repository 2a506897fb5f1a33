/** What is told at once, outside the page: what is unread in the inbox, and with `all` every message of channels told of in full. */
import { readable } from '../../base/reference';
import type { AlertRow } from '../../bridge/messages';
import { isBlocked, levelOf, msOf, query, readingOf, textField, type View } from '../../os/schema/define';
import { CHANNEL, MESSAGE } from '../chat/schema';
import { notificationsOf } from './notifications';
import { placeOf, placeOfSpace } from './place';
import { EXCERPT } from './schema';

const MOST = 20;
/** Of one channel. */
const LAST = 3;

const messagesIn = (view: View): readonly AlertRow[] =>
  view.spaces.flatMap((space) =>
    (view.graph(space)?.children('', CHANNEL) ?? []).flatMap((channel) => {
      if (levelOf(view, channel.id) !== 'all') return [];
      const reading = readingOf(view, space, channel.id, MESSAGE);
      if (reading.count === 0) return [];
      return view
        .find(space, {
          type: [MESSAGE],
          where: { within: channel.id },
          order: [{ by: '@createdAt', down: true }],
          limit: LAST,
        })
        .filter(
          (node) => reading.isUnread(node) && !isBlocked(view, node.author) && levelOf(view, node.author) === 'all',
        )
        .map(
          (node): AlertRow => ({
            id: node.id,
            kind: 'message',
            at: msOf(node.createdAt),
            person: view.person(space, node.author),
            text: readable(textField(node, 'text')).slice(0, EXCERPT),
            place: placeOf(view, space, channel, node),
          }),
        );
    }),
  );

export const alerts = query({
  describes: `What is unread and worth telling outside the page, the newest first, at most ${MOST}: of the inbox, and with \`all\` also messages of channels that you hear all of.`,
  args: { all: { type: 'flag', optional: true } },
  run: (view, { all = false }): readonly AlertRow[] => {
    const mine = notificationsOf(view)
      .all.filter(({ state, unread, quiet }) => state === 'open' && unread && !quiet)
      .slice(0, MOST)
      .map(({ id, kind, at, user, space, notice, container }): AlertRow => {
        const node = notice && view.graph(space)?.node(notice.id);
        return {
          ...{ id, kind, at, person: view.person(space, user) },
          text: node ? readable(textField(node, 'text') || textField(node, 'note')).slice(0, EXCERPT) : '',
          place: node && container ? placeOf(view, space, container, node) : placeOfSpace(view, space),
        };
      });
    const known = new Set(mine.map(({ id }) => id));
    const others = all ? messagesIn(view).filter(({ id }) => !known.has(id)) : [];
    return [...mine, ...others].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, MOST);
  },
});
