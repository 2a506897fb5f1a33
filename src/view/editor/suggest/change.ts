/**
 * Proposed changes of a document, as runs of sibling blocks: "in place of these, put those". Pure functions over ProseMirror
 * nodes: the difference of two documents, what a change comes to in a document that went on meanwhile, and the words
 * that differ inside a block. Blocks are known by their block ids, never by place.
 */
import { Fragment, Node, type Schema } from '@tiptap/pm/model';
import type { SuggestionRow } from '../../../bridge/messages';

/** Blocks of `parent` ('' is the document) that read `base`, to be `proposed` instead; none: put in after `after`. */
export type Change = {
  readonly parent: string;
  readonly after: string;
  readonly base: readonly Node[];
  readonly proposed: readonly Node[];
};

export const idOf = (node: Node): string => (typeof node.attrs.blockId === 'string' ? node.attrs.blockId : '');
const sameNodes = (a: readonly Node[], b: readonly Node[]): boolean =>
  a.length === b.length && a.every((node, i) => node.eq(b[i] as Node));

// --- The difference of two documents -------------------------------------------------------------------------

/** The changes that make `next` of `base`, in document order. */
export function changesOf(base: Node, next: Node): readonly Change[] {
  const changes: Change[] = [];
  compareChildren(base, next, '', changes);
  return changes;
}

type Piece = { readonly base: Node[]; readonly next: Node[]; readonly after: string; readonly single: boolean };

function compareChildren(base: Node, next: Node, parent: string, changes: Change[]): void {
  let open: Piece | null = null;
  const close = (): void => {
    if (open !== null) changes.push({ parent, after: open.after, base: open.base, proposed: open.next });
    open = null;
  };
  const add = (piece: Piece): void => {
    // What was put in or taken out goes with the block before it where that was rewritten too: a split, or a join.
    if (open === null || piece.single) {
      close();
      open = piece;
      return;
    }
    open = {
      base: [...open.base, ...piece.base],
      next: [...open.next, ...piece.next],
      after: open.after,
      single: false,
    };
  };
  const [old, fresh] = [childrenOf(base), childrenOf(next)];
  const met = pairs(old, fresh);
  if (hasMoves(old, fresh, met.length)) {
    changes.push(wholeRun(parent, old, fresh));
    return;
  }
  let [i, j] = [0, 0];
  for (const [pi, pj] of [...met, [old.length, fresh.length] as const]) {
    const after = i === 0 ? '' : idOf(old[i - 1] as Node);
    if (pi > i || pj > j) add({ base: old.slice(i, pi), next: fresh.slice(j, pj), after, single: false });
    [i, j] = [pi + 1, pj + 1];
    const [was, is] = [old[pi], fresh[pj]];
    if (!was || !is) break;
    if (was.eq(is)) close();
    else if (holdsBlocks(was) && was.hasMarkup(is.type, is.attrs, is.marks)) {
      close();
      compareChildren(was, is, idOf(was), changes);
    } else add({ base: [was], next: [is], after: pi === 0 ? '' : idOf(old[pi - 1] as Node), single: true });
  }
  close();
}

const childrenOf = (node: Node): readonly Node[] => Array.from({ length: node.childCount }, (_, i) => node.child(i));
const holdsBlocks = (node: Node): boolean => node.isBlock && !node.isTextblock && !node.isLeaf;

/** Blocks that stand in both lists, and in another order. */
function hasMoves(old: readonly Node[], fresh: readonly Node[], met: number): boolean {
  const ids = new Set(old.map(idOf).filter((id) => id !== ''));
  return fresh.filter((node) => ids.has(idOf(node))).length > met;
}
/** All from the first to the last block that differs, as one change: what is moved is taken out and put in at once. */
function wholeRun(parent: string, old: readonly Node[], fresh: readonly Node[]): Change {
  let start = 0;
  while (old[start]?.eq(fresh[start] as Node)) start++;
  let [endOld, endFresh] = [old.length, fresh.length];
  while (endOld > start && endFresh > start && old[endOld - 1]?.eq(fresh[endFresh - 1] as Node))
    [endOld, endFresh] = [endOld - 1, endFresh - 1];
  const after = start === 0 ? '' : idOf(old[start - 1] as Node);
  return { parent, after, base: old.slice(start, endOld), proposed: fresh.slice(start, endFresh) };
}

