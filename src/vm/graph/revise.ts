/**
 * Making a document say again what it said before, as an ordinary edit of one author: blocks and words that are the same are
 * not touched, so that ids of blocks, and what others write in them at the same time, stay. Works in a scratch copy.
 *
 * With `from`, only what was changed between `from` and `to` is changed: a block that differs from `from` by now is left.
 */
import * as Y from 'yjs';
import { err, ok, type Result } from '../../base/result';
import { FRAGMENT, prepareDoc } from './text';

type Json = Record<string, unknown>;
type Piece = { readonly insert: unknown; readonly attributes?: Json };
type Text = { readonly delta: readonly Piece[] };
type Element = { readonly name: string; readonly attributes: Json; readonly children: readonly Item[] };
type Item = Text | Element;
type Parent = Y.XmlFragment | Y.XmlElement;

/** `left`: blocks that were to be changed and that somebody has changed since. `changed`: the update says anything. */
export type Revision = { readonly update: Uint8Array; readonly left: number; readonly changed: boolean };
export type ReviseError = { readonly type: 'tooDeep'; readonly message: string };

/** Deeper documents are left alone: no editor makes them. */
const MAX_DEPTH = 64;
/** Of a comparison of words: above it all between the first and the last difference is written anew. */
const MAX_CELLS = 1_000_000;

class TooDeep extends Error {}

const sorted = (record: Json): Json =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

const read = (parent: Parent, depth = 0): readonly Item[] => {
  if (depth > MAX_DEPTH) throw new TooDeep();
  return (parent.toArray() as readonly unknown[]).flatMap((child): readonly Item[] => {
    if (child instanceof Y.XmlText) {
      const delta = child.toDelta() as readonly Piece[];
      return [{ delta: delta.map(({ insert, attributes }) => ({ insert, attributes: sorted(attributes ?? {}) })) }];
    }
    if (!(child instanceof Y.XmlElement)) return [];
    const attributes = sorted(child.getAttributes() as Json);
    return [{ name: child.nodeName, attributes, children: read(child, depth + 1) }];
  });
};
const scratch = (state: Uint8Array): Y.Doc => {
  const doc = prepareDoc(new Y.Doc());
  Y.applyUpdateV2(doc, state);
  return doc;
};
const readState = (state: Uint8Array): readonly Item[] => {
  const doc = scratch(state);
  const items = read(doc.getXmlFragment(FRAGMENT));
  doc.destroy();
  return items;
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
/** Names of siblings by which they are found again: block ids, else the kind and which of it. */
const namesOf = (items: readonly Item[]): readonly string[] => {
  const times = new Map<string, number>();
  return items.map((item) => {
    const blockId = 'name' in item ? item.attributes.blockId : undefined;
    const name = typeof blockId === 'string' && blockId !== '' ? `id ${blockId}` : 'name' in item ? item.name : 'text';
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    return `${name} ${time}`;
  });
};
const byName = (items: readonly Item[]): ReadonlyMap<string, Item> => {
  const names = namesOf(items);
  return new Map(items.map((item, i) => [names[i] as string, item]));
};

/** What the present becomes when the way from `from` to `to` is gone in it, block by block. */
const merged = (
  present: readonly Item[],
  from: readonly Item[],
  to: readonly Item[],
): { readonly target: readonly Item[]; readonly left: number } => {
  if (same(present, from)) return { target: to, left: 0 };
  const [before, after, now] = [byName(from), byName(to), byName(present)];
  const target: { name: string; item: Item }[] = [];
  let left = 0;
  for (const [name, item] of now) {
    const [was, wanted] = [before.get(name), after.get(name)];
    if (!was || same(was, wanted)) target.push({ name, item });
    else if (same(item, was)) {
      if (wanted) target.push({ name, item: wanted });
    } else {
      if (!same(item, wanted)) left++;
      target.push({ name, item });
    }
  }
  let previous = '';
  for (const [name, item] of after) {
    const was = before.get(name);
    if (was && !now.has(name) && !same(was, item)) left++;
    if (!was && !now.has(name))
      target.splice(target.findIndex((each) => each.name === previous) + 1, 0, { name, item });
    if (target.some((each) => each.name === name)) previous = name;
  }
  return { target: target.map(({ item }) => item), left };
};

/** The longest run of places that grows: what need not move. */
const rising = (places: readonly number[]): ReadonlySet<number> => {
  const ends: number[] = [];
  const before: number[] = [];
  places.forEach((place, i) => {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((places[ends[middle] as number] as number) < place) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = i;
  });
  const run = new Set<number>();
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] as number) run.add(i);
  return run;
};

const made = (item: Item): Y.XmlText | Y.XmlElement => {
  if ('delta' in item) {
    const text = new Y.XmlText();
    text.applyDelta([...item.delta], { sanitize: false });
    return text;
  }
  const element = new Y.XmlElement(item.name);
  for (const [key, value] of Object.entries(item.attributes)) element.setAttribute(key, value as string);
  element.insert(0, item.children.map(made));
  return element;
};

