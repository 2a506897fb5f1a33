import { afterEach, describe, expect, test } from 'vitest';
import type { BeaconRow, KernelApi, SyncAnswer } from '../../../src/bridge/messages';
import { HostAsks, joinCodeFor, joinCodeSetting, plainCode, refusalFor } from '../../../src/os/kernel/asking';
import type { DeviceId, SpaceId } from '../../../src/vm/op/ids';
import { createFleet, until } from '../../support/fleet';

const CODE = 'ABCD-EFGH';
const [beacon, other] = ['aa'.repeat(32), 'bb'.repeat(32)] as [DeviceId, DeviceId];
const [space, unasked] = ['cc'.repeat(32), 'dd'.repeat(32)] as [SpaceId, SpaceId];

describe('what beacons answered', () => {
  test('an answer that nobody awaits is not kept', () => {
    const asks = new HostAsks();
    asks.asked(beacon, space, false);
    expect(asks.answered(beacon, unasked, 'tooMany')).toBe(false);
    expect(asks.answered(other, space, 'tooMany')).toBe(false);
    expect(asks.answered(beacon, space, 'notInvited')).toBe(true);
    expect(asks.answered(beacon, space, 'tooMany')).toBe(false);
    expect(asks.refusal(beacon, space, 'code')).toBe('needsCode');
    expect(asks.devices).toEqual([beacon]);
  });

  test('a refusal of an older question says nothing about the newer one', () => {
    const asks = new HostAsks();
    asks.asked(beacon, space, false);
    asks.asked(beacon, space, true);
    asks.answered(beacon, space, 'notInvited');
    expect(asks.state(beacon, 'code')).toEqual({ state: 'waiting', refused: 0 });
    asks.answered(beacon, space, 'none');
    expect(asks.state(beacon, 'code')).toEqual({ state: 'accepted', refused: 0 });
  });

  test('a link that falls ends the waiting, and what the beacon said before still holds', () => {
    const asks = new HostAsks();
    asks.asked(beacon, space, true);
    asks.answered(beacon, space, 'notInvited');
    asks.asked(beacon, space, true);
    asks.unlinked(beacon);
    expect(asks.answered(beacon, space, 'none')).toBe(false);
    expect(asks.state(beacon, 'code')).toEqual({ state: 'wrongCode', refused: 1 });
    expect(asks.kept(beacon, space)).toBe(true);
    expect(asks.kept(beacon, space)).toBe(false);
    expect(asks.state(beacon, 'code')).toEqual({ state: 'accepted', refused: 0 });
  });

  test('each reason has one meaning for a person', () => {
    expect(refusalFor('none', true, 'code')).toBeNull();
    expect(refusalFor('notInvited', false, undefined)).toBe('needsCode');
    expect(refusalFor('notInvited', true, 'code')).toBe('wrongCode');
    expect(refusalFor('notInvited', true, 'listed')).toBe('notListed');
    expect([refusalFor('tooMany', true, 'open'), refusalFor('quota', true, 'open')]).toEqual(['full', 'full']);
    expect(refusalFor('badRights', true, 'open')).toBe('badRights');
  });

  test('the code of one beacon is told to no other', () => {
    const settings: Record<string, string> = { [joinCodeSetting(beacon)]: CODE, joinCode: CODE };
    const view = { personal: (key: string) => settings[key] };
    expect(joinCodeFor(view, beacon)).toBe(CODE);
    expect(joinCodeFor(view, other)).toBe('');
  });

  test('a code is read as it is typed or dictated, and what is none is empty', () => {
    expect(plainCode(' abcd - efgh\n')).toBe(CODE);
    expect(plainCode('код -- ')).toBe('');
    expect(plainCode('A'.repeat(100))).toHaveLength(64);
  });
});

