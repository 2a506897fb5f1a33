/**
 * The body of an erasure: names entries of one shard whose bodies are to be forgotten. In clear and signed, so that a node
 * without keys forgets too. Byte table: docs/protocol/entry.md. Who may erase what is not decided here.
 */
import { type Codec, DecodeError, list, record, u8 } from '../../base/codec';
import { type EntryId, entryIdCodec, type NodeId, nodeIdCodec, type ShardId, shardIdCodec } from './ids';

export const MAX_ERASED = 256;

export type EraseBody = {
  readonly version: number;
  /** Of the entries that are named. */
  readonly shard: ShardId;
  /** What the entries were about, and what that stood in: where "erased" is shown. Claims of whoever erased. */
  readonly object: NodeId;
  readonly within: NodeId;
  /** Ascending, each once, at least one. */
  readonly entries: readonly EntryId[];
};

const bodyCodec = record({
  version: u8,
  shard: shardIdCodec,
  object: nodeIdCodec,
  within: nodeIdCodec,
  entries: list(entryIdCodec, MAX_ERASED),
});
export const eraseBodyCodec: Codec<EraseBody> = {
  write: bodyCodec.write,
  read: (reader) => {
    const body = bodyCodec.read(reader);
    if (body.version !== 1) throw new DecodeError(`erasure version ${body.version}`);
    if (body.entries.length === 0) throw new DecodeError('an erasure of nothing');
    if (body.entries.some((id, i) => i > 0 && id <= (body.entries[i - 1] as EntryId)))
      throw new DecodeError('erased entries not sorted');
    return body;
  },
};
