/**
 * Plain-text edits of a document, for those who have no editor: commands, agents, importers. Works in a scratch copy
 * and gives the update that the edit made there, so that only its own deletions are signed by its author.
 */
import * as Y from 'yjs';
import { err, ok, type Result } from '../../base/result';
import { type Inline, inlineOf, inlineText, type Leaf, leavesOf } from './blocks';
import type { TextEdit, TextEditError } from './engine';
import { FRAGMENT, prepareDoc } from './text';

type Delta = readonly { insert?: unknown; attributes?: Record<string, unknown> }[];

const splitsPair = (text: string, at: number): boolean =>
  /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '');

export const editText = (state: Uint8Array, edit: TextEdit, client: number): Result<Uint8Array, TextEditError> => {
  const doc = prepareDoc(new Y.Doc());
  Y.applyUpdateV2(doc, state);
  doc.clientID = client;
  const text = leavesOf(doc)
    .map((leaf) => leaf.text)
    .join('\n');
  const { index, insert = '', remove = 0 } = edit;
  const fault = (type: TextEditError['type'], message: string) => err({ type, length: text.length, message });
  if (![index, remove].every((number) => Number.isSafeInteger(number) && number >= 0) || index + remove > text.length) {
    return fault('outOfRange', `${index} + ${remove} in a text of ${text.length}`);
  }
  if (splitsPair(text, index) || splitsPair(text, index + remove))
    return fault('outOfRange', 'inside a surrogate pair');
  const updates: Uint8Array[] = [];
  doc.on('updateV2', (update: Uint8Array) => updates.push(update));
  let possible = true;
  doc.transact(() => {
    if (remove > 0) possible = removeText(doc, index, remove);
    if (possible && insert !== '') possible = insertText(doc, index, insert);
  });
  doc.destroy();
  if (!possible) return fault('notText', 'the place holds no text');
  return ok(updates.length === 0 ? Y.encodeStateAsUpdateV2(new Y.Doc()) : Y.mergeUpdatesV2(updates));
};

/** The leaf at `index`, and the offset in its text. */
const locate = (leaves: readonly Leaf[], index: number): { readonly at: number; readonly offset: number } => {
  let start = 0;
  for (let at = 0; at < leaves.length; at++) {
    const end = start + (leaves[at] as Leaf).text.length;
    if (index <= end) return { at, offset: index - start };
    start = end + 1;
  }
  return { at: leaves.length, offset: 0 };
};

const removeText = (doc: Y.Doc, index: number, remove: number): boolean => {
  const leaves = leavesOf(doc);
  const from = locate(leaves, index);
  const to = locate(leaves, index + remove);
  const first = leaves[from.at];
  const last = leaves[to.at];
  if (!first || !last) return false;
  if (first === last) {
    cut(first.element, from.offset, to.offset);
    return true;
  }
  if (!first.isText && last.text.length > to.offset) return false;
  const rest = take(last.element, to.offset);
  if (first.isText) {
    cut(first.element, from.offset, first.text.length);
    append(first.element, rest);
  }
  for (const leaf of leaves.slice(from.at + 1, to.at + 1)) removeBlock(leaf.element);
  return true;
};

const insertText = (doc: Y.Doc, index: number, insert: string): boolean => {
  const leaves = leavesOf(doc);
  if (leaves.length === 0) {
    const element = newBlock('paragraph', {});
    doc.getXmlFragment(FRAGMENT).insert(0, [element]);
    stamp(doc, element);
    return insertAt(doc, element, 0, insert);
  }
  const { at, offset } = locate(leaves, index);
  const leaf = leaves[at];
  return leaf?.isText === true && insertAt(doc, leaf.element, offset, insert);
};

const insertAt = (doc: Y.Doc, element: Y.XmlElement, offset: number, insert: string): boolean => {
  const lines = element.nodeName === 'codeBlock' ? [insert] : insert.split('\n');
  const first = lines.shift() as string;
  insertInline(element, offset, first);
  if (lines.length === 0) return true;
  const rest = take(element, offset + first.length);
  let after = element;
  lines.forEach((line, i) => {
    const isLast = i === lines.length - 1;
    const plain = element.nodeName === 'heading' && !(isLast && rest.length > 0);
    const attributes = plain ? {} : (element.getAttributes() as Record<string, unknown>);
    const next = newBlock(plain ? 'paragraph' : element.nodeName, attributes);
    const parent = after.parent as Y.XmlFragment;
    parent.insert(placeOf(after) + 1, [next]);
    stamp(doc, next);
    insertInline(next, 0, line);
    if (isLast) append(next, rest);
    after = next;
  });
  return true;
};

