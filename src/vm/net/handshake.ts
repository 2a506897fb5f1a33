/**
 * Handshake: two devices prove to each other who they are, on this very connection. Both send `hello`; each then signs
 * both hellos, the binding of the connection and its own salted spaces in `auth`. Bytes: docs/protocol/link.md.
 *
 * A pure machine: signing and checking are outputs, their results inputs. Rules kept here:
 * [HS1] A link is ready only after the other side's `auth` verified and ours has left.
 * [HS2] All of both hellos is signed: a changed version, feature, nonce, time or kind is a bad signature.
 * [HS3] The binding is signed: a signature made for another connection does not verify on this one.
 * [HS4] Our own hello coming back, another major version, a second hello or auth end the handshake.
 * [HS5] After `refuse` nothing follows.
 */
import { concat, equalBytes, fromHex, toHex, utf8 } from '../../base/bytes';
import { type Codec, DecodeError, decode, encode, fixed, hexId, list, oneOf, record, u8, uint } from '../../base/codec';
import { hash, hash128 } from '../../base/hash';
import type { Step } from '../../base/step';
import { type DeviceId, deviceIdCodec, type SpaceId } from '../op/ids';

export const PROTOCOL_VERSION = { major: 2, minor: 0 } as const;
export const HANDSHAKE_TIMEOUT_MS = 15_000;
/** Spaces named in one `auth`; the others are named later. */
const MAX_AUTH_SPACES = 512;

export type PeerKind = 'tab' | 'beacon';
export type Hello = {
  readonly major: number;
  readonly minor: number;
  /** Feature numbers, ascending, each once. */
  readonly features: readonly number[];
  readonly device: DeviceId;
  readonly kind: PeerKind;
  /** 32 bytes, new for each link. */
  readonly nonce: Uint8Array<ArrayBuffer>;
  /** Wall time in milliseconds. */
  readonly time: number;
};

const featureList: Codec<readonly number[]> = {
  write: list(u8, 64).write,
  read: (reader) => {
    const features = list(u8, 64).read(reader);
    features.forEach((feature, index) => {
      if (index > 0 && feature <= (features[index - 1] as number)) throw new DecodeError('features not ascending');
    });
    return features;
  },
};
/** `major` and `minor` stay the first two bytes in every version, so that old and new can tell each other apart. */
export const helloCodec: Codec<Hello> = record({
  major: u8,
  minor: u8,
  features: featureList,
  device: deviceIdCodec,
  kind: oneOf('tab', 'beacon'),
  nonce: fixed(32),
  time: uint(6),
});

/** `H128(nonces sorted ‖ space)`, hex: tells those who know the space that it is held here, and nobody else which. */
export type SaltedSpace = string;
export type Auth = { readonly signature: Uint8Array<ArrayBuffer>; readonly spaces: readonly SaltedSpace[] };
export const authCodec: Codec<Auth> = record({
  signature: fixed(64),
  spaces: list(hexId<SaltedSpace>(16), MAX_AUTH_SPACES),
});

const lower = (a: Uint8Array, b: Uint8Array): boolean => {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
};

/** The name of `space` on the link with these two nonces. */
export const saltedSpace = (nonceA: Uint8Array, nonceB: Uint8Array, space: SpaceId): SaltedSpace => {
  const [first, second] = lower(nonceA, nonceB) ? [nonceA, nonceB] : [nonceB, nonceA];
  return toHex(hash128('lgos/space-salt/1', first, second, fromHex(space)));
};

/**
 * What the sender of `own` signs. The initiator is the lower (device, nonce), so both sides sort alike; the role byte
 * keeps a signature of one role from passing for the other's.
 */
export const linkTranscript = (
  binding: Uint8Array,
  own: Hello,
  other: Hello,
  spaces: readonly SaltedSpace[],
): Uint8Array<ArrayBuffer> => {
  const order = (hello: Hello): Uint8Array => concat(fromHex(hello.device), hello.nonce);
  const ownIsInitiator = lower(order(own), order(other));
  const [initiator, responder] = ownIsInitiator ? [own, other] : [other, own];
  return concat(
    utf8('lgos/link/1\0'),
    hash('lgos/link-binding/1', binding),
    Uint8Array.of(ownIsInitiator ? 0 : 1),
    fromHex(initiator.device),
    fromHex(responder.device),
    hash('lgos/link-hello/1', encode(helloCodec, initiator)),
    hash('lgos/link-hello/1', encode(helloCodec, responder)),
    hash('lgos/link-spaces/1', ...spaces.map((space) => fromHex(space))),
  );
};

// --- The machine -------------------------------------------------------------------------------------------------

export type Me = {
  readonly device: DeviceId;
  readonly kind: PeerKind;
  readonly features: readonly number[];
  /** Features without which this link is of no use. */
  readonly required?: readonly number[];
  /** 32 unpredictable bytes, new for each link. */
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly time: number;
  readonly spaces: readonly SpaceId[];
  /** From the channel's `opened`. */
  readonly binding: Uint8Array;
  /** The only device that may answer, where the address named one (a beacon of an invite). */
  readonly expected?: DeviceId;
};
export type ReadyLink = {
  readonly device: DeviceId;
  readonly kind: PeerKind;
  readonly minor: number;
  /** What both sides have. */
  readonly features: readonly number[];
  /** The other side's wall time when it said hello: signed. */
  readonly time: number;
  readonly nonces: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  /** Salted spaces of the other side; compare with `saltedSpace(...nonces, space)`. */
  readonly spaces: readonly SaltedSpace[];
};
export type HandshakeRefusal =
  | 'malformed'
  | 'version'
  | 'self'
  | 'unexpectedDevice'
  | 'featureMissing'
  | 'outOfOrder'
  | 'badSignature'
  | 'timedOut';
