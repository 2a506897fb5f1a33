/**
 * What this node holds of one space: its logs, rights, keys and graph. State and questions about it; what changes it is
 * the door (`admit.ts`) alone.
 */

import { concat, toHex } from '../../base/bytes';
import { hash } from '../../base/hash';
import { ok, type Result } from '../../base/result';
import type { StorageError } from '../../ports';
import type { ChangeSet, Engine, FoldEntry } from '../../vm/graph/engine';
import { NO_CHANGES } from '../../vm/graph/store/changed';
import type { FoldItem, GraphStore } from '../../vm/graph/store/store';
import { Journal } from '../../vm/journal/journal';
import { EntryLog, type Tip } from '../../vm/journal/log';
import { Waiting } from '../../vm/journal/waiting';
import { type Entry, isSealed, shelvedOf, stubOf } from '../../vm/op/entry';
import {
  aclShardOf,
  type BlobId,
  checkpointsShardOf,
  contentShardOf,
  type DeviceId,
  type EntryId,
  type EpochId,
  erasuresShardOf,
  type LogId,
  metaShardOf,
  type NodeId,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type UserId,
} from '../../vm/op/ids';
import { shardKeyOf } from '../../vm/op/seal';
import type { Standing } from '../../vm/replica/possession';
import { askedOf } from '../rights/authorize';
import { tipsOf, writingEpoch } from '../rights/epochs';
import { mergedShardKey, type PartName, partName } from '../rights/keyring';
import { createRights, type Rights } from '../rights/resolve';
import { type Base, coveredOps } from './bases';
import { Bodies, type Content, EMPTY, type Opened, openContent, opsOf } from './bodies';
import { Checkpointed } from './checkpointed';
import type { KernelContext } from './context';
import { Erasing } from './erasing';
import { Frontiers } from './frontiers';
import { type Image, type Snapshot, SpaceImage } from './images';
import { agreed, aroundGraph } from './imaging';
import { countsAs, type Judged, Judging } from './judging';
import { joined, ShownGraph } from './shown';
import { inSteps, type Pause } from './slices';
import type { Stated } from './stated';

/**
 * Why an admitted entry is not in the graph: its key is not known, its author was removed, a payload is on its way, its body
 * went with an erasure that does not count any more, lies with others (`shelf.ts`),
 * or it does not fit in the memory of the graph.
 */
export type Unfolded = 'noKey' | 'held' | 'needsBlob' | 'void' | 'lacking' | 'shelved' | 'full';
/** Bodies opened at once. */
const SLICE = 256;
/** What went, in the form in which it is kept. */
type Let = { readonly bytes: number; readonly entries: ReadonlyMap<EntryId, Entry> };
/** What an erasure changed here. `bytes`: of bodies that went. `types`: of nodes that were shown. */
type Erased = { readonly changes: ChangeSet | undefined; readonly bytes: number };

/** Parts of objects that are remembered. */
const MOST_PARTS = 100_000;

