/**
 * Circuits: what is said about a channel between two devices through a third, and the seal that both ends put on what goes through.
 * It knows neither links nor who may ask for what. Bytes: docs/protocol/link.md.
 *
 * [CI2] What does not open as the next message of its direction is changed, lost, repeated or moved. The binding commits to both keys.
 */
import { concat, fromHex } from '../../base/bytes';
import { blob, encode, fixed, hexId, oneOf, record, tagged, u64, type ValueOf } from '../../base/codec';
import { deriveKey, hash } from '../../base/hash';
import type { Crypto, KeyPair } from '../../ports';
import { type DeviceId, deviceIdCodec } from '../op/ids';
import { MAX_FRAME_BYTES } from './frame';

/** Number of the feature in hellos: frames `circuit` are sent where both have it. */
export const CIRCUITS = 16;
const TAG_BYTES = 16;

/** Hex; the same on both links of the middle. */
export type CircuitId = string;
const id = hexId<CircuitId>(8);
const key = fixed(32);
const ends = record({ id, device: deviceIdCodec, key });
export const circuitCodec = tagged({
  /** To the middle: with whom. */
  ask: [0, ends],
  /** Of the middle: who asks. */
  offer: [1, ends],
  accept: [2, record({ id, key })],
  data: [3, record({ id, sealed: blob(MAX_FRAME_BYTES + TAG_BYTES) })],
  close: [4, record({ id, why: oneOf('ended', 'unreached', 'busy', 'silent', 'full') })],
});
export type CircuitWord = ValueOf<typeof circuitCodec>;
export type Said<T extends CircuitWord['type']> = Extract<CircuitWord, { type: T }>;
export type CircuitClose = Said<'close'>['why'];

/** Of one circuit, as both ends see it. */
export type CircuitEnds = {
  readonly id: CircuitId;
  readonly asker: DeviceId;
  readonly accepter: DeviceId;
  readonly askerKey: Uint8Array;
  readonly accepterKey: Uint8Array;
};
export const circuitBinding = ({ id, asker, accepter, askerKey, accepterKey }: CircuitEnds): Uint8Array<ArrayBuffer> =>
  hash('lgos/circuit/1', fromHex(id), fromHex(asker), fromHex(accepter), askerKey, accepterKey);

const nonceOf = (count: number): Uint8Array<ArrayBuffer> => concat(new Uint8Array(4), encode(u64, count));
const NOTHING = new Uint8Array();

/** What one end seals and opens, each in its order. Call neither again before the last call has ended. */
export class CircuitSeal {
  #sealed = 0;
  #opened = 0;

  private constructor(
    private readonly crypto: Crypto,
    readonly binding: Uint8Array<ArrayBuffer>,
    private readonly out: Uint8Array,
    private readonly into: Uint8Array,
  ) {}

  /** `undefined` for a key that agrees with everybody. */
  static async agree(
    crypto: Crypto,
    own: KeyPair,
    theirs: Uint8Array,
    ends: Pick<CircuitEnds, 'id' | 'asker' | 'accepter'>,
    asked: boolean,
  ): Promise<CircuitSeal | undefined> {
    const shared = await crypto.agree(own.handle, theirs);
    if (!shared) return undefined;
    const [askerKey, accepterKey] = asked ? [own.publicKey, theirs] : [theirs, own.publicKey];
    const binding = circuitBinding({ ...ends, askerKey, accepterKey });
    const [ask, accept] = ['ask', 'accept'].map((way) => deriveKey(shared, binding, `lgos/circuit-${way}/1`)) as [
      Uint8Array,
      Uint8Array,
    ];
    return new CircuitSeal(crypto, binding, asked ? ask : accept, asked ? accept : ask);
  }

  seal(message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return this.crypto.seal(this.out, nonceOf(this.#sealed++), message, NOTHING);
  }
  open(sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.crypto.open(this.into, nonceOf(this.#opened++), sealed, NOTHING);
  }
}
