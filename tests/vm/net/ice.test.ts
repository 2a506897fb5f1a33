/** What beacons give for STUN and TURN. Who gets it: tests/os/kernel/ice.test.ts; a real TURN server: tests/e2e/turn.spec.ts. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../src/base/codec';
import {
  CREDENTIAL_S,
  iceCodec,
  isTurnUrl,
  type TurnCredential,
  turnCredential,
  turnTag,
} from '../../../src/vm/net/ice';
import type { DeviceId } from '../../../src/vm/op/ids';

const SECRET = 'correct horse';
const NOW = 1_800_000_000_000;
const ANNA = '11'.repeat(32) as DeviceId;
const BORIS = '22'.repeat(32) as DeviceId;

/** What coturn checks with `use-auth-secret`: that the name has not ended, and that the password is its HMAC. */
const accepts = ({ username, credential }: TurnCredential, now: number, secret = SECRET): boolean =>
  Number(username.split(':')[0]) * 1_000 > now &&
  createHmac('sha1', secret).update(username).digest('base64') === credential;

describe('[T64] credentials of TURN', () => {
  it('[IC1] are good for an hour, for one name, under one secret', () => {
    const own = turnCredential(SECRET, ANNA, NOW);
    expect(accepts(own, NOW)).toBe(true);
    expect(accepts(own, NOW + CREDENTIAL_S * 1_000 - 1)).toBe(true);
    expect(accepts(own, NOW + CREDENTIAL_S * 1_000)).toBe(false);
    expect(accepts(own, NOW, 'another secret')).toBe(false);
    const longer = own.username.replace(/^\d+/, (end) => String(Number(end) + 86_400));
    expect(accepts({ ...own, username: longer }, NOW)).toBe(false);
    const foreign = turnCredential(SECRET, BORIS, NOW);
    expect(accepts({ username: foreign.username, credential: own.credential }, NOW)).toBe(false);
    // With the end left out of what is signed, the one who holds it chooses when it ends.
    const unsigned = createHmac('sha1', SECRET).update(turnTag(SECRET, ANNA)).digest('base64');
    const weak = (username: string): boolean =>
      createHmac('sha1', SECRET)
        .update(username.split(':')[1] ?? '')
        .digest('base64') === unsigned;
    expect(weak(longer)).toBe(true);
  });

  it('[IC2] name a device alike each time, and tell nobody without the secret which', () => {
    const [first, later] = [turnCredential(SECRET, ANNA, NOW), turnCredential(SECRET, ANNA, NOW + 5_000)];
    expect(first.username.split(':')[1]).toBe(later.username.split(':')[1]);
    expect(first.username).not.toBe(later.username);
    expect(turnTag(SECRET, ANNA)).not.toBe(turnTag(SECRET, BORIS));
    expect(turnTag(SECRET, ANNA)).not.toBe(turnTag('another secret', ANNA));
    expect(turnTag(SECRET, ANNA)).toMatch(/^[\w-]{16}$/);
  });
});

it('[IC3] an address is of TURN, and nothing else', () => {
  for (const good of [
    'turn:turn.example.org:3478',
    'turns:turn.example.org?transport=tcp',
    'turn:10.0.0.1',
    'turn:[fd00::1]:3478?transport=udp',
    'turn:localhost:65535',
  ])
    expect([good, isTurnUrl(good)]).toEqual([good, true]);
  for (const bad of [
    '',
    'stun:turn.example.org',
    'https://turn.example.org',
    'turn:',
    'turn:turn.example.org:65536',
    'turn:turn.example.org:3478?transport=sctp',
    'turn:user@turn.example.org',
    'turn:turn.example.org/path',
    'turn:-a',
    `turn:${'a'.repeat(300)}`,
    'turn:a\nb',
  ])
    expect([bad, isTurnUrl(bad)]).toEqual([bad, false]);
});

it('[IC3] an answer has the bytes of the protocol page, and no more than four servers', () => {
  const answer = {
    answer: 'given',
    seconds: 3_600,
    stunPort: 4_781,
    turn: ['turn:a'],
    username: '1:t',
    credential: 'c',
  } as const;
  const bytes = encode(iceCodec, answer);
  expect(Buffer.from(bytes).toString('hex')).toBe(
    `00${'00000e10'}${'12ad'}01${'06'}${Buffer.from('turn:a').toString('hex')}03${Buffer.from('1:t').toString('hex')}01${'63'}`,
  );
  expect(decode(iceCodec, bytes)).toEqual({ ok: true, value: answer });
  const five = Uint8Array.from(bytes);
  five[7] = 5;
  expect(decode(iceCodec, five).ok).toBe(false);
  expect(() => encode(iceCodec, { ...answer, turn: Array.from({ length: 5 }, () => 'turn:a') })).toThrow();
});
