/** What people wrote, as React nodes, from the trees of blocks.ts: for messages, comments and whatever else is written so. */
import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { Fragment, memo, useState } from 'react';
import type { Block } from '../../../base/markdown/blocks';
import { blocksOf } from '../../../base/markdown/blocks';
import type { Inline } from '../../../base/markdown/inline';
import { IconButton } from '../Button';
import { copyText } from '../clipboard';
import { t } from '../i18n';
import './markup.css';
import { Named } from './Named';
import { ObjectCard } from './ObjectCard';

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

type Reference = Extract<Inline, { kind: 'reference' }>;
/** The lines of a paragraph; what is marked over an end of a line stays whole. */
const linesOf = (inner: readonly Inline[]): readonly (readonly Inline[])[] => {
  const lines: Inline[][] = [[]];
  for (const node of inner) {
    if (node.kind !== 'text') lines.at(-1)?.push(node);
    else
      node.text.split('\n').forEach((text, i) => {
        if (i > 0) lines.push([]);
        if (text !== '') lines.at(-1)?.push({ kind: 'text', text });
      });
  }
  return lines;
};
/** An object with nothing beside it. */
const aloneIn = (line: readonly Inline[]): Reference | null => {
  const [only, ...more] = line.filter((node) => node.kind !== 'text' || node.text.trim() !== '');
  return only?.kind === 'reference' && only.target.kind === 'node' && more.length === 0 ? only : null;
};
const hasCards = (inner: readonly Inline[]): boolean =>
  inner.some(({ kind }) => kind === 'reference') && linesOf(inner).some((line) => aloneIn(line) !== null);

function blocks(tree: readonly Block[], place: Place, tail: ReactNode = null): ReactNode {
  return tree.map((block, index) => {
    const key = `${index} ${block.kind}`;
    const end = index === tree.length - 1 ? tail : null;
    if (block.kind === 'paragraph' && hasCards(block.inner))
      return (
        <Fragment key={key}>
          {linesOf(block.inner).map((line, at) => {
            const alone = aloneIn(line);
            const name = `${at} line`;
            return alone ? (
              <ObjectCard key={name} spaceId={place.spaceId} id={alone.target.id} label={alone.label} />
            ) : (
              <p key={name} dir="auto">
                {nodes(line, place)}
              </p>
            );
          })}
          {end}
        </Fragment>
      );
    if (block.kind === 'paragraph')
      return (
        <p key={key} dir="auto">
          {nodes(block.inner, place)}
          {end}
        </p>
      );
    return (
      <Fragment key={key}>
        {standing(block, place)}
        {end}
      </Fragment>
    );
  });
}

function standing(block: Exclude<Block, { kind: 'paragraph' }>, place: Place): ReactNode {
  switch (block.kind) {
    case 'heading':
      return (
        <p className={`said-h${block.level}`} dir="auto">
          {nodes(block.inner, place)}
        </p>
      );
    case 'code':
      return <Code language={block.language} text={block.text} />;
    case 'quote':
      return <blockquote dir="auto">{blocks(block.blocks, place)}</blockquote>;
    case 'list':
      return <List from={block.from} items={block.items} place={place} />;
    case 'tasks':
      return <Tasks items={block.items} place={place} />;
    case 'table':
      return <Table rows={block.rows} place={place} />;
    case 'rule':
      return <hr />;
  }
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

function Tasks({ items, place }: Pick<Extract<Block, { kind: 'tasks' }>, 'items'> & { place: Place }) {
  const rows = items.map(({ done, blocks: inside }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have nothing but their place
    <li key={index} dir="auto">
      <input type="checkbox" checked={done} disabled aria-label={t(done ? 'markup.done' : 'markup.open')} />
      <div>{blocks(inside, place)}</div>
    </li>
  ));
  return <ul className="said-tasks">{rows}</ul>;
}

function Table({ rows, place }: Pick<Extract<Block, { kind: 'table' }>, 'rows'> & { place: Place }) {
  const [head = [], ...body] = rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the page is scrolled by keys
    <div className="said-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have nothing but their place
              <th key={index} dir="auto">
                {nodes(cell, place)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have nothing but their place
            <tr key={at}>
              {row.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have nothing but their place
                <td key={index} dir="auto">
                  {nodes(cell, place)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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
