/**
 * A map that is never changed in place: an update copies one bucket of 1,024, so that the lobby's step stays a pure
 * function while thousands of sockets share one state. The salt keeps strangers from aiming at a single bucket.
 */
const BUCKETS = 1_024;

export type Table<Value> = {
  readonly salt: number;
  readonly size: number;
  readonly buckets: readonly ReadonlyMap<string, Value>[];
};

const EMPTY: ReadonlyMap<string, never> = new Map<string, never>();

export const emptyTable = <Value>(salt: number): Table<Value> => ({
  salt: salt | 0,
  size: 0,
  buckets: Array.from({ length: BUCKETS }, () => EMPTY),
});

const bucketOf = (salt: number, key: string): number => {
  let hash = salt ^ 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193 ^ (salt << 1));
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 22) % BUCKETS;
};

export const valueIn = <Value>(table: Table<Value>, key: string): Value | undefined =>
  table.buckets[bucketOf(table.salt, key)]?.get(key);

/** The table with `key` at `value`; without `key` where `value` is undefined. */
export const withValue = <Value>(table: Table<Value>, key: string, value: Value | undefined): Table<Value> => {
  const index = bucketOf(table.salt, key);
  const before = table.buckets[index] ?? EMPTY;
  if (value === undefined && !before.has(key)) return table;
  const bucket = new Map<string, Value>(before);
  if (value === undefined) bucket.delete(key);
  else bucket.set(key, value);
  const buckets = table.buckets.slice();
  buckets[index] = bucket;
  return { salt: table.salt, size: table.size + bucket.size - before.size, buckets };
};

export function* entriesOf<Value>(table: Table<Value>): Generator<readonly [string, Value]> {
  for (const bucket of table.buckets) yield* bucket;
}

/** Those of the second table that the first has not. In proportion to the buckets that differ. */
export function* keysAdded<Value>(before: Table<Value>, after: Table<Value>): Generator<string> {
  for (const [index, bucket] of after.buckets.entries()) {
    const old = before.buckets[index];
    if (old === bucket) continue;
    for (const key of bucket.keys()) if (!old?.has(key)) yield key;
  }
}