const placeOf = (element: Y.XmlElement): number => (element.parent as Y.XmlFragment).toArray().indexOf(element);

const newBlock = (name: string, attributes: Record<string, unknown>): Y.XmlElement => {
  const element = new Y.XmlElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key !== 'blockId') element.setAttribute(key, value as string);
  return element;
};

/** Client and clock are unique in the document, so the id is, without any chance. */
const stamp = (doc: Y.Doc, element: Y.XmlElement): void =>
  element.setAttribute('blockId', `${doc.clientID.toString(36)}-${Y.getState(doc.store, doc.clientID).toString(36)}`);

const insertInline = (element: Y.XmlElement, offset: number, insert: string): void => {
  if (insert === '') return;
  let start = 0;
  for (const inline of inlineOf(element)) {
    const end = start + inlineText(inline).length;
    if (inline instanceof Y.XmlText && offset >= start && offset <= end) {
      inline.insert(offset - start, insert);
      return;
    }
    if (offset <= start) {
      element.insert(childPlace(element, inline), [new Y.XmlText(insert)]);
      return;
    }
    start = end;
  }
  element.insert(element.length, [new Y.XmlText(insert)]);
};

const childPlace = (element: Y.XmlElement, inline: Inline): number =>
  (element.toArray() as readonly unknown[]).indexOf(inline);

const cut = (element: Y.XmlElement, from: number, to: number): void => {
  let end = inlineOf(element).reduce((sum, inline) => sum + inlineText(inline).length, 0);
  for (const inline of [...inlineOf(element)].reverse()) {
    const start = end - inlineText(inline).length;
    const low = Math.max(from, start);
    const high = Math.min(to, end);
    if (low < high) {
      if (inline instanceof Y.XmlText) inline.delete(low - start, high - low);
      else element.delete(childPlace(element, inline), 1);
    }
    end = start;
  }
};

type Piece = { readonly delta: Delta } | { readonly element: Y.XmlElement };

/** Cuts off and gives all inline content from `offset`. */
const take = (element: Y.XmlElement, offset: number): readonly Piece[] => {
  const pieces: Piece[] = [];
  let start = 0;
  for (const inline of inlineOf(element)) {
    const end = start + inlineText(inline).length;
    if (inline instanceof Y.XmlElement) {
      if (start >= offset) pieces.push({ element: inline.clone() });
    } else if (end > offset) pieces.push({ delta: dropFront(inline.toDelta() as Delta, Math.max(0, offset - start)) });
    start = end;
  }
  cut(element, offset, start);
  return pieces;
};

const dropFront = (delta: Delta, count: number): Delta => {
  const kept: { insert?: unknown; attributes?: Record<string, unknown> }[] = [];
  let left = count;
  for (const piece of delta) {
    const length = typeof piece.insert === 'string' ? piece.insert.length : 1;
    if (left >= length) left -= length;
    else {
      kept.push(typeof piece.insert === 'string' ? { ...piece, insert: piece.insert.slice(left) } : piece);
      left = 0;
    }
  }
  return kept;
};

const append = (element: Y.XmlElement, pieces: readonly Piece[]): void => {
  for (const piece of pieces) {
    if ('element' in piece) {
      element.insert(element.length, [piece.element]);
      continue;
    }
    let last = inlineOf(element).at(-1);
    if (!(last instanceof Y.XmlText)) {
      last = new Y.XmlText();
      element.insert(element.length, [last]);
    }
    last.applyDelta([{ retain: last.length }, ...piece.delta], { sanitize: false });
  }
};

/** With the lists and quotes that it leaves empty. */
const removeBlock = (element: Y.XmlElement): void => {
  let gone: Y.XmlElement = element;
  for (;;) {
    const parent = gone.parent as Y.XmlFragment;
    parent.delete(placeOf(gone), 1);
    if (!(parent instanceof Y.XmlElement) || parent.length > 0) return;
    gone = parent;
  }
};