export class Replica {
  readonly rights: Rights;
  readonly journal: Journal;
  readonly waiting = new Waiting();
  readonly graph: ShownGraph;
  readonly judging: Judging;
  readonly erasing: Erasing;
  readonly image: SpaceImage;
  /** Entries that lie on the disk in another form than here: with a body that was erased, or without one that came again. */
  #unwritten = new Map<EntryId, Entry>();
  readonly #scrubbing: ReadonlyMap<EntryId, Entry>[] = [];
  readonly logs = new Map<LogId, EntryLog>();
  readonly entries = new Map<EntryId, Entry>();
  readonly bodies = new Bodies();
  /** Of those that are held: somebody looks at what they are about. */
  readonly #held = new Map<EntryId, Content>();
  /** Blobs without which something cannot be opened, and nobody was told yet. */
  #needs = new Set<BlobId>();
  /** How each entry in the graph was judged when it was taken in. */
  readonly judged = new Map<EntryId, Judged>();
  readonly unfolded = new Map<EntryId, Unfolded>();
  /** Part -> its entries whose bodies lie with others; none where all are here. */
  readonly shelved = new Map<ShardId, Set<EntryId>>();
  /** Of parts whose text is here although bodies are not: what stands for them. */
  readonly bases = new Map<ShardId, Base>();
  /** Of parts whose base on the disk is not needed any more: its bytes. */
  #idleBases = new Map<ShardId, number>();
  /** Goes up when a base comes or goes. */
  baseRound = 0;
  /** Documents whose base was void, and nobody was told yet. */
  #lostTexts: NodeId[] = [];
  /** The graph is to be built anew: a base in it does not stand any more. */
  #anew = false;
  /** Parts whose bodies are asked for. */
  readonly #wanted = new Set<ShardId>();
  /** Signed and sound, but from the future: one a log. */
  readonly parked = new Map<LogId, Entry>();
  readonly frontiers = new Frontiers();
  /** On the disk. */
  readonly stored = new Set<EntryId>();
  /** Of each log: up to where all is on the disk, on whatever branch. */
  readonly durable = new Map<LogId, number>();
  /** By device and shard: what each has stated to hold. */
  readonly receipts = new Map<DeviceId, Stated>();
  /** The same of devices whose word does not count, because they did not show what they stated to hold (PO3). */
  readonly doubted = new Map<DeviceId, Stated>();
  readonly standings = new Map<DeviceId, Standing>();
  keys = new Map<EpochId, Uint8Array>();
  /** Of single parts, where the epoch's own key is not known. */
  parts = new Map<PartName, Uint8Array>();
  /** Ids under which several epochs were written under at once -> those epochs. */
  merged: ReadonlyMap<EpochId, readonly EpochId[]> = new Map();
  /** How many entries each epoch has. */
  readonly entriesUnder = new Map<EpochId, number>();
  /** Of ours, shown here before they can be sealed: they wait for a key. */
  readonly provisional = new Map<EntryId, FoldEntry>();
  #building: Promise<unknown> = Promise.resolve();
  /** All logs, by id: none ever goes. */
  #sorted: readonly EntryLog[] = [];
  #digest: { readonly entries: number; readonly digest: Uint8Array<ArrayBuffer> } | undefined;
  readonly #partOf = new Map<NodeId, ShardId>();
  readonly acl: ShardId;
  readonly meta: ShardId;
  readonly outline: ShardId;
  readonly erasures: ShardId;
  readonly checkpoints: ShardId;
  readonly checkpointed: Checkpointed;

  constructor(
    private readonly context: KernelContext,
    readonly id: SpaceId,
  ) {
    this.rights = createRights(id);
    this.journal = new Journal(context.ports.storage, id);
    this.graph = new ShownGraph(context, {
      leftOut: (entry) => this.#leaveOut(entry),
      basesLost: (documents) => {
        this.#anew = true;
        this.#basesLost(documents);
      },
    });
    this.image = new SpaceImage(context, id);
    this.acl = aclShardOf(id);
    this.meta = metaShardOf(id);
    this.outline = outlineShardOf(id);
    this.erasures = erasuresShardOf(id);
    this.checkpoints = checkpointsShardOf(id);
    this.erasing = new Erasing({
      rights: this.rights,
      entry: (entry) => this.entries.get(entry),
      lacks: (entry) => this.lacks(entry),
      judge: (erase) => this.judging.byRights(erase),
      judgeAt: (erase) => this.judging.whereWritten(erase),
    });
    const { rights, meta, logs, entries, judged } = this;
    const about = ({ id: erase }: Entry): ShardId | undefined => this.erasing.bodyOf(erase)?.shard;
    this.judging = new Judging({ rights, meta, logs, entries, judged, about });
    this.checkpointed = new Checkpointed({
      rights: this.rights,
      now: () => this.now(),
      erased: () => this.erasing.size,
      erasures: (shard) => this.erasing.marksIn(shard),
      judge: (entry, shard) => this.rights.judge(askedOf(entry, this, shard)),
    });
  }

