/**
 * Reads a Yjs V2 update without touching a document, and says what it needs and what it claims. An update is void
 * when its bytes do not decode, when a struct belongs to a client that is not its author's, when it refers to itself
 * forwards, nests values too deep, or brings sub-documents or gaps. Void is decided by the bytes alone, on every replica alike.
 */
import { createDecoder, readVarUint } from 'lib0/decoding';
import { writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';

const MAX_STRUCTS = 1_000_000;
const MAX_DEPTH = 64;

export type ParsedUpdate = {
  /** The clocks of its author's client that it claims: from, to (exclusive). Equal when it only deletes. */
  readonly from: number;
  readonly to: number;
  readonly structs: number;
  /** Client -> the clock that a document must have reached before this can be applied. */
  readonly needs: ReadonlyMap<number, number>;
};

/** Run lengths let a few bytes claim any number of structs: count before decoding. */
const claimsTooMuch = (bytes: Uint8Array): boolean => {
  const decoder = new Y.UpdateDecoderV2(createDecoder(bytes)).restDecoder;
  const clients = readVarUint(decoder);
  if (clients === 0) return false;
  return clients > 1 || readVarUint(decoder) > Math.min(MAX_STRUCTS, 16 + bytes.length * 4);
};

const deeperThan = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((inner) => deeperThan(inner, depth - 1));
};

/**
 * What is left of an update that may not be shown and that others may have built on: its places in the text, all of them
 * deleted, and no deletion of anything else. `undefined` where it brings no text. The bytes must have passed `parseUpdate`.
 */
export const hollow = (bytes: Uint8Array, client: number): Uint8Array | undefined => {
  const { structs } = Y.decodeUpdateV2(bytes);
  const [first] = structs;
  if (!first) return undefined;
  const encoder = new Y.UpdateEncoderV2();
  writeVarUint(encoder.restEncoder, 1);
  writeVarUint(encoder.restEncoder, structs.length);
  encoder.writeClient(client);
  writeVarUint(encoder.restEncoder, first.id.clock);
  for (const struct of structs) {
    // An attribute that is deleted takes the one before it along: of those only the clocks remain.
    if (struct instanceof Y.Item && struct.parentSub === null) {
      struct.content = new Y.ContentDeleted(struct.length);
      struct.write(encoder, 0);
    } else new Y.GC(struct.id, struct.length).write(encoder, 0);
  }
  writeVarUint(encoder.restEncoder, 0);
  return encoder.toUint8Array();
};

export const parseUpdate = (bytes: Uint8Array, client: number): ParsedUpdate | undefined => {
  let decoded: ReturnType<typeof Y.decodeUpdateV2>;
  try {
    if (claimsTooMuch(bytes)) return undefined;
    decoded = Y.decodeUpdateV2(bytes);
  } catch {
    return undefined;
  }
  const { structs, ds } = decoded;
  const needs = new Map<number, number>();
  const need = (id: Y.ID): void => {
    if (id.clock >= (needs.get(id.client) ?? 0)) needs.set(id.client, id.clock + 1);
  };
  const from = structs[0]?.id.clock ?? 0;
  let to = from;
  for (const struct of structs) {
    if (struct.id.client !== client || struct.id.clock !== to || struct.length < 1) return undefined;
    if (struct instanceof Y.Item) {
      if (struct.content instanceof Y.ContentDoc) return undefined;
      if (struct.content instanceof Y.ContentAny && deeperThan(struct.content.arr, MAX_DEPTH)) return undefined;
      const parent = struct.parent instanceof Y.ID ? struct.parent : null;
      for (const id of [struct.origin, struct.rightOrigin, parent]) {
        if (!id) continue;
        // The library does not look for these: it would fail half-way through.
        if (id.client === client && id.clock >= struct.id.clock) return undefined;
        if (id.client !== client || id.clock < from) need(id);
      }
    } else if (!(struct instanceof Y.GC)) return undefined;
    to += struct.length;
    if (!Number.isSafeInteger(to)) return undefined;
  }
  if (from > 0) need(Y.createID(client, from - 1));
  for (const [deleted, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      const end = clock + len;
      if (len < 1 || !Number.isSafeInteger(end)) return undefined;
      // A range may run from its author's earlier text into the text that this very update brings.
      const outside = deleted === client && structs.length > 0 && end <= to ? Math.min(end, from) : end;
      if (outside > clock) need(Y.createID(deleted, outside - 1));
    }
  }
  if (structs.length > 0 && (needs.get(client) ?? 0) > from) return undefined;
  return { from, to, structs: structs.length, needs };
};

/** Counts structs while they are read: run lengths let a few bytes claim any number. */
const countingDecoder = (limit: number): typeof Y.UpdateDecoderV2 =>
  class extends Y.UpdateDecoderV2 {
    #left = limit;
    override readInfo(): number {
      if (this.#left-- === 0) throw new Error('too many structs');
      return super.readInfo();
    }
  };

/** Whether these are the bytes of a whole document with nothing left pending. `doc`: a new one; it is taken. */
export const isWhole = (bytes: Uint8Array, doc: Y.Doc): boolean => {
  try {
    const { structs } = Y.decodeUpdateV2(bytes, countingDecoder(Math.min(MAX_STRUCTS, 16 + bytes.length * 4)));
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue;
      if (struct.content instanceof Y.ContentDoc) return false;
      if (struct.content instanceof Y.ContentAny && deeperThan(struct.content.arr, MAX_DEPTH)) return false;
    }
    Y.applyUpdateV2(doc, bytes);
    return doc.store.pendingStructs === null && doc.store.pendingDs === null;
  } catch {
    return false;
  } finally {
    doc.destroy();
  }
};
