/**
 * Who this profile is: a person, and one of their devices. A person is a seed, from which all their keys follow; or, in
 * older profiles, a root pair without one; or, on a device that was linked, no root at all, only a certificate.
 *
 * ID2 the root stays where it was made, in the recovery phrase and in the key file; linking passes none of it.
 * ID3 the keyring has generations: whoever revokes a device makes a new one, which that device never gets.
 */
import { concat, fromHex, toHex, utf8 } from '../../base/bytes';
import { type Codec, decode, encode, fixed, list, record, text, type ValueOf } from '../../base/codec';
import { deriveKey } from '../../base/hash';
import type { Crypto, KeyPair, Random, RootPair, Vault } from '../../ports';
import { type DeviceId, deviceIdCodec, type SpaceId, type UserId, userIdOf } from '../../vm/op/ids';
import { type ActOf, type Certificate, certificateCodec } from './acl';
import { keyringSeedOf, rootPairOf, SEED_BYTES, userNonceOf } from './seed';

/** A person without a seed, as older profiles keep them. */
const personCodec = record({
  pub: text(200),
  priv: text(100),
  epub: text(200),
  epriv: text(100),
  userNonce: fixed(32),
  keyringSeed: fixed(32),
});
/** The certificate that another device of the person signed with the root. */
const linkedCodec = record({ certificate: certificateCodec });

export type Device = {
  readonly device: DeviceId;
  readonly key: KeyPair;
  /** X25519: what one device alone is to read is sealed to it. */
  readonly agreement: KeyPair;
};
export type Identity = Device & {
  readonly user: UserId;
  readonly rootPub: string;
  /** Absent on a linked device. */
  readonly root: RootPair | undefined;
  /** Absent where there is no root, and in older profiles. */
  readonly seed: Uint8Array<ArrayBuffer> | undefined;
  /** Of all generations, oldest first. */
  readonly keyrings: readonly KeyPair[];
  /** The last one: epoch keys are wrapped to it. */
  readonly keyring: KeyPair;
  readonly certificate: Certificate;
  /** The secrets of all generations, for the person's other devices. */
  readonly keyringSecrets: readonly Uint8Array<ArrayBuffer>[];
  /** What the next generation's secret is; random where there is no seed. */
  nextSecret(random: Random): Uint8Array<ArrayBuffer>;
  /** Signs with the root. Throws where there is none. */
  certifies(device: DeviceId, keyring: Uint8Array, now: number): Promise<Certificate>;
  disowns(device: DeviceId): Promise<Uint8Array<ArrayBuffer>>;
  /** Goes on with a new generation, durably. Linked devices are given the certificate for it. */
  renew(secret: Uint8Array, now: number, certificate?: Certificate): Promise<void>;
};

export const PERSON = 'person';
export const SEED = 'seed';
export const LINKED = 'linked';
export const DEVICE = 'device';
export const PERSONAL = 'personal';
/** Where the personal space is to be found, until it is here. */
export const HOME = 'home';
const KEYRING = 'keyring/';
/** One revocation each. */
export const MAX_GENERATIONS = 1_000;
/** In the order of generations. */
const keyringName = (generation: number): string => `${KEYRING}${String(generation).padStart(4, '0')}`;

/** The device key of this profile, made when there is none. All that a beacon has. */
export const loadDevice = async (crypto: Crypto, random: Random, vault: Vault): Promise<Device> => {
  let seed = await vault.get(DEVICE);
  if (!seed) {
    seed = random.bytes(32);
    await vault.put(DEVICE, seed);
  }
  const key = await crypto.signingKey(seed);
  const agreement = await crypto.agreementKey(deriveKey(seed, new Uint8Array(), 'lgos/device-agree/1'));
  return { device: toHex(key.publicKey) as DeviceId, key, agreement };
};

