/**
 * Edges: add-wins sets. An edge is named by the op that added it, and a removal names the edges it saw, so an edge added
 * at the same time survives. A removal counts in whatever order the two arrive. An edge lives in the shard of its
 * entry, and only an op of that shard removes it.
 */

import type { Edge, SchemaRules } from '../../../src/vm/graph/engine';
import { isCanonicalJson, parseValue } from '../../../src/vm/graph/field';
import type { OpId } from '../../../src/vm/op/body';
import type { NodeId } from '../../../src/vm/op/ids';
import type { Stamp } from './causal';
import { isAdmin } from './node';

export type EdgeAdd = { readonly from: NodeId; readonly relation: string; readonly to: string; readonly value: string };
type State = { readonly edge: Edge; readonly stamp: Stamp; live: boolean };
export type Removal = { readonly tag: OpId; readonly by: OpId; readonly stamp: Stamp };

const put = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

export class Edges {
  readonly #stateByTag = new Map<OpId, State>();
  readonly #removalsByTag = new Map<OpId, Removal[]>();
  readonly #statesByFrom = new Map<NodeId, State[]>();
  readonly #statesByTo = new Map<string, State[]>();
  #live = 0;

  constructor(readonly rules: SchemaRules) {}

  get size(): number {
    return this.#live;
  }

  /** The edge, when it came to be seen. */
  add(tag: OpId, op: EdgeAdd, stamp: Stamp): Edge | undefined {
    if (!isCanonicalJson(op.value)) return undefined;
    if (this.rules.relation(op.relation) === 'admins' && !isAdmin(stamp.role)) return undefined;
    const { from, relation, to } = op;
    const edge: Edge = {
      tag,
      shard: stamp.shard,
      from,
      relation,
      to,
      value: parseValue(op.value),
      author: stamp.author,
      hlc: stamp.hlc,
    };
    const state: State = { edge, stamp, live: true };
    this.#stateByTag.set(tag, state);
    put(this.#statesByFrom, from, state);
    put(this.#statesByTo, to, state);
    state.live = !(this.#removalsByTag.get(tag) ?? []).some((removal) => this.#counts(removal, state));
    if (!state.live) return undefined;
    this.#live++;
    return edge;
  }

  /** The edge that went out of sight. */
  remove(removal: Removal): Edge | undefined {
    put(this.#removalsByTag, removal.tag, removal);
    const state = this.#stateByTag.get(removal.tag);
    if (!state?.live || !this.#counts(removal, state)) return undefined;
    state.live = false;
    this.#live--;
    return state.edge;
  }

  #counts({ stamp }: Removal, { edge }: State): boolean {
    if (stamp.shard !== edge.shard) return false;
    if (stamp.author === edge.author || isAdmin(stamp.role)) return true;
    return this.rules.relation(edge.relation) === 'members' && stamp.role !== 'guest';
  }

  /** Live edges, oldest first. */
  from(node: NodeId, relation?: string): readonly Edge[] {
    return seen(this.#statesByFrom.get(node), relation);
  }
  to(id: string, relation?: string): readonly Edge[] {
    return seen(this.#statesByTo.get(id), relation);
  }
  isLive(tag: OpId): boolean {
    return this.#stateByTag.get(tag)?.live === true;
  }

  /** All that was ever linked from a node, with the removals that count. */
  historyFrom(
    node: NodeId,
  ): readonly { readonly edge: Edge; readonly stamp: Stamp; readonly removals: readonly Removal[] }[] {
    return (this.#statesByFrom.get(node) ?? []).map((state) => ({
      edge: state.edge,
      stamp: state.stamp,
      removals: (this.#removalsByTag.get(state.edge.tag) ?? []).filter((removal) => this.#counts(removal, state)),
    }));
  }
}

const seen = (states: readonly State[] | undefined, relation: string | undefined): readonly Edge[] =>
  (states ?? [])
    .filter((state) => state.live && (relation === undefined || state.edge.relation === relation))
    .map((state) => state.edge)
    .sort((a, b) => a.hlc - b.hlc || (a.tag < b.tag ? -1 : 1));
