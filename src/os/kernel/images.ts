/**
 * The image of a space: its graph as it lay in memory, put away sealed, so that a start neither decrypts nor folds what is in
 * it. It is a shortcut and nothing else: the journal has everything, and wherever the two differ, the journal is right.
 * Bytes: docs/protocol/storage.md.
 *
 * IM1 an image with what came after it gives the state that folding everything anew gives.
 * IM2 an image stands only where all that is in it is in the journal, in the same form, and counts today as it counted; else it
 *     is counted and left aside, as one that is damaged, of another build, or under other rules.
 * IM3 it is sealed under a key of the vault. Before an erasure counts as stored, the image and its key are gone, so that no
 *     image holds what was erased.
 * IM4 it is made when nothing has changed for a while and nobody is at work, which is waited for so long and no longer, or when
 *     nobody looks; and enough has changed since the last one. Nothing waits for it: it is sealed and written piece by piece.
 * IM5 it is shown before the journal was read only where what judges, the entries about rights and erasures, is what it was made
 *     under; once all was read, what is shown is what the journal says, whatever an image said (IM2).
 */
import { concat, fromHex, toHex, utf8 } from '../../base/bytes';
import { blob, decode, encode, fixed, list, record, u8, u32, u64, type ValueOf } from '../../base/codec';
import { hash } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { Images, StorageError } from '../../ports';
import { type GraphStore, openStore } from '../../vm/graph/store/store';
import { type LogId, logIdCodec, type SpaceId } from '../../vm/op/ids';
import { systemTypes } from '../schema/system';
import type { KernelContext } from './context';
import { type CoveredBytes, type CoveredList, countOf, isSound } from './covered';
import { inSteps, paced } from './slices';
import { type VouchedRecord, vouchedCodec } from './vouched';

export type Image = {
  readonly engine: GraphStore;
  readonly covered: CoveredBytes;
  /** What it was judged by, see `judgesOf`. */
  readonly judges: string;
  /** Logs of which nothing judges others: all that it covers is in one of them. */
  readonly logs: ReadonlySet<LogId>;
  /** Records of the journal (IM7). */
  readonly vouched: readonly VouchedRecord[];
};
export type Snapshot = {
  readonly engine: Uint8Array;
  readonly covered: CoveredList;
  readonly judges: string;
  readonly logs: readonly LogId[];
};

const MANY = 2 ** 32;
/** The first bytes of each nonce, random; the rest is the number of the piece. */
const NONCE = 8;
const TAG = 16;
/** Of the engine, sealed at once: some milliseconds. */
const PIECE = 2 * 1024 * 1024;
const numbered = (index: number): Uint8Array => encode(u32, index);

/** `rules`: which class the ops of each type are of, as the applications have it; BO2 depends on it. */
const imageCodec = record({
  version: u8,
  rules: fixed(32),
  judges: fixed(32),
  logs: list(logIdCodec, MANY),
  covered: blob(MANY),
  vouched: vouchedCodec,
  /** Bytes of what follows: the engine. */
  engine: u64,
});
type Head = ValueOf<typeof imageCodec>;
const VERSION = 5;

/** No change for so long, and so long after the one before: there is time to make one. */
const QUIET_MS = 4_000;
const APART_MS = 60_000;
/** It waits no longer for a moment when nobody is at work. */
const PATIENCE_MS = 120_000;
/** So many entries since the last one are worth one; of many, this part of them. */
const ENOUGH = 200;
const PART = 1 / 32;

/** Under these names in the vault lie the keys; the name of an image tells nothing without its key. */
const KEYS = 'image/';
const nameOf = (key: Uint8Array): string => toHex(hash('lgos/image-name/1', key));