/** What makes somebody the same person on another device. */
type Person = {
  readonly rootPub: string;
  readonly userNonce: Uint8Array<ArrayBuffer>;
  readonly root: RootPair | undefined;
  readonly seed: Uint8Array<ArrayBuffer> | undefined;
  readonly firstKeyring: Uint8Array<ArrayBuffer> | undefined;
  readonly certificate: Certificate | undefined;
};

const DAMAGED = 'The keys of this profile are damaged; restore them from your recovery phrase or key file.';
const readAs = <T>(codec: Codec<T>, bytes: Uint8Array): T => {
  const decoded = decode(codec, bytes);
  if (!decoded.ok) throw new Error(DAMAGED);
  return decoded.value;
};

export const personOfSeed = (seed: Uint8Array<ArrayBuffer>): Person => {
  const root = rootPairOf(seed);
  return {
    rootPub: root.pub,
    userNonce: userNonceOf(seed),
    root,
    seed,
    firstKeyring: keyringSeedOf(seed, 0),
    certificate: undefined,
  };
};
export const userOf = ({ rootPub, userNonce }: Pick<Person, 'rootPub' | 'userNonce'>): UserId =>
  userIdOf(rootPub, userNonce);

const loadPerson = async (random: Random, vault: Vault): Promise<Person> => {
  const linked = await vault.get(LINKED);
  if (linked) {
    const { certificate } = readAs(linkedCodec, linked);
    const { rootPub, userNonce } = certificate;
    return { rootPub, userNonce, root: undefined, seed: undefined, firstKeyring: undefined, certificate };
  }
  const stored = await vault.get(SEED);
  if (stored) {
    if (stored.length !== SEED_BYTES) throw new Error(DAMAGED);
    return personOfSeed(stored);
  }
  const older = await vault.get(PERSON);
  if (older) {
    const { userNonce, keyringSeed, ...root } = readAs(personCodec, older);
    return { rootPub: root.pub, userNonce, root, seed: undefined, firstKeyring: keyringSeed, certificate: undefined };
  }
  const seed = random.bytes(SEED_BYTES);
  await vault.put(SEED, seed);
  return personOfSeed(seed);
};

/** `now`: in ms, for the certificate. */
export const loadIdentity = async (crypto: Crypto, random: Random, vault: Vault, now: number): Promise<Identity> => {
  const device = await loadDevice(crypto, random, vault);
  const person = await loadPerson(random, vault);
  const secrets: Uint8Array<ArrayBuffer>[] = person.firstKeyring ? [person.firstKeyring] : [];
  for (const name of [...(await vault.list(KEYRING))].sort()) secrets.push((await vault.get(name)) as never);
  const user = userOf(person);
  const keyrings: KeyPair[] = [];
  for (const secret of secrets) keyrings.push(await crypto.agreementKey(secret));
  if (keyrings.length === 0) throw new Error(DAMAGED);

  const sign = (message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    if (!person.root) throw new Error('A linked device has no root to sign with');
    return crypto.signAsRoot(person.root, message);
  };
  const certifies = async (of: DeviceId, keyring: Uint8Array, createdAt: number): Promise<Certificate> => {
    const { rootPub, userNonce } = person;
    const plain = { user, rootPub, userNonce, device: of, keyring: new Uint8Array(keyring), createdAt };
    return { ...plain, signature: await sign(unsigned(plain)) };
  };
  const last = (): KeyPair => keyrings.at(-1) as KeyPair;
  let certificate = person.certificate ?? (await certifies(device.device, last().publicKey, now));
  if (certificate.device !== device.device) throw new Error(DAMAGED);

  return {
    ...device,
    user,
    rootPub: person.rootPub,
    root: person.root,
    seed: person.seed,
    keyrings,
    get keyring() {
      return last();
    },
    get certificate() {
      return certificate;
    },
    keyringSecrets: secrets,
    nextSecret: (chance) => (person.seed ? keyringSeedOf(person.seed, keyrings.length) : chance.bytes(32)),
    certifies,
    disowns: async (of) => sign(disownedBytes(user, of)),
    renew: async (secret, at, given) => {
      const keyring = await crypto.agreementKey(secret);
      const renewed = given ?? (await certifies(device.device, keyring.publicKey, at));
      await vault.put(keyringName(keyrings.length), secret);
      if (!person.root) await vault.put(LINKED, encode(linkedCodec, { certificate: renewed }));
      secrets.push(new Uint8Array(secret));
      keyrings.push(keyring);
      certificate = renewed;
    },
  };
};

