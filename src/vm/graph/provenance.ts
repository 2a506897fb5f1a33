/**
 * Who wrote what stands in a block of a document now: the characters and marks that are there belong to a client and a
 * clock each, and each clock to the signed change that claimed it. What was only taken away names nobody.
 */
import * as Y from 'yjs';
import { opIdOf } from '../op/body';
import type { NodeId } from '../op/ids';
import { elementOf } from './blocks';
import type { HistoryItem } from './engine';
import type { TextDocument } from './text';

type Range = { readonly from: number; readonly to: number };

/** What stands in an element and is not deleted: client -> ranges of clocks. Without recursion: depth is up to writers. */
const standingIn = (element: Y.XmlElement): ReadonlyMap<number, readonly Range[]> => {
  const found = new Map<number, Range[]>();
  const open: Y.Item[] = element._item ? [element._item] : [];
  for (let item = open.pop(); item; item = open.pop()) {
    if (item.deleted) continue;
    const { client, clock } = item.id;
    const ranges = found.get(client);
    const range = { from: clock, to: clock + item.length };
    if (ranges) ranges.push(range);
    else found.set(client, [range]);
    if (!(item.content instanceof Y.ContentType)) continue;
    const type = item.content.type as unknown as { _start: Y.Item | null; _map: ReadonlyMap<string, Y.Item> };
    for (let child = type._start; child; child = child.right) open.push(child);
    open.push(...type._map.values());
  }
  return found;
};

/** Oldest first. */
export const writersOf = (text: TextDocument, block: NodeId): readonly HistoryItem[] => {
  const element = elementOf(text.id, text.doc, block);
  if (!element) return [];
  const standing = standingIn(element);
  return text
    .changes()
    .filter((change) =>
      (standing.get(change.client) ?? []).some(({ from, to }) => change.from < to && from < change.to),
    )
    .map(({ stamp, index }) => ({
      entry: stamp.id,
      op: opIdOf(stamp.id, index),
      hlc: stamp.hlc,
      author: stamp.author,
      device: stamp.device,
      type: 'text',
    }));
};
