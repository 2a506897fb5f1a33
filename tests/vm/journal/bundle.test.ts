/** Bundles as files: what is written is read, and what was cut or changed is noticed. */
import { describe, expect, test } from 'vitest';
import { concat, toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { BundleWriter, readBundle } from '../../../src/vm/journal/bundle';
import type { SpaceId } from '../../../src/vm/op/ids';

const SPACE = 'ab'.repeat(32) as SpaceId;
const bytes = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);

const made = (): Uint8Array<ArrayBuffer> => {
  const writer = new BundleWriter(SPACE, bytes(7));
  for (let i = 0; i < 600; i++) writer.entry(bytes(1_000, i));
  writer.blob(bytes(40), [bytes(50), bytes(60)]);
  return writer.finish();
};

describe('a bundle', () => {
  test('gives back what was put into it, in order', () => {
    const read = readBundle(made());
    expect(read.ok && [read.value.space, read.value.entries, read.value.blobs]).toEqual([SPACE, 600, 1]);
    const sections = read.ok ? [...read.value.sections()] : [];
    const entries = sections.flatMap((section) => (section.kind === 'entries' ? section.entries : []));
    expect(entries.map((entry) => toHex(entry))).toEqual(Array.from({ length: 600 }, (_, i) => toHex(bytes(1_000, i))));
    expect(sections.slice(-3).map(({ kind }) => kind)).toEqual(['manifest', 'chunk', 'chunk']);
  });

  test('is written as the protocol says, byte for byte', () => {
    const writer = new BundleWriter(SPACE, bytes(2));
    writer.entry(bytes(3));
    expect(toHex(writer.finish())).toBe(
      '6c676f732f62756e646c650001abababababababababababababababababababababababababababababababab010000000201200200000005010301203f050000001400000000000000010000000000000000abfc0121',
    );
  });

  test('[BU1] is not taken when it was cut anywhere, lengthened, or when any byte was changed', () => {
    const whole = made();
    const random = seededRandom(7);
    const places = Array.from({ length: 200 }, () => random.below(whole.length));
    for (const at of [...places, 0, 11, 45, whole.length - 1]) {
      expect(readBundle(whole.subarray(0, at)).ok, `cut at ${at}`).toBe(false);
      const changed = whole.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(readBundle(changed).ok, `changed at ${at}`).toBe(false);
    }
    expect(readBundle(concat(whole, bytes(1))).ok).toBe(false);
  });

  test('[BU2] tells of a later version, and believes no count', () => {
    const later = made();
    later[12] = 2;
    expect(readBundle(later)).toEqual({ ok: false, error: { type: 'later' } });
    const counted = new BundleWriter(SPACE, bytes(7)).finish();
    // A section that says it is 4 GB long.
    counted.set([0xff, 0xff, 0xff, 0xff], 46);
    expect(readBundle(counted)).toEqual({ ok: false, error: { type: 'cut' } });
    expect(readBundle(bytes(100))).toEqual({ ok: false, error: { type: 'notOne' } });
  });
});
