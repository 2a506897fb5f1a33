/** Which pieces are asked of whom, and how pieces are written. */
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../src/base/codec';
import { seededRandom } from '../../../src/base/random';
import { piecesCodec } from '../../../src/vm/blob/pieces';
import { type Fetch, IN_FLIGHT, nextAsks, type Source } from '../../../src/vm/blob/swarm';
import type { BlobId } from '../../../src/vm/op/ids';

const A = 'a'.repeat(64) as BlobId;
const B = 'b'.repeat(64) as BlobId;
type OfBlob = Fetch & { readonly blob: BlobId };
const fetch = (blob: BlobId, pieces: number | undefined, more: Partial<Fetch> = {}): OfBlob => ({
  blob,
  urgent: false,
  pieces,
  have: new Set(),
  flying: new Map(),
  ...more,
});
const whole = (source: string, busy = 0): Source<string, OfBlob> => ({ source, busy, holds: () => true });
const some = (source: string, pieces: readonly number[]): Source<string, OfBlob> => ({
  source,
  busy: 0,
  holds: (_fetch, piece) => pieces.includes(piece),
});
const plain = (asks: ReturnType<typeof nextAsks<string, OfBlob>>) =>
  asks.map(({ source, fetch, pieces }) => `${source} ${fetch.blob[0]} ${[...pieces]}`);

describe('asking for pieces', () => {
  it('begins with the manifest, and asks for nothing that is here or on its way', () => {
    expect(plain(nextAsks([fetch(A, undefined)], [whole('x')]))).toEqual(['x a 0']);
    const going = fetch(A, 5, { have: new Set([0, 1]), flying: new Map([[2, 'x']]) });
    expect(plain(nextAsks([going], [whole('x', 1)]))).toEqual(['x a 3,4']);
    expect(nextAsks([fetch(A, undefined, { flying: new Map([[0, 'x']]) })], [whole('x', 1)])).toEqual([]);
  });

  it('takes pieces that few have first, of whoever is asked for the least, and only of who holds them', () => {
    const asks = nextAsks(
      [fetch(A, 4, { have: new Set([0]) })],
      [some('x', [0, 1, 2]), some('y', [2, 3]), some('z', [])],
    );
    expect(plain(asks)).toEqual(['x a 1,2', 'y a 3']);
    const shared = nextAsks([fetch(A, 8, { have: new Set([0]) })], [whole('x'), whole('y', 3)]);
    expect(plain(shared)).toEqual(['x a 1,2,3,4,6', 'y a 5,7']);
  });

  it('[BL1] asks no source for more than its share, nor all together, however many blobs and holders there are', () => {
    const many = Array.from({ length: 20 }, (_, i) => whole(`s${i}`));
    const asks = nextAsks([fetch(A, 514), fetch(B, 514)], many);
    const bySource = new Map<string, number>();
    for (const { source, pieces } of asks) bySource.set(source, (bySource.get(source) ?? 0) + pieces.size);
    expect(Math.max(...bySource.values())).toBeLessThanOrEqual(IN_FLIGHT.source);
    expect([...bySource.values()].reduce((sum, each) => sum + each, 0)).toBe(IN_FLIGHT.all);
    expect(nextAsks([fetch(A, 514)], [whole('x', IN_FLIGHT.source)])).toEqual([]);
    expect(nextAsks([fetch(A, 514, { urgent: true })], [whole('x')])[0]?.pieces.size).toBe(IN_FLIGHT.urgentSource);
  });
});

describe('pieces on the wire', () => {
  it('come back as they were, in one form alone', () => {
    const random = seededRandom(5);
    for (let i = 0; i < 200; i++) {
      const pieces = new Set(Array.from({ length: random.below(30) }, () => random.below(514)));
      const bytes = encode(piecesCodec, pieces);
      const read = decode(piecesCodec, bytes);
      expect(read.ok && [...read.value].sort((a, b) => a - b)).toEqual([...pieces].sort((a, b) => a - b));
      expect(bytes.length).toBeLessThanOrEqual(66);
    }
    expect(decode(piecesCodec, Uint8Array.of(2, 1, 0)).ok).toBe(false);
    expect(decode(piecesCodec, Uint8Array.of(65, ...new Uint8Array(64), 4)).ok).toBe(false);
    expect(decode(piecesCodec, Uint8Array.of(66, ...new Uint8Array(65), 1)).ok).toBe(false);
  });
});