  /** The part of an object: a hash, made once. */
  partOf(object: NodeId): ShardId {
    const part = this.#partOf.get(object) ?? contentShardOf(this.id, object);
    if (this.#partOf.size >= MOST_PARTS) this.#partOf.clear();
    this.#partOf.set(object, part);
    return part;
  }
  log(id: LogId): EntryLog {
    let log = this.logs.get(id);
    if (!log) {
      log = new EntryLog(id);
      this.logs.set(id, log);
    }
    return log;
  }

  get readable(): boolean {
    return this.keys.size > 0 || this.parts.size > 0;
  }
  /** Everything in the space can be read, not parts alone. */
  get readableWhole(): boolean {
    return this.keys.size > 0;
  }

  /** The epoch to write under, as the rights log has it, whether its key is known or not. */
  writingEpoch(): EpochId | undefined {
    const generation = this.rights.generation();
    if (this.#writing?.generation !== generation)
      this.#writing = { generation, epoch: writingEpoch(this.id, tipsOf(this.rights)) };
    return this.#writing.epoch;
  }
  #writing: { readonly generation: number; readonly epoch: EpochId | undefined } | undefined;
  /** The epoch to write under, where its whole key is known. */
  currentEpoch(): EpochId | undefined {
    const epoch = this.writingEpoch();
    const all = epoch && (this.merged.get(epoch) ?? [epoch]);
    return all?.every((each) => this.keys.has(each)) ? epoch : undefined;
  }
  /** The key of a part of the space under an epoch. Of several at once it takes the keys of all (EP1). */
  shardKey(epoch: EpochId, shard: ShardId): Uint8Array | undefined {
    const together = this.merged.get(epoch);
    if (together) {
      const keys = together.map((each) => this.shardKey(each, shard));
      return keys.every((key) => key !== undefined) ? mergedShardKey(epoch, keys) : undefined;
    }
    const key = this.keys.get(epoch);
    return key ? shardKeyOf(key, shard) : this.parts.get(partName(epoch, shard));
  }
  /** An entry was tried with keys that its epoch's id commits to. */
  isSureOf(id: EntryId): boolean {
    const epoch = this.entries.get(id)?.header.epoch;
    return epoch !== undefined && (this.merged.get(epoch) ?? [epoch]).every((each) => this.keys.has(each));
  }
  /** What to seal under in this part; `undefined` while its key is not known. */
  writingKey(shard: ShardId): { readonly epoch: EpochId; readonly key: Uint8Array } | undefined {
    const epoch = this.writingEpoch();
    const key = epoch && this.shardKey(epoch, shard);
    return epoch && key ? { epoch, key } : undefined;
  }
  /** Something that is written now can be read. */
  get holdsCurrent(): boolean {
    if (this.currentEpoch()) return true;
    const tips = tipsOf(this.rights).map(({ act }) => act.epoch);
    const parts = [...this.parts.keys()];
    return tips.length > 0 && tips.every((epoch) => parts.some((name) => name.startsWith(`${epoch}/`)));
  }
  /** Epochs under which something was written in this part. */
  epochsUsed(shard: ShardId): ReadonlySet<EpochId> {
    const used = new Set<EpochId>();
    for (const { head, id } of this.logs.values()) {
      if (head?.header.shard !== shard) continue;
      for (const { header } of this.log(id).slice(0))
        for (const epoch of this.merged.get(header.epoch) ?? [header.epoch]) used.add(epoch);
    }
    return used;
  }

  /**
   * The head of the rights log to act under: the latest whose past lets `user` act. One that knows this device comes before all
   * others, which somebody may have written beside the word that named it.
   */
  aclRefFor(user: UserId): EntryId | undefined {
    const { rights } = this;
    const isKnown = (head: EntryId): number => Number(rights.userAt(this.context.device.device, head) === user);
    const timeOf = (head: EntryId): number => this.entries.get(head)?.header.hlc ?? 0;
    return [...rights.heads()]
      .filter((head) => rights.roleAt(user, head) !== 'none')
      .sort((a, b) => isKnown(b) - isKnown(a) || timeOf(b) - timeOf(a))[0];
  }

  /** Network time, in ms. */
  now(): number {
    return this.context.time.now();
  }

  // --- The graph -----------------------------------------------------------------------------------------------

  get engine(): Engine {
    return this.graph.engine;
  }
  stateHash(): string {
    return toHex(this.graph.store.stateHash([...this.rights.ids()].sort()).space);
  }
  /** AD5. */
  #leaveOut(id: EntryId): void {
    if (!this.graph.isFull) this.context.ports.log('graphFull', { space: this.id });
    this.graph.isFull = true;
    this.context.count('graphFull');
    if (this.judged.delete(id)) this.unfolded.set(id, 'full');
  }
  #basesLost(documents: readonly NodeId[]): void {
    const lost = new Set(documents);
    for (const { shard, document } of [...this.bases.values()]) if (lost.has(document)) this.voidBase(shard);
  }

  // --- How entries come into it ---------------------------------------------------------------------------------

