import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, diff, share } from '../../src/bridge/patch';

type Row = { id: string; text: string; nested: { n: number }[] };
const rows = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...'abcdefghijkl'),
    text: fc.constantFrom('', 'x', 'y'),
    nested: fc.array(fc.record({ n: fc.nat(2) }), { maxLength: 2 }),
  }),
  { selector: (row) => row.id, maxLength: 12 },
);
const applied = (before: unknown, after: unknown) => {
  const patch = diff(before, after);
  return patch ? applyPatch(before, structuredClone(patch)) : before;
};

describe('patches', () => {
  it('[BR1] [BR2] any rows become any other rows; equal rows stay the same objects', () => {
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const result = applied(before, after) as Row[];
        expect(result).toEqual(after);
        const equal = (row: Row) => before.find((old) => JSON.stringify(old) === JSON.stringify(row));
        for (const row of result) {
          const old = equal(row);
          if (old) expect(row).toBe(old);
        }
        if (JSON.stringify(before) === JSON.stringify(after)) expect(result).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('[BR1] [BR2] any JSON becomes any other JSON, keeping equal parts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(applied(before, after)).toEqual(after);
        expect(share(before, structuredClone(before))).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('sends one row for one change among ten thousand', () => {
    const before = Array.from({ length: 10_000 }, (_, index) => ({ id: `r${index}`, text: 'a' }));
    const changed = before.map((row, index) => (index === 5_000 ? { ...row, text: 'b' } : row));
    const sent = (next: unknown) => diff(before, next);
    expect(sent(changed)).toEqual({
      type: 'rows',
      edits: [[{ at: 5_000, drop: 1, put: [{ from: 5_000, item: { id: 'r5000', text: 'b' } }] }]],
    });
    expect(sent([...before, { id: 'new', text: '' }])).toEqual({
      type: 'rows',
      edits: [[{ at: 10_000, drop: 0, put: [{ item: { id: 'new', text: '' } }] }]],
    });
    // What moved is named by where it stood, however far; what stands between is not spoken of.
    const moved = [before[9_000], ...before.slice(0, 9_000), ...before.slice(9_001)];
    expect(sent(moved)).toEqual({
      type: 'rows',
      edits: [
        [
          { at: 0, drop: 0, put: [{ from: 9_000 }] },
          { at: 9_000, drop: 1, put: [] },
        ],
      ],
    });
    expect((applied(before, moved) as unknown[])[0]).toBe(before[9_000]);
  });

  it('sends answers whole that are no rows: ids missing or twice', () => {
    expect(diff([{ id: 'a' }], [{ id: 'a' }, { id: 'a' }])?.type).toBe('whole');
    expect(diff([{ id: 'a' }], [{ no: 1 }])?.type).toBe('whole');
    expect(diff({ a: 1 }, { a: 1 })).toBeUndefined();
    expect(diff([], { id: 'a' })?.type).toBe('whole');
  });

  it('[BR2] keeps equal bytes and the unchanged branches of an object', () => {
    const before = { bytes: Uint8Array.of(1, 2), left: { a: [1] }, right: { b: 1 } };
    const after = share(before, { bytes: Uint8Array.of(1, 2), left: { a: [1] }, right: { b: 2 } }) as typeof before;
    expect(after).not.toBe(before);
    expect(after.left).toBe(before.left);
    expect(after.bytes).toBe(before.bytes);
    expect(after.right).toEqual({ b: 2 });
  });
});
