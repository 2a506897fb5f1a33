/** What people do with documents and folders. The text itself goes through the kernel's document calls, not commands. */
import { err, ok, type Result } from '../../base/result';
import {
  blocksFrom,
  command,
  DONE,
  type Engine,
  type Found,
  findNode,
  findWritable,
  type GraphNode,
  markupOf,
  mayRestore,
  type NodeId,
  notAllowed,
  notFound,
  notPossible,
  type Outcome,
  orderAfter,
  type Refusal,
  type SpaceId,
  textField,
  type View,
  type Writer,
  whyNotWrite,
} from '../../os/schema/define';
import { DOCUMENT, FOLDER, isTemplate, MAX_ICON, MAX_MARKDOWN, MAX_TITLE } from './schema';

/** A document or folder this person may change. */
const writable = (view: View, id: string): Result<Found, Refusal> =>
  findWritable(view, id, 'document', DOCUMENT, FOLDER);
const present = (view: View, id: string): Result<Found, Refusal> => {
  const found = writable(view, id);
  if (!found.ok || !found.value.node.deleted) return found;
  return err(notPossible('removed', 'It was removed.', 'Restore it first.'));
};

/** Where something may be put: the top, or a document or folder of the same space that is not removed. */
const placeIn = (view: View, space: SpaceId, parent: string | undefined): Result<NodeId | '', Refusal> => {
  if (parent === undefined) return ok('');
  const found = findNode(view, parent, DOCUMENT, FOLDER);
  if (found?.space !== space || found.node.deleted) {
    return err(
      notPossible('noSuchPlace', 'There is no such folder or document in this space.', 'Choose another place.'),
    );
  }
  return ok(found.node.id);
};

const create = (type: string, view: View, write: Writer, spaceId: string, title: string, parent?: string): Outcome => {
  const space = spaceId as SpaceId;
  const why = whyNotWrite(view, space);
  if (why) return err(why);
  const place = placeIn(view, space, parent);
  if (!place.ok) return place;
  return ok({ id: write.create(space, type, { title: title.trim() }, { parent: place.value }) });
};
const creationArgs = {
  spaceId: { type: 'id' },
  title: { type: 'text', max: MAX_TITLE, optional: true },
  parent: { type: 'id', optional: true },
} as const;

const createDocument = command({
  describes:
    'Makes a document at the end of `parent`, or of the top: empty, like the document `template`, or of a text in `markdown`. Gives {id}.',
  args: {
    ...creationArgs,
    template: { type: 'id', optional: true },
    markdown: { type: 'text', max: MAX_MARKDOWN, optional: true },
    icon: { type: 'text', max: MAX_ICON, optional: true },
  },
  textOf: ({ template }) => template,
  run(view, write, { spaceId, title, parent, template, markdown = '', icon = '' }) {
    if (template === undefined) {
      const made = create(DOCUMENT, view, write, spaceId, title ?? '', parent);
      if (!made.ok) return made;
      if (icon !== '') write.set(made.value.id as NodeId, 'icon', icon);
      write.fill(made.value.id as NodeId, blocksFrom(markdown));
      return made;
    }
    const like = templateIn(view, spaceId as SpaceId, template);
    if (!like.ok) return like;
    const { node, graph } = like.value;
    const folder =
      parent ?? (node.parent !== '' && graph.node(node.parent)?.deleted === false ? node.parent : undefined);
    const made = create(DOCUMENT, view, write, spaceId, title ?? textField(node, 'title'), folder);
    if (!made.ok) return made;
    const id = made.value.id as NodeId;
    const own = icon || textField(node, 'icon');
    if (own !== '') write.set(id, 'icon', own);
    write.fill(id, markupOf(graph.documentUpdate(node.id)));
    return made;
  },
});

/** What a new document is made like: of the same space, marked as a template, and not removed. */
const templateIn = (
  view: View,
  space: SpaceId,
  id: string,
): Result<{ readonly node: GraphNode; readonly graph: Engine }, Refusal> => {
  const found = findNode(view, id, DOCUMENT);
  const graph = view.graph(space);
  if (found?.space === space && graph && isTemplate(found.node)) return ok({ node: found.node, graph });
  return err(notPossible('noSuchTemplate', 'There is no such template in this space.', 'Choose another one.'));
};

