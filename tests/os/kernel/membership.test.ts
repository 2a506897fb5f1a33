/** Roles, temporary access, leaving and removing through the commands that a person runs, on kernels in one process. */
import { afterEach, describe, expect, test } from 'vitest';
import type { BannedRow, ConflictRow, KernelApi, PersonRow, ReportRow, RequestRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { leapingClock } from '../../support/clocks';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

type Name = 'anna' | 'boris' | 'vera';
/** Anna founds a space; Boris comes in as Admin, Vera as Member. */
const team = async () => {
  const clock = leapingClock();
  fleet = await createFleet(1, { clock });
  const tabs = {} as Record<Name, KernelApi>;
  const place = () => ({ vault: memoryVault(), storage: memoryStorage() });
  const places = { anna: place(), boris: place(), vera: place() };
  const ids = {} as Record<Name, string>;
  for (const name of ['anna', 'boris', 'vera'] as const) {
    tabs[name] = await fleet.tab(name, { direct: false, ...places[name] });
    ids[name] = (await tabs[name].me()).userId;
  }
  const { id: spaceId } = await tabs.anna.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await tabs.anna.run('chat.createChannel', { spaceId, title: 'general' });
  await until(() => fleet.beacon.hosted().includes(spaceId as never), 'hosted');
  for (const [name, role] of [
    ['boris', 'admin'],
    ['vera', 'member'],
  ] as const) {
    const { url } = await tabs.anna.invite(spaceId, { role });
    await tabs[name].join(url, { timeoutMs: 30_000 });
  }
  const people = (by: Name): Promise<readonly PersonRow[]> =>
    tabs[by].query('os.people', { spaceId }) as Promise<readonly PersonRow[]>;
  const row = async (by: Name, of: Name): Promise<PersonRow | undefined> =>
    (await people(by)).find(({ userId }) => userId === ids[of]);
  const roles = async (by: Name): Promise<string> =>
    (await people(by))
      .map(({ userId, role }) => `${Object.entries(ids).find(([, id]) => id === userId)?.[0]} ${role}`)
      .sort()
      .join(', ');
  const agreed = (expected: string, ...names: Name[]): Promise<unknown> =>
    until(async () => {
      const found = await Promise.all(names.map(roles));
      if (found.every((each) => each === expected)) return true;
      throw new Error(found.join(' / '));
    }, expected);
  const run = (by: Name, command: string, args: object = {}) => tabs[by].run(command, { spaceId, ...args });
  const refused = (by: Name, command: string, args: object, type: string) =>
    expect(run(by, command, args)).rejects.toMatchObject({
      type,
      message: expect.stringMatching(/\.$/),
      safe: 'Nothing was changed.',
      next: expect.stringMatching(/\.$/),
    });
  /** Closes their page and opens it again. */
  const reopen = async (name: Name): Promise<KernelApi> => {
    await tabs[name].stop();
    tabs[name] = await fleet.tab(`${name} again`, { direct: false, ...places[name] });
    return tabs[name];
  };
  await agreed('anna owner, boris admin, vera member', 'anna', 'boris', 'vera');
  return { ...tabs, tabs, ids, spaceId, channelId: channelId as string, row, agreed, run, refused, reopen, clock };
};

describe('roles', () => {
  test('[PE2] the only Owner neither leaves nor steps down while others are in; after handing over both go', async () => {
    const { ids, agreed, run, refused } = await team();
    await refused('anna', 'os.leave', {}, 'lastOwner');
    await refused('anna', 'os.stepDown', { role: 'member' }, 'lastOwner');
    await refused('boris', 'os.handOver', { userId: ids.vera }, 'ownersOnly');
    await run('anna', 'os.handOver', { userId: ids.vera });
    await agreed('anna admin, boris admin, vera owner', 'anna', 'boris', 'vera');
    await run('anna', 'os.stepDown', { role: 'guest' });
    await agreed('anna guest, boris admin, vera owner', 'anna', 'vera');
    await refused('anna', 'os.stepDown', { role: 'guest' }, 'lowest');
    await run('boris', 'os.leave');
    await agreed('anna guest, vera owner', 'anna', 'vera');
    // The new Owner rules over whoever made them one.
    await run('vera', 'os.remove', { userId: ids.anna });
    await agreed('vera owner', 'vera');
  });

  test('[PE1] what may not be done is refused before it is signed, and the row of a person says why', async () => {
    const { ids, row, refused, anna } = await team();
    const before = await anna.stats();
    await refused('vera', 'os.remove', { userId: ids.boris }, 'adminsOnly');
    await refused('boris', 'os.remove', { userId: ids.anna }, 'ownersOnly');
    await refused('boris', 'os.setRole', { userId: ids.vera, role: 'admin' }, 'ownersOnly');
    await refused('boris', 'os.setRole', { userId: ids.vera, role: 'member' }, 'already');
    await refused('boris', 'os.setRole', { userId: ids.vera, role: 'king' }, 'badArguments');
    await refused('anna', 'os.setRole', { userId: ids.boris, role: 'admin', until: Date.now() + 1e6 }, 'noEnd');
    await refused('anna', 'os.setRole', { userId: ids.vera, role: 'member', until: 1_000 }, 'expired');
    await refused('anna', 'os.setRole', { userId: ids.anna, role: 'member' }, 'yourself');
    expect((await anna.stats()).entriesHeld).toBe(before.entriesHeld);
    expect((await row('boris', 'vera'))?.why).toMatchObject({ toAdmin: 'ownersOnly', toMember: 'already' });
    expect((await row('boris', 'vera'))?.why).not.toHaveProperty('toGuest');
    expect((await row('boris', 'vera'))?.why).not.toHaveProperty('remove');
    expect((await row('vera', 'boris'))?.why).toMatchObject({ remove: 'adminsOnly', ban: 'adminsOnly' });
  });

  test('a right that ends is told in the row, ends by itself, and the list changes without anybody doing anything', async () => {
    const { ids, spaceId, row, agreed, run, anna, vera, channelId, clock } = await team();
    const end = clock.now() + 60_000;
    await run('boris', 'os.setRole', { userId: ids.vera, role: 'member', until: end });
    await until(async () => (await row('anna', 'vera'))?.until === end, 'told');
    const lists: string[][] = [];
    const stop = anna.watch('os.people', { spaceId }, (rows) => {
      lists.push((rows as readonly PersonRow[]).map(({ userId }) => userId));
    });
    await clock.leap(60_000);
    await agreed('anna owner, boris admin', 'anna', 'boris');
    await until(() => lists.at(-1)?.includes(ids.vera) === false, 'the watched list');
    stop();
    // Her own device has heard of the end too.
    await agreed('anna owner, boris admin', 'vera');
    await expect(vera.run('chat.send', { channelId, text: 'too late' })).rejects.toMatchObject({
      type: expect.any(String),
    });
    // Given again without an end, it holds and she can write.
    await run('boris', 'os.setRole', { userId: ids.vera, role: 'member' });
    await agreed('anna owner, boris admin, vera member', 'anna', 'boris', 'vera');
    expect((await row('anna', 'vera'))?.until).toBe(null);
    await until(async () => vera.run('chat.send', { channelId, text: 'here again' }), 'writes');
  });

  test('a change of role keeps the end that a right had, until it is said otherwise', async () => {
    const { ids, row, run } = await team();
    const end = Date.now() + 3_600_000;
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'member', until: end });
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'guest' });
    expect(await row('anna', 'vera')).toMatchObject({ role: 'guest', until: end });
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'guest', until: 0 });
    expect(await row('anna', 'vera')).toMatchObject({ role: 'guest', until: null });
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'member', until: end });
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'admin' });
    expect(await row('anna', 'vera')).toMatchObject({ role: 'admin', until: null });
  });
});

