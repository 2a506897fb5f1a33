import { expect, test } from 'vitest';
import { fromBase64Url, fromHex, toHex } from '../../../src/base/bytes';
import { encode, fixed, record, text } from '../../../src/base/codec';
import { isP256Scalar } from '../../../src/base/p256';
import {
  becomeLinked,
  becomeSeed,
  loadIdentity,
  verifyCertificate,
  verifyDisowned,
} from '../../../src/os/rights/identity';
import { exportKeys, importKeys } from '../../../src/os/rights/keyfile';
import { phraseOf, seedOfPhrase } from '../../../src/os/rights/phrase';
import { founderOf, keyringSeedOf, rootPairOf } from '../../../src/os/rights/seed';
import { memoryVault } from '../../../src/platform/memory/vault';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';
import { type DeviceId, type SpaceId, spaceIdOf } from '../../../src/vm/op/ids';

const crypto = webCrypto();
const random = webRandom();
const SEED = fromHex('000102030405060708090a0b0c0d0e0f');
const OTHER = 'ab'.repeat(32) as DeviceId;
const PERSONAL = 'cd'.repeat(32) as SpaceId;
const HOME = { room: new Uint8Array(32), beacons: [] };

test('[ID4] twelve words are the seed, and slips of the pen are told apart', () => {
  expect(phraseOf(fromHex('00'.repeat(16)))).toBe(`${'abandon '.repeat(11)}about`);
  const phrase = phraseOf(SEED);
  expect(phrase.split(' ')).toHaveLength(12);
  expect(seedOfPhrase(phrase)).toEqual({ ok: true, value: SEED });
  const numbered = phrase
    .split(' ')
    .map((word, i) => `${i + 1}. ${word.toUpperCase()}`)
    .join('\n');
  expect(seedOfPhrase(numbered)).toEqual({ ok: true, value: SEED });
  const words = phrase.split(' ');
  expect(seedOfPhrase(words.slice(1).join(' '))).toEqual({ ok: false, error: { type: 'length', words: 11 } });
  expect(seedOfPhrase([...words.slice(1), 'lifegraph'].join(' '))).toEqual({
    ok: false,
    error: { type: 'word', word: 'lifegraph' },
  });
  const swapped = [words[1], words[0], ...words.slice(2)].join(' ');
  expect(seedOfPhrase(swapped)).toEqual({ ok: false, error: { type: 'order' } });
  expect(seedOfPhrase('')).toEqual({ ok: false, error: { type: 'length', words: 0 } });
});

test('[ID4] all keys of a person follow from the seed, and are of nobody else', async () => {
  const pair = rootPairOf(SEED);
  expect(rootPairOf(SEED)).toEqual(pair);
  expect(rootPairOf(fromHex('01'.repeat(16))).pub).not.toBe(pair.pub);
  expect(isP256Scalar(fromBase64Url(pair.priv) as Uint8Array)).toBe(true);
  expect(new Set([pair.priv, pair.epriv, toHex(keyringSeedOf(SEED, 0)), toHex(keyringSeedOf(SEED, 1))]).size).toBe(4);
  // The point is the one that WebCrypto computes: it signs with the pair, and refuses a pair whose halves do not fit.
  const message = fromHex('01020304');
  const signature = await crypto.signAsRoot(pair, message);
  expect(await crypto.verifyRoot(pair.pub, message, signature)).toBe(true);
  expect(await crypto.verifyRoot(pair.epub, message, signature)).toBe(false);
});

test('[ID5] the personal space is found from the seed alone', async () => {
  const vault = memoryVault();
  await becomeSeed(vault, SEED, PERSONAL, HOME);
  const { user, device } = await loadIdentity(crypto, random, vault, 1);
  const founder = await founderOf(crypto, SEED, user);
  expect(founder.space).toBe(spaceIdOf(user, founder.device, 'personal', founder.nonce));
  expect(founder.device).not.toBe(device);
  expect((await founderOf(crypto, SEED, user)).space).toBe(founder.space);
});

