import { afterEach, describe, expect, test } from 'vitest';
import type { InviteRow } from '../../src/bridge/messages';
import { speak } from '../../src/view/kit/i18n';
import { invitationText, inWords, kindOf, linkIn, standingOf, stateOf, until } from '../../src/view/shell/inviting';

afterEach(() => speak('en'));
const HOUR = 3_600_000;
const now = 1_800_000_000_000;
const invite: InviteRow = {
  id: 'i',
  role: 'guest',
  uses: 3,
  used: 1,
  expiresAt: now + 50 * HOUR,
  confirm: true,
  revoked: false,
  by: { userId: 'u', name: 'Anna', hue: 1 },
  mine: true,
  waiting: 2,
  lastHour: 0,
  hasty: false,
  parts: [{ id: 'd', title: 'Plan', kind: 'document' }],
  passes: 0,
  mayRevoke: true,
};

describe('an invitation in words', () => {
  test('it says how often it was used, when it ends and who waits, in both languages', async () => {
    expect(standingOf(invite, now)).toBe('used 1 of 3 · ends in 2 days · 2 wait to be let in');
    expect(kindOf(invite)).toBe('Guest, after approval, only “Plan”');
    await speak('ru');
    expect(standingOf(invite, now)).toBe('использовано 1 из 3 · закончится через 2 дня · 2 ждут одобрения');
    expect(kindOf(invite)).toBe('Гость, с одобрением, только «Plan»');
  });

  test('what is over says why: revoked first, then used up, then its end', () => {
    expect(stateOf(invite, now)).toBe('open');
    expect(stateOf({ ...invite, expiresAt: now }, now)).toBe('ended');
    expect(stateOf({ ...invite, expiresAt: now, used: 3 }, now)).toBe('used');
    expect(stateOf({ ...invite, used: 3, revoked: true }, now)).toBe('revoked');
    expect(standingOf({ ...invite, used: 3, waiting: 0 }, now)).toBe('used 3 of 3');
    expect(standingOf({ ...invite, revoked: true, waiting: 0 }, now)).toBe('used 1 of 3 · revoked');
  });

  test('never more time is promised than is left', () => {
    expect(until(now + 47 * HOUR, now)).toBe('in 1 day');
    expect(until(now + 23 * HOUR + 1, now)).toBe('in 23 hours');
    expect(until(now + 1_000, now)).toBe('in 1 minute');
  });

  test('the text to send names who invites, to what and until when, and its link is found again', async () => {
    const url = `https://lgos.example/#/join/${'Ab-_'.repeat(30)}`;
    const facts = { space: 'Team', object: 'Plan', from: 'Anna', expiresAt: now, confirm: true, url };
    const text = invitationText(facts);
    expect(text).toContain('Anna invites you to “Plan” in the space “Team” in LGOS.');
    expect(text).toContain('2027');
    expect(linkIn(`Hi!\n${text}\nSee you`)).toBe('Ab-_'.repeat(30));
    expect(linkIn('Ab-_'.repeat(30))).toBe('Ab-_'.repeat(30));
    expect(linkIn('K7QM3-T9XH2')).toBeNull();
    await speak('ru');
    expect(invitationText({ ...facts, object: null })).toContain('Anna приглашает вас в пространство «Team» в LGOS.');
  });

  test('a reason that is known is told in the language of the interface, any other as the kernel says it', async () => {
    await speak('ru');
    const told = { type: 'joinRefused', message: 'x', safe: 'y', next: 'z' };
    expect(inWords(told).message).toBe('Вам отказали.');
    expect(inWords({ ...told, type: 'other' })).toEqual({ message: 'x', next: 'y z' });
  });
});
