/** Sentences about access, and a client that looks with somebody else's eyes. */
import { afterEach, describe, expect, test } from 'vitest';
import { CALL_NAMES, CALLS } from '../../src/bridge/calls';
import type { KernelClient } from '../../src/bridge/client';
import type { AuditRow, GrantLink, MissingLink, Person, Refusal } from '../../src/bridge/messages';
import { linkWords, missingWords } from '../../src/view/kit/access';
import { speak } from '../../src/view/kit/i18n';
import { clientAs } from '../../src/view/kit/viewing';
import { auditText, auditWords } from '../../src/view/shell/auditWords';

const person = (name: string): Person => ({ userId: name, name, hue: 1 });
const at = new Date(2026, 4, 3, 9, 5).getTime();
const until = new Date(2026, 4, 3, 18, 0).getTime();
const now = new Date(2026, 4, 3, 10, 0).getTime();
const link = (code: GrantLink['code'], more: Partial<GrantLink> = {}): GrantLink => ({
  id: code,
  code,
  at,
  by: person('Anna'),
  deviceId: 'd',
  to: person('Boris'),
  role: 'admin',
  until: null,
  parts: null,
  passes: 0,
  ...more,
});
const chain = [
  link('founded'),
  link('granted'),
  link('joined', {
    by: person('Boris'),
    to: person('Vera'),
    role: 'guest',
    until,
    parts: [{ id: '1', title: 'Plan', kind: 'document' }],
  }),
  link('passedOn', { parts: [{ id: '2', title: '', kind: 'unknown' }], passes: 1 }),
  link('stepped', { role: 'member' }),
];

afterEach(() => speak('en'));

describe('sentences', () => {
  test('a chain is told in plain words, in both languages', async () => {
    expect(chain.map((each) => linkWords(each, now))).toEqual([
      'Anna founded the space (09:05).',
      'Anna made Boris Admin (09:05).',
      'Boris invited Vera as Guest to “Plan” until 18:00 (09:05).',
      'Anna passed their right on to Boris: Admin of something that is not on this device (09:05). The right may be passed on once.',
      'Boris stepped down to Member (09:05).',
    ]);
    await speak('ru');
    expect(chain.map((each) => linkWords(each, now))).toEqual([
      'Основатель пространства: Anna (09:05).',
      'Boris получает роль «Администратор». Решение: Anna (09:05).',
      'Vera входит по приглашению, роль «Гость», только «Plan», до 18:00. Приглашение: Boris (09:05).',
      'Anna передаёт своё право: Boris, роль «Администратор», только то, чего нет на этом устройстве (09:05). Это право можно передать дальше 1 раз.',
      'Boris переходит на роль «Участник» по своей воле (09:05).',
    ]);
  });

  test('each missing link has words of its own, without a hole', async () => {
    const codes = [
      'stranger',
      'asking',
      'removed',
      'banned',
      'left',
      'ended',
      'outside',
      'role',
      'policy',
      'device',
      'viewing',
    ] as const satisfies readonly MissingLink['code'][];
    for (const language of ['en', 'ru'] as const) {
      await speak(language);
      const words = codes.map((code) =>
        missingWords({ code, by: person('Anna'), at, role: 'guest', needs: 'member' }, now),
      );
      expect(new Set(words).size).toBe(codes.length);
      for (const each of words) expect(each).not.toMatch(/[{}]|undefined|not\.|: ,|\(\)/);
    }
  });

  test('every kind of the history of access is a sentence, and the text has a line for each', async () => {
    const kinds = [
      'founded',
      'granted',
      'stepped',
      'removed',
      'banned',
      'left',
      'ended',
      'adopted',
      'invited',
      'inviteRevoked',
      'joined',
      'asked',
      'deviceAdded',
      'deviceRemoved',
      'forked',
      'cleared',
      'beaconAdded',
      'beaconRemoved',
      'keyChanged',
      'keysGiven',
      'badKey',
      'rule',
    ] as const satisfies readonly AuditRow['kind'][];
    const rows = kinds.map(
      (kind): AuditRow => ({
        id: kind,
        entry: 'e',
        at,
        by: person('Anna'),
        deviceId: 'd1',
        kind,
        group: 'people',
        subject: person('Vera'),
        role: 'guest',
        until,
        uses: 2,
        confirm: true,
        name: 'Office',
        parts: kind === 'rule' ? null : [{ id: '1', title: 'Plan', kind: 'document' }],
        counts: kind !== 'granted',
        why: kind === 'granted' ? { code: 'decidedOtherwise', by: person('Boris') } : null,
        ...(kind === 'rule' ? { key: 'content', value: 'admin' } : {}),
      }),
    );
    for (const language of ['en', 'ru'] as const) {
      await speak(language);
      const words = rows.map((row) => auditWords(row, now));
      expect(new Set(words).size).toBe(kinds.length);
      for (const each of words) expect(each).not.toMatch(/[{}]|undefined|audit\.\w|rule\.\w/);
      expect(auditText('Team', rows, now).split('\n')).toHaveLength(rows.length + 4);
    }
    await speak('en');
    expect(auditWords(rows[1] as AuditRow, now)).toBe('Anna made Vera Guest of “Plan”, until 18:00.');
    expect(auditText('Team', rows, now)).toContain('Does not count\tBoris had decided otherwise meanwhile.');
  });
});

describe('other eyes', () => {
  const asked: unknown[][] = [];
  const client = new Proxy({} as KernelClient, {
    get:
      (_target, name) =>
      (...args: unknown[]) => {
        asked.push([name, ...args]);
        return Promise.resolve(name);
      },
  });
  const looking = clientAs(client, { spaceId: 's', title: 'Team', userId: 'u' });

  test('nothing is written: every call that writes is refused before it reaches the kernel', async () => {
    const writes = CALL_NAMES.filter((name) => CALLS[name] === 'write');
    expect(writes.length).toBeGreaterThan(8);
    asked.length = 0;
    for (const name of writes) {
      const call = looking[name] as (...args: unknown[]) => Promise<unknown>;
      const refused = await call('os.setPolicy', {}).catch((refusal: Refusal) => refusal.type);
      expect({ name, refused }).toEqual({ name, refused: 'viewing' });
    }
    // What views do by themselves is left undone in silence.
    await looking.run('chat.markRead', {});
    await looking.run('os.saveDraft', {});
    expect(asked).toEqual([]);
  });

  test('every question is asked as the person', async () => {
    asked.length = 0;
    await looking.query('os.spaces', {});
    looking.store('chat.channels', { spaceId: 's' });
    looking.watch('os.me', {}, () => {});
    expect(asked.map(([call, name, args]) => [call, name, args])).toEqual([
      ['query', 'os.viewAs', { spaceId: 's', userId: 'u', name: 'os.spaces', args: {} }],
      ['store', 'os.viewAs', { spaceId: 's', userId: 'u', name: 'chat.channels', args: { spaceId: 's' } }],
      ['watch', 'os.viewAs', { spaceId: 's', userId: 'u', name: 'os.me', args: {} }],
    ]);
  });
});
