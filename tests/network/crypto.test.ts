/** The cryptography of simulations: the exact one is WebCrypto's, whoever signs and whoever checks; of the cheap one, what is wrong fails. */
import { expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import { webCrypto } from '../../src/platform/webcrypto';
import type { Crypto, RootPair } from '../../src/ports';
import { cheapCrypto, exactCrypto } from './crypto';

const random = seededRandom(3);
const [seed, other] = [random.bytes(32), random.bytes(32)];
const message = utf8('lgos/a message/with / in it');
const [nonce, key] = [random.bytes(12), random.bytes(32)];

it('the exact cryptography of simulations makes what WebCrypto makes, and each opens what the other sealed', async () => {
  const [exact, web] = [exactCrypto(), webCrypto()];
  const root = await web.rootPair();
  for (const [a, b] of [
    [exact, web],
    [web, exact],
  ] as const) {
    const mine = await a.signingKey(seed);
    expect(toHex(mine.publicKey)).toBe(toHex((await b.signingKey(seed)).publicKey));
    expect(await b.verify(mine.publicKey, message, await a.sign(mine.handle, message))).toBe(true);
    expect(await b.open(key, nonce, await a.seal(key, nonce, message, mine.publicKey), mine.publicKey)).toEqual(
      message,
    );
    expect(await b.verifyRoot(root.pub, message, await a.signAsRoot(root, message))).toBe(true);
    const [one, two] = [await a.agreementKey(seed), await b.agreementKey(other)];
    expect(await a.agree(one.handle, two.publicKey)).toEqual(await b.agree(two.handle, one.publicKey));
  }
});

it('the exact cryptography of simulations signs alike each time, also with a root', async () => {
  const exact = exactCrypto();
  const root = await webCrypto().rootPair();
  expect(await exact.signAsRoot(root, message)).toEqual(await exact.signAsRoot(root, message));
});

const wrongFails = async (crypto: Crypto): Promise<void> => {
  const [mine, theirs] = [await crypto.signingKey(seed), await crypto.signingKey(other)];
  const signature = await crypto.sign(mine.handle, message);
  expect(await crypto.verify(mine.publicKey, message, signature)).toBe(true);
  expect(await crypto.verify(theirs.publicKey, message, signature)).toBe(false);
  expect(await crypto.verify(mine.publicKey, utf8('another'), signature)).toBe(false);
  expect(await crypto.verify(mine.publicKey, message, await crypto.sign(theirs.handle, message))).toBe(false);
  const sealed = await crypto.seal(key, nonce, message, mine.publicKey);
  expect(await crypto.open(key, nonce, sealed, mine.publicKey)).toEqual(message);
  expect(await crypto.open(random.bytes(32), nonce, sealed, mine.publicKey)).toBe(undefined);
  expect(await crypto.open(key, random.bytes(12), sealed, mine.publicKey)).toBe(undefined);
  expect(await crypto.open(key, nonce, sealed, theirs.publicKey)).toBe(undefined);
  const root: RootPair = await webCrypto().rootPair();
  const certified = await crypto.signAsRoot(root, message);
  expect(await crypto.verifyRoot(root.pub, message, certified)).toBe(true);
  expect(await crypto.verifyRoot(root.pub, utf8('another'), certified)).toBe(false);
};

it('wrong keys, messages and seals fail with either cryptography of simulations', async () => {
  await wrongFails(exactCrypto());
  await wrongFails(cheapCrypto());
});
