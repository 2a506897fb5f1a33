/**
 * What arrived in one part of a space, by where it stands in the logs that it came in: the answer to "what lies above a read
 * marker" without looking at what was read long ago. Kept up node by node; `removed` ones stay, because they have a place in time.
 * It knows no marker, no person and no type by name. Of a log that somebody let go on in two ways, places stand for age.
 */
import { firstNot } from '../../base/sorted';
import type { Births, EntryId, GraphNode, Hlc, NodeId, UserId } from '../schema/define';
import { ASIDE, asideOf, mayAddress } from '../schema/unread';
import { Sorted } from './sorted';

/** Where an entry stands; `undefined` for one in no log that is held. */
export type PositionOf = (entry: EntryId) => { readonly log: string; readonly seq: number } | undefined;
type Marker = ReadonlyMap<string, number>;

export type Arrival = {
  readonly id: NodeId;
  readonly author: UserId;
  readonly at: Hlc;
  /** Absent: in no log, and read by everybody. */
  readonly log?: string;
  readonly seq: number;
  readonly removed: boolean;
  /** Its text may address somebody. */
  readonly calls: boolean;
  /** What it stands aside under: said in a thread, and not to all who read the part. */
  readonly aside: string | undefined;
};
/** What one author has above the marker in one log. `calling`: those whose text may address somebody. */
type News = {
  readonly author: UserId;
  readonly count: number;
  readonly first: Arrival;
  readonly calling: readonly NodeId[];
};
export type Arrivals = {
  /** Not removed, not aside, and above the marker. */
  above(marker: Marker): Iterable<News>;
  /** Not removed, aside, and above the marker. */
  asides(marker: Marker): Iterable<Arrival>;
  /** The last in time that is not above the marker, removed or not. */
  lastRead(marker: Marker): Arrival | undefined;
  /** What does not stand aside, removed or not. */
  byAge(): ByAge;
};
/** A list by age, told by place, however long it is. */
export type ByAge = {
  readonly size: number;
  /** How many are older. */
  rank(place: Pick<Arrival, 'at' | 'id'>): number;
  /** From a place up to another (exclusive), oldest first. */
  ids(from: number, to: number): readonly NodeId[];
};

export const arrivalOf = (node: GraphNode, positionOf: PositionOf): Arrival => {
  const position = positionOf(node.createdBy);
  const text = node.field('text');
  return {
    id: node.id,
    author: node.author,
    at: node.createdAt,
    ...(position ? { log: position.log } : {}),
    seq: position?.seq ?? 0,
    removed: node.deleted,
    calls: typeof text === 'string' && mayAddress(text),
    aside: asideOf(node),
  };
};
export const sameArrival = (a: Arrival, b: Arrival): boolean =>
  a.author === b.author &&
  a.at === b.at &&
  a.log === b.log &&
  a.seq === b.seq &&
  a.removed === b.removed &&
  a.calls === b.calls &&
  a.aside === b.aside;

/** Earlier in time. */
export const isBefore = (a: Pick<Arrival, 'at' | 'id'>, b: Pick<Arrival, 'at' | 'id'>): boolean =>
  a.at < b.at || (a.at === b.at && a.id < b.id);

const byPlace = (a: Arrival, b: Arrival): number => a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const byAge = (a: Pick<Arrival, 'at' | 'id'>, b: Pick<Arrival, 'at' | 'id'>): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const list = (): Sorted<Arrival> => new Sorted(byPlace);

type ByAuthor = { readonly standing: Sorted<Arrival>; readonly calling: Sorted<Arrival> };
type Log = {
  readonly all: Sorted<Arrival>;
  readonly asides: Sorted<Arrival>;
  readonly authors: Map<UserId, ByAuthor>;
};

export class KeptArrivals implements Arrivals {
  readonly #logs = new Map<string, Log>();
  readonly #placeless = new Sorted<Arrival>(byAge);
  readonly #byAge = new Sorted<Arrival>(byAge);

  /** It must not be there; `take` must find it. */
  put(arrival: Arrival): void {
    if (arrival.aside === undefined) this.#byAge.put(arrival);
    if (arrival.log === undefined) return this.#placeless.put(arrival);
    const log = this.#logs.get(arrival.log) ?? { all: list(), asides: list(), authors: new Map() };
    this.#logs.set(arrival.log, log);
    log.all.put(arrival);
    if (arrival.removed) return;
    if (arrival.aside !== undefined) return log.asides.put(arrival);
    const own = log.authors.get(arrival.author) ?? { standing: list(), calling: list() };
    log.authors.set(arrival.author, own);
    own.standing.put(arrival);
    if (arrival.calls) own.calling.put(arrival);
  }
  take(arrival: Arrival): void {
    if (arrival.aside === undefined) this.#byAge.take(arrival);
    if (arrival.log === undefined) return this.#placeless.take(arrival);
    const log = this.#logs.get(arrival.log) as Log;
    log.all.take(arrival);
    if (log.all.size === 0) this.#logs.delete(arrival.log);
    if (arrival.removed) return;
    if (arrival.aside !== undefined) return log.asides.take(arrival);
    const own = log.authors.get(arrival.author) as ByAuthor;
    own.standing.take(arrival);
    if (arrival.calls) own.calling.take(arrival);
  }

