/**
 * What this device keeps, and lets go of to stay within what its person allows it: single changes of texts first (a base stands
 * for them), then the text of documents that were used least recently. Many changes of one text go without a budget too. Which text may go is decided in `shelf.ts`; the space lets go of it. Budget, pins and when each
 * object was opened are of this device alone, in the table `local`.
 */
import { decode, encode, record, u8, u64 } from '../../base/codec';
import type { Result } from '../../base/result';
import type { NodeId, ShardId, SpaceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Replica } from './replica';
import { idsOf, type Part, partsOfText, type Stays, textOf, textTypes, whyStays } from './shelf';
import type { Space } from './space';

/** PR3: used within this time, a text stays. */
const IN_USE_MS = 600_000;
const LOOK_MS = 60_000;
const SOON_MS = 2_000;
/** No space changed for so long: there is time to build a graph anew. Where it is never quiet, it is not waited for longer. */
const QUIET_MS = 5_000;
const NEVER_QUIET_MS = 120_000;
/** Entries that go in one turn, and how far below the budget it goes, so that turns are rare. */
const MAX_ENTRIES = 4_000;
const DOWN_TO = 0.9;
/** Changes of one text that are worth a base: where there are so many, or where there is no room for fewer. */
const MANY_CHANGES = 2_000;
const SOME_CHANGES = 32;
/** How exactly it is kept when an object was opened. */
const OPENED_MS = 300_000;

const BUDGET = 'shelf/budget';
const OBJECT = 'shelf/object/';
const objectCodec = record({ opened: u64, pinned: u8 });
type Kept = { readonly opened: number; readonly pinned: number };

type EvictionFacts = {
  spaces(): Iterable<Space>;
  isOpen(object: NodeId): boolean;
  changed(): void;
};

