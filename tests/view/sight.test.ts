/** Which rows of a long sidebar are drawn. */
import { describe, expect, test } from 'vitest';
import { drawnOf, sightOf, WHOLE } from '../../src/view/shell/sidebar/sight';

describe('a long list', () => {
  test('is drawn around what is in sight, in whole steps, and nothing before its beginning', () => {
    expect(sightOf(0, 280, 28)).toEqual({ from: 0, to: 40 });
    expect(sightOf(-2_000, 280, 28)).toEqual({ from: 0, to: 0 });
    const { from, to } = sightOf(28_000, 280, 28);
    expect(from).toBeLessThanOrEqual(1_000 - 20);
    expect(to).toBeGreaterThanOrEqual(1_010 + 20);
    expect([from % 10, to % 10]).toEqual([0, 0]);
  });

  test('keeps what always stands, in order, and makes room for all that is left out', () => {
    const drawn = drawnOf(5_000, { from: 1_000, to: 1_060 }, [0, 4_999, 3_000, 1_010, -1, 7_000]);
    expect(drawn.map(({ at }) => at)).toEqual([0, ...Array.from({ length: 60 }, (_, i) => 1_000 + i), 3_000, 4_999]);
    expect(drawn.reduce((sum, { gap }) => sum + gap + 1, 0)).toBe(5_000);
    expect(drawn.at(1)).toEqual({ at: 1_000, gap: 999 });
  });

  test('is drawn whole where it is short, and where sight lies beyond its end what stands is still there', () => {
    expect(drawnOf(WHOLE, { from: 50, to: 60 }, [])).toHaveLength(WHOLE);
    expect(drawnOf(200, { from: 900, to: 960 }, [0, 199]).map(({ at, gap }) => [at, gap])).toEqual([
      [0, 0],
      [199, 198],
    ]);
    expect(drawnOf(0, { from: 0, to: 10 }, [0, -1])).toEqual([]);
  });
});
