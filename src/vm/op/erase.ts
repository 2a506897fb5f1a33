/**
 * The body of an erasure: names entries of one shard whose bodies are to be forgotten. In clear and signed, so that a node
 * without keys forgets too. Byte table: docs/protocol/entry.md. Who may erase what is not decided here.
 */
import { type Codec, DecodeError, list, record, u8 } from '../../base/codec';
import {
  type BlobId,
  blobIdCodec,
  type EntryId,
  entryIdCodec,
  type NodeId,
  nodeIdCodec,
  type ShardId,
  shardIdCodec,
} from './ids';

export const MAX_ERASED = 256;
const MAX_ERASED_BLOBS = 64;

export type EraseBody = {
  readonly version: number;
  /** Of the entries that are named. */
  readonly shard: ShardId;
  /** What the entries were about, and what that stood in: where "erased" is shown. Claims of whoever erased. */
  readonly object: NodeId;
  readonly within: NodeId;
  /** Ascending, each once, at least one. */
  readonly entries: readonly EntryId[];
  /** Files that nothing names any more; in version 2, ascending, each once, at least one. */
  readonly blobs?: readonly BlobId[] | undefined;
};

const blobsCodec = list(blobIdCodec, MAX_ERASED_BLOBS);
const bodyCodec = record({
  version: u8,
  shard: shardIdCodec,
  object: nodeIdCodec,
  within: nodeIdCodec,
  entries: list(entryIdCodec, MAX_ERASED),
});
const isAscending = (ids: readonly string[]): boolean => ids.every((id, i) => i === 0 || id > (ids[i - 1] as string));

export const eraseBodyCodec: Codec<EraseBody> = {
  write: (writer, body) => {
    bodyCodec.write(writer, body);
    if (body.version === 2) blobsCodec.write(writer, body.blobs ?? []);
  },
  read: (reader) => {
    const body = bodyCodec.read(reader);
    if (body.version !== 1 && body.version !== 2) throw new DecodeError(`erasure version ${body.version}`);
    if (body.entries.length === 0) throw new DecodeError('an erasure of nothing');
    if (!isAscending(body.entries)) throw new DecodeError('erased entries not sorted');
    if (body.version === 1) return body;
    const blobs = blobsCodec.read(reader);
    if (blobs.length === 0 || !isAscending(blobs)) throw new DecodeError('erased blobs not sorted');
    return { ...body, blobs };
  },
};
