import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes';
import { systemClock } from '../../src/platform/clock';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import type { RootPair } from '../../src/ports';
import { cryptoContract } from './crypto.suite';

cryptoContract('WebCrypto in Node', webCrypto());

type Sea = {
  pair(): Promise<RootPair>;
  sign(data: unknown, pair: RootPair): Promise<unknown>;
  verify(data: unknown, pub: string): Promise<unknown>;
  encrypt(data: unknown, pair: RootPair): Promise<unknown>;
  decrypt(data: unknown, pair: RootPair): Promise<unknown>;
  secret(epub: string, pair: RootPair): Promise<unknown>;
};
const SEA = createRequire(import.meta.url)('gun/sea') as Sea;

describe('root pairs and gun/sea', () => {
  it('our pair signs, encrypts and agrees in a stock SEA', async () => {
    const crypto = webCrypto();
    const [ours, other] = await Promise.all([crypto.rootPair(), crypto.rootPair()]);
    const signed = await SEA.sign({ hello: 'world' }, ours);
    expect(await SEA.verify(signed, ours.pub)).toEqual({ hello: 'world' });
    expect(await SEA.verify(signed, other.pub)).toBeUndefined();
    expect(await SEA.decrypt(await SEA.encrypt('quiet', ours), ours)).toBe('quiet');
    const secret = await SEA.secret(other.epub, ours);
    expect(typeof secret).toBe('string');
    expect(await SEA.secret(ours.epub, other)).toBe(secret);
  });

  it('a pair that SEA made signs and verifies here', async () => {
    const crypto = webCrypto();
    const theirs = await SEA.pair();
    const signature = await crypto.signAsRoot(theirs, utf8('text'));
    expect(await crypto.verifyRoot(theirs.pub, utf8('text'), signature)).toBe(true);
  });
});

describe('engine faults', () => {
  it('throws, and does not call signatures forged, where the engine lacks the algorithm', async () => {
    const lacking = { importKey: () => Promise.reject(new DOMException('no Ed25519', 'NotSupportedError')) };
    const crypto = webCrypto(lacking as unknown as SubtleCrypto);
    await expect(
      crypto.verify(new Uint8Array(32).fill(7), new Uint8Array(), new Uint8Array(64).fill(7)),
    ).rejects.toThrow(/no Ed25519/);
  });
});

describe('web random', () => {
  it('gives as many bytes as asked, also beyond what the engine gives at once, and never the same', () => {
    const random = webRandom();
    const large = random.bytes(200_000);
    expect(large.length).toBe(200_000);
    expect(large.subarray(199_000).some((byte) => byte !== 0)).toBe(true);
    expect(toHex(random.bytes(32))).not.toBe(toHex(random.bytes(32)));
  });
});

describe('system clock', () => {
  it('gives whole milliseconds, runs timers and cancels them', async () => {
    const clock = systemClock();
    expect(Number.isInteger(clock.now())).toBe(true);
    const ran: string[] = [];
    clock.after(0, () => ran.push('cancelled'))();
    const never = clock.after(2 ** 33, () => ran.push('in a hundred days'));
    await new Promise<void>((done) => {
      clock.after(5, done);
    });
    never();
    expect(ran).toEqual([]);
  });
});