describe('coming and going', () => {
  test('[PE3] a ban holds against new links and is lifted by the role of who banned, or above; a removal is not a ban', async () => {
    const { ids, spaceId, agreed, run, refused, tabs, reopen, clock } = await team();
    const bannedBy = async (name: Name): Promise<readonly BannedRow[]> =>
      (await tabs[name].query('os.banned', { spaceId })) as readonly BannedRow[];
    await run('anna', 'os.ban', { userId: ids.vera });
    await agreed('anna owner, boris admin', 'anna', 'boris', 'vera');
    expect(await bannedBy('boris')).toMatchObject([
      { userId: ids.vera, by: { userId: ids.anna }, why: { liftBan: 'bannedHigher', toMember: 'bannedHigher' } },
    ]);
    await refused('boris', 'os.liftBan', { userId: ids.vera }, 'bannedHigher');
    await refused('boris', 'os.setRole', { userId: ids.vera, role: 'member' }, 'bannedHigher');
    const { url } = await tabs.boris.invite(spaceId, { role: 'member', uses: 3 });
    const joined = (await reopen('vera')).join(url, { timeoutMs: 60_000 });
    const notTaken = expect(joined).rejects.toMatchObject({ type: 'joinNotTaken' });
    await clock.leap(60_000);
    await notTaken;
    await agreed('anna owner, boris admin', 'anna', 'boris');
    await run('anna', 'os.liftBan', { userId: ids.vera });
    await until(async () => (await bannedBy('boris')).length === 0, 'lifted');
    await refused('anna', 'os.liftBan', { userId: ids.vera }, 'notBanned');
    // Out, until somebody lets them in again.
    await agreed('anna owner, boris admin', 'anna', 'boris');
    await run('boris', 'os.setRole', { userId: ids.vera, role: 'guest' });
    await agreed('anna owner, boris admin, vera guest', 'anna', 'boris', 'vera');
  });

  test('[PE3] a ban by an Admin holds against new links too', async () => {
    const { ids, spaceId, agreed, run, tabs, reopen, clock } = await team();
    await run('boris', 'os.ban', { userId: ids.vera });
    await agreed('anna owner, boris admin', 'anna', 'boris', 'vera');
    const { url } = await tabs.boris.invite(spaceId, { role: 'member', uses: 3 });
    const joined = (await reopen('vera')).join(url, { timeoutMs: 60_000 });
    const notTaken = expect(joined).rejects.toMatchObject({ type: 'joinNotTaken' });
    await clock.leap(60_000);
    await notTaken;
    await agreed('anna owner, boris admin', 'anna', 'boris');
    await run('boris', 'os.liftBan', { userId: ids.vera });
    expect(await tabs.anna.query('os.banned', { spaceId })).toHaveLength(1);
    await until(async () => ((await tabs.anna.query('os.banned', { spaceId })) as unknown[]).length === 0, 'lifted');
  });

  test('who is refused is in no list any more; who is admitted is in', async () => {
    const { spaceId, agreed, run, anna, boris, refused } = await team();
    const { url } = await anna.invite(spaceId, { role: 'guest', confirm: true, uses: 5 });
    const galina = await fleet.tab('galina', { direct: false });
    void galina.join(url, { timeoutMs: 20_000 }).catch(() => {});
    const asked = (): Promise<readonly RequestRow[]> =>
      boris.query('os.requests', { spaceId }) as Promise<readonly RequestRow[]>;
    const request = await until(async () => (await asked())[0] as RequestRow, 'asked');
    await refused('vera', 'os.admit', { requestId: request.id }, 'adminsOnly');
    await refused('vera', 'os.admit', { requestId: '0'.repeat(64) }, 'adminsOnly');
    await refused('vera', 'os.refuse', { requestId: request.id }, 'adminsOnly');
    await run('boris', 'os.refuse', { requestId: request.id });
    expect(await asked()).toEqual([]);
    await refused('boris', 'os.admit', { requestId: request.id }, 'notFound');
    const dmitri = await fleet.tab('dmitri', { direct: false });
    void dmitri.join(url, { timeoutMs: 20_000 }).catch(() => {});
    const other = await until(async () => (await asked())[0] as RequestRow, 'another asked');
    await run('boris', 'os.admit', { requestId: other.id });
    await agreed('anna owner, boris admin, undefined guest, vera member', 'anna', 'boris');
  });
});

