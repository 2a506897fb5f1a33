import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/base/bytes';
import { crc32 } from '../../../src/base/checksum';
import { encode, u32 } from '../../../src/base/codec';
import { seededRandom } from '../../../src/base/random';
import { cutIntoSegments, foldPlan, type SegmentRow } from '../../../src/vm/journal/fold';
import {
  decodeIndex,
  encodeIndex,
  holds,
  indexKeyOf,
  readKey,
  runsOf,
  segmentKeyOf,
} from '../../../src/vm/journal/places';
import {
  decodeSegment,
  encodeSegment,
  entriesIn,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_ENTRIES,
  slotOf,
} from '../../../src/vm/journal/segment';
import type { Entry } from '../../../src/vm/op/entry';
import { chainOf, SPACE, spaceNamed } from './entries';

const KEY = segmentKeyOf(SPACE, 7);
const INDEX_KEY = indexKeyOf(SPACE, 7);
const segmentOf = (entries: readonly Entry[]) => encodeSegment(KEY, entries.map(slotOf));
const opened = (key: string, bytes: Uint8Array) => {
  const slots = decodeSegment(key, bytes);
  return slots.ok ? entriesIn(key, slots.value) : slots;
};

describe('the checksum', () => {
  it('is CRC-32 as everybody has it, whole and in parts', () => {
    expect(crc32(utf8('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
    const bytes = utf8('The quick brown fox jumps over the lazy dog');
    expect(crc32(bytes)).toBe(0x414fa339);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(0x414fa339);
  });
});

describe('segments', () => {
  it('come back as they were written', () => {
    const chain = chainOf(5);
    expect(opened(KEY, segmentOf(chain))).toEqual({ ok: true, value: chain });
    const full = [...chainOf(MAX_SEGMENT_ENTRIES / 2), ...chainOf(MAX_SEGMENT_ENTRIES / 2, { incarnation: 1 })];
    expect(opened(KEY, segmentOf(full))).toEqual({ ok: true, value: full });
  });

  it('show every flipped byte, every cut and every addition as damage', () => {
    const bytes = segmentOf(chainOf(2));
    const random = seededRandom(5);
    for (let i = 0; i < bytes.length; i++) {
      const copy = new Uint8Array(bytes);
      copy[i] = (copy[i] as number) ^ (1 + random.below(255));
      expect(opened(KEY, copy)).toMatchObject({ ok: false, error: { type: 'damaged', key: KEY } });
      expect(opened(KEY, bytes.subarray(0, i)).ok).toBe(false);
    }
    expect(opened(KEY, Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });

  it('show a record under another key as damage', () => {
    expect(opened(segmentKeyOf(SPACE, 8), segmentOf(chainOf(2))).ok).toBe(false);
  });

  it('show an entry that is not at home where the record says as damage, though the checksum fits', () => {
    const [one, two] = chainOf(2).map(slotOf);
    if (!one || !two) throw new Error('two entries');
    for (const slots of [
      [{ ...one, seq: 1 }],
      [{ ...one, log: '00'.repeat(32) as never }],
      [{ ...one, bytes: two.bytes }],
    ])
      expect(opened(KEY, encodeSegment(KEY, slots))).toMatchObject({ ok: false, error: { type: 'damaged' } });
  });

  it('of a later format are told as such, so that nobody discards them', () => {
    const bytes = segmentOf(chainOf(1));
    const later = bytes.slice(0, -4);
    later[0] = 3;
    const sum = crc32(later, crc32(utf8(`${KEY}\0`)));
    expect(decodeSegment(KEY, concat(later, encode(u32, sum)))).toMatchObject({ ok: false, error: { type: 'newer' } });
  });

  it('take garbage of any shape without a throw, also with a checksum that fits', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.constantFrom(1, 2), (garbage, version) => {
        const record = concat(Uint8Array.of(version), garbage);
        const whole = concat(record, encode(u32, crc32(record, crc32(utf8(`${KEY}\0`)))));
        const index = concat(record, encode(u32, crc32(record, crc32(utf8(`${INDEX_KEY}\0`)))));
        decodeIndex(INDEX_KEY, index);
        const found = opened(KEY, whole);
        return !opened(KEY, garbage).ok && (!found.ok || found.value.length === 0);
      }),
      { seed: 4 },
    );
  });

  it('have keys in the order of appending, before all indexes, and know their own', () => {
    const ordinals = [0, 1, 9, 10, 99, 1_000_000];
    const keys = [
      ...ordinals.map((ordinal) => segmentKeyOf(SPACE, ordinal)),
      ...ordinals.map((ordinal) => indexKeyOf(SPACE, ordinal)),
    ];
    expect([...keys].sort()).toEqual(keys);
    expect(keys.map((key) => readKey(SPACE, key))).toEqual([
      ...ordinals.map((ordinal) => ({ type: 'segment', ordinal })),
      ...ordinals.map((ordinal) => ({ type: 'index', ordinal })),
    ]);
    for (const key of [segmentKeyOf(spaceNamed('other'), 1), `${SPACE}/1`, `${SPACE}/x`, SPACE, `${SPACE}/index/1`])
      expect(readKey(SPACE, key)).toBeUndefined();
  });

  it('are cut so that each keeps both limits and all entries stay in order', () => {
    const random = seededRandom(6);
    const chain = chainOf(700).map((entry) => ({
      ...slotOf(entry),
      bytes: new Uint8Array(random.below(20) ? 300 : 60_000),
    }));
    const cut = cutIntoSegments(chain);
    expect(cut.flat()).toEqual(chain);
    for (const segment of cut) {
      expect(segment.length).toBeLessThanOrEqual(MAX_SEGMENT_ENTRIES);
      expect(encodeSegment(KEY, segment).length).toBeLessThanOrEqual(MAX_SEGMENT_BYTES);
    }
    expect(cut.length).toBeLessThan(20);
    expect(cutIntoSegments([])).toEqual([]);
  });
});

describe('the fold plan', () => {
  const rowsOf = (...sizes: readonly [number, number][]): SegmentRow[] =>
    sizes.map(([entries, bytes], ordinal) => ({ key: segmentKeyOf(SPACE, ordinal), entries, bytes }));

  it('joins neighbours and leaves one alone, and what is half full', () => {
    const rows = rowsOf([1, 10], [2, 10], [200, 10], [3, 10], [1, 200_000], [4, 10], [5, 10]);
    expect(foldPlan(rows).map((group) => group.map((row) => row.entries))).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(foldPlan([])).toEqual([]);
  });

  it('rewrites what is of a former format, alone if need be', () => {
    const rows = rowsOf([200, 10], [3, 10], [200, 10], [1, 10], [2, 10]).map((row, i) => ({ ...row, old: i < 3 }));
    expect(foldPlan(rows).map((group) => group.map((row) => row.entries))).toEqual([[200], [3], [200], [1, 2]]);
  });

  it('keeps both limits, joins neighbours only, each once, and has nothing left to do after a few rounds', () => {
    const row = fc.tuple(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 100, max: MAX_SEGMENT_BYTES }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (sizes) => {
        const rows = rowsOf(...sizes);
        const entries = rows.reduce((sum, row) => sum + row.entries, 0);
        for (let round = 0; round < 10; round++) {
          const groups = foldPlan(rows);
          if (groups.length === 0) break;
          for (const group of groups) {
            const first = rows.indexOf(group[0] as SegmentRow);
            expect(rows.slice(first, first + group.length)).toEqual(group);
            const joined = {
              key: group[0]?.key as string,
              entries: group.reduce((sum, row) => sum + row.entries, 0),
              bytes: group.reduce((sum, row) => sum + row.bytes, 0),
            };
            expect(group.length).toBeGreaterThan(1);
            expect(joined.entries).toBeLessThanOrEqual(MAX_SEGMENT_ENTRIES);
            expect(joined.bytes).toBeLessThanOrEqual(MAX_SEGMENT_BYTES);
            rows.splice(first, group.length, joined);
          }
        }
        expect(rows.reduce((sum, row) => sum + row.entries, 0)).toBe(entries);
        expect(foldPlan(rows).length).toBe(0);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('the index of a segment', () => {
  const slots = [...chainOf(20).slice(5), ...chainOf(3, { incarnation: 1 }), ...chainOf(23).slice(20)].map(slotOf);

  it('comes back as it was written, and knows each place of its segment and no other', () => {
    const runs = runsOf(slots);
    expect(runs.map(({ from, count }) => [from, count])).toEqual([
      [5, 15],
      [0, 3],
      [20, 3],
    ]);
    expect(decodeIndex(INDEX_KEY, encodeIndex(INDEX_KEY, runs))).toEqual(runs);
    for (const log of new Set(slots.map((slot) => slot.log)))
      for (let seq = 0; seq < 30; seq++)
        expect(holds(runs, log, seq)).toBe(slots.some((slot) => slot.log === log && slot.seq === seq));
  });

  it('is not believed with a flipped byte, a cut, or under another key', () => {
    const bytes = encodeIndex(INDEX_KEY, runsOf(slots));
    for (let i = 0; i < bytes.length; i++) {
      const copy = new Uint8Array(bytes);
      copy[i] = (copy[i] as number) ^ 1;
      expect(decodeIndex(INDEX_KEY, copy)).toBeUndefined();
      expect(decodeIndex(INDEX_KEY, bytes.subarray(0, i))).toBeUndefined();
    }
    expect(decodeIndex(indexKeyOf(SPACE, 8), bytes)).toBeUndefined();
  });
});
