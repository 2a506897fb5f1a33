/**
 * Every block carries a `blockId`, so that links, comments, tasks and search can reach it. Two halves:
 *
 * 1. `BlockIds`, a ProseMirror extension, acts on our own transactions only: a new block gets an id, the second half
 *    of a split gets a new one (the half with the words keeps the old), pasted copies get new ones. A remote
 *    transaction is never answered here, or two pages would both write.
 * 2. `repairBlockIds`, on the Yjs tree: concurrent splits may merge into two blocks of one id. The block whose element
 *    has the lower (client, clock) keeps it. The other is renewed by the page that made it; when that page is gone, by
 *    whoever edits next. The new id follows from (client, clock), so that two pages that repair the same block at once
 *    write the same value.
 */
import { Extension } from '@tiptap/core';
import { isChangeOrigin } from '@tiptap/extension-collaboration';
import type { Node } from '@tiptap/pm/model';
import type { EditorState, Transaction } from '@tiptap/pm/state';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import * as Y from 'yjs';

/** The origin of repairs: sent like own edits, but no undo step. */
const REPAIR = 'block-id-repair';
const BLOCK_ID = /^[A-Za-z0-9_-]{1,40}$/;
const ID_BYTES = 9;

const BLOCK_TYPES = [
  'paragraph',
  'heading',
  'blockquote',
  'codeBlock',
  'horizontalRule',
  'bulletList',
  'orderedList',
  'listItem',
  'taskList',
  'taskItem',
  'table',
  'tableRow',
  'tableHeader',
  'tableCell',
];
const BLOCKS: ReadonlySet<string> = new Set(BLOCK_TYPES);

function isBlockId(value: unknown): value is string {
  return typeof value === 'string' && BLOCK_ID.test(value);
}

function newBlockId(): string {
  let text = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(ID_BYTES))) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_');
}

export const BlockIds = Extension.create({
  name: 'blockIds',
  addGlobalAttributes() {
    return [
      {
        types: BLOCK_TYPES,
        attributes: {
          blockId: {
            default: null,
            keepOnSplit: false,
            parseHTML: (element) => {
              const value = element.getAttribute('data-block-id');
              return isBlockId(value) ? value : null;
            },
            renderHTML: (attributes) => (isBlockId(attributes.blockId) ? { 'data-block-id': attributes.blockId } : {}),
          },
        },
      },
    ];
  },
  addProseMirrorPlugins() {
    return [
      new Plugin({
        key: new PluginKey('blockIds'),
        appendTransaction: (transactions, before, after) => {
          if (!transactions.some((transaction) => transaction.docChanged)) return null;
          if (transactions.some(isChangeOrigin)) return null;
          return assign(transactions, before, after);
        },
      }),
    ];
  },
});

type Place = { readonly position: number; readonly node: Node };

function assign(transactions: readonly Transaction[], before: EditorState, after: EditorState): Transaction | null {
  const ids = plan(transactions, before.doc, after.doc);
  if (ids.size === 0) return null;
  const transaction = after.tr;
  for (const [position, id] of ids) transaction.setNodeAttribute(position, 'blockId', id);
  transaction.setStoredMarks(after.storedMarks);
  return transaction;
}

/** New ids by position. */
function plan(transactions: readonly Transaction[], before: Node, after: Node): ReadonlyMap<number, string> {
  const placesById = new Map<string, Place[]>();
  const ids = new Map<number, string>();
  after.descendants((node, position) => {
    if (!BLOCKS.has(node.type.name)) return;
    const id: unknown = node.attrs.blockId;
    if (!isBlockId(id)) {
      ids.set(position, newBlockId());
      return;
    }
    const places = placesById.get(id);
    if (places === undefined) placesById.set(id, [{ position, node }]);
    else places.push({ position, node });
  });
  const copied = [...placesById].filter(([, places]) => places.length > 1);
  if (copied.length === 0 && ids.size === 0) return ids;

  const oldById = new Map<string, Place>();
  const stayed = new Set<number>();
  before.descendants((node, position) => {
    const id: unknown = node.attrs.blockId;
    if (typeof id !== 'string') return;
    if (!oldById.has(id)) oldById.set(id, { position, node });
    stayed.add(mapped(transactions, position));
  });
  for (const [, places] of copied) {
    // Blocks that shared an id before are not ours to part: `repairBlockIds` knows which of them is the older.
    const old = places.filter(({ position }) => stayed.has(position));
    const keepers = old.length > 0 ? old : places.slice(0, 1);
    for (const place of places) if (!keepers.includes(place)) ids.set(place.position, newBlockId());
  }
  keepWithWords(after, ids, oldById);
  return ids;
}

