/** A message's text as React nodes, from the tree of inline.ts. */
import { memo } from 'react';
import type { ReactNode } from 'react';
import { inlineOf } from './inline';
import type { Inline } from './inline';

function nodes(tree: readonly Inline[]): ReactNode {
  return tree.map((node, index) => {
    const key = `${index} ${node.kind}`;
    switch (node.kind) {
      case 'text': return node.text;
      case 'code': return node.text.includes('\n') ? <code key={key} className="block">{node.text}</code> : <code key={key}>{node.text}</code>;
      case 'bold': return <b key={key}>{nodes(node.inner)}</b>;
      case 'italic': return <em key={key}>{nodes(node.inner)}</em>;
      case 'link': return <a key={key} href={node.href} target="_blank" rel="noopener noreferrer nofollow">{nodes(node.inner)}</a>;
    }
  });
}

export const Words = memo(function Words({ text }: { text: string }) {
  return nodes(inlineOf(text));
});
