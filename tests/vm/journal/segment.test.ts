import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import {
  cutIntoSegments,
  decodeSegment,
  encodeSegment,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_ENTRIES,
  mergePlan,
  ordinalOf,
  type SegmentRow,
  segmentKeyOf,
} from '../../../src/vm/journal/segment';
import { chainOf, SPACE, spaceNamed } from './entries';

const KEY = segmentKeyOf(SPACE, 7);

describe('segments', () => {
  it('come back as they were written', () => {
    const chain = chainOf(5);
    expect(decodeSegment(KEY, encodeSegment(KEY, chain))).toEqual({ ok: true, value: chain });
    const full = chainOf(MAX_SEGMENT_ENTRIES);
    expect(decodeSegment(KEY, encodeSegment(KEY, full))).toEqual({ ok: true, value: full });
  });

  it('show every flipped byte, every cut and every addition as damage', () => {
    const bytes = encodeSegment(KEY, chainOf(2));
    const random = seededRandom(5);
    for (let i = 0; i < bytes.length; i++) {
      const copy = new Uint8Array(bytes);
      copy[i] = (copy[i] as number) ^ (1 + random.below(255));
      expect(decodeSegment(KEY, copy)).toMatchObject({ ok: false, error: { type: 'damaged', key: KEY } });
      expect(decodeSegment(KEY, bytes.subarray(0, i)).ok).toBe(false);
    }
    expect(decodeSegment(KEY, Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });

  it('show a record under another key as damage', () => {
    expect(decodeSegment(segmentKeyOf(SPACE, 8), encodeSegment(KEY, chainOf(2))).ok).toBe(false);
  });

  it('take garbage of any shape without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !decodeSegment(KEY, bytes).ok),
      { seed: 4 },
    );
  });

  it('have keys in the order of appending, and know their own', () => {
    const keys = [0, 1, 9, 10, 99, 1_000_000].map((ordinal) => segmentKeyOf(SPACE, ordinal));
    expect([...keys].sort()).toEqual(keys);
    expect(keys.map((key) => ordinalOf(SPACE, key))).toEqual([0, 1, 9, 10, 99, 1_000_000]);
    for (const key of [segmentKeyOf(spaceNamed('other'), 1), `${SPACE}/1`, `${SPACE}/x`, SPACE])
      expect(ordinalOf(SPACE, key)).toBeUndefined();
  });

  it('are cut so that each keeps both limits and all entries stay in order', () => {
    const random = seededRandom(6);
    const chain = chainOf(700).map((entry) => ({ ...entry, body: new Uint8Array(random.below(20) ? 10 : 60_000) }));
    const cut = cutIntoSegments(chain);
    expect(cut.flat()).toEqual(chain);
    for (const segment of cut) {
      expect(segment.length).toBeLessThanOrEqual(MAX_SEGMENT_ENTRIES);
      expect(encodeSegment(KEY, segment).length).toBeLessThanOrEqual(MAX_SEGMENT_BYTES);
    }
    expect(cut.length).toBeLessThan(10);
    expect(cutIntoSegments([])).toEqual([]);
  });
});

describe('the merge plan', () => {
  const rowsOf = (...sizes: readonly [number, number][]): SegmentRow[] =>
    sizes.map(([entries, bytes], ordinal) => ({ key: segmentKeyOf(SPACE, ordinal), entries, bytes }));

  it('joins neighbours and leaves one alone, and what is half full', () => {
    const rows = rowsOf([1, 10], [2, 10], [200, 10], [3, 10], [1, 600_000], [4, 10], [5, 10]);
    expect(mergePlan(rows).map((group) => group.map((row) => row.entries))).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(mergePlan([])).toEqual([]);
  });

  it('keeps both limits, joins neighbours only, each once, and has nothing left to do after a few rounds', () => {
    const row = fc.tuple(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 100, max: 1024 * 1024 }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (sizes) => {
        const rows = rowsOf(...sizes);
        const entries = rows.reduce((sum, row) => sum + row.entries, 0);
        for (let round = 0; round < 10; round++) {
          const groups = mergePlan(rows);
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
        expect(mergePlan(rows).length).toBe(0);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});
