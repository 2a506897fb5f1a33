/**
 * A live question: its answer is kept, and a change is applied to it. What changed is tested again, what came or went through a
 * path with it, and nothing else; the answer's edit says what moved, came or went in the window. It knows no bridge and no time.
 * Rule: after any changes the answer is what a first answer would be; where that cannot be known it starts over.
 */
import { applySplices, type Splice, type SpliceBuilder, spliceBuilder } from '../../base/splice';
import type { FoundRow, GroupRow } from '../../bridge/messages';
import type { ChangeSet } from '../../vm/graph/engine';
import type { Followed, NodeId, Value } from '../schema/define';
import type { Closure } from './closure';
import { type Compiled, compile, type Place } from './compile';
import { allThatFit, groupOf, groupRows, pathsOf, rowTeller } from './find';
import type { Source } from './plan';
import type { KnownTypes, Question } from './question';
import { shareRows } from './share';
import { Sorted } from './sorted';

type Follow = Omit<Followed, 'space'> & {
  /** Nodes looked at so far. */
  readonly visited: number;
};
type Advance = ReturnType<Followed['advance']>;

/** `source`: of now, asked for whenever the answer starts over; `of` tells one graph from another that took its place. */
export type FollowSource = { readonly source: Source; readonly of: unknown };

export const follow = (sourceNow: () => FollowSource | undefined, question: Question, known: KnownTypes): Follow => {
  let held = sourceNow();
  let kept = held && begin(held.source, question, known);
  let answer = kept?.answer ?? emptyAnswer(question);
  let visited = kept?.visited ?? 0;
  return {
    get answer() {
      return answer;
    },
    get visited() {
      return visited;
    },
    changed: (changes) => kept === undefined || sourceNow()?.of !== held?.of || kept.changed(changes),
    advance: () => {
      const now = sourceNow();
      if (now && held && kept && now.of === held.of) {
        const before = kept.visited;
        const advance = kept.advance();
        visited += kept.visited - before;
        if (advance) answer = advance.answer;
        return advance;
      }
      held = now;
      kept = held && begin(held.source, question, known);
      visited += kept?.visited ?? 0;
      answer = kept?.answer ?? emptyAnswer(question);
      return { answer };
    },
  };
};

const emptyAnswer = ({ count }: Question): unknown => (count ? { count: 0 } : []);

type Kept = Pick<Follow, 'answer' | 'changed' | 'advance' | 'visited'>;

const begin = (source: Source, question: Question, known: KnownTypes): Kept => {
  const compiled = compile(source.space, question);
  const paths = pathsOf(source, compiled);
  return question.group === undefined && !question.count
    ? keepRows(source, compiled, paths, known)
    : keepCounts(source, compiled, paths);
};

// --- What a change touches --------------------------------------------------------------------------------------------

type Changes = { note(changes: ChangeSet): boolean; take(): Iterable<string> };

const changesOf = (
  { paths: asked, question }: Compiled,
  paths: readonly Closure[],
  holds: (id: string) => boolean,
): Changes => {
  const relations = asked.some(({ type }) => type !== 'under');
  let nodes = new Set<NodeId>();
  let edges = new Set<NodeId>();
  return {
    note: (changes) => {
      const all = paths.length > 0 || question.type.some((type) => changes.types.has(type));
      // What is held concerns us whatever it is now.
      for (const id of changes.nodes) if (all || id === question.after || holds(id)) nodes.add(id);
      if (relations) for (const id of changes.edges) edges.add(id);
      return nodes.size > 0 || edges.size > 0;
    },
    take: () => {
      const touched = new Set<string>(nodes);
      for (const path of paths) for (const id of path.changed(nodes, edges)) touched.add(id);
      nodes = new Set();
      edges = new Set();
      return touched;
    },
  };
};

// --- Rows -------------------------------------------------------------------------------------------------------------

/** One that fits. A changed node gets a new one. */
type Seat = Place & { row: FoundRow | undefined };

