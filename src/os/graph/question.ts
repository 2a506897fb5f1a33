/**
 * Questions: what may be asked of the graph of a space, as plain JSON (docs/users/queries.md). They come from scripts and pages:
 * hostile until `checkQuestion` has copied them, with every field and type known and every list bounded.
 */
import { err, ok, type Result } from '../../base/result';
import type { TypeRule, Value } from '../schema/define';
import { BUILT_IN } from './key';

const MAX_ROWS = 10_000;
export const MAX_GROUPS = 1_000;
const DEFAULT_ROWS = 1_000;
const MAX_OFFSET = 1_000_000;
const MAX_TYPES = 8;
const MAX_ORDER = 4;
const MAX_DEPTH = 8;
const MAX_TERMS = 64;
const MAX_AMONG = 1_000;
const MAX_TEXT = 200;
const MAX_PATHS = 8;

export type Comparison = {
  readonly field: string;
  readonly is?: Value;
  readonly among?: readonly Value[];
  readonly above?: Value;
  readonly below?: Value;
  readonly atLeast?: Value;
  readonly atMost?: Value;
  /** Without regard to case. */
  readonly starts?: string;
  /** A list with this item. */
  readonly has?: Value;
};
export type Term =
  | { readonly and: readonly Term[] }
  | { readonly or: readonly Term[] }
  | { readonly not: Term }
  | Comparison
  /** In the part of a channel or document: its messages, comments, suggestions. */
  | { readonly within: string }
  | { readonly under: string }
  | { readonly linked: string; readonly to: string; readonly through?: boolean }
  | { readonly linked: string; readonly from: string; readonly through?: boolean };
type Order = { readonly by: string; readonly down?: boolean };
export type Question = {
  readonly type: readonly string[];
  readonly where?: Term;
  /** By age where nothing is said; ties by id. */
  readonly order?: readonly Order[];
  readonly limit?: number;
  readonly offset?: number;
  /** Only what comes after this node in the order. */
  readonly after?: string;
  /** Removed ones too, or only those. */
  readonly removed?: 'also' | 'only';
  readonly fields?: readonly string[];
  readonly group?: string;
  readonly count?: boolean;
};

/** The application types that can be asked for. */
export type KnownTypes = ReadonlyMap<string, TypeRule>;

class Refused extends Error {}
const refuse = (message: string): never => {
  throw new Refused(message);
};

/** `asked`: parsed JSON. The error is a sentence without its end. */
export const checkQuestion = (asked: unknown, known: KnownTypes): Result<Question, string> => {
  try {
    return ok(checked(asked, known));
  } catch (fault) {
    if (fault instanceof Refused) return err(fault.message);
    throw fault;
  }
};

type Names = (name: unknown, where: string) => string;

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  return `"${text.slice(0, 60)}"`;
};
const recordOf = (value: unknown, what: string, keys: readonly string[]): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`${what} is no object`);
  for (const key of Object.keys(value))
    if (!keys.includes(key)) return refuse(`${what} knows no ${shown(key)}; it knows ${keys.join(', ')}`);
  return value as Record<string, unknown>;
};
const listOf = (value: unknown, what: string, max: number): readonly unknown[] => {
  if (!Array.isArray(value)) return refuse(`${what} is no list`);
  return value.length > max ? refuse(`${what} has more than ${max} items`) : value;
};
const textOf = (value: unknown, what: string): string => {
  if (typeof value !== 'string' || value === '') return refuse(`${what} is no text`);
  return value.length > MAX_TEXT ? refuse(`${what} is longer than ${MAX_TEXT} characters`) : value;
};
const flagOf = (value: unknown, what: string): boolean =>
  typeof value === 'boolean' ? value : refuse(`${what} is neither true nor false`);
