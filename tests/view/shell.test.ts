import { describe, expect, test } from 'vitest';
import type { SyncAnswer } from '../../src/bridge/messages';
import { initials } from '../../src/view/kit/Face';
import { isSafe } from '../../src/view/kit/marks';
import { cutBy } from '../../src/view/kit/pieces';
import { languageFrom } from '../../src/view/kit/preferences';
import { insideOf, paths, placeOf } from '../../src/view/kit/routes';
import { bestOf, cutAt, narrowing, scoreOf } from '../../src/view/shell/match';
import { readPasskeyFile, writePasskeyFile } from '../../src/view/shell/passkeyFile';
import { qrPath } from '../../src/view/shell/qr';
import { clockOffMinutes, holdersOf, syncWord } from '../../src/view/shell/sync';
import { nextUnread } from '../../src/view/shell/unread';

const holder = { deviceId: 'b', name: 'b', kind: 'beacon', linked: true, behind: 0, receiptAt: 1 } as const;
const calm: SyncAnswer = {
  online: true,
  holders: [holder],
  waiting: 0,
  files: 0,
  safe: true,
  island: null,
  clockOffsetMs: 0,
  readOnly: null,
};

describe('the sync chip', () => {
  test('without a receipt nothing is called safe or held', () => {
    expect(syncWord({ ...calm, holders: [] })).toEqual({ say: 'onlyHere' });
    expect(syncWord({ ...calm, holders: [{ ...holder, receiptAt: null }] })).toEqual({ say: 'onlyHere' });
    expect(
      holdersOf({
        ...calm,
        holders: [
          { ...holder, receiptAt: null },
          { ...holder, behind: 1 },
        ],
      }).some((one) => one.holds),
    ).toBe(false);
    expect(syncWord(undefined)).toEqual({ say: 'checking' });
    expect(syncWord(calm)).toEqual({ say: 'safe' });
    expect(syncWord(calm, 'yellow')).toEqual({ say: 'safe' });
    expect(syncWord(calm, 'red')).toEqual({ say: 'thin' });
  });

  test('what is worse is said first: not saving, offline, island, waiting', () => {
    const bad: SyncAnswer = { ...calm, readOnly: 'disk full', online: false, island: 3, waiting: 2, safe: false };
    expect(syncWord(bad).say).toBe('readOnly');
    expect(syncWord({ ...bad, readOnly: null })).toEqual({ say: 'offline', waiting: 2 });
    expect(syncWord({ ...bad, readOnly: null, online: true })).toEqual({ say: 'island', nodes: 3, waiting: 2 });
    expect(syncWord({ ...bad, readOnly: null, online: true, island: null })).toEqual({ say: 'waiting', waiting: 2 });
    const history = { here: 30, total: 40 };
    expect(syncWord({ ...bad, readOnly: null, online: true, island: null, history }).say).toBe('waiting');
    expect(syncWord({ ...calm, history })).toEqual({ say: 'history', percent: 75 });
    // Until it is through it is not told as done.
    expect(syncWord({ ...calm, history: { here: 40, total: 40 } })).toEqual({ say: 'history', percent: 99 });
  });

  test('a clock off by more than a minute is told, in whole minutes', () => {
    expect(
      [0, 60_000, 61_000, -61_000, 10_740_000].map((clockOffsetMs) => clockOffMinutes({ ...calm, clockOffsetMs })),
    ).toEqual([null, null, 2, -2, 179]);
    expect(clockOffMinutes({ ...calm, clockOffsetMs: null })).toBeNull();
  });

  test('a change is safe on a beacon or on two other devices, not before', () => {
    expect(isSafe({ step: 'devices', devices: 1 })).toBe(false);
    expect(isSafe({ step: 'devices', devices: 2 })).toBe(true);
    expect(isSafe({ step: 'beacon', beacons: 1, devices: 0 })).toBe(true);
    expect(isSafe({ step: 'saved' })).toBe(false);
  });
});

describe('addresses', () => {
  test('every place that can be linked to is read back', () => {
    expect(placeOf(paths.channel('a/b', 'c d'))).toEqual({ at: 'channel', spaceId: 'a/b', channelId: 'c d' });
    expect(placeOf(paths.document('s', 'd'))).toEqual({ at: 'document', spaceId: 's', documentId: 'd' });
    expect(placeOf(paths.members('s'))).toEqual({ at: 'members', spaceId: 's' });
    expect(placeOf('/join/abc_-123')).toEqual({ at: 'join', payload: 'abc_-123' });
  });

  test('a link names what is to be seen inside: a message, a block, what was said about it', () => {
    const message = placeOf(paths.channel('s', 'c', { message: 'm1', thread: 't/1' }));
    expect(message).toEqual({ at: 'channel', spaceId: 's', channelId: 'c', message: 'm1', thread: 't/1' });
    expect(insideOf(message)).toEqual({
      objectId: 'c',
      spaceId: 's',
      point: 'm1',
      thread: 't/1',
      about: { id: 'm1', kind: 'message' },
    });
    const block = placeOf(paths.document('s', 'd', { block: 'b&=?1' }));
    expect(block).toEqual({ at: 'document', spaceId: 's', documentId: 'd', block: 'b&=?1' });
    expect(insideOf(block)?.point).toBe('b&=?1');
    expect(insideOf(placeOf(paths.channel('s', 'c')))).toBeNull();
  });

  test('an invitation has its address, the field for any of its forms another', () => {
    expect(placeOf(paths.join('AbC-_1'))).toEqual({ at: 'join', payload: 'AbC-_1' });
    expect(placeOf(paths.paste)).toEqual({ at: 'paste' });
    expect(placeOf(paths.invitations('s1'))).toEqual({ at: 'invitations', spaceId: 's1' });
  });

  test('an unknown or broken address is home, never an error', () => {
    for (const path of ['', '/', '/x/y', '/s', '/s/%E0%A4%A']) expect(['home', 'space']).toContain(placeOf(path).at);
  });
});

