/**
 * Who this profile is: a user root (SEA pair), a keyring key that the person's devices share, and this device's key.
 * Made at the first visit, kept in the vault; the key file is the same, under a passphrase.
 */
import { concat, fromBase64Url, toBase64Url, toHex, utf8 } from '../../base/bytes';
import { blob, type Codec, decode, encode, fixed, record, text, u32 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, KeyPair, Random, RootPair, Vault } from '../../ports';
import { type DeviceId, type UserId, userIdOf } from '../../vm/op/ids';
import { type Certificate, certificateCodec } from './acl';

/** What makes somebody the same person on another device. */
const personCodec = record({
  pub: text(200),
  priv: text(100),
  epub: text(200),
  epriv: text(100),
  userNonce: fixed(32),
  keyringSeed: fixed(32),
});
type PersonSecrets = RootPair & { readonly userNonce: Uint8Array; readonly keyringSeed: Uint8Array };

export type Device = { readonly device: DeviceId; readonly key: KeyPair };
export type Identity = Device & {
  readonly user: UserId;
  readonly person: PersonSecrets;
  readonly keyring: KeyPair;
  readonly certificate: Certificate;
};

const PERSON = 'person';
const DEVICE = 'device';

/** The device key of this profile, made when there is none. All that a beacon has. */
export const loadDevice = async (crypto: Crypto, random: Random, vault: Vault): Promise<Device> => {
  let seed = await vault.get(DEVICE);
  if (!seed) {
    seed = random.bytes(32);
    await vault.put(DEVICE, seed);
  }
  const key = await crypto.signingKey(seed);
  return { device: toHex(key.publicKey) as DeviceId, key };
};

export const loadIdentity = async (crypto: Crypto, random: Random, vault: Vault, now: number): Promise<Identity> => {
  const device = await loadDevice(crypto, random, vault);
  const stored = await vault.get(PERSON);
  const decoded = stored ? decode(personCodec, stored) : undefined;
  if (decoded && !decoded.ok) throw new Error('The keys of this profile are damaged; restore them from your key file.');
  let person = decoded?.value as PersonSecrets | undefined;
  if (!person) {
    person = { ...(await crypto.rootPair()), userNonce: random.bytes(32), keyringSeed: random.bytes(32) };
    await vault.put(PERSON, encode(personCodec as Codec<PersonSecrets>, person));
  }
  const user = userIdOf(person.pub, person.userNonce);
  const keyring = await crypto.agreementKey(person.keyringSeed);
  return {
    ...device,
    user,
    person,
    keyring,
    certificate: await certify(crypto, person, user, device.device, keyring.publicKey, now),
  };
};

const unsigned = (certificate: Omit<Certificate, 'signature'>): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/cert/1\0'), encode(certificateCodec, { ...certificate, signature: new Uint8Array(64) }));

const certify = async (
  crypto: Crypto,
  person: PersonSecrets,
  user: UserId,
  device: DeviceId,
  keyring: Uint8Array<ArrayBuffer>,
  now: number,
): Promise<Certificate> => {
  const certificate = {
    user,
    rootPub: person.pub,
    userNonce: person.userNonce as Uint8Array<ArrayBuffer>,
    device,
    keyring,
    createdAt: now,
  };
  return { ...certificate, signature: await crypto.signAsRoot(person, unsigned(certificate)) };
};

export const verifyCertificate = async (crypto: Crypto, certificate: Certificate): Promise<boolean> =>
  userIdOf(certificate.rootPub, certificate.userNonce) === certificate.user &&
  (await crypto.verifyRoot(certificate.rootPub, unsigned(certificate), certificate.signature));

// --- The key file ------------------------------------------------------------------------------------------

export const KEY_FILE_ITERATIONS = 600_000;
const secretCodec = record({ name: text(300), value: blob(64 * 1024) });
const fileCodec = record({ salt: fixed(16), nonce: fixed(12), iterations: u32, sealed: blob(16 * 1024 * 1024) });
const PREFIX = 'lgos-keys-1:';

export type KeyFileError = { readonly type: 'notAKeyFile' | 'wrongPassphrase'; readonly message: string };

/** Everything in the vault but this device's own key, which stays with the device. */
export const exportKeys = async (crypto: Crypto, random: Random, vault: Vault, passphrase: string): Promise<string> => {
  const names = (await vault.list('')).filter((name) => name !== DEVICE);
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
  return PREFIX + toBase64Url(encode(fileCodec, { salt, nonce, iterations: KEY_FILE_ITERATIONS, sealed }));
};

/** Puts the secrets of a key file into the vault. The device key of this profile stays its own. */
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
  if (!secrets.some(({ name }) => name === PERSON)) return notAKeyFile('The key file holds no person.');
  for (const { name, value } of secrets) if (name !== DEVICE) await vault.put(name, value);
  return ok(undefined);
};
