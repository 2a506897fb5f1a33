/**
 * Entries: the signed unit of every log. Header, body, signature; the id covers the header alone, because
 * signatures are malleable. Canonical: fixed order, fixed widths, one encoding. Byte table: docs/protocol/entry.md.
 */

import { toHex } from '../../base/bytes';
import {
  blob,
  type Codec,
  DecodeError,
  decode,
  encode,
  fixed,
  list,
  type Malformed,
  oneOf,
  record,
  u8,
  u32,
  u64,
} from '../../base/codec';
import { hash, sha256 } from '../../base/hash';
import { err, type Result } from '../../base/result';
import { MAX_BODY } from './body';
import { type Hlc, hlcCodec } from './clock';
import {
  type DeviceId,
  deviceIdCodec,
  type EntryId,
  type EpochId,
  entryIdCodec,
  epochIdCodec,
  type LogId,
  logIdOf,
  type ShardId,
  type SpaceId,
  shardIdCodec,
  spaceIdCodec,
} from './ids';

/** What a blind node may know of the content: it enforces role x class x scope. */
export const CLASSES = ['content', 'annotation', 'personal', 'system'] as const;
export type EntryClass = (typeof CLASSES)[number];
/** `acl`, `epoch`, `genesis`, `host`, `proto`, `checkpoint` and `erase` bodies are in clear; `data` is sealed. */
export const ENTRY_KINDS = ['data', 'acl', 'epoch', 'checkpoint', 'erase', 'proto', 'genesis', 'host'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
export const MAX_DEPS = 8;

export type Header = {
  /** Format version, 1. */
  readonly version: number;
  /** 1: Ed25519, SHA-256, AES-256-GCM. */
  readonly suite: number;
  readonly class: EntryClass;
  readonly kind: EntryKind;
  readonly space: SpaceId;
  readonly shard: ShardId;
  readonly device: DeviceId;
  readonly incarnation: number;
  /** From 0, no gaps. */
  readonly seq: number;
  /** The id of `seq - 1`; zero at 0. */
  readonly prev: EntryId;
  readonly hlc: Hlc;
  /** The head of the rights log that the author acted under; zero in the rights log itself, whose bodies cite all heads. */
  readonly aclRef: EntryId;
  /** Zero where the body is in clear. */
  readonly epoch: EpochId;
  /** The causal frontier of the shard: heads of other logs seen, sorted, at most 8. */
  readonly deps: readonly EntryId[];
  readonly bodyLength: number;
  /** SHA-256 of the body as stored (ciphertext where it is sealed). */
  readonly bodyHash: Uint8Array;
};

export type Entry = {
  readonly id: EntryId;
  readonly log: LogId;
  readonly header: Header;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
};

const unsealedFields = {
  version: u8,
  suite: u8,
  class: oneOf(...CLASSES),
  kind: oneOf(...ENTRY_KINDS),
  space: spaceIdCodec,
  shard: shardIdCodec,
  device: deviceIdCodec,
  incarnation: u32,
  seq: u64,
  prev: entryIdCodec,
  hlc: hlcCodec,
  aclRef: entryIdCodec,
  epoch: epochIdCodec,
  deps: list(entryIdCodec, MAX_DEPS),
  bodyLength: u32,
};
/** The header without the hash of the body: what the seal binds as associated data. */
export const unsealedHeaderCodec = record(unsealedFields);
export const headerCodec: Codec<Header> = record({ ...unsealedFields, bodyHash: fixed(32) });

/** Entry on the wire and at rest: header ‖ signature (64) ‖ body. */
const frameCodec: Codec<Pick<Entry, 'header' | 'signature' | 'body'>> = record({
  header: headerCodec,
  signature: fixed(64),
  body: blob(MAX_BODY + 1024),
});
export const MAX_ENTRY = 256 * 1024;

export const entryIdOf = (header: Header): EntryId =>
  toHex(hash('lgos/entry/1', encode(headerCodec, header))) as EntryId;
export const signedBytesOf = (id: EntryId): Uint8Array<ArrayBuffer> => encode(signedCodec, id);
const signedCodec: Codec<EntryId> = {
  write: (writer, id) => {
    for (const char of 'lgos/sig/1\0') writer.u8(char.charCodeAt(0));
    entryIdCodec.write(writer, id);
  },
  read: () => {
    throw new DecodeError('signed bytes are never read');
  },
};

export const encodeEntry = (entry: Entry): Uint8Array<ArrayBuffer> => encode(frameCodec, entry);

/** Form only: widths, limits, canonical order, the hash of the body. The signature and the chain are checked elsewhere. */
export const decodeEntry = (bytes: Uint8Array): Result<Entry, Malformed> => {
  if (bytes.length > MAX_ENTRY) return malformed(`${bytes.length} bytes, at most ${MAX_ENTRY}`);
  const decoded = decode(frameCodec, bytes);
  if (!decoded.ok) return decoded;
  const { header, signature, body } = decoded.value;
  if (header.version !== 1 || header.suite !== 1) return malformed(`version ${header.version}, suite ${header.suite}`);
  if (header.bodyLength !== body.length) return malformed('the body is not as long as the header says');
  if (toHex(sha256(body)) !== toHex(header.bodyHash)) return malformed('the body is not the one that was signed');
  if (header.deps.some((dep, i) => i > 0 && dep <= (header.deps[i - 1] as EntryId)))
    return malformed('deps not sorted');
  if ((header.seq === 0) !== /^0+$/.test(header.prev)) return malformed('prev does not fit seq');
  const log = logIdOf(header.space, header.shard, header.device, header.incarnation);
  return { ok: true, value: { id: entryIdOf(header), log, header, body, signature } };
};
const malformed = (message: string): Result<never, Malformed> => err({ type: 'malformed', message });
