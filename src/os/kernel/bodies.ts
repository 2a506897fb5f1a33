/**
 * What entries say: their bodies, opened. Decrypted with the keys that are known, payloads fetched from the blob store, and
 * checked against what the header declared. It judges no rights and folds nothing.
 *
 * BO1 a body is decoded before it is taken for one: the graph is given nothing that does not decode.
 * BO2 the ops are of the class that the header declared, or a Guest could write content as a comment; and an erasable entry
 *     holds only what may be taken out again (ER2).
 * BO3 what was opened is kept as bytes, up to a bound, and opened again when it is asked for after that.
 */
import { assert } from '../../base/assert';
import { decode } from '../../base/codec';
import { openBlob } from '../../vm/blob/chunk';
import { getBlob } from '../../vm/blob/store';
import { MAX_BODY, type Op, type OpOf, opCodec } from '../../vm/op/body';
import type { Entry } from '../../vm/op/entry';
import type { BlobId, EntryId } from '../../vm/op/ids';
import type { Origin } from '../../vm/op/names';
import { unsealBody } from '../../vm/op/seal';
import { decodeBody, encodeBody, readBody } from '../../vm/op/tables';
import type { KernelContext } from './context';
import { isErasable } from './erasable';
import type { Replica } from './replica';

/** However it names nodes. */
type AnyOp = OpOf<unknown, unknown>;

/** Bytes as they were sealed, or ops where some of them lay in blobs. `text`: some of it is text of a document. */
export type Content = ({ readonly body: Uint8Array } | { readonly ops: readonly Op[] }) & { readonly text: boolean };
/** `needs`: blobs without which it cannot be opened. Neither content nor a reason: it has none that is read here. */
export type Opened =
  | { readonly content: Content; readonly unfolded?: undefined; readonly needs?: undefined }
  | {
      readonly content?: undefined;
      readonly unfolded?: 'noKey' | 'needsBlob' | 'void';
      readonly needs?: readonly BlobId[];
    };

/** Of an entry whose body was erased: it keeps its place. */
export const EMPTY: Content = { ops: [], text: false };

/** `origin`: the header of the entry. */
export const opsOf = (content: Content, origin: Origin): readonly Op[] => {
  if ('ops' in content) return content.ops;
  const ops = decodeBody(content.body, origin);
  assert(ops.ok, 'what was opened decodes (BO1)');
  return ops.value;
};

/** Of ops that are about to be sealed, those in blobs among them. */
export const contentOf = (ops: readonly Op[], origin: Origin): Content => {
  const text = hasText(ops);
  const body = encodeBody(ops, origin);
  return body.length <= MAX_BODY ? { body, text } : { ops, text };
};

export const openContent = async (context: KernelContext, replica: Replica, entry: Entry): Promise<Opened> => {
  if (context.kind === 'beacon' || entry.erasedBy !== undefined || entry.shelved) return {};
  const { crypto, storage } = context.ports;
  const key = replica.shardKey(entry.header.epoch, entry.header.shard);
  if (!key) return { unfolded: 'noKey' };
  const plain = await unsealBody(crypto, key, entry);
  const read = plain.ok ? readBody(plain.value) : plain;
  context.count('bodiesOpened');
  if (!plain.ok || !read.ok) {
    context.count('bodyVoid');
    return { unfolded: 'void' };
  }
  const { ops: said, named } = read.value;
  const blobs = said.flatMap((op) => (op.type === 'large' ? [op.blob] : []));
  if (blobs.length === 0) {
    if (!fits(context, entry, said)) return { unfolded: 'void' };
    return { content: { body: plain.value, text: hasText(said) } };
  }
  if (entry.header.kind === 'erasable') return { unfolded: 'void' };
  const ops: Op[] = [];
  for (const op of named(entry.header)) {
    if (op.type !== 'large') {
      ops.push(op);
      continue;
    }
    const blob = await getBlob(storage, op.blob);
    if (!blob.ok) return { unfolded: 'needsBlob', needs: blobs };
    const inside = await openBlob(crypto, blob.value, op.key);
    const inner = inside.ok ? decode(opCodec, inside.value) : inside;
    if (!inner.ok || inner.value.type === 'large') return { unfolded: 'void' };
    ops.push(inner.value);
  }
  if (!fits(context, entry, ops)) return { unfolded: 'void' };
  return { content: { ops, text: hasText(ops) } };
};
const hasText = (ops: readonly AnyOp[]): boolean => ops.some(({ type }) => type === 'textUpdate');

/** BO2. */
const fits = (context: KernelContext, entry: Entry, ops: readonly AnyOp[]): boolean =>
  (entry.header.kind !== 'erasable' || ops.every((op) => isErasable(op, context.registry.typeRule))) &&
  ops.every((op) => {
    if (op.type === 'textUpdate' || op.type === 'move') return entry.header.class === 'content';
    if (op.type !== 'nodeNew') return true;
    return (context.registry.typeRule(op.nodeType)?.class ?? 'content') === entry.header.class;
  });

const MAX_KEPT = 16 * 1024 * 1024;
/** What keeping one costs besides its bytes, about. */
const EACH = 200;

/** BO3: those opened last. Payloads of blobs are not kept. */
export class Bodies {
  readonly #kept = new Map<EntryId, Content & { readonly body: Uint8Array }>();
  #bytes = 0;

  get(id: EntryId): Content | undefined {
    return this.#kept.get(id);
  }
  keep(id: EntryId, content: Content): void {
    if (!('body' in content)) return;
    this.drop(id);
    this.#kept.set(id, content);
    this.#bytes += content.body.length + EACH;
    for (const [oldest] of this.#kept) {
      if (this.#bytes <= MAX_KEPT) return;
      this.drop(oldest);
    }
  }
  drop(id: EntryId): void {
    const kept = this.#kept.get(id);
    if (!kept || !this.#kept.delete(id)) return;
    this.#bytes -= kept.body.length + EACH;
  }
}
