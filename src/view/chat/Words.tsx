/** A message's text as React nodes, from the tree of inline.ts. */

import type { ReactNode } from 'react';
import { memo } from 'react';
import type { Inline } from './inline';
import { inlineOf } from './inline';

function one(node: Inline, key: string): ReactNode {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'code':
      return (
        <code key={key} className={node.text.includes('\n') ? 'block' : undefined}>
          {node.text}
        </code>
      );
    case 'bold':
      return <b key={key}>{nodes(node.inner)}</b>;
    case 'italic':
      return <em key={key}>{nodes(node.inner)}</em>;
    case 'link':
      return (
        <a key={key} href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {nodes(node.inner)}
        </a>
      );
  }
}
const nodes = (tree: readonly Inline[]): ReactNode => tree.map((node, index) => one(node, `${index} ${node.kind}`));

export const Words = memo(function Words({ text }: { text: string }) {
  return nodes(inlineOf(text));
});
