/** Devices that came by the recovery phrase: what they may, from when, and who may stop them. Times in hours. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import type { Act, ActOf } from '../../../src/os/rights/acl';
import { type Rules, SOUND } from '../../../src/os/rights/layers';
import { RESTORE_DELAY_MS } from '../../../src/os/rights/newcomers';
import { createRights } from '../../../src/os/rights/resolve';
import type { EntryId } from '../../../src/vm/op/ids';
import { causalShuffle } from '../../support/histories';
import {
  certificateOf,
  deviceOf,
  disown,
  grant,
  invited,
  joined,
  leave,
  type RightsLog,
  revoke,
  rightsLog,
  teamLog,
  userOf,
} from '../../support/rights-log';

const HOUR = 3_600_000;
const OFF: Rules = { ...SOUND, newcomersWait: false };

const another = (of: string, device: string): ActOf<'certify'> => ({
  type: 'certify',
  certificate: { ...certificateOf(of), device: deviceOf(device), keyring: new Uint8Array(32).fill(device.length) },
});
const confirm = (device: string, by: string): ActOf<'confirm'> => ({
  type: 'confirm',
  device: deviceOf(device),
  by: deviceOf(by),
  signature: new Uint8Array(64),
});
const notice = (device: string): ActOf<'notice'> => ({ type: 'notice', device: deviceOf(device) });
const veto = (device: string): ActOf<'veto'> => ({ type: 'veto', device: deviceOf(device), cut: [] });

/** Anna founded it and is Owner; Ben is a Member. The thief has Anna's phrase. */
const team = (rules: Rules = SOUND): RightsLog => teamLog({ Ben: 'member' }, rules);
const came = (rules: Rules = SOUND, at = HOUR): RightsLog => {
  const log = team(rules);
  log.say('thief', at, [another('Anna', 'thief')]);
  return log;
};
const role = ({ rights }: RightsLog, name: string) => rights.role(userOf(name));
const signs = (log: RightsLog, by: string, at: number, acts: readonly Act[]): boolean => !log.refused(by, at, acts);
/** All that Anna's thief would do. */
const HARM: readonly (readonly Act[])[] = [
  [revoke('Ben')],
  [revoke('Ben'), { type: 'ban', user: userOf('Ben') }],
  [grant('Ben', 'owner')],
  [grant('Anna', 'guest')],
  [leave('Anna')],
  [disown('Anna', 'Anna')],
  [invited('mine', 'admin')],
  [{ type: 'policy', key: 'invite', value: 'member' }],
  [{ type: 'relay', device: deviceOf('mine'), url: 'ws://mine', name: 'mine' }],
  [{ type: 'adopt', user: userOf('Ben'), cut: [] }],
  [veto('Anna')],
];

test('[RR7] [ND3] a device that came by the phrase does nothing about people, devices, links and rules for two days', () => {
  for (const acts of HARM) expect(signs(came(), 'thief', 2 * HOUR, acts), acts[0]?.type).toBe(false);
  // Its own devices are newcomers as well, and vouch for nobody.
  const log = came();
  log.say('thief again', 2 * HOUR, [another('Anna', 'thief again')]);
  log.say('thief again', 3 * HOUR, [confirm('thief again', 'thief'), confirm('thief', 'thief again')]);
  expect(signs(log, 'thief again', 4 * HOUR, [revoke('Ben')])).toBe(false);
  // Without the defence each of them has its effect.
  for (const acts of HARM.slice(0, -1)) expect(signs(came(OFF), 'thief', 2 * HOUR, acts), acts[0]?.type).toBe(true);
  const open = came(OFF);
  open.say('thief', 2 * HOUR, [disown('Anna', 'Anna')]);
  open.say('thief', 3 * HOUR, [revoke('Ben')]);
  expect([role(open, 'Ben'), open.rights.suspensions(deviceOf('Anna')).length]).toEqual(['none', 1]);
});

test('[ND3] it writes, takes care of keys, and is its person; the keyring that it shows is nobody’s', () => {
  const log = came();
  const cited = log.rights.heads()[0] as EntryId;
  const asked = { device: deviceOf('thief'), aclRef: cited, class: 'content', hlc: HOUR } as const;
  const place = { log: 'l', seq: 0, shard: 's' } as never as { log: never; seq: number; shard: never };
  expect(log.rights.judge({ ...asked, ...place })).toMatchObject({ type: 'allowed', role: 'owner' });
  const epoch: Act = {
    type: 'epoch',
    epoch: 'e'.repeat(32) as never,
    nonce: new Uint8Array(16),
    roomKey: new Uint8Array(32),
    previous: [],
    wraps: [],
  };
  log.say('thief', 2 * HOUR, [epoch]);
  expect(log.rights.epochs()).toHaveLength(1);
  expect(log.rights.keyringOf(userOf('Anna'))).toEqual(new Uint8Array(32));
  log.say('Anna', 3 * HOUR, [confirm('thief', 'Anna')]);
  expect(log.rights.keyringOf(userOf('Anna'))).toEqual(new Uint8Array(32).fill(5));
});

