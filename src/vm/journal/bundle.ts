/**
 * A bundle: the whole journal of a space in one file, to be carried by hand. Bytes: docs/protocol/bundle.md. It knows form
 * alone: what an entry in it is worth is decided by the door, as of an entry that came over a link.
 *
 * BU1 nothing is taken from a file that was not read to its end: its last section tells how much there is, and a checksum.
 * BU2 no count of the file is believed; what is held at once is one section.
 */
import { concat, equalBytes, utf8 } from '../../base/bytes';
import { crc32 } from '../../base/checksum';
import { blob, decode, encode, list, record, u8, u32, u64 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import { MAX_CHUNK, MAX_MANIFEST } from '../blob/chunk';
import { MAX_ENTRY } from '../op/entry';
import { type SpaceId, spaceIdCodec } from '../op/ids';

/** What it is called in the zip of an export. */
export const JOURNAL_FILE = 'journal.lgos';
/** What a program takes at most, in bytes. */
export const MAX_BUNDLE = 1024 * 1024 * 1024;
export const MAX_KEYS = 1024 * 1024;
const MAGIC = utf8('lgos/bundle\0');
const VERSION = 1;
const headCodec = record({ version: u8, space: spaceIdCodec });
const HEAD = MAGIC.length + 1 + 32;
const FRAME = 5;

const KINDS = { keys: 1, entries: 2, manifest: 3, chunk: 4, end: 5 } as const;
type Kind = keyof typeof KINDS;
const kindOf = (number: number): Kind | undefined =>
  (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind] === number);

const ENTRIES_IN_ONE = 256;
const ENTRIES_BYTES = 512 * 1024;
const entriesCodec = list(blob(MAX_ENTRY), ENTRIES_IN_ONE);
const MOST: Readonly<Record<Kind, number>> = {
  keys: MAX_KEYS,
  entries: ENTRIES_BYTES + MAX_ENTRY + 1024,
  manifest: MAX_MANIFEST,
  chunk: MAX_CHUNK,
  end: 64,
};
const endCodec = record({ entries: u64, blobs: u64, check: u32 });

export class BundleWriter {
  #parts: Uint8Array[] = [];
  #untaken = 0;
  #check = 0;
  #size = 0;
  #entries = 0;
  #blobs = 0;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;

  constructor(space: SpaceId, keys: Uint8Array) {
    this.#put(concat(MAGIC, encode(headCodec, { version: VERSION, space })));
    this.#section('keys', keys);
  }
  get size(): number {
    return this.#size;
  }
  /** Bytes that nobody has taken. */
  get waiting(): number {
    return this.#untaken;
  }
  /** What was written since the last time: it is not kept. */
  take(): Uint8Array<ArrayBuffer> {
    const piece = concat(...this.#parts);
    this.#parts = [];
    this.#untaken = 0;
    return piece;
  }
  #put(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#untaken += bytes.length;
    this.#check = crc32(bytes, this.#check);
    this.#size += bytes.length;
  }
  #section(kind: Kind, bytes: Uint8Array): void {
    this.#put(concat(encode(u8, KINDS[kind]), encode(u32, bytes.length)));
    this.#put(bytes);
  }
  #flush(): void {
    if (this.#waiting.length > 0) this.#section('entries', encode(entriesCodec, this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
  /** As on the wire, each after what it builds on. */
  entry(encoded: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(encoded);
    this.#waitingBytes += encoded.length;
    this.#entries++;
    if (this.#waiting.length >= ENTRIES_IN_ONE || this.#waitingBytes >= ENTRIES_BYTES) this.#flush();
  }
  blob(manifest: Uint8Array, chunks: readonly Uint8Array[]): void {
    this.#flush();
    this.#section('manifest', manifest);
    for (const chunk of chunks) this.#section('chunk', chunk);
    this.#blobs++;
  }
  /** The rest of it: all, where nothing was taken. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#flush();
    this.#section('end', encode(endCodec, { entries: this.#entries, blobs: this.#blobs, check: this.#check }));
    return this.take();
  }
}

/** `notOne`: no bundle at all; `later`: of a later version; `cut`: it ends too early, or bytes of it were changed. */
export type BundleError = { readonly type: 'notOne' | 'later' | 'cut' | 'tooLarge' };
export type Section =
  | { readonly kind: 'keys' | 'manifest' | 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'entries'; readonly entries: readonly Uint8Array[] };
export type Bundle = {
  readonly space: SpaceId;
  readonly keys: Uint8Array;
  readonly entries: number;
  readonly blobs: number;
  /** What follows the keys, in order, each decoded when its turn comes. */
  sections(): Generator<Section>;
};

export const isBundle = (bytes: Uint8Array): boolean =>
  bytes.length >= HEAD && equalBytes(bytes.subarray(0, MAGIC.length), MAGIC);

export const readBundle = (bytes: Uint8Array): Result<Bundle, BundleError> => {
  if (!isBundle(bytes)) return err({ type: 'notOne' });
  if (bytes.length > MAX_BUNDLE) return err({ type: 'tooLarge' });
  if (bytes[MAGIC.length] !== VERSION) return err({ type: 'later' });
  const head = decode(headCodec, bytes.subarray(MAGIC.length, HEAD));
  if (!head.ok) return err({ type: 'notOne' });
  let keys: Uint8Array | undefined;
  let entries = 0;
  let blobs = 0;
  let ended = false;
  for (const { kind, from, to } of framesOf(bytes)) {
    if (ended || (keys === undefined) !== (kind === 'keys')) return err({ type: 'cut' });
    const inside = bytes.subarray(from, to);
    if (kind === 'keys') keys = inside;
    else if (kind === 'manifest') blobs++;
    else if (kind === 'entries') {
      const some = decode(entriesCodec, inside);
      if (!some.ok || some.value.length === 0) return err({ type: 'cut' });
      entries += some.value.length;
    } else if (kind === 'end') {
      const end = decode(endCodec, inside);
      const sound = end.ok && end.value.check === crc32(bytes.subarray(0, from - FRAME));
      if (!sound || end.value.entries !== entries || end.value.blobs !== blobs) return err({ type: 'cut' });
      ended = to === bytes.length;
    }
  }
  if (!ended || !keys) return err({ type: 'cut' });
  return ok({ space: head.value.space, keys, entries, blobs, sections: () => sectionsOf(bytes) });
};

function* framesOf(bytes: Uint8Array): Generator<{ readonly kind: Kind; readonly from: number; readonly to: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEAD; at + FRAME <= bytes.length; ) {
    const kind = kindOf(bytes[at] as number);
    const length = view.getUint32(at + 1);
    const to = at + FRAME + length;
    if (!kind || length > MOST[kind] || to > bytes.length) return;
    yield { kind, from: at + FRAME, to };
    at = to;
  }
}

function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  for (const { kind, from, to } of framesOf(bytes)) {
    const inside = bytes.subarray(from, to);
    if (kind === 'manifest' || kind === 'chunk') yield { kind, bytes: inside };
    const entries = kind === 'entries' ? decode(entriesCodec, inside) : undefined;
    if (entries?.ok) yield { kind: 'entries', entries: entries.value };
  }
}
