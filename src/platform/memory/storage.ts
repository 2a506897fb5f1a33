/**
 * Storage in memory: what tests and simulations run on, and the shape that the other adapters are compared with.
 * `Image` is the bare ordered tables, shared with the faulty storage.
 */

import { err, ok } from '../../base/result';
import { firstNot } from '../../base/sorted';
import { type Storage, TABLES, type Table, type Write } from '../../ports';
import { copyWrites } from '../rows';

type Row = { key: string; value: Uint8Array<ArrayBuffer> };

export class Image {
  readonly #tables = new Map<Table, Map<string, Uint8Array>>(TABLES.map((table) => [table, new Map()]));
  /** Sorted keys by table, made when first listed, dropped when the set of keys changes. */
  readonly #sorted = new Map<Table, string[]>();

  apply(writes: readonly Write[]): void {
    for (const { table, key, value } of writes) {
      const rows = this.#rowsOf(table);
      if (value ? !rows.has(key) : rows.has(key)) this.#sorted.delete(table);
      if (value) rows.set(key, value);
      else rows.delete(key);
    }
  }
  read(table: Table, key: string): Uint8Array<ArrayBuffer> | undefined {
    const value = this.#rowsOf(table).get(key);
    return value && new Uint8Array(value);
  }
  list(table: Table, prefix: string, after = '', limit = Number.POSITIVE_INFINITY): Row[] {
    const rows = this.#rowsOf(table);
    const keys = this.#keysOf(table);
    const found: Row[] = [];
    for (let i = firstNotBelow(keys, after > prefix ? after : prefix); i < keys.length && found.length < limit; i++) {
      const key = keys[i] as string;
      if (!key.startsWith(prefix)) break;
      if (key > after) found.push({ key, value: new Uint8Array(rows.get(key) as Uint8Array) });
    }
    return found;
  }
  keys(table: Table, prefix: string): readonly string[] {
    return this.#keysOf(table).filter((key) => key.startsWith(prefix));
  }
  #keysOf(table: Table): string[] {
    const keys = this.#sorted.get(table) ?? [...this.#rowsOf(table).keys()].sort();
    this.#sorted.set(table, keys);
    return keys;
  }
  used(): number {
    let used = 0;
    for (const rows of this.#tables.values()) for (const [key, value] of rows) used += key.length + value.length;
    return used;
  }
  copy(): Image {
    const twin = new Image();
    for (const [table, rows] of this.#tables) twin.apply([...rows].map(([key, value]) => ({ table, key, value })));
    return twin;
  }
  #rowsOf(table: Table): Map<string, Uint8Array> {
    return this.#tables.get(table) as Map<string, Uint8Array>;
  }
}

/** `quota` in bytes of keys and values; a write that would go beyond it is `full`. */
export const memoryStorage = (quota?: number): Storage => {
  const image = new Image();
  let open = true;
  return {
    write: async (writes) => {
      const copied = copyWrites(writes);
      if (!open) return err({ type: 'failed', message: 'the storage is closed' });
      if (quota !== undefined) {
        const next = image.copy();
        next.apply(copied);
        if (next.used() > quota) return err({ type: 'full', message: `more than ${quota} bytes` });
      }
      image.apply(copied);
      return ok(undefined);
    },
    read: async (table, key) => image.read(table, key),
    list: async (table, prefix, after, limit) => image.list(table, prefix, after, limit),
    keys: async (table, prefix) => image.keys(table, prefix),
    usage: async () => ({ used: image.used(), ...(quota === undefined ? {} : { quota }) }),
    close: async () => {
      open = false;
    },
  };
};

const firstNotBelow = (sorted: readonly string[], key: string): number => firstNot(sorted, (each) => each < key);