const setTemplate = command({
  describes: 'Marks a document as a template, which new documents can be made like; with `on` false no longer.',
  args: { documentId: { type: 'id' }, on: { type: 'flag', optional: true } },
  run(view, write, { documentId, on = true }) {
    const found = findWritable(view, documentId, 'document', DOCUMENT);
    if (!found.ok) return found;
    const { node } = found.value;
    if (node.deleted) return err(notPossible('removed', 'It was removed.', 'Restore it first.'));
    if ((node.field('template') === true) !== on) write.set(node.id, 'template', on);
    return DONE;
  },
});

const createFolder = command({
  describes: 'Makes a folder at the end of `parent`, or of the top. Gives {id}.',
  args: creationArgs,
  run: (view, write, { spaceId, title = '', parent }) => create(FOLDER, view, write, spaceId, title, parent),
});

const set = (view: View, write: Writer, id: string, key: string, text: string): Outcome => {
  const found = present(view, id);
  if (!found.ok) return found;
  const { node } = found.value;
  if (textField(node, key) !== text) write.set(node.id, key, text);
  return DONE;
};

const rename = command({
  describes: 'Gives a document or folder another title; empty is shown as untitled.',
  args: { documentId: { type: 'id' }, title: { type: 'text', max: MAX_TITLE } },
  run: (view, write, { documentId, title }) => set(view, write, documentId, 'title', title.trim()),
});

const setIcon = command({
  describes: 'Sets the icon beside a title; empty takes it away.',
  args: { documentId: { type: 'id' }, icon: { type: 'text', max: MAX_ICON } },
  run: (view, write, { documentId, icon }) => set(view, write, documentId, 'icon', icon),
});

/** Whether `place` is `node` or stands somewhere under it. */
const isInside = (engine: Engine, place: NodeId | '', node: NodeId): boolean => {
  for (let above: NodeId | '' = place; above !== ''; above = engine.node(above)?.parent ?? '') {
    if (above === node) return true;
  }
  return false;
};

const move = command({
  describes: 'Puts a document or folder into `parent` (the top without), right after `after` (first without).',
  args: { documentId: { type: 'id' }, parent: { type: 'id', optional: true }, after: { type: 'id', optional: true } },
  run(view, write, { documentId, parent, after }) {
    const found = present(view, documentId);
    if (!found.ok) return found;
    const { space, node } = found.value;
    const place = placeIn(view, space, parent);
    if (!place.ok) return place;
    const engine = view.graph(space);
    if (!engine) return err(notFound('space'));
    if (isInside(engine, place.value, node.id)) {
      const title = textField(node, 'title') || 'It';
      return err(
        notPossible('cycle', `"${title}" cannot go into itself, or into what it holds.`, 'Choose another place.'),
      );
    }
    const order = orderAfter(engine.children(place.value), node.id, after);
    if (order === undefined) {
      return err(notPossible('noSuchPlace', 'What it should stand after is not there.', 'Choose another place.'));
    }
    write.move(node.id, place.value, order);
    return DONE;
  },
});

const remove = command({
  describes: 'Removes a document or folder for everybody. Until it is restored, what it holds stands at the top.',
  args: { documentId: { type: 'id' } },
  run(view, write, { documentId }) {
    const found = writable(view, documentId);
    if (found.ok && !found.value.node.deleted) write.remove(found.value.node.id);
    return found.ok ? DONE : found;
  },
});

const restore = command({
  describes: 'Brings a removed document or folder back to its place: whoever removed it, and Admins.',
  args: { documentId: { type: 'id' } },
  run(view, write, { documentId }) {
    const found = writable(view, documentId);
    if (!found.ok) return found;
    if (!mayRestore(view, found.value)) {
      return err(notAllowed('Somebody else removed it.', 'Ask them, or an Admin, to restore it.'));
    }
    write.restore(found.value.node.id);
    return DONE;
  },
});

export const commands = { createDocument, createFolder, setTemplate, rename, setIcon, move, remove, restore };
