/**
 * What an insider with real keys may try on the rights log itself: stepping down to shed limits, deciding after a removal by
 * dating back, and shutting others out. Anna founds the space; Ben is a Member.
 */
import { expect, test } from 'vitest';
import type { Act, ActOf } from '../../../src/os/rights/acl';
import { RESTORE_DELAY_MS } from '../../../src/os/rights/newcomers';
import type { EpochId } from '../../../src/vm/op/ids';
import {
  certificateOf,
  certify,
  deviceOf,
  disown,
  grant,
  invited,
  joined,
  type RightsLog,
  revoke,
  rightsLog,
  shardOf,
  userOf,
  within,
} from '../../support/rights-log';

const withMember = (acts: readonly Act[]): RightsLog => {
  const log = rightsLog();
  log.say('Anna', 2, acts);
  log.say('Ben', 3, [certify('Ben')]);
  return log;
};
const epoch = (name: string): ActOf<'epoch'> => ({
  type: 'epoch',
  epoch: shardOf(name) as string as EpochId,
  nonce: new Uint8Array(16),
  roomKey: new Uint8Array(32),
  previous: [],
  wraps: [],
});

test('[RL4] whoever steps down keeps the limits of the right they had: its parts and its end', () => {
  const log = withMember([grant('Ben', 'member', 1000), within(['plan'])]);
  log.say('Ben', 4, [grant('Ben', 'guest')]);
  const { rank, limits } = log.rights.right(userOf('Ben'));
  expect(rank).toBe(1);
  expect(limits).toEqual({ shards: [shardOf('plan')], notAfter: 1000, delegate: 0 });
});

test('[RL2] a step down that is dated back gets around no demotion and no narrowing', () => {
  const demoted = withMember([grant('Ben', 'admin')]);
  const base = demoted.rights.heads();
  demoted.say('Anna', 4, [grant('Ben', 'guest')], base);
  demoted.say('Ben', 5, [grant('Ben', 'member')], base);
  expect(demoted.rights.role(userOf('Ben'))).toBe('guest');

  const narrowed = withMember([grant('Ben', 'member')]);
  const before = narrowed.rights.heads();
  narrowed.say('Anna', 4, [grant('Ben', 'member', 1000), within(['plan'])], before);
  narrowed.say('Ben', 5, [grant('Ben', 'guest')], before);
  expect(narrowed.rights.role(userOf('Ben'))).toBe('guest');
  expect(narrowed.rights.right(userOf('Ben')).limits).toEqual({
    shards: [shardOf('plan')],
    notAfter: 1000,
    delegate: 0,
  });
});

test('[RR3] a removed Member who dates back opens no epoch; one from before the removal stays', () => {
  const log = withMember([grant('Ben', 'member')]);
  log.say('Ben', 4, [disown('Ben', 'lost'), epoch('first')]);
  const before = log.rights.heads();
  log.say('Anna', 5, [revoke('Ben')]);
  log.say('Ben', 6, [disown('Ben', 'lost too'), epoch('second')], before);
  expect(log.rights.epochs().map(({ act }) => act.epoch)).toEqual([epoch('first').epoch]);
});

test('[RR4] whoever came by the link of a Member may say what a Guest says: name a device, and take one away', () => {
  const log = withMember([grant('Ben', 'member'), { type: 'policy', key: 'invite', value: 'member' }]);
  log.say('Ben', 4, [invited('friends', 'guest')]);
  log.say('Gus', 5, [joined('friends', 'Gus')]);
  const second = { ...certificateOf('Gus at home'), user: userOf('Gus') };
  log.say('Gus at home', 6, [{ type: 'certify', certificate: second }]);
  expect(log.rights.devicesOf(userOf('Gus'))).toHaveLength(2);
  log.say('Gus at home', 6 + RESTORE_DELAY_MS, [disown('Gus', 'Gus')]);
  expect(log.rights.suspensions(deviceOf('Gus'))).toHaveLength(1);
  log.say('Anna', 8 + RESTORE_DELAY_MS, [revoke('Ben')]);
  expect(log.rights.role(userOf('Gus'))).toBe('none');
});
