/** The code that people say to each other: slips are found, and only who knows the secret comes to the key. */
import { expect, test } from 'vitest';
import { equalBytes, fromHex, toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { newCode, readCode, writeCode } from '../../../src/os/rights/code';
import { agreeOn, beginAgreement, mapToCurve } from '../../../src/os/rights/pake';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const crypto = webCrypto();
const random = webRandom();

test('a code is read back as it is dictated: any case, blanks, O for 0, I and L for 1', () => {
  const code = { room: '01AB', secret: 'Z0H1K' };
  const text = writeCode(code);
  expect(text).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
  for (const said of [
    text,
    text.toLowerCase(),
    ` ${text.replace('-', ' ')} `,
    text.replaceAll('0', 'o').replaceAll('1', 'l'),
  ])
    expect(readCode(said)).toEqual({ ok: true, value: code });
});

test('a code with one wrong letter, or two neighbours in the wrong order, is found out before anybody is asked', () => {
  const seeded = seededRandom(3);
  for (let round = 0; round < 20; round++) {
    const text = writeCode(newCode(seeded)).replace('-', '');
    for (let at = 0; at < text.length; at++) {
      for (const letter of LETTERS) {
        if (letter === text[at]) continue;
        expect(readCode(text.slice(0, at) + letter + text.slice(at + 1)).ok).toBe(false);
      }
      const [a, b] = [text[at], text[at + 1]];
      if (b !== undefined && a !== b) expect(readCode(text.slice(0, at) + b + a + text.slice(at + 2)).ok).toBe(false);
    }
  }
});

test('the secret point is the one of the published CPace test vector, and always on the curve', async () => {
  // draft-irtf-cfrg-cpace, B.1: field element from the hash, and the generator that Elligator 2 makes of it.
  const from = fromHex('92806dc608984dbf4e4aae478c6ec453ae979cc01ecc1a2a7cf49f5cee56551b');
  expect(toHex(mapToCurve(from))).toBe('64e8099e3ea682cfdc5cb665c057ebb514d06bf23ebc9f743b51b82242327074');
});

/** Both sides of one exchange. */
const exchange = async (asks: string, answers: string) => {
  const sid = random.bytes(16);
  const a = await beginAgreement(crypto, random, asks, sid);
  const b = await beginAgreement(crypto, random, answers, sid);
  const transcript = { sid, asked: a.point, answered: b.point };
  const asking = await agreeOn(crypto, a, b.point, transcript);
  const answering = await agreeOn(crypto, b, a.point, transcript);
  if (!asking || !answering) throw new Error('no agreement');
  return { a, asking, answering };
};

test('[PK2] two who know the same secret come to one key; with another secret neither the proof nor the key fits', async () => {
  const right = await exchange('ABCDE', 'ABCDE');
  expect(equalBytes(right.asking.proof, right.answering.proof)).toBe(true);
  expect(equalBytes(right.asking.key, right.answering.key)).toBe(true);
  const wrong = await exchange('ABCDE', 'ABCDF');
  expect(equalBytes(wrong.asking.proof, wrong.answering.proof)).toBe(false);
  expect(equalBytes(wrong.asking.key, wrong.answering.key)).toBe(false);
});

test('[PK1] a point on the wire is one of every secret: asked twice with one secret nothing repeats, and a point of small order agrees with nobody', async () => {
  const sid = random.bytes(16);
  const first = await beginAgreement(crypto, random, 'ABCDE', sid);
  const second = await beginAgreement(crypto, random, 'ABCDE', sid);
  expect(equalBytes(first.point, second.point)).toBe(false);
  const zero = new Uint8Array(32);
  expect(await agreeOn(crypto, first, zero, { sid, asked: first.point, answered: zero })).toBeUndefined();
});
