/** Peers that claim to know that somebody left, and disks that fail, while a space is to go from this device. */
import { expect, test } from 'vitest';
import { Forgetting } from '../../src/os/kernel/forgetting';
import type { Space } from '../../src/os/kernel/space';
import type { EntryId, LogId, SpaceId } from '../../src/vm/op/ids';
import { testClock } from '../support/halves';
import { foundSpace, holdSpace, makeInvite, newPerson } from '../support/insider';
import { atRest } from '../support/resting';

/** Spaces that a person left by the words of another device of theirs; `fails`: how often taking one away fails. */
const leaver = async (count: number, fails = 0) => {
  const clock = testClock();
  const me = await newPerson();
  const spaces = new Map<SpaceId, Space>();
  const all: Space[] = [];
  const gone: SpaceId[] = [];
  let left = fails;
  const made = await Promise.all(
    Array.from({ length: count }, async () => {
      const owner = await newPerson();
      const founded = await foundSpace(owner);
      const last = founded.entries.at(-1)?.id as EntryId;
      const invite = await makeInvite(founded.author, [last], founded.key, { role: 'member' });
      const { author, entry } = await invite.join(me, [invite.entry.id]);
      const leave = await author.act([entry.id], [{ type: 'leave', user: me.user, cut: [] }]);
      const held = await holdSpace(founded.id, me, clock);
      await held.receive(...founded.entries, invite.entry, entry, leave);
      spaces.set(founded.id, held.space);
      all.push(held.space);
      return { held, leave, entry };
    }),
  );
  const { context } = (made[0] as (typeof made)[number]).held;
  const other = await newPerson();
  // The words were said on another device than this.
  const here = { ...context, device: other };
  const forgetting = new Forgetting(here, {
    spaces,
    isArchived: () => false,
    isListed: () => false,
    forget: async (space) => {
      spaces.delete(space.id);
      if (left-- > 0) throw new Error('the disk is locked');
      gone.push(space.id);
    },
    changed: () => {},
  });
  const marks = () => context.ports.storage.keys('local', 'forget/');
  return { clock, forgetting, all, made, gone, marks };
};

test('[FG2] a space goes once somebody shows the very word by which one left, on whatever device it was said', async () => {
  const { forgetting, all, made, gone } = await leaver(1);
  const space = all[0] as Space;
  const { leave, entry } = made[0] as (typeof made)[number];
  expect((await forgetting.ask(space, false)).ok).toBe(true);
  const heard = async (...logs: { log: LogId; length: number; head: EntryId }[]) => {
    forgetting.compared(space, logs);
    await atRest();
    await atRest();
    return gone.length;
  };
  const { log } = leave;
  expect(await heard()).toBe(0);
  expect(await heard({ log, length: entry.header.seq + 1, head: entry.id })).toBe(0);
  // A claim, without the word.
  expect(await heard({ log, length: 1_000, head: '9'.repeat(64) as EntryId })).toBe(0);
  expect(await heard({ log, length: leave.header.seq + 1, head: leave.id })).toBe(1);
});

test('[FG3] what failed in the middle is taken up again, and keeps no other space from going', async () => {
  const { clock, forgetting, all, gone, marks } = await leaver(2, 2);
  for (const space of all) await forgetting.ask(space, true);
  expect([gone.length, (await marks()).length]).toEqual([1, 1]);
  await clock.advance(60_000);
  await atRest();
  expect([gone.length, await marks()]).toEqual([2, []]);
});
