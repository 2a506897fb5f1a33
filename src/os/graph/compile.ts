/**
 * A question made ready: whether a node fits, and where it stands among those that do. Pure, and the same for a first answer, for
 * one that is kept up, and for what a recorded read waits for.
 */
import { unreachable } from '../../base/assert';
import { contentShardOf, type GraphNode, type SpaceId, type Value } from '../schema/define';
import type { Path } from './closure';
import { compareKeys, folded, type Key, keptValue, keyOf, toldValue } from './key';
import type { Comparison, Question, Term } from './question';

/** What is asked of a path: whether a node lies on it. */
type Member = { has(id: string): boolean };
/** Keys of the fields of the order, then the id: a total order. */
export type Place = { readonly id: string; readonly keys: readonly Key[] };
export type Compiled = {
  readonly question: Question;
  readonly types: ReadonlySet<string>;
  /** Fields of the order with their directions. */
  readonly order: readonly { readonly by: string; readonly down: boolean }[];
  /** Terms that all must hold, for the planner. */
  readonly all: readonly Term[];
  readonly paths: readonly Path[];
  /** Of a term that follows a path, its place in `paths`. */
  readonly pathOf: ReadonlyMap<Term, number>;
  /** `paths`: in the order of `Compiled.paths`. */
  fits(node: GraphNode, paths: readonly Member[]): boolean;
  place(node: GraphNode): Place;
  compare(a: Place, b: Place): number;
};

type Test = (node: GraphNode, paths: readonly Member[]) => boolean;

export const compile = (space: SpaceId, question: Question): Compiled => {
  const pathsByTerm = new Map<Term, Path>();
  const where = question.where ? testOf(space, question.where, pathsByTerm) : () => true;
  const types = new Set(question.type);
  const { removed } = question;
  const order = (question.order?.length ? question.order : [{ by: '@createdAt' }]).map(({ by, down = false }) => ({
    by,
    down,
  }));
  const idDown = order.at(-1)?.down === true;
  return {
    question,
    types,
    order,
    all: question.where ? conjunction(question.where) : [],
    paths: [...pathsByTerm.values()],
    pathOf: new Map([...pathsByTerm.keys()].map((term, i) => [term, i])),
    fits: (node, members) =>
      types.has(node.type) && (node.deleted ? removed !== undefined : removed !== 'only') && where(node, members),
    place: (node) => ({ id: node.id, keys: order.map(({ by }) => keyOf(keptValue(node, by))) }),
    compare: (a, b) => {
      for (let i = 0; i < order.length; i++) {
        const apart = compareKeys(a.keys[i], b.keys[i]);
        if (apart !== 0) return order[i]?.down ? -apart : apart;
      }
      if (a.id === b.id) return 0;
      return a.id < b.id === idDown ? 1 : -1;
    },
  };
};

/** Terms that all must hold for the term to hold. */
export const conjunction = (term: Term): readonly Term[] => ('and' in term ? term.and.flatMap(conjunction) : [term]);

const testOf = (space: SpaceId, term: Term, paths: Map<Term, Path>): Test => {
  const onPath = (path: Path): Test => {
    const at = paths.size;
    paths.set(term, path);
    return (node, members) => members[at]?.has(node.id) === true;
  };
  if ('and' in term) {
    const tests = term.and.map((each) => testOf(space, each, paths));
    return (node, members) => tests.every((test) => test(node, members));
  }
  if ('or' in term) {
    const tests = term.or.map((each) => testOf(space, each, paths));
    return (node, members) => tests.some((test) => test(node, members));
  }
  if ('not' in term) {
    const test = testOf(space, term.not, paths);
    return (node, members) => !test(node, members);
  }
  if ('field' in term) return comparing(term);
  if ('within' in term) {
    const part = contentShardOf(space, term.within as never);
    return (node) => node.shard === part;
  }
  if ('under' in term) return onPath({ type: 'under', root: term.under });
  if ('linked' in term) {
    const rest = { relation: term.linked, through: term.through === true };
    return onPath('to' in term ? { type: 'to', root: term.to, ...rest } : { type: 'from', root: term.from, ...rest });
  }
  return unreachable(term);
};

const sameText = (a: Value | undefined): string => JSON.stringify(a ?? null);

const comparing = (term: Comparison): Test => {
  const { field, is, among, starts, has } = term;
  const tests: ((value: Value | undefined) => boolean)[] = [];
  if (is !== undefined) {
    const text = sameText(is);
    tests.push((value) => (typeof value === 'object' ? sameText(value) === text : (value ?? null) === is));
  }
  if (among !== undefined) {
    const texts = new Set(among.map(sameText));
    tests.push((value) => texts.has(sameText(value)));
  }
  if (starts !== undefined) {
    const beginning = folded(starts);
    tests.push((value) => typeof value === 'string' && folded(value).startsWith(beginning));
  }
  if (has !== undefined) {
    const text = sameText(has);
    tests.push((value) => Array.isArray(value) && value.some((item) => sameText(item) === text));
  }
  // A bound speaks of values of its own kind: a number is not below a text, and what is not set lies nowhere.
  const bound = (value: Value | undefined, holds: (apart: number) => boolean): void => {
    if (value === undefined) return;
    const key = keyOf(value);
    tests.push((other) => typeof other === typeof value && holds(compareKeys(keyOf(other), key)));
  };
  bound(term.above, (apart) => apart > 0);
  bound(term.below, (apart) => apart < 0);
  bound(term.atLeast, (apart) => apart >= 0);
  bound(term.atMost, (apart) => apart <= 0);
  return (node) => {
    const value = toldValue(node, field);
    return tests.every((test) => test(value));
  };
};
