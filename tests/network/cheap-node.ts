/**
 * A node of a cheap simulation: the overlay's machines as the kernel drives them, over entries that are numbers. No signatures, no
 * storage, no frames; what a message would weigh is counted.
 */
import type { SeededRandom } from '../../src/base/random';
import type { DeviceId } from '../../src/vm/op/ids';
import { Broadcast, type BroadcastOutput, type BroadcastRules, type Place } from '../../src/vm/overlay/broadcast';
import type { Heard } from '../../src/vm/overlay/passive';
import { View, type ViewOutput, type ViewRules } from '../../src/vm/overlay/view';

/** Bytes on the wire: frames of the real network, measured there. */
export const WEIGHTS = {
  entry: 300,
  ihave: 6,
  perLog: 5,
  graft: 12,
  prune: 6,
  neighbour: 6,
  root: 70,
  presence: 170,
} as const;
export type Kind = 'entry' | 'entries' | 'ihave' | 'graft' | 'prune' | 'neighbour' | 'root' | 'presence' | 'signaling';

export type Written = { readonly id: number; readonly log: number; readonly seq: number };
/** What the network does for a node. */
export type Wires = {
  now(): number;
  readonly random: SeededRandom;
  readonly entries: readonly Written[];
  /** By log. */
  readonly logs: ReadonlyMap<number, readonly Written[]>;
  send(from: CheapNode, to: CheapNode, kind: Kind, bytes: number, run: () => void): void;
  after(ms: number, run: () => void): void;
  rttMs(a: CheapNode, b: CheapNode): number;
  arrived(at: CheapNode, entry: Written, isPush: boolean): void;
  dial(from: CheapNode, to: CheapNode): void;
  leave(from: CheapNode, to: CheapNode): void;
  nodeOf(device: DeviceId): CheapNode;
};

const RECONCILE_MS = 15_000;
export const PRESENCE_MS = 15_000;
const GOSSIP_MS = 10_000;
const MAX_TOLD = 8;
/** To so many links each time. */
const ROOTS = 2;

/** A number that both ends reckon alike, as `rankOf` without its hash. */
export const cheapRank = (salt: number, a: number, b: number): number => {
  let x = Math.imul(Math.min(a, b) + 1, 0x9e3779b1) ^ Math.imul(Math.max(a, b) + 1, 0x85ebca77) ^ salt;
  x ^= x >>> 15;
  x = Math.imul(x, 0x2c1b3c6d);
  x ^= x >>> 12;
  x = Math.imul(x, 0x297a2d39);
  x ^= x >>> 15;
  return (x >>> 0) / 2 ** 32;
};

export class CheapNode {
  readonly name: string;
  readonly device: DeviceId;
  readonly view: View;
  readonly broadcast: Broadcast<CheapNode, number>;
  readonly links = new Set<CheapNode>();
  readonly held = new Set<number>();
  /** Of what it holds: equal sets, equal digests. */
  digest = 0;
  isUp = false;
  since = 0;
  #lengths = new Map<number, number>();
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(
    readonly index: number,
    readonly kind: 'tab' | 'beacon' | 'insider',
    private readonly wires: Wires,
    private readonly rank: (a: number, b: number) => number,
    private readonly isTree: boolean,
    rules: ViewRules & BroadcastRules,
  ) {
    this.name = `n${index}`;
    this.device = this.name as DeviceId;
    this.view = new View(rules);
    this.broadcast = new Broadcast(() => wires.random.next(), rules);
  }
  get isSound(): boolean {
    return this.kind !== 'insider';
  }

