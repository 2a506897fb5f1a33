/** A sealed entry opened all the way to its ops, as a node does in two steps: it keeps the bytes between them. */
import type { Result } from '../../src/base/result';
import type { Crypto } from '../../src/ports';
import type { Op } from '../../src/vm/op/body';
import type { Entry } from '../../src/vm/op/entry';
import { type OpenError, unsealBody } from '../../src/vm/op/seal';
import { decodeBody } from '../../src/vm/op/tables';

export const openBody = async (
  crypto: Crypto,
  shardKey: Uint8Array,
  entry: Entry,
): Promise<Result<readonly Op[], OpenError>> => {
  const plain = await unsealBody(crypto, shardKey, entry);
  return plain.ok ? decodeBody(plain.value, entry.header) : plain;
};
