/**
 * Entries: the signed unit of every log. Header, body, signature; the id covers the header alone, because
 * signatures are malleable. Canonical: fixed order, fixed widths, one encoding. Byte table: docs/protocol/entry.md.
 */

import { assert } from '../../base/assert';
import { concat, fromHex, toHex } from '../../base/bytes';
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
/**
 * `acl`, `epoch`, `genesis`, `host`, `proto`, `checkpoint` and `erase` bodies are in clear; `data` and `erasable` are sealed.
 * `erasable` promises that nothing is built on the body, so that it may be erased: no text, no moves, no blobs.
 */
const ENTRY_KINDS = ['data', 'acl', 'epoch', 'checkpoint', 'erase', 'proto', 'genesis', 'host', 'erasable'] as const;
/** `later-N`: number N, whose meaning only later versions know. Such an entry is kept and passed on, and says nothing here. */
export type EntryKind = (typeof ENTRY_KINDS)[number] | `later-${number}`;
/** Ops under a key. */
export const isSealed = ({ header }: Pick<Entry, 'header'>): boolean =>
  header.kind === 'data' || header.kind === 'erasable';
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
  /** The body is not here, and this entry is named as what erased it. Only of the kind `erasable`. */
  readonly erasedBy?: EntryId | undefined;
  /** The body is not here, others hold it. So it lies in this node's memory and on its disk alone, never on the wire. */
  readonly shelved?: true | undefined;
};

const LATER = 'later-';
/** One byte, and any: what is not known yet is no less well-formed. */
const kindCodec: Codec<EntryKind> = {
  write: (writer, kind) => {
    const known = (ENTRY_KINDS as readonly EntryKind[]).indexOf(kind);
    writer.u8(known < 0 ? Number(kind.slice(LATER.length)) : known);
  },
  read: (reader) => {
    const number = reader.u8();
    return ENTRY_KINDS[number] ?? `later-${number}`;
  },
};

