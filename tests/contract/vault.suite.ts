/** What every Vault adapter keeps to. `open` gives the same vault each time it is called in one test. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/ports';

export type VaultSubject = { fresh(): Promise<() => Promise<Vault>>; outlivesHandle: boolean };

export const vaultContract = (name: string, subject: VaultSubject): void => {
  describe(`Vault contract: ${name}`, () => {
    let open: () => Promise<Vault>;
    beforeEach(async () => {
      open = await subject.fresh();
    });

    it('gives back a secret, the last one put, and undefined where there is none', async () => {
      const vault = await open();
      await vault.put('device', Uint8Array.of(1, 2));
      await vault.put('device', Uint8Array.of(3));
      expect(await vault.get('device')).toEqual(Uint8Array.of(3));
      expect(await vault.get('other')).toBeUndefined();
    });

    it('lists names by prefix in order, whatever characters they hold', async () => {
      const vault = await open();
      for (const name of ['epoch/b', 'epoch/a', 'epoch.c', '..', 'root', 'invite/п'])
        await vault.put(name, Uint8Array.of(0));
      expect(await vault.list('epoch/')).toEqual(['epoch/a', 'epoch/b']);
      expect(await vault.list('')).toEqual(['..', 'epoch.c', 'epoch/a', 'epoch/b', 'invite/п', 'root']);
    });

    it('removes, and removes what is not there without complaint', async () => {
      const vault = await open();
      await vault.put('a', Uint8Array.of(1));
      await vault.remove('a');
      await vault.remove('never');
      expect(await vault.get('a')).toBeUndefined();
      expect(await vault.list('')).toEqual([]);
    });

    it('keeps its own copy', async () => {
      const vault = await open();
      const secret = Uint8Array.of(1);
      const putting = vault.put('a', secret);
      secret[0] = 2;
      await putting;
      (await vault.get('a'))?.fill(9);
      expect(await vault.get('a')).toEqual(Uint8Array.of(1));
    });

    it.runIf(subject.outlivesHandle)(
      'opens again with the same secrets, also through two handles at once',
      async () => {
        const [first, second] = await Promise.all([open(), open()]);
        await first.put('a', Uint8Array.of(1));
        await second.put('b', Uint8Array.of(2));
        const third = await open();
        expect([await third.get('a'), await third.get('b')]).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
      },
    );
  });
};