const unsigned = (certificate: Omit<Certificate, 'signature'>): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/cert/1\0'), encode(certificateCodec, { ...certificate, signature: new Uint8Array(64) }));

export const verifyCertificate = async (crypto: Crypto, certificate: Certificate): Promise<boolean> =>
  userIdOf(certificate.rootPub, certificate.userNonce) === certificate.user &&
  (await crypto.verifyRoot(certificate.rootPub, unsigned(certificate), certificate.signature));

/** Not bound to a space: what was said in one holds in all that the person is in, also in those they join later. */
const disownedBytes = (user: UserId, device: DeviceId): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/disown/1\0'), fromHex(user), fromHex(device));
/** Whether the root says that the device is not the person's any more. */
export const verifyDisowned = (
  crypto: Crypto,
  rootPub: string,
  user: UserId,
  device: DeviceId,
  signature: Uint8Array,
): Promise<boolean> => crypto.verifyRoot(rootPub, disownedBytes(user, device), signature);

/** Not bound to a space either. */
const vouchBytes = (user: UserId, device: DeviceId): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/vouch/1\0'), fromHex(user), fromHex(device));
/** The word of a device that another one is the same person's. */
export const vouch = async (
  crypto: Crypto,
  by: Pick<Device, 'device' | 'key'>,
  user: UserId,
  device: DeviceId,
): Promise<ActOf<'confirm'>> => ({
  type: 'confirm',
  device,
  by: by.device,
  signature: await crypto.sign(by.key.handle, vouchBytes(user, device)),
});
export const verifyVouch = (
  crypto: Crypto,
  user: UserId,
  { device, by, signature }: ActOf<'confirm'>,
): Promise<boolean> => crypto.verify(fromHex(by), vouchBytes(user, device), signature);

// --- Becoming somebody -----------------------------------------------------------------------------------------

/** Forgets who the profile was; what the person had in spaces, and the device's own key, stay. */
export const clearPerson = async (vault: Vault): Promise<void> => {
  for (const name of [PERSON, SEED, LINKED, PERSONAL, HOME, ...(await vault.list(KEYRING))]) await vault.remove(name);
};

const homeCodec = record({ room: fixed(32), beacons: list(record({ url: text(500), device: deviceIdCodec }), 8) });
/** The room in which those who hold the personal space are met, and beacons that do. */
export type Home = ValueOf<typeof homeCodec>;
export const loadHome = async (vault: Vault): Promise<Home | undefined> => {
  const stored = await vault.get(HOME);
  return stored && readAs(homeCodec, stored);
};

/** The profile is `seed`'s person from the next start on. `personal`: the id of their personal space. */
export const becomeSeed = async (vault: Vault, seed: Uint8Array, personal: SpaceId, home: Home): Promise<void> => {
  await clearPerson(vault);
  await vault.put(HOME, encode(homeCodec, home));
  await vault.put(PERSONAL, fromHex(personal));
  await vault.put(SEED, seed);
};

/** The same for a device that was linked. `keyrings`: the secrets of all generations, oldest first. */
export const becomeLinked = async (
  vault: Vault,
  certificate: Certificate,
  keyrings: readonly Uint8Array[],
  personal: SpaceId,
  home: Home,
): Promise<void> => {
  await clearPerson(vault);
  await vault.put(HOME, encode(homeCodec, home));
  await vault.put(PERSONAL, fromHex(personal));
  for (const [generation, secret] of keyrings.entries()) await vault.put(keyringName(generation), secret);
  await vault.put(LINKED, encode(linkedCodec, { certificate }));
};
