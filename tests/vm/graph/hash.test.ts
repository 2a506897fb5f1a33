/** What the module hashes, against the libraries that the rest of the project uses and published values. */
import { blake3 } from '@noble/hashes/blake3.js';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/base/bytes';
import { sha256 } from '../../../src/base/hash';
import { seededRandom } from '../../../src/base/random';
import { graphModule } from '../../../src/platform/engine';
import { isCanonicalJson } from '../../../src/vm/graph/field';
import { Native } from '../../../src/vm/graph/store/native';
import { randomJson } from '../../support/graph-histories';
import { OPEN } from './world';

type Hashing = {
  sha256(at: number, length: number, to: number): void;
  blake3(at: number, length: number, to: number, outLength: number): void;
};
const native = new Native(graphModule(), OPEN);
native.calls.init(2 ** 28, 1n);
const calls = native.calls as unknown as Hashing;
const LENGTHS = [
  0, 1, 31, 55, 56, 63, 64, 65, 127, 128, 1023, 1024, 1025, 2048, 2049, 3072, 5000, 8192, 16_385, 100_000,
];

const run = (message: Uint8Array, out: number, hash: (at: number, to: number) => void): string => {
  const at = native.put(new Uint8Array([...message, ...new Uint8Array(out)]));
  hash(at, at + message.length);
  return toHex(native.bytes.slice(at + message.length, at + message.length + out));
};

describe('hashing in the module', () => {
  it('[GR13] SHA-256 and BLAKE3 are what the library gives, at every kind of length', () => {
    const random = seededRandom(5);
    for (const length of LENGTHS) {
      const message = Uint8Array.from({ length }, () => random.below(256));
      expect(
        run(message, 32, (at, to) => calls.sha256(at, length, to)),
        `${length}`,
      ).toBe(toHex(sha256(message)));
      for (const out of [32, 100, 2048])
        expect(
          run(message, out, (at, to) => calls.blake3(at, length, to, out)),
          `${length}`,
        ).toBe(toHex(blake3(message, { dkLen: out })));
    }
  });

  it('[GR13] XXH64 gives the published values', () => {
    const sum = (text: string) =>
      BigInt.asUintN(64, native.calls.xxh64(native.put(utf8(text)), text.length)).toString(16);
    expect(sum('')).toBe('ef46db3751d8e999');
    expect(sum('a')).toBe('d24ec4f1a98c6e5b');
    expect(sum('abc')).toBe('44bc2cf5ad770999');
    expect(sum('Nobody inspects the spammish repetition')).toBe('fbcea83c8a378bf1');
  });
});

describe('what the module holds to be canonical without asking', () => {
  it('[GR10] is what `JSON.stringify` writes, on 60,000 numbers and texts', () => {
    const random = seededRandom(9);
    let plain = 0;
    for (let i = 0; i < 60_000; i++) {
      const json = randomJson(random);
      if (/\p{Surrogate}/u.test(json)) continue;
      const bytes = utf8(json);
      const answer = native.calls.plain(native.put(bytes), bytes.length);
      if (answer === 1) plain++;
      if (answer === 1 && !isCanonicalJson(json)) expect.fail(json);
    }
    expect(plain).toBeGreaterThan(15_000);
  });
});
