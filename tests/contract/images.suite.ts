/** What every Images adapter keeps to. `open` gives the same images each time it is called in one test. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Images } from '../../src/ports';

export const imagesContract = (name: string, fresh: () => Promise<() => Promise<Images>>): void => {
  describe(`Images contract: ${name}`, () => {
    const done = { ok: true, value: undefined };
    let open: () => Promise<Images>;
    beforeEach(async () => {
      open = await fresh();
    });

    it('gives back what was saved last under a name, and undefined where there is none', async () => {
      const images = await open();
      expect(await images.load('a')).toBeUndefined();
      expect(await images.save('a', Uint8Array.of(1, 2, 3))).toEqual(done);
      expect(await images.save('b', new Uint8Array())).toEqual(done);
      expect(await images.save('a', Uint8Array.of(4))).toEqual(done);
      expect(await images.load('a')).toEqual(Uint8Array.of(4));
      expect(await images.load('b')).toEqual(new Uint8Array());
    });

    it('keeps its own copy', async () => {
      const images = await open();
      const bytes = Uint8Array.of(1);
      const saving = images.save('a', bytes);
      await saving;
      bytes[0] = 2;
      (await images.load('a'))?.fill(9);
      expect(await images.load('a')).toEqual(Uint8Array.of(1));
    });

    it('lists names in order, each once, and removes, also what is not there', async () => {
      const images = await open();
      for (const name of ['b', 'a-1', '0f', 'b']) await images.save(name, Uint8Array.of(0));
      expect(await images.list()).toEqual(['0f', 'a-1', 'b']);
      expect(await images.remove('b')).toEqual(done);
      expect(await images.remove('never')).toEqual(done);
      expect(await images.list()).toEqual(['0f', 'a-1']);
      expect(await images.load('b')).toBeUndefined();
    });

    it('opens again with the same images, also large ones', async () => {
      const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251);
      await (await open()).save('large', bytes);
      const again = await open();
      const loaded = (await again.load('large')) ?? new Uint8Array();
      expect(loaded.length === bytes.length && loaded.every((byte, i) => byte === bytes[i])).toBe(true);
    });
  });
};
