/**
 * The key file: the secrets of a person under a passphrase. It opens in a
 * clean browser, which becomes that person and stays a device of its own.
 */
import { concat, fromBase64Url, toBase64Url, utf8 } from '../../base/bytes';
import { blob, decode, encode, fixed, record, text, u32 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, Random, Vault } from '../../ports';
import { clearPerson, DEVICE, LINKED, PERSON, SEED } from './identity';

export const KEY_FILE_ITERATIONS = 600_000;
const secretCodec = record({ name: text(300), value: blob(64 * 1024) });
const fileCodec = record({ salt: fixed(16), nonce: fixed(12), iterations: u32, sealed: blob(16 * 1024 * 1024) });
const PREFIX = 'lgos-keys-1:';

export type KeyFileError = { readonly type: 'notAKeyFile' | 'wrongPassphrase' | 'noRoot'; readonly message: string };

/** Everything in the vault but this device's own key, which stays with the device. */
export const exportKeys = async (
  crypto: Crypto,
  random: Random,
  vault: Vault,
  passphrase: string,
): Promise<Result<string, KeyFileError>> => {
  const names = (await vault.list('')).filter((name) => name !== DEVICE);
  if (names.includes(LINKED))
    return err({ type: 'noRoot', message: 'This device was linked and does not hold what a key file is made of.' });
  const parts: Uint8Array[] = [];
  for (const name of names) {
    const value = await vault.get(name);
    if (value) {
      const secret = encode(secretCodec, { name, value });
      parts.push(encode(u32, secret.length), secret);
    }
  }
  const salt = random.bytes(16);
  const nonce = random.bytes(12);
  const key = await crypto.stretch(passphrase, salt, KEY_FILE_ITERATIONS);
  const sealed = await crypto.seal(key, nonce, concat(...parts), utf8(PREFIX));
  return ok(PREFIX + toBase64Url(encode(fileCodec, { salt, nonce, iterations: KEY_FILE_ITERATIONS, sealed })));
};

/** Puts the secrets of a key file into the vault, in place of who was there. The device key of this profile stays its own. */
export const importKeys = async (
  crypto: Crypto,
  vault: Vault,
  file: string,
  passphrase: string,
): Promise<Result<void, KeyFileError>> => {
  const notAKeyFile = (message: string): Result<never, KeyFileError> => err({ type: 'notAKeyFile', message });
  const trimmed = file.trim();
  const bytes = trimmed.startsWith(PREFIX) ? fromBase64Url(trimmed.slice(PREFIX.length)) : undefined;
  const decoded = bytes ? decode(fileCodec, bytes) : undefined;
  if (!decoded?.ok) return notAKeyFile('This is not a key file of LifeGraph OS, or it was cut.');
  const { salt, nonce, iterations, sealed } = decoded.value;
  if (iterations < 100_000 || iterations > 5_000_000)
    return notAKeyFile('This key file asks for an unreasonable amount of work.');
  const plain = await crypto.open(await crypto.stretch(passphrase, salt, iterations), nonce, sealed, utf8(PREFIX));
  if (!plain) return err({ type: 'wrongPassphrase', message: 'The passphrase does not open this key file.' });
  const secrets: { name: string; value: Uint8Array }[] = [];
  for (let offset = 0; offset < plain.length; ) {
    const length = decode(u32, plain.subarray(offset, offset + 4));
    const secret = length.ok ? decode(secretCodec, plain.subarray(offset + 4, offset + 4 + length.value)) : length;
    if (!length.ok || !secret.ok) return notAKeyFile('The key file is damaged inside.');
    secrets.push(secret.value);
    offset += 4 + length.value;
  }
  if (!secrets.some(({ name }) => name === SEED || name === PERSON))
    return notAKeyFile('The key file holds no person.');
  await clearPerson(vault);
  for (const { name, value } of secrets) if (name !== DEVICE && name !== LINKED) await vault.put(name, value);
  return ok(undefined);
};
