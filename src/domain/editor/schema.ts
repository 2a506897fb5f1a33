/** What the Editor keeps in the graph: documents and folders stand in the outline, a document's text in its own shard. */
import type { GraphNode, TypeRule } from '../../os/schema/define';

export const DOCUMENT = 'Document';
export const FOLDER = 'Folder';
export const SUGGESTION = 'Suggestion';
export const VERDICT = 'Verdict';

export const MAX_TITLE = 200;
/** Of a text in Markdown that a document is made of. */
export const MAX_MARKDOWN = 200_000;
/** An emoji, or the name of an icon. */
export const MAX_ICON = 64;
/** Of one proposed change: its blocks, and each of base and proposal as JSON text. */
export const MAX_BLOCKS = 64;
export const MAX_PROPOSAL = 24_000;
export const MAX_NOTE = 1_000;

const outlined = {
  home: 'outline',
  class: 'content',
  fields: { title: 'members', icon: 'members' },
  deletion: 'members',
  indexes: { byTitle: ['title'], byChange: ['@updatedAt'] },
} as const satisfies TypeRule;
/** In the document's part. An annotation: a Guest proposes what only a Member writes. */
const suggestion: TypeRule = {
  home: 'container',
  class: 'annotation',
  fields: {
    document: 'author',
    parent: 'author',
    blocks: 'author',
    after: 'author',
    base: 'author',
    proposed: 'author',
    note: 'author',
  },
  deletion: 'author',
  indexes: { byPart: ['@part', '@createdAt'], byAge: ['@createdAt'] },
  unread: true,
  tells: { document: { as: 'proposal' } },
};
/** What a Member decided about a suggestion. Content, so that no Guest can decide. */
const verdict: TypeRule = {
  home: 'container',
  class: 'content',
  fields: { suggestion: 'author', verdict: 'author' },
  deletion: 'members',
  indexes: { byPart: ['@part', '@createdAt'], byAge: ['@createdAt'] },
  tells: { suggestion: { as: 'verdict' } },
};
export const types: Readonly<Record<string, TypeRule>> = {
  /** `template`: new documents can be made like it. */
  [DOCUMENT]: {
    ...outlined,
    fields: { ...outlined.fields, template: 'members' },
    indexes: { ...outlined.indexes, byTemplate: ['template', 'title'] },
    search: { names: ['document', 'документ'], title: 'title', document: true },
  },
  [FOLDER]: { ...outlined, search: { names: ['folder', 'папка'], title: 'title' } },
  [SUGGESTION]: suggestion,
  [VERDICT]: verdict,
};

export const isTemplate = (node: GraphNode): boolean => node.field('template') === true && !node.deleted;
