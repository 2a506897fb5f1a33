import { afterEach, describe, expect, test } from 'vitest';
import type { BadgeAnswer, FeedAnswer, InboxAnswer } from '../../../src/bridge/messages';
import { Moments } from '../../../src/os/kernel/moments';
import { virtualClock } from '../../../src/platform/memory/clock';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { leapingClock } from '../../support/clocks';
import { createFleet, until } from '../../support/fleet';

describe('moments', () => {
  test('are told of once, when network time passes them, however far ahead they lie and in whatever order they were asked for', async () => {
    const clock = virtualClock();
    let skew = 0;
    const came: number[] = [];
    const moments = new Moments(
      () => ({ ports: { clock }, time: { now: () => clock.now() + skew } }) as never,
      (at) => came.push(at),
    );
    expect([moments.passed(90_000), moments.passed(50), moments.passed(50), moments.passed(0)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    await clock.advance(60);
    expect([came, moments.passed(50)]).toEqual([[50], true]);
    await clock.advance(50_000);
    expect(came).toEqual([50]);
    // A clock that was set is noticed at the next look.
    skew = 60_000;
    await clock.advance(30_000);
    expect(came).toEqual([50, 90_000]);
    moments.passed(1_000_000);
    moments.stop();
    await clock.runUntilIdle(2_000_000);
    expect(came).toHaveLength(2);
  });
});

describe('the hub', () => {
  let fleet: Awaited<ReturnType<typeof createFleet>>;
  afterEach(async () => {
    await fleet.stop();
    expect(fleet.faults).toEqual([]);
  });

  test('tells a person what addresses them and an Admin who waits, wakes what slept, and is the same after a start', async () => {
    const clock = leapingClock();
    fleet = await createFleet(1, { clock });
    const disk = { storage: memoryStorage(), vault: memoryVault() };
    const a = await fleet.tab('a', disk);
    const b = await fleet.tab('b');
    const c = await fleet.tab('c');
    await a.setName('Ann');
    const { id: spaceId } = await a.createSpace({ title: 'Team', kind: 'team' });
    const { id: channelId } = await a.run('chat.createChannel', { spaceId, title: 'general' });
    await b.join((await a.invite(spaceId, { role: 'member' })).url);
    const badges: BadgeAnswer[] = [];
    a.watch('hub.badge', {}, (badge) => badges.push(badge as BadgeAnswer));
    const last = () => badges.at(-1);

    await until(async () => ((await b.query('chat.channels', { spaceId })) as unknown[]).length === 1, 'the channel');
    await b.run('chat.send', { channelId, text: 'to all' });
    await b.run('chat.send', { channelId, text: 'look, @Ann' });
    await until(() => last()?.unread === 1, 'a mention');
    const asking = c.join((await a.invite(spaceId, { role: 'guest', confirm: true })).url).catch(() => undefined);
    await until(() => last()?.unread === 2, 'a request');
    const inbox = async (show = 'open') => ((await a.query('hub.inbox', { show })) as InboxAnswer).rows;
    expect((await inbox()).map(({ kind }) => kind).sort()).toEqual(['mention', 'request']);
    const [request] = await inbox('requests');
    await a.admit(spaceId, request?.id as string);
    await asking;
    await until(() => last()?.open === 1, 'nobody waits any more');

    // A snooze runs out by itself, and what slept is unread although its channel was read.
    await a.run('chat.markRead', { channelId });
    await until(() => last()?.unread === 0, 'read in the channel');
    const [mention] = await inbox();
    await a.run('hub.snooze', { ids: mention?.ids, until: clock.now() + 60_000 });
    await until(() => last()?.snoozed === 1, 'it sleeps');
    await clock.leap(60_000);
    await until(() => last()?.unread === 1 && last()?.snoozed === 0, 'it is awake');

    const feed = (await a.query('hub.feed', { spaceId })) as FeedAnswer;
    expect(feed.items.map(({ kind, count }) => `${kind} ${count}`)).toEqual(
      expect.arrayContaining(['said 2', 'joined 2', 'created 1']),
    );
    await a.run('hub.mark', { ids: mention?.ids, as: 'done' });
    await until(() => last()?.open === 0, 'done');
    await a.stop();
    const again = await fleet.tab('a', disk);
    await until(async () => !((await again.query('hub.inbox', {})) as InboxAnswer).gathering, 'indexes');
    expect(await again.query('hub.badge', {})).toMatchObject({ unread: 0, open: 0, snoozed: 0 });
    expect(((await again.query('hub.inbox', { show: 'done' })) as InboxAnswer).rows.map(({ id }) => id)).toEqual([
      mention?.id,
    ]);
  });
});