  /** Takes what counts otherwise now into the graph; once after several. Gives what changed. */
  async settle(): Promise<ChangeSet | undefined> {
    if (this.#anew) return this.rebuild();
    const shown: [Entry, Content][] = [];
    for (const id of this.judging.takeUnsettled()) {
      const entry = this.entries.get(id);
      const judged = this.judged.get(id);
      if (!entry || judged === undefined) continue;
      if (judged === countsAs(this.judging.judge(entry))) continue;
      const content = judged === 'held' ? this.opened(entry) : undefined;
      // What was taken in hollow is not filled again, only built anew.
      if (!content || content.text) return this.rebuild();
      shown.push([entry, content]);
    }
    const fold = shown.flatMap(([entry, content]) => this.toFold(entry, content) ?? []);
    return fold.length > 0 ? this.graph.fold(fold) : undefined;
  }

  /** What the fold is given for an entry that may be shown; `undefined` otherwise, with the reason noted. */
  toFold(entry: Entry, content: Content): FoldItem | undefined {
    const { header } = entry;
    const verdict = this.judging.judge(entry);
    const hollow = verdict.type !== 'allowed';
    this.judged.set(entry.id, countsAs(verdict));
    const author = hollow ? this.rights.userOf(header.device) : verdict.user;
    if (hollow) {
      this.unfolded.set(entry.id, 'held');
      this.#held.set(entry.id, content);
    } else {
      this.unfolded.delete(entry.id);
      this.#held.delete(entry.id);
      this.frontiers.advance(entry);
    }
    if (!author || (hollow && !content.text)) return undefined;
    return {
      id: entry.id,
      log: entry.log,
      space: this.id,
      shard: header.shard,
      seq: header.seq,
      device: header.device,
      incarnation: header.incarnation,
      author,
      role: hollow ? 'guest' : verdict.role,
      hollow,
      hlc: header.hlc,
      prev: header.prev,
      deps: header.deps,
      ...('body' in content && !hollow ? { body: content.body } : { ops: opsOf(content, header) }),
    };
  }

  /** An admitted entry that was opened, or could not be: into the graph with the next flush. */
  take(entry: Entry, opened: Opened): void {
    this.#noteUnopened(entry, opened);
    if (!opened.content) return;
    this.bodies.keep(entry.id, opened.content);
    const item = this.toFold(entry, opened.content);
    if (item) this.graph.queue(item);
  }
  #noteUnopened({ id }: Entry, { unfolded, needs = [] }: Opened): void {
    if (unfolded) this.unfolded.set(id, unfolded);
    for (const blob of needs) this.#needs.add(blob);
  }
  takeNeeds(): readonly BlobId[] {
    const needs = [...this.#needs];
    this.#needs.clear();
    return needs;
  }

  /** What an entry says, if that is in memory. */
  opened(entry: Entry): Content | undefined {
    if (this.context.kind === 'beacon') return undefined;
    return entry.erasedBy === undefined ? (this.#held.get(entry.id) ?? this.bodies.get(entry.id)) : EMPTY;
  }
  /** The same, opened again where it is not; why it cannot be is noted. */
  async open(entry: Entry): Promise<Content | undefined> {
    const known = this.opened(entry);
    if (known) return known;
    const opened = await openContent(this.context, this, entry);
    this.#noteUnopened(entry, opened);
    if (opened.content) this.bodies.keep(entry.id, opened.content);
    return opened.content;
  }
  /** Those that can be opened, a slice at a time. */
  async *openAll(entries: readonly Entry[]): AsyncGenerator<readonly (readonly [Entry, Content])[]> {
    for (let i = 0; i < entries.length; i += SLICE) {
      const slice = entries.slice(i, i + SLICE);
      const contents = await Promise.all(slice.map((entry) => this.open(entry)));
      yield slice.flatMap((entry, n) => {
        const content = contents[n];
        return content ? [[entry, content] as const] : [];
      });
    }
  }

  /** Sealed, and nothing is known that keeps it from being opened. */
  #readableEntries(): readonly Entry[] {
    return [...this.entries.values()].filter((entry) => {
      const why = this.unfolded.get(entry.id);
      return isSealed(entry) && (why === undefined || why === 'held');
    });
  }
  /** Judges these entries, and gives them to `into`. */
  async #foldAll(entries: readonly Entry[], into: (items: readonly FoldItem[]) => ChangeSet): Promise<ChangeSet> {
    const all: ChangeSet[] = [];
    for (let i = 0; i < entries.length; i += SLICE) {
      const items = entries.slice(i, i + SLICE).flatMap((entry) => {
        const base = entry.shelved && this.baseOf(entry);
        return base ? (this.toFold(entry, { ops: coveredOps(base, entry.id), text: true }) ?? []) : [];
      });
      if (items.length > 0) all.push(into(items));
    }
    for await (const slice of this.openAll(entries)) {
      const items = slice.flatMap(([entry, content]) => this.toFold(entry, content) ?? []);
      if (items.length > 0) all.push(into(items));
    }
    for (const { id } of entries) if (this.unfolded.has(id) && this.unfolded.get(id) !== 'held') this.judged.delete(id);
    return joined(all);
  }