function mapped(transactions: readonly Transaction[], position: number): number {
  return transactions.reduce((at, transaction) => transaction.mapping.map(at), position);
}

/** A block split at its very start: the words keep the id, the empty block above them gets the new one. */
function keepWithWords(after: Node, ids: Map<number, string>, oldById: ReadonlyMap<string, Place>): void {
  for (const [position, fresh] of [...ids]) {
    const $position = after.resolve(position);
    const node = $position.nodeAfter;
    const above = $position.nodeBefore;
    if (node === null || above === null || !node.isTextblock || !above.isTextblock) continue;
    if (above.content.size > 0 || node.content.size === 0) continue;
    const id: unknown = above.attrs.blockId;
    if (!isBlockId(id) || ids.has(position - above.nodeSize)) continue;
    if (oldById.get(id)?.node.content.eq(node.content) !== true) continue;
    ids.set(position, id);
    ids.set(position - above.nodeSize, fresh);
  }
}

/**
 * Watches `body` and renews duplicate ids, as the rules above say. Gives the function that stops it.
 */
export function repairBlockIds(doc: Y.Doc, body: Y.XmlFragment): () => void {
  const onTransaction = (transaction: Y.Transaction): void => {
    if (transaction.origin === REPAIR || !changesBlocks(transaction)) return;
    const losers = duplicates(body).filter(({ _item }) => transaction.local || _item?.id.client === doc.clientID);
    if (losers.length === 0) return;
    doc.transact(() => {
      for (const element of losers) {
        const { client, clock } = element._item?.id ?? { client: doc.clientID, clock: 0 };
        const id = `${client.toString(36)}-${clock.toString(36)}`;
        element.setAttribute('blockId', id === element.getAttribute('blockId') ? newBlockId() : id);
      }
    }, REPAIR);
  };
  doc.on('afterTransaction', onTransaction);
  return () => doc.off('afterTransaction', onTransaction);
}

function changesBlocks(transaction: Y.Transaction): boolean {
  for (const [type, keys] of transaction.changed) {
    if (type instanceof Y.XmlText) continue;
    if (keys.has(null) || keys.has('blockId')) return true;
  }
  return false;
}

/** The elements that have to give up their id. */
function duplicates(body: Y.XmlFragment): Y.XmlElement[] {
  const keeperById = new Map<string, Y.XmlElement>();
  const losers: Y.XmlElement[] = [];
  const visit = (parent: Y.XmlFragment): void => {
    for (const element of parent.toArray()) {
      if (!(element instanceof Y.XmlElement)) continue;
      const id = element.getAttribute('blockId');
      if (typeof id === 'string') {
        const keeper = keeperById.get(id);
        if (keeper === undefined) keeperById.set(id, element);
        else if (isOlder(element, keeper)) {
          keeperById.set(id, element);
          losers.push(keeper);
        } else losers.push(element);
      }
      visit(element);
    }
  };
  visit(body);
  return losers;
}

function isOlder(one: Y.XmlElement, other: Y.XmlElement): boolean {
  const a = one._item?.id;
  const b = other._item?.id;
  if (a === undefined || b === undefined) return false;
  return a.client < b.client || (a.client === b.client && a.clock < b.clock);
}