  *above(marker: Marker): Generator<News> {
    for (const [log, { authors }] of this.#logs) {
      const seq = marker.get(log) ?? -1;
      const isRead = (arrival: Arrival): boolean => arrival.seq <= seq;
      for (const [author, { standing, calling }] of authors) {
        const read = standing.rank(isRead);
        const first = standing.at(read);
        if (!first) continue;
        const called = Array.from(calling.range(calling.rank(isRead)), ({ id }) => id);
        yield { author, count: standing.size - read, first, calling: called };
      }
    }
  }
  *asides(marker: Marker): Generator<Arrival> {
    for (const [log, { asides }] of this.#logs) {
      const seq = marker.get(log) ?? -1;
      yield* asides.range(asides.rank((arrival) => arrival.seq <= seq));
    }
  }
  lastRead(marker: Marker): Arrival | undefined {
    let last = this.#placeless.at(this.#placeless.size - 1);
    for (const [log, { all }] of this.#logs) {
      const seq = marker.get(log) ?? -1;
      const read = all.at(all.rank((arrival) => arrival.seq <= seq) - 1);
      if (read && (!last || isBefore(last, read))) last = read;
    }
    return last;
  }
  byAge(): ByAge {
    const list = this.#byAge;
    return {
      size: list.size,
      rank: (place) => list.rank((arrival) => isBefore(arrival, place)),
      ids: (from, to) => Array.from(list.range(from, to), ({ id }) => id),
    };
  }
}

/** The same without an index: a look at where the nodes of a part were made, and at those alone that are above a marker. */
export class SoughtArrivals implements Arrivals {
  readonly #logs: readonly Births[];
  readonly #placeless: readonly Arrival[];

  constructor(
    /** All, or those that have a field. */
    private readonly births: (field?: string) => readonly Births[],
    private readonly positionOf: PositionOf,
  ) {
    const all = births();
    this.#logs = all.filter((log) => this.#isHeld(log));
    const others = all.filter((log) => !this.#isHeld(log));
    this.#placeless = others.flatMap((log) => this.#from(log, 0, log.seqs.length)).sort(byAge);
  }
  #isHeld({ seqs, node }: Births): boolean {
    return seqs.length > 0 && this.positionOf(node(0).createdBy) !== undefined;
  }

  *above(marker: Marker): Generator<News> {
    for (const log of this.#logs) {
      const standing = new Map<UserId, Arrival[]>();
      for (const arrival of this.#from(log, readIn(log, marker), log.seqs.length)) {
        if (arrival.removed || arrival.aside !== undefined) continue;
        const own = standing.get(arrival.author);
        if (own) own.push(arrival);
        else standing.set(arrival.author, [arrival]);
      }
      for (const [author, all] of standing) {
        const [first] = all.sort(byPlace) as [Arrival, ...Arrival[]];
        yield { author, count: all.length, first, calling: all.filter(({ calls }) => calls).map(({ id }) => id) };
      }
    }
  }
  *asides(marker: Marker): Generator<Arrival> {
    for (const log of this.births(ASIDE).filter((each) => this.#isHeld(each)))
      for (const arrival of this.#from(log, readIn(log, marker), log.seqs.length))
        if (!arrival.removed && arrival.aside !== undefined) yield arrival;
  }
  lastRead(marker: Marker): Arrival | undefined {
    let last = this.#placeless.at(-1);
    for (const log of this.#logs) {
      const to = readIn(log, marker);
      // One entry may have made several.
      const from = log.seqs.indexOf(log.seqs[to - 1] as number);
      const read = to > 0 ? this.#from(log, from, to).sort(byPlace).at(-1) : undefined;
      if (read && (!last || isBefore(last, read))) last = read;
    }
    return last;
  }
  byAge(): ByAge {
    const aside = new Set(this.births(ASIDE).flatMap(({ log, seqs }) => seqs.map((seq) => `${log} ${seq}`)));
    const all = this.births().flatMap((log) =>
      log.times.map((at, i) => ({ at, node: () => log.node(i), place: `${log.log} ${log.seqs[i]}` })),
    );
    // A view is made only of what may stand aside, of two of one time, and of what is asked for.
    const said = all.filter(({ place, node }) => !aside.has(place) || asideOf(node()) === undefined);
    said.sort((a, b) => a.at - b.at || byAge({ at: a.at, id: a.node().id }, { at: b.at, id: b.node().id }));
    return {
      size: said.length,
      rank: (place) => firstNot(said, ({ at, node }) => at < place.at || (at === place.at && node().id < place.id)),
      ids: (from, to) => said.slice(Math.max(0, from), Math.max(0, to)).map(({ node }) => node().id),
    };
  }

  #from({ node }: Births, from: number, to: number): Arrival[] {
    return Array.from({ length: to - from }, (_, i) => arrivalOf(node(from + i), this.positionOf));
  }
}
/** How many of a log are not above the marker. */
const readIn = ({ log, seqs }: Births, marker: Marker): number => {
  const read = marker.get(log) ?? -1;
  return firstNot(seqs, (seq) => seq <= read);
};
