/**
 * Reactions to messages: a person's own, each counted once however often it was written. Annotations, so a Guest reacts
 * too. What stands for a message that is not in the same part counts for nothing.
 */
import { err } from '../../base/result';
import {
  command,
  DONE,
  findNode,
  type GraphNode,
  type NodeId,
  notAllowed,
  notFound,
  notPossible,
  type ReactionRow,
  type SpaceId,
  textField,
  type View,
} from '../../os/schema/define';
import { MAX_EMOJI, MESSAGE, REACTION } from './schema';

const MAX_KINDS = 20;
const MAX_NAMES = 20;

/** One emoji, with what joins and colours it; letters, digits and words are none. */
const isEmoji = (text: string): boolean =>
  text.length <= MAX_EMOJI &&
  /^\p{Extended_Pictographic}(\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f)*$/u.test(text);

const reactionsOn = (view: View, space: SpaceId, message: GraphNode): readonly GraphNode[] =>
  view.find(space, {
    type: [REACTION],
    where: {
      and: [
        { field: 'message', is: message.id },
        { field: '@part', is: message.shard },
      ],
    },
  });

export const react = command({
  describes: 'Gives a message your reaction, one emoji; with `on` false takes it back.',
  args: {
    messageId: { type: 'id' },
    emoji: { type: 'text', max: MAX_EMOJI },
    on: { type: 'flag', optional: true },
  },
  run(view, write, { messageId, emoji, on = true }) {
    const found = findNode(view, messageId, MESSAGE);
    if (!found) return err(notFound('message'));
    const { space, node } = found;
    if (!view.may(space, 'annotation', node.shard))
      return err(notAllowed('You may not react here.', 'Ask an Owner or Admin of the space for another role.'));
    if (node.deleted) return err(notPossible('removed', 'This message was removed.', 'Choose another one.'));
    if (!isEmoji(emoji)) return err(notPossible('notEmoji', 'A reaction is one emoji.', 'Choose one.'));
    const mine = reactionsOn(view, space, node).filter(
      (each) => each.author === view.me.userId && textField(each, 'emoji') === emoji,
    );
    const standing = mine.filter((each) => !each.deleted);
    if (!on) for (const each of standing) write.remove(each.id);
    if (on && standing.length === 0) write.create(space, REACTION, { message: node.id, emoji }, { beside: node.id });
    return DONE;
  },
});

/** Of some messages of a channel: message -> its reactions, in the order in which each emoji was first given. */
export const reactionsTo = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  messages: readonly NodeId[],
): ReadonlyMap<string, readonly ReactionRow[]> => {
  const where = { and: [{ within: channel }, { field: 'message', among: messages }] };
  const given = view.find(space, { type: [REACTION], where }).filter((node) => isEmoji(textField(node, 'emoji')));
  const people = new Map<string, Map<string, Set<GraphNode['author']>>>();
  for (const node of given) {
    const byEmoji = people.get(textField(node, 'message')) ?? new Map<string, Set<GraphNode['author']>>();
    people.set(textField(node, 'message'), byEmoji);
    const emoji = textField(node, 'emoji');
    byEmoji.set(emoji, (byEmoji.get(emoji) ?? new Set()).add(node.author));
  }
  return new Map(
    [...people].map(([message, byEmoji]) => [
      message,
      [...byEmoji].slice(0, MAX_KINDS).map(([emoji, users]) => ({
        emoji,
        count: users.size,
        mine: users.has(view.me.userId),
        people: [...users].slice(0, MAX_NAMES).map((user) => view.person(space, user)),
      })),
    ]),
  );
};
