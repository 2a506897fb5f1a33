/**
 * Large payloads of our own ops: what is above the limit of an entry becomes a sealed blob, and the op in its place says
 * which and with what key. The blob is on the disk before the entry that names it is made.
 */
import { concat, utf8 } from '../../base/bytes';
import { encode } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { Ports } from '../../ports';
import { sealBlob } from '../../vm/blob/chunk';
import { putBlob } from '../../vm/blob/store';
import { MAX_INLINE, type Op, opCodec } from '../../vm/op/body';
import type { BlobId } from '../../vm/op/ids';
import { refusal } from '../schema/define';

/** About how many bytes an op takes in a body. */
export const sizeOf = (op: Op): number => {
  switch (op.type) {
    case 'textUpdate':
      return op.update.length + 40;
    case 'fieldSet':
    case 'edgeAdd':
      return op.value.length * 3 + 100;
    case 'unknown':
      return op.bytes.length + 8;
    case 'edgeDel':
      return op.tags.length * 40 + 8;
    case 'nodeRestore':
      return op.deletions.length * 40 + 24;
    default:
      return 100;
  }
};

/** The ops as they go into a body. `keep`: notes a blob of this space and its size in bytes. */
export const storeLarge = async (
  { crypto, random, storage }: Ports,
  ops: readonly Op[],
  keep: (id: BlobId, size: number) => Promise<void>,
): Promise<Result<readonly Op[], Refusal>> => {
  const stored: Op[] = [];
  for (const op of ops) {
    if (sizeOf(op) <= MAX_INLINE) {
      stored.push(op);
      continue;
    }
    const bytes = encode(opCodec, op);
    const key = random.bytes(32);
    const blob = await sealBlob(crypto, bytes, key, concat(utf8('op'), key));
    if (!blob.ok)
      return err(
        refusal('tooLarge', 'This change is larger than 32 MiB.', 'Nothing was changed.', 'Split it into parts.'),
      );
    const put = await putBlob(storage, blob.value, 'strict');
    if (!put.ok)
      return err(
        refusal(
          'notSaved',
          'This device could not save the payload.',
          'Everything saved before is safe.',
          'Free some space and try again.',
        ),
      );
    await keep(blob.value.id, bytes.length);
    stored.push({ type: 'large', blob: blob.value.id, size: bytes.length, key });
  }
  return ok(stored);
};