export class SpaceImage {
  #work: Promise<unknown> = Promise.resolve();
  /** Goes up when what was made before is not to be kept. */
  #void = 0;
  #savedAt = Number.NEGATIVE_INFINITY;
  #size = 0;
  /** Of what lies there, as far as it was opened or made; 0 where there is none. */
  bytes = 0;
  #timer: (() => void) | undefined;
  /** Since when one is due. */
  #dueAt: number | undefined;
  #seen = 0;
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly space: SpaceId,
  ) {}

  /** A beacon folds nothing; where there is no place for images, each start folds the journal. */
  get #images(): Images | undefined {
    return this.context.kind === 'beacon' ? undefined : this.context.ports.images;
  }
  get #keyName(): string {
    return KEYS + this.space;
  }
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(work);
    this.#work = turn.catch(() => undefined);
    return turn;
  }

  /** What was put away last, as far as it can be read; `undefined` where there is none. */
  open(): Promise<Image | undefined> {
    // Whatever is wrong with it, the journal has everything.
    return this.#inTurn(() => this.#open()).catch((fault: unknown) => this.#unread('imagesDamaged', String(fault)));
  }
  async #open(): Promise<Image | undefined> {
    const { crypto, graph, vault } = this.context.ports;
    if (!this.#images) {
      if (this.context.kind === 'tab') this.context.count('imagesAbsent');
      return undefined;
    }
    const key = await vault.get(this.#keyName);
    const sealed = key && (await this.#images.load(nameOf(key)));
    if (!key || !sealed) {
      this.context.count('imagesNone');
      return undefined;
    }
    const opened = await this.#unsealed(sealed, (nonce, piece, index) =>
      crypto.open(key, nonce, piece, this.#about(index)),
    );
    if (typeof opened === 'string') return this.#unread(opened);
    const { judges, logs, covered, vouched } = opened.head;
    if (toHex(opened.head.rules) !== toHex(this.#rules())) return this.#unread('imagesOther');
    const engine = openStore(graph, this.context.rules, opened.engine);
    if (!engine.ok) return this.#unread(engine.error.type === 'other' ? 'imagesOther' : 'imagesDamaged');
    this.#size = countOf(covered);
    this.bytes = sealed.length;
    return { engine: engine.value, covered, judges: toHex(judges), logs: new Set(logs), vouched };
  }
  #about(index: number): Uint8Array {
    return concat(utf8(this.space), numbered(index));
  }
  async #unsealed(
    sealed: Uint8Array,
    open: (nonce: Uint8Array, piece: Uint8Array, index: number) => Promise<Uint8Array | undefined>,
  ): Promise<{ readonly head: Head; readonly engine: Uint8Array } | 'imagesDamaged' | 'imagesOther'> {
    const prefix = sealed.subarray(0, NONCE);
    const from = NONCE + 4;
    const length = sealed.length < from ? 0 : new DataView(sealed.buffer, sealed.byteOffset).getUint32(NONCE);
    const pieceAt = (index: number, piece: Uint8Array): Promise<Uint8Array | undefined> =>
      open(concat(prefix, numbered(index)), piece, index);
    const plain = await pieceAt(0, sealed.subarray(from, from + length));
    if (plain && plain[0] !== VERSION) return 'imagesOther';
    const head = plain && decode(imageCodec, plain);
    if (!head?.ok || !isSound(head.value.covered)) return 'imagesDamaged';
    const rest = sealed.subarray(from + length);
    const count = Math.ceil(head.value.engine / PIECE);
    if (rest.length !== head.value.engine + count * TAG) return 'imagesDamaged';
    const engine = new Uint8Array(head.value.engine);
    const put = async (index: number): Promise<boolean> => {
      const at = index * (PIECE + TAG);
      const piece = await pieceAt(index + 1, rest.subarray(at, at + PIECE + TAG));
      if (piece) engine.set(piece, index * PIECE);
      return piece !== undefined;
    };
    const all = await Promise.all(Array.from({ length: count }, (_, index) => put(index)));
    return all.every(Boolean) ? { head: head.value, engine } : 'imagesDamaged';
  }
  #unread(why: string, message?: string): undefined {
    this.context.count(why);
    this.context.ports.log(why, { space: this.space, message });
    return undefined;
  }
  #rules(): Uint8Array<ArrayBuffer> {
    const types = [...Object.entries(systemTypes), ...this.context.registry.applicationTypes()];
    const classes = types.map(([type, rule]) => [type, rule.class, rule.erasable !== undefined] as const);
    return hash('lgos/image-rules/1', utf8(JSON.stringify(classes.sort(([a], [b]) => (a < b ? -1 : 1)))));
  }

  /** Worth one now, if nobody is in the way. `since`: entries taken in since the last one. */
  isDue(since: number): boolean {
    const apart = this.context.ports.clock.now() - this.#savedAt;
    return this.#images !== undefined && !this.#stopped && since >= ENOUGH && (apart < 0 || apart >= APART_MS);
  }
  /** IM4. */
  changed(since: number, save: () => Promise<void>): void {
    if (!this.#images || this.#stopped || since < Math.max(ENOUGH, this.#size * PART)) return;
    this.#seen++;
    this.#dueAt ??= this.context.ports.clock.now();
    if (!this.#timer) this.#wait(QUIET_MS, save);
  }
  #wait(ms: number, save: () => Promise<void>): void {
    const { clock } = this.context.ports;
    const seen = this.#seen;
    this.#timer = clock.after(ms, () => {
      this.#timer = undefined;
      const early = this.#savedAt + APART_MS - clock.now();
      const waited = Math.abs(clock.now() - (this.#dueAt ?? clock.now()));
      const isBusy = seen !== this.#seen || this.context.calm.inMs > 0;
      if (isBusy && waited < PATIENCE_MS) this.#wait(QUIET_MS, save);
      else if (early > 0 && early <= APART_MS) this.#wait(early, save);
      else void save().catch(() => undefined);
    });
  }

  /** Makes one now. `take` says nothing where it cannot be made; `vouch` looks through the journal after it. */
  async save(take: () => Promise<Snapshot | undefined>, vouch: () => Promise<readonly VouchedRecord[]>): Promise<void> {
    const round = this.#void;
    const images = this.#images;
    const snapshot = images && !this.#stopped && (await take());
    if (!snapshot) return;
    this.#savedAt = this.context.ports.clock.now();
    this.#dueAt = undefined;
    const saved = await this.#inTurn(async () => {
      if (round !== this.#void) return undefined;
      const { crypto, random, storage } = this.context.ports;
      const pause = paced(this.context.ports.clock);
      const covered = await inSteps(snapshot.covered.written(), pause);
      const head = encode(imageCodec, {
        version: VERSION,
        rules: this.#rules(),
        judges: fromHex(snapshot.judges),
        logs: snapshot.logs,
        covered,
        vouched: await vouch(),
        engine: snapshot.engine.length,
      });
      // IM3: whoever lost this profile to another tab leaves nothing behind what that one erases.
      const before = await storage.write([], 'relaxed');
      if (!before.ok) return before;
      const key = await this.#key();
      const prefix = random.bytes(NONCE);
      const count = Math.ceil(snapshot.engine.length / PIECE);
      const sealed = new Uint8Array(NONCE + 4 + head.length + TAG + snapshot.engine.length + count * TAG);
      sealed.set(concat(prefix, encode(u32, head.length + TAG)));
      let at = NONCE + 4;
      for (let index = 0; index <= count; index++) {
        const piece = index === 0 ? head : snapshot.engine.subarray((index - 1) * PIECE, index * PIECE);
        const closed = await crypto.seal(key, concat(prefix, numbered(index)), piece, this.#about(index));
        sealed.set(closed, at);
        at += closed.length;
        await pause();
        if (round !== this.#void) return undefined;
      }
      // What was erased while this was being sealed is in it.
      if (round !== this.#void) return undefined;
      this.#size = countOf(covered);
      const put = await images.save(nameOf(key), sealed);
      const after = put.ok ? await storage.write([], 'relaxed') : put;
      this.bytes = put.ok && after.ok ? sealed.length : 0;
      if (put.ok && !after.ok) await images.remove(nameOf(key));
      return after;
    }).catch((fault: unknown) => err({ type: 'failed', message: String(fault) } as const));
    if (saved) this.context.count(saved.ok ? 'imagesSaved' : 'imagesNotSaved');
    if (saved && !saved.ok)
      this.context.ports.log('imageNotSaved', { space: this.space, message: saved.error.message });
  }
  async #key(): Promise<Uint8Array> {
    const { random, vault } = this.context.ports;
    const known = await vault.get(this.#keyName);
    if (known) return known;
    const key = random.bytes(32);
    await vault.put(this.#keyName, key);
    return key;
  }

  /** IM3: when it resolves well, neither the image nor what would open it is there. */
  remove(): Promise<Result<void, StorageError>> {
    this.#void++;
    return this.#inTurn(async (): Promise<Result<void, StorageError>> => {
      const { vault } = this.context.ports;
      if (!this.#images) return ok(undefined);
      // One that is damaged opens nothing; it goes all the same.
      const key = await vault.get(this.#keyName).catch(() => new Uint8Array());
      if (!key) return ok(undefined);
      this.bytes = 0;
      const removed = await this.#images.remove(nameOf(key));
      await vault.remove(this.#keyName);
      this.context.count('imagesRemoved');
      // Without its key it says nothing; `tidyImages` takes it away.
      if (!removed.ok) this.context.ports.log('imageNotRemoved', { message: removed.error.message });
      return ok(undefined);
    }).catch((fault: unknown) => err({ type: 'failed', message: String(fault) }));
  }

  /** Settles when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    this.#timer = undefined;
    await this.#work;
  }
}

/** Takes away images that no key opens: of a space that was forgotten, or of before a crash. */
export const tidyImages = async ({ ports, kind }: KernelContext): Promise<void> => {
  if (!ports.images || kind === 'beacon') return;
  // First what lies there: its key was in the vault before it.
  const lying = await ports.images.list();
  const names = new Set<string>();
  for (const kept of await ports.vault.list(KEYS)) {
    const key = await ports.vault.get(kept).catch(() => undefined);
    if (key) names.add(nameOf(key));
  }
  for (const name of lying) if (!names.has(name)) await ports.images.remove(name);
};
