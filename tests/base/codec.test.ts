/** Codecs: what is written reads back, what is hostile is a value, and no length is believed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, fromHex, isHex, toBase64Url, toHex, utf8 } from '../../src/base/bytes';
import {
  blob,
  type Codec,
  DecodeError,
  decode,
  encode,
  fixed,
  flag,
  hexId,
  list,
  oneOf,
  optional,
  record,
  tagged,
  text,
  u8,
  u16,
  u64,
  uint,
  varint,
} from '../../src/base/codec';

const read = <T>(codec: Codec<T>, hex: string) => decode(codec, fromHex(hex));
const refusal = <T>(codec: Codec<T>, hex: string): string => {
  const result = read(codec, hex);
  if (result.ok) throw new Error(`Read ${JSON.stringify(result.value)}`);
  expect(result.error.type).toBe('malformed');
  return result.error.message;
};

/** One of everything, nested. */
const everything = record({
  small: u8,
  wide: uint(6),
  long: u64,
  count: varint,
  key: fixed(4),
  id: hexId<string>(3),
  bytes: blob(40),
  title: text(60),
  many: list(record({ x: varint, y: flag }), 5),
  maybe: optional(text(10)),
  kind: oneOf('first', 'second', 'third'),
  act: tagged({ move: [3, record({ to: u16 })], stay: [9, record({ why: text(9) })] }),
});
const anything = fc.record({
  small: fc.integer({ min: 0, max: 255 }),
  wide: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  long: fc.maxSafeNat(),
  count: fc.maxSafeNat(),
  key: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  id: fc.uint8Array({ minLength: 3, maxLength: 3 }).map(toHex),
  bytes: fc.uint8Array({ maxLength: 40 }),
  title: fc.string({ unit: 'grapheme', maxLength: 10 }).filter((value) => utf8(value).length <= 60),
  many: fc.array(fc.record({ x: fc.nat(), y: fc.boolean() }), { maxLength: 5 }),
  maybe: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 10 }), { nil: undefined }),
  kind: fc.constantFrom('first' as const, 'second' as const, 'third' as const),
  act: fc.oneof(
    fc.record({ type: fc.constant('move' as const), to: fc.integer({ min: 0, max: 65_535 }) }),
    fc.record({ type: fc.constant('stay' as const), why: fc.string({ unit: 'grapheme-ascii', maxLength: 9 }) }),
  ),
}) as fc.Arbitrary<Parameters<(typeof everything)['write']>[1]>;