const countOf = (value: unknown, what: string, least: number, most: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
    ? value
    : refuse(`${what} is no whole number from ${least} to ${most}`);

const QUESTION = ['type', 'where', 'order', 'window', 'removed', 'fields', 'group', 'count'] as const;

const checked = (asked: unknown, known: KnownTypes): Question => {
  const given = recordOf(asked, 'The question', QUESTION);
  const types = listOf(Array.isArray(given.type) ? given.type : [given.type], '"type"', MAX_TYPES).map((name) => {
    if (typeof name === 'string' && known.has(name)) return name;
    return refuse(`There is no type ${shown(name)}; there are ${[...known.keys()].sort().join(', ')}`);
  });
  if (types.length === 0) return refuse('"type" names no type');
  const fields = new Set<string>(BUILT_IN);
  for (const type of types) for (const field of Object.keys(known.get(type)?.fields ?? {})) fields.add(field);
  const names: Names = (name, where) => {
    if (typeof name === 'string' && fields.has(name)) return name;
    return refuse(
      `${where}: ${types.join(', ')} has no field ${shown(name)}; there are ${[...fields].sort().join(', ')}`,
    );
  };
  const { removed, count } = given;
  if (removed !== undefined && removed !== 'also' && removed !== 'only') return refuse('"removed" is "also" or "only"');
  const question = {
    type: [...new Set(types)],
    ...windowOf(given.window),
    ...(given.where === undefined ? {} : { where: termOf(given.where, names) }),
    ...(given.order === undefined ? {} : { order: orderOf(given.order, names) }),
    ...(removed === undefined ? {} : { removed }),
    ...(given.fields === undefined
      ? {}
      : { fields: listOf(given.fields, '"fields"', 100).map((field) => names(field, '"fields"')) }),
    ...(given.group === undefined ? {} : { group: names(given.group, '"group"') }),
    ...(count === undefined ? {} : { count: flagOf(count, '"count"') }),
  } satisfies Question;
  if (question.group !== undefined && question.count) return refuse('"group" counts already; leave "count" out');
  const counts = question.group !== undefined || question.count === true;
  if (counts && (given.order !== undefined || given.window !== undefined || given.fields !== undefined))
    return refuse('What is only counted has no "order", "window" or "fields"');
  return question;
};

const windowOf = (given: unknown): { readonly limit: number; readonly offset?: number; readonly after?: string } => {
  if (given === undefined) return { limit: DEFAULT_ROWS };
  const { limit, offset, after } = recordOf(given, '"window"', ['limit', 'offset', 'after']);
  if (offset !== undefined && after !== undefined) return refuse('"window" has an offset or an after, not both');
  return {
    limit: limit === undefined ? DEFAULT_ROWS : countOf(limit, '"limit"', 1, MAX_ROWS),
    ...(offset === undefined ? {} : { offset: countOf(offset, '"offset"', 0, MAX_OFFSET) }),
    ...(after === undefined ? {} : { after: textOf(after, '"after"') }),
  };
};

const orderOf = (given: unknown, names: Names): readonly Order[] =>
  listOf(given, '"order"', MAX_ORDER).map((each) => {
    const { by, down } = recordOf(each, 'Each of "order"', ['by', 'down']);
    return { by: names(by, '"order"'), ...(down === undefined ? {} : { down: flagOf(down, '"down"') }) };
  });

const COMPARISONS = ['is', 'among', 'above', 'below', 'atLeast', 'atMost', 'starts', 'has'] as const;
const KINDS = ['and', 'or', 'not', 'field', 'within', 'under', 'linked'] as const;

const termOf = (given: unknown, names: Names): Term => {
  let terms = 0;
  let paths = 0;
  const read = (term: unknown, depth: number): Term => {
    if (depth > MAX_DEPTH) return refuse(`"where" is nested deeper than ${MAX_DEPTH}`);
    if (++terms > MAX_TERMS) return refuse(`"where" has more than ${MAX_TERMS} terms`);
    if (typeof term !== 'object' || term === null || Array.isArray(term))
      return refuse('A term of "where" is no object');
    const kinds = KINDS.filter((key) => Object.hasOwn(term, key));
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) return refuse(`A term of "where" has one of ${KINDS.join(', ')}`);
    if ((kind === 'under' || kind === 'linked') && ++paths > MAX_PATHS)
      return refuse(`"where" follows more than ${MAX_PATHS} paths`);
    switch (kind) {
      case 'and':
      case 'or': {
        const inner = listOf(recordOf(term, 'A term', [kind])[kind], `"${kind}"`, MAX_TERMS);
        const all = inner.map((each) => read(each, depth + 1));
        return kind === 'and' ? { and: all } : { or: all };
      }
      case 'not':
        return { not: read(recordOf(term, 'A term', ['not']).not, depth + 1) };
      case 'field':
        return comparisonOf(recordOf(term, 'A comparison', ['field', ...COMPARISONS]), names);
      case 'within':
        return { within: textOf(recordOf(term, 'A term', ['within']).within, '"within"') };
      case 'under':
        return { under: textOf(recordOf(term, 'A term', ['under']).under, '"under"') };
      case 'linked':
        return linkedOf(recordOf(term, 'A relation', ['linked', 'to', 'from', 'through']));
    }
  };
  return read(given, 1);
};

const linkedOf = ({ linked, to, from, through }: Record<string, unknown>): Term => {
  const ends = (to === undefined ? 0 : 1) + (from === undefined ? 0 : 1);
  if (ends !== 1) return refuse('A relation has a "to" or a "from"');
  const rest = {
    linked: textOf(linked, '"linked"'),
    ...(through === undefined ? {} : { through: flagOf(through, '"through"') }),
  };
  return to === undefined ? { ...rest, from: textOf(from, '"from"') } : { ...rest, to: textOf(to, '"to"') };
};

const comparisonOf = (given: Record<string, unknown>, names: Names): Comparison => {
  const field = names(given.field, '"where"');
  const asked = COMPARISONS.filter((key) => given[key] !== undefined);
  if (asked.length === 0) return refuse(`A comparison of "${field}" has one of ${COMPARISONS.join(', ')}`);
  if (given.among !== undefined) listOf(given.among, '"among"', MAX_AMONG);
  if (given.starts !== undefined) textOf(given.starts, '"starts"');
  for (const key of ['above', 'below', 'atLeast', 'atMost'] as const)
    if (given[key] === null || typeof given[key] === 'object') return refuse(`"${key}" is no number or text`);
  return { field, ...Object.fromEntries(asked.map((key) => [key, given[key]])) };
};
