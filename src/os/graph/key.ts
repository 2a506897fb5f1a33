/**
 * Keys: what a value is sorted, compared and indexed by. Any JSON that a member may have written has one, and any two compare:
 * not set (and null) < false < true < numbers < texts < lists and objects. Texts compare without regard to case first.
 */
import { msOf } from '../../vm/op/clock';
import type { GraphNode, Value } from '../schema/define';

/** Of a text counts so much, in UTF-16 units. */
const TEXT = 200;

export type Key = undefined | boolean | number | string | { readonly json: string };

export const folded = (text: string): string => text.slice(0, TEXT).normalize('NFKC').toLowerCase();

const PLAIN = /^[ -@[-`{-~]*$/;
export const keyOf = (value: Value | undefined): Key => {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string')
    return `${PLAIN.test(value) ? value.slice(0, TEXT) : folded(value)}\0${value.slice(0, TEXT)}`;
  return typeof value === 'object' ? { json: JSON.stringify(value).slice(0, TEXT) } : value;
};

const RANKS: Readonly<Record<string, number>> = { undefined: 0, boolean: 1, number: 2, string: 3, object: 4 };
export const compareKeys = (a: Key, b: Key): number => {
  if (a === b) return 0;
  const apart = (RANKS[typeof a] as number) - (RANKS[typeof b] as number);
  if (apart !== 0) return apart;
  if (typeof a === 'object' && typeof b === 'object') return a.json < b.json ? -1 : a.json > b.json ? 1 : 0;
  return (a as number) < (b as number) ? -1 : 1;
};

/** What can be asked of every node, whatever its type. Times are in milliseconds. */
export const BUILT_IN = ['@id', '@author', '@createdAt', '@updatedAt', '@parent', '@place', '@part'] as const;

export const keptValue = (node: GraphNode, field: string): Value | undefined => {
  switch (field) {
    case '@id':
      return node.id;
    case '@author':
      return node.author;
    // With the counter, so that what was made in one millisecond stays in order.
    case '@createdAt':
      return node.createdAt;
    case '@updatedAt':
      return node.updatedAt;
    case '@parent':
      return node.parent === '' ? null : node.parent;
    case '@place':
      return node.order === '' ? null : node.order;
    case '@part':
      return node.shard;
    default:
      return node.field(field);
  }
};
/** As an answer tells it. */
export const toldValue = (node: GraphNode, field: string): Value | undefined => {
  const value = keptValue(node, field);
  return field === '@createdAt' || field === '@updatedAt' ? msOf(value as never) : value;
};
