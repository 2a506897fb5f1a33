/**
 * The documents of a space. Those that came out of an image stay bytes until somebody reads or writes them: their
 * hashes and counts are known without. Must not know nodes: whether text may stand in a shard is asked.
 */
import { blob, type Codec, flag, list, optional, record, u64, varint } from '../../../base/codec';
import { hlcCodec } from '../../op/clock';
import {
  deviceIdCodec,
  type EntryId,
  entryIdCodec,
  type NodeId,
  nodeIdCodec,
  type ShardId,
  shardIdCodec,
  userIdCodec,
} from '../../op/ids';
import { type KeptChange, type TextBase, TextDocument } from '../text';

const MANY = 2 ** 32;
const stamp = record({
  id: entryIdCodec,
  shard: shardIdCodec,
  device: deviceIdCodec,
  author: userIdCodec,
  hlc: hlcCodec,
});
const change: Codec<KeptChange> = record({ stamp, index: varint, client: u64, bytes: blob(MANY), entered: flag });
const claim = record({ stamp, index: varint, client: u64, from: u64, to: u64 });
const base: Codec<TextBase> = record({ update: blob(MANY), claims: list(claim, MANY) });
const document = record({
  id: nodeIdCodec,
  shows: flag,
  pending: varint,
  base: optional(base),
  changes: list(change, MANY),
});
/** All texts as an image has them, and the entries that were taken in hollow. */
export const textsCodec = record({ documents: list(document, MANY), hollow: list(entryIdCodec, MANY) });
export type KeptTexts = ReturnType<(typeof textsCodec)['read']>;
type KeptDocument = KeptTexts['documents'][number];

export class Texts {
  readonly #open = new Map<NodeId, TextDocument>();
  readonly #kept = new Map<NodeId, KeptDocument>();
  readonly hollow: Set<EntryId>;

  constructor(
    readonly allows: (document: NodeId, shard: ShardId) => boolean,
    kept: KeptTexts | undefined,
  ) {
    for (const each of kept?.documents ?? []) this.#kept.set(each.id, each);
    this.hollow = new Set(kept?.hollow);
  }

  get some(): boolean {
    return this.#open.size > 0 || this.#kept.size > 0;
  }
  get(id: NodeId): TextDocument | undefined {
    const open = this.#open.get(id);
    if (open) return open;
    const kept = this.#kept.get(id);
    if (!kept) return undefined;
    this.#kept.delete(id);
    const text = this.make(id);
    if (kept.base) text.lay(kept.base);
    for (const each of kept.changes) text.bring(each);
    text.flush();
    return text;
  }
  /** Of a document that is not here yet. */
  make(id: NodeId): TextDocument {
    const text = this.get(id) ?? new TextDocument(id, (shard) => this.allows(id, shard));
    this.#open.set(id, text);
    return text;
  }

  counts(): { readonly documents: number; readonly pendingStructs: number } {
    let documents = 0;
    let pendingStructs = 0;
    for (const text of this.#open.values()) {
      pendingStructs += text.pendingStructs;
      if (text.first) documents++;
    }
    for (const { shows, pending } of this.#kept.values()) {
      pendingStructs += pending;
      if (shows) documents++;
    }
    return { documents, pendingStructs };
  }

  keep(): KeptTexts {
    const open = [...this.#open.values()].map((text) => ({
      id: text.id,
      shows: text.first !== undefined,
      pending: text.pendingStructs,
      base: text.base,
      changes: text.kept(),
    }));
    return { documents: [...open, ...this.#kept.values()], hollow: [...this.hollow] };
  }
}
