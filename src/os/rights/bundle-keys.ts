/**
 * The keys in a bundle: none, open, or under a passphrase. Whoever has them reads what the bundle holds, and what is written
 * in the space until its keys change; they give no right to write. Table: docs/protocol/bundle.md.
 */
import { concat, fromHex, utf8 } from '../../base/bytes';
import { blob, decode, encode, fixed, list, record, tagged, u32 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, Random } from '../../ports';
import { MAX_KEYS } from '../../vm/journal/bundle';
import { epochIdCodec, type SpaceId, shardIdCodec } from '../../vm/op/ids';
import { KEY_FILE_ITERATIONS } from './keyfile';
import { type EpochKeys, type PartKeys, type PartName, partName } from './keyring';

export type BundleKeys = { readonly epochs: EpochKeys; readonly parts: PartKeys };
export type KeysError = { readonly type: 'damaged' | 'needsPassphrase' | 'wrongPassphrase' };

const MOST = 10_000;
const secretsCodec = record({
  epochs: list(record({ epoch: epochIdCodec, key: fixed(32) }), MOST),
  parts: list(record({ epoch: epochIdCodec, shard: shardIdCodec, key: fixed(32) }), MOST),
});
const keysCodec = tagged({
  none: [0, record({})],
  open: [1, record({ secrets: blob(MAX_KEYS) })],
  sealed: [2, record({ salt: fixed(16), nonce: fixed(12), iterations: u32, sealed: blob(MAX_KEYS) })],
});
const NONE: BundleKeys = { epochs: new Map(), parts: new Map() };
const about = (space: SpaceId): Uint8Array<ArrayBuffer> => concat(utf8('lgos/bundle-keys/1\0'), fromHex(space));

/** `how`: none, open, or the passphrase to seal them under. */
export const packKeys = async (
  crypto: Crypto,
  random: Random,
  space: SpaceId,
  keys: BundleKeys,
  how: 'none' | 'open' | { readonly passphrase: string },
): Promise<Uint8Array<ArrayBuffer>> => {
  if (how === 'none') return encode(keysCodec, { type: 'none' });
  const secrets = encode(secretsCodec, {
    epochs: [...keys.epochs].map(([epoch, key]) => ({ epoch, key: new Uint8Array(key) })),
    parts: [...keys.parts].map(([name, key]) => {
      const [epoch, shard] = name.split('/') as [never, never];
      return { epoch, shard, key: new Uint8Array(key) };
    }),
  });
  if (how === 'open') return encode(keysCodec, { type: 'open', secrets });
  const salt = random.bytes(16);
  const nonce = random.bytes(12);
  const key = await crypto.stretch(how.passphrase, salt, KEY_FILE_ITERATIONS);
  const sealed = await crypto.seal(key, nonce, secrets, about(space));
  return encode(keysCodec, { type: 'sealed', salt, nonce, iterations: KEY_FILE_ITERATIONS, sealed });
};

export const unpackKeys = async (
  crypto: Crypto,
  space: SpaceId,
  packed: Uint8Array,
  passphrase: string | undefined,
): Promise<Result<BundleKeys, KeysError>> => {
  const read = decode(keysCodec, packed);
  if (!read.ok) return err({ type: 'damaged' });
  const { value } = read;
  if (value.type === 'none') return ok(NONE);
  if (value.type === 'open') return secretsOf(value.secrets);
  if (passphrase === undefined || passphrase === '') return err({ type: 'needsPassphrase' });
  const { salt, nonce, iterations, sealed } = value;
  // A file must not make this device work for hours.
  if (iterations < 100_000 || iterations > 5_000_000) return err({ type: 'damaged' });
  const plain = await crypto.open(await crypto.stretch(passphrase, salt, iterations), nonce, sealed, about(space));
  return plain ? secretsOf(plain) : err({ type: 'wrongPassphrase' });
};

const secretsOf = (bytes: Uint8Array): Result<BundleKeys, KeysError> => {
  const secrets = decode(secretsCodec, bytes);
  if (!secrets.ok) return err({ type: 'damaged' });
  return ok({
    epochs: new Map(secrets.value.epochs.map(({ epoch, key }) => [epoch, key])),
    parts: new Map(
      secrets.value.parts.map(({ epoch, shard, key }): [PartName, Uint8Array] => [partName(epoch, shard), key]),
    ),
  });
};
