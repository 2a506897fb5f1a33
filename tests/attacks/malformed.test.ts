/** Bytes that are no frames, frames that are no messages, messages that are no entries: counted, never fatal. */
import { expect, test } from 'vitest';
import { decode, Reader } from '../../src/base/codec';
import { seededRandom } from '../../src/base/random';
import { decodeEntry } from '../../src/vm/op/entry';
import { blobChunkCodec, entriesCodec, rootCodec, vectorCodec } from '../../src/vm/sync/messages';
import { storm } from '../support/malformed';

test('[T10] 10,000 hostile frames crash nothing, fill nothing, and each refusal is counted', async () => {
  const { sent, closed, refused, uncounted, reasons, grown, faults, reopened, text, kinds } = await storm(1, 10_000);
  expect(faults).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(10_000);
  expect(kinds.size).toBeGreaterThan(4);
  expect(uncounted).toEqual([]);
  expect(refused).toBeGreaterThan(200);
  expect(closed).toBeGreaterThan(200);
  // The storm went deep: into frames, messages and entries.
  expect(reasons.length).toBeGreaterThan(8);
  expect(reasons).toContain('badEntry');
  expect(grown).toBeLessThan(50 * 1024 * 1024);
  expect(reopened).toBe(true);
  expect(text.length).toBe(20_000);
});

test('[T10] the same bytes make a reader without a boundary throw', () => {
  const random = seededRandom(7);
  let thrown = 0;
  for (let i = 0; i < 1_000; i++) {
    const bytes = random.bytes(random.below(200));
    for (const each of [rootCodec, vectorCodec, entriesCodec, blobChunkCodec]) {
      expect(() => decode(each as typeof rootCodec, bytes)).not.toThrow();
      try {
        each.read(new Reader(bytes));
      } catch {
        thrown++;
      }
    }
    expect(decodeEntry(bytes).ok).toBe(false);
  }
  expect(thrown).toBeGreaterThan(1_000);
});
