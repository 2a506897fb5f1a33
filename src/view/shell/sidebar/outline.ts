/**
 * The tree of a sidebar as rows, depth first: which show, and where a row goes when it is moved by keys or dropped. Pure; it
 * writes nothing, and offers no place that lies inside of what is moved.
 */

/** As a query gives them: a child after its parent. */
export type Row = { readonly id: string; readonly parent: string | null; readonly depth: number };
/** `open`: null for what holds nothing. */
export type Shown<R extends Row> = R & { readonly open: boolean | null };
/** Right after `after`, or first; at the top without a parent. */
export type Spot = { readonly parent: string | null; readonly after: string | null };
export type Way = 'up' | 'down' | 'in' | 'out';
export type Edge = 'before' | 'inside' | 'after';

/** What lies in folded ones is left out. */
export function shownOf<R extends Row>(rows: readonly R[], folded: ReadonlySet<string>): readonly Shown<R>[] {
  const parents = new Set(rows.map(({ parent }) => parent));
  const shown: Shown<R>[] = [];
  /** The depth of the folded row that hides what comes. */
  let under = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (row.depth > under) continue;
    const open = parents.has(row.id) ? !folded.has(row.id) : null;
    under = open === false ? row.depth : Number.POSITIVE_INFINITY;
    shown.push({ ...row, open });
  }
  return shown;
}

const siblingsOf = (rows: readonly Row[], parent: string | null): readonly Row[] =>
  rows.filter((row) => row.parent === parent);

/** Where the keys would put it; `null` where it cannot go that way. */
export function movedBy(rows: readonly Row[], id: string, way: Way): Spot | null {
  const row = rows.find((each) => each.id === id);
  if (!row) return null;
  const siblings = siblingsOf(rows, row.parent);
  const at = siblings.indexOf(row);
  const [before, next] = [siblings[at - 1], siblings[at + 1]];
  switch (way) {
    case 'up':
      return before ? { parent: row.parent, after: siblings[at - 2]?.id ?? null } : null;
    case 'down':
      return next ? { parent: row.parent, after: next.id } : null;
    case 'in':
      return before ? { parent: before.id, after: siblingsOf(rows, before.id).at(-1)?.id ?? null } : null;
    case 'out': {
      const parent = rows.find((each) => each.id === row.parent);
      return parent ? { parent: parent.parent, after: parent.id } : null;
    }
  }
}

/**
 * Where a drop on an edge of `target` puts it; `null` where nothing would change, or it would go into itself. `open`: what
 * the target holds is shown under it.
 */
export function droppedAt(rows: readonly Row[], id: string, target: string, edge: Edge, open: boolean): Spot | null {
  const row = rows.find((each) => each.id === id);
  const onto = rows.find((each) => each.id === target);
  if (!row || !onto || isInside(rows, target, id)) return null;
  const spot = spotAt(rows, id, onto, edge, open);
  const siblings = siblingsOf(rows, row.parent);
  const stays = spot.parent === row.parent && spot.after === (siblings[siblings.indexOf(row) - 1]?.id ?? null);
  return stays ? null : spot;
}

function spotAt(rows: readonly Row[], id: string, onto: Row, edge: Edge, open: boolean): Spot {
  const others = (parent: string | null) => siblingsOf(rows, parent).filter((each) => each.id !== id);
  if (edge === 'inside') return { parent: onto.id, after: others(onto.id).at(-1)?.id ?? null };
  // Under an open row comes its first child.
  if (edge === 'after') return open ? { parent: onto.id, after: null } : { parent: onto.parent, after: onto.id };
  const siblings = others(onto.parent);
  return { parent: onto.parent, after: siblings[siblings.indexOf(onto) - 1]?.id ?? null };
}

/** Whether `id` is `place`, or stands somewhere above it. */
function isInside(rows: readonly Row[], place: string, id: string): boolean {
  const parents = new Map(rows.map((row) => [row.id, row.parent]));
  for (let at: string | null | undefined = place; at; at = parents.get(at)) if (at === id) return true;
  return false;
}
