/**
 * A document as Markdown (CommonMark with tables, tasks and strike-through). Pure. What has no form in Markdown keeps its
 * text: nothing that somebody wrote is left out.
 */
import { labelOf, type Target, targetOf } from '../../base/reference';
import type { Markup } from '../../os/schema/define';

type Element = Extract<Markup, { readonly type: string }>;
type Text = Extract<Markup, { readonly text: string }>;
const isText = (markup: Markup): markup is Text => 'text' in markup;

/** `nameOf`: what is named in it, as it is called today; `undefined` where nobody knows, and what was written stays. */
export const markdownOf = (
  document: readonly Markup[],
  nameOf: (target: Target) => string | undefined = () => undefined,
): string => blocks(named(document, nameOf)).join('\n');

/** Runs of one reference become one, so that a name is said once. */
const named = (content: readonly Markup[], nameOf: (target: Target) => string | undefined): readonly Markup[] => {
  let before: string | undefined;
  return content.flatMap((each): readonly Markup[] => {
    const href = isText(each) ? hrefOf(each) : undefined;
    const target = href === undefined ? null : targetOf(href);
    const name = target ? nameOf(target) : undefined;
    const isMore = name !== undefined && href === before;
    before = name === undefined ? undefined : href;
    if (isMore) return [];
    if (!isText(each)) return [{ ...each, content: named(each.content, nameOf) }];
    const sign = /^[@#]/.exec(each.text)?.[0] ?? '';
    return [name === undefined ? each : { ...each, text: sign + labelOf(name) }];
  });
};
/** Marks may carry a number behind their name where several of one kind stand together. */
const marksOf = ({ marks }: Text): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(marks).map(([name, value]) => [name.split('--')[0] as string, value]));
const hrefOf = (text: Text): string | undefined => {
  const href = (marksOf(text).get('link') as { readonly href?: unknown } | undefined)?.href;
  return typeof href === 'string' ? href : undefined;
};

/** Lines of blocks that stand one after the other, a blank line between two. */
const blocks = (content: readonly Markup[]): readonly string[] => {
  const lines: string[] = [];
  for (const [i, part] of groups(content).entries()) {
    const own = Array.isArray(part) ? paragraph(part) : block(part as Element);
    if (i > 0 && own.length > 0 && lines.length > 0) lines.push('');
    lines.push(...own);
  }
  return lines;
};
/** Text that stands beside blocks is a paragraph. */
const groups = (content: readonly Markup[]): readonly (Element | readonly Markup[])[] => {
  const found: (Element | Markup[])[] = [];
  for (const each of content) {
    const last = found.at(-1);
    if (!isText(each) && each.type !== 'hardBreak') found.push(each);
    else if (Array.isArray(last)) last.push(each);
    else found.push([each]);
  }
  return found;
};

const paragraph = (content: readonly Markup[]): readonly string[] =>
  inline(content)
    .split('\n')
    .map((line) => line.replace(/^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|=+\s*$|~~~|(\d{1,9})([.)])(?=\s|$))/, atStart));
/** What would begin a heading, a list or a quote. */
const atStart = (_: string, space: string, sign: string, digits?: string, dot?: string): string =>
  digits === undefined ? `${space}\\${sign}` : `${space}${digits}\\${dot}`;

const block = ({ type, attributes, content }: Element): readonly string[] => {
  switch (type) {
    case 'heading': {
      const level = Math.min(6, Math.max(1, Number(attributes.level) || 1));
      return [`${'#'.repeat(level)} ${inline(content).replaceAll('\n', ' ')}`.trimEnd()];
    }
    case 'blockquote':
      return blocks(content).map((line) => `> ${line}`.trimEnd());
    case 'codeBlock':
      return code(plain(content), attributes.language);
    case 'horizontalRule':
      return ['---'];
    case 'bulletList':
      return items(content, () => '- ');
    case 'orderedList': {
      const first = Number.isSafeInteger(attributes.start) ? Number(attributes.start) : 1;
      return items(content, (i) => `${first + i}. `);
    }
    case 'taskList':
      return items(content, (_, item) => `- [${item.attributes.checked === true ? 'x' : ' '}] `);
    case 'table':
      return table(content);
    case 'paragraph':
      return paragraph(content);
    default:
      return blocks(content);
  }
};

const items = (content: readonly Markup[], mark: (index: number, item: Element) => string): readonly string[] =>
  content
    .filter((item): item is Element => !isText(item))
    .flatMap((item, i) => {
      const sign = mark(i, item);
      // Of a task the box is part of the line, not of the indent.
      const indent = ' '.repeat(sign.startsWith('- ') ? 2 : sign.length);
      const [first = '', ...rest] = blocks(item.content);
      return [`${sign}${first}`.trimEnd(), ...rest.map((line) => (line === '' ? '' : indent + line))];
    });

/** A fence longer than any in the text. */
const code = (text: string, language: unknown): readonly string[] => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const name = typeof language === 'string' && /^[\w+#.-]{1,40}$/.test(language) ? language : '';
  return [fence + name, ...text.split('\n'), fence];
};

const table = (content: readonly Markup[]): readonly string[] => {
  const rows = content
    .filter((row): row is Element => !isText(row))
    .map((row) => row.content.filter((cell): cell is Element => !isText(cell)).map(cellOf));
  const width = Math.max(1, ...rows.map((row) => row.length));
  const lineOf = (row: readonly string[]): string =>
    `| ${Array.from({ length: width }, (_, i) => row[i] ?? '').join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [lineOf(head), `|${' --- |'.repeat(width)}`, ...body.map(lineOf)];
};
const cellOf = ({ content }: Element): string =>
  blocks(content)
    .filter((line) => line !== '')
    .join('<br>')
    .replaceAll('|', '\\|');

// --- Inside a line -------------------------------------------------------------------------------------------------

const inline = (content: readonly Markup[]): string =>
  content.map((each) => (isText(each) ? marked(each) : within(each))).join('');

const within = ({ type, attributes, content }: Element): string => {
  if (type === 'hardBreak') return '\\\n';
  const label = attributes.label ?? attributes.alt;
  const inside = inline(content);
  return inside === '' && typeof label === 'string' ? escaped(label) : inside;
};

const SIGNS: readonly (readonly [mark: string, begin: string, end: string])[] = [
  ['strike', '~~', '~~'],
  ['italic', '*', '*'],
  ['bold', '**', '**'],
  ['underline', '<u>', '</u>'],
];
const marked = (run: Text): string => {
  const { text } = run;
  const given = marksOf(run);
  // A sign next to a space is no sign.
  const core = text.trim();
  if (core === '') return text;
  const before = text.slice(0, text.length - text.trimStart().length);
  const after = text.slice(text.trimEnd().length);
  let said = given.has('code') ? codeSpan(core) : escaped(core);
  for (const [mark, begin, end] of SIGNS) if (given.has(mark)) said = begin + said + end;
  const href = hrefOf(run);
  if (href !== undefined) said = `[${said}](${addressOf(href)})`;
  return before + said + after;
};
const codeSpan = (text: string): string => {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${text} ${fence}` : fence + text + fence;
};
const escaped = (text: string): string => text.replace(/[\\`*_[\]<>~]/g, '\\$&');
/** In brackets that any address may stand in. */
const addressOf = (href: string): string =>
  `<${href.replace(/[<>\s]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)}>`;
const plain = (content: readonly Markup[]): string =>
  content.map((each) => (isText(each) ? each.text : each.type === 'hardBreak' ? '\n' : plain(each.content))).join('');
