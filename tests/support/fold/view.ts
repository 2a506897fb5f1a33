/** A node as readers see it: a live view over its state, its place and what its fields came to. */

import type { FieldState, FieldVersion, GraphNode, Value } from '../../../src/vm/graph/engine';
import { compare } from '../../../src/vm/graph/field';
import type { Tree } from '../../../src/vm/graph/tree';
import type { OpId } from '../../../src/vm/op/body';
import type { Hlc } from '../../../src/vm/op/clock';
import type { EntryId, NodeId, ShardId, UserId } from '../../../src/vm/op/ids';
import type { Causality } from './causal';
import { type NodeState, versionOf, type Write } from './node';

const MAX_LOSERS = 4;

/** What a view asks of the whole. */
export type Whole = {
  readonly tree: Tree;
  readonly causality: Causality;
  /** Whether a node is known and not deleted: only then may others hang under it. */
  stands(node: NodeId): boolean;
};

/** The other values that are current on some side: nobody who wrote later on this field knew of them. */
export const losersOf = (node: NodeState, key: string, causality: Causality): readonly FieldVersion[] => {
  const cell = node.cells.get(key);
  if (!cell || cell.writes.length < 2) return [];
  const { winner } = cell;
  const heads: Write[] = [winner];
  const losers: Write[] = [];
  for (const write of [...cell.writes].sort((a, b) => compare(b, a))) {
    if (losers.length === MAX_LOSERS) break;
    // Sorted, so whoever replaced this write was looked at before it.
    if (
      heads.some((head) => head === write || head.entry === write.entry || causality.precedes(write.stamp, head.stamp))
    )
      continue;
    heads.push(write);
    if (heads.every((head) => head === write || head.json !== write.json)) losers.push(write);
  }
  return losers.map(versionOf);
};

export class NodeView implements GraphNode {
  readonly #node: NodeState;
  readonly #whole: Whole;

  constructor(node: NodeState, whole: Whole) {
    this.#node = node;
    this.#whole = whole;
  }
  /** A view is made only of a node that has its NODE_NEW, and that never goes away. */
  get #birth() {
    return this.#node.birth as NonNullable<NodeState['birth']>;
  }
  get id(): NodeId {
    return this.#node.id;
  }
  get type(): string {
    return this.#birth.op.nodeType;
  }
  get shard(): ShardId {
    return this.#birth.stamp.shard;
  }
  get author(): UserId {
    return this.#birth.stamp.author;
  }
  get createdAt(): Hlc {
    return this.#birth.stamp.hlc;
  }
  get createdBy(): EntryId {
    return this.#birth.stamp.id;
  }
  get deleted(): boolean {
    return this.#node.deleted;
  }
  get deletions(): readonly OpId[] {
    return this.#node.deletions;
  }
  get updatedAt(): Hlc {
    return this.#node.updatedAt;
  }
  get parent(): NodeId | '' {
    const parent = this.#whole.tree.place(this.id)?.parent ?? '';
    return parent !== '' && this.#whole.stands(parent) ? parent : '';
  }
  get order(): string {
    return this.#whole.tree.place(this.id)?.order ?? '';
  }
  field(key: string): Value | undefined {
    return this.#node.value(key);
  }
  fieldState(key: string): FieldState | undefined {
    const cell = this.#node.cells.get(key);
    if (!cell) return undefined;
    const value = this.#node.value(key) as Value;
    return { value, ...versionOf(cell.winner), losers: losersOf(this.#node, key, this.#whole.causality) };
  }
  keys(): readonly string[] {
    return [...this.#node.cells.keys()].sort();
  }
}
