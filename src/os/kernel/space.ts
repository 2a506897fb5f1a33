/**
 * A space at work on this node: an intake that brings entries to the door in order, a sealing chain that makes our own,
 * and what follows from both (keys learned, the graph rebuilt, receipts due). One chain of turns a space.
 */
import { concat, utf8 } from '../../base/bytes';
import { decode, encode, u64 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import { sealBlob } from '../../vm/blob/chunk';
import { putBlob } from '../../vm/blob/store';
import type { ChangeSet } from '../../vm/graph/engine';
import { MAX_INLINE, type Op, opCodec } from '../../vm/op/body';
import { type Hlc, hlcOf, MAX_AHEAD_MS, nextHlc } from '../../vm/op/clock';
import { decodeEntry, type Entry, type EntryClass, type EntryKind, encodeEntry } from '../../vm/op/entry';
import {
  type BlobId,
  type EntryId,
  type LogId,
  logIdOf,
  type NodeId,
  nodeIdOf,
  type ShardId,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../../vm/op/ids';
import { type HeaderDraft, sealEntry, shardKeyOf, signEntry, verifyEntry } from '../../vm/op/seal';
import { type Act, aclBodyCodec, MAX_HEADS } from '../rights/acl';
import { learnKeys } from '../rights/keyring';
import { refusal } from '../schema/define';
import { type Admission, admit, foldPrepared, type Prepared, prepare, prepareData } from './admit';
import type { KernelContext } from './context';
import { Replica } from './replica';

const INTAKE_BATCH = 64;
const SEAL_GAP_MS = 33;
const MAX_PENDING_OPS = 4096;
const BODY_BUDGET = 48 * 1024;

export type SpaceEvents = {
  /** The graph of the space changed. */
  folded(space: Space, changes: ChangeSet): void;
  /** An entry was admitted and, if it is ours, is durable: pass it on. `from` is where it came from. */
  spread(space: Space, entry: Entry, from: unknown): void;
  rightsChanged(space: Space): void;
  /** Durable heights of a shard moved: a receipt is due. */
  durable(space: Space, shard: ShardId): void;
  /** Own logs ended up on the disk or not at all. */
  unwritable(reason: string): void;
  /** Blobs that admitted entries stand on and that are not here. */
  wanted(space: Space, blobs: readonly BlobId[]): void;
};

type Pending = {
  readonly shard: ShardId;
  readonly class: EntryClass;
  readonly incarnation: number;
  readonly ops: readonly Op[];
  readonly settle: (result: Result<Entry, Refusal>) => void;
};

export class Space {
  readonly replica: Replica;
  #turns: Promise<unknown> = Promise.resolve();
  #pending: Pending[] = [];
  #pendingOps = 0;
  #sealing = false;
  #sealedAt = 0;
  #counter: number;
  incarnation = 0;
  /** Bytes of all entries held: what a beacon's quota counts. */
  bytes = 0;
  /** Whole blobs that entries of this space stand on: what we offer to others. */
  readonly blobs = new Set<BlobId>();

  constructor(
    private readonly context: KernelContext,
    readonly id: Replica['id'],
    private readonly events: SpaceEvents,
  ) {
    this.replica = new Replica(context, id);
    const base = context.ports.random.bytes(6);
    this.#counter = base.reduce((value, byte) => (value % 2 ** 38) * 256 + byte, 0);
  }

  /** What the journal holds. After damage our own logs go on under a new incarnation. */
  async load(keys: ReadonlyMap<string, Uint8Array>): Promise<Result<void, Refusal>> {
    for (const [epoch, key] of keys) this.replica.keys.set(epoch as never, key);
    const loaded = await this.replica.journal.load();
    if (!loaded.ok)
      return err(
        refusal(
          'storage',
          `The journal cannot be read: ${loaded.error.message}`,
          'Nothing was changed.',
          'Reload the page; if it stays so, restore from your key file.',
        ),
      );
    for (const entry of loaded.value.entries) {
      this.#markDurable(entry);
      // Admitted once, so not parked now, whatever the clock says today.
      await this.#one(entry, undefined, true, true);
    }
    for (const entry of loaded.value.entries) {
      if (entry.header.device === this.context.device.device)
        this.incarnation = Math.max(this.incarnation, entry.header.incarnation);
    }
    for (const { key, value } of await this.context.ports.storage.list('space', `blob/${this.id}/`)) {
      const size = decode(u64, value);
      this.blobs.add(key.slice(-64) as BlobId);
      this.bytes += size.ok ? size.value : 0;
    }
    if (loaded.value.damaged.length > 0) {
      this.context.count('journalDamaged', loaded.value.damaged.length);
      this.incarnation++;
      await this.replica.journal.discardDamaged();
    }
    return ok(undefined);
  }

  /** Removes everything from the storage: it was not to be kept after all. Nothing may be received any more. */
  forget(): Promise<void> {
    return this.inTurn(async () => {
      const { storage } = this.context.ports;
      const rows = await storage.list('journal', `${this.id}/`);
      const written = await storage.write(
        rows.map(({ key }) => ({ table: 'journal' as const, key })),
        'relaxed',
      );
      if (!written.ok) this.events.unwritable(written.error.message);
    });
  }

  // --- Intake ----------------------------------------------------------------------------------------------

  /** Encoded entries from `from`; settles when all are dealt with. Gives what each became. */
  receive(encoded: readonly Uint8Array[], from: unknown): Promise<readonly Admission[]> {
    return this.inTurn(async () => {
      const results: Admission[] = [];
      for (let i = 0; i < encoded.length; i += INTAKE_BATCH) {
        const entries: Entry[] = [];
        for (const bytes of encoded.slice(i, i + INTAKE_BATCH)) {
          const decoded = decodeEntry(bytes);
          if (decoded.ok) entries.push(decoded.value);
          else {
            this.context.count('refused.malformedEntry');
            results.push({ type: 'refused', reason: 'malformed' });
          }
        }
        // Signatures in parallel; then one by one through the door, because each may change the keys or the rights.
        const proven = await Promise.all(entries.map((entry) => this.#proven(entry)));
        for (const [at, entry] of entries.entries()) {
          results.push(proven[at] === true ? await this.#one(entry, from, true) : (proven[at] as Admission));
        }
      }
      await this.#store(from);
      return results;
    });
  }

  async #proven(entry: Entry): Promise<true | Admission> {
    if (this.replica.entries.has(entry.id)) return { type: 'known' };
    if (await verifyEntry(this.context.ports.crypto, entry)) return true;
    this.context.count('refused.badSignature');
    return { type: 'refused', reason: 'badSignature' };
  }

  #fresh: Entry[] = [];
  async #one(entry: Entry, from: unknown, proven: boolean, timely = false): Promise<Admission> {
    const prepared = await prepare(this.context, this.replica, entry, proven);
    if ('type' in prepared) return prepared;
    const admission = this.#turn(prepared, from, { timely });
    if (admission.type === 'admitted') {
      if (admission.aclChanged) await this.afterRights();
      for (const released of this.replica.waiting.released(entry.id)) await this.#one(released, from, true, timely);
    }
    if (
      admission.type === 'refused' &&
      admission.reason === 'fork' &&
      entry.header.device === this.context.device.device
    )
      this.incarnation++;
    return admission;
  }

  #turn(prepared: Prepared, from: unknown, options: { own?: boolean; timely?: boolean } = {}): Admission {
    const { own = false } = options;
    const admission = admit(this.context, this.replica, prepared, (changes) => this.events.folded(this, changes), {
      timely: own || options.timely === true,
    });
    if (admission.type !== 'admitted') return admission;
    const { entry } = prepared;
    this.bytes += entry.body.length + 400;
    this.context.count('entries');
    if (prepared.needs) this.events.wanted(this, prepared.needs as BlobId[]);
    if (own || (this.replica.durable.get(entry.log) ?? -1) >= entry.header.seq) return admission;
    this.#fresh.push(entry);
    this.events.spread(this, entry, from);
    return admission;
  }

  /** Others' entries: relaxed, they can be fetched again. */
  async #store(_from: unknown): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length === 0) return;
    const written = await this.replica.journal.append(fresh, this.context.kind === 'beacon' ? 'strict' : 'relaxed');
    if (!written.ok) return this.events.unwritable(written.error.message);
    for (const entry of fresh) this.#markDurable(entry);
    for (const shard of new Set(fresh.map((entry) => entry.header.shard))) this.events.durable(this, shard);
  }
  #markDurable(entry: Entry): void {
    this.replica.durable.set(entry.log, Math.max(this.replica.durable.get(entry.log) ?? -1, entry.header.seq));
  }

  /** Parked entries whose time has come. */
  unpark(): void {
    const due = [...this.replica.parked.values()].filter(
      (entry) => entry.header.hlc <= this.context.time.now() + MAX_AHEAD_MS,
    );
    if (due.length === 0) return;
    for (const entry of due) this.replica.parked.delete(entry.log);
    void this.receive(due.map(encodeEntry), undefined);
  }

  /** `size` in bytes. */
  async keepBlob(id: BlobId, size: number): Promise<void> {
    if (this.blobs.has(id)) return;
    this.blobs.add(id);
    this.bytes += size;
    const row = { table: 'space', key: `blob/${this.id}/${id}`, value: encode(u64, size) } as const;
    await this.context.ports.storage.write([row], 'relaxed');
  }

  /** A blob came: entries that waited for it are opened. */
  retryBlobs(): Promise<unknown> {
    return this.inTurn(() => this.#retry('needsBlob'));
  }
  async #retry(reason: 'needsBlob' | 'noKey'): Promise<void> {
    for (const [id, why] of [...this.replica.unfolded]) {
      const entry = why === reason ? this.replica.entries.get(id) : undefined;
      if (entry?.header.kind !== 'data') continue;
      const prepared = await prepareData(this.context, this.replica, entry);
      if (prepared.needs && prepared.unfolded === 'needsBlob' && reason === 'noKey')
        this.events.wanted(this, prepared.needs as BlobId[]);
      if (prepared.unfolded !== reason) {
        this.replica.unfolded.delete(id);
        foldPrepared(this.replica, prepared, (changes) => this.events.folded(this, changes));
      }
    }
  }

  #shown = '';
  /** Rights changed: keys may be had now, and what older entries count for may have changed. */
  async afterRights(): Promise<void> {
    const { identity } = this.context;
    if (identity) {
      const keys = await learnKeys(
        this.context.ports.crypto,
        this.id,
        this.replica.rights,
        identity,
        this.replica.keys,
      );
      const more = keys.size > this.replica.keys.size;
      this.replica.keys = keys;
      if (more) await this.#retry('noKey');
      const shown = [...this.replica.rights.members()]
        .map(([user, role]) => `${user}${role}`)
        .sort()
        .join();
      // Only a change of who is in, or of what a removal accepts, can change the judgement of older entries.
      const judged = `${shown}/${this.replica.rights.lowerings()}`;
      if (this.#shown !== '' && judged !== this.#shown) this.events.folded(this, this.replica.rebuild());
      this.#shown = judged;
    }
    this.events.rightsChanged(this);
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    this.#turns = turn.catch((fault) =>
      this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }),
    );
    return turn;
  }

  // --- Our own entries ---------------------------------------------------------------------------------------

  /** A log that ran ahead of everybody's time would be mute until time caught up: our logs go on under new names. */
  #leaveFuture(): void {
    const limit = this.context.time.now() + MAX_AHEAD_MS;
    const { device } = this.context.device;
    for (const { head } of this.replica.logs.values()) {
      if (head?.header.device !== device || head.header.incarnation !== this.incarnation) continue;
      if (head.header.shard !== this.replica.acl && head.header.hlc > limit) {
        this.incarnation++;
        return;
      }
    }
  }

  nextNode(): { node: NodeId; counter: number } {
    this.#leaveFuture();
    const counter = this.#counter++;
    return { counter, node: nodeIdOf(this.id, this.context.device.device, this.incarnation, counter) };
  }

  /** Settles when the entry is durable here, or with the reason why it will not be. */
  write(shard: ShardId, entryClass: EntryClass, ops: readonly Op[]): Promise<Result<Entry, Refusal>> {
    if (this.#pendingOps + ops.length > MAX_PENDING_OPS) {
      return Promise.resolve(
        err(
          refusal(
            'busy',
            'Too many changes are waiting to be saved.',
            'What was saved is safe.',
            'Wait a moment and try again.',
          ),
        ),
      );
    }
    // New nodes are named under the incarnation in which they are drafted.
    if (!ops.some((op) => op.type === 'nodeNew')) this.#leaveFuture();
    const { incarnation } = this;
    return new Promise((settle) => {
      this.#pending.push({ shard, class: entryClass, incarnation, ops, settle });
      this.#pendingOps += ops.length;
      if (!this.#sealing) void this.#drain();
    });
  }
  get unsealed(): number {
    return this.#pendingOps;
  }

  async #drain(): Promise<void> {
    this.#sealing = true;
    while (this.#pending.length > 0) {
      const now = this.context.ports.clock.now();
      const gap = this.#sealedAt + SEAL_GAP_MS - now;
      const typing = this.#pending.every(({ ops }) => ops.every((op) => op.type === 'textUpdate'));
      if (typing && gap > 0 && gap <= SEAL_GAP_MS)
        await new Promise<void>((done) => void this.context.ports.clock.after(gap, done));
      this.#sealedAt = this.context.ports.clock.now();
      await this.context.time.settled();
      await this.inTurn(() => this.#sealNext());
    }
    this.#sealing = false;
  }

  /** Joins what waits for one shard into one entry, up to the limits of a body. */
  async #sealNext(): Promise<void> {
    const first = this.#pending[0] as Pending;
    const batch: Pending[] = [];
    let ops: Op[] = [];
    let bytes = 0;
    for (const pending of this.#pending) {
      if (pending.shard !== first.shard || pending.class !== first.class) break;
      if (pending.incarnation !== first.incarnation) break;
      const size = pending.ops.reduce((sum, op) => sum + sizeOf(op), 0);
      if (batch.length > 0 && (ops.length + pending.ops.length > 256 || bytes + size > BODY_BUDGET)) break;
      batch.push(pending);
      ops = ops.concat(pending.ops);
      bytes += size;
    }
    this.#pending.splice(0, batch.length);
    this.#pendingOps -= batch.reduce((sum, { ops: own }) => sum + own.length, 0);
    const sealed = await this.#sealData(first, this.context.joinOps(ops));
    for (const { settle } of batch) settle(sealed);
  }

  async #sealData(
    place: Pick<Pending, 'shard' | 'class' | 'incarnation'>,
    plain: readonly Op[],
  ): Promise<Result<Entry, Refusal>> {
    const { shard } = place;
    const { identity } = this.context;
    const epoch = this.replica.currentEpoch();
    const aclRef = identity && this.replica.aclRefFor(identity.user);
    if (!identity || !aclRef || this.replica.rights.role(identity.user) === 'none') return err(notAMember);
    if (!epoch)
      return err(
        refusal(
          'waitingForKey',
          'The new key of this space has not come yet.',
          'What you wrote stays here.',
          'It is sent as soon as an Owner or Admin is online.',
        ),
      );
    const stored = await this.#storeLarge(plain);
    if (!stored.ok) return stored;
    const draft = this.#header(place, 'data', aclRef, this.#deps(place));
    const header = { ...draft, epoch: epoch.epoch };
    const entry = await sealEntry(
      this.context.ports.crypto,
      this.context.device.key.handle,
      shardKeyOf(epoch.key, shard),
      header,
      stored.value,
    );
    return this.#finish({ entry, ops: plain });
  }

  /** Signs a body of the rights log. */
  async act(kind: EntryKind, acts: readonly Act[]): Promise<Result<Entry, Refusal>> {
    await this.context.time.settled();
    return this.inTurn(async () => {
      const heads = [...this.replica.rights.heads()].slice(-MAX_HEADS);
      const body = encode(aclBodyCodec, { version: 1, heads, acts });
      const after = heads.map((id) => this.replica.entries.get(id)?.header.hlc ?? hlcOf(0));
      const place = { shard: this.replica.acl, class: 'system', incarnation: this.incarnation } as const;
      const draft = this.#header(place, kind, ZERO_ENTRY, [], after);
      const entry = await signEntry(this.context.ports.crypto, this.context.device.key.handle, draft, body);
      const decoded = decode(aclBodyCodec, body);
      if (!decoded.ok) throw new Error(`A rights body that does not decode: ${decoded.error.message}`);
      const finished = await this.#finish({ entry, acl: decoded.value });
      if (finished.ok) await this.afterRights();
      return finished;
    });
  }

  #header(
    place: Pick<Pending, 'shard' | 'class' | 'incarnation'>,
    kind: EntryKind,
    aclRef: EntryId,
    deps: readonly EntryId[],
    after: readonly Hlc[] = [],
  ): HeaderDraft {
    const { device } = this.context.device;
    const log = this.replica.log(this.#ownLog(place));
    const last = Math.max(
      log.headTime,
      ...after,
      ...deps.map((id) => this.replica.entries.get(id)?.header.hlc ?? 0),
    ) as Hlc;
    return {
      version: 1,
      suite: 1,
      class: place.class,
      kind,
      space: this.id,
      shard: place.shard,
      device,
      incarnation: place.incarnation,
      seq: log.length,
      prev: log.headId,
      hlc: nextHlc(this.context.time.now(), last),
      aclRef,
      epoch: ZERO_EPOCH,
      deps,
    };
  }
  #ownLog({ shard, incarnation }: Pick<Pending, 'shard' | 'incarnation'>): LogId {
    return logIdOf(this.id, shard, this.context.device.device, incarnation);
  }
  /** What of the shard we build on. Not what a clock that was set back since wrote: whoever cites it is from the future too. */
  #deps(place: Pick<Pending, 'shard' | 'incarnation'>): readonly EntryId[] {
    const own = this.replica.log(this.#ownLog(place)).headId;
    const limit = this.context.time.now() + MAX_AHEAD_MS;
    const timeOf = (id: EntryId): number => this.replica.entries.get(id)?.header.hlc ?? 0;
    return [...this.replica.frontier(place.shard)]
      .filter((id) => id !== own && timeOf(id) <= limit)
      .sort((a, b) => timeOf(b) - timeOf(a))
      .slice(0, 8)
      .sort();
  }

  /** Admits and makes durable; only then is it spread. */
  async #finish(prepared: Prepared): Promise<Result<Entry, Refusal>> {
    const { entry } = prepared;
    const admission = this.#turn(prepared, undefined, { own: true });
    if (admission.type !== 'admitted') {
      const why = admission.type === 'refused' ? admission.reason : admission.type;
      return err(
        refusal(
          'refused',
          `The space does not allow this change (${why}).`,
          'Nothing was changed.',
          'Ask an Owner or Admin for the right to do it.',
        ),
      );
    }
    const written = await this.replica.journal.append([entry], 'strict');
    if (!written.ok) {
      this.events.unwritable(written.error.message);
      return err(
        refusal(
          'notSaved',
          `This device could not save: ${written.error.message}`,
          'Everything saved before is safe.',
          'Free some space, then reload the page.',
        ),
      );
    }
    this.#markDurable(entry);
    this.events.durable(this, entry.header.shard);
    this.events.spread(this, entry, undefined);
    return ok(entry);
  }

  async #storeLarge(ops: readonly Op[]): Promise<Result<readonly Op[], Refusal>> {
    const stored: Op[] = [];
    for (const op of ops) {
      if (sizeOf(op) <= MAX_INLINE) {
        stored.push(op);
        continue;
      }
      const bytes = encode(opCodec, op);
      const key = this.context.ports.random.bytes(32);
      const blob = await sealBlob(this.context.ports.crypto, bytes, key, concat(utf8('op'), key));
      if (!blob.ok)
        return err(
          refusal('tooLarge', 'This change is larger than 32 MiB.', 'Nothing was changed.', 'Split it into parts.'),
        );
      const put = await putBlob(this.context.ports.storage, blob.value, 'strict');
      if (!put.ok)
        return err(
          refusal(
            'notSaved',
            'This device could not save the payload.',
            'Everything saved before is safe.',
            'Free some space and try again.',
          ),
        );
      await this.keepBlob(blob.value.id, bytes.length);
      stored.push({ type: 'large', blob: blob.value.id, size: bytes.length, key });
    }
    return ok(stored);
  }
}

const notAMember = refusal(
  'notAMember',
  'You are not a member of this space any more.',
  'What you wrote stays on this device.',
  'Ask an Owner to invite you again.',
);

const sizeOf = (op: Op): number => {
  switch (op.type) {
    case 'textUpdate':
      return op.update.length + 40;
    case 'fieldSet':
    case 'edgeAdd':
      return op.value.length * 3 + 100;
    case 'unknown':
      return op.bytes.length + 8;
    case 'edgeDel':
      return op.tags.length * 40 + 8;
    case 'nodeRestore':
      return op.deletions.length * 40 + 24;
    default:
      return 100;
  }
};
