/** Blocks as the kernel tells them (`editor.content`), as the editor takes them. Ids are left to the editor, which gives new ones. Pure. */
import type { JSONContent } from '@tiptap/core';
import type { MarkupNode } from '../../bridge/messages';

export const jsonOf = (blocks: readonly MarkupNode[]): JSONContent[] =>
  blocks.map((node) => {
    if ('text' in node) {
      // Marks may carry a number behind their name where several of one kind stand together.
      const marks = Object.entries(node.marks).map(([name, attrs]) => ({
        type: name.split('--')[0] ?? name,
        attrs: typeof attrs === 'object' && attrs !== null ? (attrs as Record<string, unknown>) : {},
      }));
      return { type: 'text', text: node.text, marks };
    }
    const { blockId: _, ...attrs } = node.attributes;
    return { type: node.type, attrs, content: jsonOf(node.content) };
  });