test('[ND2] after two days it has its say; counted from the notice of an older device, or of anybody who was there', () => {
  const log = came();
  expect(log.rights.standingOf(deviceOf('thief'))).toMatchObject({ type: 'waiting', until: HOUR + RESTORE_DELAY_MS });
  expect(signs(log, 'thief', 48 * HOUR, [revoke('Ben')])).toBe(false);
  expect(signs(log, 'thief', 49 * HOUR, [revoke('Ben')])).toBe(true);
  for (const by of ['Anna', 'Ben']) {
    const told = came();
    told.say(by, 20 * HOUR, [notice('thief')]);
    told.say(by, 30 * HOUR, [notice('thief')]);
    expect(signs(told, 'thief', 67 * HOUR, [revoke('Ben')]), by).toBe(false);
    expect(signs(told, 'thief', 68 * HOUR, [revoke('Ben')]), by).toBe(true);
  }
  // A friend whom the newcomer brought along is no witness; nor is another device of the thief.
  const friend = came();
  friend.say('Anna', 2 * HOUR, [invited('open', 'member', { notAfter: 1e12 })]);
  friend.say('friend', 3 * HOUR, [joined('open', 'friend')]);
  friend.say('friend', 4 * HOUR, [notice('thief')]);
  friend.say('thief again', 5 * HOUR, [another('Anna', 'thief again')]);
  friend.say('thief again', 6 * HOUR, [notice('thief')]);
  expect(friend.rights.standingOf(deviceOf('thief'))?.until).toBe(49 * HOUR);
});

test('[ND2] dating back is of no use where somebody sees it come: what it did counts no more when they tell', () => {
  const log = team();
  const long = 100 * HOUR;
  const then = log.rights.heads();
  log.say('thief', HOUR, [another('Anna', 'thief')], then);
  const claimed = log.say('thief', long, [revoke('Ben')]);
  expect(role(log, 'Ben')).toBe('none');
  log.say('Anna', long + 1, [notice('thief')]);
  expect([role(log, 'Ben'), log.rights.stands(claimed)]).toEqual(['member', false]);
  // Ben sees it too, and has not heard of his removal.
  const two = team();
  const before = two.rights.heads();
  const thief = two.say('thief', HOUR, [another('Anna', 'thief')], before);
  two.say('thief', long, [revoke('Ben')]);
  two.say('Ben', long + 1, [notice('thief')], [thief]);
  expect(role(two, 'Ben')).toBe('member');
});

test('[ND1] the word of an older device lifts it at once; it counts where it is brought by whomever', () => {
  const log = came();
  log.say('thief', 2 * HOUR, [confirm('thief', 'Anna')]);
  expect(log.rights.standingOf(deviceOf('thief'))?.type).toBe('confirmed');
  log.say('thief', 2 * HOUR + 1, [disown('Anna', 'Anna')]);
  expect(log.rights.suspensions(deviceOf('Anna'))).toHaveLength(1);
  // Of one that was taken away, what the taking had not seen does not count.
  expect(came().refused('Ben', 2 * HOUR, [confirm('thief', 'Ben')])).toBe(true);
  const late = came();
  late.say('phone', 2 * HOUR, [another('Anna', 'phone'), confirm('phone', 'Anna')]);
  late.say('Anna', 3 * HOUR, [disown('Anna', 'phone')]);
  late.say('thief', 4 * HOUR, [confirm('thief', 'phone')]);
  expect(late.rights.standingOf(deviceOf('thief'))?.type).toBe('waiting');
});