describe('the next unread', () => {
  const rows = [0, 2, 0, 1].map((unread, i) => ({ id: `c${i}`, unread }));
  test('comes after what is open, around the end, and never is what is open', () => {
    expect(nextUnread(rows, 'c1', 1)?.id).toBe('c3');
    expect(nextUnread(rows, 'c3', 1)?.id).toBe('c1');
    expect(nextUnread(rows, 'c3', -1)?.id).toBe('c1');
    expect(nextUnread(rows, 'c1', -1)?.id).toBe('c3');
    expect(nextUnread(rows, null, 1)?.id).toBe('c1');
    expect(nextUnread(rows, null, -1)?.id).toBe('c3');
    expect(nextUnread([{ id: 'c0', unread: 1 }], 'c0', 1)).toBeUndefined();
  });
});

describe('the palette', () => {
  test('the beginning of a name comes before the beginning of a word, and that before the inside', () => {
    expect(scoreOf('Калибровка', 'кал')).toBeGreaterThan(scoreOf('Журнал калибровки', 'кал'));
    expect(scoreOf('Журнал калибровки', 'кал')).toBeGreaterThan(scoreOf('Рекалибровка', 'кал'));
    expect(scoreOf('Журнал', 'кал')).toBe(0);
    expect(scoreOf('Ёмкость', 'ем')).toBe(1);
  });

  test('of many names the best are listed, the best first', () => {
    const names = ['Рекалибровка', 'Журнал калибровки', 'Журнал', 'Калибровка'];
    const best = (words: string, most: number) => bestOf(names, (name) => name, words, most);
    expect(best('кал', 3)).toEqual(['Калибровка', 'Журнал калибровки', 'Рекалибровка']);
    expect(best('кал', 2)).toEqual(['Калибровка', 'Журнал калибровки']);
    expect(best('', 2)).toEqual(['Рекалибровка', 'Журнал калибровки']);
  });

  test('what was found is marked in the name as it is written', () => {
    expect(cutAt('Журнал Калибровки', 'калиб').map((piece) => [piece.text, piece.hit])).toEqual([
      ['Журнал ', false],
      ['Калиб', true],
      ['ровки', false],
    ]);
    expect(
      cutAt('İstanbul', 'stan')
        .map((piece) => piece.text)
        .join(''),
    ).toBe('İstanbul');
  });

  test('what a search found is marked at the places it gives', () => {
    const pieces = cutBy('Взять задачу Ады', [[6, 12]]);
    expect(pieces.map(({ text, hit }) => (hit ? `[${text}]` : text)).join('')).toBe('Взять [задачу] Ады');
    expect(cutBy('', [])).toEqual([]);
  });

  test('a sign at the beginning narrows to channels, people or commands', () => {
    expect(narrowing(' #buoy')).toEqual({ only: '#', words: 'buoy' });
    expect(narrowing('buoy #3')).toEqual({ only: null, words: 'buoy #3' });
  });
});

describe('small things', () => {
  test('the language kept wins, else the first spoken one that exists', () => {
    expect(languageFrom('ru', ['en'])).toBe('ru');
    expect(languageFrom(null, ['de-DE', 'ru-RU', 'en'])).toBe('ru');
    expect(languageFrom('xx', ['fr'])).toBe('en');
  });

  test('initials are whole letters of the first and the last word', () => {
    expect(initials('Анна Мария Сорокина')).toBe('АС');
    expect(initials('  ')).toBe('?');
    expect(initials('e\u0301va')).toBe('E\u0301'.toLocaleUpperCase());
    expect(initials('Maya Okafor', true)).toBe('M');
  });

  test('a QR code holds the longest link of an invitation', () => {
    const { size, path } = qrPath(`https://lgos.example/#/join/${'x'.repeat(1_200)}`);
    expect(size).toBeGreaterThan(100);
    expect(path).toMatch(/^M\d+ \d+h\d+v1h-\d+z/);
  });
});

describe('a key file under a passkey', () => {
  const file = { credential: 'AbC-_9', input: 'x'.repeat(43), keys: 'lgos-keys-1:Zm9v' };
  test('is read back, and nothing but a whole one is', () => {
    expect(readPasskeyFile(writePasskeyFile(file))).toEqual(file);
    for (const text of ['', file.keys, writePasskeyFile(file).slice(0, 30), `x${writePasskeyFile(file)}`])
      expect(readPasskeyFile(text)).toBeUndefined();
  });
});
