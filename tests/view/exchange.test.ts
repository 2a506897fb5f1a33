/** What an export looks like on a disk: names that every system takes, and a zip in pieces. */
import { unzipSync } from 'fflate';
import { describe, expect, test, vi } from 'vitest';
import type { DocumentRow } from '../../src/bridge/messages';
import { partsOf, placesOf } from '../../src/view/exchange/readable';
import { MOST, type Sink, zipInto } from '../../src/view/exchange/zip';
import { fileName, uniquePaths } from '../../src/view/kit/names';

describe('the name of a file', () => {
  test.each([
    ['План на осень', 'План на осень'],
    ['../../etc/passwd', 'etc passwd'],
    ['a<b>:"c|d?*\\e', 'a b c d e'],
    ['invoice\u202egpj.exe', 'invoice gpj.exe'],
    ['  . hidden. ', 'hidden'],
    ['con', '_con'],
    ['LPT1.txt', '_LPT1.txt'],
    ['שלום עולם', 'שלום עולם'],
    ['👩‍👩‍👧 семья', '👩‍👩‍👧 семья'],
    ['', 'untitled'],
    ['\u0000\n///', 'untitled'],
  ])('%j is safe: %j', (title, name) => {
    expect(fileName(title, 'untitled')).toBe(name);
  });

  test('has at most 100 bytes, and cuts no sign in two', () => {
    for (const letter of ['x', 'щ', '👩‍👩‍👧', '語']) {
      const name = fileName(letter.repeat(200), 'untitled');
      expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(100);
      expect(name.replaceAll(letter, '')).toBe('');
    }
  });

  test('is given once, also where case alone differs', () => {
    const unique = uniquePaths();
    expect(['Plan', 'plan', 'Plan'].map((name) => unique('documents/', name, '.md'))).toEqual([
      'documents/Plan.md',
      'documents/plan (2).md',
      'documents/Plan (3).md',
    ]);
  });

  test('is no folder as well, by whoever calls a folder as a file is called', () => {
    const unique = uniquePaths();
    expect([unique('documents/', 'Plan.md', '/'), unique('documents/', 'Plan', '.md')]).toEqual([
      'documents/Plan.md/',
      'documents/Plan (2).md',
    ]);
  });

  test('costs the same however many are called alike, some of them by a number', () => {
    const unique = uniquePaths();
    const normalize = vi.spyOn(String.prototype, 'normalize');
    const names = Array.from({ length: 20_000 }, (_, i) => (i < 2_000 ? `image (${i})` : 'image'));
    const paths = new Set(names.map((name) => unique('channels/files/', name, '.png')));
    const looked = normalize.mock.calls.length;
    normalize.mockRestore();
    expect(paths.size).toBe(20_000);
    expect(looked).toBeLessThan(60_000);
  });

  test.each([
    ['chart.png', ['chart', '.png']],
    ['a.tar.gz', ['a.tar', '.gz']],
    ['x.aaaaaaaaaaa bb', ['x', '.aaaaaaaaaaa']],
    [`x.a${'😀'.repeat(6)}`, ['x', `.a${'😀'.repeat(5)}`]],
    ['x.\u202egpj', ['x', '.gpj']],
    ['..', ['Untitled', '']],
  ])('its ending is as safe as the rest: %j', (name, parts) => {
    expect(partsOf(name)).toEqual(parts);
  });
});

const row = (
  id: string,
  title: string,
  parent: string | null,
  kind: DocumentRow['kind'] = 'document',
): DocumentRow => ({
  id,
  title,
  parent,
  kind,
  template: false,
  icon: '',
  depth: 0,
  unread: 0,
  mentions: 0,
  level: 'all',
});

