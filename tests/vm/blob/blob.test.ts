import { describe, expect, it } from 'vitest';
import { concat, equalBytes, toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { webCrypto } from '../../../src/platform/webcrypto';
import {
  blobIdOf,
  isChunk,
  MAX_BLOB,
  MAX_CHUNK,
  MAX_MANIFEST,
  openBlob,
  readManifest,
  type SealedBlob,
  sealBlob,
} from '../../../src/vm/blob/chunk';
import { getBlob, getManifest, piecesHere, putBlob, putChunk, putManifest } from '../../../src/vm/blob/store';
import type { BlobId, DeviceId } from '../../../src/vm/op/ids';

const crypto = webCrypto();
const random = seededRandom(1);
const KEY = random.bytes(32);
const SEED = random.bytes(16);
const sealed = async (bytes: Uint8Array, key = KEY, seed = SEED): Promise<SealedBlob> => {
  const result = await sealBlob(crypto, bytes, key, seed);
  if (!result.ok) throw new Error('too large');
  return result.value;
};
const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = new Uint8Array(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};
const TEXT = random.bytes(200_000);

describe('sealed blobs', () => {
  it('open to what was sealed, at every size around a chunk', async () => {
    const chunk = MAX_CHUNK - 28;
    for (const size of [0, 1, 1000, chunk - 1, chunk, chunk + 1, 3 * chunk, 200_000]) {
      const text = random.bytes(size);
      const blob = await sealed(text);
      expect(blob.chunks.length).toBe(Math.ceil(size / chunk));
      for (const piece of blob.chunks) expect(piece.length).toBeLessThanOrEqual(MAX_CHUNK);
      const opened = await openBlob(crypto, blob, KEY);
      expect(opened.ok && equalBytes(opened.value, text)).toBe(true);
    }
  });

  it('have the same id for the same text, key and seed, and another one for any other', async () => {
    const id = (await sealed(TEXT)).id;
    expect((await sealed(TEXT)).id).toBe(id);
    const others = await Promise.all([
      sealed(flip(TEXT, 5)),
      sealed(TEXT, random.bytes(32)),
      sealed(TEXT, KEY, random.bytes(16)),
    ]);
    expect(new Set([id, ...others.map((other) => other.id)]).size).toBe(4);
  });

  it('never use one nonce for two texts under one key and seed', async () => {
    const nonces = new Set<string>();
    const blobs = await Promise.all([sealed(TEXT), sealed(flip(TEXT, 0)), sealed(TEXT.subarray(0, 199_999))]);
    const nonceOf = (chunk: Uint8Array) => toHex(chunk.subarray(0, 12));
    for (const { chunks } of blobs)
      for (const chunk of chunks) nonces.add(`${nonceOf(chunk)} ${toHex(chunk.subarray(12, 44))}`);
    expect(new Set([...nonces].map((pair) => pair.slice(0, 24))).size).toBe(nonces.size);
  });

  it('of files say whose they are, in their id; those of before and of payloads are read as they were', async () => {
    const owner = 'd1'.repeat(32) as DeviceId;
    const of = await sealBlob(crypto, TEXT, KEY, SEED, owner);
    const nobodys = await sealed(TEXT);
    if (!of.ok) throw new Error('too large');
    expect(of.value.id).not.toBe(nobodys.id);
    expect(readManifest(of.value.id, of.value.manifest)).toMatchObject({
      ok: true,
      value: { owner, size: TEXT.length },
    });
    const before = readManifest(nobodys.id, nobodys.manifest);
    expect([nobodys.manifest[0], before.ok && before.value.owner]).toEqual([1, undefined]);
    const opened = await openBlob(crypto, of.value, KEY);
    expect(opened.ok && equalBytes(opened.value, TEXT)).toBe(true);
  });

  it('refuse a text above 32 mebibytes', async () => {
    expect(await sealBlob(crypto, new Uint8Array(MAX_BLOB + 1), KEY, SEED)).toEqual({
      ok: false,
      error: { type: 'tooLarge', size: MAX_BLOB + 1 },
    });
  });

  it('show every flipped bit: in the manifest, in a chunk, in the key', async () => {
    const blob = await sealed(TEXT);
    for (let bit = 0; bit < blob.manifest.length * 8; bit++) {
      expect(await openBlob(crypto, { ...blob, manifest: flip(blob.manifest, bit) }, KEY)).toEqual({
        ok: false,
        error: { type: 'damaged' },
      });
    }
    for (let trial = 0; trial < 60; trial++) {
      const index = random.below(blob.chunks.length);
      const chunks = blob.chunks.map((chunk, i) => (i === index ? flip(chunk, random.below(chunk.length * 8)) : chunk));
      expect(await openBlob(crypto, { ...blob, chunks }, KEY)).toEqual({
        ok: false,
        error: { type: 'damaged', index },
      });
    }
    for (let bit = 0; bit < 256; bit += 11)
      expect(await openBlob(crypto, blob, flip(KEY, bit))).toEqual({ ok: false, error: { type: 'wrongKey' } });
  });

  it('show chunks that are missing, added or in another order', async () => {
    const blob = await sealed(TEXT);
    const [a, b, ...rest] = blob.chunks as [Uint8Array, Uint8Array, ...Uint8Array[]];
    expect((await openBlob(crypto, { ...blob, chunks: [b, a, ...rest] }, KEY)).ok).toBe(false);
    expect((await openBlob(crypto, { ...blob, chunks: blob.chunks.slice(1) }, KEY)).ok).toBe(false);
    expect((await openBlob(crypto, { ...blob, chunks: [...blob.chunks, a] }, KEY)).ok).toBe(false);
  });

  it('take no manifest that lies about its size, even under its own id', async () => {
    const { manifest } = await sealed(TEXT);
    for (const size of [0, 1, TEXT.length * 2, MAX_BLOB + 1]) {
      const lying = new Uint8Array(manifest);
      new DataView(lying.buffer).setBigUint64(1, BigInt(size));
      expect(readManifest(blobIdOf(lying), lying)).toMatchObject({ ok: false, error: { type: 'malformed' } });
    }
    const long = concat(manifest, new Uint8Array(MAX_MANIFEST));
    expect(readManifest(blobIdOf(long), long).ok).toBe(false);
    for (let i = 0; i < 100; i++) {
      const garbage = random.bytes(random.below(200));
      expect(readManifest(blobIdOf(garbage), garbage).ok).toBe(false);
    }
  });
});

describe('the blob store', () => {
  it('keeps a blob and gives it back', async () => {
    const storage = memoryStorage();
    const blob = await sealed(TEXT);
    expect((await piecesHere(storage, blob.id)).pieces).toEqual([]);
    expect(await getBlob(storage, blob.id)).toEqual({ ok: false, error: { type: 'missing' } });
    expect(await putBlob(storage, blob, 'strict')).toEqual({ ok: true, value: undefined });
    const kept = await getBlob(storage, blob.id);
    if (!kept.ok) throw new Error(kept.error.type);
    expect(kept.value.id).toBe(blob.id);
    expect(equalBytes(concat(kept.value.manifest, ...kept.value.chunks), concat(blob.manifest, ...blob.chunks))).toBe(
      true,
    );
    expect((await piecesHere(storage, blob.id)).pieces).toEqual([0, 1, 2, 3, 4]);
  });

  it('lets nothing in that the id does not promise', async () => {
    const storage = memoryStorage();
    const blob = await sealed(TEXT);
    const other = await sealed(random.bytes(1000));
    expect((await putBlob(storage, { ...blob, id: other.id }, 'strict')).ok).toBe(false);
    expect((await putBlob(storage, { ...blob, chunks: blob.chunks.slice(1) }, 'strict')).ok).toBe(false);
    expect((await putBlob(storage, { ...blob, chunks: [...blob.chunks, ...other.chunks] }, 'strict')).ok).toBe(false);
    expect((await putManifest(storage, blob.id, other.manifest)).ok).toBe(false);
    expect((await storage.list('blob', '')).length).toBe(0);
  });

  it('takes a blob piece by piece from anybody and knows what is missing', async () => {
    const storage = memoryStorage();
    const blob = await sealed(TEXT);
    const manifest = await putManifest(storage, blob.id, blob.manifest);
    if (!manifest.ok) throw new Error('refused');
    const chunks = [...blob.chunks.entries()];
    expect((await piecesHere(storage, blob.id)).pieces).toEqual([0]);
    for (const [index, chunk] of random.shuffle(chunks)) {
      expect(isChunk(manifest.value, index, chunk)).toBe(true);
      expect(await putChunk(storage, blob.id, manifest.value, index, flip(chunk, 9))).toEqual({
        ok: false,
        error: { type: 'damaged', index },
      });
      expect(await putChunk(storage, blob.id, manifest.value, chunks.length, chunk)).toMatchObject({ ok: false });
      expect((await putChunk(storage, blob.id, manifest.value, index, chunk)).ok).toBe(true);
    }
    expect((await piecesHere(storage, blob.id)).pieces).toEqual([0, ...chunks.map(([index]) => index + 1)]);
    const opened = await openBlob(crypto, blob, KEY);
    expect(opened.ok && equalBytes(opened.value, TEXT)).toBe(true);
  });

  it('calls a stored chunk with any flipped bit missing, and does not hand it out', async () => {
    const storage = memoryStorage();
    const blob = await sealed(TEXT);
    await putBlob(storage, blob, 'strict');
    const key = `${blob.id}/1`;
    const chunk = blob.chunks[1] as Uint8Array;
    for (let trial = 0; trial < 40; trial++) {
      await storage.write([{ table: 'blob', key, value: flip(chunk, random.below(chunk.length * 8)) }], 'strict');
      expect(await getBlob(storage, blob.id)).toEqual({ ok: false, error: { type: 'damaged', index: 1 } });
      expect((await piecesHere(storage, blob.id)).pieces).toEqual([0, 1, 3, 4]);
    }
    await storage.write([{ table: 'blob', key: `${blob.id}/m`, value: flip(blob.manifest, 3) }], 'strict');
    expect(await getManifest(storage, blob.id)).toEqual({ ok: false, error: { type: 'damaged' } });
    expect((await piecesHere(storage, blob.id)).pieces).toEqual([]);
    expect(await piecesHere(storage, 'ab'.repeat(32) as BlobId)).toEqual({ manifest: undefined, pieces: [] });
  });
});