const unsealedFields = {
  version: u8,
  suite: u8,
  class: oneOf(...CLASSES),
  kind: kindCodec,
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
const ID_BYTES = 32;

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

/** Of an erased entry a *stub*: an empty body, and then the id of what erased it. */
export const encodeEntry = (entry: Entry): Uint8Array<ArrayBuffer> => {
  assert(entry.shelved === undefined, 'an entry whose body is not here is not sent');
  const frame = encode(frameCodec, entry);
  return entry.erasedBy === undefined ? frame : concat(frame, fromHex(entry.erasedBy));
};
/** The entry without its body. The id and the signature are over the header, so they hold. */
export const stubOf = ({ id, log, header, signature }: Entry, erasedBy: EntryId): Entry => ({
  id,
  log,
  header,
  signature,
  body: new Uint8Array(),
  erasedBy,
});
/** The entry without its body, which others hold. */
export const shelvedOf = ({ id, log, header, signature }: Entry): Entry => ({
  id,
  log,
  header,
  signature,
  body: new Uint8Array(),
  shelved: true,
});

/** The log of a header: `logIdOf`, or one that remembers, for many entries of few logs. */
export type NameLog = (header: Pick<Header, 'space' | 'shard' | 'device' | 'incarnation'>) => LogId;
const nameLog: NameLog = ({ space, shard, device, incarnation }) => logIdOf(space, shard, device, incarnation);
/** `id`: where somebody vouches for the bytes, as those that have it; then neither header nor body is hashed. */
export type Naming = { readonly log: NameLog; readonly id?: EntryId };
const HASHED: Naming = { log: nameLog };
export const rememberingLogs = (): NameLog => {
  const logs = new Map<string, LogId>();
  return (header) => {
    const key = `${header.space}/${header.shard}/${header.device}/${header.incarnation}`;
    const log = logs.get(key) ?? nameLog(header);
    logs.set(key, log);
    return log;
  };
};

/** As it lies on the disk: as on the wire, or, of one whose body others hold, with an empty body and nothing after it. */
export const encodeKept = (entry: Entry): Uint8Array<ArrayBuffer> =>
  entry.shelved ? encode(frameCodec, entry) : encodeEntry(entry);
export const decodeKept = (bytes: Uint8Array, naming: Naming = HASHED): Result<Entry, Malformed> => {
  const decoded = bytes.length > MAX_ENTRY ? undefined : decode(frameCodec, bytes);
  if (!decoded?.ok) return decodeEntry(bytes, naming);
  const { body, header } = decoded.value;
  if (body.length > 0 || header.bodyLength === 0) return checked(decoded.value, undefined, naming);
  if (!isSealed(decoded.value)) return malformed('only a sealed body may lie elsewhere');
  return checked(decoded.value, 'shelved', naming);
};

/** Whose device it says it is of, before anything of it is checked; absent where it is too short to say. */
export const claimedAuthor = (bytes: Uint8Array): DeviceId | undefined =>
  bytes.length < AUTHOR_AT + 32 ? undefined : (toHex(bytes.subarray(AUTHOR_AT, AUTHOR_AT + 32)) as DeviceId);
/** After version, suite, class, kind, space and shard. */
const AUTHOR_AT = 4 + 32 + 16;

/** Where it says it stands and with which signature, before anything of it is checked; absent where it cannot be read. */
export const claimedPlace = (bytes: Uint8Array): { log: LogId; seq: number; signature: Uint8Array } | undefined => {
  const decoded = bytes.length > MAX_ENTRY ? undefined : decode(frameCodec, bytes);
  if (!decoded?.ok) return undefined;
  const { header, signature } = decoded.value;
  return { log: nameLog(header), seq: header.seq, signature };
};

/** Form only: widths, limits, canonical order, the hash of the body. The signature and the chain are checked elsewhere. */
export const decodeEntry = (bytes: Uint8Array, naming: Naming = HASHED): Result<Entry, Malformed> => {
  if (bytes.length > MAX_ENTRY) return malformed(`${bytes.length} bytes, at most ${MAX_ENTRY}`);
  const decoded = decode(frameCodec, bytes);
  // Whatever is no whole entry may be a stub; what is neither is told as what it is not.
  if (!decoded.ok) return decodeStub(bytes, naming) ?? decoded;
  return checked(decoded.value, undefined, naming);
};
const decodeStub = (bytes: Uint8Array, naming: Naming): Result<Entry, Malformed> | undefined => {
  if (bytes.length <= ID_BYTES) return undefined;
  const decoded = decode(frameCodec, bytes.subarray(0, -ID_BYTES));
  if (!decoded.ok || decoded.value.body.length > 0 || decoded.value.header.kind !== 'erasable') return undefined;
  return checked(decoded.value, { erasedBy: toHex(bytes.subarray(-ID_BYTES)) as EntryId }, naming);
};
/** `without`: why there is no body. */
const checked = (
  { header, signature, body }: Pick<Entry, 'header' | 'signature' | 'body'>,
  without?: 'shelved' | { readonly erasedBy: EntryId },
  naming: Naming = HASHED,
): Result<Entry, Malformed> => {
  if (header.version !== 1 || header.suite !== 1) return malformed(`version ${header.version}, suite ${header.suite}`);
  if (without !== undefined) {
    if (header.bodyLength === 0) return malformed('nothing was erased of an empty body');
  } else {
    if (header.bodyLength !== body.length) return malformed('the body is not as long as the header says');
    if (naming.id === undefined && toHex(sha256(body)) !== toHex(header.bodyHash))
      return malformed('the body is not the one that was signed');
  }
  if (header.deps.some((dep, i) => i > 0 && dep <= (header.deps[i - 1] as EntryId)))
    return malformed('deps not sorted');
  if ((header.seq === 0) !== /^0+$/.test(header.prev)) return malformed('prev does not fit seq');
  const log = naming.log(header);
  const entry = { id: naming.id ?? entryIdOf(header), log, header, body, signature };
  if (without === undefined) return { ok: true, value: entry };
  return { ok: true, value: without === 'shelved' ? { ...entry, shelved: true } : { ...entry, ...without } };
};
const malformed = (message: string): Result<never, Malformed> => err({ type: 'malformed', message });
