/**
 * The Markdown inside a line: **bold**, *italic*, ~~strike~~, `code`, [links](https://…), bare
 * addresses, and references to people and objects. Pure: text in, a tree out; the tree holds only text, addresses of schemes
 * that are safe to follow, and whole ids, so that no text can put markup on a page.
 */
import { type Target, targetOf } from '../reference';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: Mark; readonly inner: readonly Inline[] }
  | { readonly kind: 'reference'; readonly target: Target; readonly label: string }
  | { readonly kind: 'link'; readonly href: string; readonly inner: readonly Inline[] };

type Mark = 'bold' | 'italic' | 'strike';

const MAX_DEPTH = 4;
const WORD = /[\p{L}\p{N}_]/u;

const MAIL = /^mailto:[^\s?&<>"]+@[^\s?&<>"]+$/i;
/** A host of letters, digits, dots and dashes: nothing stands before it that could be taken for another one. */
const HTTPS = /^https:\/\/[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?\.?(?::\d{1,5})?(?:[/?#][^\s\\]*)?$/iu;

/** An address that may be followed, or null: https that hides no other host behind a name, or a mail address. */
export const safeHref = (address: string): string | null =>
  HTTPS.test(address) || MAIL.test(address) ? address : null;

type Found = { readonly node: Inline; readonly end: number };

function wrapped(text: string, at: number, mark: string, kind: Mark, depth: number): Found | null {
  const from = at + mark.length;
  if (!text.startsWith(mark, at) || /\s/.test(text.charAt(from) || ' ')) return null;
  if (text.charAt(from) === mark || (mark === '_' && WORD.test(text.charAt(at - 1)))) return null;
  let end = text.indexOf(mark, from + 1);
  while (end > 0 && (/\s/.test(text.charAt(end - 1)) || (mark === '_' && WORD.test(text.charAt(end + 1)))))
    end = text.indexOf(mark, end + 1);
  if (end < 0) return null;
  return { node: { kind, inner: inlineOf(text.slice(from, end), depth + 1) }, end: end + mark.length };
}

function code(text: string, at: number): Found | null {
  const fence = text.startsWith('```', at) ? '```' : '`';
  const end = text.indexOf(fence, at + fence.length);
  if (end <= at + fence.length) return null;
  const inside = text.slice(at + fence.length, end);
  return {
    node: { kind: 'code', text: fence === '```' ? inside.replace(/^\n|\n$/g, '') : inside },
    end: end + fence.length,
  };
}

function link(text: string, at: number, depth: number): Found | null {
  const middle = text.indexOf('](', at);
  if (middle < 0) return null;
  const end = text.indexOf(')', middle);
  const label = text.slice(at + 1, middle);
  const target = end < 0 ? null : targetOf(text.slice(middle + 2, end));
  if (target && label !== '' && !/[[\]\n]/.test(label))
    return { node: { kind: 'reference', target, label }, end: end + 1 };
  const href = end < 0 || label.trim() === '' || label.includes('\n') ? null : safeHref(text.slice(middle + 2, end));
  return href === null ? null : { node: { kind: 'link', href, inner: inlineOf(label, depth + 1) }, end: end + 1 };
}

function address(text: string, at: number): Found | null {
  const found = /^https:\/\/[^\s<>"]+/i.exec(text.slice(at, at + 2_048))?.[0].replace(/[.,;:!?)\]}»”'"*_]+$/u, '');
  const href = found === undefined ? null : safeHref(found);
  if (found === undefined || href === null) return null;
  return { node: { kind: 'link', href, inner: [{ kind: 'text', text: found }] }, end: at + found.length };
}

export function inlineOf(text: string, depth = 0): readonly Inline[] {
  if (depth >= MAX_DEPTH) return [{ kind: 'text', text }];
  const nodes: Inline[] = [];
  let plain = 0;
  let at = 0;
  while (at < text.length) {
    const letter = text.charAt(at);
    const found =
      letter === '`'
        ? code(text, at)
        : letter === '*'
          ? (wrapped(text, at, '**', 'bold', depth) ?? wrapped(text, at, '*', 'italic', depth))
          : letter === '_'
            ? wrapped(text, at, '_', 'italic', depth)
            : letter === '~'
              ? wrapped(text, at, '~~', 'strike', depth)
              : letter === '['
                ? link(text, at, depth)
                : (letter === 'h' || letter === 'H') && !WORD.test(text.charAt(at - 1))
                  ? address(text, at)
                  : null;
    if (found === null) {
      at += 1;
      continue;
    }
    if (at > plain) nodes.push({ kind: 'text', text: text.slice(plain, at) });
    nodes.push(found.node);
    at = found.end;
    plain = at;
  }
  if (plain < text.length) nodes.push({ kind: 'text', text: text.slice(plain) });
  return nodes;
}

/** What a line says without its marks. */
export const flat = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => ('inner' in node ? flat(node.inner) : node.kind === 'reference' ? node.label : node.text))
    .join('');