describe('deciding apart', () => {
  test('[CF1] an Admin removes whom the Owner changes meanwhile: out, both are told, and adding again ends it', async () => {
    const { ids, spaceId, agreed, run, tabs } = await team();
    const conflicts = (by: Name): Promise<readonly ConflictRow[]> =>
      tabs[by].query('os.conflicts', { spaceId }) as Promise<readonly ConflictRow[]>;
    await tabs.boris.setOnline(false);
    await run('boris', 'os.remove', { userId: ids.vera });
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'guest' });
    await tabs.boris.setOnline(true);
    await agreed('anna owner, boris admin', 'anna', 'boris');
    const told = await until(async () => (await conflicts('anna'))[0] as ConflictRow, 'told');
    expect(told).toMatchObject({
      kind: 'different',
      person: { userId: ids.vera, role: 'none' },
      offered: 'guest',
      whyNotAdd: null,
      whyNotRemove: 'notInSpace',
    });
    expect(told.sides.map(({ by, did, role }) => [by.userId, did, role]).sort()).toEqual(
      [
        [ids.anna, 'role', 'guest'],
        [ids.boris, 'removed', 'none'],
      ].sort(),
    );
    // His own list was like that before he heard of hers.
    await until(async () => (await conflicts('boris')).map(({ id }) => id).join() === told.id, 'both are told');
    expect(await conflicts('vera')).toEqual([]);
    // Dismissed by one, it is still there for the other.
    await tabs.boris.run('os.dismissConflict', { conflictId: told.id });
    expect(await conflicts('boris')).toEqual([]);
    expect(await conflicts('anna')).toHaveLength(1);
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'member' });
    await agreed('anna owner, boris admin, vera member', 'anna', 'boris', 'vera');
    expect(await conflicts('anna')).toEqual([]);
  });
});

