/**
 * Who stands under whom, without cycles: all moves in the order of (stamp, entry, place in it) are replayed, and a
 * move that would close a cycle is skipped. A late move rewinds to its place through the undo log and replays.
 * Parents need not exist here: whether a parent is deleted or unknown is asked when the tree is read.
 */
import type { Hlc } from '../op/clock';
import type { EntryId, NodeId } from '../op/ids';

/** A move under a deeper place is skipped, so that no move costs a longer walk. */
export const MAX_TREE_DEPTH = 1_000;

export type Move = {
  readonly node: NodeId;
  readonly parent: NodeId | '';
  readonly order: string;
  readonly hlc: Hlc;
  readonly entry: EntryId;
  readonly index: number;
};

type Step = { readonly move: Move; done: boolean; before: Move | undefined };

export const compareMoves = (a: Move, b: Move): number =>
  a.hlc - b.hlc || (a.entry < b.entry ? -1 : a.entry > b.entry ? 1 : a.index - b.index);

export class Tree {
  #steps: Step[] = [];
  readonly #placeByNode = new Map<NodeId, Move>();
  readonly #childrenByParent = new Map<NodeId | '', Set<NodeId>>();

  /** The move that holds. */
  place(node: NodeId): Move | undefined {
    return this.#placeByNode.get(node);
  }

  /** Nodes whose holding move names `parent`, in no order. */
  under(parent: NodeId | ''): ReadonlySet<NodeId> {
    return this.#childrenByParent.get(parent) ?? new Set();
  }

  parents(): Iterable<NodeId | ''> {
    return this.#childrenByParent.keys();
  }

  /** The nodes whose place is another now. */
  insert(moves: readonly Move[]): ReadonlySet<NodeId> {
    return this.#replay([...moves].sort(compareMoves), () => true);
  }

  /** Forgets the moves of `node`; gives the nodes whose place is another now. */
  remove(node: NodeId): ReadonlySet<NodeId> {
    return this.#replay([], (move) => move.node !== node);
  }

  #replay(added: readonly Move[], keeps: (move: Move) => boolean): ReadonlySet<NodeId> {
    const first = added[0];
    let from = this.#steps.length;
    const stays = (step: Step): boolean => keeps(step.move);
    if (first) while (from > 0 && compareMoves((this.#steps[from - 1] as Step).move, first) > 0) from--;
    else
      from = Math.max(
        0,
        this.#steps.findIndex((step) => !stays(step)),
      );
    if (!first && this.#steps.every(stays)) return new Set();

    const before = new Map<NodeId, Move | undefined>();
    const rewound = this.#steps.splice(from);
    for (const step of [...rewound].reverse()) {
      if (!step.done) continue;
      if (!before.has(step.move.node)) before.set(step.move.node, step.move);
      this.#put(step.move.node, step.before);
    }
    const moves = [...rewound.map((step) => step.move).filter(keeps), ...added];
    if (rewound.length > 0) moves.sort(compareMoves);
    for (const move of moves) {
      const place = this.#placeByNode.get(move.node);
      if (!before.has(move.node)) before.set(move.node, place);
      const done = this.#fits(move);
      this.#steps.push({ move, done, before: place });
      if (done) this.#put(move.node, move);
    }
    const changed = new Set<NodeId>();
    for (const [node, was] of before) if (this.#placeByNode.get(node) !== was) changed.add(node);
    return changed;
  }

  #fits(move: Move): boolean {
    let above: NodeId | '' = move.parent;
    for (let depth = 0; above !== ''; depth++) {
      if (above === move.node || depth >= MAX_TREE_DEPTH) return false;
      above = this.#placeByNode.get(above)?.parent ?? '';
    }
    return true;
  }

  #put(node: NodeId, move: Move | undefined): void {
    const was = this.#placeByNode.get(node);
    if (was) {
      const siblings = this.#childrenByParent.get(was.parent);
      siblings?.delete(node);
      if (siblings?.size === 0) this.#childrenByParent.delete(was.parent);
    }
    if (!move) {
      this.#placeByNode.delete(node);
      return;
    }
    this.#placeByNode.set(node, move);
    const siblings = this.#childrenByParent.get(move.parent);
    if (siblings) siblings.add(node);
    else this.#childrenByParent.set(move.parent, new Set([node]));
  }
}
