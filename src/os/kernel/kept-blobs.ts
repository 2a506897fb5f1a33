/**
 * The sealed blobs that entries of one space stand on, as far as they are on this node: whole, or on their way; and what others
 * stated to hold of them. It keeps and drops; which ones come, and from whom, is for `blobs.ts`.
 */
import { type Codec, decode, encode, flag, record, u64 } from '../../base/codec';
import type { Manifest } from '../../vm/blob/chunk';
import { dropBlob, getManifest } from '../../vm/blob/store';
import type { BlobId, DeviceId } from '../../vm/op/ids';
import type { HeldBlobs } from './blob-receipts';
import type { KernelContext } from './context';
import { namedBlobs } from './named-blobs';
import type { Replica } from './replica';

/** `size` in bytes; `own`: sealed here, or nobody knows any more where. */
type WholeBlob = { readonly size: number; readonly own: boolean };
/** `size` in bytes, at most; `wished`: somebody asked for it; `own`: it was whole here, and that. */
type ComingBlob = WholeBlob & { readonly wished: boolean };
const comingCodec: Codec<ComingBlob> = record({ size: u64, wished: flag, own: flag });
/** Rows of before do not say whose it is. */
const oldComingCodec = record({ size: u64, wished: flag });
const readComing = (value: Uint8Array): ComingBlob | undefined => {
  const row = decode(comingCodec, value);
  if (row.ok) return row.value;
  const old = decode(oldComingCodec, value);
  return old.ok ? { ...old.value, own: false } : undefined;
};
/** Rows of before say the size alone. */
const wholeCodec: Codec<WholeBlob> = record({ size: u64, own: flag });
const readWhole = (value: Uint8Array): WholeBlob => {
  const row = decode(wholeCodec, value);
  if (row.ok) return row.value;
  const size = decode(u64, value);
  return { size: size.ok ? size.value : 0, own: true };
};

export type KeptBlobsEvents = {
  /** A blob is whole here now, or is not any more. */
  changed(blob: BlobId): void;
  /** It is being removed, whole or not: what is on its way of it is not wanted any more. */
  dropped(blob: BlobId): void;
  /** Whether another space on this node stands on a blob too. */
  isElsewhere(blob: BlobId): Promise<boolean>;
};

export class KeptBlobs {
  /** What we offer to others. */
  readonly whole = new Map<BlobId, WholeBlob>();
  /** Blobs of which pieces are here, or are wished for: they go on coming after a restart. */
  readonly coming = new Map<BlobId, ComingBlob>();
  /** What each device has stated to hold. */
  readonly heldBy = new Map<DeviceId, HeldBlobs>();
  #bytes = 0;
  /** As of which it was looked last for those that were erased. */
  #erasedStamp = '';

  constructor(
    private readonly context: KernelContext,
    private readonly replica: Replica,
    private readonly events: KeptBlobsEvents,
  ) {}

  /** Of all; what is coming counts as if it were whole. */
  get bytes(): number {
    return this.#bytes;
  }
  /** Whole. */
  has(id: BlobId): boolean {
    return this.whole.has(id);
  }

  async load(): Promise<void> {
    const { storage } = this.context.ports;
    for (const { key, value } of await storage.list('space', `blob/${this.replica.id}/`)) {
      const whole = readWhole(value);
      this.whole.set(key.slice(-64) as BlobId, whole);
      this.#bytes += whole.size;
    }
    for (const { key, value } of await storage.list('space', `coming/${this.replica.id}/`)) {
      const coming = readComing(value);
      if (!coming) continue;
      this.coming.set(key.slice(-64) as BlobId, coming);
      this.#bytes += coming.size;
    }
  }