describe('what people write', () => {
  test('a Guest reports a message; Admins see it, nobody else does, and removing it closes the report', async () => {
    const { ids, spaceId, channelId, run, anna, boris, vera } = await team();
    const { id: messageId } = await anna.run('chat.send', { channelId, text: 'Buy my coins' });
    await run('anna', 'os.setRole', { userId: ids.vera, role: 'guest' });
    await until(async () => ((await vera.query('chat.messages', { channelId })) as unknown[]).length > 0, 'arrived');
    await until(async () => (await vera.spaces()).find(({ id }) => id === spaceId)?.role === 'guest', 'a guest');
    await vera.run('os.report', { id: messageId, reason: 'Spam' });
    await expect(vera.run('os.report', { id: messageId, reason: 'Spam' })).rejects.toMatchObject({ type: 'already' });
    await expect(anna.run('os.report', { id: messageId, reason: '' })).rejects.toMatchObject({ type: 'yourself' });
    const reports = (by: KernelApi): Promise<readonly ReportRow[]> =>
      by.query('os.reports', { spaceId }) as Promise<readonly ReportRow[]>;
    const row = await until(async () => (await reports(boris))[0], 'reported');
    expect(row).toMatchObject({
      id: messageId,
      type: 'Message',
      title: 'Buy my coins',
      author: { userId: ids.anna },
      reports: [{ by: { userId: ids.vera }, reason: 'Spam' }],
    });
    expect(await reports(vera)).toEqual([]);
    await expect(vera.run('os.resolveReports', { id: messageId, remove: true })).rejects.toMatchObject({
      type: 'notAllowed',
    });
    await expect(vera.run('os.removeContent', { id: messageId })).rejects.toMatchObject({ type: 'notAllowed' });
    await boris.run('os.resolveReports', { id: messageId, remove: true });
    expect(await reports(boris)).toEqual([]);
    await until(
      async () => ((await vera.query('chat.messages', { channelId })) as { deleted: boolean }[])[0]?.deleted,
      'removed for everybody',
    );
  });
});
