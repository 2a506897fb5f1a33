/**
 * What the person's devices leave for each other in the personal space: each shows an agreement key that it signed, and
 * whoever makes a new generation of the keyring seals it to every other one. What a setting holds is believed only as far as
 * a device key or the root has signed it, because any device of the person, a stolen one too, can write settings.
 */
import { concat, fromBase64Url, fromHex, toBase64Url, utf8 } from '../../base/bytes';
import { decode, encode, u32 } from '../../base/codec';
import { deriveKey } from '../../base/hash';
import type { Crypto, KeyPair, Random } from '../../ports';
import type { DeviceId, UserId } from '../../vm/op/ids';
import { type Certificate, certificateCodec } from './acl';
import { type Device, verifyCertificate } from './identity';

const ZERO_NONCE = new Uint8Array(12);
const shownBytes = (user: UserId, device: DeviceId, agreement: Uint8Array): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/device-key/1\0'), fromHex(user), fromHex(device), agreement);
const parcelBytes = (user: UserId, device: DeviceId, generation: number): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/keyring/1\0'), fromHex(user), fromHex(device), encode(u32, generation));

const bytesIn = (value: unknown, key: string, length: number): Uint8Array<ArrayBuffer> | undefined => {
  const text = (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
  const bytes = typeof text === 'string' && text.length < 4_096 ? fromBase64Url(text) : undefined;
  return bytes && (length === 0 || bytes.length === length) ? bytes : undefined;
};

export type Shown = { readonly agreement: string; readonly signature: string };
/** The agreement key of this device, as a setting. */
export const showKey = async (crypto: Crypto, user: UserId, { device, key, agreement }: Device): Promise<Shown> => ({
  agreement: toBase64Url(agreement.publicKey),
  signature: toBase64Url(await crypto.sign(key.handle, shownBytes(user, device, agreement.publicKey))),
});
/** The key that `device` itself has shown; `undefined` where it did not. */
export const shownKey = async (
  crypto: Crypto,
  user: UserId,
  device: DeviceId,
  value: unknown,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const agreement = bytesIn(value, 'agreement', 32);
  const signature = bytesIn(value, 'signature', 64);
  if (!agreement || !signature) return undefined;
  return (await crypto.verify(fromHex(device), shownBytes(user, device, agreement), signature)) ? agreement : undefined;
};

export type Parcel = { readonly certificate: string; readonly ephemeral: string; readonly sealed: string };
/** `agreement`: of the device that it is for, which `certificate` names. `undefined` for a key that agrees with everybody. */
export const sealParcel = async (
  crypto: Crypto,
  random: Random,
  agreement: Uint8Array,
  certificate: Certificate,
  generation: number,
  secret: Uint8Array,
): Promise<Parcel | undefined> => {
  const ephemeral = await crypto.agreementKey(random.bytes(32));
  const shared = await crypto.agree(ephemeral.handle, agreement);
  if (!shared) return undefined;
  const key = deriveKey(shared, concat(ephemeral.publicKey, agreement), 'lgos/keyring/1');
  const associated = parcelBytes(certificate.user, certificate.device, generation);
  return {
    certificate: toBase64Url(encode(certificateCodec, certificate)),
    ephemeral: toBase64Url(ephemeral.publicKey),
    // The key serves one message, so the nonce may be zero.
    sealed: toBase64Url(await crypto.seal(key, ZERO_NONCE, secret, associated)),
  };
};

/** The secret and the certificate in a parcel for this device, where the root has signed for both. */
export const openParcel = async (
  crypto: Crypto,
  me: { readonly user: UserId; readonly device: DeviceId; readonly agreement: KeyPair },
  generation: number,
  value: unknown,
): Promise<{ readonly secret: Uint8Array<ArrayBuffer>; readonly certificate: Certificate } | undefined> => {
  const written = bytesIn(value, 'certificate', 0);
  const ephemeral = bytesIn(value, 'ephemeral', 32);
  const sealed = bytesIn(value, 'sealed', 48);
  const certificate = written ? decode(certificateCodec, written) : undefined;
  if (!certificate?.ok || !ephemeral || !sealed) return undefined;
  const { user, device, keyring } = certificate.value;
  if (user !== me.user || device !== me.device || !(await verifyCertificate(crypto, certificate.value)))
    return undefined;
  const shared = await crypto.agree(me.agreement.handle, ephemeral);
  if (!shared) return undefined;
  const key = deriveKey(shared, concat(ephemeral, me.agreement.publicKey), 'lgos/keyring/1');
  const secret = await crypto.open(key, ZERO_NONCE, sealed, parcelBytes(user, device, generation));
  if (!secret || toBase64Url((await crypto.agreementKey(secret)).publicKey) !== toBase64Url(keyring)) return undefined;
  return { secret, certificate: certificate.value };
};
