/** What the Editor shows, in the shapes of bridge/messages. What is not held, or is no document, answers `null` or no rows. */
import type { Target } from '../../base/reference';
import {
  badgeOf,
  blocksFrom,
  contentShardOf,
  type DocumentAnswer,
  type DocumentRow,
  type Engine,
  findNode,
  type GraphNode,
  lastEntryOf,
  levelOf,
  type Markup,
  markupOf,
  mayWrite,
  type NodeId,
  query,
  readingOf,
  type SpaceId,
  type TemplateRow,
  textField,
  type UserId,
  type View,
} from '../../os/schema/define';
import { COMMENT } from '../comments/schema';
import { markdownOf } from './markdown';
import { DOCUMENT, FOLDER, isTemplate, MAX_MARKDOWN, SUGGESTION } from './schema';

export type TrashRow = {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  readonly kind: DocumentRow['kind'];
};
export type BlockRow = {
  readonly id: string;
  readonly blockId: string;
  readonly kind: 'section' | 'block' | 'reference';
  readonly text: string;
  readonly level?: number;
  readonly target?: string;
};

const kindOf = (node: GraphNode): DocumentRow['kind'] => (node.type === FOLDER ? 'folder' : 'document');

/** Depth first, in the order of the outline; a loop instead of recursion, for outlines of any depth. */
const treeOf = (view: View, space: SpaceId, engine: Engine): readonly DocumentRow[] => {
  const rows: DocumentRow[] = [];
  const childrenOf = (parent: NodeId | '', depth: number) =>
    engine
      .children(parent)
      .filter((node) => node.type === DOCUMENT || node.type === FOLDER)
      .map((node) => ({ node, parent, depth }))
      .reverse();
  const open = childrenOf('', 0);
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, parent, depth } = next;
    rows.push({
      id: node.id,
      title: textField(node, 'title'),
      icon: textField(node, 'icon'),
      kind: kindOf(node),
      template: isTemplate(node),
      parent: parent === '' ? null : parent,
      depth,
      ...unreadIn(view, space, node.id),
    });
    open.push(...childrenOf(node.id, depth + 1));
  }
  return rows;
};

/** Comments and proposed changes of others. */
const unreadIn = (view: View, space: SpaceId, document: NodeId) => {
  const level = levelOf(view, document);
  return { level, ...badgeOf(level, readingOf(view, space, document, COMMENT, SUGGESTION)) };
};

const documents = query({
  describes: 'Documents and folders of a space, in tree order.',
  args: { spaceId: { type: 'id' } },
  early: true,
  textless: true,
  run: (view, { spaceId }): readonly DocumentRow[] => {
    const engine = view.graph(spaceId as SpaceId);
    return engine ? treeOf(view, spaceId as SpaceId, engine) : [];
  },
});

const document = query({
  describes:
    'One document: title, icon, author, and whether you may edit it. Also while it is removed; null when not here.',
  args: { documentId: { type: 'id' } },
  run: (view, { documentId }): DocumentAnswer | null => {
    const found = findNode(view, documentId, DOCUMENT);
    if (!found) return null;
    const { space, node } = found;
    return {
      id: node.id,
      spaceId: space,
      title: textField(node, 'title'),
      icon: textField(node, 'icon'),
      template: isTemplate(node),
      deleted: node.deleted,
      author: view.person(space, node.author),
      mayEdit:
        mayWrite(view.role(space)) && view.may(space, 'content', contentShardOf(space, node.id)) && !node.deleted,
      maySuggest: view.may(space, 'annotation', contentShardOf(space, node.id)) && !node.deleted,
      state: view.stateOf(space, lastEntryOf(node)),
    };
  },
});

const blocks = query({
  describes: 'The sections, blocks and references of a document, in order, with the graph ids that links use.',
  args: { documentId: { type: 'id' } },
  textOf: ({ documentId }) => documentId,
  run: (view, { documentId }): readonly BlockRow[] => {
    const found = findNode(view, documentId, DOCUMENT);
    return found ? (view.graph(found.space)?.blocks(found.node.id) ?? []) : [];
  },
});

const templates = query({
  describes:
    'The templates of a space, by title: documents that new ones can be made like, by `editor.createDocument`.',
  args: { spaceId: { type: 'id' } },
  run: (view, { spaceId }): readonly TemplateRow[] =>
    view
      .find(spaceId as SpaceId, {
        type: [DOCUMENT],
        where: { field: 'template', is: true },
        order: [{ by: 'title' }, { by: '@id' }],
      })
      .map((node) => ({ id: node.id, title: textField(node, 'title'), icon: textField(node, 'icon') })),
});

const content = query({
  describes:
    'The blocks of a document, or of a text in Markdown, as plain values: `{type, attributes, content}` and `{text, marks}`; null when it is not here.',
  args: {
    documentId: { type: 'id', optional: true },
    markdown: { type: 'text', max: MAX_MARKDOWN, optional: true },
  },
  textOf: ({ documentId }) => documentId ?? '',
  run: (view, { documentId, markdown = '' }): readonly Markup[] | null => {
    if (documentId === undefined) return blocksFrom(markdown);
    const found = findNode(view, documentId, DOCUMENT);
    const graph = found && view.graph(found.space);
    return found && graph ? markupOf(graph.documentUpdate(found.node.id)) : null;
  },
});

const markdown = query({
  describes: 'A document as Markdown, its title first, with names as they are today; null when it is not here.',
  args: { documentId: { type: 'id' } },
  textOf: ({ documentId }) => documentId,
  run: (view, { documentId }): string | null => {
    const found = findNode(view, documentId, DOCUMENT);
    const graph = found && view.graph(found.space);
    if (!found || !graph) return null;
    const title = textField(found.node, 'title').replace(/\s+/g, ' ');
    const nameOf = ({ kind, id }: Target): string | undefined => {
      if (kind === 'user') return view.person(found.space, id as UserId).name || undefined;
      const space = view.spaceOf(id as NodeId);
      const node = space && view.graph(space)?.node(id as NodeId);
      return node ? textField(node, 'title') || undefined : undefined;
    };
    return `# ${title}\n\n${markdownOf(markupOf(graph.documentUpdate(found.node.id)), nameOf)}\n`;
  },
});

const trash = query({
  describes: 'Removed documents and folders of a space, the last first; `editor.restore` brings one back.',
  args: { spaceId: { type: 'id' } },
  run: (view, { spaceId }): readonly TrashRow[] => {
    const removed = view.find(spaceId as SpaceId, {
      type: [DOCUMENT, FOLDER],
      removed: 'only',
      order: [{ by: '@updatedAt', down: true }, { by: '@id' }],
    });
    return removed.map((node) => ({
      id: node.id,
      title: textField(node, 'title'),
      icon: textField(node, 'icon'),
      kind: kindOf(node),
    }));
  },
});

export const queries = { documents, document, blocks, templates, content, markdown, trash };