describe('codecs', () => {
  it('whatever is written reads back to the same value', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const result = decode(everything, encode(everything, value));
        expect(result).toEqual({ ok: true, value });
      }),
      { numRuns: 1_000 },
    );
  });

  it('any bytes are a value or malformed; what reads has one encoding', () => {
    let accepted = 0;
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(anything, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([value, at, byte]) => {
        const encoded = encode(everything, value);
        encoded[at % encoded.length] = byte;
        return encoded;
      }),
    );
    fc.assert(
      fc.property(bytes, (hostile) => {
        const result = decode(everything, hostile);
        if (!result.ok) return;
        accepted++;
        expect(toHex(encode(everything, result.value))).toBe(toHex(hostile));
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('every beginning of an encoding, and every addition to it, is malformed', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const encoded = encode(everything, value);
        for (let length = 0; length < encoded.length; length++)
          expect(decode(everything, encoded.subarray(0, length)).ok).toBe(false);
        expect(decode(everything, Uint8Array.of(...encoded, 0)).ok).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('a fault of ours is thrown, and never taken for malformed bytes', () => {
    const broken: Codec<never> = {
      write: () => {},
      read: () => {
        throw new TypeError('a bug');
      },
    };
    expect(() => decode(broken, new Uint8Array(1))).toThrow(TypeError);
    const hostile: Codec<never> = {
      write: () => {},
      read: () => {
        throw new DecodeError('bad bytes');
      },
    };
    expect(decode(hostile, new Uint8Array(1)).ok).toBe(false);
  });
});

describe('numbers', () => {
  it.each([
    ['00', 0],
    ['7f', 127],
    ['8001', 128],
    ['ff7f', 16_383],
    ['ffffffffffffff0f', Number.MAX_SAFE_INTEGER],
  ])('varint %s is %d, and is written so', (hex, value) => {
    expect(read(varint, hex)).toEqual({ ok: true, value });
    expect(toHex(encode(varint, value))).toBe(hex);
  });

  it.each([
    ['8000', 'shortest'],
    ['ff00', 'shortest'],
    ['80808000', 'shortest'],
    ['8080808080808010', '2\\^53'],
    ['ffffffffffffff7f', '2\\^53'],
    ['ffffffffffffffff01', 'too long'],
    ['80', 'too early'],
    ['', 'too early'],
  ])('varint %s is refused: %s', (hex, why) => {
    expect(refusal(varint, hex)).toMatch(new RegExp(why));
  });

  it('a u64 above 2^53 - 1 is refused, because memory could not tell it from its neighbour', () => {
    expect(read(u64, '001fffffffffffff')).toEqual({ ok: true, value: Number.MAX_SAFE_INTEGER });
    expect(refusal(u64, '0020000000000000')).toMatch(/2\^53/);
    expect(refusal(u64, 'ffffffffffffffff')).toMatch(/2\^53/);
  });
});

describe('lengths', () => {
  it('none is believed: not above the limit, not above what is left, not a huge one', () => {
    expect(refusal(blob(4), '050102030405')).toMatch(/at most 4/);
    expect(refusal(blob(100), '0a0102')).toMatch(/too early/);
    expect(refusal(blob(Number.MAX_SAFE_INTEGER), 'ffffffffffffff0f')).toMatch(/too early/);
    expect(refusal(list(u8, 3), '0401020304')).toMatch(/at most 3/);
    expect(refusal(list(u8, 1_000_000), 'c0843d01')).toMatch(/at most/);
    expect(refusal(text(2), '03616263')).toMatch(/at most 2/);
  });

  it('limits hold for the writer too, as a bug', () => {
    expect(() => encode(blob(2), new Uint8Array(3))).toThrow(/at most 2/);
    expect(() => encode(text(2), 'й!')).toThrow(/at most 2/);
    expect(() => encode(list(u8, 1), [1, 2])).toThrow(/at most 1/);
    expect(() => encode(fixed(2), new Uint8Array(3))).toThrow(/Expected 2/);
    expect(() => encode(hexId(2), 'abcdef')).toThrow(/2 bytes/);
    expect(() => encode(hexId(2), 'ABCD')).toThrow(/hex/);
  });

  it('a value read from a large frame does not keep it alive', () => {
    const frame = new Uint8Array(10_000);
    const value = read(fixed(4), toHex(frame.subarray(0, 4)));
    expect(value.ok && value.value.buffer.byteLength).toBe(4);
  });
});

describe('choices', () => {
  it('flags are 0 or 1, names and cases are known ones', () => {
    expect(refusal(flag, '02')).toMatch(/neither/);
    expect(refusal(optional(u8), '0201')).toMatch(/neither/);
    expect(refusal(oneOf('a', 'b'), '02')).toMatch(/not one of a, b/);
    expect(refusal(tagged({ a: [1, record({})] }), '02')).toMatch(/unknown case 2/);
    expect(() => encode(oneOf('a', 'b'), 'c' as 'a')).toThrow(/not one of/);
    expect(() => encode(tagged({ a: [1, record({})] }), { type: 'toString' } as never)).toThrow();
  });

  it('text is UTF-8: no overlong forms, no halves of pairs, and a byte order mark stays', () => {
    for (const bad of ['02c080', '03eda080', '01ff', '02c320'])
      expect(refusal(text(10), bad), bad).toMatch(/not UTF-8/);
    expect(read(text(10), '03efbbbf')).toEqual({ ok: true, value: '\ufeff' });
  });
});

describe('texts of bytes', () => {
  it('hex and base64url read back, and refuse everything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(isHex(toHex(bytes), bytes.length)).toBe(true);
      }),
    );
    for (const bad of ['A', 'AAAAA', 'AA==', 'A+/A', 'AA A', 'ЖЖ']) expect(fromBase64Url(bad), bad).toBeUndefined();
    for (const bad of ['0', 'abc', 'AB', '0g', '0x00', '\u0161a', 'a\u0161', '\ud835\udfd8'])
      expect(() => fromHex(bad), bad).toThrow();
    for (const bad of [undefined, 7, 'ABCD', 'abc', 'abcdef']) expect(isHex(bad, 2)).toBe(false);
  });
});
