/**
 * A document as blocks of text: what is read from it, and plain-text edits made to it. A leaf block holds inline
 * content; its text counts UTF-16 units, an inline object one. Content of any shape is read without failing, because
 * an update only proves who wrote it.
 */
import * as Y from 'yjs';
import { blockNodeIdOf, type NodeId } from '../op/ids';
import type { Block } from './engine';
import { FRAGMENT } from './text';

/** Blocks that hold text even while they are empty. */
export const TEXT_BLOCKS: ReadonlySet<string> = new Set(['paragraph', 'heading', 'codeBlock']);
export const OBJECT = '\ufffc';
const HARD_BREAK = '\u2028';

export type Leaf = { readonly element: Y.XmlElement; readonly text: string; readonly isText: boolean };
export type Inline = Y.XmlText | Y.XmlElement;

export const inlineOf = (element: Y.XmlElement): readonly Inline[] =>
  (element.toArray() as readonly unknown[]).filter(
    (child): child is Inline => child instanceof Y.XmlText || child instanceof Y.XmlElement,
  );

/** The countable content of a text node, each embedded object as one unit. */
const textOf = (node: Y.XmlText): string => {
  let text = '';
  for (let item = (node as unknown as { _start: Y.Item | null })._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue;
    text += item.content instanceof Y.ContentString ? item.content.str : OBJECT.repeat(item.length);
  }
  return text;
};
export const inlineText = (inline: Inline): string =>
  inline instanceof Y.XmlText ? textOf(inline) : inline.nodeName === 'hardBreak' ? HARD_BREAK : OBJECT;

/** In document order, without recursion: how deep a document nests is up to its writers. */
export const leavesOf = (doc: Y.Doc): readonly Leaf[] => {
  const leaves: Leaf[] = [];
  const open: unknown[] = doc.getXmlFragment(FRAGMENT).toArray().reverse();
  while (open.length > 0) {
    const element = open.pop();
    if (!(element instanceof Y.XmlElement)) continue;
    const children = inlineOf(element);
    const isText = TEXT_BLOCKS.has(element.nodeName) || children.some((child) => child instanceof Y.XmlText);
    if (isText || children.length === 0) leaves.push({ element, text: children.map(inlineText).join(''), isText });
    else for (const child of [...children].reverse()) open.push(child);
  }
  return leaves;
};

export const textOfDocument = (doc: Y.Doc): string =>
  leavesOf(doc)
    .map((leaf) => leaf.text)
    .join('\n');

const attribute = (element: Y.XmlElement, name: string): string | undefined => {
  const value: unknown = element.getAttribute(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

type Placed = { readonly leaf: Leaf; readonly blockId: string | undefined; readonly id: Y.ID | undefined };

/**
 * Blocks in document order; a reference follows the block it stands in. Where two blocks carry one `blockId` (a paste),
 * the lower (client, clock) keeps it; the other, like a block without one, is named by its own client and clock.
 */
export const blocksOf = (document: NodeId, doc: Y.Doc): readonly Block[] => {
  const placed: Placed[] = leavesOf(doc).map((leaf) => ({
    leaf,
    blockId: attribute(leaf.element, 'blockId'),
    id: leaf.element._item?.id,
  }));
  const keeperById = new Map<string, Y.ID>();
  for (const { blockId, id } of placed) {
    if (blockId === undefined || !id) continue;
    const keeper = keeperById.get(blockId);
    if (!keeper || id.client < keeper.client || (id.client === keeper.client && id.clock < keeper.clock))
      keeperById.set(blockId, id);
  }
  const blocks: Block[] = [];
  for (const { leaf, blockId: stated, id } of placed) {
    const blockId = stated !== undefined && keeperById.get(stated) === id ? stated : `~${id?.client}.${id?.clock}`;
    const level: unknown = leaf.element.getAttribute('level');
    const heading = leaf.element.nodeName === 'heading';
    blocks.push({
      id: blockNodeIdOf(document, blockId),
      blockId,
      kind: heading ? 'section' : 'block',
      text: leaf.text,
      ...(heading && typeof level === 'number' ? { level } : {}),
    });
    referencesOf(leaf.element).forEach(({ target, text }, i) => {
      const name = `${blockId}#${i}`;
      blocks.push({ id: blockNodeIdOf(document, name), blockId: name, kind: 'reference', text, target });
    });
  }
  return blocks;
};

/** The element that a block's id names. */
export const elementOf = (document: NodeId, doc: Y.Doc, block: NodeId): Y.XmlElement | undefined => {
  const blocks = blocksOf(document, doc).filter(({ kind }) => kind !== 'reference');
  const place = blocks.findIndex(({ id }) => id === block);
  return place < 0 ? undefined : leavesOf(doc)[place]?.element;
};

/** Links in the text, and inline objects that name a node by `target` or `id`. */
const referencesOf = (element: Y.XmlElement): readonly { readonly target: string; readonly text: string }[] =>
  inlineOf(element).flatMap((inline) => {
    if (inline instanceof Y.XmlElement) {
      const target = attribute(inline, 'target') ?? attribute(inline, 'id');
      return target === undefined ? [] : [{ target, text: attribute(inline, 'label') ?? '' }];
    }
    return (inline.toDelta() as readonly { insert?: unknown; attributes?: { link?: { href?: unknown } } }[]).flatMap(
      (piece) => {
        const href = piece.attributes?.link?.href;
        return typeof href === 'string' && typeof piece.insert === 'string'
          ? [{ target: href, text: piece.insert }]
          : [];
      },
    );
  });
