/** What people do with comments. Whoever runs another kernel is held to the same rules by every reader's fold. */
import { err, ok, type Result } from '../../base/result';
import {
  command,
  DONE,
  type Found,
  findNode,
  isAdmin,
  mayRestore,
  notAllowed,
  notFound,
  notPossible,
  type Outcome,
  type Refusal,
  readAll,
  readKey,
  textField,
  type View,
} from '../../os/schema/define';
import { commentsAbout, placeOf } from './place';
import { COMMENT, MAX_BLOCK, MAX_QUOTE, MAX_TEXT } from './schema';

const blankText = notPossible('empty', 'A comment needs some text.', 'Type something.');
const closed = notAllowed('You may not comment here.', 'Ask an Owner or Admin of the space for another role.');

/** A comment that this person may write to. */
const commentOf = (view: View, id: string): Result<Found, Refusal> => {
  const found = findNode(view, id, COMMENT);
  if (!found) return err(notFound('comment'));
  return view.may(found.space, 'annotation', found.node.shard) ? ok(found) : err(closed);
};
const standing = (view: View, id: string): Result<Found, Refusal> => {
  const found = commentOf(view, id);
  return found.ok && found.value.node.deleted
    ? err(notPossible('removed', 'This comment was removed.', 'Write another one.'))
    : found;
};

const add = command({
  describes:
    'Comments on any object: on one block of a document with `block` and the words meant as `quote`, as an answer with `parent`. Gives {id}.',
  args: {
    objectId: { type: 'id' },
    text: { type: 'text', max: MAX_TEXT },
    parent: { type: 'id', optional: true },
    block: { type: 'text', max: MAX_BLOCK, optional: true },
    quote: { type: 'text', max: MAX_QUOTE, optional: true },
  },
  run(view, write, { objectId, text, parent, block, quote }): Outcome {
    const place = placeOf(view, objectId);
    if (!place) return err(notFound('object'));
    if (!view.may(place.space, 'annotation', place.shard)) return err(closed);
    if (place.deleted) return err(notPossible('removed', 'It was removed.', 'Restore it first.'));
    if (text.trim() === '') return err(blankText);
    const answered = parent === undefined ? undefined : commentsAbout(view, place).find(({ id }) => id === parent);
    if (parent !== undefined && (!answered || answered.deleted)) return err(notFound('comment'));
    // An answer to an answer stands in the same thread.
    const root = answered && (textField(answered, 'parent') || answered.id);
    const fields = {
      object: place.object,
      text,
      ...(root ? { parent: root } : {}),
      ...(block && !root ? { block } : {}),
      ...(quote && !root ? { quote } : {}),
    };
    return ok({ id: write.create(place.space, COMMENT, fields, place.home) });
  },
});

const edit = command({
  describes: 'Changes the text of your own comment; it is marked as edited.',
  args: { commentId: { type: 'id' }, text: { type: 'text', max: MAX_TEXT } },
  run(view, write, { commentId, text }) {
    const found = standing(view, commentId);
    if (!found.ok) return found;
    const { node } = found.value;
    if (node.author !== view.me.userId)
      return err(notAllowed('Only its author edits a comment.', 'Answer the comment instead.'));
    if (text.trim() === '') return err(blankText);
    if (textField(node, 'text') !== text) write.set(node.id, 'text', text);
    return DONE;
  },
});

const remove = command({
  describes: 'Removes a comment: your own, or any as an Admin.',
  args: { commentId: { type: 'id' } },
  run(view, write, { commentId }) {
    const found = commentOf(view, commentId);
    if (!found.ok) return found;
    const { space, node } = found.value;
    if (node.author !== view.me.userId && !isAdmin(view.role(space)))
      return err(notAllowed('Only its author or an Admin removes a comment.', 'Ask an Admin of the space.'));
    if (!node.deleted) write.remove(node.id);
    return DONE;
  },
});

const restore = command({
  describes: 'Brings a removed comment back: whoever removed it, and Admins.',
  args: { commentId: { type: 'id' } },
  run(view, write, { commentId }) {
    const found = commentOf(view, commentId);
    if (!found.ok) return found;
    if (!mayRestore(view, found.value))
      return err(notAllowed('Somebody else removed it.', 'Ask them, or an Admin, to restore it.'));
    write.restore(found.value.node.id);
    return DONE;
  },
});

const resolve = command({
  describes: 'Closes a thread, or opens it again with `resolved` false: Members any, a Guest their own.',
  args: { commentId: { type: 'id' }, resolved: { type: 'flag', optional: true } },
  run(view, write, { commentId, resolved = true }) {
    const found = standing(view, commentId);
    if (!found.ok) return found;
    const { space, node } = found.value;
    if (textField(node, 'parent') !== '')
      return err(notPossible('answer', 'Only a whole thread is closed.', 'Close the comment it answers.'));
    if (node.author !== view.me.userId && view.role(space) === 'guest')
      return err(notAllowed('A Guest closes only their own threads.', 'Ask a Member to close it.'));
    if ((node.field('resolved') === true) !== resolved) write.set(node.id, 'resolved', resolved);
    return DONE;
  },
});

const markRead = command({
  describes: 'Marks all that was said about an object, and in the part of the space that it lives in, as read.',
  args: { objectId: { type: 'id' } },
  run(view, write, { objectId }) {
    const place = placeOf(view, objectId);
    if (!place) return err(notFound('object'));
    const container = 'container' in place.home ? place.home.container : undefined;
    const vector = container && readAll(view, container);
    if (container && vector) write.setPersonal(readKey(container), vector);
    return DONE;
  },
});

export const commands = { add, edit, remove, restore, resolve, markRead };