test('[ND4] a veto ends it: what it did is void, also what the veto had seen, and it takes nobody along', () => {
  const log = team();
  const then = log.rights.heads();
  log.say('thief', HOUR, [another('Anna', 'thief')], then);
  // It says that it came long ago, and that Anna's device is not hers.
  log.say('thief', 60 * HOUR, [disown('Anna', 'Anna')]);
  log.say('thief', 61 * HOUR, [revoke('Ben')]);
  log.say('thief', 62 * HOUR, [leave('Anna')]);
  expect([role(log, 'Anna'), role(log, 'Ben')]).toEqual(['none', 'none']);
  log.say('Anna', 63 * HOUR, [notice('thief')]);
  log.say('Anna', 64 * HOUR, [veto('thief')]);
  expect([role(log, 'Anna'), role(log, 'Ben')]).toEqual(['owner', 'member']);
  expect(log.rights.suspensions(deviceOf('Anna'))).toEqual([]);
  expect(log.rights.suspensions(deviceOf('thief'))).toMatchObject([{ type: 'revoked', vetoed: true }]);
  for (const acts of HARM) expect(signs(log, 'thief', 200 * HOUR, acts), acts[0]?.type).toBe(false);
  expect(signs(log, 'Anna', 201 * HOUR, [revoke('Ben')])).toBe(true);
});

test('[ND4] [ND5] a veto comes in time, from an older device, and once confirmed never', () => {
  const late = came();
  late.say('Anna', 49 * HOUR, [veto('thief')]);
  expect(late.rights.standingOf(deviceOf('thief'))?.type).toBe('waiting');
  const early = team();
  const unheard = early.rights.heads();
  early.say('Anna', 5, [veto('thief')]);
  expect(early.refused('thief', HOUR, [another('Anna', 'thief')])).toBe(true);
  early.say('thief', HOUR, [another('Anna', 'thief')], unheard);
  expect(early.rights.standingOf(deviceOf('thief'))?.type).toBe('refused');
  const sure = came();
  sure.say('Anna', 2 * HOUR, [confirm('thief', 'Anna')]);
  sure.say('Anna', 3 * HOUR, [veto('thief')]);
  expect(sure.rights.standingOf(deviceOf('thief'))?.type).toBe('confirmed');
  // Anna came back by her phrase long ago, and nobody vouched: she is older than the thief, who is not older than she.
  const back = team();
  back.say('Anna anew', HOUR, [another('Anna', 'Anna anew')]);
  back.say('Ben', 2 * HOUR, [notice('Anna anew')]);
  const known = back.rights.heads();
  back.say('thief', 60 * HOUR, [another('Anna', 'thief')], known);
  back.say('Ben', 61 * HOUR, [notice('thief')]);
  expect(signs(back, 'thief', 62 * HOUR, [veto('Anna anew')])).toBe(false);
  back.say('Anna anew', 62 * HOUR, [veto('thief')]);
  expect(back.rights.standingOf(deviceOf('thief'))?.type).toBe('refused');
  // The old one, in a thief's hand and taken away after the time, is heard no more by what is said later.
  const gone = came();
  gone.say('thief', 50 * HOUR, [disown('Anna', 'Anna')]);
  expect(gone.rights.suspensions(deviceOf('Anna'))).toHaveLength(1);
  expect(signs(gone, 'Anna', 51 * HOUR, [veto('thief')])).toBe(true);
  expect(gone.rights.suspensions(deviceOf('Anna'))).toHaveLength(1);
});

test('[ND3] whoever has no other device left waits for nobody', () => {
  const log = team();
  log.say('phone', HOUR, [another('Anna', 'phone'), confirm('phone', 'Anna')]);
  const both = log.rights.heads();
  log.say('phone', 2 * HOUR, [disown('Anna', 'Anna')], both);
  log.say('Anna', 2 * HOUR, [disown('Anna', 'phone')], both);
  log.say('new', 3 * HOUR, [another('Anna', 'new')]);
  log.say('new', 3 * HOUR + 1, [revoke('Ben')]);
  expect(role(log, 'Ben')).toBe('none');
  // Where somebody comes in with it, or founds a space, it is the first.
  const joining = team();
  joining.say('Anna', 5, [invited('open', 'member', { notAfter: 1e12 })]);
  joining.say('new', 6, [joined('open', 'new')]);
  expect(joining.rights.standingOf(deviceOf('new'))).toBeUndefined();
});

test('[ND1] who holds the phrase and the link by which somebody came does not date their coming back before it', () => {
  const log = team();
  log.say('Anna', 5, [invited('open', 'member', { notAfter: 1e12 })]);
  const link = log.rights.heads();
  log.say('Cleo', HOUR, [joined('open', 'Cleo')], link);
  log.say('Anna', 2 * HOUR, [grant('Cleo', 'admin')]);
  const forged = { ...joined('open', 'Cleo'), certificate: { ...certificateOf('Cleo'), device: deviceOf('thief') } };
  log.say('thief', 6, [forged], link);
  expect(log.rights.standingOf(deviceOf('Cleo'))?.type).toBe('first');
  expect(log.rights.standingOf(deviceOf('thief'))?.type).toBe('waiting');
  // Nor does the key that founds personal spaces, which follows from the phrase.
  const home = rightsLog('founder', 'personal');
  expect(home.rights.standingOf(deviceOf('founder'))).toBeUndefined();
});

