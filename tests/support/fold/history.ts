/** What happened to a node, oldest first: only ops that count, each with whether it holds. */

import type { FieldVersion, HistoryItem } from '../../../src/vm/graph/engine';
import type { Tree } from '../../../src/vm/graph/tree';
import { opIdOf } from '../../../src/vm/op/body';
import type { NodeId } from '../../../src/vm/op/ids';
import type { Stamp } from './causal';
import { compareMarks, type Mark, type NodeState } from './node';
import type { Edges } from './relation';

const itemOf = (stamp: Stamp, index: number): Omit<HistoryItem, 'type'> => ({
  entry: stamp.id,
  op: opIdOf(stamp.id, index),
  hlc: stamp.hlc,
  author: stamp.author,
  device: stamp.device,
});

const markItem = (
  mark: Mark,
  node: NodeState,
  tree: Tree,
  losersOf: (key: string) => readonly FieldVersion[],
): HistoryItem => {
  const { stamp, index, op } = mark;
  const item = itemOf(stamp, index);
  switch (op.type) {
    case 'nodeNew':
      return { ...item, type: 'created', key: op.nodeType };
    case 'fieldSet': {
      const winner = node.cells.get(op.key)?.winner;
      const won = winner?.entry === stamp.id && winner.index === index;
      const concurrent = !won && losersOf(op.key).some((loser) => loser.entry === stamp.id && loser.json === op.value);
      return { ...item, type: 'field', key: op.key, json: op.value, won, concurrent };
    }
    case 'nodeDel':
      return { ...item, type: 'deleted' };
    case 'nodeRestore':
      return { ...item, type: 'restored' };
    case 'move': {
      const place = tree.place(node.id);
      return { ...item, type: 'moved', key: op.parent, won: place?.entry === stamp.id && place.index === index };
    }
    case 'text':
      return { ...item, type: 'text' };
  }
};

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const historyOf = (
  id: NodeId,
  node: NodeState | undefined,
  edges: Edges,
  tree: Tree,
  losersOf: (key: string) => readonly FieldVersion[],
): readonly HistoryItem[] => {
  const items: HistoryItem[] = [];
  if (node) {
    for (const mark of [...node.marks].sort(compareMarks)) {
      if (node.allows(mark)) items.push(markItem(mark, node, tree, losersOf));
    }
  }
  for (const { edge, stamp, removals } of edges.historyFrom(id)) {
    items.push({
      ...itemOf(stamp, Number(edge.tag.slice(65))),
      type: 'linked',
      key: edge.relation,
      json: JSON.stringify(edge.to),
    });
    for (const removal of removals) {
      const index = Number(removal.by.slice(65));
      items.push({
        ...itemOf(removal.stamp, index),
        type: 'unlinked',
        key: edge.relation,
        json: JSON.stringify(edge.to),
      });
    }
  }
  return items.sort(
    (a, b) =>
      a.hlc - b.hlc ||
      compareText(a.op, b.op) ||
      compareText(a.json ?? '', b.json ?? '') ||
      compareText(a.key ?? '', b.key ?? ''),
  );
};
