/**
 * Canonical JSON: the one text of a value, which the fold compares by UTF-16 code units and the wire carries. Keys are sorted as a JavaScript object keeps
 * them (indices first, then by code unit), so that parsing and writing gives the same text again; numbers are as JSON writes them, lone surrogates are escaped. What JSON cannot say is refused, never
 * dropped: undefined, NaN, Infinity, dates, maps, class instances, cycles. Work is bounded by `max`, also on shared parts.
 */
import { err, ok, type Result } from '../../base/result';
import { MAX_BODY } from '../../vm/op/body';

export type NotJson = { readonly type: 'notJson'; readonly message: string };
/** The fold takes no value nested deeper. */
const MAX_DEPTH = 32;

class Refused extends Error {}

/** `max` in characters of the canonical text. */
export const canonicalJson = (value: unknown, max = MAX_BODY): Result<string, NotJson> => {
  let left = max;
  const take = (text: string): string => {
    left -= text.length;
    if (left < 0) throw new Refused(`longer than ${max} characters of JSON`);
    return text;
  };
  const write = (part: unknown, depth: number): string => {
    switch (typeof part) {
      case 'string':
        if (part.length > left) return take(part);
        return take(JSON.stringify(part));
      case 'boolean':
        return take(String(part));
      case 'number':
        if (!Number.isFinite(part)) throw new Refused('not a finite number');
        return take(JSON.stringify(part));
      case 'object':
        if (part === null) return take('null');
        if (depth === MAX_DEPTH) throw new Refused(`nested deeper than ${MAX_DEPTH}, or in a circle`);
        return Array.isArray(part) ? writeList(part, depth) : writeRecord(part, depth);
      default:
        throw new Refused(`${typeof part} is not JSON`);
    }
  };
  const writeList = (items: readonly unknown[], depth: number): string => {
    take('[]');
    const parts: string[] = [];
    for (let i = 0; i < items.length; i++) {
      if (i > 0) take(',');
      parts.push(write(items[i], depth + 1));
    }
    return `[${parts.join(',')}]`;
  };
  const writeRecord = (object: object, depth: number): string => {
    const prototype: unknown = Object.getPrototypeOf(object);
    // A plain object of any realm: its prototype, if any, is the last of the chain.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw new Refused('not a plain object');
    take('{}');
    const parts: string[] = [];
    for (const key of Object.keys(object).sort(compareKeys)) {
      const name = take(JSON.stringify(key));
      take(parts.length > 0 ? ',:' : ':');
      parts.push(`${name}:${write((object as Record<string, unknown>)[key], depth + 1)}`);
    }
    return `{${parts.join(',')}}`;
  };
  try {
    return ok(write(value, 0));
  } catch (fault) {
    if (fault instanceof Refused) return err({ type: 'notJson', message: fault.message });
    throw fault;
  }
};

const INDEX = /^(0|[1-9]\d{0,9})$/;
const isIndex = (key: string): boolean => INDEX.test(key) && Number(key) < 2 ** 32 - 1;
const compareKeys = (a: string, b: string): number => {
  if (isIndex(a) && isIndex(b)) return Number(a) - Number(b);
  if (isIndex(a) !== isIndex(b)) return isIndex(a) ? -1 : 1;
  return a < b ? -1 : 1;
};
