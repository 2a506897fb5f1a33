/**
 * One end of a circuit: a channel as any other, of which each message is sealed for the other end and handed to the neighbour in
 * between. What does not open ends it (CI2); what is more than the rate waits here, live before bulk (CI4).
 */
import type { Channel, ChannelEvents, KeyPair } from '../../ports';
import { type CircuitClose, CircuitSeal, type CircuitWord } from '../../vm/net/circuit';
import { isBulk } from '../../vm/net/frame';
import type { DeviceId } from '../../vm/op/ids';
import { ANSWER_MS } from './circuit-middle';
import type { KernelContext } from './context';
import { Lane } from './lane';
import type { Link } from './link';

export type Circuit = {
  readonly id: string;
  /** At the other end. */
  readonly device: DeviceId;
  /** To the neighbour in between. */
  readonly via: Link;
  /** This end asked for it. */
  readonly asked: boolean;
};
export type CircuitEndEvents = {
  say(word: CircuitWord): boolean;
  /** A link is to run over it; gives what that link hears. */
  opened(end: CircuitEnd): ChannelEvents<Uint8Array>;
  /** Once. */
  ended(end: CircuitEnd): void;
};

export class CircuitEnd implements Channel<Uint8Array> {
  /** Of this circuit alone. */
  readonly #key: Promise<KeyPair>;
  readonly #lane: Lane;
  readonly #cancel: () => void;
  #seal: CircuitSeal | undefined;
  #link: ChannelEvents<Uint8Array> | undefined;
  /** Seals and openings, each one after the other. */
  #out: Promise<unknown> = Promise.resolve();
  #in: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'device'>,
    readonly circuit: Circuit,
    private readonly events: CircuitEndEvents,
  ) {
    const { clock, crypto, random } = context.ports;
    this.#key = crypto.agreementKey(random.bytes(32));
    this.#lane = new Lane(
      clock,
      () => circuit.via.roomForBulk,
      (message) => this.#leave(message),
    );
    this.#cancel = clock.after(ANSWER_MS, () => !this.#link && this.end('silent'));
  }

  async ask(): Promise<void> {
    const { id, device } = this.circuit;
    const { publicKey: key } = await this.#key;
    if (!this.#ended && !this.events.say({ type: 'ask', id, device, key })) this.end(undefined);
  }
  /** The other end has said its key. */
  agree(theirs: Uint8Array<ArrayBuffer>): Promise<unknown> {
    const { id, device, asked } = this.circuit;
    const own = this.context.device.device;
    const ends = asked ? { id, asker: own, accepter: device } : { id, asker: device, accepter: own };
    // What the other end says right after its key waits in the same line.
    this.#in = this.#in.then(async () => {
      if (this.#seal || this.#ended) return;
      const key = await this.#key;
      this.#seal = await CircuitSeal.agree(this.context.ports.crypto, key, theirs, ends, asked);
      if (this.#ended) return;
      if (!this.#seal) return this.end('ended');
      if (!asked && !this.events.say({ type: 'accept', id, key: key.publicKey })) return this.end('full');
      this.#link = this.events.opened(this);
      this.#link.opened(this.#seal.binding);
    });
    return this.#in;
  }

  /** False where it did not open. */
  async heard(sealed: Uint8Array): Promise<boolean> {
    let isWhole = true;
    this.#in = this.#in.then(async () => {
      if (this.#ended || !this.#seal) return;
      const message = await this.#seal.open(sealed);
      if (this.#ended) return;
      isWhole = message !== undefined;
      if (message) this.#link?.received(message);
      else this.end('ended');
    });
    await this.#in;
    return isWhole;
  }

  send(message: Uint8Array): void {
    if (!this.#lane.push(message, !isBulk(message))) this.end('full');
  }
  buffered(): number {
    return this.#lane.held;
  }
  close(): void {
    this.end('ended');
  }
  /** `why`: it is said to the neighbour, unless nothing can be or it said so itself. */
  end(why: CircuitClose | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel();
    this.#lane.end();
    if (why) this.events.say({ type: 'close', id: this.circuit.id, why });
    this.events.ended(this);
    // Later: a link that closes its channel says itself why.
    this.context.ports.clock.after(0, () => this.#link?.closed(why ?? 'circuit ended'));
  }

  #leave(message: Uint8Array): void {
    this.#out = this.#out.then(async () => {
      const sealed = await this.#seal?.seal(message);
      if (!sealed || this.#ended) return;
      if (!this.events.say({ type: 'data', id: this.circuit.id, sealed })) this.end('full');
    });
  }
}
