/**
 * What nodes say to reconcile a space: a digest of all logs; where it differs, the ends of all logs; then the entries
 * that the other lacks, in the order of their times, so that ancestors come first. Byte tables: docs/protocol/sync.md.
 */
import {
  blob,
  fixed,
  flag,
  hexId,
  list,
  oneOf,
  record,
  text,
  u16,
  u32,
  u64,
  type ValueOf,
  varint,
} from '../../base/codec';
import { piecesCodec } from '../blob/pieces';
import { hlcCodec } from '../op/clock';
import { MAX_ENTRY } from '../op/entry';
import {
  blobIdCodec,
  deviceIdCodec,
  entryIdCodec,
  epochIdCodec,
  logIdCodec,
  nodeIdCodec,
  shardIdCodec,
  spaceIdCodec,
} from '../op/ids';
import { namedTipCodec } from './names';
import { symbolsCodec } from './sketch';

/** Opens a space on a link: the sender's index for it, which later frames carry, and the digest of what it holds. */
export const rootCodec = record({ index: u16, salted: hexId<string>(16), digest: fixed(32) });
/**
 * The ends of logs; a log that goes on in several ways has one line for each. `answer`: it answers a vector and wants none
 * in return. `rightsOnly`: the rights log alone.
 */
export const vectorCodec = record({
  answer: flag,
  rightsOnly: flag,
  logs: list(record({ log: logIdCodec, length: u64, head: entryIdCodec }), 4096),
});
/** Lines of one message that compares logs. */
export const MAX_COMPARED = 2_048;
/** Symbols `from` on of a sketch of the ends of all logs. Rounds count from 1 on each link and space. */
export const sketchCodec = record({ round: u32, from: u32, symbols: symbolsCodec });
/** Asks for the symbols from `from` on; of round 0 for a new round. */
export const sketchAskCodec = record({ round: u32, from: u32 });
/** The ends of those logs that differ, by the names of the round; none is held of a log of length 0. */
export const shortVectorCodec = record({
  round: u32,
  answer: flag,
  logs: list(namedTipCodec, MAX_COMPARED),
});
/** The ends of all logs whose ids are in a range, both ends included. */
export const rangeCodec = record({
  answer: flag,
  from: logIdCodec,
  to: logIdCodec,
  logs: list(record({ log: logIdCodec, length: u64, head: entryIdCodec }), MAX_COMPARED),
});

/** Each item is one encoded entry. */
export const entriesCodec = list(blob(MAX_ENTRY), 256);
export const MAX_BATCH = 256;
export const MAX_BATCH_BYTES = 48 * 1024;
/** Where it is not full, nothing waited behind it. */
export const isFullBatch = (entries: readonly Uint8Array[]): boolean =>
  entries.length >= MAX_BATCH || entries.reduce((sum, { length }) => sum + length, 0) >= MAX_BATCH_BYTES;

/** Whether the receiver is to give no content for now, as somebody else does (TN1). */
export const holdCodec = record({ held: flag });
/** Who can be held says so in the handshake. */
export const TURNS = 14;

/** Parts that one look names (LA1). */
export const MAX_LOOKED_AT = 8;
/** What pages of the sender have open: it leaves first (SY3). */
export const lookCodec = list(shardIdCodec, MAX_LOOKED_AT);
/** Who hears looks says so in the handshake. */
export const LOOKS = 15;

/** Entries whose bodies the sender lacks, and that were not erased: whoever has them whole sends them. */
export const wantCodec = list(entryIdCodec, 256);

/** A signed statement: "I durably hold these logs of this shard up to here". Not journaled; a later one replaces it. */
export const receiptCodec = record({
  space: spaceIdCodec,
  shard: shardIdCodec,
  device: deviceIdCodec,
  hlc: hlcCodec,
  heights: list(record({ log: logIdCodec, seq: u64 }), 2048),
  signature: fixed(64),
});

/** Logs that one receipt of a space names. */
export const MAX_NAMED = 1_024;
/**
 * A signed statement about a whole space: "I durably hold what this digest says, and of these logs so many entries". `anew`: what
 * was stated before does not count any more; `more`: another one follows. The space and the device, those of the link, are signed.
 */
export const spaceReceiptCodec = record({
  hlc: hlcCodec,
  anew: flag,
  more: flag,
  digest: fixed(32),
  shards: list(
    record({ shard: shardIdCodec, logs: list(record({ log: logIdCodec, length: varint }), MAX_NAMED) }),
    MAX_NAMED,
  ),
  signature: fixed(64),
});
/** Asks for what changed since the receipt of this time, the last one whose digest was come to; zero: for all. */
export const spaceReceiptAskCodec = record({ since: hlcCodec });

/** Entries of a log that are asked for at once. */
export const MAX_ASKED = 512;
/** Asks for a proof that `count` bodies of a log, from place `from` on, are there. */
export const possessCodec = record({ nonce: fixed(32), log: logIdCodec, from: varint, count: varint });
/** The proof, zero where a body is not there. `kept`: what the device keeps, its browser does not clear by itself. */
export const possessionCodec = record({ nonce: fixed(32), kept: flag, proof: fixed(32) });

/** Presence: sealed, signed, forgotten after 10 s. `container` zero: the space itself. At most 512 bytes sealed. */
export const ephemeralCodec = record({
  container: nodeIdCodec,
  device: deviceIdCodec,
  epoch: epochIdCodec,
  hlc: hlcCodec,
  nonce: fixed(12),
  sealed: blob(800),
  signature: fixed(64),
});

/** Asks a beacon to keep a space. `rights`: the rights log from genesis to the beacon's own grant. */
export const hostCodec = record({ space: spaceIdCodec, joinCode: text(64), rights: list(blob(MAX_ENTRY), 64) });
export const hostAnswerCodec = record({
  space: spaceIdCodec,
  accepted: flag,
  reason: oneOf('none', 'notInvited', 'quota', 'badRights', 'tooMany'),
});

/**
 * Which pieces the sender holds of blobs, `size` of the text in bytes as its manifest has it. `whole`: all, and `pieces` says none.
 */
const heldBlobCodec = record({ blob: blobIdCodec, size: u64, whole: flag, pieces: piecesCodec });
export const MAX_HELD = 256;
export const blobHaveCodec = list(heldBlobCodec, MAX_HELD);
export type HeldBlob = ValueOf<typeof heldBlobCodec>;
/** Pieces of one blob; none: asks which the other holds. `urgent`: before anything else that waits. */
export const blobAskCodec = record({ blob: blobIdCodec, urgent: flag, pieces: piecesCodec });
/** One piece: of index 0 the manifest, of i + 1 chunk i. */
export const blobChunkCodec = record({ blob: blobIdCodec, index: varint, bytes: blob(72 * 1024) });

/** Blobs that one receipt names. */
export const MAX_STATED = 1_024;
/**
 * A signed statement: "I durably hold these blobs of the space whole". `digest` over all that the device holds; `anew`: what was
 * stated before does not count any more; `more`: another one follows. Not journaled.
 */
export const blobReceiptCodec = record({
  space: spaceIdCodec,
  device: deviceIdCodec,
  hlc: hlcCodec,
  anew: flag,
  more: flag,
  digest: fixed(32),
  blobs: list(blobIdCodec, MAX_STATED),
  signature: fixed(64),
});
