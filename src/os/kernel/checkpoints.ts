/**
 * Checkpoints at work: this device states what the state of a space is, when much has been written and all is quiet; it
 * computes what others stated and confirms it; and where it has little of a space yet, it shows what is believed before the
 * history has come.
 *
 * CK10 what is stated is computed from entries that are all here. What others stated is confirmed by whoever came to the same;
 *      who came to something else signs nothing, and tells it here: under the same rights it is a lie, and its signers are named.
 * CK11 a newcomer shows what is believed and no more; what was shown before the history is left for the history, whatever it says.
 */
import { equalBytes } from '../../base/bytes';
import { MAX_BODY } from '../../vm/op/body';
import type { Covered, StateBody } from '../../vm/op/checkpoint';
import { MAX_COVERED_LOGS, MAX_COVERED_SHARDS, type Reach } from '../../vm/op/checkpoint';
import type { BlobId, EntryId, ShardId } from '../../vm/op/ids';
import { mayNow } from '../rights/authorize';
import type { Stated } from './checkpointed';
import type { KernelContext } from './context';
import { Ended, Pace } from './pace';
import type { Preview } from './preview';
import { foldOf, hasReach, openPart, putParts, reachesOf, reachOf, stateOf } from './snapshots';
import type { Space } from './space';

/**
 * `entries`, `bytes`: since the last, after which a state is due; `apartMs`: between two of this device. `quietMs`: without
 * anything new. `behind`: entries that one lacks.
 */
export type CheckpointLimits = {
  readonly entries: number;
  readonly bytes: number;
  readonly apartMs: number;
  readonly quietMs: number;
  readonly behind: number;
};
const LIMITS: CheckpointLimits = { entries: 2_000, bytes: 1024 * 1024, apartMs: 600_000, quietMs: 15_000, behind: 500 };
/** A state is stated again when this part of what the last one covered has come on top. */
const GROWTH = 1 / 8;
/** Statements of a newcomer's first moments come one after the other. */
const SOON_MS = 5;
/** How often it is looked whether what is on its way gets on; how long a preview is kept while nothing comes of the history. */
const STALLED_MS = 5_000;
const KEPT_MS = 120_000;
/** Looks without a blob after which those that lack are asked for again. */
const AGAIN = 4;
const BODY_ROOM = MAX_BODY - 4_096;

type Part = { readonly covered: Covered; readonly blob: BlobId; readonly place: number };
type Opening = {
  readonly preview: Preview;
  readonly stated: readonly Stated[];
  /** Fetched for this alone. */
  readonly fetched: readonly BlobId[];
  /** On their way, in the order in which they are wanted. */
  parts: readonly Part[];
  /** One of them is being taken in. */
  busy: boolean;
  /** When something of the history came last, and how much was lacking then. */
  came: number;
  lacking: number;
  /** How many blobs were here when it was looked last, and how often in a row no more had come. */
  blobs: number;
  still: number;
};
type Due = { readonly shard: ShardId; readonly reach: readonly Reach[] };
type CheckpointsParts = {
  want(space: Space, blobs: readonly BlobId[]): void;
  leave(space: Space, blobs: readonly BlobId[]): void;
  /** Signers of a state that the history does not give. */
  found(space: Space): void;
};

