/** What people wrote, as React nodes, from the trees of blocks.ts: for messages, comments and whatever else is written so. */
import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { Fragment, memo, useState } from 'react';
import { IconButton } from '../Button';
import { copyText } from '../clipboard';
import { t } from '../i18n';
import type { Block } from './blocks';
import { blocksOf } from './blocks';
import type { Inline } from './inline';
import './markup.css';
import { Named } from './Named';

type Place = { readonly spaceId: string };

function one(node: Inline, key: string, place: Place): ReactNode {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'code':
      return <code key={key}>{node.text}</code>;
    case 'bold':
      return <b key={key}>{nodes(node.inner, place)}</b>;
    case 'italic':
      return <em key={key}>{nodes(node.inner, place)}</em>;
    case 'strike':
      return <s key={key}>{nodes(node.inner, place)}</s>;
    case 'reference':
      return <Named key={key} spaceId={place.spaceId} id={node.target.id} label={node.label} />;
    case 'link':
      return (
        <a key={key} href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {nodes(node.inner, place)}
        </a>
      );
  }
}
const nodes = (tree: readonly Inline[], place: Place): ReactNode =>
  tree.map((node, index) => one(node, `${index} ${node.kind}`, place));

function blocks(tree: readonly Block[], place: Place, tail: ReactNode = null): ReactNode {
  return tree.map((block, index) => {
    const key = `${index} ${block.kind}`;
    const end = index === tree.length - 1 ? tail : null;
    if (block.kind === 'paragraph')
      return (
        <p key={key} dir="auto">
          {nodes(block.inner, place)}
          {end}
        </p>
      );
    return (
      <Fragment key={key}>
        {block.kind === 'code' ? (
          <Code language={block.language} text={block.text} />
        ) : block.kind === 'quote' ? (
          <blockquote dir="auto">{blocks(block.blocks, place)}</blockquote>
        ) : (
          <List from={block.from} items={block.items} place={place} />
        )}
        {end}
      </Fragment>
    );
  });
}

function List({ from, items, place }: Pick<Extract<Block, { kind: 'list' }>, 'from' | 'items'> & { place: Place }) {
  const rows = items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have nothing but their place
    <li key={index} dir="auto">
      {blocks(item, place)}
    </li>
  ));
  return from === null ? <ul>{rows}</ul> : <ol start={from}>{rows}</ol>;
}

function Code({ language, text }: { language: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => void copyText(text).then(setCopied);
  return (
    <figure className="code-block">
      <figcaption>
        <span className="cut">{language || t('markup.code')}</span>
        <IconButton
          small
          label={t(copied ? 'markup.copied' : 'markup.copy')}
          icon={copied ? Check : Copy}
          onClick={copy}
        />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the page is scrolled by keys */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

/** `tail` stands after the last word. */
export const Words = memo(function Words({ text, spaceId, tail }: { text: string; spaceId: string; tail?: ReactNode }) {
  return <div className="said-words">{blocks(blocksOf(text), { spaceId }, tail)}</div>;
});
