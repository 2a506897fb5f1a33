/**
 * Sealed blobs: payloads too large for an op. A blob is cut into chunks, each encrypted under the blob's own key; the
 * manifest lists their hashes, and the hash of the manifest is the blob's id. Whoever holds the id can check every byte
 * before keeping it, without the key. The key travels in the op that names the blob, so that erasing the op ends it.
 */
import { concat, equalBytes, toHex } from '../../base/bytes';
import {
  type Codec,
  DecodeError,
  decode,
  encode,
  fixed,
  list,
  type Malformed,
  record,
  u32,
  u64,
} from '../../base/codec';
import { hash, hmacSha256 } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { Crypto } from '../../ports';
import { type BlobId, type DeviceId, deviceIdCodec } from '../op/ids';

/** In bytes, of the text. */
export const MAX_BLOB = 32 * 1024 * 1024;
/** In bytes, of a chunk as stored and sent: nonce, ciphertext, tag. */
export const MAX_CHUNK = 64 * 1024;
const NONCE = 12;
const CHUNK_TEXT = MAX_CHUNK - NONCE - 16;
export const MAX_CHUNKS = Math.ceil(MAX_BLOB / CHUNK_TEXT);

/** `size` of the text in bytes; `hashes` of the chunks as stored, in order; `owner` of a file, which sealed it. */
export type Manifest = {
  readonly owner?: DeviceId | undefined;
  readonly size: number;
  readonly hashes: readonly Uint8Array<ArrayBuffer>[];
};
export type SealedBlob = { readonly id: BlobId; readonly manifest: Uint8Array; readonly chunks: readonly Uint8Array[] };

const hashesCodec = list(fixed(32), MAX_CHUNKS);
/** Version 1 is of payloads and snapshots, and of files of before; 2 is of files, and says whose they are. */
const manifestCodec: Codec<Manifest> = {
  write: (writer, { owner, size, hashes }) => {
    writer.u8(owner ? 2 : 1);
    if (owner) deviceIdCodec.write(writer, owner);
    u64.write(writer, size);
    hashesCodec.write(writer, hashes);
  },
  read: (reader) => {
    const version = reader.u8();
    if (version !== 1 && version !== 2) throw new DecodeError(`blob version ${version}`);
    const owner = version === 2 ? deviceIdCodec.read(reader) : undefined;
    return { owner, size: u64.read(reader), hashes: hashesCodec.read(reader) };
  },
};
/** At most, in bytes. */
export const MAX_MANIFEST = 48 + 32 * MAX_CHUNKS;

export const blobIdOf = (manifest: Uint8Array): BlobId => toHex(hash('lgos/blob/1', manifest)) as BlobId;

export type TooLarge = { readonly type: 'tooLarge'; readonly size: number };

/** `key` 32 random bytes, for this blob alone; `nonceSeed` at least 16 random bytes; `owner` of a file. */
export const sealBlob = async (
  crypto: Crypto,
  bytes: Uint8Array,
  key: Uint8Array,
  nonceSeed: Uint8Array,
  owner?: DeviceId,
): Promise<Result<SealedBlob, TooLarge>> => {
  if (bytes.length > MAX_BLOB) return err({ type: 'tooLarge', size: bytes.length });
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < chunksOf(bytes.length); i++) {
    const place = placeOf(bytes.length, i);
    const text = bytes.subarray(i * CHUNK_TEXT, (i + 1) * CHUNK_TEXT);
    // Bound to the text too, as in entries: a seed used twice by mistake must not repeat a nonce for another text.
    const nonce = hmacSha256(nonceSeed, concat(place, hash('lgos/chunk-text/1', text))).slice(0, NONCE);
    chunks.push(concat(nonce, await crypto.seal(key, nonce, text, place)));
  }
  const manifest = encode(manifestCodec, { owner, size: bytes.length, hashes: chunks.map(chunkHashOf) });
  return ok({ id: blobIdOf(manifest), manifest, chunks });
};

/** `damaged`: not the bytes that the id promises; `index` of the chunk, or none for the manifest. */
export type BlobDamaged = { readonly type: 'damaged'; readonly index?: number };
export type OpenBlobError = BlobDamaged | Malformed | { readonly type: 'wrongKey' };

export const openBlob = async (
  crypto: Crypto,
  blob: SealedBlob,
  key: Uint8Array,
): Promise<Result<Uint8Array<ArrayBuffer>, OpenBlobError>> => {
  const manifest = readManifest(blob.id, blob.manifest);
  if (!manifest.ok) return manifest;
  const { size, hashes } = manifest.value;
  if (blob.chunks.length !== hashes.length)
    return err({ type: 'damaged', index: Math.min(blob.chunks.length, hashes.length) });
  const texts: Uint8Array[] = [];
  for (const [index, chunk] of blob.chunks.entries()) {
    if (!isChunk(manifest.value, index, chunk)) return err({ type: 'damaged', index });
    const text = await crypto.open(key, chunk.subarray(0, NONCE), chunk.subarray(NONCE), placeOf(size, index));
    if (!text) return err({ type: 'wrongKey' });
    texts.push(text);
  }
  return ok(concat(...texts));
};

/** The manifest of this very id, with as many chunks as its size needs. */
export const readManifest = (id: BlobId, bytes: Uint8Array): Result<Manifest, BlobDamaged | Malformed> => {
  if (bytes.length > MAX_MANIFEST || blobIdOf(bytes) !== id) return err({ type: 'damaged' });
  const decoded = decode(manifestCodec, bytes);
  if (!decoded.ok) return decoded;
  const { size, hashes } = decoded.value;
  if (size > MAX_BLOB) return err({ type: 'malformed', message: `${size} bytes, at most ${MAX_BLOB}` });
  if (hashes.length !== chunksOf(size)) return err({ type: 'malformed', message: 'chunks do not fit the size' });
  return ok(decoded.value);
};

/** Whether these are the bytes of chunk `index`. */
export const isChunk = (manifest: Manifest, index: number, chunk: Uint8Array): boolean => {
  const promised = manifest.hashes[index];
  return promised !== undefined && chunk.length <= MAX_CHUNK && equalBytes(chunkHashOf(chunk), promised);
};

const chunksOf = (size: number): number => Math.ceil(size / CHUNK_TEXT);
const chunkHashOf = (chunk: Uint8Array): Uint8Array<ArrayBuffer> => hash('lgos/chunk/1', chunk);
/** What a chunk's ciphertext is bound to: the size of the whole and its own place in it. */
const placeOf = (size: number, index: number): Uint8Array<ArrayBuffer> =>
  encode(record({ size: u64, index: u32 }), { size, index });
