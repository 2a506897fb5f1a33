/**
 * A document's text with its structure, as plain values: what exports are made from. It reads any shape without failing,
 * because an update only proves who wrote it; below a depth that nobody writes by hand only the text is kept.
 */
import * as Y from 'yjs';
import { FRAGMENT, prepareDoc } from './text';

/** `text` with the names of its marks, or an element with what is in it. */
export type Markup =
  | { readonly text: string; readonly marks: Readonly<Record<string, unknown>> }
  | {
      readonly type: string;
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly content: readonly Markup[];
    };

const MAX_DEPTH = 32;

/** `update`: the whole document, as `Engine.documentUpdate` gives it. */
export const markupOf = (update: Uint8Array): readonly Markup[] => {
  const doc = prepareDoc(new Y.Doc());
  if (update.length > 0) Y.applyUpdateV2(doc, update);
  const markup = childrenOf(doc.getXmlFragment(FRAGMENT), 0);
  doc.destroy();
  return markup;
};

const childrenOf = (parent: Y.XmlFragment, depth: number): readonly Markup[] =>
  (parent.toArray() as readonly unknown[]).flatMap((child): readonly Markup[] => {
    if (child instanceof Y.XmlText) return piecesOf(child);
    if (!(child instanceof Y.XmlElement)) return [];
    if (depth >= MAX_DEPTH) return [{ text: textUnder(child), marks: {} }];
    return [{ type: child.nodeName, attributes: child.getAttributes(), content: childrenOf(child, depth + 1) }];
  });

const piecesOf = (text: Y.XmlText): readonly Markup[] =>
  (text.toDelta() as readonly { insert?: unknown; attributes?: Record<string, unknown> }[]).flatMap(
    ({ insert, attributes }) => (typeof insert === 'string' ? [{ text: insert, marks: attributes ?? {} }] : []),
  );

const textUnder = (element: Y.XmlElement): string => {
  const texts: string[] = [];
  const open: unknown[] = [element];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next instanceof Y.XmlText) for (const piece of piecesOf(next)) texts.push('text' in piece ? piece.text : '');
    else if (next instanceof Y.XmlElement) open.push(...next.toArray().reverse());
  }
  return texts.join(' ');
};