  /** Builds the graph anew, beside the present one: the rights changed what counts. Gives everything as changed. */
  rebuild(): Promise<ChangeSet> {
    const built = this.#building.then(() => this.#rebuild());
    this.#building = built.catch(() => undefined);
    return built;
  }
  async #rebuild(): Promise<ChangeSet> {
    const { graph } = this;
    graph.endPreview(false);
    graph.isFull = false;
    for (const [id, why] of this.unfolded) if (why === 'full') this.unfolded.delete(id);
    this.#anew = false;
    const next = graph.newStore();
    this.#layBases(next);
    const changes = await graph.beside(next, async () => {
      const folded = await this.#foldAll(this.#readableEntries(), (items) => graph.ingest(next, items));
      graph.takeIn();
      return joined([folded, graph.ingest(next, [...this.provisional.values()])]);
    });
    const lost = next.takeLostBases();
    this.#basesLost(lost);
    if (lost.length > 0) return this.#rebuild();
    graph.show(next);
    this.#layFrontiers();
    graph.sinceImage = this.judged.size;
    return {
      ...changes,
      documents: new Map([...changes.documents].map(([id]) => [id, []])),
      rebuilt: new Set(changes.documents.keys()),
    };
  }

  /** In the order in which all was admitted. */
  #layFrontiers(): void {
    this.frontiers.clear();
    for (const entry of this.entries.values()) {
      const counts = isSealed(entry) ? (this.judged.get(entry.id) ?? 'held') !== 'held' : isKept(entry);
      if (counts) this.frontiers.advance(entry);
    }
  }

  /** IM5: an image is what is seen, until the journal is here and `build` says whether it stands. */
  showImage({ engine }: Image): void {
    this.graph.show(engine);
  }
  /**
   * At a start: all that was admitted goes into the graph, but for what an image holds that is still true. `pause`: between
   * steps, where somebody waits for answers.
   */
  async build(
    image: Image | undefined,
    pause: Pause,
  ): Promise<{ readonly changes: ChangeSet; readonly stood: boolean }> {
    if (this.context.kind === 'beacon') return { changes: NO_CHANGES, stood: false };
    const counts = await inSteps(this.judging.all(), pause);
    for (const base of [...this.bases.values()]) if (!this.#stands(base)) this.voidBase(base.shard);
    const covered = image && (await inSteps(agreed(this, image, counts), pause));
    if (image) this.context.count(covered ? 'imagesUsed' : 'imagesStale');
    // What is seen stays in sight until there is something in its place.
    const engine = image && covered ? image.engine : this.graph.newStore();
    if (!covered) this.#layBases(engine);
    for (const [id, judged] of covered ?? []) this.judged.set(id, judged);
    // What is held is opened, for somebody looks at it; in the graph it is already.
    const rest = this.#readableEntries().filter(({ id }) => (covered?.get(id) ?? 'held') === 'held');
    // An image may be older than a base.
    const newer = new Set(covered ? rest.flatMap((entry) => (entry.shelved && this.baseOf(entry)) || []) : []);
    for (const { document, text } of newer) engine.layBase(document, text);
    const changes = await this.#foldAll(rest, (items) => this.graph.foldInto(engine, items));
    this.graph.show(engine);
    this.#layFrontiers();
    if (!covered) this.graph.sinceImage = this.judged.size;
    const all = this.#anew ? joined([changes, await this.rebuild()]) : changes;
    return { changes: all, stood: covered !== undefined };
  }
  /** What an image is made of; `undefined` while something is shown that is no entry. */
  snapshot(): Snapshot | undefined {
    if (this.provisional.size > 0 || this.graph.isBuilding) return undefined;
    this.graph.sinceImage = 0;
    return { engine: this.graph.store.save(), ...aroundGraph(this) };
  }

  // --- Erasure -----------------------------------------------------------------------------------------------

  /** Its body is not here and was not erased: others are asked for it. */
  lacks(id: EntryId): boolean {
    return this.unfolded.get(id) === 'lacking';
  }
  get lacking(): readonly EntryId[] {
    return [...this.unfolded].flatMap(([id, why]) => (why === 'lacking' ? [id] : []));
  }
  /** Its body is taken when it comes (PR5). */
  fills({ id, header }: Entry): boolean {
    return this.lacks(id) || (this.#wanted.has(header.shard) && this.shelved.get(header.shard)?.has(id) === true);
  }
  /** As it is to be kept when it comes: without a body that was erased before. */
  keptOf(entry: Entry): Entry {
    const by = this.erasing.eraserOf(entry);
    if (by === undefined || entry.erasedBy === by) return entry;
    if (entry.erasedBy === undefined && this.stored.has(entry.id)) this.#unwritten.set(entry.id, stubOf(entry, by));
    return stubOf(entry, by);
  }
  /** An erased entry is in the graph without ops: what builds on it keeps its place. */
  #void(id: EntryId): void {
    this.unfolded.delete(id);
    this.#back(id);
    this.#held.delete(id);
    this.bodies.drop(id);
  }
  #replace(entry: Entry): void {
    this.entries.set(entry.id, entry);
    this.log(entry.log).replace(entry);
  }

  /** A body that was lacking came: its header is the same, so the signature was checked already. True where it is to be taken. */
  fill(entry: Entry): boolean {
    const covered = this.baseOf(entry) !== undefined;
    this.#replace(entry);
    this.#unwritten.set(entry.id, entry);
    // What it says is shown already.
    if (!covered) this.unfolded.delete(entry.id);
    this.#back(entry.id);
    return !covered;
  }

  /** Admitted without its body. `later`: lacking until all is settled. */
  takeErased(entry: Entry, later = false): void {
    this.unfolded.set(entry.id, 'lacking');
    const by = later ? undefined : this.erasing.eraserOf(entry);
    const item = by === undefined ? undefined : this.#erase(entry, by, false);
    if (item) this.graph.queue(item);
  }
  /** Its body goes, in memory. Gives what keeps its place in the graph, where it is not there yet. */
  #erase(entry: Entry, by: EntryId, shown: boolean): FoldItem | undefined {
    const stub = stubOf(entry, by);
    this.#replace(stub);
    this.#void(entry.id);
    return shown || this.context.kind === 'beacon' ? undefined : this.toFold(stub, EMPTY);
  }

  /** Which of the entries named by erasures (all unless told) are erased now: takes their bodies away, or out of account. */
  async settleErasures(named: Iterable<EntryId> = this.erasing.named): Promise<Erased> {
    const nodes = new Set<NodeId>();
    const types = new Set<string>();
    const fold: FoldItem[] = [];
    let anew = false;
    let bytes = 0;
    for (const id of [...named]) {
      const entry = this.entries.get(id);
      if (!entry) continue;
      const by = this.erasing.eraserOf(entry);
      if (by === undefined) {
        if (entry.erasedBy === undefined || this.lacks(id)) continue;
        anew = this.judged.delete(id) || anew;
        this.unfolded.set(id, 'lacking');
        continue;
      }
      if (entry.erasedBy === by && !this.lacks(id)) continue;
      const shown = this.judged.has(id) && entry.erasedBy === undefined;
      const content = shown ? await this.open(entry) : undefined;
      // Somebody else settled it meanwhile.
      if (this.entries.get(id) !== entry) continue;
      if (entry.erasedBy === undefined) {
        bytes += entry.body.length;
        this.#unwritten.set(id, stubOf(entry, by));
        for (const op of content ? opsOf(content, entry.header) : []) {
          const node = 'node' in op ? this.engine.node(op.node) : undefined;
          if (!node) continue;
          nodes.add(node.id);
          types.add(node.type);
        }
      }
      anew ||= shown;
      const item = this.#erase(entry, by, shown);
      if (item) fold.push(item);
    }
    if (this.context.kind === 'beacon' || !(anew || fold.length > 0)) return { changes: undefined, bytes };
    const changes = anew ? await this.rebuild() : this.graph.fold(fold);
    // No text is ever erased, so documents do not change by it.
    return {
      bytes,
      changes: {
        ...changes,
        documents: new Map(),
        rebuilt: new Set(),
        texts: undefined,
        nodes: new Set([...changes.nodes, ...nodes]),
        types: new Set([...changes.types, ...types]),
      },
    };
  }
  /**
   * The same on the disk. When it resolves, neither the storage nor an image (IM3) holds a body that was erased, and the storage
   * all that came again. Gives the parts of what was written.
   */
  async scrub(): Promise<Result<ReadonlySet<ShardId>, StorageError>> {
    const entries = this.#unwritten;
    this.#unwritten = new Map();
    this.#scrubbing.push(entries);
    const erases = [...entries.values()].some(({ erasedBy }) => erasedBy !== undefined);
    const removed = erases ? await this.image.remove() : ok(undefined);
    const replaced = removed.ok ? await this.journal.replace(entries) : removed;
    this.#scrubbing.splice(this.#scrubbing.indexOf(entries), 1);
    if (!replaced.ok) this.#unwritten = new Map([...entries, ...this.#unwritten]);
    return replaced.ok ? ok(new Set([...entries.values()].map(({ header }) => header.shard))) : replaced;
  }

  // --- The shelf -----------------------------------------------------------------------------------------------

  /** It was admitted without its body, which others hold. */
  away({ id, header }: Entry): void {
    this.unfolded.set(id, 'shelved');
    const ids = this.shelved.get(header.shard);
    if (ids) ids.add(id);
    else this.shelved.set(header.shard, new Set([id]));
  }
  #back(id: EntryId): void {
    const shard = this.entries.get(id)?.header.shard;
    const ids = shard && this.shelved.get(shard);
    if (!ids?.delete(id) || ids.size > 0) return;
    this.shelved.delete(shard as ShardId);
    this.#wanted.delete(shard as ShardId);
    this.#dropBase(shard as ShardId);
  }
  /** The bodies of a part are asked for: they are taken when they come. */
  want(shard: ShardId): void {
    if (this.shelved.has(shard)) this.#wanted.add(shard);
  }
  /**
   * Lets go of bodies, in memory, in the graph and then on the disk; headers stay. That others hold them (PR2) is the caller's
   * to know. A crash before the end leaves them on the disk, and they are here again.
   */
  shelve(ids: Iterable<EntryId>): Let & { readonly bases: number } {
    const named = [...ids];
    const { bytes, entries } = this.#letGo(named);
    for (const [id, kept] of entries) {
      this.judged.delete(id);
      this.away(kept);
    }
    const shards = new Set(named.flatMap((id) => this.entries.get(id)?.header.shard ?? []));
    const bases = [...shards].flatMap((shard) => this.bases.get(shard) ?? []);
    for (const { shard } of bases) this.#unbase(shard);
    return { bytes, entries, bases: bases.reduce((sum, base) => sum + base.bytes, 0) };
  }
  #letGo(ids: readonly EntryId[]): Let {
    const entries = new Map<EntryId, Entry>();
    let bytes = 0;
    for (const id of ids) {
      const entry = this.entries.get(id);
      if (!entry || !isSealed(entry) || entry.body.length === 0 || !this.stored.has(id) || this.#isUnwritten(id))
        continue;
      const kept = shelvedOf(entry);
      entries.set(id, kept);
      bytes += entry.body.length;
      this.#replace(kept);
      this.bodies.drop(id);
      this.#wanted.delete(entry.header.shard);
    }
    return { bytes, entries };
  }

  // --- Bases ---------------------------------------------------------------------------------------------------

  /** What stands for its text. */
  baseOf({ id, header }: Entry): Base | undefined {
    const base = this.bases.get(header.shard);
    return base?.covered.has(id) ? base : undefined;
  }
  /** Text of the part is not here, neither as bodies nor as a base. */
  isAway(shard: ShardId): boolean {
    return this.shelved.has(shard) && !this.bases.has(shard);
  }
  /** Parts whose text is not here. */
  get awayShards(): readonly ShardId[] {
    return [...this.shelved.keys()].filter((shard) => this.isAway(shard));
  }
  /** Takes up a base that lies on the disk: bodies of what it covers may go, of these now. */
  compact(base: Base, ids: readonly EntryId[]): Let {
    this.graph.store.layBase(base.document, base.text);
    this.bases.set(base.shard, base);
    this.baseRound++;
    this.#idleBases.delete(base.shard);
    const gone = this.#letGo(ids);
    const bare = this.shelved.get(base.shard) ?? new Set();
    for (const id of gone.entries.keys()) bare.add(id);
    this.shelved.set(base.shard, bare);
    this.graph.sinceImage += gone.entries.size;
    return gone;
  }
  /** At a start, of what came without bodies from the journal. */
  takeBase(base: Base): void {
    this.bases.set(base.shard, base);
    for (const id of this.shelved.get(base.shard) ?? []) this.unfolded.delete(id);
  }
  /** CO3: what it stood for is away. */
  voidBase(shard: ShardId): void {
    const base = this.bases.get(shard);
    if (base) this.#lostTexts.push(base.document);
    this.#unbase(shard);
    this.context.count('basesVoid');
  }
  takeLostTexts(): readonly NodeId[] {
    const lost = this.#lostTexts;
    this.#lostTexts = [];
    return lost;
  }
  #unbase(shard: ShardId): void {
    this.#dropBase(shard);
    for (const id of this.shelved.get(shard) ?? []) {
      this.unfolded.set(id, 'shelved');
      this.judged.delete(id);
    }
  }
  #dropBase(shard: ShardId): void {
    const base = this.bases.get(shard);
    if (base) this.#idleBases.set(shard, base.bytes);
    if (this.bases.delete(shard)) this.baseRound++;
  }
  /** What the base of a part takes on the disk, needed or not. */
  baseBytes(shard: ShardId): number {
    return this.bases.get(shard)?.bytes ?? this.#idleBases.get(shard) ?? 0;
  }
  /** Bases whose rows may go, once the disk has all that came again. */
  takeIdleBases(): ReadonlyMap<ShardId, number> {
    if (this.#unwritten.size > 0 || this.#scrubbing.length > 0) return new Map();
    const idle = this.#idleBases;
    this.#idleBases = new Map();
    return idle;
  }
  #stands({ covered }: Base): boolean {
    return [...covered.keys()].every((id) => {
      const entry = this.entries.get(id);
      return entry !== undefined && this.judging.judge(entry).type === 'allowed';
    });
  }
  #layBases(engine: GraphStore): void {
    for (const base of [...this.bases.values()]) {
      if (this.#stands(base)) engine.layBase(base.document, base.text);
      else this.voidBase(base.shard);
    }
  }

  /** PR4: of each log of these parts, the last place up to where every body is on the disk, or was erased. */
  heldHeights(shards: ReadonlySet<ShardId>): ReadonlyMap<ShardId, Map<LogId, number>> {
    const found = new Map([...shards].map((shard) => [shard, new Map<LogId, number>()]));
    const gaps = this.#unwritten.size > 0 || this.#scrubbing.length > 0 || this.lacking.length > 0;
    for (const [id, log] of this.logs) {
      const shard = log.head?.header.shard;
      const durable = this.durable.get(id);
      const heights = shard && found.get(shard);
      if (!heights || durable === undefined) continue;
      const whole = gaps || this.shelved.has(shard) ? this.#wholeUpTo(log, durable) : durable;
      if (whole >= 0) heights.set(id, whole);
    }
    return found;
  }
  #wholeUpTo(log: EntryLog, durable: number): number {
    const away = log
      .slice(0, durable + 1)
      .find(({ id, shelved }) => shelved || this.lacks(id) || this.#isUnwritten(id));
    return away ? away.header.seq - 1 : durable;
  }
  /** It lies on the disk in another form than here. */
  #isUnwritten(id: EntryId): boolean {
    return this.#unwritten.has(id) || this.#scrubbing.some((entries) => entries.has(id));
  }

  /** Log -> number of entries held. */
  vector(only?: (shard: ShardId) => boolean): Map<LogId, number> {
    const vector = new Map<LogId, number>();
    for (const [id, log] of this.logs) {
      const shard = log.head?.header.shard;
      if (shard && (!only || only(shard))) vector.set(id, log.length);
    }
    return vector;
  }

  /** The last entries of all logs, of each branch, for reconciliation: those of the longest branches first. */
  tips(only?: (shard: ShardId) => boolean): readonly (Tip & { readonly log: LogId })[] {
    const longest: (Tip & { readonly log: LogId })[] = [];
    const others: (Tip & { readonly log: LogId })[] = [];
    for (const [id, log] of this.logs) {
      const shard = log.head?.header.shard;
      if (!shard || (only && !only(shard))) continue;
      for (const tip of log.tips) (tip.head === log.headId ? longest : others).push({ log: id, ...tip });
    }
    return [...longest, ...others];
  }

  /** 32 bytes over the sorted (log, length, head) of each branch: equal exactly when two nodes hold the same. */
  digest(): Uint8Array<ArrayBuffer> {
    // No entry ever goes: it is another one only where there are more.
    if (this.#digest?.entries === this.entries.size) return this.#digest.digest;
    if (this.#sorted.length !== this.logs.size)
      this.#sorted = [...this.logs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const digest = hash('lgos/root/1', concat(...this.#sorted.map(({ root }) => root)));
    this.#digest = { entries: this.entries.size, digest };
    return digest;
  }

  /** How many beacons and other devices have stated that they hold this entry. */
  holders(entry: Entry): { beacons: number; devices: number } {
    let beacons = 0;
    let devices = 0;
    // A receipt names heights: it says nothing of a place that two entries claim.
    if (entry.header.seq >= this.log(entry.log).forkedAt) return { beacons, devices };
    for (const [device, shards] of this.receipts) {
      if (device === this.context.device.device) continue;
      const height = shards.get(entry.header.shard)?.heights.get(entry.log);
      if (height === undefined || height < entry.header.seq) continue;
      if (this.rights.relays().has(device)) beacons++;
      else devices++;
    }
    return { beacons, devices };
  }
  isDurable(entry: Entry): boolean {
    return this.stored.has(entry.id);
  }
  /** It lies on the disk; whether all before it does is another matter. */
  markStored({ id }: Entry): void {
    this.stored.add(id);
  }
  markDurable({ id, log, header }: Entry): void {
    this.stored.add(id);
    const last = (this.logs.get(log)?.forkedAt ?? Number.POSITIVE_INFINITY) - 1;
    this.durable.set(log, Math.min(last, Math.max(this.durable.get(log) ?? -1, header.seq)));
  }
}

const isKept = ({ header: { kind } }: Entry): boolean => kind === 'erase' || kind === 'checkpoint';
