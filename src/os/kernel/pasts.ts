/**
 * Earlier states: graphs folded from the entries until a moment, beside the present one. They only read what is held, they are
 * few, and they go when nobody has asked for them for a while. What counts is judged as it is judged today.
 *
 * PA1 a state at a moment is the fold of all entries held whose time is not after it, whoever knew of which by then. An entry
 *     names the moment of its own time. As no entry is older than what it builds on, nothing in it lacks what it stands on.
 * PA2 it is the same however the entries came, also those that come later and are as old.
 *     A text whose changes lie with others is empty at a moment before the base that stands for them (CO5).
 * PA3 many entries are folded a slice at a time, so that nothing else waits.
 * PA4 what people called themselves is read once for each state, however often it is asked.
 */
import type { Engine } from '../../vm/graph/engine';
import { createStore, type FoldItem, type GraphStore } from '../../vm/graph/store/store';
import { type Hlc, hlcOf } from '../../vm/op/clock';
import type { Entry } from '../../vm/op/entry';
import type { EntryId, ShardId } from '../../vm/op/ids';
import { coveredOps, endOf } from './bases';
import { type Content, opsOf } from './bodies';
import type { KernelContext } from './context';
import { Names } from './names';
import type { Space } from './space';

/** States kept at once; the one asked for longest ago goes first. */
const MAX_PASTS = 6;
/** Entries folded without a pause. */
const AT_ONCE = 2_000;
const SLICE = 400;
/** Late ones are taken in together. */
const LATE_MS = 250;

export const pastTopic = (space: string): string => `past/${space}`;
/** All of a millisecond. */
export const momentOf = (ms: number): Hlc => hlcOf(Math.floor(ms), 2047);

export type Past = {
  readonly engine: Engine;
  /** What people called themselves. */
  readonly names: Names;
  readonly ready: boolean;
  /** Entries folded, of how many. */
  readonly done: number;
  readonly total: number;
};
type Kept = {
  readonly space: Space;
  readonly at: Hlc;
  readonly shards: ReadonlySet<ShardId> | undefined;
  /** The present graph that it was built beside: another one means that other entries count. */
  readonly source: Engine;
  /** Which bases there were. */
  readonly round: number;
  readonly engine: GraphStore;
  /** Of `engine` as it was folded last. */
  names: Names;
  readonly taken: Set<EntryId>;
  queue: readonly Entry[];
  place: number;
  /** A slice is being opened. */
  busy: boolean;
  waits: (() => void)[];
};

/** As the present graph has it: under the same role, hollow where it is held. */
const foldOf = ({ replica, id: space }: Space, entry: Entry, content: Content): FoldItem | undefined => {
  const { header, id, log } = entry;
  const judged = replica.judged.get(id);
  const author = replica.rights.userOf(header.device);
  if (judged === undefined || !author) return undefined;
  const hollow = judged === 'held';
  if (hollow && !content.text) return undefined;
  const { shard, seq, device, incarnation, hlc, prev, deps } = header;
  const role = hollow ? 'guest' : judged;
  const said = 'body' in content && !hollow ? { body: content.body } : { ops: opsOf(content, header) };
  return { id, log, space, shard, seq, device, incarnation, author, role, hollow, hlc, prev, deps, ...said };
};

const isStale = ({ space: { replica }, source, round }: Kept): boolean =>
  source !== replica.engine || round !== replica.baseRound;
/** What an entry says, if that is in memory, or in a base. */
const openedIn = ({ replica }: Space, entry: Entry): Content | undefined => {
  const base = entry.shelved && replica.baseOf(entry);
  return base ? { ops: coveredOps(base, entry.id), text: true } : replica.opened(entry);
};

