/**
 * Binary codecs. A wire format is a value: one `Codec<T>` reads and writes it.
 * Reading never trusts a length: every count is checked against a limit and against the bytes that are left.
 * Inside a codec a fault throws `DecodeError`; `decode` turns it into a value at the edge. Big-endian throughout.
 */
import { fromHex, fromUtf8, toHex, utf8 } from './bytes';
import { err, ok, type Result } from './result';

export class DecodeError extends Error {}
export type Malformed = { readonly type: 'malformed'; readonly message: string };

export class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  #grow(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
  u8(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length++] = value;
  }
  /** An unsigned integer of `width` bytes; up to 2^53. */
  uint(value: number, width: number): void {
    this.#grow(width);
    let rest = value;
    for (let i = width - 1; i >= 0; i--) {
      this.#bytes[this.#length + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += width;
  }
  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.u8((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }
  raw(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

export class Reader {
  #offset = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.#offset;
  }
  u8(): number {
    if (this.left < 1) throw new DecodeError('ends too early');
    return this.bytes[this.#offset++] as number;
  }
  uint(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + this.u8();
    if (!Number.isSafeInteger(value)) throw new DecodeError('number above 2^53');
    return value;
  }
  /** Shortest form only, up to 2^53. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (byte === 0 && i > 0) throw new DecodeError('number not in its shortest form');
        if (!Number.isSafeInteger(value)) throw new DecodeError('number above 2^53');
        return value;
      }
      scale *= 128;
    }
    throw new DecodeError('number too long');
  }
  /** A copy, so that a small value never keeps a large frame alive. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.left) throw new DecodeError('ends too early');
    const bytes = this.bytes.slice(this.#offset, this.#offset + length) as Uint8Array<ArrayBuffer>;
    this.#offset += length;
    return bytes;
  }
}

export type Codec<T> = { write(writer: Writer, value: T): void; read(reader: Reader): T };
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export const encode = <T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> => {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
};

/** Reads the whole of `bytes`; anything left over is malformed. */
export const decode = <T>(codec: Codec<T>, bytes: Uint8Array): Result<T, Malformed> => {
  const reader = new Reader(bytes);
  try {
    const value = codec.read(reader);
    if (reader.left > 0) throw new DecodeError(`${reader.left} bytes too many`);
    return ok(value);
  } catch (fault) {
    if (fault instanceof DecodeError) return err({ type: 'malformed', message: fault.message });
    throw fault;
  }
};

export const uint = (width: number): Codec<number> => ({
  write: (writer, value) => writer.uint(value, width),
  read: (reader) => reader.uint(width),
});
export const u8 = uint(1);
export const u16 = uint(2);
export const u32 = uint(4);
export const u64 = uint(8);
export const varint: Codec<number> = {
  write: (writer, value) => writer.varint(value),
  read: (reader) => reader.varint(),
};

/** Exactly `length` bytes, no prefix. */
export const fixed = (length: number): Codec<Uint8Array<ArrayBuffer>> => ({
  write: (writer, value) => {
    if (value.length !== length) throw new Error(`Expected ${length} bytes, got ${value.length}`);
    writer.raw(value);
  },
  read: (reader) => reader.raw(length),
});

/** An id of `length` bytes, lower-case hex in memory. */
export const hexId = <Id extends string>(length: number): Codec<Id> => ({
  write: (writer, value) => {
    const bytes = fromHex(value);
    if (bytes.length !== length) throw new Error(`Expected an id of ${length} bytes, got ${bytes.length}`);
    writer.raw(bytes);
  },
  read: (reader) => toHex(reader.raw(length)) as Id,
});

export const blob = (limit: number): Codec<Uint8Array<ArrayBuffer>> => ({
  write: (writer, value) => {
    if (value.length > limit) throw new Error(`${value.length} bytes, at most ${limit}`);
    writer.varint(value.length);
    writer.raw(value);
  },
  read: (reader) => {
    const length = reader.varint();
    if (length > limit) throw new DecodeError(`${length} bytes, at most ${limit}`);
    return reader.raw(length);
  },
});

/** UTF-8 text of at most `limit` bytes. Lone surrogates are not text. */
export const text = (limit: number): Codec<string> => {
  const bytes = blob(limit);
  return {
    write: (writer, value) => bytes.write(writer, utf8(value)),
    read: (reader) => {
      try {
        return fromUtf8(bytes.read(reader));
      } catch (fault) {
        if (fault instanceof DecodeError) throw fault;
        throw new DecodeError('not UTF-8');
      }
    },
  };
};

export const list = <T>(item: Codec<T>, limit: number): Codec<readonly T[]> => ({
  write: (writer, values) => {
    if (values.length > limit) throw new Error(`${values.length} items, at most ${limit}`);
    writer.varint(values.length);
    for (const value of values) item.write(writer, value);
  },
  read: (reader) => {
    const length = reader.varint();
    if (length > limit || length > reader.left) throw new DecodeError(`${length} items, at most ${limit}`);
    return Array.from({ length }, () => item.read(reader));
  },
});

export const optional = <T>(item: Codec<T>): Codec<T | undefined> => ({
  write: (writer, value) => {
    writer.u8(value === undefined ? 0 : 1);
    if (value !== undefined) item.write(writer, value);
  },
  read: (reader) => {
    const flag = reader.u8();
    if (flag > 1) throw new DecodeError('flag is neither 0 nor 1');
    return flag === 1 ? item.read(reader) : undefined;
  },
});

export const flag: Codec<boolean> = {
  write: (writer, value) => writer.u8(value ? 1 : 0),
  read: (reader) => {
    const value = reader.u8();
    if (value > 1) throw new DecodeError('flag is neither 0 nor 1');
    return value === 1;
  },
};

/** One of `names`, as its index in one byte. Never reorder the names: the index is the wire format. */
export const oneOf = <const Names extends readonly string[]>(...names: Names): Codec<Names[number]> => ({
  write: (writer, value) => {
    const index = names.indexOf(value);
    if (index < 0) throw new Error(`${value} is not one of ${names.join(', ')}`);
    writer.u8(index);
  },
  read: (reader) => {
    const value = names[reader.u8()];
    if (value === undefined) throw new DecodeError(`not one of ${names.join(', ')}`);
    return value as Names[number];
  },
});

type RecordOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Fields in the order in which they are declared. */
// biome-ignore lint/suspicious/noExplicitAny: a record of codecs of any types is what this takes
export const record = <F extends Record<string, Codec<any>>>(fields: F): Codec<RecordOf<F>> => ({
  write: (writer, value) => {
    for (const name in fields) fields[name]?.write(writer, value[name]);
  },
  read: (reader) => {
    const value: Record<string, unknown> = {};
    for (const name in fields) value[name] = fields[name]?.read(reader);
    return value as RecordOf<F>;
  },
});

/** A union tagged by `type`; each case has its number, never reused. */
// biome-ignore lint/suspicious/noExplicitAny: as in `record`
export const tagged = <Cases extends Record<string, readonly [number, Codec<any>]>>(
  cases: Cases,
): Codec<{ [K in keyof Cases]: { readonly type: K } & ValueOf<Cases[K][1]> }[keyof Cases]> => {
  const byNumber = new Map(Object.entries(cases).map(([type, [number, codec]]) => [number, { type, codec }]));
  return {
    write: (writer, value) => {
      const found = cases[value.type as keyof Cases];
      if (!found) throw new Error(`Unknown case ${String(value.type)}`);
      writer.u8(found[0]);
      found[1].write(writer, value);
    },
    read: (reader) => {
      const number = reader.u8();
      const found = byNumber.get(number);
      if (!found) throw new DecodeError(`unknown case ${number}`);
      return { type: found.type, ...(found.codec.read(reader) as object) } as never;
    },
  };
};