export type HandshakeInput =
  | { readonly type: 'helloReceived'; readonly payload: Uint8Array }
  | { readonly type: 'authReceived'; readonly payload: Uint8Array }
  | { readonly type: 'signed'; readonly signature: Uint8Array<ArrayBuffer> }
  | { readonly type: 'verified'; readonly valid: boolean }
  | { readonly type: 'timedOut' };
export type HandshakeOutput =
  | { readonly type: 'send'; readonly frame: 'hello' | 'auth'; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly type: 'sign'; readonly message: Uint8Array<ArrayBuffer> }
  | {
      readonly type: 'verify';
      readonly device: DeviceId;
      readonly message: Uint8Array<ArrayBuffer>;
      readonly signature: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: 'ready'; readonly link: ReadyLink }
  | { readonly type: 'refuse'; readonly reason: HandshakeRefusal };

export type HandshakeState =
  | { readonly step: 'greeting'; readonly me: Me; readonly own: Hello }
  | {
      readonly step: 'proving';
      readonly me: Me;
      readonly own: Hello;
      readonly other: Hello;
      readonly ownSpaces: readonly SaltedSpace[];
      readonly sent: boolean;
      readonly auth: Auth | undefined;
      readonly verified: boolean;
    }
  | { readonly step: 'ready'; readonly link: ReadyLink }
  | { readonly step: 'refused'; readonly reason: HandshakeRefusal };
type Proving = Extract<HandshakeState, { step: 'proving' }>;
type Next = readonly [HandshakeState, readonly HandshakeOutput[]];

export const handshakeStart = (me: Me): Next => {
  const features = [...new Set(me.features)].sort((a, b) => a - b);
  const own: Hello = {
    ...PROTOCOL_VERSION,
    features,
    device: me.device,
    kind: me.kind,
    nonce: me.nonce,
    time: me.time,
  };
  return [{ step: 'greeting', me, own }, [{ type: 'send', frame: 'hello', payload: encode(helloCodec, own) }]];
};

const refuse = (reason: HandshakeRefusal): Next => [{ step: 'refused', reason }, [{ type: 'refuse', reason }]];

const onHello = (me: Me, own: Hello, payload: Uint8Array): Next => {
  if (payload.length === 0) return refuse('malformed');
  if (payload[0] !== PROTOCOL_VERSION.major) return refuse('version');
  const decoded = decode(helloCodec, payload);
  if (!decoded.ok) return refuse('malformed');
  const other = decoded.value;
  if (equalBytes(other.nonce, own.nonce)) return refuse('self');
  if (me.expected && other.device !== me.expected) return refuse('unexpectedDevice');
  if (me.required?.some((feature) => !other.features.includes(feature))) return refuse('featureMissing');
  const ownSpaces = me.spaces.slice(0, MAX_AUTH_SPACES).map((space) => saltedSpace(own.nonce, other.nonce, space));
  return [
    { step: 'proving', me, own, other, ownSpaces, sent: false, auth: undefined, verified: false },
    [{ type: 'sign', message: linkTranscript(me.binding, own, other, ownSpaces) }],
  ];
};

const onAuth = (state: Proving, payload: Uint8Array): Next => {
  if (state.auth) return refuse('outOfOrder');
  const decoded = decode(authCodec, payload);
  if (!decoded.ok) return refuse('malformed');
  const auth = decoded.value;
  const message = linkTranscript(state.me.binding, state.other, state.own, auth.spaces);
  return [{ ...state, auth }, [{ type: 'verify', device: state.other.device, message, signature: auth.signature }]];
};

/** The last thing missing may be our own signature or the check of theirs: they come in either order. */
const settle = (state: Proving, outputs: readonly HandshakeOutput[]): Next => {
  const { own, other, auth } = state;
  if (!state.sent || !state.verified || !auth) return [state, outputs];
  const link: ReadyLink = {
    device: other.device,
    kind: other.kind,
    minor: Math.min(own.minor, other.minor),
    features: own.features.filter((feature) => other.features.includes(feature)),
    time: other.time,
    nonces: [own.nonce, other.nonce],
    spaces: auth.spaces,
  };
  return [{ step: 'ready', link }, [...outputs, { type: 'ready', link }]];
};

export const handshakeStep: Step<HandshakeState, HandshakeInput, HandshakeOutput> = (state, input) => {
  if (state.step === 'refused') return [state, []];
  if (state.step === 'ready') {
    return input.type === 'helloReceived' || input.type === 'authReceived' ? refuse('outOfOrder') : [state, []];
  }
  if (input.type === 'timedOut') return refuse('timedOut');
  if (state.step === 'greeting') {
    return input.type === 'helloReceived' ? onHello(state.me, state.own, input.payload) : refuse('outOfOrder');
  }
  switch (input.type) {
    case 'helloReceived':
      return refuse('outOfOrder');
    case 'authReceived':
      return onAuth(state, input.payload);
    case 'signed': {
      if (state.sent) return [state, []];
      const payload = encode(authCodec, { signature: input.signature, spaces: state.ownSpaces });
      return settle({ ...state, sent: true }, [{ type: 'send', frame: 'auth', payload }]);
    }
    case 'verified':
      if (!input.valid || !state.auth) return refuse('badSignature');
      return settle({ ...state, verified: true }, []);
  }
};
