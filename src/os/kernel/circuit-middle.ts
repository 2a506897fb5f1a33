/**
 * Between two who cannot connect: carries what they seal from one link to the other, and knows no more of it than how much it is. It
 * does so for few, slowly, and behind whatever else its links have to carry.
 *
 * Rules kept here: [CI1] for whom. [CI3] how many, how often, and how long nothing may come. [CI4] how much.
 */
import { TokenBuckets } from '../../base/bucket';
import type { CircuitClose, CircuitId, CircuitWord, Said } from '../../vm/net/circuit';
import type { DeviceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import { Lane } from './lane';

const MAX_CARRIED = 16;
const MAX_OF_DEVICE = 2;
const ASKS = { rate: 1, burst: 5, devices: 256 } as const;
export const ANSWER_MS = 10_000;
const IDLE_MS = 120_000;

/** The links of this node, by device. */
export type MiddleFacts = {
  /** CI1. */
  mayJoin(a: DeviceId, b: DeviceId): boolean;
  say(to: DeviceId, word: CircuitWord): boolean;
  /** More bulk would soon leave. */
  isFree(to: DeviceId): boolean;
  changed(): void;
};
type Carried = {
  readonly asker: DeviceId;
  readonly accepter: DeviceId;
  /** What the asker sends, what the accepter sends. */
  readonly lanes: readonly [Lane, Lane];
  accepted: boolean;
  heardAt: number;
  cancel: () => void;
};

export class CircuitMiddle {
  readonly #carried = new Map<CircuitId, Carried>();
  readonly #asks = new TokenBuckets(ASKS.rate, ASKS.burst, ASKS.devices);
  #bytes = 0;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'metered' | 'count'>,
    private readonly facts: MiddleFacts,
    private readonly limits = { all: MAX_CARRIED, ofDevice: MAX_OF_DEVICE },
  ) {}

  /** Circuits that are open, and bytes since the start. */
  get figures(): { readonly circuits: number; readonly bytes: number } {
    return { circuits: [...this.#carried.values()].filter(({ accepted }) => accepted).length, bytes: this.#bytes };
  }

  asked(from: DeviceId, { id, device, key }: Said<'ask'>): void {
    const now = this.context.ports.clock.now();
    const why = this.#refuses(from, device, id, now);
    if (why) {
      this.context.count(`refused.circuit.${why}`);
      this.facts.say(from, { type: 'close', id, why });
      return;
    }
    const lane = (to: DeviceId): Lane =>
      new Lane(
        this.context.ports.clock,
        () => this.facts.isFree(to),
        (sealed) => this.#pass(id, to, sealed as Uint8Array<ArrayBuffer>),
      );
    const cancel = this.context.ports.clock.after(ANSWER_MS, () => this.#end(id, 'silent'));
    const lanes = [lane(device), lane(from)] as const;
    this.#carried.set(id, { asker: from, accepter: device, lanes, accepted: false, heardAt: now, cancel });
    if (!this.facts.say(device, { type: 'offer', id, device: from, key })) this.#end(id, 'unreached');
  }
  /** CI3 before CI1: to look for a space in common costs more than to ask. */
  #refuses(from: DeviceId, device: DeviceId, id: CircuitId, now: number): CircuitClose | undefined {
    const of = (end: DeviceId): number =>
      [...this.#carried.values()].filter(({ asker, accepter }) => asker === end || accepter === end).length;
    const isFull = this.#carried.size >= this.limits.all || of(from) >= this.limits.ofDevice;
    if (!this.#asks.take(from, now) || this.context.metered || isFull || this.#carried.has(id)) return 'busy';
    if (from === device || !this.facts.mayJoin(from, device)) return 'unreached';
    return of(device) >= this.limits.ofDevice ? 'busy' : undefined;
  }

  /** False where it is none that is carried here for this device. */
  accepted(from: DeviceId, word: Said<'accept'>): boolean {
    const carried = this.#carried.get(word.id);
    if (carried?.accepter !== from || carried.accepted) return false;
    carried.accepted = true;
    this.#watch(word.id, carried);
    this.facts.say(carried.asker, word);
    this.facts.changed();
    return true;
  }
  /** Resolves when it has left; false as `accepted`. */
  async came(from: DeviceId, { id, sealed }: Pick<Said<'data'>, 'id' | 'sealed'>): Promise<boolean> {
    const carried = this.#carried.get(id);
    if (!carried?.accepted || (carried.asker !== from && carried.accepter !== from)) return false;
    carried.heardAt = this.context.ports.clock.now();
    const gone = carried.lanes[carried.asker === from ? 0 : 1].push(sealed);
    if (!gone) this.#end(id, 'full');
    await gone;
    return true;
  }
  closed(from: DeviceId, { id, why }: Pick<Said<'close'>, 'id' | 'why'>): boolean {
    const carried = this.#carried.get(id);
    if (carried?.asker !== from && carried?.accepter !== from) return false;
    this.#end(id, why, from);
    return true;
  }
  unlinked(device: DeviceId): void {
    for (const [id, { asker, accepter }] of [...this.#carried])
      if (asker === device || accepter === device) this.#end(id, 'ended', device);
  }
  stop(): void {
    for (const id of [...this.#carried.keys()]) this.#end(id, 'ended');
  }

  #pass(id: CircuitId, to: DeviceId, sealed: Uint8Array<ArrayBuffer>): void {
    this.#bytes += sealed.length;
    if (!this.facts.say(to, { type: 'data', id, sealed })) this.#end(id, 'full');
  }
  #watch(id: CircuitId, carried: Carried): void {
    const { clock } = this.context.ports;
    carried.cancel();
    // A clock that went back only delays it.
    const quiet = Math.max(0, clock.now() - carried.heardAt);
    if (quiet >= IDLE_MS) return this.#end(id, 'ended');
    carried.cancel = clock.after(IDLE_MS - quiet, () => this.#watch(id, carried));
  }
  #end(id: CircuitId, why: CircuitClose, by?: DeviceId): void {
    const carried = this.#carried.get(id);
    if (!carried) return;
    this.#carried.delete(id);
    carried.cancel();
    for (const lane of carried.lanes) lane.end();
    if (why === 'full' || why === 'silent') this.context.count(`refused.circuit.${why}`);
    for (const end of [carried.asker, carried.accepter])
      if (end !== by) this.facts.say(end, { type: 'close', id, why });
    this.facts.changed();
  }
}