  start(): void {
    this.isUp = true;
    this.since = this.wires.now();
    const { random } = this.wires;
    if (this.kind === 'tab')
      this.#every(1_000, 0, () => this.#perform(this.view.tick(this.wires.now(), () => random.next())));
    if (!this.isSound) return;
    this.#every(RECONCILE_MS, 0.5, () => {
      for (const other of random.shuffle([...this.links]).slice(0, ROOTS)) this.sayRoot(other);
    });
    if (this.kind === 'tab') this.#every(GOSSIP_MS, 0.25, () => this.#gossip());
  }
  #every(ms: number, jitter: number, run: () => void): void {
    const { random } = this.wires;
    const again = (): void =>
      this.wires.after(ms * (1 + jitter * (2 * random.next() - 1)), () => {
        if (!this.isUp) return;
        run();
        again();
      });
    this.wires.after(ms * random.next(), () => {
      if (this.isUp) run();
      again();
    });
  }

  // --- The view ------------------------------------------------------------------------------------------------

  rankOf(other: CheapNode): number {
    return this.rank(this.index, other.index);
  }
  #peer(other: CheapNode): Pick<Heard, 'device' | 'user' | 'rank'> {
    return { device: other.device, user: other.name, rank: this.rankOf(other) };
  }
  heard(other: CheapNode, at: number, via?: CheapNode): void {
    if (this.kind !== 'tab' || other === this) return;
    this.view.heard({ ...this.#peer(other), at, via: via?.device }, this.wires.now());
  }
  /** Of somebody who was never there. */
  told(index: number, at: number, via: CheapNode): void {
    const name = `n${index}`;
    const rank = this.rank(this.index, index);
    this.view.heard({ device: name as DeviceId, user: name, rank, at, via: via.device }, this.wires.now());
  }
  asked(other: CheapNode): boolean {
    return this.kind !== 'tab' || this.view.asked(this.#peer(other), this.wires.now());
  }
  /** A link is there. */
  linked(other: CheapNode): void {
    const now = this.wires.now();
    this.links.add(other);
    if (this.kind === 'beacon' || other.kind === 'beacon') this.broadcast.up(other, true, now);
    else if (this.kind === 'tab') this.#perform(this.view.met(this.#peer(other), true, now));
    // An insider wants to be everybody's neighbour.
    if (this.kind === 'insider') this.#say(other, true);
    this.sayRoot(other);
  }
  unlinked(other: CheapNode): void {
    if (!this.links.delete(other)) return;
    this.failed(other);
    this.#do(this.broadcast.down(other));
  }
  failed(other: CheapNode): void {
    this.view.lost(other.device, this.wires.now(), this.wires.random.next());
  }
  #say(other: CheapNode, taken: boolean): void {
    const { wires } = this;
    wires.send(this, other, 'neighbour', WEIGHTS.neighbour, () => {
      if (other.kind === 'tab' && other.links.has(this))
        other.#perform(other.view.said(this.device, taken, wires.now(), wires.random.next()));
    });
  }
  #perform(outputs: readonly ViewOutput[]): void {
    const now = this.wires.now();
    for (const output of outputs) {
      const other = this.wires.nodeOf(output.device);
      if (output.type === 'neighbour' && output.is) {
        this.broadcast.up(other, true, now);
        this.broadcast.measured(other, this.wires.rttMs(this, other));
      }
      if (output.type === 'neighbour' && !output.is) this.#do(this.broadcast.down(other));
      if (output.type === 'lean') this.#do(this.broadcast.lean(other, now));
      if (output.type === 'say') this.#say(other, output.taken);
      if (output.type === 'leave') this.wires.leave(this, other);
      if (output.type === 'dial' && !this.links.has(other)) this.wires.dial(this, other);
    }
    this.broadcast.isTree =
      this.isTree && (this.kind === 'beacon' ? this.links.size : this.view.others(this.wires.now())) > 8;
  }
  /** To one of its links: a few who are there, the best for the other and the last heard of. */
  #gossip(): void {
    if (this.links.size === 0) return;
    const other = this.wires.random.pick([...this.links]);
    const known = [...this.view.known(this.wires.now())];
    const nodes = known.map(({ device, at }) => ({ node: this.wires.nodeOf(device), at }));
    const best = [...nodes].sort((a, b) => other.rankOf(a.node) - other.rankOf(b.node)).slice(0, MAX_TOLD / 2);
    const last = [...nodes].sort((a, b) => b.at - a.at).slice(0, MAX_TOLD / 2);
    const told = [...new Set([...best, ...last])];
    this.wires.send(this, other, 'presence', told.length * WEIGHTS.presence, () => {
      for (const { node, at } of told) other.heard(node, at, this);
    });
  }

  // --- Entries -------------------------------------------------------------------------------------------------

  write(entry: Written): void {
    this.#take(entry);
    this.#do(this.broadcast.admitted(placeOf(entry), undefined, this.wires.now()));
  }
  #take(entry: Written): void {
    this.held.add(entry.id);
    this.digest = (this.digest + Math.imul(entry.id + 1, 0x9e3779b1)) | 0;
  }
  lengthOf(log: number): number {
    let length = this.#lengths.get(log) ?? 0;
    for (const entries = this.wires.logs.get(log) ?? []; length < entries.length; length++)
      if (!this.held.has((entries[length] as Written).id)) break;
    this.#lengths.set(log, length);
    return length;
  }
  came(entry: Written, from: CheapNode, how: 'push' | 'pull'): void {
    const now = this.wires.now();
    this.wires.arrived(this, entry, how === 'push');
    const known = this.held.has(entry.id);
    if (!this.isSound) {
      if (!known) this.#take(entry);
      return;
    }
    if (how === 'push') this.#do(this.broadcast.came(placeOf(entry), from, known, now));
    if (known) return;
    this.#take(entry);
    this.#do(this.broadcast.admitted(placeOf(entry), from, now));
  }
  #do(outputs: readonly BroadcastOutput<CheapNode, number>[]): void {
    const { wires } = this;
    for (const output of outputs) {
      const { peer } = output;
      switch (output.type) {
        case 'push':
          this.#push(peer, wires.entries[Number.parseInt(output.id, 10)] as Written);
          break;
        case 'ihave':
          wires.send(this, peer, 'ihave', WEIGHTS.ihave + output.logs.length * WEIGHTS.perLog, () =>
            peer.#hear(this, () =>
              peer.broadcast.announced(this, output.logs, (log) => peer.lengthOf(log), wires.now()),
            ),
          );
          break;
        case 'graft':
          wires.send(this, peer, 'graft', WEIGHTS.graft, () =>
            peer.#hear(this, () => peer.broadcast.grafted(this, output.asks, wires.now())),
          );
          break;
        case 'prune':
          wires.send(this, peer, 'prune', WEIGHTS.prune, () =>
            peer.#hear(this, () => peer.broadcast.pruned(this, wires.now())),
          );
          break;
        case 'give':
          for (const { log, from, to } of output.asks)
            for (const entry of (wires.logs.get(log) ?? []).slice(from, to + 1))
              if (this.held.has(entry.id)) this.#push(peer, entry);
          break;
        case 'fault':
          this.#perform(this.view.fault(peer.device, output.what, wires.now()));
      }
    }
    this.#arm();
  }
  #push(to: CheapNode, entry: Written): void {
    this.wires.send(this, to, 'entry', WEIGHTS.entry, () => to.came(entry, this, 'push'));
  }
  #hear(from: CheapNode, what: () => readonly BroadcastOutput<CheapNode, number>[]): void {
    if (this.isSound && this.links.has(from)) this.#do(what());
  }
  #arm(): void {
    const { wakeAt } = this.broadcast;
    if (wakeAt >= this.#wakesAt) return;
    this.#wakesAt = wakeAt;
    // A clock tells whole milliseconds.
    this.wires.after(wakeAt - this.wires.now() + 1, () => {
      if (this.#wakesAt !== wakeAt) return;
      this.#wakesAt = Number.POSITIVE_INFINITY;
      if (this.isUp) this.#do(this.broadcast.tick(this.wires.now()));
    });
  }

  /** Both ways, as the kernel's: a digest, and where it differs, what each lacks. */
  sayRoot(other: CheapNode): void {
    const { wires } = this;
    wires.send(this, other, 'root', WEIGHTS.root, () => {
      if (!other.isSound || !this.isSound || other.digest === this.digest || !other.links.has(this)) return;
      const [here, there] = [[...other.held], [...this.held]];
      const give = (from: CheapNode, to: CheapNode, ids: readonly number[]): void => {
        const lacked = ids.filter((id) => !to.held.has(id));
        if (lacked.length > 0)
          wires.send(from, to, 'entries', lacked.length * WEIGHTS.entry, () => {
            for (const id of lacked) to.came(wires.entries[id] as Written, from, 'pull');
          });
      };
      // Vectors go to and fro first.
      wires.send(other, this, 'root', WEIGHTS.root, () => {
        give(this, other, there);
        give(other, this, here);
      });
    });
  }
}

const placeOf = ({ id, log, seq }: Written): Place<number> => ({ id: `${id}`, log, seq });
