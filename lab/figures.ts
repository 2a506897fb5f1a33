/**
 * What is measured of a simulation, from the outside: it listens to the wires and is told of writes, and asks no kernel how it does.
 * An entry is delivered to a node when the first frame with it arrives there.
 */
import { concat, toHex } from '../src/base/bytes';
import { decode } from '../src/base/codec';
import { sha256 } from '../src/base/hash';
import { CONTINUED, FRAME_HEADER_BYTES, FRAME_TYPES, MORE } from '../src/vm/net/frame';
import { decodeEntry } from '../src/vm/op/entry';
import type { DeviceId, ShardId } from '../src/vm/op/ids';
import { entriesCodec } from '../src/vm/sync/messages';

const KIND_BY_NUMBER = new Map<number, string>(Object.entries(FRAME_TYPES).map(([kind, number]) => [number, kind]));
const [ENTRY, ENTRIES] = [FRAME_TYPES.entry, FRAME_TYPES.entries];

/** One entry that somebody wrote. Times in virtual ms. */
export type Spread = {
  readonly author: string;
  readonly writtenAt: number;
  /** Node -> when it came there. */
  readonly arrivals: Map<string, number>;
  /** Of those, by a push. */
  pushed: number;
  /** Each time that it arrived anywhere. */
  copies: number;
};
export type Traffic = { bytes: number; messages: number };

type Way = { readonly from: string; readonly to: string; readonly sentAt: number };
/** One copy of an entry that came over a link. */
export type Hop = Way & { readonly at: number; readonly isFirst: boolean };

export class Recorder {
  /** Of whoever wants to see each copy. */
  copied: ((spread: Spread, hop: Hop) => void) | undefined;
  /** By what the wire carries. */
  readonly #spreads = new Map<string, Spread | undefined>();
  readonly #unseen = new Map<string, number[]>();
  readonly #parts = new Map<string, Uint8Array[]>();
  readonly kinds = new Map<string, Traffic>();
  readonly sent = new Map<string, number>();
  readonly received = new Map<string, number>();
  #lately = { copies: 0, first: 0 };
  /** Pairs of nodes, and when either was heard last by the other on a link. */
  readonly #heardAt = new Map<string, number>();

  constructor(
    private readonly now: () => number,
    private readonly nameOf: (device: DeviceId) => string | undefined,
    /** Where what is written goes. */
    private readonly shard: ShardId,
  ) {}

  /** From here on traffic counts. */
  reset(): void {
    this.kinds.clear();
    this.sent.clear();
    this.received.clear();
  }

  wrote(author: string): void {
    const unseen = this.#unseen.get(author) ?? [];
    unseen.push(this.now());
    this.#unseen.set(author, unseen);
  }

  readonly heard = (from: string, to: string, message: Uint8Array | string, sentAt: number): void => {
    add(this.sent, from, message.length);
    add(this.received, to, message.length);
    const kind = typeof message === 'string' ? 'signaling' : (KIND_BY_NUMBER.get(message[0] as number) ?? 'unknown');
    const traffic = this.kinds.get(kind) ?? { bytes: 0, messages: 0 };
    traffic.bytes += message.length;
    traffic.messages++;
    this.kinds.set(kind, traffic);
    if (typeof message === 'string') return;
    this.#heardAt.set(from < to ? `${from} ${to}` : `${to} ${from}`, this.now());
    if (message[0] === ENTRY || message[0] === ENTRIES) this.#entries({ from, to, sentAt }, message);
  };

