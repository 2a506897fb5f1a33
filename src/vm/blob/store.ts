/**
 * Blobs in storage: the manifest under `<id>/m`, chunk i under `<id>/<i>`. Nothing enters that its id does not promise,
 * and nothing leaves unchecked; so a blob may be fetched piece by piece, from anybody.
 */
import { err, ok, type Result } from '../../base/result';
import type { Durability, Storage, StorageError, Write } from '../../ports';
import type { BlobId } from '../op/ids';
import { type BlobDamaged, isChunk, type Manifest, readManifest, type SealedBlob } from './chunk';
import { MANIFEST } from './pieces';

export type PutBlobError = StorageError | BlobDamaged;
export type GetBlobError = BlobDamaged | { readonly type: 'missing' };

const manifestKeyOf = (id: BlobId): string => `${id}/m`;
const chunkKeyOf = (id: BlobId, index: number): string => `${id}/${index}`;

/** The whole blob, in one batch. */
export const putBlob = async (
  storage: Storage,
  blob: SealedBlob,
  durability: Durability,
): Promise<Result<void, PutBlobError>> => {
  const manifest = readManifest(blob.id, blob.manifest);
  if (!manifest.ok) return err({ type: 'damaged' });
  const writes: Write[] = [{ table: 'blob', key: manifestKeyOf(blob.id), value: blob.manifest }];
  for (let index = 0; index < Math.max(manifest.value.hashes.length, blob.chunks.length); index++) {
    const value = blob.chunks[index];
    if (!value || !isChunk(manifest.value, index, value)) return err({ type: 'damaged', index });
    writes.push({ table: 'blob', key: chunkKeyOf(blob.id, index), value });
  }
  return storage.write(writes, durability);
};

/** First the manifest, then its chunks in any order. */
export const putManifest = async (
  storage: Storage,
  id: BlobId,
  bytes: Uint8Array,
): Promise<Result<Manifest, PutBlobError>> => {
  const manifest = readManifest(id, bytes);
  if (!manifest.ok) return err({ type: 'damaged' });
  const written = await storage.write([{ table: 'blob', key: manifestKeyOf(id), value: bytes }], 'relaxed');
  return written.ok ? ok(manifest.value) : written;
};
export const putChunk = async (
  storage: Storage,
  id: BlobId,
  manifest: Manifest,
  index: number,
  chunk: Uint8Array,
): Promise<Result<void, PutBlobError>> => {
  if (!isChunk(manifest, index, chunk)) return err({ type: 'damaged', index });
  return storage.write([{ table: 'blob', key: chunkKeyOf(id, index), value: chunk }], 'relaxed');
};

/** Not checked. */
export const manifestBytes = (storage: Storage, id: BlobId): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  storage.read('blob', manifestKeyOf(id));
export const getManifest = async (storage: Storage, id: BlobId): Promise<Result<Manifest, GetBlobError>> => {
  const bytes = await manifestBytes(storage, id);
  if (!bytes) return err({ type: 'missing' });
  const manifest = readManifest(id, bytes);
  return manifest.ok ? manifest : err({ type: 'damaged' });
};
/** One chunk, checked against the manifest: what a node hands to others. */
export const getChunk = async (
  storage: Storage,
  id: BlobId,
  manifest: Manifest,
  index: number,
): Promise<Result<Uint8Array<ArrayBuffer>, GetBlobError>> => {
  const chunk = await storage.read('blob', chunkKeyOf(id, index));
  if (!chunk) return err({ type: 'missing' });
  return isChunk(manifest, index, chunk) ? ok(chunk) : err({ type: 'damaged', index });
};

export const getBlob = async (storage: Storage, id: BlobId): Promise<Result<SealedBlob, GetBlobError>> => {
  const bytes = await manifestBytes(storage, id);
  if (!bytes) return err({ type: 'missing' });
  const manifest = readManifest(id, bytes);
  if (!manifest.ok) return err({ type: 'damaged' });
  const chunks: Uint8Array[] = [];
  for (let index = 0; index < manifest.value.hashes.length; index++) {
    const chunk = await getChunk(storage, id, manifest.value, index);
    if (!chunk.ok) return chunk;
    chunks.push(chunk.value);
  }
  return ok({ id, manifest: bytes, chunks });
};

/** What is here of it and sound, as pieces: none without its manifest. */
export const piecesHere = async (
  storage: Storage,
  id: BlobId,
): Promise<{ readonly manifest: Manifest | undefined; readonly pieces: readonly number[] }> => {
  const manifest = await getManifest(storage, id);
  if (!manifest.ok) return { manifest: undefined, pieces: [] };
  const pieces = [MANIFEST];
  for (let index = 0; index < manifest.value.hashes.length; index++)
    if ((await getChunk(storage, id, manifest.value, index)).ok) pieces.push(index + 1);
  return { manifest: manifest.value, pieces };
};

/** Removes it, whole or not. */
export const dropBlob = async (storage: Storage, id: BlobId): Promise<Result<void, StorageError>> => {
  const rows = await storage.list('blob', `${id}/`);
  return storage.write(
    rows.map(({ key }) => ({ table: 'blob' as const, key })),
    'strict',
  );
};