/** Places of equal ids in both lists, in order in both: the longest such sequence. */
function pairs(old: readonly Node[], fresh: readonly Node[]): readonly (readonly [number, number])[] {
  const placeById = new Map(fresh.map((node, at) => [idOf(node), at]));
  const met = old.flatMap((node, i) => {
    const j = idOf(node) === '' ? undefined : placeById.get(idOf(node));
    return j === undefined ? [] : [[i, j] as const];
  });
  // The ends of the best sequences by length, and who stands before each.
  const ends: number[] = [];
  const before: number[] = [];
  met.forEach(([, j], at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((met[ends[middle] as number] as readonly [number, number])[1] < j) low = middle + 1;
      else high = middle;
    }
    before[at] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = at;
  });
  const found: (readonly [number, number])[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] as number)
    found.unshift(met[at] as readonly [number, number]);
  return found;
}

// --- A change in a document that went on ---------------------------------------------------------------------

export type Spot = { readonly from: number; readonly to: number; readonly now: readonly Node[] };
/** Where each block stands: its own position, its parent's id. */
export type Places = ReadonlyMap<string, { readonly at: number; readonly node: Node; readonly parent: string }>;

export function placesIn(doc: Node): Places {
  const places = new Map<string, { at: number; node: Node; parent: string }>();
  const visit = (parent: Node, start: number, name: string): void => {
    parent.forEach((node, offset) => {
      const id = idOf(node);
      if (id !== '' && !places.has(id)) places.set(id, { at: start + offset, node, parent: name });
      if (holdsBlocks(node)) visit(node, start + offset + 1, id);
    });
  };
  visit(doc, 0, '');
  return places;
}

/** The run of blocks that a change is about; null when they are gone, apart, or somewhere else. */
export function spotOf(change: Change, doc: Node, places: Places): Spot | null {
  if (change.base.length > 0) {
    const found = change.base.map((node) => places.get(idOf(node)));
    const [first] = found;
    if (!first || first.parent !== change.parent) return null;
    let end = first.at;
    for (const place of found) {
      if (!place || place.parent !== change.parent || place.at !== end) return null;
      end += place.node.nodeSize;
    }
    return { from: first.at, to: end, now: found.flatMap((place) => (place ? [place.node] : [])) };
  }
  const parent = change.parent === '' ? { at: -1, node: doc } : places.get(change.parent);
  if (!parent) return null;
  if (change.after === '') return { from: parent.at + 1, to: parent.at + 1, now: [] };
  const after = places.get(change.after);
  if (!after || after.parent !== change.parent) return null;
  const at = after.at + after.node.nodeSize;
  return { from: at, to: at, now: [] };
}

/**
 * What a change comes to now. `fresh`: its blocks read as when it was made. `moved`: they changed elsewhere, and the change
 * still fits. `landed`: they read as proposed. `clash`: the same words changed. `gone`: the blocks are not there.
 */
export type Standing =
  | { readonly type: 'fresh' | 'moved'; readonly spot: Spot; readonly change: Change }
  | { readonly type: 'clash'; readonly spot: Spot; readonly change: Change }
  | { readonly type: 'landed' }
  | { readonly type: 'gone' };

export function standingOf(change: Change, doc: Node, places: Places): Standing {
  const spot = spotOf(change, doc, places);
  const fresh = spot !== null && sameNodes(spot.now, change.base);
  if (fresh && change.base.length > 0) return { type: 'fresh', spot, change };
  if (change.proposed.length > 0 && landed(change, places)) return { type: 'landed' };
  if (!spot) {
    const left = change.base.some((node) => places.has(idOf(node)));
    return change.proposed.length === 0 && change.base.length > 0 && !left ? { type: 'landed' } : { type: 'gone' };
  }
  if (fresh) return { type: 'fresh', spot, change };
  const merged = mergeBlock(change, spot);
  return merged
    ? { type: 'moved', spot, change: { ...change, base: spot.now, proposed: [merged] } }
    : { type: 'clash', spot, change };
}

/** All that it proposes stands there already, and what it takes out does not. */
function landed({ parent, base, proposed }: Change, places: Places): boolean {
  const ids = new Set(proposed.map(idOf));
  return (
    proposed.every((node) => {
      const place = places.get(idOf(node));
      return place?.parent === parent && place.node.eq(node);
    }) && base.every((node) => ids.has(idOf(node)) || !places.has(idOf(node)))
  );
}

