/** The picture of the network lab: where nodes stand, what is seen of an entry at a time, and how figures read. */
import { describe, expect, it } from 'vitest';
import type { LabEntry } from '../../lab/messages';
import { entryAt } from '../../src/view/lab/draw';
import { placesOf } from '../../src/view/lab/layout';
import { delay, number, share } from '../../src/view/lab/words';

const whole = new Uint8Array(14);
const halved = Uint8Array.from({ length: 14 }, (_, place) => (place < 12 ? (place < 6 ? 0 : 1) : place - 12));

describe('the picture of a lab', () => {
  it('places: devices on a ring within the square, each apart from the others, beacons inside of it', () => {
    const places = placesOf(12, whole, false);
    expect(new Set(places.map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`)).size).toBe(14);
    const far = places.map(({ x, y }) => Math.hypot(x, y));
    expect(Math.max(...far)).toBeLessThan(1);
    expect(Math.min(...far.slice(0, 12))).toBeGreaterThan(2 * Math.max(...far.slice(12)));
    expect(placesOf(12, new Uint8Array(13), false)[12]).toEqual({ x: 0, y: expect.closeTo(0) });
  });
  it('places: while it is split, each half stands on its own side, and nobody leaves the square', () => {
    const places = placesOf(12, halved, true);
    for (const [place, { x, y }] of places.entries()) {
      expect(x > 0).toBe(halved[place] === 0);
      expect(Math.hypot(x, y)).toBeLessThan(1.1);
      expect(Math.abs(x)).toBeLessThan(1);
    }
  });
  it('an entry: the newest that had been written is shown, with what had come and what was under way', () => {
    const hop = (to: number, sentAt: number, at: number) => ({ from: 0, to, sentAt, at, isFirst: true });
    const entries: readonly LabEntry[] = [
      { author: 0, writtenAt: 100, hops: [hop(1, 100, 150)] },
      { author: 0, writtenAt: 1_000, hops: [hop(1, 1_000, 1_060), hop(2, 1_000, 1_200), hop(3, 1_060, 1_300)] },
    ];
    expect(entryAt(entries, 50)).toBeUndefined();
    expect(entryAt(entries, 999)).toMatchObject({ entry: entries[0], underWay: [] });
    const seen = entryAt(entries, 1_100);
    expect(seen?.came.map(({ to }) => to)).toEqual([1]);
    expect(seen?.underWay.map(({ to }) => to)).toEqual([2, 3]);
  });
  it('figures: what is not all never reads as all, and what is not known is a dash', () => {
    expect([share(1), share(0.9999), share(0.5), share(undefined)]).toEqual(['100%', '99.9%', '50%', '–']);
    expect([delay(236.4), delay(1_240), delay(undefined), number(1.736, 2)]).toEqual(['236 ms', '1.2 s', '–', '1.74']);
  });
});
