/**
 * Links through a neighbour, for two who cannot connect: when one is asked for, of whom, and when it is left again. Who is at the other
 * end the handshake proves, as ever; what the neighbour carries it cannot read. Its own side of that is `circuit-middle.ts`.
 *
 * Rules kept here: [CI1] whose links may be joined. [CI5] when a circuit is asked for, and whose offers are taken. [CI7] which one
 * stands, and when it is left.
 */
import { TokenBuckets } from '../../base/bucket';
import { toHex } from '../../base/bytes';
import { decode, encode } from '../../base/codec';
import { setLatest } from '../../base/latest';
import { CIRCUITS, type CircuitWord, circuitCodec, type Said } from '../../vm/net/circuit';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import { type Circuit, CircuitEnd } from './circuit-end';
import { CircuitMiddle } from './circuit-middle';
import type { KernelContext } from './context';
import { BETTER_WAY, type Link } from './link';
import type { Network } from './network';
import { isReader } from './session';
import type { Space } from './space';

const LOOK_MS = 2_000;
const MAX_ENDS = { all: 8, through: 2 } as const;
const MAX_ROUND = 3;
const PAUSE_MS = { least: 30_000, most: 30 * 60_000 } as const;
/** A circuit that lived so long was worth it. */
const GOOD_MS = 60_000;
const OFFERS = { rate: 1, burst: 5, devices: 256 } as const;
const MAX_TRIES = 256;

/** To one device. */
type Tries = {
  /** By neighbour, how often it came to nothing. */
  readonly failed: Map<DeviceId, number>;
  inRound: number;
  rounds: number;
  pausedUntil: number;
};
export type CircuitFacts = {
  readonly network: Pick<Network, 'links' | 'open' | 'sessions'>;
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  /** Heard of, and not to be reached directly. */
  unreached(): readonly DeviceId[];
  /** It was heard where a space is to be found that is being joined. */
  isSought(device: DeviceId): boolean;
  changed(): void;
};

export class Circuits {
  readonly middle: CircuitMiddle;
  readonly #ends = new Set<CircuitEnd>();
  readonly #endOf = new WeakMap<Link, CircuitEnd>();
  readonly #linkOf = new WeakMap<CircuitEnd, Link>();
  /** Asked for while a space is joined of which it is not known yet who reads it. */
  readonly #sought = new WeakSet<CircuitEnd>();
  readonly #tries = new Map<DeviceId, Tries>();
  readonly #offers = new TokenBuckets(OFFERS.rate, OFFERS.burst, OFFERS.devices);
  #stop: () => void = () => {};