type Span = { readonly from: number; readonly to: number; readonly next: number };
/** The one stretch in which two contents differ: `from` to `to` in `a`, `from` to `next` in `b`. */
function spanOf(a: Fragment, b: Fragment): Span | null {
  const from = a.findDiffStart(b);
  const end = a.findDiffEnd(b);
  if (from === null || end === null) return null;
  const overlap = Math.max(0, from - Math.min(end.a, end.b));
  return { from, to: end.a + overlap, next: end.b + overlap };
}

/** One block that two people changed in different stretches. */
function mergeBlock({ base, proposed }: Change, { now }: Spot): Node | null {
  const [was, wanted, is] = [base[0], proposed[0], now[0]];
  if (base.length !== 1 || proposed.length !== 1 || now.length !== 1 || !was || !wanted || !is) return null;
  if (!was.isTextblock || !wanted.isTextblock || !is.isTextblock) return null;
  const turned = !was.hasMarkup(wanted.type, wanted.attrs);
  if (turned && !was.hasMarkup(is.type, is.attrs)) return null;
  const shape = turned ? wanted : is;
  const ours = spanOf(was.content, wanted.content);
  const theirs = spanOf(was.content, is.content);
  if (!ours || !theirs) return shape.copy(ours ? wanted.content : is.content);
  if (ours.from < theirs.to && theirs.from < ours.to) return null;
  if (ours.from === theirs.from) return null;
  const shift = theirs.from < ours.from ? theirs.next - theirs.to : 0;
  const content = is.content
    .cut(0, ours.from + shift)
    .append(wanted.content.cut(ours.from, ours.next))
    .append(is.content.cut(ours.to + shift));
  return shape.copy(content);
}

/** `doc` with these changes, in any order; those that do not fit, or overlap others, are left out. */
export function withChanges(doc: Node, changes: readonly Change[]): Node {
  const places = placesIn(doc);
  const spots = changes
    .flatMap((change) => {
      const standing = standingOf(change, doc, places);
      return standing.type === 'fresh' || standing.type === 'moved' ? [standing] : [];
    })
    .sort((a, b) => b.spot.from - a.spot.from || b.spot.to - a.spot.to);
  let result = doc;
  let edge = Number.POSITIVE_INFINITY;
  for (const { spot, change } of spots) {
    if (spot.to > edge) continue;
    try {
      const replaced = replaceRun(result, spot, change.proposed);
      replaced.check();
      result = replaced;
      edge = spot.from;
    } catch {
      // What came from elsewhere may not fit the schema here: it is not applied.
    }
  }
  return result;
}

function replaceRun(doc: Node, { from, to }: Spot, nodes: readonly Node[]): Node {
  const $from = doc.resolve(from);
  const { parent, depth } = $from;
  const start = $from.start(depth);
  const content = parent.content
    .cut(0, from - start)
    .append(Fragment.from([...nodes]))
    .append(parent.content.cut(to - start));
  let built = parent.copy(content);
  for (let level = depth - 1; level >= 0; level--)
    built = $from.node(level).copy($from.node(level).content.replaceChild($from.index(level), built));
  return built;
}

// --- Words ---------------------------------------------------------------------------------------------------

type Token = { readonly key: string; readonly from: number; readonly to: number; readonly blank: boolean };
/** Offsets in the content of two text blocks between which they differ. */
export type WordChange = {
  readonly from: number;
  readonly to: number;
  readonly nextFrom: number;
  readonly nextTo: number;
};

function tokensOf(block: Node): readonly Token[] {
  const tokens: Token[] = [];
  block.forEach((node, offset) => {
    const marks = node.marks.length > 0 ? JSON.stringify(node.marks.map((mark) => mark.toJSON())) : '';
    if (!node.isText) {
      tokens.push({ key: JSON.stringify(node.toJSON()), from: offset, to: offset + node.nodeSize, blank: false });
      return;
    }
    for (const match of (node.text ?? '').matchAll(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu)) {
      const from = offset + match.index;
      tokens.push({ key: match[0] + marks, from, to: from + match[0].length, blank: match[0].trim() === '' });
    }
  });
  return tokens;
}

/** Above this many comparisons the whole middle counts as changed. */
const MAX_WORK = 400_000;

