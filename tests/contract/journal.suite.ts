/** The journal's segments over every Storage adapter: the same records, whatever keeps them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/ports';
import { Journal } from '../../src/vm/journal/journal';
import { segmentKeyOf } from '../../src/vm/journal/places';
import type { Entry } from '../../src/vm/op/entry';
import { encodeFirst } from '../support/profile';
import { chainOf, SPACE } from '../vm/journal/entries';
import type { StorageSubject } from './storage.suite';

const chain = chainOf(300);

export const journalContract = (name: string, subject: StorageSubject): void => {
  describe(`Journal over ${name}`, () => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await subject.open();
    });
    afterEach(() => storage.close());
    const loaded = async () => {
      const journal = new Journal(storage, SPACE);
      const found = await journal.load();
      if (!found.ok) throw new Error(found.error.message);
      return { journal, ...found.value };
    };

    it('keeps entries in order over folding, other forms of single ones, and a reopening', async () => {
      const { journal } = await loaded();
      for (const entry of chain.slice(0, 270)) expect((await journal.append([entry], 'relaxed')).ok).toBe(true);
      expect((await journal.append(chain.slice(270), 'strict')).ok).toBe(true);
      expect((await journal.compact()).ok).toBe(true);
      expect(journal.segments).toBeLessThan(4);
      const form = { ...(chain[7] as Entry), signature: new Uint8Array(64).fill(9) };
      expect(await journal.replace(new Map([[form.id, form]]))).toEqual({ ok: true, value: undefined });
      expect(await journal.find(form.log, 7)).toEqual({ ok: true, value: [form] });
      if (subject.reopen) storage = await subject.reopen(storage);
      const again = await loaded();
      expect(again.damaged).toEqual([]);
      expect(again.entries).toEqual(chain.with(7, form));
      expect(await again.journal.find(form.log, 299)).toEqual({ ok: true, value: [chain[299]] });
    });

    it('moves the first format over', async () => {
      for (let i = 0; i < 40; i++) {
        const key = segmentKeyOf(SPACE, i);
        await storage.write([{ table: 'journal', key, value: encodeFirst(key, chain.slice(i, i + 1)) }], 'relaxed');
      }
      const { journal, entries } = await loaded();
      expect(entries).toEqual(chain.slice(0, 40));
      expect(await journal.compact()).toEqual({ ok: true, value: 39 });
      if (subject.reopen) storage = await subject.reopen(storage);
      const again = await loaded();
      expect([again.entries, again.journal.segments]).toEqual([chain.slice(0, 40), 1]);
    });
  });
};
