/** Bodies put in the place of others by whoever carries an entry; also with entries of which nobody compares the body. */
import { afterEach, expect, test, vi } from 'vitest';
import type { Entry, Naming } from '../../src/vm/op/entry';
import { counted, stage } from '../support/stage';

const without = vi.hoisted(() => ({ bodyHash: false }));
vi.mock('../../src/vm/op/entry', async (load) => {
  const sound = await load<typeof import('../../src/vm/op/entry')>();
  /** Whoever vouches for the id is asked for no hash of the body. */
  const decodeEntry: typeof sound.decodeEntry = (bytes, naming?: Naming) => {
    if (!without.bodyHash) return sound.decodeEntry(bytes, naming);
    const log = sound.rememberingLogs();
    const named = sound.decodeEntry(bytes, { log, id: '0'.repeat(64) as never });
    return named.ok ? sound.decodeEntry(bytes, { log, id: sound.entryIdOf(named.value.header) }) : named;
  };
  return { ...sound, decodeEntry };
});
afterEach(() => {
  without.bodyHash = false;
});

const substitute = async (leaveOut: boolean) => {
  without.bodyHash = leaveOut;
  const here = await stage();
  const [first, second] = [
    await here.set(here.authors.member, 'z', '1', { incarnation: 1 }),
    await here.set(here.authors.member, 'z', '2', { incarnation: 2 }),
  ];
  const bent: Entry = { ...first, body: second.body };
  expect(bent.body.length).toBe(first.body.length);
  const carried = await here.give(bent);
  const passedOn = here.tab.passedOn.filter(({ id }) => id === first.id).length;
  // From another peer it comes as it was signed.
  const again = await here.give(first);
  const kept = here.beacon.space.replica.entries.get(first.id)?.body;
  return {
    ...{ carried, again, passedOn, counted: counted(here.tab, /^refused\.malformedEntry$/) },
    shown: here.shown('z'),
    sound: Buffer.from(kept ?? []).equals(Buffer.from(first.body)),
  };
};

test('[T9] another body under the header of an entry is refused everywhere, and the true one is taken from whoever has it', async () => {
  expect(await substitute(false)).toEqual({
    carried: { tab: ['refused malformed'], beacon: ['refused malformed'] },
    again: { tab: ['admitted'], beacon: ['admitted'] },
    passedOn: 0,
    counted: 1,
    shown: '1',
    sound: true,
  });
  // Where nobody compares, what was signed is lost for good, on beacons too, and goes on from there.
  expect(await substitute(true)).toMatchObject({
    carried: { tab: ['admitted'], beacon: ['admitted'] },
    again: { tab: ['known'], beacon: ['known'] },
    passedOn: 1,
    counted: 0,
    shown: undefined,
    sound: false,
  });
});