  constructor(
    private readonly context: KernelContext,
    private readonly facts: CircuitFacts,
  ) {
    this.middle = new CircuitMiddle(context, {
      mayJoin: (a, b) => this.#mayJoin(a, b),
      say: (to, word) => say(this.#linkTo(to), word),
      isFree: (to) => this.#linkTo(to)?.roomForBulk ?? false,
      changed: () => facts.changed(),
    });
  }

  start(): void {
    this.#stop = this.context.ports.clock.after(LOOK_MS, () => {
      this.#look();
      this.start();
    });
  }
  stop(): void {
    this.#stop();
    this.middle.stop();
    for (const end of [...this.#ends]) end.end('ended');
  }

  // --- Whom it concerns ----------------------------------------------------------------------------------------

  get #neighbours(): readonly Link[] {
    return [...this.facts.network.links].filter(mayCarry);
  }
  #linkTo(device: DeviceId): Link | undefined {
    return this.#neighbours.find(({ ready }) => ready?.device === device);
  }
  #isLinked(device: DeviceId): boolean {
    return [...this.facts.network.links].some(({ ready, options }) => ready?.device === device && !options.via);
  }
  /** It holds the space, as its root said over a link that may carry circuits. */
  #holds(space: Space, device: DeviceId): boolean {
    return this.facts.network
      .sessions(space.id)
      .some((session) => session.theirIndex !== undefined && session.device === device && mayCarry(session.link));
  }
  /** CI1. */
  #mayJoin(a: DeviceId, b: DeviceId): boolean {
    return [...this.facts.spaces.values()].some(
      (space) =>
        [a, b, this.context.device.device].every((device) => isReader(space, device)) &&
        this.#holds(space, a) &&
        this.#holds(space, b),
    );
  }
  /** CI5: a space in common that comes no other way. */
  #isNeeded(device: DeviceId, via: DeviceId): boolean {
    return [...this.facts.spaces.values()].some(
      (space) =>
        space.isWhole &&
        isReader(space, device) &&
        !this.#holds(space, via) &&
        !this.facts.network
          .sessions(space.id)
          .some(({ link, theirIndex }) => theirIndex !== undefined && link.ready?.kind === 'beacon'),
    );
  }

  // --- Asking --------------------------------------------------------------------------------------------------

  #look(): void {
    for (const end of [...this.#ends]) {
      const link = this.#linkOf.get(end);
      const { asked, device, via } = end.circuit;
      if (!asked || !link?.ready) continue;
      if (this.#isNeeded(device, deviceOf(via))) this.#sought.delete(end);
      else if (!this.#sought.has(end)) link.close(BETTER_WAY);
    }
    for (const device of this.facts.unreached())
      if (!this.#isLinked(device) && !this.#hasEnd(device)) this.#ask(device);
  }
  /** What others offer, and does not open, keeps nobody from asking. */
  #hasEnd(device: DeviceId): boolean {
    return [...this.#ends].some(
      (end) => end.circuit.device === device && (end.circuit.asked || this.#linkOf.get(end)?.ready),
    );
  }
  /** CI5: of the ends that there may be, one more through this neighbour. */
  #hasRoom(via: Link): boolean {
    const through = [...this.#ends].filter(({ circuit }) => circuit.via === via);
    return this.#ends.size < MAX_ENDS.all && through.length < MAX_ENDS.through;
  }

  #ask(device: DeviceId): void {
    const { clock, random } = this.context.ports;
    const now = clock.now();
    const tries = this.#tries.get(device) ?? { failed: new Map(), inRound: 0, rounds: 0, pausedUntil: now };
    if (now < tries.pausedUntil && tries.pausedUntil - now <= PAUSE_MS.most) return;
    const isSought = this.facts.isSought(device);
    const failures = (link: Link): number => tries.failed.get(deviceOf(link)) ?? 0;
    const vias = this.#neighbours
      .filter(
        (via) =>
          this.#hasRoom(via) && this.#sharesSpace(device, via) && (isSought || this.#isNeeded(device, deviceOf(via))),
      )
      .sort((a, b) => failures(a) - failures(b));
    const [via] = vias;
    if (!via) return;
    setLatest(this.#tries, device, tries, MAX_TRIES);
    if (tries.inRound >= Math.min(MAX_ROUND, vias.length)) {
      tries.pausedUntil = now + Math.min(PAUSE_MS.most, PAUSE_MS.least * 2 ** Math.min(tries.rounds++, 10));
      tries.inRound = 0;
      return;
    }
    const end = this.#open({ id: toHex(random.bytes(8)), device, via, asked: true });
    if (isSought) this.#sought.add(end);
    void end.ask();
  }
  /** Where `via` could be asked about it. */
  #sharesSpace(device: DeviceId, via: Link): boolean {
    return [...this.facts.spaces.values()].some(
      (space) => isReader(space, device) && isReader(space, deviceOf(via)) && this.#holds(space, deviceOf(via)),
    );
  }

  #open(circuit: Circuit): CircuitEnd {
    const end = new CircuitEnd(this.context, circuit, {
      say: (word) => say(circuit.via, word),
      opened: () => {
        const options = { path: 'circuit', expected: circuit.device, via: deviceOf(circuit.via) } as const;
        const link = this.facts.network.open(options, () => end);
        this.#endOf.set(link, end);
        this.#linkOf.set(end, link);
        return link.channelEvents;
      },
      ended: () => {
        this.#ends.delete(end);
        if (!this.#linkOf.has(end)) this.#failed(end);
      },
    });
    this.#ends.add(end);
    return end;
  }
  /** Where the neighbour itself is gone, it is nobody's fault. */
  #failed({ circuit: { asked, device, via } }: CircuitEnd): void {
    const tries = this.#tries.get(device);
    if (!asked || !tries || via.closed) return;
    tries.inRound++;
    tries.failed.set(deviceOf(via), (tries.failed.get(deviceOf(via)) ?? 0) + 1);
  }

  // --- What is heard -------------------------------------------------------------------------------------------

  /** Gives the counter of what was wrong with it. */
  async heard(link: Link, payload: Uint8Array): Promise<'refused.badCircuit' | 'refused.circuitSeal' | undefined> {
    const decoded = decode(circuitCodec, payload);
    if (!decoded.ok || !mayCarry(link)) return 'refused.badCircuit';
    const word = decoded.value;
    const from = deviceOf(link);
    if (word.type === 'ask') this.middle.asked(from, word);
    else if (word.type === 'offer') this.#offered(link, word);
    else {
      const end = [...this.#ends].find(({ circuit }) => circuit.via === link && circuit.id === word.id);
      if (end && word.type === 'data' && !(await end.heard(word.sealed))) return 'refused.circuitSeal';
      if (end && word.type === 'accept' && end.circuit.asked) void end.agree(word.key);
      if (end && word.type === 'close') end.end(undefined);
      // What ended a moment ago is still spoken of.
      if (!end && !(await this.#between(from, word))) this.context.count('ignored.circuit');
    }
    return undefined;
  }
  #between(from: DeviceId, word: Said<'accept' | 'data' | 'close'>): boolean | Promise<boolean> {
    if (word.type === 'data') return this.middle.came(from, word);
    return word.type === 'accept' ? this.middle.accepted(from, word) : this.middle.closed(from, word);
  }

  #offered(via: Link, { id, device, key }: Said<'offer'>): void {
    if (!this.#accepts(via, device)) {
      this.context.count('refused.circuitOffer');
      say(via, { type: 'close', id, why: 'unreached' });
      return;
    }
    void this.#open({ id, device, via, asked: false }).agree(key);
  }
  /** CI5. */
  #accepts(via: Link, device: DeviceId): boolean {
    return (
      this.#offers.take(deviceOf(via), this.context.ports.clock.now()) &&
      device !== this.context.device.device &&
      !this.#isLinked(device) &&
      this.#hasRoom(via) &&
      [...this.facts.spaces.values()].some((space) => isReader(space, device))
    );
  }

  // --- What becomes of links -----------------------------------------------------------------------------------

  /** CI7. */
  linked({ ready }: Link): void {
    const ways = [...this.facts.network.links].filter((link) => link.ready && deviceOf(link) === ready?.device);
    const asker = (link: Link): string => {
      const circuit = this.#endOf.get(link)?.circuit;
      return circuit?.asked ? this.context.device.device : (circuit?.device ?? '');
    };
    // No asker, which is no circuit, comes first.
    const [best] = ways.sort((a, b) =>
      asker(a) === asker(b) ? b.openedAt - a.openedAt : asker(a) < asker(b) ? -1 : 1,
    );
    for (const link of ways) if (link.options.via && link !== best) link.close(BETTER_WAY);
  }
  unlinked(link: Link, reason: string): void {
    const end = this.#endOf.get(link);
    if (end && reason !== BETTER_WAY) {
      const age = this.context.ports.clock.now() - link.openedAt;
      if (link.ready && age >= GOOD_MS) this.#tries.delete(end.circuit.device);
      else this.#failed(end);
    }
    for (const through of [...this.#ends]) if (through.circuit.via === link) through.end(undefined);
    if (link.ready && link.options.path === 'direct' && !this.#linkTo(link.ready.device))
      this.middle.unlinked(link.ready.device);
  }
}

const deviceOf = ({ ready }: Link): DeviceId => ready?.device as DeviceId;
/** CI1. Also of links that have just ended: what is said on them goes nowhere. */
const mayCarry = ({ ready, options }: Link): boolean =>
  ready?.kind === 'tab' && options.path === 'direct' && ready.features.includes(CIRCUITS);
const say = (link: Link | undefined, word: CircuitWord): boolean =>
  link?.send('circuit', encode(circuitCodec, word), { traffic: word.type === 'data' ? 'bulk' : 'live' }) ?? false;