export function wordChanges(was: Node, is: Node): readonly WordChange[] {
  const [a, b] = [tokensOf(was), tokensOf(is)];
  let start = 0;
  while (start < a.length && start < b.length && a[start]?.key === b[start]?.key) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1]?.key === b[endB - 1]?.key) [endA, endB] = [endA - 1, endB - 1];
  const place = (tokens: readonly Token[], at: number): number => tokens[at]?.from ?? tokens.at(-1)?.to ?? 0;
  const changes: { a: number; aTo: number; b: number; bTo: number }[] = [];
  for (const next of differ(a.slice(start, endA), b.slice(start, endB))) {
    const last = changes.at(-1);
    const between = last ? a.slice(last.aTo, start + next.a) : [];
    // A blank alone between two changes makes one change of them, which reads better.
    if (last && between.every(({ blank }) => blank)) {
      last.aTo = start + next.aTo;
      last.bTo = start + next.bTo;
    } else changes.push({ a: start + next.a, aTo: start + next.aTo, b: start + next.b, bTo: start + next.bTo });
  }
  return changes.map((change) => ({
    from: place(a, change.a),
    to: place(a, change.aTo),
    nextFrom: place(b, change.b),
    nextTo: place(b, change.bTo),
  }));
}

/** Runs that differ, by the longest common subsequence. */
function differ(
  a: readonly Token[],
  b: readonly Token[],
): readonly { a: number; aTo: number; b: number; bTo: number }[] {
  if (a.length === 0 && b.length === 0) return [];
  if (a.length * b.length > MAX_WORK) return [{ a: 0, aTo: a.length, b: 0, bTo: b.length }];
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i * width + j] =
        a[i]?.key === b[j]?.key
          ? (length[(i + 1) * width + j + 1] as number) + 1
          : Math.max(length[(i + 1) * width + j] as number, length[i * width + j + 1] as number);
  const runs: { a: number; aTo: number; b: number; bTo: number }[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const from = [i, j] as const;
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i]?.key === b[j]?.key)) {
      const down = i < a.length ? (length[(i + 1) * width + j] as number) : -1;
      const right = j < b.length ? (length[i * width + j + 1] as number) : -1;
      if (down >= right) i++;
      else j++;
    }
    if (i > from[0] || j > from[1]) runs.push({ a: from[0], aTo: i, b: from[1], bTo: j });
    while (i < a.length && j < b.length && a[i]?.key === b[j]?.key) [i, j] = [i + 1, j + 1];
  }
  return runs;
}

// --- To and from the graph -----------------------------------------------------------------------------------

/** Reads what somebody proposed; null when it is not made of this editor's blocks. */
export function readChange(row: SuggestionRow, schema: Schema): Change | null {
  try {
    const read = (blocks: readonly unknown[]): Node[] =>
      blocks.map((json) => {
        const node = Node.fromJSON(schema, json);
        node.check();
        if (!node.isBlock || node.type === schema.topNodeType) throw new RangeError('not a block');
        return node;
      });
    const base = read(row.base);
    if (base.length !== row.blocks.length || base.some((node, i) => idOf(node) !== row.blocks[i])) return null;
    return { parent: row.parent, after: row.after, base, proposed: read(row.proposed) };
  } catch {
    return null;
  }
}

/** As the arguments of `editor.suggest`. */
export function writeChange({ parent, after, base, proposed }: Change) {
  return {
    parent,
    after,
    blocks: base.map(idOf),
    base: base.map((node) => node.toJSON() as unknown),
    proposed: proposed.map((node) => node.toJSON() as unknown),
  };
}

const CUT = 60;
const cut = (text: string): string => (text.length > CUT ? `${text.slice(0, CUT - 1)}…` : text);
/** In a few words: what goes and what comes. */
export function summaryOf({ base, proposed }: Change): { readonly out: string; readonly in: string } {
  const [was, is] = [base[0], proposed[0]];
  if (base.length === 1 && proposed.length === 1 && was?.isTextblock && is?.isTextblock) {
    const changes = wordChanges(was, is);
    const of = (node: Node, from: number, to: number) => node.textBetween(from, to, ' ', ' ').trim();
    return {
      out: cut(
        changes
          .map(({ from, to }) => of(was, from, to))
          .filter((text) => text !== '')
          .join(' … '),
      ),
      in: cut(
        changes
          .map(({ nextFrom, nextTo }) => of(is, nextFrom, nextTo))
          .filter((text) => text !== '')
          .join(' … '),
      ),
    };
  }
  const old = new Set(base.map((node) => node.textContent));
  const fresh = new Set(proposed.map((node) => node.textContent));
  const words = (nodes: readonly Node[], known: ReadonlySet<string>): string =>
    cut(
      nodes
        .filter((node) => !known.has(node.textContent))
        .map((node) => node.textContent)
        .join(' ')
        .trim(),
    );
  return { out: words(base, fresh), in: words(proposed, old) };
}