test('who comes in as an Admin, or becomes one, has the space kept by the beacon of their own page at once, and grants it once', async () => {
  const fleet = await createFleet(5);
  const anna = await fleet.tab('a', { beacon: false });
  const boris = await fleet.tab('b');
  await until(() => fleet.beacon.hosted().length === 1, 'the personal space of Boris');
  const grants = async (spaceId: string): Promise<number> =>
    ((await anna.query('os.audit', { spaceId })) as { kind: string }[]).filter(({ kind }) => kind === 'beaconAdded')
      .length;
  for (const role of ['admin', 'member'] as const) {
    const { id } = await anna.createSpace({ title: role, kind: 'team' });
    await boris.join((await anna.invite(id, { role })).url);
    if (role === 'member') {
      expect(fleet.beacon.hosted()).not.toContain(id);
      await anna.setRole(id, (await boris.me()).userId, 'admin');
    }
    await until(() => fleet.beacon.hosted().includes(id as never), 'kept');
    await until(async () => (await anna.durability(id)).beacons === 1, 'receipts of the beacon');
    expect(await grants(id)).toBe(1);
  }
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

describe('the join code', () => {
  let fleet: Awaited<ReturnType<typeof createFleet>>;
  afterEach(async () => {
    await fleet.stop();
    expect(fleet.faults).toEqual([]);
  });
  const far = { hosting: 'code', joinCode: CODE, isLocal: () => false } as const;
  const row = async (kernel: KernelApi): Promise<BeaconRow> => {
    const [only, ...rest] = (await kernel.query('os.beacons', {})) as BeaconRow[];
    expect(rest).toEqual([]);
    return only as BeaconRow;
  };
  const refusalOf = async (kernel: KernelApi, spaceId: string): Promise<string | undefined> => {
    const { holders } = (await kernel.query('os.sync', { spaceId })) as SyncAnswer;
    return holders.find(({ kind }) => kind === 'beacon')?.refused;
  };

  test('a beacon that asks for its join code keeps nothing, says so, and keeps every space once it has it', async () => {
    fleet = await createFleet(1, { hosting: far });
    const a = await fleet.tab('a', { direct: false });
    const { id } = await a.createSpace({ title: 'Team', kind: 'team' });
    await until(async () => (await refusalOf(a, id)) === 'needsCode', 'asked for a code');
    await until(async () => (await row(a)).state === 'needsCode', 'asked for a code');
    expect(await row(a)).toMatchObject({ own: true, linked: true, joinCode: '', refused: 2, name: 'Office beacon' });
    expect(fleet.beacon.hosted()).toEqual([]);
    expect(await a.durability(id)).toMatchObject({ beacons: 0, safe: false });

    const seen: string[] = [];
    const stop = a.watch('os.beacons', {}, (answer) => {
      const [at] = answer as BeaconRow[];
      if (at && seen.at(-1) !== at.state) seen.push(at.state);
    });
    await a.run('os.useJoinCode', { code: 'abcd efgh' });
    await until(() => seen.at(-1) === 'accepted', 'accepted');
    stop();
    expect(new Set(fleet.beacon.hosted())).toContain(id);
    expect(fleet.beacon.hosted()).toHaveLength(2);
    expect(await refusalOf(a, id)).toBeUndefined();
    await until(async () => (await a.durability(id)).beacons === 1, 'receipts');

    const { id: later } = await a.createSpace({ title: 'Later', kind: 'team' });
    await until(() => fleet.beacon.hosted().includes(later as never), 'a later space is kept without asking');
  });

  test('a wrong code is refused with its reason, and the right one is taken after it', async () => {
    fleet = await createFleet(2, { hosting: far });
    const a = await fleet.tab('a', { direct: false });
    const { id } = await a.createSpace({ title: 'Team', kind: 'team' });
    await until(async () => (await refusalOf(a, id)) === 'needsCode', 'asked for a code');
    await a.run('os.useJoinCode', { code: 'WRNG-WRNG' });
    await until(async () => (await refusalOf(a, id)) === 'wrongCode', 'refused');
    await until(async () => (await row(a)).state === 'wrongCode', 'refused');
    expect(await row(a)).toMatchObject({ joinCode: 'WRNG-WRNG', refused: 2 });
    expect(fleet.beacon.hosted()).toEqual([]);
    // The same again is asked again: the operator may have changed it meanwhile.
    const before = fleet.beacon.stats()['hosting.notInvited'] ?? 0;
    await a.run('os.useJoinCode', { code: 'WRNG-WRNG' });
    await until(() => (fleet.beacon.stats()['hosting.notInvited'] ?? 0) === before + 2, 'asked again');
    await a.run('os.useJoinCode', { code: CODE });
    await until(async () => (await row(a)).state === 'accepted', 'accepted');
    expect(fleet.beacon.hosted()).toContain(id);
  });

  test('a code that is none, or for a beacon that nobody asked, is refused and changes nothing', async () => {
    fleet = await createFleet(3, { hosting: far });
    const a = await fleet.tab('a', { direct: false });
    await expect(a.run('os.useJoinCode', { code: ' - ' })).rejects.toMatchObject({ type: 'badCode' });
    await expect(a.run('os.useJoinCode', { code: CODE, beaconId: other })).rejects.toMatchObject({
      type: 'unknownBeacon',
    });
    const alone = await fleet.tab('alone', { direct: false, beacon: false });
    await expect(alone.run('os.useJoinCode', { code: CODE })).rejects.toMatchObject({ type: 'unknownBeacon' });
    expect(await alone.query('os.beacons', {})).toEqual([]);
    expect((await row(a)).joinCode).toBe('');
  });

  test('a beacon with a list does not ask for a code', async () => {
    fleet = await createFleet(4, { hosting: { ...far, hosting: 'listed' } });
    const a = await fleet.tab('a', {
      direct: false,
      kernel: {
        beacon: { url: 'ws://beacon/link', device: fleet.beacon.deviceId, name: 'Office beacon', hosting: 'listed' },
      },
    });
    await until(async () => (await row(a)).state === 'notListed', 'not listed');
  });
});