const keepRows = (
  { engine, ...source }: Source,
  compiled: Compiled,
  paths: readonly Closure[],
  known: KnownTypes,
): Kept => {
  const { question } = compiled;
  const { offset = 0, limit = Number.POSITIVE_INFINITY, after } = question;
  const first = allThatFit({ engine, ...source }, compiled, paths);
  const tell = rowTeller(known, question.fields);
  const seatOf = (node: (typeof first.nodes)[number]): Seat => {
    const { id, keys } = compiled.place(node);
    return { id, keys, row: undefined };
  };
  const seats = new Map<string, Seat>(first.nodes.map((node) => [node.id, seatOf(node)]));
  const changes = changesOf(compiled, paths, (id) => seats.has(id));
  const sorted = Sorted.of([...seats.values()], (a: Seat, b: Seat) => compiled.compare(a, b));
  const rowOf = (seat: Seat): FoundRow => {
    if (seat.row) return seat.row;
    const node = engine.node(seat.id as NodeId);
    seat.row = tell(node as NonNullable<typeof node>);
    return seat.row;
  };
  /** Ranks from and to (exclusive). */
  const windowNow = (): readonly [number, number] => {
    let from = offset;
    if (after !== undefined) {
      const node = engine.node(after as NodeId);
      if (!node) return [0, 0];
      const place = compiled.place(node);
      from = sorted.rank((seat) => compiled.compare(seat, place) <= 0);
    }
    from = Math.min(from, sorted.size);
    return [from, Math.min(sorted.size, from + limit)];
  };

  let visited = first.visited;
  let shown = windowNow();
  let answer: readonly FoundRow[] = Array.from(sorted.range(...shown), rowOf);

  const advance = (): Advance => {
    const gone: Seat[] = [];
    const came: Seat[] = [];
    for (const id of changes.take()) {
      visited++;
      const node = engine.node(id as NodeId);
      const before = seats.get(id);
      const seat = node && compiled.fits(node, paths) ? seatOf(node) : undefined;
      if (node && seat && before?.row) {
        seat.row = shareRows(before.row, tell(node)) as FoundRow;
      }
      // It stays where it is, and is told as before.
      if (seat && before && seat.row === before.row && compiled.compare(seat, before) === 0) continue;
      if (before) gone.push(before);
      if (seat) came.push(seat);
    }
    const size = sorted.size;
    const left = gone.map((seat) => sorted.rankOf(seat)).sort((a, b) => a - b);
    const places = new Map(gone.map((seat) => [seat.id, sorted.rankOf(seat)]));
    for (const seat of gone) {
      sorted.take(seat);
      seats.delete(seat.id);
    }
    for (const seat of came) {
      sorted.put(seat);
      seats.set(seat.id, seat);
    }
    const entered = came.map((seat) => sorted.rankOf(seat)).sort((a, b) => a - b);
    const before = shown;
    shown = windowNow();
    const edit = spliceBuilder<FoundRow>();
    edited({
      size,
      left,
      entered,
      before,
      after: shown,
      edit,
      put: (rank) => {
        const row = rowOf(sorted.at(rank) as Seat);
        const stood = places.get(row.id);
        return stood !== undefined && stood >= before[0] && stood < before[1]
          ? { from: stood - before[0], item: row }
          : { item: row };
      },
    });
    const splices = edit.splices();
    if (splices.length === 0) return undefined;
    answer = applySplices(answer, splices);
    return { answer, edit: splices };
  };

  return {
    get answer() {
      return answer;
    },
    get visited() {
      return visited;
    },
    changed: changes.note,
    advance,
  };
};

type Edited = {
  /** Items before, all of them. */
  readonly size: number;
  /** Ranks before of what left, and ranks after of what entered, both going up. */
  readonly left: readonly number[];
  readonly entered: readonly number[];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  readonly edit: SpliceBuilder<FoundRow>;
  put(rank: number): Splice<FoundRow>['put'][number];
};
/** Says how the window before becomes the window after: walks runs of what was kept, and cuts each at the edges of both windows. */
const edited = ({ size, left, entered, before, after, edit, put }: Edited): void => {
  const within = (rank: number, [from, to]: readonly [number, number]): boolean => rank >= from && rank < to;
  let was = 0;
  let is = 0;
  let l = 0;
  let e = 0;
  const kept = (count: number): void => {
    const cuts = [before[0] - was, before[1] - was, after[0] - is, after[1] - is, count]
      .filter((cut) => cut > 0 && cut <= count)
      .sort((a, b) => a - b);
    let done = 0;
    for (const cut of cuts) {
      const run = cut - done;
      if (run === 0) continue;
      const wasSeen = within(was + done, before);
      const isSeen = within(is + done, after);
      if (wasSeen && isSeen) edit.keep(run);
      else if (wasSeen) edit.drop(run);
      else if (isSeen) for (let i = 0; i < run; i++) edit.put(put(is + done + i));
      done = cut;
    }
    was += count;
    is += count;
  };
  while (was < size || e < entered.length) {
    const toLeft = (left[l] ?? size) - was;
    const toEntered = (entered[e] ?? Number.POSITIVE_INFINITY) - is;
    const run = Math.min(toLeft, toEntered);
    if (run > 0) kept(run);
    else if (left[l] === was) {
      if (within(was, before)) edit.drop(1);
      was++;
      l++;
    } else {
      if (within(is, after)) edit.put(put(is));
      is++;
      e++;
    }
  }
};

// --- Counts and groups ------------------------------------------------------------------------------------------------

const keepCounts = (source: Source, compiled: Compiled, paths: readonly Closure[]): Kept => {
  const { group } = compiled.question;
  const first = allThatFit(source, compiled, paths);
  const groupById = new Map<string, string>();
  const groups = new Map<string, { readonly value: Value; count: number }>();
  const changes = changesOf(compiled, paths, (id) => groupById.has(id));
  const join = (node: (typeof first.nodes)[number]): void => {
    const { id, value } = group === undefined ? { id: '', value: null } : groupOf(node, group);
    groupById.set(node.id, id);
    const known = groups.get(id);
    if (known) known.count++;
    else groups.set(id, { value, count: 1 });
  };
  const leave = (node: string): void => {
    const id = groupById.get(node);
    const known = id === undefined ? undefined : groups.get(id);
    if (id === undefined || !known) return;
    groupById.delete(node);
    if (--known.count === 0) groups.delete(id);
  };
  const tell = (): unknown =>
    group === undefined
      ? { count: groupById.size }
      : groupRows([...groups].map(([id, { value, count }]): GroupRow => ({ id, value, count })));
  for (const node of first.nodes) join(node);
  let visited = first.visited;
  let answer = tell();
  return {
    get answer() {
      return answer;
    },
    get visited() {
      return visited;
    },
    changed: changes.note,
    advance: () => {
      for (const id of changes.take()) {
        visited++;
        const node = source.engine.node(id as NodeId);
        leave(id);
        if (node && compiled.fits(node, paths)) join(node);
      }
      const told = tell();
      if (JSON.stringify(told) === JSON.stringify(answer)) return undefined;
      answer = told;
      return { answer };
    },
  };
};