  /** It is whole on the disk. `size` in bytes; `own`: sealed here. */
  async keep(id: BlobId, size: number, own = false): Promise<void> {
    if (this.whole.has(id)) return;
    const before = this.coming.get(id);
    const whole = { size, own: own || before?.own === true };
    this.whole.set(id, whole);
    this.#bytes += size - (before?.size ?? 0);
    this.coming.delete(id);
    await this.#write(id, { whole });
    this.events.changed(id);
  }
  /** Some of it is damaged on the disk: it is not whole any more, and wished for. */
  async lose(id: BlobId): Promise<void> {
    const whole = this.whole.get(id);
    if (!whole) return;
    const coming = { ...whole, wished: true };
    this.whole.delete(id);
    this.coming.set(id, coming);
    await this.#write(id, { coming });
    this.events.changed(id);
  }
  /** It is to come here. */
  async begin(id: BlobId, { size, wished }: Omit<ComingBlob, 'own'>): Promise<void> {
    const before = this.coming.get(id);
    if (this.whole.has(id) || (before?.size === size && before.wished === wished)) return;
    const coming = { size, wished, own: before?.own === true };
    this.coming.set(id, coming);
    this.#bytes += size - (before?.size ?? 0);
    await this.#write(id, { coming });
  }
  /** Removes a blob that nothing here stands on, whole or not. */
  async drop(id: BlobId): Promise<void> {
    this.#bytes -= this.whole.get(id)?.size ?? this.coming.get(id)?.size ?? 0;
    const wasWhole = this.whole.delete(id);
    this.coming.delete(id);
    this.events.dropped(id);
    await this.#write(id, {});
    const isElsewhere = await this.events.isElsewhere(id);
    // It may have been wanted again meanwhile.
    if (!isElsewhere && !this.whole.has(id) && !this.coming.has(id)) await dropBlob(this.context.ports.storage, id);
    if (wasWhole) this.events.changed(id);
  }
  /** The space is not held here any more. */
  async dropAll(): Promise<void> {
    for (const blob of [...this.whole.keys(), ...this.coming.keys()]) await this.drop(blob);
    const { storage } = this.context.ports;
    const held = await storage.keys('space', `held/${this.replica.id}/`);
    this.heldBy.clear();
    await storage.write(
      held.map((key) => ({ table: 'space' as const, key })),
      'relaxed',
    );
  }
  /** The one row that it has now. */
  #write(
    id: BlobId,
    { whole, coming }: { readonly whole?: WholeBlob; readonly coming?: ComingBlob },
  ): Promise<unknown> {
    const row = (kind: string, value: Uint8Array<ArrayBuffer> | undefined) => ({
      ...{ table: 'space' as const, key: `${kind}/${this.replica.id}/${id}` },
      ...(value && { value }),
    });
    const rows = [
      row('blob', whole && encode(wholeCodec, whole)),
      row('coming', coming && encode(comingCodec, coming)),
    ];
    return this.context.ports.storage.write(rows, 'relaxed');
  }

  // --- What nothing stands on --------------------------------------------------------------------------------

  /** Snapshots that are void, or old, and files that were erased: before it is told that what made them so is stored. */
  async dropNeedless(): Promise<void> {
    for (const blob of this.replica.checkpointed.needless) if (this.whole.has(blob)) await this.drop(blob);
    const { erasing, rights, readableWhole, awayShards } = this.replica;
    const seen = `${readableWhole} ${awayShards.length}`;
    const stamp = `${erasing.size} ${rights.generation()} ${this.whole.size} ${this.coming.size} ${seen}`;
    if (stamp === this.#erasedStamp) return;
    this.#erasedStamp = stamp;
    for (const blob of erasing.namedBlobs) {
      if (!this.whole.has(blob) && !this.coming.has(blob)) continue;
      const manifest = await getManifest(this.context.ports.storage, blob);
      if (manifest.ok && this.isErased(blob, manifest.value)) await this.drop(blob);
    }
  }
  /** ER4. Nor does anything here name it: a node without keys cannot tell, and one that sees only a part does not judge. */
  isErased(blob: BlobId, { owner }: Pick<Manifest, 'owner'>): boolean {
    const { replica } = this;
    if (!replica.erasing.erasesBlob(blob, owner)) return false;
    if (!replica.readable) return true;
    const isPart = !replica.readableWhole || replica.awayShards.length > 0 || replica.graph.isFull;
    if (replica.graph.preview || isPart) return false;
    return !namedBlobs(this.context.registry, replica.engine).has(blob);
  }
}