  #entries(way: Way, frame: Uint8Array): void {
    const payload = this.#whole(way.from, way.to, frame);
    if (!payload) return;
    if (frame[0] === ENTRY) return this.#arrived(way, payload, true);
    const entries = decode(entriesCodec, payload);
    if (entries.ok) for (const entry of entries.value) this.#arrived(way, entry, false);
  }
  /** A message of several frames, once its last one is here. */
  #whole(from: string, to: string, frame: Uint8Array): Uint8Array | undefined {
    const flags = frame[3] as number;
    const payload = frame.subarray(FRAME_HEADER_BYTES);
    if ((flags & (MORE | CONTINUED)) === 0) return payload;
    const way = `${from}>${to}/${frame[0]}`;
    const parts = (flags & CONTINUED) === 0 ? [] : (this.#parts.get(way) ?? []);
    parts.push(payload);
    this.#parts.set(way, parts);
    if ((flags & MORE) !== 0) return undefined;
    this.#parts.delete(way);
    return concat(...parts);
  }

  #arrived(way: Way, entry: Uint8Array, isPush: boolean): void {
    const { to } = way;
    const name = toHex(sha256(entry).subarray(0, 16));
    let spread = this.#spreads.get(name);
    if (!spread && !this.#spreads.has(name)) {
      spread = this.#spreadOf(entry);
      this.#spreads.set(name, spread);
    }
    if (!spread) return;
    spread.copies++;
    this.#lately.copies++;
    const isFirst = spread.author !== to && !spread.arrivals.has(to);
    this.copied?.(spread, { ...way, at: this.now(), isFirst });
    if (!isFirst) return;
    spread.arrivals.set(to, this.now());
    if (isPush) spread.pushed++;
    this.#lately.first++;
  }
  /** Of what is none of the writes that are measured, nothing. */
  #spreadOf(encoded: Uint8Array): Spread | undefined {
    const entry = decodeEntry(encoded);
    if (!entry.ok || entry.value.header.shard !== this.shard) return undefined;
    const author = this.nameOf(entry.value.header.device);
    const writtenAt = author === undefined ? undefined : this.#unseen.get(author)?.shift();
    return author === undefined || writtenAt === undefined
      ? undefined
      : { author, writtenAt, arrivals: new Map(), pushed: 0, copies: 0 };
  }

  /** What was written before is no longer counted. */
  forget(before: number): void {
    for (const [name, spread] of this.#spreads)
      if (spread && spread.writtenAt < before) this.#spreads.set(name, undefined);
    for (const [author, times] of this.#unseen) {
      const late = times.filter((at) => at >= before);
      if (late.length < times.length) this.#unseen.set(author, late);
    }
  }
  get spreads(): readonly Spread[] {
    return [...this.#spreads.values()].filter((spread) => spread !== undefined);
  }
  /** Writes that have not left their author. */
  get unseen(): readonly { readonly author: string; readonly writtenAt: number }[] {
    return [...this.#unseen].flatMap(([author, times]) => times.map((writtenAt) => ({ author, writtenAt })));
  }
  /** What arrived since it was asked last: copies of entries, and those of them that were the first at their node. */
  arrived(): { readonly copies: number; readonly first: number } {
    const arrived = this.#lately;
    this.#lately = { copies: 0, first: 0 };
    return arrived;
  }
  /** Node -> with whom it exchanged a frame within the last so many ms. */
  links(within: number): ReadonlyMap<string, ReadonlySet<string>> {
    const links = new Map<string, Set<string>>();
    const since = this.now() - within;
    for (const [pair, at] of this.#heardAt) {
      if (at < since) {
        this.#heardAt.delete(pair);
        continue;
      }
      const [a, b] = pair.split(' ') as [string, string];
      links.set(a, (links.get(a) ?? new Set()).add(b));
      links.set(b, (links.get(b) ?? new Set()).add(a));
    }
    return links;
  }
}

const add = (sums: Map<string, number>, key: string, by: number): void => void sums.set(key, (sums.get(key) ?? 0) + by);

/** Of ascending numbers; `undefined` of none. */
export const quantile = (sorted: readonly number[], share: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** The share of `nodes` in the largest part of the network that hangs together. */
export const largestPart = (links: ReadonlyMap<string, ReadonlySet<string>>, nodes: ReadonlySet<string>): number => {
  const seen = new Set<string>();
  let largest = 0;
  for (const start of nodes) {
    if (seen.has(start)) continue;
    seen.add(start);
    const reached = [start];
    for (const node of reached)
      for (const next of links.get(node) ?? [])
        if (nodes.has(next) && !seen.has(next)) {
          seen.add(next);
          reached.push(next);
        }
    largest = Math.max(largest, reached.length);
  }
  return nodes.size === 0 ? 0 : largest / nodes.size;
};
