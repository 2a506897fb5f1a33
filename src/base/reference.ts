/**
 * How a text names a person or an object: a Markdown link to its id, `[@Ann](lgos:user/…)` or `[Plan](lgos:node/…)`. The
 * label is what it was called when it was written; whoever shows it shows today's name. It knows no space and no type, and
 * takes nothing for a reference but these two forms with a whole id.
 */
export type Target = { readonly kind: 'user' | 'node'; readonly id: string };
/** `from` and `to` in UTF-16 units of the text. */
type Reference = Target & { readonly label: string; readonly from: number; readonly to: number };

const TARGET = /^lgos:(?:user\/([0-9a-f]{64})|node\/([0-9a-f]{32}))$/;
const REFERENCE = /\[([^[\]\n]{1,200})\]\((lgos:(?:user|node)\/[0-9a-f]{32,64})\)/g;
const MAX_LABEL = 120;

/** What an address of ours points to; `null` for every other address. */
export const targetOf = (address: string): Target | null => {
  const [, user, node] = TARGET.exec(address) ?? [];
  if (user !== undefined) return { kind: 'user', id: user };
  return node === undefined ? null : { kind: 'node', id: node };
};
export const addressOf = ({ kind, id }: Target): string => `lgos:${kind}/${id}`;

export const referencesIn = (text: string): readonly Reference[] => {
  if (!text.includes('](lgos:')) return [];
  return [...text.matchAll(REFERENCE)].flatMap((match) => {
    const target = targetOf(match[2] ?? '');
    const from = match.index;
    return target ? [{ ...target, label: match[1] ?? '', from, to: from + match[0].length }] : [];
  });
};

/** A label cannot end its own link. */
export const labelOf = (name: string): string =>
  name
    .replace(/[[\]\s]+/g, ' ')
    .trim()
    .slice(0, MAX_LABEL)
    .replace(/[\ud800-\udbff]$/, '') || '…';

export const writeReference = (target: Target, name: string): string => `[${labelOf(name)}](${addressOf(target)})`;

/** The text without its references: what is left was typed. */
export const withoutReferences = (text: string): string => {
  let at = 0;
  let left = '';
  for (const { from, to } of referencesIn(text)) {
    left += `${text.slice(at, from)}\n`;
    at = to;
  }
  return left + text.slice(at);
};

/** The text with its references as they are called today; `undefined` leaves what was written. */
export const renamed = (text: string, nameOf: (target: Target) => string | undefined): string => {
  let at = 0;
  let said = '';
  for (const { kind, id, from, to } of referencesIn(text)) {
    const name = nameOf({ kind, id });
    said += text.slice(at, from) + (name === undefined ? text.slice(from, to) : writeReference({ kind, id }, name));
    at = to;
  }
  return said + text.slice(at);
};

/** The text with labels in place of its references, as it reads. */
export const readable = (text: string): string => {
  let at = 0;
  let read = '';
  for (const { from, to, label } of referencesIn(text)) {
    read += text.slice(at, from) + label;
    at = to;
  }
  return read + text.slice(at);
};
