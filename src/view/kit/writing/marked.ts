/**
 * A text as it stands in a field: names instead of references, and which stretches of it are references. What is typed into a
 * name makes plain text of it; what is typed elsewhere moves the names along. Pure; `written` is what is sent and kept.
 */
import { labelOf, referencesIn, type Target, writeReference } from '../../../base/reference';

type Name = Target & { readonly from: number; readonly to: number };
export type Marked = { readonly text: string; readonly names: readonly Name[] };

export const markedOf = (written: string): Marked => {
  let text = '';
  let at = 0;
  const names: Name[] = [];
  for (const { kind, id, label, from, to } of referencesIn(written)) {
    text += written.slice(at, from);
    names.push({ kind, id, from: text.length, to: text.length + label.length });
    text += label;
    at = to;
  }
  return { text: text + written.slice(at), names };
};

export const writtenOf = ({ text, names }: Marked): string => {
  let written = '';
  let at = 0;
  for (const { kind, id, from, to } of names) {
    written += text.slice(at, from) + writeReference({ kind, id }, text.slice(from, to));
    at = to;
  }
  return written + text.slice(at);
};

/** After `from` to `to` of the text became something of this length. */
const moved = (names: readonly Name[], from: number, to: number, length: number): readonly Name[] =>
  names.flatMap((name) => {
    if (name.to <= from) return [name];
    if (name.from < to || (name.from < from && name.to > from)) return [];
    const by = length - (to - from);
    return [{ ...name, from: name.from + by, to: name.to + by }];
  });

/** After the field's text became `next`. */
export const edited = ({ text, names }: Marked, next: string): Marked => {
  const least = Math.min(text.length, next.length);
  let from = 0;
  while (from < least && text[from] === next[from]) from++;
  let end = 0;
  while (end < least - from && text[text.length - 1 - end] === next[next.length - 1 - end]) end++;
  return { text: next, names: moved(names, from, text.length - end, next.length - end - from) };
};

/** With a name and a space after it in place of `from` to `to`; the cursor goes to `caret`. */
export const naming = (
  { text, names }: Marked,
  { from, to }: { readonly from: number; readonly to: number },
  target: Target,
  name: string,
): { readonly marked: Marked; readonly caret: number } => {
  const label = labelOf(name);
  const rest = text.slice(to);
  const space = rest.startsWith(' ') ? '' : ' ';
  const kept = moved(names, from, to, label.length + space.length);
  const own = { kind: target.kind, id: target.id, from, to: from + label.length };
  return {
    marked: {
      text: text.slice(0, from) + label + space + rest,
      names: [...kept, own].sort((a, b) => a.from - b.from),
    },
    caret: from + label.length + 1,
  };
};

/** What is asked for at the cursor: after "@" people and titles, after "#" titles, after "[[" also messages. */
export type Asked = { readonly from: number; readonly sign: '@' | '#' | '[['; readonly query: string };
export const askedAt = ({ text, names }: Marked, caret: number): Asked | null => {
  const match = /(?:^|[\s(])(@|#|\[\[)([^\n@#[\]]{0,40})$/u.exec(text.slice(0, caret));
  if (!match) return null;
  const [, sign = '@', query = ''] = match;
  const from = caret - query.length - sign.length;
  if (names.some((name) => name.from < caret && name.to > from)) return null;
  return { from, sign: sign as Asked['sign'], query };
};

/** With these signs around what is chosen, or without them where they stand there already. */
export const wrapped = (
  text: string,
  from: number,
  to: number,
  sign: string,
): { readonly put: string; readonly from: number; readonly to: number; readonly select: readonly [number, number] } => {
  const chosen = text.slice(from, to);
  const isOn = text.slice(from - sign.length, from) === sign && text.slice(to, to + sign.length) === sign;
  if (isOn) {
    const start = from - sign.length;
    return { put: chosen, from: start, to: to + sign.length, select: [start, start + chosen.length] };
  }
  const start = from + sign.length;
  return { put: sign + chosen + sign, from, to, select: [start, start + chosen.length] };
};
