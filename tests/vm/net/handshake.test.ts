import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes';
import { decode, encode } from '../../../src/base/codec';
import { seededRandom } from '../../../src/base/random';
import {
  authCodec,
  type HandshakeInput,
  type HandshakeOutput,
  type HandshakeState,
  handshakeStart,
  handshakeStep,
  helloCodec,
  linkTranscript,
  type Me,
  saltedSpace,
} from '../../../src/vm/net/handshake';
import type { DeviceId, SpaceId } from '../../../src/vm/op/ids';

const SPKI = '302a300506032b6570032100';
type Party = { me: Me; key: KeyObject; state: HandshakeState; outputs: HandshakeOutput[] };

let salt = 0;
const keys = () => generateKeyPairSync('ed25519');
const deviceOf = (publicKey: KeyObject) =>
  publicKey.export({ type: 'spki', format: 'der' }).subarray(12).toString('hex') as DeviceId;
const party = (over: Partial<Me> = {}, pair = keys()): Party => {
  const me: Me = {
    device: deviceOf(pair.publicKey),
    kind: 'tab',
    features: [1, 5],
    nonce: seededRandom(++salt).bytes(32),
    time: 1_700_000_000_000,
    spaces: [],
    binding: Uint8Array.of(1, 2, 3),
    ...over,
  };
  const [state, outputs] = handshakeStart(me);
  return { me, key: pair.privateKey, state, outputs: [...outputs] };
};
const input = (to: Party, value: HandshakeInput): void => {
  const [state, outputs] = handshakeStep(to.state, value);
  to.state = state;
  to.outputs.push(...outputs);
};
const checks = (device: DeviceId, message: Uint8Array, signature: Uint8Array) =>
  verify(null, message, { key: Buffer.from(SPKI + device, 'hex'), format: 'der', type: 'spki' }, signature);

type Tamper = (frame: 'hello' | 'auth', payload: Uint8Array) => Uint8Array;
/** Performs what a party asked for; sends go to `to` through `tamper`. Gives whether anything was done. */
const perform = (from: Party, to: Party, tamper: Tamper): boolean => {
  const output = from.outputs.shift();
  if (!output) return false;
  if (output.type === 'sign')
    input(from, { type: 'signed', signature: new Uint8Array(sign(null, output.message, from.key)) });
  if (output.type === 'verify')
    input(from, { type: 'verified', valid: checks(output.device, output.message, output.signature) });
  if (output.type === 'send') {
    const payload = tamper(output.frame, output.payload);
    input(to, output.frame === 'hello' ? { type: 'helloReceived', payload } : { type: 'authReceived', payload });
  }
  return true;
};
const honest: Tamper = (_, payload) => payload;
const run = (a: Party, b: Party, aToB: Tamper = honest, bToA: Tamper = honest) => {
  for (let i = 0; i < 40; i++) if (![perform(a, b, aToB), perform(b, a, bToA)].some(Boolean)) break;
  return [a.state, b.state] as const;
};
const outcome = (state: HandshakeState) => (state.step === 'refused' ? state.reason : state.step);
const withHello =
  (change: (hello: ReturnType<typeof readHello>) => Partial<ReturnType<typeof readHello>>): Tamper =>
  (frame, payload) =>
    frame === 'hello' ? encode(helloCodec, { ...readHello(payload), ...change(readHello(payload)) }) : payload;
const readHello = (payload: Uint8Array) => {
  const hello = decode(helloCodec, payload);
  if (!hello.ok) throw new Error(hello.error.message);
  return hello.value;
};

