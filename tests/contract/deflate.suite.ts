/** What an adapter of the Deflate port must do, in Node and in a browser. */
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import type { Deflate } from '../../src/ports';

export const deflateContract = (name: string, deflate: Deflate): void => {
  describe(`Deflate: ${name}`, () => {
    it('gives back what it was given, in fewer bytes where that repeats itself', async () => {
      for (const bytes of [new Uint8Array(), utf8('a'), utf8('words and '.repeat(9_000))]) {
        const small = await deflate.deflate(bytes, 1_000_000);
        if (!small) throw new Error('not deflated');
        if (bytes.length > 1_000) expect(small.length).toBeLessThan(bytes.length / 8);
        expect(toHex((await deflate.inflate(small, bytes.length)) ?? new Uint8Array(1))).toBe(toHex(bytes));
      }
    });

    it('gives nothing beyond the bound, either way', async () => {
      const noise = Uint8Array.from(
        { length: 4_096 },
        (
          (random) => () =>
            random.below(256)
        )(seededRandom(1)),
      );
      expect(await deflate.deflate(noise, noise.length)).toBeUndefined();
      const bomb = await deflate.deflate(new Uint8Array(16 * 1024 * 1024), 1024 * 1024);
      if (!bomb) throw new Error('not deflated');
      expect(await deflate.inflate(bomb, 1024 * 1024)).toBeUndefined();
      expect((await deflate.inflate(bomb, 16 * 1024 * 1024))?.length).toBe(16 * 1024 * 1024);
    });

    it('gives nothing for what is no such stream, or cut short', async () => {
      const small = await deflate.deflate(utf8('words and '.repeat(900)), 10_000);
      if (!small) throw new Error('not deflated');
      expect(await deflate.inflate(small.subarray(0, small.length - 3), 10_000)).toBeUndefined();
      expect(await deflate.inflate(new Uint8Array(64).fill(0xff), 10_000)).toBeUndefined();
    });
  });
};
