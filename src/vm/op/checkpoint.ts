/**
 * The body of a checkpoint: what the state of parts of a space is at some places of their logs. In clear and signed, so that
 * a node without keys keeps it and passes it on. Two forms: a statement, with where a snapshot of the state lies, and the
 * confirmation of one by somebody else. Byte table: docs/protocol/checkpoint.md. Who is believed is not decided here.
 */
import { type Codec, DecodeError, fixed, list, record, tagged, u8, u64, varint } from '../../base/codec';
import {
  blobIdCodec,
  type EntryId,
  entryIdCodec,
  epochIdCodec,
  type LogId,
  logIdCodec,
  type ShardId,
  shardIdCodec,
} from './ids';

export const MAX_COVERED_SHARDS = 64;
export const MAX_COVERED_LOGS = 512;
export const MAX_SNAPSHOT_PARTS = 128;
/** In bytes, of one part of a snapshot in clear. */
export const MAX_SNAPSHOT_PART = 32 * 1024 * 1024;

/** All of a log up to there. */
const reachCodec = record({ log: logIdCodec, length: u64, head: entryIdCodec });
export type Reach = { readonly log: LogId; readonly length: number; readonly head: EntryId };

/** `digest`: SHA-256 of the part in clear; `size`: its bytes. The newest first. */
const partCodec = record({ blob: blobIdCodec, size: varint, digest: fixed(32) });
const coveredCodec = record({
  shard: shardIdCodec,
  reach: list(reachCodec, MAX_COVERED_LOGS),
  /** The hash of the shard's state, made of nothing but what is covered. */
  root: fixed(32),
  /** Under whose key of the shard the parts are sealed, and what else goes into their key. */
  epoch: epochIdCodec,
  salt: fixed(16),
  parts: list(partCodec, MAX_SNAPSHOT_PARTS),
});
export type Covered = ReturnType<(typeof coveredCodec)['read']>;

const rootCodec = record({ shard: shardIdCodec, root: fixed(32) });
const heads = list(entryIdCodec, 16);
const formCodec = tagged({
  /** `rights`: the heads of the rights log by which all was judged; `erasures`: those that were known. */
  state: [
    1,
    record({
      rights: heads,
      erasures: list(reachCodec, MAX_COVERED_LOGS),
      shards: list(coveredCodec, MAX_COVERED_SHARDS),
    }),
  ],
  confirm: [2, record({ of: entryIdCodec, shards: list(rootCodec, MAX_COVERED_SHARDS) })],
});
export type CheckpointBody = ReturnType<(typeof formCodec)['read']>;
export type StateBody = Extract<CheckpointBody, { type: 'state' }>;

const ascending = <T>(items: readonly T[], of: (item: T) => string): boolean =>
  items.every((item, i) => i === 0 || of(item) > of(items[i - 1] as T));
export const checkpointBodyCodec: Codec<CheckpointBody> = {
  write: (writer, body) => {
    u8.write(writer, 1);
    formCodec.write(writer, body);
  },
  read: (reader) => {
    const version = u8.read(reader);
    if (version !== 1) throw new DecodeError(`checkpoint version ${version}`);
    const body = formCodec.read(reader);
    if (body.shards.length === 0) throw new DecodeError('a checkpoint of nothing');
    if (!ascending<{ readonly shard: ShardId }>(body.shards, ({ shard }) => shard))
      throw new DecodeError('covered parts not sorted');
    if (body.type === 'confirm') return body;
    for (const { reach, parts } of body.shards) {
      if (reach.length === 0 || !ascending(reach, ({ log }) => log)) throw new DecodeError('covered logs not sorted');
      if (reach.some(({ length }) => length === 0)) throw new DecodeError('nothing of a log is covered');
      if (parts.some(({ size }) => size > MAX_SNAPSHOT_PART)) throw new DecodeError('a part that is too large');
    }
    if (!ascending(body.erasures, ({ log }) => log) || !ascending(body.rights, (id) => id))
      throw new DecodeError('what was known is not sorted');
    return body;
  },
};
