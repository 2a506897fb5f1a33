/** What questions of a rights log cost as it grows: counted, not timed. */
import { expect, test } from 'vitest';
import { keyIsOut, nextByTime } from '../../../src/os/rights/epochs';
import { SOUND } from '../../../src/os/rights/layers';
import { createRights, type Rights } from '../../../src/os/rights/resolve';
import type { EpochId } from '../../../src/vm/op/ids';
import { grant, invited, inviteOf, joined, revoke, rightsLog, teamLog, userOf } from '../../support/rights-log';

/** Counts what is asked of the rights. */
const counting = (rights: Rights) => {
  const asked = { times: 0 };
  const counted = new Proxy(rights, {
    get: (target, key) => {
      asked.times++;
      return Reflect.get(target, key);
    },
  });
  return { counted, asked };
};
const space = (members: number) => {
  const names = Array.from({ length: members }, (_, i) => `member ${i}`);
  const log = teamLog(Object.fromEntries(names.map((name) => [name, 'member'])));
  const key = { nonce: new Uint8Array(16), roomKey: new Uint8Array(32), previous: [] };
  const wraps = names.map((name) => ({
    user: userOf(name),
    ephemeral: new Uint8Array(32),
    sealed: new Uint8Array(48),
  }));
  log.say('Anna', 10_000, [{ type: 'epoch', epoch: '01'.repeat(16) as EpochId, ...key, wraps }]);
  return log;
};

test('[EP2] whether the key is out is found in work that grows as the members do, and is not found again before something changed', () => {
  const first = (members: number): number => {
    const { counted, asked } = counting(space(members).rights);
    expect(keyIsOut(counted, 20_000)).toBeUndefined();
    return asked.times;
  };
  expect(first(40)).toBeLessThan(2.3 * first(20));
  const log = space(20);
  const { counted, asked } = counting(log.rights);
  keyIsOut(counted, 20_000);
  for (let links = 0; links < 100; links++) {
    asked.times = 0;
    keyIsOut(counted, 20_000 + links);
    expect(asked.times).toBeLessThan(3);
  }
  log.say('Anna', 30_000, [revoke('member 3')]);
  expect(keyIsOut(counted, 40_000)).toBe('removed');
});

test('[EP3] a temporary right that ends lets the key out, though nobody said anything since it was asked last', () => {
  const log = space(3);
  log.say('Anna', 11_000, [grant('member 1', 'member', 50_000)]);
  log.say('Anna', 11_001, [grant('member 2', 'member', 60_000)]);
  expect([49_000, 50_000].map((now) => keyIsOut(log.rights, now))).toEqual([undefined, undefined]);
  expect(nextByTime(log.rights, 49_000)).toBe(50_001);
  expect([50_001, 60_001, 49_000].map((now) => keyIsOut(log.rights, now))).toEqual(['ended', 'ended', undefined]);
  expect(nextByTime(log.rights, 50_001)).toBe(60_001);
});

test('[NC1] those who come in by a link are taken without settling all rights anew for each, and to the same rights', () => {
  const settled = { times: 0 };
  const rules = new Proxy(SOUND, {
    get: (target, key) => {
      // Asked once each time that all is settled.
      if (key === 'newcomersWait') settled.times++;
      return Reflect.get(target, key);
    },
  });
  const log = rightsLog('Anna', 'team', rules);
  log.say('Anna', 2, [invited('link', 'member', { uses: 90, notAfter: 1e12 })]);
  const before = settled.times;
  for (let i = 0; i < 80; i++) log.say(`member ${i}`, 10 + i, [joined('link', `member ${i}`)]);
  expect(settled.times - before).toBe(0);
  // Asked for in full, it is what each of them, settled on its own, comes to.
  expect(log.rights.members().size).toBe(81);
  for (let i = 80; i < 90; i++) log.say(`member ${i}`, 10 + i, [joined('link', `member ${i}`)]);
  expect(log.refused('member 90', 200, [joined('link', 'member 90')])).toBe(true);
  expect(log.rights.members().size).toBe(91);
  // Who was named before, whoever a revoked link brings, and whoever had not seen all is settled in full.
  log.say('Anna', 201, [invited('other', 'member', { uses: 9, notAfter: 1e12 })]);
  log.say('Anna', 202, [grant('Ben', 'guest')]);
  expect(log.refused('Ben', 203, [joined('other', 'Ben')])).toBe(true);
  const seen = log.rights.heads();
  log.say('Anna', 204, [{ type: 'revokeInvite', invite: inviteOf('other') }]);
  expect(log.refused('Cara', 205, [joined('other', 'Cara')])).toBe(true);
  log.say('Dora', 206, [joined('other', 'Dora')], seen);
  expect(log.rights.role(userOf('Dora'))).toBe('none');
  const again = createRights(log.space);
  for (const item of log.said()) expect(again.add(item)).toBe(true);
  expect(again.members()).toEqual(log.rights.members());
});
