/** What happened to a node, oldest first: only ops that count, each with whether it holds. */
import { type OpId, opIdOf } from '../../op/body';
import type { Hlc } from '../../op/clock';
import type { DeviceId, EntryId, NodeId, UserId } from '../../op/ids';
import type { FieldVersion, HistoryItem } from '../engine';
import type { Tree } from '../tree';
import type { Address, Native } from './native';
import { losersAt } from './view';

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const historyAt = (native: Native, tree: Tree, id: NodeId, node: Address): readonly HistoryItem[] => {
  const { calls } = native;
  const items: HistoryItem[] = [];
  const base = (entry: Address, index: number): Omit<HistoryItem, 'type'> & { readonly op: OpId } => {
    const name = native.ownId<EntryId>(entry, 32);
    return {
      entry: name,
      op: opIdOf(name, index),
      hlc: calls.hlcOf(entry) as Hlc,
      author: native.id<UserId>(calls.authorOf(entry)),
      device: native.id<DeviceId>(calls.deviceOf(entry)),
    };
  };
  calls.history(node);
  const marks = native.list(calls.out());
  const losers = new Map<Address, readonly FieldVersion[]>();
  for (let i = 0; i < marks.length; i += 5) {
    const [kind, entry, index, a, b] = marks.subarray(i, i + 5) as unknown as [
      number,
      Address,
      number,
      Address,
      Address,
    ];
    const item = base(entry, index);
    if (kind === 1) items.push({ ...item, type: 'created', key: native.text(calls.typeOf(node)) });
    else if (kind === 2) {
      const cell = calls.cellOf(node, a);
      const won = calls.cellEntry(cell) === entry && calls.cellIndex(cell) === index;
      const json = native.value(b);
      const others = losers.get(cell) ?? losersAt(native, cell);
      losers.set(cell, others);
      const concurrent = !won && others.some((loser) => loser.entry === item.entry && loser.json === json);
      items.push({ ...item, type: 'field', key: native.text(a), json, won, concurrent });
    } else if (kind === 6) items.push({ ...item, type: 'deleted' });
    else if (kind === 7) items.push({ ...item, type: 'restored' });
    else if (kind === 8) {
      const place = tree.place(id);
      const won = place?.entry === item.entry && place.index === index;
      items.push({ ...item, type: 'moved', key: a === 0 ? '' : native.ownId<NodeId>(a, 16), won });
    } else items.push({ ...item, type: 'text' });
  }
  calls.edgeHistory(node);
  const links = native.list(calls.out());
  for (let i = 0; i < links.length; i += 3) {
    const [edge, by, index] = links.subarray(i, i + 3) as unknown as [Address, Address, number];
    items.push({
      ...(by === 0 ? base(calls.edgeEntry(edge), calls.edgeIndex(edge)) : base(by, index)),
      type: by === 0 ? 'linked' : 'unlinked',
      key: native.text(calls.edgeRelation(edge)),
      json: JSON.stringify(native.text(calls.edgeTarget(edge))),
    });
  }
  return items.sort(
    (a, b) =>
      a.hlc - b.hlc ||
      compareText(a.op, b.op) ||
      compareText(a.json ?? '', b.json ?? '') ||
      compareText(a.key ?? '', b.key ?? ''),
  );
};