describe('handshake', () => {
  it("[HS1] two honest devices get ready, with the features both have, each other's time and salted spaces", () => {
    const space = 'ab'.repeat(32) as SpaceId;
    const a = party({ spaces: [space], features: [9, 1, 5], time: 111 });
    const b = party({ features: [5, 7, 9], kind: 'beacon', time: 222 });
    const [left, right] = run(a, b);
    if (left.step !== 'ready' || right.step !== 'ready') throw new Error('not ready');
    expect(left.link).toMatchObject({
      device: b.me.device,
      kind: 'beacon',
      features: [5, 9],
      time: 222,
      minor: 0,
      spaces: [],
    });
    expect(right.link).toMatchObject({ device: a.me.device, kind: 'tab', features: [5, 9], time: 111 });
    expect(right.link.spaces).toEqual([saltedSpace(...right.link.nonces, space)]);
    expect(saltedSpace(a.me.nonce, b.me.nonce, space)).toBe(saltedSpace(b.me.nonce, a.me.nonce, space));
    expect(
      saltedSpace(
        a.me.nonce,
        a.me.nonce.map((byte) => byte ^ 1),
        space,
      ),
    ).not.toBe(right.link.spaces[0]);
  });

  it("[HS1] is not ready before the other side's signature was checked, whatever came first", () => {
    const a = party();
    const b = party();
    input(a, {
      type: 'helloReceived',
      payload: encode(helloCodec, readHello((b.outputs[0] as { payload: Uint8Array }).payload)),
    });
    input(a, { type: 'signed', signature: new Uint8Array(64) });
    expect(a.state.step).toBe('proving');
    expect(a.outputs.some((output) => output.type === 'ready')).toBe(false);
    input(a, { type: 'verified', valid: true });
    expect(outcome(a.state)).toBe('badSignature');
  });

  it('[HS3] a swapped binding: the one in the middle joins two connections and gets nowhere', () => {
    const [left, right] = run(party({ binding: Uint8Array.of(1) }), party({ binding: Uint8Array.of(2) }));
    expect([outcome(left), outcome(right)]).toEqual(['badSignature', 'badSignature']);
  });

  it.each([
    ['stripped features', withHello(() => ({ features: [] }))],
    ['added features', withHello((hello) => ({ features: [...hello.features, 60] }))],
    ['a lowered minor version', withHello(() => ({ minor: 9 }))],
    ['a changed time', withHello((hello) => ({ time: hello.time + 1 }))],
    ['a changed kind', withHello(() => ({ kind: 'beacon' }))],
    ['a changed nonce', withHello((hello) => ({ nonce: hello.nonce.map((byte) => byte ^ 255) }))],
  ] as const)('[HS2] %s in a hello is a bad signature on both sides', (_, tamper) => {
    const [left, right] = run(party(), party(), tamper);
    expect([outcome(left), outcome(right)]).toEqual(['badSignature', 'badSignature']);
  });

  it("[HS2] another device's key in the hello is a bad signature", () => {
    const thief = party();
    const [, right] = run(
      party(),
      party(),
      withHello(() => ({ device: thief.me.device })),
    );
    expect(outcome(right)).toBe('badSignature');
  });

  it('[HS2] changed spaces in auth are a bad signature', () => {
    const [, right] = run(party(), party(), (frame, payload) => {
      const auth = frame === 'auth' ? decode(authCodec, payload) : undefined;
      return auth?.ok ? encode(authCodec, { ...auth.value, spaces: ['00'.repeat(16)] }) : payload;
    });
    expect(outcome(right)).toBe('badSignature');
  });

  it('[HS3] a replay of a whole earlier handshake does not verify', () => {
    const recorded = new Map<string, Uint8Array>();
    const pair = keys();
    const nonce = seededRandom(77).bytes(32);
    const [first] = run(party({ nonce }, pair), party(), (frame, payload) => {
      recorded.set(frame, payload);
      return payload;
    });
    expect(first.step).toBe('ready');
    const victim = party();
    input(victim, { type: 'helloReceived', payload: recorded.get('hello') as Uint8Array });
    input(victim, { type: 'authReceived', payload: recorded.get('auth') as Uint8Array });
    const check = victim.outputs.find((output) => output.type === 'verify');
    if (check?.type !== 'verify') throw new Error('nothing to verify');
    expect(checks(check.device, check.message, check.signature)).toBe(false);
    input(victim, { type: 'verified', valid: false });
    expect(outcome(victim.state)).toBe('badSignature');
  });

  it('[HS4] our own hello coming back is ourselves', () => {
    const a = party();
    input(a, { type: 'helloReceived', payload: (a.outputs[0] as { payload: Uint8Array }).payload });
    expect(outcome(a.state)).toBe('self');
  });

  it("[HS3] a signature sent back to its maker does not pass for the other side's, even under one key", () => {
    const pair = keys();
    const a = party({}, pair);
    const other = { ...readHello((a.outputs[0] as { payload: Uint8Array }).payload), nonce: seededRandom(5).bytes(32) };
    input(a, { type: 'helloReceived', payload: encode(helloCodec, other) });
    const request = a.outputs.find((output) => output.type === 'sign');
    if (request?.type !== 'sign') throw new Error('nothing to sign');
    const signature = new Uint8Array(sign(null, request.message, pair.privateKey));
    input(a, { type: 'signed', signature });
    input(a, { type: 'authReceived', payload: encode(authCodec, { signature, spaces: [] }) });
    const check = a.outputs.find((output) => output.type === 'verify');
    if (check?.type !== 'verify') throw new Error('nothing to verify');
    expect(checks(check.device, check.message, check.signature)).toBe(false);
  });

  it.each([
    ['version', withHello(() => ({ major: 1 }))],
    ['malformed', (_: string, payload: Uint8Array) => payload.slice(0, 20)],
    ['malformed', () => new Uint8Array(0)],
  ] as const)('[HS4] refuses with %s at the hello', (reason, tamper) => {
    const a = party();
    const b = party();
    perform(a, b, tamper);
    expect(outcome(b.state)).toBe(reason);
  });

  it('[HS4] refuses a second hello, a second auth, and both once the link is ready', () => {
    const a = party();
    const b = party();
    const hello = (a.outputs[0] as { payload: Uint8Array }).payload;
    input(b, { type: 'helloReceived', payload: hello });
    input(b, { type: 'helloReceived', payload: hello });
    expect(outcome(b.state)).toBe('outOfOrder');
    const early = party();
    input(early, { type: 'authReceived', payload: new Uint8Array(65) });
    expect(outcome(early.state)).toBe('outOfOrder');
    const c = party();
    const d = party();
    run(c, d);
    input(c, { type: 'authReceived', payload: new Uint8Array(65) });
    expect(outcome(c.state)).toBe('outOfOrder');
  });

  it('refuses another device than the address named, and one without a feature we need', () => {
    const stranger = party();
    expect(outcome(run(party({ expected: stranger.me.device }), party())[0])).toBe('unexpectedDevice');
    expect(outcome(run(party({ required: [8] }), party())[0])).toBe('featureMissing');
    const beacon = party();
    expect(run(party({ expected: beacon.me.device }), beacon)[0].step).toBe('ready');
  });

  it('[T75] features that somebody in the middle strips make no link, in either direction; unsigned they would', () => {
    const strip = withHello(() => ({ features: [1] }));
    for (const [aToB, bToA] of [
      [strip, honest],
      [honest, strip],
      [strip, strip],
    ] as const) {
      const [a, b] = run(party(), party(), aToB, bToA);
      expect([outcome(a), outcome(b)]).not.toContain('ready');
      expect([outcome(a), outcome(b)]).toContain('badSignature');
    }
    expect(run(party(), party()).map((state) => state.step === 'ready' && state.link.features)).toEqual([
      [1, 5],
      [1, 5],
    ]);
    // Without the check of the signature over both hellos: a link, and with less than both can.
    const [a, b] = [party(), party()];
    const believing = (from: Party): void => {
      const asked = from.outputs.findIndex(({ type }) => type === 'verify');
      if (asked < 0) return;
      from.outputs.splice(asked, 1);
      input(from, { type: 'verified', valid: true });
    };
    for (let i = 0; i < 40; i++) {
      for (const side of [a, b]) believing(side);
      if (![perform(a, b, strip), perform(b, a, strip)].some(Boolean)) break;
    }
    expect([a, b].map(({ state }) => state.step === 'ready' && state.link.features)).toEqual([[1], [1]]);
  });

  it('[HS5] time runs out once, and nothing follows a refusal', () => {
    const a = party();
    input(a, { type: 'timedOut' });
    expect(outcome(a.state)).toBe('timedOut');
    a.outputs.length = 0;
    input(a, { type: 'helloReceived', payload: new Uint8Array(90) });
    input(a, { type: 'verified', valid: true });
    input(a, { type: 'timedOut' });
    expect(a.outputs).toEqual([]);
  });

  it('10,000 damaged hellos and auths: none throws, none makes a link ready', () => {
    const random = seededRandom(4);
    const a = party();
    const b = party();
    const hello = (b.outputs[0] as { payload: Uint8Array }).payload;
    const auth = encode(authCodec, { signature: random.bytes(64), spaces: ['11'.repeat(16)] });
    for (let round = 0; round < 10_000; round++) {
      const damaged = random.pick([hello, auth]).slice(0, 1 + random.below(140));
      (damaged[random.below(damaged.length)] as number) ^= 1 << random.below(8);
      const [met] = handshakeStep(a.state, { type: 'helloReceived', payload: random.below(2) ? hello : damaged });
      const [after] = handshakeStep(met, { type: 'authReceived', payload: damaged });
      const [end] = handshakeStep(after, { type: 'verified', valid: false });
      expect(['refused']).toContain(end.step);
    }
  });

  it('has the bytes of docs/protocol/link.md', () => {
    const own = {
      major: 2,
      minor: 0,
      features: [1, 5],
      device: '11'.repeat(32) as DeviceId,
      kind: 'tab' as const,
      nonce: fromHex('22'.repeat(32)),
      time: 1,
    };
    const other = { ...own, device: '33'.repeat(32) as DeviceId, kind: 'beacon' as const };
    expect(toHex(encode(helloCodec, own))).toBe(`0200020105${'11'.repeat(32)}00${'22'.repeat(32)}000000000001`);
    const transcript = linkTranscript(new Uint8Array(0), own, other, []);
    expect(transcript.length).toBe(12 + 32 + 1 + 32 * 5);
    expect(toHex(transcript.slice(12 + 32, 12 + 32 + 65))).toBe(`00${'11'.repeat(32)}${'33'.repeat(32)}`);
    expect(linkTranscript(new Uint8Array(0), other, own, [])[44]).toBe(1);
  });
});
