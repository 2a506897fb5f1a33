/** Making and opening entries: encrypt, hash, sign; verify, decrypt. Asynchronous and stateless. */
import { concat, fromHex } from '../../base/bytes';
import { encode, type Malformed } from '../../base/codec';
import { deriveKey, hmacSha256, sha256 } from '../../base/hash';
import { setLatest } from '../../base/latest';
import { onceOf } from '../../base/once';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, KeyHandle } from '../../ports';
import { MAX_BODY, type Op } from './body';
import { type Entry, entryIdOf, type Header, signedBytesOf, unsealedHeaderCodec } from './entry';
import { logIdOf, type NodeId, type ShardId } from './ids';
import type { BirthName } from './names';
import { encodeBody } from './tables';

const NONCE = 12;
const TAG = 16;
/** What sealing adds to a body, in bytes. */
const SEAL_OVERHEAD = NONCE + TAG;

/** Keys hang under the shard, so that a person with one document can be given that document's key alone. */
export const shardKeyOf = (epochKey: Uint8Array, shard: ShardId): Uint8Array<ArrayBuffer> => {
  const known = shardKeysOf(epochKey);
  const key = known.get(shard) ?? deriveKey(epochKey, fromHex(shard), 'lgos/shard-key/1');
  setLatest(known, shard, key, MAX_SHARD_KEYS);
  return key;
};
/** Those asked for last: each entry and each word of presence asks for one. */
const shardKeysOf = onceOf((_epochKey: Uint8Array) => new Map<ShardId, Uint8Array<ArrayBuffer>>());
const MAX_SHARD_KEYS = 1_024;
const NO_SALT = new Uint8Array();
const macKeyOf = onceOf((shardKey: Uint8Array) => deriveKey(shardKey, NO_SALT, 'lgos/mac/1'));
const sealKeyOf = onceOf((shardKey: Uint8Array) => deriveKey(shardKey, NO_SALT, 'lgos/enc/1'));

export type HeaderDraft = Omit<Header, 'bodyLength' | 'bodyHash'>;

/** Signs an entry whose body stays in clear (rights, keys, hosting). */
export const signEntry = async (
  crypto: Crypto,
  key: KeyHandle,
  draft: HeaderDraft,
  body: Uint8Array,
): Promise<Entry> => {
  const header: Header = { ...draft, bodyLength: body.length, bodyHash: sha256(body) };
  const id = entryIdOf(header);
  const signature = await crypto.sign(key, signedBytesOf(id));
  return { id, log: logIdOf(header.space, header.shard, header.device, header.incarnation), header, body, signature };
};

/**
 * Encrypts and signs a batch of ops. The nonce is made from the header and the text, so a restored backup can never
 * use one nonce for two texts. `told`: what is known of the births of nodes, which shortens the body. Throws when the ops do
 * not fit one: split them first.
 */
export const sealEntry = async (
  crypto: Crypto,
  key: KeyHandle,
  shardKey: Uint8Array,
  draft: HeaderDraft,
  ops: readonly Op[],
  told?: (node: NodeId) => BirthName | undefined,
): Promise<Entry> => {
  const plain = encodeBody(ops, draft, told);
  if (plain.length > MAX_BODY) throw new Error(`A body of ${plain.length} bytes, at most ${MAX_BODY}`);
  const associated = encode(unsealedHeaderCodec, { ...draft, bodyLength: plain.length + SEAL_OVERHEAD });
  const nonce = hmacSha256(macKeyOf(shardKey), concat(associated, plain)).slice(0, NONCE);
  const sealed = await crypto.seal(sealKeyOf(shardKey), nonce, plain, associated);
  return signEntry(crypto, key, draft, concat(nonce, sealed));
};

export const verifyEntry = (crypto: Crypto, entry: Entry): Promise<boolean> =>
  crypto.verify(fromHex(entry.header.device), signedBytesOf(entry.id), entry.signature);

export type OpenError = { readonly type: 'wrongKey'; readonly message: string } | Malformed;

/** The bytes that were sealed: whether they are a body is not looked at. */
export const unsealBody = async (
  crypto: Crypto,
  shardKey: Uint8Array,
  entry: Entry,
): Promise<Result<Uint8Array<ArrayBuffer>, OpenError>> => {
  const { bodyHash: _, ...draft } = entry.header;
  if (entry.body.length < SEAL_OVERHEAD) return err({ type: 'malformed', message: 'a sealed body ends too early' });
  const plain = await crypto.open(
    sealKeyOf(shardKey),
    entry.body.subarray(0, NONCE),
    entry.body.subarray(NONCE),
    encode(unsealedHeaderCodec, draft),
  );
  return plain ? ok(plain) : err({ type: 'wrongKey', message: 'the body does not open under its epoch key' });
};