export class Pasts {
  /** The one asked for last at the end. */
  readonly #kept = new Map<string, Kept>();
  readonly #late = new Set<Space>();

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'rules'>,
    private readonly changed: (space: Space) => void,
  ) {}

  /** The state at a moment, of some parts only where told; it may still be on its way. */
  at(space: Space, at: Hlc, shards?: readonly ShardId[]): Past {
    const whole = this.#find(`${space.id} ${at}`);
    const key = shards ? `${space.id} ${at} ${[...shards].sort().join()}` : `${space.id} ${at}`;
    const kept = (whole && this.#isReady(whole) ? whole : this.#find(key)) ?? this.#begin(space, at, key, shards);
    return {
      engine: kept.engine,
      names: kept.names,
      ready: this.#isReady(kept),
      done: Math.min(kept.place, kept.queue.length),
      total: kept.queue.length,
    };
  }
  /** When it is there. */
  async settled(space: Space, at: Hlc, shards?: readonly ShardId[]): Promise<Engine> {
    for (;;) {
      const { engine, ready } = this.at(space, at, shards);
      if (ready) return engine;
      const kept = [...this.#kept.values()].find((each) => each.engine === engine);
      await new Promise<void>((done) => (kept ? kept.waits.push(done) : done()));
    }
  }

  /** The space took something in, or its graph was built anew. */
  folded(space: Space): void {
    if (this.#late.has(space) || ![...this.#kept.values()].some((each) => each.space === space)) return;
    this.#late.add(space);
    this.context.ports.clock.after(LATE_MS, () => {
      this.#late.delete(space);
      this.#catchUp(space);
    });
  }
  /** Forgets what was kept of a space. */
  drop(space: Space): void {
    for (const [key, kept] of this.#kept) if (kept.space === space) this.#forget(key, kept);
  }
  get size(): number {
    return this.#kept.size;
  }

  #isReady({ place, queue }: Kept): boolean {
    return place >= queue.length;
  }
  #find(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    if (isStale(kept)) {
      this.#forget(key, kept);
      return undefined;
    }
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }
  #forget(key: string, kept: Kept): void {
    this.#kept.delete(key);
    for (const done of kept.waits.splice(0)) done();
  }

  #begin(space: Space, at: Hlc, key: string, shards: readonly ShardId[] | undefined): Kept {
    const kept: Kept = {
      space,
      at,
      shards: shards && new Set(shards),
      source: space.replica.engine,
      round: space.replica.baseRound,
      engine: createStore(this.context.ports.graph, this.context.rules),
      names: new Names(),
      taken: new Set(),
      queue: [],
      place: 0,
      busy: false,
      waits: [],
    };
    for (const base of space.replica.bases.values())
      if (endOf(base) <= at) kept.engine.layBase(base.document, base.text);
    this.#kept.set(key, kept);
    for (const [oldest, other] of this.#kept) if (this.#kept.size > MAX_PASTS) this.#forget(oldest, other);
    this.#gather(kept);
    if (kept.queue.length > AT_ONCE || !this.#foldAtOnce(kept)) this.#goOn(key, kept);
    return kept;
  }
  /** Puts what counts by then, and is not in it yet, behind what waits. */
  #gather(kept: Kept): void {
    const found: Entry[] = [];
    const { entries, judged } = kept.space.replica;
    for (const entry of entries.values()) {
      const { hlc, shard } = entry.header;
      if (hlc > kept.at || kept.taken.has(entry.id) || (kept.shards && !kept.shards.has(shard))) continue;
      if (!judged.has(entry.id)) continue;
      kept.taken.add(entry.id);
      found.push(entry);
    }
    // In the order of time the tree of what stands under what is built without going back.
    found.sort((a, b) => a.header.hlc - b.header.hlc);
    kept.queue = [...kept.queue.slice(kept.place), ...found];
    kept.place = 0;
  }
  #fold(kept: Kept, slice: readonly Entry[], contents: readonly (Content | undefined)[]): void {
    const { replica } = kept.space;
    kept.engine.ingest(
      slice.flatMap((entry, n) => {
        const content = contents[n];
        const base = replica.bases.get(entry.header.shard);
        // Half a text is no text.
        if (content?.text && base && endOf(base) > kept.at) return [];
        return content ? (foldOf(kept.space, entry, content) ?? []) : [];
      }),
    );
    kept.place += slice.length;
    kept.names = new Names();
  }
  /** False, and nothing done, where something of it is not in memory. */
  #foldAtOnce(kept: Kept): boolean {
    const slice = kept.queue.slice(kept.place);
    const contents = slice.map((entry) => openedIn(kept.space, entry));
    if (contents.some((content) => !content)) return false;
    this.#fold(kept, slice, contents);
    return true;
  }
  #goOn(key: string, kept: Kept): void {
    if (kept.busy) return;
    kept.busy = true;
    const slice = kept.queue.slice(kept.place, kept.place + SLICE);
    this.context.ports.clock.after(0, () => {
      const { replica } = kept.space;
      const known = slice.map((entry) => openedIn(kept.space, entry));
      const goOn = (contents: readonly (Content | undefined)[]): void => {
        kept.busy = false;
        if (this.#kept.get(key) !== kept) return;
        this.#fold(kept, slice, contents);
        if (!this.#isReady(kept)) return this.#goOn(key, kept);
        for (const done of kept.waits.splice(0)) done();
        this.changed(kept.space);
      };
      if (known.every((content) => content)) goOn(known);
      else void Promise.all(slice.map((entry, n) => known[n] ?? replica.open(entry))).then(goOn);
    });
  }
  #catchUp(space: Space): void {
    let changed = false;
    for (const [key, kept] of this.#kept) {
      if (kept.space !== space) continue;
      if (isStale(kept)) {
        this.#forget(key, kept);
        changed = true;
        continue;
      }
      if (!this.#isReady(kept)) continue;
      this.#gather(kept);
      if (kept.queue.length === 0) continue;
      if (this.#foldAtOnce(kept)) changed = true;
      else this.#goOn(key, kept);
    }
    if (changed) this.changed(space);
  }
}
