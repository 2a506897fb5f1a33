/** What was said about an object, in the shapes of bridge/messages. What is not held answers no rows, or `null`. */
import {
  type CommentRow,
  type CommentsAnswer,
  type Erased,
  type GraphNode,
  isAdmin,
  msOf,
  query,
  type Reading,
  readingOf,
  textField,
  type View,
} from '../../os/schema/define';
import { commentsAbout, type Place, placeOf } from './place';
import { COMMENT } from './schema';

/** A thread in sight is at most so long. */
const MAX_ROWS = 1_000;

/** What is said about a message is read with its channel, by the channel's own marker. */
const readingAbout = (view: View, place: Place): Reading | undefined =>
  'container' in place.home ? readingOf(view, place.space, place.home.container, COMMENT) : undefined;

const rootOf = (comment: GraphNode): string => textField(comment, 'parent') || comment.id;

/** Without the removed that nobody answered, and without answers to nothing. */
const shownOf = (comments: readonly GraphNode[], erased: readonly Erased[]): readonly GraphNode[] => {
  const roots = new Set<string>(comments.filter((each) => rootOf(each) === each.id).map(({ id }) => id));
  for (const { id } of erased) roots.add(id);
  const answered = new Set(comments.filter((each) => !each.deleted && rootOf(each) !== each.id).map(rootOf));
  return comments.filter((each) => roots.has(rootOf(each)) && (!each.deleted || answered.has(each.id)));
};

const thread = query({
  describes: 'The comments on an object, oldest first, answers with their `parent`.',
  args: { objectId: { type: 'id' } },
  run: (view, { objectId }): readonly CommentRow[] => {
    const place = placeOf(view, objectId);
    if (!place) return [];
    const comments = commentsAbout(view, place);
    const reading = readingAbout(view, place);
    const erased = erasedAbout(view, place, comments);
    const rows = shownOf(comments, erased)
      .slice(-MAX_ROWS)
      .map((comment) => ({
        hlc: comment.createdAt,
        row: { ...rowOf(view, place, comment), unread: reading?.isUnread(comment) ?? false },
      }));
    const gone = erased.map((each) => ({ hlc: each.hlc, row: erasedRow(view, place, each) }));
    // An answer can be of the same millisecond as what it answers.
    return (gone.length === 0 ? rows : [...rows, ...gone].sort((a, b) => a.hlc - b.hlc)).map(({ row }) => row);
  },
});

/** Comments on the object, and answers to them, that were erased for good. */
const erasedAbout = (
  view: View,
  { space, shard, object }: Place,
  comments: readonly GraphNode[],
): readonly Erased[] => {
  const known = new Set<string>(comments.map(({ id }) => id));
  const all = view.erased(space, shard).filter(({ id }) => !known.has(id));
  const about = new Set<string>([object, ...known]);
  // What answered something that was erased itself.
  for (const { id, within } of all) if (within === object) about.add(id);
  return all.filter(({ within }) => about.has(within));
};
const erasedRow = (view: View, { space, object }: Place, gone: Erased): CommentRow => ({
  id: gone.id,
  erased: { by: view.person(space, gone.by), at: gone.at },
  parent: gone.within === object ? null : gone.within,
  block: null,
  quote: '',
  text: '',
  author: view.person(space, gone.author),
  mine: gone.author === view.me.userId,
  at: msOf(gone.hlc),
  edited: false,
  deleted: true,
  resolved: false,
  unread: false,
  state: view.stateOf(space, gone.entry),
  mayEdit: false,
  mayRemove: false,
  mayErase: false,
  mayResolve: false,
});

const rowOf = (view: View, { space, shard }: Place, comment: GraphNode): Omit<CommentRow, 'unread'> => {
  const role = view.role(space);
  const may = view.may(space, 'annotation', shard) && !comment.deleted;
  const mine = comment.author === view.me.userId;
  const written = comment.fieldState('text');
  const answer = rootOf(comment) !== comment.id;
  return {
    id: comment.id,
    parent: answer ? rootOf(comment) : null,
    block: textField(comment, 'block') || null,
    quote: textField(comment, 'quote'),
    text: comment.deleted ? '' : textField(comment, 'text'),
    author: view.person(space, comment.author),
    mine,
    at: msOf(comment.createdAt),
    edited: written !== undefined && written.entry !== comment.createdBy,
    deleted: comment.deleted,
    resolved: comment.field('resolved') === true,
    state: view.stateOf(space, written?.entry ?? comment.createdBy),
    mayEdit: may && mine,
    mayRemove: may && (mine || isAdmin(role)),
    mayErase: role !== 'none' && (mine || isAdmin(role)),
    mayResolve: may && !answer && (mine || role !== 'guest'),
  };
};

const about = query({
  describes: 'How much was said about an object, and whether you may comment. null when it is not here.',
  args: { objectId: { type: 'id' } },
  run: (view, { objectId }): CommentsAnswer | null => {
    const place = placeOf(view, objectId);
    if (!place) return null;
    const comments = commentsAbout(view, place);
    const shown = shownOf(comments, erasedAbout(view, place, comments)).filter((each) => !each.deleted);
    const reading = readingAbout(view, place);
    const resolved = new Set(comments.filter((each) => each.field('resolved') === true).map(({ id }) => id as string));
    return {
      count: shown.length,
      open: shown.filter((each) => !resolved.has(rootOf(each))).length,
      unread: reading ? comments.filter(reading.isUnread).length : 0,
      mayComment: view.may(place.space, 'annotation', place.shard) && !place.deleted,
    };
  },
});

export const queries = { thread, about };
