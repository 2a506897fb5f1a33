/** Texts for connecting without a server: hostile until checked. */
import { expect, test } from 'vitest';
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { webDeflate } from '../../../src/platform/deflate';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';
import {
  judgePairing,
  MAX_PAIRING,
  PAIRING_MS,
  PAIRING_PREFIX,
  type PairingMessage,
  readPairing,
  writePairing,
} from '../../../src/vm/net/pairing';
import type { SessionId } from '../../../src/vm/net/signal';
import type { DeviceId } from '../../../src/vm/op/ids';

const ports = { crypto: webCrypto(), random: webRandom(), deflate: webDeflate() };
const [room, another, seed] = [1, 2, 3].map((n) => seededRandom(n).bytes(32)) as [Uint8Array, Uint8Array, Uint8Array];
const key = await ports.crypto.signingKey(seed);
const from = toHex(key.publicKey) as DeviceId;
const self = 'ab'.repeat(32) as DeviceId;
const NOW = 1_800_000_000_000;
const message: PairingMessage = {
  kind: 'offer',
  id: '12'.repeat(16),
  from,
  session: '34'.repeat(16) as SessionId,
  time: NOW,
  to: undefined,
  signals: ['{"description":"…"}', '{"candidate":"…"}'],
};
const written = async (
  over: Partial<PairingMessage> = {},
  roomKey = room,
  needs: typeof ports = ports,
): Promise<string> => (await writePairing(needs, key.handle, roomKey, { ...message, ...over })) as string;
const read = (text: string, needs: Partial<typeof ports> = {}) =>
  readPairing({ ...ports, ...needs }, [another, room], text);

test('[SP1] opens with the key of the room and names who made it, also broken into lines and without deflate', async () => {
  const text = await written();
  expect(text.startsWith(PAIRING_PREFIX)).toBe(true);
  const whole = { ok: true, value: { room: 1, message } };
  expect(await read(text)).toEqual(whole);
  expect(await read(`\n ${text.match(/.{1,40}/g)?.join('\r\n')} `)).toEqual(whole);
  expect(await read(await written({}, room, { ...ports, deflate: undefined }), { deflate: undefined })).toEqual(whole);
  expect(await readPairing(ports, [another], text)).toEqual({ ok: false, error: 'unknown' });
  expect(text).not.toContain(toBase64Url(fromHex(from)));
});

test('[SP1] one changed byte, or the name of another device, and it is not taken; with signatures not looked at it is', async () => {
  const text = await written();
  const bytes = fromBase64Url(text.slice(PAIRING_PREFIX.length)) as Uint8Array<ArrayBuffer>;
  for (let at = 1; at < bytes.length; at += 7) {
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ 1;
    expect(await read(PAIRING_PREFIX + toBase64Url(changed))).toEqual({ ok: false, error: 'unknown' });
  }
  const inTheNameOf = await written({ from: self });
  expect(await read(inTheNameOf)).toEqual({ ok: false, error: 'unknown' });
  expect((await read(inTheNameOf, { crypto: { ...ports.crypto, verify: async () => true } })).ok).toBe(true);
});

test('[SP2] what is no such text, of another version, too long, or swells too much', async () => {
  const notOne = { ok: false, error: 'notOne' };
  for (const text of ['', 'hello', PAIRING_PREFIX, `${PAIRING_PREFIX}!!`, `${PAIRING_PREFIX}AQ`, 'x'.repeat(1_000_000)])
    expect(await read(text)).toEqual(notOne);
  expect(await read(PAIRING_PREFIX + 'A'.repeat(MAX_PAIRING))).toEqual(notOne);
  expect(await read(`${PAIRING_PREFIX}Ag${(await written()).slice(PAIRING_PREFIX.length + 2)}`)).toEqual({
    ok: false,
    error: 'version',
  });
  // 28 kB of the same letter are 100 bytes as a text.
  const swollen = await written({ signals: Array.from({ length: 4 }, () => 'x'.repeat(7_000)) });
  expect(swollen.length).toBeLessThan(1_000);
  expect(await read(swollen)).toEqual({ ok: false, error: 'unknown' });
  const noise = toHex(seededRandom(9).bytes(4_000));
  expect(
    await writePairing(ports, key.handle, room, { ...message, signals: [noise, noise.split('').reverse().join('')] }),
  ).toBe(undefined);
});

test('[SP2] [SP3] late, one that this device made, and answers to something else', () => {
  const judge = (over: Partial<PairingMessage>, offered?: string) =>
    judgePairing({ ...message, ...over }, { self, now: NOW, offered });
  expect(judge({})).toBe(undefined);
  expect(judge({ time: NOW - PAIRING_MS - 1 })).toBe('late');
  expect(judge({ time: NOW + PAIRING_MS + 1 })).toBe('late');
  expect(judge({ from: self })).toBe('own');
  const answer = { kind: 'answer', to: self } as const;
  expect(judge(answer, message.id)).toBe(undefined);
  expect(judge(answer)).toBe('notAsked');
  expect(judge(answer, '99'.repeat(16))).toBe('notAsked');
  expect(judge({ ...answer, to: from }, message.id)).toBe('notAsked');
});