test('documents lie in folders as in the outline, and no path grows without end', () => {
  const deep = Array.from({ length: 60 }, (_, i) => row(`f${i}`, 'a folder', i === 0 ? null : `f${i - 1}`, 'folder'));
  const places = placesOf([...deep, row('d', 'Plan', 'f59'), row('e', 'Plan', null), row('g', 'Inside', 'e')]);
  expect(places.get('e')).toBe('documents/Plan.md');
  expect(places.get('g')).toBe('documents/Plan/Inside.md');
  expect(places.get('d')?.startsWith('documents/a folder/a folder/')).toBe(true);
  expect(places.get('d')?.length).toBeLessThan(240);
});

describe('a zip in pieces', () => {
  const keptIn = () => {
    const parts: Uint8Array[] = [];
    let isClosed = false;
    const sink: Sink = {
      write: async (some) => void parts.push(...some),
      close: async () => {
        isClosed = true;
      },
    };
    return { sink, bytes: () => new Uint8Array(Buffer.concat(parts)), closed: () => isClosed };
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) & 255);
  const file = (path: string, content: Uint8Array, compress: boolean) => ({
    path,
    compress,
    bytes: (async function* () {
      yield content;
    })(),
  });

  test('holds what was put into it', async () => {
    const files = (async function* () {
      yield file('journal.lgos', bytes(600_000), false);
      yield file('documents/План.md', new TextEncoder().encode('x'.repeat(100_000)), true);
    })();
    const kept = keptIn();
    await zipInto(kept.sink, files, new Date(2026, 1, 1), new AbortController().signal);
    expect(kept.closed()).toBe(true);
    expect(kept.bytes().length).toBeLessThan(602_000);
    const found = unzipSync(kept.bytes());
    expect(Object.keys(found)).toEqual(['journal.lgos', 'documents/План.md']);
    expect(Buffer.compare(found['journal.lgos'] ?? new Uint8Array(), bytes(600_000))).toBe(0);
    expect(found['documents/План.md']?.length).toBe(100_000);
  });

  test.each(['files', 'bytes'] as const)(
    'ends before it has more %s than a zip can have, and is not closed',
    async (what) => {
      const sound = { ...MOST };
      const kept = keptIn();
      const many = async function* () {
        for (let i = 0; i < 20; i++) yield file(`${i}`, bytes(1_000), false);
      };
      const now = new Date(2026, 1, 1);
      const { signal } = new AbortController();
      await zipInto(kept.sink, many(), now, signal);
      expect(Object.keys(unzipSync(kept.bytes()))).toHaveLength(20);
      const other = keptIn();
      Object.assign(MOST, { [what]: 10 });
      const ended = zipInto(other.sink, many(), now, signal).finally(() => Object.assign(MOST, sound));
      await expect(ended).rejects.toMatchObject({ type: 'zipTooLarge' });
      expect(other.closed()).toBe(false);
    },
  );

  test('stops when it is told to', async () => {
    const control = new AbortController();
    const files = (async function* () {
      yield file('a', bytes(10), false);
      control.abort();
      yield file('b', bytes(10), false);
    })();
    const kept = keptIn();
    await expect(zipInto(kept.sink, files, new Date(2026, 1, 1), control.signal)).rejects.toThrow('abort');
    expect(kept.closed()).toBe(false);
  });

  test('goes on as it comes: what waits for a slow disk is a few pieces, however large the file', async () => {
    let [made, written, most] = [0, 0, 0];
    const files = (async function* () {
      yield {
        path: 'journal.lgos',
        compress: false,
        bytes: (async function* () {
          for (let i = 0; i < 64; i++) {
            yield bytes(1024 * 1024);
            made += 1024 * 1024;
            most = Math.max(most, made - written);
          }
        })(),
      };
    })();
    const sink = {
      write: async (parts: readonly Uint8Array[]) => {
        for (const part of parts) written += part.length;
      },
      close: async () => {},
    };
    await zipInto(sink, files, new Date(2026, 1, 1), new AbortController().signal);
    expect(written).toBeGreaterThan(64 * 1024 * 1024);
    expect(most).toBeLessThan(6 * 1024 * 1024);
  });
});
