/**
 * What comments keep in the graph: one kind of comment for every object, in the object's own part, so that whoever may
 * read the object reads what was said about it, and nobody else. An annotation: a Guest comments too.
 */
import type { TypeRule } from '../../os/schema/define';

export const COMMENT = 'Comment';

/** In UTF-16 units. */
export const MAX_TEXT = 8_000;
export const MAX_QUOTE = 400;
/** A block id as the editor makes it. */
export const MAX_BLOCK = 64;

export const types: Readonly<Record<string, TypeRule>> = {
  /**
   * `object`: what it is about. `block`: of a document, the block. `quote`: the words that were selected; kept, because the
   * text goes on. `parent`: the comment that it answers. `resolved`: Members close any thread, a Guest their own.
   */
  [COMMENT]: {
    home: 'container',
    class: 'annotation',
    fields: {
      object: 'author',
      block: 'author',
      quote: 'author',
      parent: 'author',
      text: 'author',
      resolved: 'members',
    },
    deletion: 'author',
    indexes: { byObject: ['object', '@createdAt'], byAge: ['@createdAt'] },
    unread: true,
    tells: { parent: { as: 'answer', thread: true }, object: { as: 'comment' } },
    search: { names: ['comment', 'комментарий'], text: 'text', about: 'object', block: 'block' },
    erasable: { within: ['parent', 'object'] },
  },
};
