/**
 * Bodies put in the place of others by whoever carries an entry, also with entries of which nobody compares the body; and what is read by
 * a version that does not know a kind yet, and later by one that does.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { memoryImages } from '../../src/platform/memory/images';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Entry, Naming } from '../../src/vm/op/entry';
import { contentShardOf } from '../../src/vm/op/ids';
import { type Held, holdSpace } from '../support/insider';
import { counted, stage } from '../support/stage';

const without = vi.hoisted(() => ({ bodyHash: false, erasable: false }));
vi.mock('../../src/vm/op/entry', async (load) => {
  const sound = await load<typeof import('../../src/vm/op/entry')>();
  /** Whoever vouches for the id is asked for no hash of the body. */
  const decodeEntry: typeof sound.decodeEntry = (bytes, naming?: Naming) => {
    if (!without.bodyHash) return sound.decodeEntry(bytes, naming);
    const log = sound.rememberingLogs();
    const named = sound.decodeEntry(bytes, { log, id: '0'.repeat(64) as never });
    return named.ok ? sound.decodeEntry(bytes, { log, id: sound.entryIdOf(named.value.header) }) : named;
  };
  /** As it was read before there was that kind. */
  const earlier =
    (decode: typeof sound.decodeEntry): typeof sound.decodeEntry =>
    (...given) => {
      const entry = decode(...given);
      if (!without.erasable || !entry.ok || entry.value.header.kind !== 'erasable') return entry;
      return { ...entry, value: { ...entry.value, header: { ...entry.value.header, kind: 'later-8' } } };
    };
  return { ...sound, decodeEntry: earlier(decodeEntry), decodeKept: earlier(sound.decodeKept) };
});
afterEach(() => {
  Object.assign(without, { bodyHash: false, erasable: false });
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

test('[AD6] what lies here under a kind that was not known is folded by a version that knows it, also out of an image', async () => {
  const { id, authors, people, key, document, write, tab } = await stage();
  const all = [...tab.space.replica.entries.values()];
  const message = authors.member.newNode('Message');
  const text = { type: 'fieldSet', node: message.node, key: 'text', value: '"said"' } as const;
  const fields = { shard: contentShardOf(id, document), kind: 'erasable' } as const;
  const said = await write(authors.member, [message.op, text], fields);
  const shown = ({ space }: Held): unknown => space.replica.engine.node(message.node)?.field('text');
  const disk = { storage: memoryStorage(), vault: memoryVault(), images: memoryImages() };
  const open = async (on: Partial<typeof disk>): Promise<Held> => {
    const held = await holdSpace(id, people.owner, undefined, on);
    held.space.replica.keys = new Map([[key.epoch, key.key]]);
    return held;
  };
  without.erasable = true;
  const older = await open(disk);
  expect(new Set(await older.receive(...all, said))).toEqual(new Set(['admitted']));
  expect(older.space.replica.entries.get(said.id)?.header.kind).toBe('later-8');
  expect(shown(older)).toBeUndefined();
  await older.space.putAway();
  // Nor does it show there after a start.
  expect(shown(await open(disk))).toBeUndefined();
  without.erasable = false;
  const whole = await open({});
  await whole.receive(...all, said);
  for (const on of [disk, { storage: disk.storage, vault: disk.vault }]) {
    const newer = await open(on);
    expect(newer.context.counts.get('imagesUsed') ?? 0).toBe('images' in on ? 1 : 0);
    expect(shown(newer)).toBe('said');
    expect(newer.space.replica.stateHash()).toBe(whole.space.replica.stateHash());
  }
});