test('[ID2] a linked device holds no root: it certifies and disowns nobody, and makes no key file', async () => {
  const owner = await loadIdentity(crypto, random, memoryVault(), 1);
  const vault = memoryVault();
  const before = await loadIdentity(crypto, random, vault, 1);
  const certificate = await owner.certifies(before.device, owner.keyring.publicKey, 5);
  await becomeLinked(vault, certificate, owner.keyringSecrets, PERSONAL, HOME);
  const linked = await loadIdentity(crypto, random, vault, 9);
  expect(linked.user).toBe(owner.user);
  expect(linked.device).toBe(before.device);
  expect(linked.certificate).toEqual(certificate);
  expect(await verifyCertificate(crypto, linked.certificate)).toBe(true);
  expect(linked.keyring.publicKey).toEqual(owner.keyring.publicKey);
  expect([linked.root, linked.seed]).toEqual([undefined, undefined]);
  await expect(linked.certifies(OTHER, owner.keyring.publicKey, 9)).rejects.toThrow('no root');
  await expect(linked.disowns(OTHER)).rejects.toThrow('no root');
  expect(await exportKeys(crypto, random, vault, 'correct horse')).toMatchObject({
    ok: false,
    error: { type: 'noRoot' },
  });
  for (const name of ['seed', 'person']) expect(await vault.get(name)).toBeUndefined();
});

test('[ID3] a new generation is derived where there is a seed, and stays after a restart', async () => {
  const vault = memoryVault();
  await becomeSeed(vault, SEED, PERSONAL, HOME);
  const me = await loadIdentity(crypto, random, vault, 1);
  const first = me.keyring.publicKey;
  await me.renew(me.nextSecret(random), 2);
  expect(me.keyring.publicKey).not.toEqual(first);
  expect(me.certificate.keyring).toEqual(me.keyring.publicKey);
  expect(me.keyringSecrets.at(-1)).toEqual(keyringSeedOf(SEED, 1));
  const again = await loadIdentity(crypto, random, vault, 3);
  expect(again.keyrings.map(({ publicKey }) => publicKey)).toEqual([first, me.keyring.publicKey]);
});

test('[ID6] only the root disowns a device, and only for its own person', async () => {
  const [me, other] = [
    await loadIdentity(crypto, random, memoryVault(), 1),
    await loadIdentity(crypto, random, memoryVault(), 1),
  ];
  const signature = await me.disowns(OTHER);
  expect(await verifyDisowned(crypto, me.rootPub, me.user, OTHER, signature)).toBe(true);
  expect(await verifyDisowned(crypto, me.rootPub, me.user, me.device, signature)).toBe(false);
  expect(await verifyDisowned(crypto, other.rootPub, other.user, OTHER, signature)).toBe(false);
  expect(await verifyDisowned(crypto, me.rootPub, me.user, OTHER, await other.disowns(OTHER))).toBe(false);
});

test('[ID1] a profile without a seed keeps its person, also through a key file over one with a seed', async () => {
  const older = memoryVault();
  const pair = await crypto.rootPair();
  const codec = record({
    ...{ pub: text(200), priv: text(100), epub: text(200), epriv: text(100) },
    ...{ userNonce: fixed(32), keyringSeed: fixed(32) },
  });
  const stored = encode(codec, { ...pair, userNonce: random.bytes(32), keyringSeed: random.bytes(32) });
  await older.put('person', stored);
  const me = await loadIdentity(crypto, random, older, 1);
  expect(me.seed).toBeUndefined();
  expect(me.root).toEqual(pair);
  const file = await exportKeys(crypto, random, older, 'correct horse');
  if (!file.ok) throw new Error(file.error.message);
  const clean = memoryVault();
  const stranger = await loadIdentity(crypto, random, clean, 1);
  expect(stranger.seed).toBeDefined();
  expect(await importKeys(crypto, clean, file.value, 'correct horse')).toEqual({ ok: true, value: undefined });
  const restored = await loadIdentity(crypto, random, clean, 2);
  expect([restored.user, restored.device]).toEqual([me.user, stranger.device]);
  expect(restored.seed).toBeUndefined();
});
