/** Spaces that come from two sides at once: from a file, and by being sought. */
import { expect, test } from 'vitest';
import { Exchange } from '../../../src/os/kernel/exchange';
import { Holdings } from '../../../src/os/kernel/holdings';
import { SILENT } from '../../../src/os/kernel/space';
import { packKeys } from '../../../src/os/rights/bundle-keys';
import { memoryStorage } from '../../../src/platform/memory/storage';
import type { Storage } from '../../../src/ports';
import { BundleWriter } from '../../../src/vm/journal/bundle';
import { encodeEntry } from '../../../src/vm/op/entry';
import type { SpaceId } from '../../../src/vm/op/ids';
import { testClock } from '../../support/halves';
import { crypto, foundSpace, holdSpace, newPerson, random } from '../../support/insider';
import { atRest } from '../../support/resting';

test('[EX2] whoever opens a space while a file of it is written waits, and has all of it', async () => {
  const owner = await newPerson();
  const { id, entries } = await foundSpace(owner);
  const writer = new BundleWriter(
    id,
    await packKeys(crypto, random, id, { epochs: new Map(), parts: new Map() }, 'none'),
  );
  for (const entry of entries) writer.entry(encodeEntry(entry));

  const storage = memoryStorage();
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  let waits = false;
  const write: Storage['write'] = async (writes, durability) => {
    if (writes.some(({ table, key }) => table === 'journal' && key.startsWith(id))) {
      waits = true;
      await released;
    }
    return storage.write(writes, durability);
  };
  const clock = testClock();
  const { context } = await holdSpace('3'.repeat(64) as SpaceId, owner, clock, { storage: { ...storage, write } });
  const holdings = new Holdings(context, SILENT, () => {});
  const exchange = new Exchange(context, { holdings, changed: () => {} });
  const importing = exchange.importBundle(writer.finish(), undefined);
  await clock.advance(1_000);
  expect(waits).toBe(true);
  const sought = holdings.keep(id);
  await atRest();
  release();
  await clock.advance(1_000);
  expect(await importing).toMatchObject({ ok: true, value: { id, added: entries.length, isNew: true } });
  for (const space of [await sought, holdings.space(id)])
    expect([space.replica.entries.size, space.replica.readable]).toEqual([entries.length, true]);
});