export class Eviction {
  #budget: number | undefined;
  readonly #kept = new Map<NodeId, Kept>();
  readonly #quietFrom = new Map<SpaceId, number>();
  /** Since when turns wait for that. */
  #busySince: number | undefined;
  #timer: (() => void) | undefined;
  #stopped = false;
  /** The last turn found nothing more that may go, and the budget is not kept. */
  over = false;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'registry' | 'device' | 'count'>,
    private readonly facts: EvictionFacts,
    private readonly limits: { readonly many: number } = { many: MANY_CHANGES },
  ) {}

  async load(): Promise<void> {
    for (const { key, value } of await this.context.ports.storage.list('local', 'shelf/')) {
      const bytes = key === BUDGET ? decode(u64, value) : undefined;
      if (bytes?.ok) this.#budget = bytes.value;
      const kept = key.startsWith(OBJECT) ? decode(objectCodec, value) : undefined;
      if (kept?.ok) this.#kept.set(key.slice(OBJECT.length) as NodeId, kept.value);
    }
  }
  start(): void {
    this.#later(LOOK_MS);
  }
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** In bytes; `undefined`: everything is kept. */
  get budget(): number | undefined {
    return this.#budget;
  }
  async setBudget(bytes: number | undefined): Promise<void> {
    this.#budget = bytes;
    this.over = false;
    await this.#write(BUDGET, bytes === undefined ? undefined : encode(u64, bytes));
    this.facts.changed();
    this.#later(SOON_MS);
  }
  /** Of images, which no budget counts. */
  get images(): number {
    return [...this.facts.spaces()].reduce((sum, { replica }) => sum + replica.image.bytes, 0);
  }
  /** All else that the spaces take on this device. */
  get used(): number {
    return [...this.facts.spaces()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  isPinned(object: NodeId): boolean {
    return this.#kept.get(object)?.pinned === 1;
  }
  async pin(object: NodeId, pinned: boolean): Promise<void> {
    await this.#keep(object, { opened: this.#kept.get(object)?.opened ?? 0, pinned: pinned ? 1 : 0 });
    this.facts.changed();
  }
  /** Somebody looks at it, or works on it. */
  opened(object: NodeId): void {
    const kept = this.#kept.get(object);
    const now = Math.max(0, Math.floor(this.context.ports.clock.now()));
    if (kept && Math.abs(now - kept.opened) < OPENED_MS) return;
    void this.#keep(object, { opened: now, pinned: kept?.pinned ?? 0 });
  }
  folded(space: Space): void {
    this.#quietFrom.set(space.id, this.context.ports.clock.now() + QUIET_MS);
  }

  #keep(object: NodeId, kept: Kept): Promise<unknown> {
    this.#kept.set(object, kept);
    return this.#write(OBJECT + object, encode(objectCodec, kept));
  }
  #write(key: string, value: Uint8Array<ArrayBuffer> | undefined): Promise<unknown> {
    const row = value ? ({ table: 'local', key, value } as const) : ({ table: 'local', key } as const);
    return this.context.ports.storage.write([row], 'relaxed');
  }

  #later(ms: number): void {
    this.#timer?.();
    if (this.#stopped) return;
    this.#timer = this.context.ports.clock.after(ms, () => {
      this.#timer = undefined;
      void this.turn()
        .catch((fault) => this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }))
        .then((more) => this.#later(more ? SOON_MS : LOOK_MS));
    });
  }

  /** Lets go of what is over the budget, as far as it may go. True where there is more to do soon. One at a time. */
  turn(): Promise<boolean> {
    this.#turning ??= this.#turn().finally(() => {
      this.#turning = undefined;
    });
    return this.#turning;
  }
  #turning: Promise<boolean> | undefined;
  async #turn(): Promise<boolean> {
    const { clock } = this.context.ports;
    const now = clock.now();
    const isOver = this.#budget !== undefined && this.used > this.#budget;
    // To look is work, too.
    const isQuiet = [...this.facts.spaces()].every(({ id }) => (this.#quietFrom.get(id) ?? 0) <= now);
    if (!isQuiet && now - (this.#busySince ?? now) < NEVER_QUIET_MS) {
      this.#busySince ??= now;
      return true;
    }
    this.#busySince = undefined;
    const next = this.#compactable(now, isOver);
    if (!isOver) this.over = false;
    if (!isOver && !next) return false;
    if (next) {
      const saved = await this.#compact(next.space, next.part.object, !isOver);
      if (saved === 0) this.#tried.set(next.part.shard, next.part.entries.length);
      this.facts.changed();
      return true;
    }
    if (this.#budget === undefined) return false;
    const due = this.used - this.#budget * DOWN_TO;
    const chosen = new Map<Space, NodeId[]>();
    let bytes = 0;
    let entries = 0;
    for (const { space, part: rough } of this.#oldestFirst(now)) {
      // What stays as a whole is not looked at further: that is dear.
      if (whyStays(space, rough, this.context.device.device, now) !== undefined) continue;
      const part = textOf(space, rough);
      if (part.entries.length === 0) continue;
      if (bytes >= due || entries + part.entries.length > MAX_ENTRIES) break;
      chosen.set(space, [...(chosen.get(space) ?? []), part.object]);
      bytes += part.bytes;
      entries += part.entries.length;
    }
    let gone = 0;
    for (const [space, objects] of chosen) gone += await this.#letGo(space, objects);
    this.over = gone === 0;
    if (gone > 0) this.facts.changed();
    return gone > 0 && this.used > this.#budget;
  }

  /** How many entries a text had when a base was not worth it. */
  readonly #tried = new Map<ShardId, number>();
  /** A text with many changes whose bodies may go, the one used longest ago; what was not worth it is tried again when it has grown. */
  #compactable(now: number, isOver: boolean): { readonly space: Space; readonly part: Part } | undefined {
    const least = isOver ? SOME_CHANGES : this.limits.many;
    const bodied = ({ entries }: Part): number => entries.filter(({ body }) => body.length > 0).length;
    return this.#oldestFirst(now, least).find(
      ({ space, part }) =>
        part.entries.length - (this.#tried.get(part.shard) ?? 0) >= least &&
        bodied(part) >= least &&
        whyStays(space, part, this.context.device.device, now, { twice: !isOver }) === undefined,
    );
  }
  /** One object, now, because its person says so. Gives why its changes stay, or how many bytes that saved. */
  async compact(space: Space, object: NodeId): Promise<Result<number, Stays | 'inUse'>> {
    const [part] = this.#partsOf(space, [object]);
    if (this.#isHeldFast(object)) return { ok: false, error: 'inUse' };
    if (!part || part.entries.length === 0) return { ok: true, value: 0 };
    const stays = whyStays(space, part, this.context.device.device, this.context.ports.clock.now());
    if (stays !== undefined) return { ok: false, error: stays };
    const bytes = await this.#compact(space, object, false);
    this.facts.changed();
    return { ok: true, value: bytes };
  }
  #compact(space: Space, object: NodeId, twice: boolean): Promise<number> {
    const { device } = this.context.device;
    return space.compact(() => {
      const now = this.context.ports.clock.now();
      const [part] = this.#partsOf(space, [object]);
      const may = part && !this.#isHeldFast(object) && whyStays(space, part, device, now, { twice }) === undefined;
      return may ? part : undefined;
    });
  }

  /** PR3: by when each was opened, or changed. */
  #oldestFirst(now: number, least = 0): readonly { readonly space: Space; readonly part: Part }[] {
    const types = textTypes(this.context.registry);
    return [...this.facts.spaces()]
      .flatMap((space) =>
        partsOfText(space, types, undefined, least).map((part) => ({ space, part, usedAt: this.#usedAt(part) })),
      )
      .filter(({ part, usedAt }) => now - usedAt >= IN_USE_MS && !this.#isHeldFast(part.object))
      .sort((a, b) => a.usedAt - b.usedAt);
  }
  #usedAt({ object, lastMs }: Part): number {
    return Math.max(lastMs, this.#kept.get(object)?.opened ?? 0);
  }
  #isHeldFast(object: NodeId): boolean {
    return this.facts.isOpen(object) || this.isPinned(object);
  }

  /** One object, now, because its person says so. Gives why it stays, or how many bytes went. */
  async letGo(space: Space, object: NodeId): Promise<Result<number, Stays | 'inUse'>> {
    const [part] = this.#partsOf(space, [object]);
    if (this.#isHeldFast(object)) return { ok: false, error: 'inUse' };
    if (!part || part.entries.length === 0) return { ok: true, value: 0 };
    const stays = whyStays(space, part, this.context.device.device, this.context.ports.clock.now());
    if (stays !== undefined) return { ok: false, error: stays };
    const bytes = await this.#letGo(space, [object]);
    this.facts.changed();
    return { ok: true, value: bytes };
  }
  /** All texts of a space that may go, now. Gives how many bytes went. */
  async free(space: Space): Promise<number> {
    const now = this.context.ports.clock.now();
    const parts = partsOfText(space, textTypes(this.context.registry)).filter(
      (part) => !this.#isHeldFast(part.object) && whyStays(space, part, this.context.device.device, now) === undefined,
    );
    let bytes = 0;
    for (let from = 0; from < parts.length; ) {
      let to = from;
      for (let entries = 0; to < parts.length && (to === from || entries <= MAX_ENTRIES); to++)
        entries += parts[to]?.entries.length ?? 0;
      const objects = parts.slice(from, to).map(({ object }) => object);
      bytes += await this.#letGo(space, objects);
      from = to;
    }
    if (bytes > 0) this.facts.changed();
    return bytes;
  }
  #partsOf(space: Space, objects: readonly NodeId[]): readonly Part[] {
    return partsOfText(space, textTypes(this.context.registry), new Set(objects)).map((part) => textOf(space, part));
  }
  /** Asked again in the space's own turn: what was true before may have changed. */
  #letGo(space: Space, objects: readonly NodeId[]): Promise<number> {
    return space.shelve(() => {
      const now = this.context.ports.clock.now();
      const may = (part: Part): boolean =>
        !this.#isHeldFast(part.object) && whyStays(space, part, this.context.device.device, now) === undefined;
      // Half a text is no text: what is here of one that is away already goes with it.
      return idsOf(this.#partsOf(space, objects).filter(may));
    });
  }

  /** How much text is not here, and of how many documents. */
  get away(): { readonly bytes: number; readonly objects: number } {
    let [bytes, objects] = [0, 0];
    for (const { replica } of this.facts.spaces()) {
      const shards = replica.awayShards;
      objects += shards.length;
      for (const shard of shards) bytes += bareBytes(replica, shard);
    }
    return { bytes, objects };
  }
  /** How much of single changes is not here, of texts that are, and of how many documents. */
  get compacted(): { readonly bytes: number; readonly objects: number } {
    let [bytes, objects] = [0, 0];
    for (const { replica } of this.facts.spaces()) {
      objects += replica.bases.size;
      for (const [shard, base] of replica.bases) bytes += Math.max(0, bareBytes(replica, shard) - base.bytes);
    }
    return { bytes, objects };
  }
}

/** Bytes of the bodies of a part that are not here. */
const bareBytes = ({ shelved, entries }: Replica, shard: ShardId): number =>
  [...(shelved.get(shard) ?? [])].reduce((sum, id) => sum + (entries.get(id)?.header.bodyLength ?? 0), 0);