const write = (parent: Parent, present: readonly Item[], target: readonly Item[]): void => {
  const places = new Map(namesOf(present).map((name, i) => [name, i]));
  const pairs = namesOf(target).flatMap((name, i) => {
    const at = places.get(name);
    const [was, wanted] = [present[at ?? -1], target[i] as Item];
    const isKind = was && ('delta' in was ? 'delta' in wanted : 'name' in wanted && was.name === wanted.name);
    return at !== undefined && isKind ? [{ i, at }] : [];
  });
  const run = rising(pairs.map(({ at }) => at));
  const kept = new Map(pairs.filter((_, k) => run.has(k)).map(({ i, at }) => [i, at]));
  const staying = new Set(kept.values());
  for (let at = present.length - 1; at >= 0; at--) if (!staying.has(at)) parent.delete(at, 1);
  target.forEach((item, i) => {
    const at = kept.get(i);
    const was = at === undefined ? undefined : present[at];
    if (!was) {
      parent.insert(i, [made(item)]);
      return;
    }
    if (same(was, item)) return;
    const child: unknown = parent.toArray()[i];
    if (child instanceof Y.XmlText && 'delta' in was && 'delta' in item) writeText(child, was, item);
    if (child instanceof Y.XmlElement && 'name' in was && 'name' in item) {
      for (const key of Object.keys(was.attributes)) if (!(key in item.attributes)) child.removeAttribute(key);
      for (const [key, value] of Object.entries(item.attributes))
        if (!same(value, was.attributes[key])) child.setAttribute(key, value as string);
      write(child, was.children, item.children);
    }
  });
};

type Token = { readonly insert: unknown; readonly attributes: Json; readonly length: number; readonly key: string };
/** Words and what is between them, each with its marks: no pair of surrogates is cut. */
const tokensOf = ({ delta }: Text): readonly Token[] =>
  delta.flatMap(({ insert, attributes = {} }) => {
    const parts = typeof insert === 'string' ? (insert.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? []) : [insert];
    return parts.map((part) => ({
      insert: part,
      attributes,
      length: typeof part === 'string' ? part.length : 1,
      key: JSON.stringify([part, attributes]),
    }));
  });

/** Which tokens of `a` stand for which of `b`, in order: the most that can. */
const common = (a: readonly Token[], b: readonly Token[]): readonly (readonly [number, number])[] => {
  if (a.length * b.length > MAX_CELLS) return [];
  const width = b.length + 1;
  const most = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      most[i * width + j] =
        a[i]?.key === b[j]?.key
          ? (most[(i + 1) * width + j + 1] as number) + 1
          : Math.max(most[(i + 1) * width + j] as number, most[i * width + j + 1] as number);
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]?.key === b[j]?.key) pairs.push([i++, j++]);
    else if ((most[(i + 1) * width + j] as number) >= (most[i * width + j + 1] as number)) i++;
    else j++;
  }
  return pairs;
};

const writeText = (text: Y.XmlText, was: Text, wanted: Text): void => {
  const [a, b] = [tokensOf(was), tokensOf(wanted)];
  let start = 0;
  while (start < a.length && start < b.length && a[start]?.key === b[start]?.key) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end)?.key === b.at(-1 - end)?.key) end++;
  const [inA, inB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const lengthOf = (tokens: readonly Token[]): number => tokens.reduce((sum, { length }) => sum + length, 0);
  const ops: { retain?: number; delete?: number; insert?: unknown; attributes?: Json }[] = [];
  const retain = (length: number): void => void (length > 0 && ops.push({ retain: length }));
  retain(lengthOf(a.slice(0, start)));
  let [i, j] = [0, 0];
  for (const [atA, atB] of [...common(inA, inB), [inA.length, inB.length] as const]) {
    const gone = lengthOf(inA.slice(i, atA));
    if (gone > 0) ops.push({ delete: gone });
    for (const { insert, attributes } of inB.slice(j, atB)) ops.push({ insert, attributes: { ...attributes } });
    if (atA < inA.length) retain(inA[atA]?.length ?? 0);
    [i, j] = [atA + 1, atB + 1];
  }
  text.applyDelta(ops, { sanitize: false });
};

/** The V2 update for `client`; `from` is the present unless told. States are V2 updates of whole documents. */
export const reviseText = (
  present: Uint8Array,
  { from, to }: { readonly from?: Uint8Array; readonly to: Uint8Array },
  client: number,
): Result<Revision, ReviseError> => {
  const doc = scratch(present);
  try {
    const fragment = doc.getXmlFragment(FRAGMENT);
    const now = read(fragment);
    const { target, left } = merged(now, from ? readState(from) : now, readState(to));
    doc.clientID = client;
    const updates: Uint8Array[] = [];
    doc.on('updateV2', (update: Uint8Array) => updates.push(update));
    if (!same(now, target)) doc.transact(() => write(fragment, now, target));
    const update = updates.length > 0 ? Y.mergeUpdatesV2(updates) : Y.encodeStateAsUpdateV2(new Y.Doc());
    return ok({ update, left, changed: updates.length > 0 });
  } catch (fault) {
    if (!(fault instanceof TooDeep)) throw fault;
    return err({ type: 'tooDeep', message: `a document nested deeper than ${MAX_DEPTH}` });
  } finally {
    doc.destroy();
  }
};
