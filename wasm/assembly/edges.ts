/**
 * Edges: add-wins sets. An edge is named by the op that added it, and a removal names the edges it saw, so an edge added
 * at the same time survives. A removal counts in whatever order the two arrive. An edge lives in the shard of its
 * entry, and only an op of that shard removes it.
 */
import {
  alloc,
  empty,
  get,
  H_CHANGED_FROM,
  H_COUNT_EDGES,
  H_COUNT_OPS,
  H_DIRTY_EDGES,
  H_OUT,
  push,
  set,
} from './heap';
import {
  aux,
  D_ENTRY,
  D_FLAGS,
  D_FROM,
  D_FROM_NEXT,
  D_RELATION,
  D_REMOVALS,
  D_TO,
  D_TO_NEXT,
  D_VALUE,
  E_AUTHOR,
  E_SHARD,
  EDGE_DIRTY,
  edge,
  F_FROM,
  LIVE,
  N_EDGES,
  N_FLAGS,
  PRESENT,
  setAux,
} from './intern';
import { isCanonical } from './json';
import { keep } from './nodes';
import { ADMINS, isAdmin, isGuest, MEMBERS, RELATION, rule } from './rules';

function show(item: u32): void {
  const from = get(item + D_FROM);
  const flags = get(from + N_FLAGS);
  if (!(flags & F_FROM)) {
    set(from + N_FLAGS, flags | F_FROM);
    push(H_CHANGED_FROM, from);
  }
  if (get(item + D_FLAGS) & EDGE_DIRTY) return;
  set(item + D_FLAGS, get(item + D_FLAGS) | EDGE_DIRTY);
  push(H_DIRTY_EDGES, item);
}

function counts(by: u32, item: u32): bool {
  const adding = get(item + D_ENTRY);
  if (get(by + E_SHARD) != get(adding + E_SHARD)) return false;
  if (get(by + E_AUTHOR) == get(adding + E_AUTHOR) || isAdmin(by)) return true;
  return rule(RELATION, get(item + D_RELATION), 0) == MEMBERS && !isGuest(by);
}

export function addEdge(entry: u32, index: u32, from: u32, relation: u32, to: u32, text: u32, length: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  if (!isCanonical(text, length)) return;
  if (rule(RELATION, relation, 0) == ADMINS && !isAdmin(entry)) return;
  const item = edge(entry, index);
  set(item + D_FROM, from);
  set(item + D_RELATION, relation);
  set(item + D_TO, to);
  set(item + D_VALUE, keep(text, length));
  set(item + D_FROM_NEXT, get(from + N_EDGES));
  set(from + N_EDGES, item);
  set(item + D_TO_NEXT, aux(to));
  setAux(to, item);
  set(item + D_FLAGS, get(item + D_FLAGS) | PRESENT);
  for (let removal = get(item + D_REMOVALS); removal; removal = get(removal)) {
    if (counts(get(removal + 4), item)) return;
  }
  set(item + D_FLAGS, get(item + D_FLAGS) | LIVE);
  set(H_COUNT_EDGES, get(H_COUNT_EDGES) + 1);
  show(item);
}

/** By the op at `index` of `entry`, of the edge that the op at `addedAt` of `adding` adds or will add. */
export function removeEdge(entry: u32, index: u32, adding: u32, addedAt: u32): void {
  const item = edge(adding, addedAt);
  const last = get(item + D_REMOVALS);
  // One op that names an edge twice.
  if (last && get(last + 4) == entry && get(last + 8) == index) return;
  const removal = alloc(12);
  set(removal, last);
  set(removal + 4, entry);
  set(removal + 8, index);
  set(item + D_REMOVALS, removal);
  if (!(get(item + D_FLAGS) & LIVE) || !counts(entry, item)) return;
  set(item + D_FLAGS, get(item + D_FLAGS) & ~LIVE);
  set(H_COUNT_EDGES, get(H_COUNT_EDGES) - 1);
  show(item);
}

/** To OUT: the live ones. */
export function edgesFrom(node: u32): void {
  empty(H_OUT);
  for (let item = get(node + N_EDGES); item; item = get(item + D_FROM_NEXT)) if (get(item + D_FLAGS) & LIVE) push(H_OUT, item);
}
export function edgesTo(target: u32): void {
  empty(H_OUT);
  for (let item = aux(target); item; item = get(item + D_TO_NEXT)) if (get(item + D_FLAGS) & LIVE) push(H_OUT, item);
}
/** To OUT: all that was ever linked from a node, each with its removals that count: (edge, entry, index); entry 0 for the adding. */
export function edgeHistory(node: u32): void {
  empty(H_OUT);
  for (let item = get(node + N_EDGES); item; item = get(item + D_FROM_NEXT)) {
    push(H_OUT, item);
    push(H_OUT, 0);
    push(H_OUT, 0);
    for (let removal = get(item + D_REMOVALS); removal; removal = get(removal)) {
      if (!counts(get(removal + 4), item)) continue;
      push(H_OUT, item);
      push(H_OUT, get(removal + 4));
      push(H_OUT, get(removal + 8));
    }
  }
}