test('[ND1] in a personal space the device that the founder names is the first, and the founder has no say', () => {
  const log = rightsLog('Anna', 'personal', SOUND, [confirm('laptop', 'Anna')]);
  log.say('laptop', 2, [another('Anna', 'laptop')]);
  log.say('thief', 2, [another('Anna', 'thief')], [log.said()[0]?.entry.id as EntryId]);
  expect(log.rights.standingOf(deviceOf('laptop'))?.type).toBe('first');
  expect(log.rights.standingOf(deviceOf('thief'))?.type).toBe('waiting');
  expect(signs(log, 'Anna', 100 * HOUR, [disown('Anna', 'laptop')])).toBe(false);
  log.say('Anna', 101 * HOUR, [confirm('thief', 'Anna')]);
  expect(log.rights.standingOf(deviceOf('thief'))?.type).toBe('waiting');
});

test('[ND2] random histories of devices: one verdict in every order, and no thief gets past two days unseen', () => {
  let refused = 0;
  let confirmed = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const log = team();
    const own = ['Anna', 'phone', 'old', 'thief', 'thief again'];
    const all = [...own, 'Ben'];
    const here = new Set(['Anna', 'Ben']);
    let at = HOUR;
    for (let step = 0; step < 22; step++) {
      at += random.below(12) * HOUR + 1;
      const by = random.pick(all);
      const other = random.pick(own);
      const ids = log.said().map(({ entry }) => entry.id);
      const after = random.below(3) === 0 ? [random.pick(ids)] : log.rights.heads().slice(-16);
      const acts: readonly Act[] = !here.has(by)
        ? [another('Anna', by), ...(random.below(2) === 0 ? [confirm(by, random.pick(own))] : [])]
        : random.pick<readonly Act[]>([
            [confirm(other, by)],
            [notice(other)],
            [veto(other)],
            [disown('Anna', other)],
            [grant('Ben', random.pick(['guest', 'member', 'admin', 'owner']))],
            [revoke('Ben')],
          ]);
      const date = random.below(4) === 0 ? Math.max(at - random.below(90) * HOUR, 4) : at;
      const cited = Math.max(
        ...log
          .said()
          .filter(({ entry }) => after.includes(entry.id))
          .map(({ entry }) => entry.header.hlc),
      );
      try {
        log.say(by, Math.max(date, cited + 1), acts, after);
        here.add(by);
      } catch {
        // Refused by its own past.
      }
    }
    const told = ({ rights }: Pick<RightsLog, 'rights'>) =>
      JSON.stringify([
        own.map((device) => {
          const { type, until } = rights.standingOf(deviceOf(device)) ?? {};
          return [type, until, rights.suspensions(deviceOf(device)).map(({ item }) => item.id)];
        }),
        rights.history().map(({ item, counts }) => [item.id, counts]),
        [...rights.members()],
        [...(rights.keyringOf(userOf('Anna')) ?? [])].slice(0, 1),
      ]);
    const expected = told(log);
    for (let shuffle = 0; shuffle < 3; shuffle++) {
      const rights = createRights(log.space);
      for (const item of causalShuffle(random, log.said())) rights.add(item);
      expect(told({ rights }), `seed ${seed}`).toBe(expected);
    }
    for (const device of own) {
      const standing = log.rights.standingOf(deviceOf(device));
      if (standing?.type === 'refused') refused++;
      if (standing?.type === 'confirmed') confirmed++;
      for (const { item, counts } of log.rights.history())
        if (
          item.device === deviceOf(device) &&
          counts &&
          standing?.type === 'waiting' &&
          item.acts[0]?.type === 'revoke'
        )
          expect(item.hlc).toBeGreaterThanOrEqual(standing.until);
    }
  }
  expect(Math.min(refused, confirmed)).toBeGreaterThan(30);
});

test('[RI2] a device is whose it said first, by time and id, and nobody else says it', () => {
  const log = team();
  const both = log.rights.heads();
  log.say('x', 20, [another('Ben', 'x')], both);
  expect(log.rights.userOf(deviceOf('x'))).toBe(userOf('Ben'));
  log.say('x', 10, [another('Anna', 'x')], both);
  expect(log.rights.userOf(deviceOf('x'))).toBe(userOf('Anna'));
  log.refused('Ben', 30, [another('Ben', 'y')]);
  expect(log.rights.userOf(deviceOf('y'))).toBeUndefined();
});
