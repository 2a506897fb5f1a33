/** One network of an experiment as a page sees it: who is there and linked, how the latest entries went, and figures of the last minute. */
import { quantile, type Spread } from './figures';
import type { LabEntry, LabFigures, LabHop, LabNetwork } from './messages';
import { ALIVE_MS, type Run } from './run';

const WINDOW_MS = 60_000;
/** An entry is counted as late as this, or once all have it. */
const DUE_MS = 2_000;
const MAX_ENTRIES = 4;
const MAX_HOPS = 2_000;
const BYTES_SECONDS = 10;

type Followed = Omit<LabEntry, 'hops'> & { readonly spread: Spread; readonly hops: LabHop[] };

export class Observed {
  readonly #placeByName: ReadonlyMap<string, number>;
  readonly #followed: Followed[] = [];
  /** Of all nodes together, at each second's end. */
  readonly #bytes: number[] = [];

  constructor(
    readonly run: Run,
    private readonly began: number,
  ) {
    const names = [...run.fleet.nodes.map(({ name }) => name), ...run.fleet.beacons];
    this.#placeByName = new Map(names.map((name, place) => [name, place]));
    run.recorder.copied = (spread, { from, to, sentAt, at, isFirst }) => {
      const entry = this.#follow(spread);
      if (entry && entry.hops.length < MAX_HOPS)
        entry.hops.push({
          ...{ from: this.#placeOf(from), to: this.#placeOf(to), isFirst },
          ...{ sentAt: sentAt - began, at: at - began },
        });
    };
  }
  #placeOf(name: string): number {
    return this.#placeByName.get(name) ?? 0;
  }
  /** Those written last; a copy of an older one is of no picture. */
  #follow(spread: Spread): Followed | undefined {
    const known = this.#followed.find((entry) => entry.spread === spread);
    const writtenAt = spread.writtenAt - this.began;
    if (known || writtenAt < (this.#followed.at(-1)?.writtenAt ?? 0)) return known;
    const entry: Followed = { author: this.#placeOf(spread.author), writtenAt, spread, hops: [] };
    this.#followed.push(entry);
    if (this.#followed.length > MAX_ENTRIES) this.#followed.shift();
    return entry;
  }

  /** At the end of each second. */
  ticked(): void {
    const { recorder, fleet } = this.run;
    this.#bytes.push(fleet.nodes.reduce((sum, { name }) => sum + (recorder.received.get(name) ?? 0), 0));
    if (this.#bytes.length > BYTES_SECONDS + 1) this.#bytes.shift();
    recorder.forget(this.run.world.clock.now() - WINDOW_MS);
  }

  seen(): LabNetwork {
    const { run } = this;
    const { nodes, beacons } = run.fleet;
    const links: number[] = [];
    for (const [name, others] of run.recorder.links(ALIVE_MS))
      for (const other of others) {
        const [a, b] = [this.#placeByName.get(name), this.#placeByName.get(other)];
        // Signaling servers are no nodes, and those that are gone have no links.
        if (a === undefined || b === undefined || a > b || !this.#isUp(a) || !this.#isUp(b)) continue;
        links.push(a, b);
      }
    return {
      up: Uint8Array.from({ length: nodes.length + beacons.length }, (_, place) => (this.#isUp(place) ? 1 : 0)),
      links: Uint8Array.from(links),
      entries: this.#followed.map(({ author, writtenAt, hops }) => ({ author, writtenAt, hops })),
      figures: this.#figures(),
    };
  }
  #isUp(place: number): boolean {
    const node = this.run.fleet.nodes[place];
    return node === undefined || node.kernel !== undefined;
  }

  #figures(): LabFigures {
    const { run } = this;
    const now = run.world.clock.now();
    const { sound, moments } = run;
    const there = sound.map(({ name, since = now }) => ({ name, since }));
    const names = new Set(there.map(({ name }) => name));
    let [pairs, copies, first] = [0, 0, 0];
    const waits: number[] = [];
    const lacking = new Set<string>();
    for (const spread of run.recorder.spreads) {
      const asked = there.filter(({ name, since }) => name !== spread.author && since <= spread.writtenAt);
      const came = asked.flatMap(({ name }) => spread.arrivals.get(name) ?? []);
      if (came.length < asked.length && now - spread.writtenAt < DUE_MS) continue;
      pairs += asked.length;
      for (const at of came) waits.push(at - spread.writtenAt);
      copies += spread.copies;
      first += spread.arrivals.size;
      // What went with all who had it is lost to everybody.
      const isLeft = names.has(spread.author) || [...spread.arrivals.keys()].some((name) => names.has(name));
      if (isLeft) for (const name of names) if (name !== spread.author && !spread.arrivals.has(name)) lacking.add(name);
    }
    waits.sort((a, b) => a - b);
    const last = moments.at(-1);
    const moved = (this.#bytes.at(-1) ?? 0) - (this.#bytes[0] ?? 0);
    return {
      up: sound.length,
      written: run.written,
      delivered: pairs === 0 ? undefined : waits.length / pairs,
      p50: quantile(waits, 0.5),
      p95: quantile(waits, 0.95),
      copies: first === 0 ? undefined : copies / first,
      bytesIn:
        this.#bytes.length < 2 ? undefined : moved / (this.#bytes.length - 1) / Math.max(1, run.fleet.nodes.length),
      links: last?.links ?? { mean: 0, least: 0, most: 0 },
      together: last?.largestPart ?? 0,
      complete: names.size === 0 ? 0 : 1 - lacking.size / names.size,
    };
  }
}
