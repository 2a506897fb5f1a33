import { beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url, toHex, utf8 } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { webCrypto } from '../../../src/platform/webcrypto';
import type { KeyPair } from '../../../src/ports';
import { inboxTopicOf, topicsOf } from '../../../src/vm/net/rendezvous';
import {
  MAX_PAYLOAD,
  openSignal,
  publishText,
  readServerText,
  type SessionId,
  type SignalMessage,
  sealSignal,
} from '../../../src/vm/net/signal';
import type { DeviceId } from '../../../src/vm/op/ids';

const crypto = webCrypto();
const random = seededRandom(5);
const roomKey = random.bytes(32);
const otherRoom = random.bytes(32);
let alice: KeyPair;
let mallory: KeyPair;
let message: SignalMessage;

beforeAll(async () => {
  alice = await crypto.signingKey(random.bytes(32));
  mallory = await crypto.signingKey(random.bytes(32));
  message = {
    kind: 'signal',
    from: toHex(alice.publicKey) as DeviceId,
    session: toHex(random.bytes(16)) as SessionId,
    count: 3,
    time: 1_700_000_000_000,
    alone: true,
    to: toHex(mallory.publicKey) as DeviceId,
    toSession: toHex(random.bytes(16)) as SessionId,
    payload: '{"sdp":"v=0 привет"}',
  };
});

describe('sealed signals', () => {
  test('a member reads what a member sealed', async () => {
    const sealed = await sealSignal(crypto, random, alice.handle, roomKey, message);
    expect(await openSignal(crypto, roomKey, sealed)).toEqual({ ok: true, value: message });
    const announce: SignalMessage = { ...message, kind: 'announce', to: undefined, toSession: undefined, payload: '' };
    const opened = await openSignal(crypto, roomKey, await sealSignal(crypto, random, alice.handle, roomKey, announce));
    expect(opened).toEqual({ ok: true, value: announce });
  });

  test('[T66] neither device, session nor payload is in what the server sees, and no two seals are alike', async () => {
    const first = await sealSignal(crypto, random, alice.handle, roomKey, message);
    const second = await sealSignal(crypto, random, alice.handle, roomKey, message);
    expect(toHex(first)).not.toBe(toHex(second));
    for (const secret of [message.from, message.session, message.to ?? '', toHex(utf8('v=0'))]) {
      expect(toHex(first)).not.toContain(secret);
    }
  });

  test('a stranger to the room cannot open it', async () => {
    const sealed = await sealSignal(crypto, random, alice.handle, roomKey, message);
    expect(await openSignal(crypto, otherRoom, sealed)).toMatchObject({ ok: false, error: { type: 'wrongKey' } });
  });

  test('a member cannot speak as another device', async () => {
    const forged = await sealSignal(crypto, random, mallory.handle, roomKey, message);
    expect(await openSignal(crypto, roomKey, forged)).toMatchObject({ ok: false, error: { type: 'forged' } });
  });

  test('every flipped bit and every cut is refused', async () => {
    const sealed = await sealSignal(crypto, random, alice.handle, roomKey, message);
    for (let at = 0; at < sealed.length; at++) {
      const flipped = sealed.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect((await openSignal(crypto, roomKey, flipped)).ok).toBe(false);
    }
    for (let length = 0; length < sealed.length; length += 3) {
      expect((await openSignal(crypto, roomKey, sealed.slice(0, length))).ok).toBe(false);
    }
  });

  test('the longest payload fits a server message of 16 KiB, a longer one is a bug of ours', async () => {
    const longest = { ...message, payload: 'x'.repeat(MAX_PAYLOAD) };
    const sealed = await sealSignal(crypto, random, alice.handle, roomKey, longest);
    expect(publishText('a'.repeat(64), sealed).length).toBeLessThanOrEqual(16 * 1024);
    await expect(
      sealSignal(crypto, random, alice.handle, roomKey, { ...message, payload: 'x'.repeat(MAX_PAYLOAD + 1) }),
    ).rejects.toThrow();
  });
});

describe('what a server says', () => {
  test('a publish comes back as it went, anything malformed is nothing', () => {
    const sealed = random.bytes(50);
    const topic = 'ab'.repeat(32);
    expect(readServerText(publishText(topic, sealed))).toEqual({ type: 'publish', topic, sealed });
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"type":"publish"}',
      `{"type":"publish","topic":"room","lgos":"AAAA"}`,
      `{"type":"publish","topic":"${topic}","lgos":"!"}`,
      `{"type":"publish","topic":"${topic}","lgos":""}`,
      `{"type":"challenge","nonce":"${toBase64Url(random.bytes(31))}"}`,
      '{"__proto__":{"type":"pong"}}',
      `{"type":"pong","x":"${'y'.repeat(20_000)}"}`,
    ]) {
      expect(readServerText(text)).toBeUndefined();
    }
  });
});

describe('topics', () => {
  const DAY = 86_400_000;
  test('[T66] a topic lasts a day, neighbours a day apart share two, and 30 days share none', () => {
    const noon = 20_000 * DAY + DAY / 2;
    const [yesterday, today, tomorrow] = topicsOf(roomKey, noon);
    expect(topicsOf(roomKey, noon + DAY)).toEqual([today, tomorrow, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(topicsOf(roomKey, noon - DAY)[1]).toBe(yesterday);
    const seen = Array.from({ length: 30 }, (_, day) => topicsOf(roomKey, noon + day * DAY)[1]);
    expect(new Set(seen).size).toBe(30);
    expect(topicsOf(otherRoom, noon)).not.toContain(today);
  });

  test('each session of a device has a topic of its own', () => {
    expect(inboxTopicOf(message.from, message.session)).not.toBe(
      inboxTopicOf(message.from, '00'.repeat(16) as SessionId),
    );
  });
});