export class Checkpoints {
  readonly #statedAt = new WeakMap<Space, number>();
  readonly #openings = new Map<Space, Opening>();
  readonly #timers = new Map<string, () => void>();
  readonly #limits: CheckpointLimits;
  #work: Promise<unknown> = Promise.resolve();
  #pace: Pace | undefined;
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly parts: CheckpointsParts,
    limits: Partial<CheckpointLimits> = {},
  ) {
    this.#limits = { ...LIMITS, ...limits };
  }

  stop(): Promise<unknown> {
    this.#stopped = true;
    this.#pace?.end();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    return this.#work;
  }

  /** Entries of a part are on the disk. */
  heard(space: Space, shard: ShardId): void {
    if (this.context.kind === 'beacon' || this.#stopped) return;
    const opening = this.#openings.get(space);
    if (opening && shard === space.replica.erasures) this.#lookAtEnd(space);
    else if (opening) this.#later(`end ${space.id}`, SOON_MS, () => this.#lookAtEnd(space));
    else if (shard === space.replica.checkpoints)
      this.#later(`open ${space.id}`, SOON_MS, () => void this.#open(space).catch((fault) => this.#fault(fault)));
    const random = (this.context.ports.random.bytes(1)[0] ?? 0) / 255;
    const quiet = this.#limits.quietMs * (1 + random);
    this.#later(`look ${space.id}`, quiet, () => this.#doInTurn(() => this.#look(space)), true);
  }
  /** A key came, or somebody's role is another. */
  rightsChanged(space: Space): void {
    if ([...space.replica.checkpointed.shards].length > 0) this.heard(space, space.replica.checkpoints);
  }
  /** Part of a snapshot may have come. */
  blobCame(space: Space): void {
    const opening = this.#openings.get(space);
    if (opening) void this.#takeParts(space, opening).catch((fault) => this.#fault(fault));
  }

  // --- Opening before the history has come -----------------------------------------------------------------------

  async #open(space: Space): Promise<void> {
    const { replica } = space;
    if (this.#openings.has(space) || replica.graph.preview) return;
    const stated = [...replica.checkpointed.shards].flatMap((shard) => {
      const believed = replica.checkpointed.believed(shard);
      const opens = believed && believed.covered.parts.length > 0 && replica.shardKey(believed.covered.epoch, shard);
      return opens && !hasReach(replica, believed.covered.reach) ? [believed] : [];
    });
    const lacking = stated.reduce((sum, { covered }) => sum + lackingOf(space, covered.reach), 0);
    const covered = stated.reduce((sum, each) => sum + reachedBy(each), 0);
    // Who has most of it sees more without.
    if (lacking < this.#limits.behind || lacking * 2 < covered) return;
    const parts = stated
      .flatMap(({ covered }) => covered.parts.map(({ blob }, place): Part => ({ covered, blob, place })))
      .sort((a, b) => this.#turn(space, a) - this.#turn(space, b) || reachedBy(b) - reachedBy(a));
    const preview = replica.graph.beginPreview();
    for (const { covered } of stated) preview.cover(covered.reach);
    const fetched = parts.flatMap(({ blob }) => (space.blobs.has(blob) ? [] : [blob]));
    const opening: Opening = {
      preview,
      stated,
      fetched,
      parts,
      busy: false,
      came: this.context.ports.clock.now(),
      lacking,
      blobs: space.blobs.whole.size,
      still: 0,
    };
    this.#openings.set(space, opening);
    this.context.count('previews');
    this.parts.want(space, fetched);
    await this.#takeOpen(space, preview);
    this.#watch(space, opening);
    await this.#takeParts(space, opening);
  }
  /** The whole outline first, then the newest of every part, then the others. */
  #turn({ replica }: Space, { covered, place }: Part): number {
    return covered.shard === replica.outline ? -1 : place;
  }
  /** What is here and not covered. What comes from now on is added by itself. */
  async #takeOpen(space: Space, preview: Preview): Promise<void> {
    const { replica } = space;
    const open = [...replica.entries.values()].filter(
      (entry) => replica.judged.has(entry.id) && !preview.covers({ log: entry.log, seq: entry.header.seq }),
    );
    for (const { document, text } of new Set(open.flatMap((entry) => (entry.shelved && replica.baseOf(entry)) || [])))
      preview.engine.layBase(document, text);
    const items = await Promise.all(open.map((entry) => foldOf(this.context, replica, entry)));
    const sound = items.filter((item) => typeof item !== 'string');
    preview.add(sound);
  }
  /** A snapshot that does not get on is left. */
  #watch(space: Space, opening: Opening): void {
    this.#later(`stalled ${space.id}`, STALLED_MS, () => {
      if (this.#openings.get(space) !== opening) return;
      const now = this.context.ports.clock.now();
      const lacking = opening.stated.reduce((sum, { covered }) => sum + lackingOf(space, covered.reach), 0);
      if (lacking < opening.lacking) {
        opening.came = now;
        opening.lacking = lacking;
      } else if (now - opening.came >= (opening.preview.isShown ? KEPT_MS : STALLED_MS)) {
        this.context.count('previewsLeft');
        return this.#end(space, false);
      }
      // Asked for once more only when nothing at all came: what is on its way must not come twice.
      opening.still = opening.blobs === space.blobs.whole.size ? opening.still + 1 : 0;
      opening.blobs = space.blobs.whole.size;
      const lacked = opening.parts.flatMap(({ blob }) => (space.blobs.has(blob) ? [] : [blob]));
      if (lacked.length > 0 && opening.still % AGAIN === AGAIN - 1) this.parts.want(space, lacked);
      this.#watch(space, opening);
    });
  }

  async #takeParts(space: Space, opening: Opening): Promise<void> {
    if (opening.busy) return;
    opening.busy = true;
    for (let came = true; came; ) {
      came = false;
      for (const part of opening.parts) {
        if (this.#openings.get(space) !== opening || this.#stopped) return;
        if (!space.blobs.has(part.blob)) continue;
        const read = await openPart(this.context, space.replica, part.covered, part.blob);
        if (read === 'absent') continue;
        if (read === 'bad') {
          this.context.count('snapshotsBad');
          this.#end(space, false);
          return;
        }
        came = true;
        opening.parts = opening.parts.filter((other) => other !== part);
        if (space.replica.graph.preview !== opening.preview) return;
        // At once, whatever the space is at: nothing of it is touched.
        space.tell(opening.preview.add(read));
        if (!opening.preview.isShown && this.#suffices(space, opening)) space.tell(opening.preview.show());
        await this.#pause();
        if (opening.preview.full) return this.#end(space, false);
        break;
      }
    }
    opening.busy = false;
  }
  /** It says what there is: the rest comes into sight as it comes. */
  #suffices({ replica }: Space, { parts }: Opening): boolean {
    return !parts.some(({ covered }) => covered.shard === replica.outline);
  }

  #stands({ replica }: Space, { entry, covered }: Stated): boolean {
    return replica.checkpointed.of(covered.shard).some((each) => each.entry.id === entry.id);
  }
  #isWhole(space: Space, { stated }: Opening): boolean {
    return stated.every(({ covered }) => hasReach(space.replica, covered.reach));
  }
  #lookAtEnd(space: Space): void {
    const opening = this.#openings.get(space);
    if (!opening) return;
    // CK6: something in it was erased meanwhile.
    if (opening.stated.some((stated) => !this.#stands(space, stated))) this.#end(space, false);
    else if (this.#isWhole(space, opening)) this.#end(space, true);
    // It may have ended with the graph that it stood beside.
    else if (space.replica.graph.preview !== opening.preview) this.#openings.delete(space);
  }
  #end(space: Space, sound: boolean): void {
    const opening = this.#openings.get(space);
    this.#openings.delete(space);
    if (!opening) return;
    void space.show(() => {
      if (space.replica.graph.preview === opening.preview) space.replica.graph.endPreview(sound);
    });
    this.parts.leave(space, opening.fetched);
    void space.inTurn(async () => {
      for (const blob of opening.fetched) await space.blobs.drop(blob);
    });
    for (const stated of sound ? opening.stated : [])
      this.#doInTurn(async () => void (await this.#verify(space, stated, this.#newPace())));
  }

  // --- Stating and confirming ------------------------------------------------------------------------------------

  async #look(space: Space): Promise<void> {
    const { identity } = this.context;
    const { replica } = space;
    if (!identity || this.#openings.has(space) || replica.waiting.size > 0 || replica.provisional.size > 0) return;
    const pace = this.#newPace();
    await pace.rest();
    await this.#confirm(space, pace);
    const now = this.context.ports.clock.now();
    const since = Math.abs(now - (this.#statedAt.get(space) ?? Number.NEGATIVE_INFINITY));
    const due = since < this.#limits.apartMs ? [] : await this.#due(space, pace);
    if (due.length === 0) return;
    this.#statedAt.set(space, now);
    await this.#state(space, due, pace);
  }
  #maySay(space: Space, shard: ShardId): boolean {
    const { identity, time } = this.context;
    const { rights } = space.replica;
    return identity !== undefined && mayNow(rights, identity.user, { class: 'content', shard, now: time.now() });
  }

  /** Of each part the latest statement of somebody else that this person has not confirmed. */
  async #confirm(space: Space, pace: Pace): Promise<void> {
    const { identity } = this.context;
    const { replica } = space;
    const toConfirm = new Map<EntryId, { shard: ShardId; root: Uint8Array<ArrayBuffer> }[]>();
    for (const shard of replica.checkpointed.shards) {
      const [latest] = replica.checkpointed.of(shard);
      if (!latest || !identity || latest.signers.includes(identity.user) || !this.#maySay(space, shard)) continue;
      if (!(await this.#verify(space, latest, pace))) continue;
      const of = toConfirm.get(latest.entry.id) ?? [];
      toConfirm.set(latest.entry.id, [...of, { shard, root: latest.covered.root }]);
    }
    for (const [of, shards] of toConfirm) {
      if (this.#stopped) return;
      shards.sort((a, b) => (a.shard < b.shard ? -1 : 1));
      const signed = await space.checkpoint({ type: 'confirm', of, shards });
      if (signed.ok) this.context.count('checkpointsConfirmed');
    }
  }
  /** Whether this device came to the same. */
  async #verify(space: Space, stated: Stated, pace: Pace): Promise<boolean> {
    const { replica } = space;
    const { shard, reach, root } = stated.covered;
    const known = replica.checkpointed.isVerified(stated);
    if (known !== undefined) return known;
    const before = await this.#known(space);
    const state = await stateOf(this.context, replica, shard, reach, { pause: () => pace.rest(), snapshot: false });
    if (!state) return false;
    const same = equalBytes(state.root, root);
    const by = (known: Known): boolean => known.stamp === before.stamp && isJudgedBy(stated.body, known);
    if (same) replica.checkpointed.verify(stated, true);
    else if (!state.firm || !by(await this.#known(space))) this.context.count('checkpointsOutdated');
    else {
      this.context.count('checkpointsFalse');
      replica.checkpointed.verify(stated, false);
      this.parts.found(space);
    }
    return same;
  }

  /** CK10: in a turn, so that of what is known nothing is still on its way to what it erases, or brings to count. */
  #known(space: Space): Promise<Known> {
    return space.inTurn(async () => knownTo(space));
  }

  /** Parts with something new, where that is much in all. */
  async #due(space: Space, pace: Pace): Promise<readonly Due[]> {
    const { replica } = space;
    const { acl, erasures, checkpoints } = replica;
    let entries = 0;
    let bytes = 0;
    let covered = 0;
    const changed: { shard: ShardId; reach: readonly Reach[]; fresh: number }[] = [];
    for (const [shard, reach] of reachesOf(replica)) {
      await pace.rest();
      if (shard === acl || shard === erasures || shard === checkpoints || !this.#maySay(space, shard)) continue;
      if (reach === 'forked' || reach.length > MAX_COVERED_LOGS) continue;
      const [latest] = replica.checkpointed.of(shard);
      const before = new Map(latest?.covered.reach.map(({ log, length }) => [log, length]));
      let fresh = 0;
      for (const { log, length } of reach) {
        const from = before.get(log) ?? 0;
        covered += from;
        fresh += length - from;
        for (const entry of replica.log(log).slice(from, length)) bytes += entry.header.bodyLength;
      }
      entries += fresh;
      if (fresh > 0) changed.push({ shard, reach, fresh });
    }
    const { entries: least, bytes: leastBytes } = this.#limits;
    if (entries < covered * GROWTH || (entries < least && bytes < leastBytes)) return [];
    return changed.sort((a, b) => b.fresh - a.fresh).slice(0, MAX_COVERED_SHARDS);
  }

  async #state(space: Space, due: readonly Due[], pace: Pace): Promise<void> {
    const { replica } = space;
    const { rights, erasures, stamp, forked } = await this.#known(space);
    if (forked) return;
    const full = isFullHistory(space);
    const shards: Covered[] = [];
    let room = BODY_ROOM - erasures.length * 80;
    for (const { shard, reach } of due) {
      const writing = replica.writingKey(shard);
      if (!writing) continue;
      const state = await stateOf(this.context, replica, shard, reach, { pause: () => pace.rest(), snapshot: full });
      if (!state || this.#stopped) continue;
      room -= 120 + reach.length * 80 + state.parts.length * 80;
      if (room < 0) break;
      const put = await putParts(this.context, state.parts, writing.key, () => pace.rest());
      if (!put) return;
      shards.push({ shard, reach, root: state.root, epoch: writing.epoch, ...put });
    }
    if (shards.length === 0 || this.#stopped || (await this.#known(space)).stamp !== stamp) return;
    shards.sort((a, b) => (a.shard < b.shard ? -1 : 1));
    for (const { parts } of shards) for (const { blob, size } of parts) await space.blobs.keep(blob, size);
    const signed = await space.checkpoint({ type: 'state', rights, erasures, shards });
    if (signed.ok) this.context.count('checkpointsStated');
  }

  // --- Time ------------------------------------------------------------------------------------------------------

  #pause(): Promise<void> {
    return new Promise((done) => void this.context.ports.clock.after(0, done));
  }
  /** Once. `again`: begins to wait anew when it is asked for meanwhile. */
  #later(name: string, ms: number, work: () => void, again = false): void {
    if (this.#timers.has(name) && !again) return;
    this.#timers.get(name)?.();
    this.#timers.set(
      name,
      this.context.ports.clock.after(ms, () => {
        this.#timers.delete(name);
        if (!this.#stopped) work();
      }),
    );
  }
  /** One after the other, for all spaces. */
  #doInTurn(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#stopped ? undefined : work()))
      .catch((fault) => (fault instanceof Ended ? undefined : this.#fault(fault)));
  }
  /** Of the work whose turn it is. */
  #newPace(): Pace {
    this.#pace = new Pace(this.context);
    return this.#pace;
  }
  #fault(fault: unknown): void {
    this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack });
  }
}

const reachedBy = ({ covered }: Pick<Part, 'covered'>): number =>
  covered.reach.reduce((sum, { length }) => sum + length, 0);
const lackingOf = ({ replica }: Space, reach: readonly Reach[]): number =>
  reach.reduce((sum, { log, length }) => sum + Math.max(0, length - (replica.logs.get(log)?.length ?? 0)), 0);
/** What a state is judged by, besides the entries that it covers. */
type Known = Pick<StateBody, 'rights' | 'erasures'> & {
  readonly stamp: string;
  /** Erasures that somebody signed two histories of cannot be named by heights. */
  readonly forked: boolean;
};
const knownTo = ({ replica }: Space): Known => {
  const rights = [...replica.rights.heads()].sort();
  const erasures = reachOf(replica, replica.erasures) ?? [];
  const forked = [...replica.logs.values()].some((log) => log.forked && log.head?.header.shard === replica.erasures);
  return { rights, erasures, forked, stamp: `${replica.rights.generation()} ${erasures.map(({ head }) => head)}` };
};
/**
 * All that it was judged by, and nothing else, is what is known: who knows of another erasure than the signer does comes to
 * another state, and no lie is in it.
 */
const isJudgedBy = (body: StateBody, { rights, erasures, forked }: Known): boolean =>
  !forked &&
  rights.join() === body.rights.join() &&
  erasures.map(({ head }) => head).join() === body.erasures.map(({ head }) => head).join();
/** Only where whoever reads a part may read all of it, now and ever: a snapshot is sealed under the present key. */
const isFullHistory = ({ replica }: Space): boolean =>
  !replica.rights
    .history()
    .some(({ item }) =>
      item.acts.some((act) => act.type === 'policy' && act.key === 'history' && act.value === 'fromJoin'),
    );
