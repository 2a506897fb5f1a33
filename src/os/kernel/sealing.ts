/**
 * How this device's own entries come about: what waits for one shard is joined into one entry, sealed under the last key,
 * signed, admitted by the same door as everybody's, and made durable; only then is it spread. One at a time.
 * Where that key is not here, or is out, what was written waits for a new one, kept and shown here (`waiting.ts`).
 */
import { decode, encode } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { Op } from '../../vm/op/body';
import { type CheckpointBody, checkpointBodyCodec } from '../../vm/op/checkpoint';
import { type Hlc, hlcOf, MAX_AHEAD_MS, nextHlc } from '../../vm/op/clock';
import { type Entry, type EntryClass, type EntryKind, MAX_DEPS } from '../../vm/op/entry';
import { type EraseBody, eraseBodyCodec } from '../../vm/op/erase';
import {
  type BlobId,
  type EntryId,
  type EpochId,
  type LogId,
  logIdOf,
  type NodeId,
  nodeIdOf,
  type ShardId,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../../vm/op/ids';
import { type HeaderDraft, sealEntry, signEntry } from '../../vm/op/seal';
import { type Act, aclBodyCodec, MAX_HEADS } from '../rights/acl';
import { askedOf } from '../rights/authorize';
import { refusal } from '../schema/define';
import type { Admission, Prepared } from './admit';
import { contentOf } from './bodies';
import type { KernelContext } from './context';
import { erasableNode } from './erasable';
import { sizeOf, storeLarge } from './payloads';
import { whyNotTaken } from './reasons';
import type { Replica } from './replica';
import type { Kept, Waiting, Written } from './waiting';

const SEAL_GAP_MS = 33;
const MAX_PENDING_OPS = 4096;
const BODY_BUDGET = 48 * 1024;

type Pending = Written & {
  /** Once; where the write is kept and waits, before there is an entry. */
  settle: (result: Result<Entry | undefined, Refusal>) => void;
  /** Where it is kept while it waits. */
  kept?: Kept;
};

/** What of the space this needs. */
export type SealingParts = {
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  admit(prepared: Prepared): Promise<Admission>;
  /** Our entry is on the disk: it may be told of. */
  durable(entry: Entry): void;
  unwritable(reason: string): void;
  rightsChanged(): Promise<void>;
  /** Before it is told that something is stored. */
  scrubbing(): Promise<void>;
  readonly keepBlob: (id: BlobId, size: number) => Promise<void>;
  readonly waiting: Waiting;
};

export class Sealing {
  #pending: Pending[] = [];
  #pendingOps = 0;
  #sealing = false;
  #sealedAt = 0;
  #counter: number;
  /** Somebody who is out knows the key that one would write under: nothing new is sealed. */
  #held = false;
  /** Of our logs: they go on under new names after damage, a fork, or a run into the future. */
  incarnation = 0;

  constructor(
    private readonly context: KernelContext,
    private readonly replica: Replica,
    private readonly parts: SealingParts,
  ) {
    const base = context.ports.random.bytes(6);
    this.#counter = base.reduce((value, byte) => (value % 2 ** 38) * 256 + byte, 0);
  }

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
    return { counter, node: nodeIdOf(this.replica.id, this.context.device.device, this.incarnation, counter) };
  }

  /**
   * Settles when the entry is durable here, or with the reason why it will not be; without an entry when it is kept here and
   * waits for a new key.
   */
  write(shard: ShardId, entryClass: EntryClass, ops: readonly Op[]): Promise<Result<Entry | undefined, Refusal>> {
    const waits = !this.#keyFor(shard);
    if (this.#pendingOps + ops.length > MAX_PENDING_OPS) {
      if (waits) return Promise.resolve(err(tooMuchWaits));
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

  /** What waited when this device was last stopped. */
  restore(kept: readonly (Written & { readonly kept: Kept })[]): void {
    for (const written of kept) {
      this.#pending.push({ ...written, settle: () => {} });
      this.#pendingOps += written.ops.length;
    }
    this.resume();
  }
  /** A key came, or rights changed. */
  resume(): void {
    if (!this.#sealing && this.#pending.length > 0) void this.#drain();
  }
  /** Whether new content waits for a new key. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.resume();
  }
  /** Why content does not leave: `undefined` when it does. */
  get waitsForKey(): boolean {
    return this.#held || this.#pending.some(({ kept }) => kept !== undefined);
  }

  #keyFor(shard: ShardId): { readonly epoch: EpochId; readonly key: Uint8Array } | undefined {
    return this.#held ? undefined : this.replica.writingKey(shard);
  }
  /** Whoever is not in, or may not write there, is told so at once; what waits already goes on waiting. */
  #outside(pending: Pending): boolean {
    if (pending.kept) return false;
    const { identity } = this.context;
    if (!identity || !this.replica.aclRefFor(identity.user)) return true;
    const { rights } = this.replica;
    if (rights.role(identity.user, this.context.time.now()) === 'none') return true;
    const { shards } = rights.right(identity.user).limits;
    return shards !== undefined && !shards.includes(pending.shard);
  }
  #isReady(pending: Pending): boolean {
    return this.#outside(pending) || this.#keyFor(pending.shard) !== undefined;
  }

  async #drain(): Promise<void> {
    this.#sealing = true;
    while (this.#pending.some((pending) => this.#isReady(pending))) {
      const now = this.context.ports.clock.now();
      const gap = this.#sealedAt + SEAL_GAP_MS - now;
      const typing = this.#pending.every(({ ops }) => ops.every((op) => op.type === 'textUpdate'));
      if (typing && gap > 0 && gap <= SEAL_GAP_MS)
        await new Promise<void>((done) => void this.context.ports.clock.after(gap, done));
      this.#sealedAt = this.context.ports.clock.now();
      await this.context.time.settled();
      await this.parts.inTurn(() => this.#sealNext());
    }
    await this.#keep();
    this.#sealing = false;
    // What came meanwhile.
    if (this.#pending.some((pending) => this.#isReady(pending) || !pending.kept)) void this.#drain();
  }
  /** What cannot be sealed now is kept and shown; its author need not wait. */
  async #keep(): Promise<void> {
    for (const pending of this.#pending) {
      if (pending.kept || this.#isReady(pending)) continue;
      const kept = await this.parts.waiting.keep(pending);
      if (!kept.ok) {
        this.#pending = this.#pending.filter((other) => other !== pending);
        this.#pendingOps -= pending.ops.length;
        pending.settle(kept);
        return this.#keep();
      }
      pending.kept = kept.value;
      pending.settle(ok(undefined));
    }
  }

  /** Joins what waits for one shard into one entry, up to the limits of a body. */
  async #sealNext(): Promise<void> {
    const start = this.#pending.findIndex((pending) => this.#isReady(pending));
    const first = this.#pending[start];
    if (!first) return;
    const erasable = this.#isErasable(first.ops);
    const batch: Pending[] = [];
    let ops: Op[] = [];
    let bytes = 0;
    for (const pending of this.#pending.slice(start)) {
      if (pending.shard !== first.shard || pending.class !== first.class) break;
      if (pending.incarnation !== first.incarnation) break;
      // What is erased takes nothing else with it.
      if (batch.length > 0 && (erasable || this.#isErasable(pending.ops))) break;
      const size = pending.ops.reduce((sum, op) => sum + sizeOf(op), 0);
      if (batch.length > 0 && (ops.length + pending.ops.length > 256 || bytes + size > BODY_BUDGET)) break;
      batch.push(pending);
      ops = ops.concat(pending.ops);
      bytes += size;
    }
    this.#pending.splice(start, batch.length);
    const waited = batch.flatMap(({ kept }) => kept ?? []);
    await this.parts.waiting.hide(waited);
    const sealed = await this.#sealData(first, this.context.joinOps(ops));
    if (!sealed.ok && !this.#isReady(first)) {
      // The key went while it was being sealed.
      this.#pending.splice(start, 0, ...batch);
      for (const pending of batch) if (pending.kept) this.parts.waiting.show(pending, pending.kept);
      return;
    }
    this.#pendingOps -= batch.reduce((sum, { ops: own }) => sum + own.length, 0);
    await this.parts.waiting.done(waited);
    if (!sealed.ok && waited.length > 0) this.context.ports.log('waitingRefused', { reason: sealed.error.type });
    for (const { settle } of batch) settle(sealed);
  }

  #isErasable(ops: readonly Op[]): boolean {
    const { engine } = this.replica;
    return erasableNode(ops, (id) => engine.node(id)?.type, this.context.registry.typeRule) !== undefined;
  }
  async #sealData(
    place: Pick<Pending, 'shard' | 'class' | 'incarnation'>,
    plain: readonly Op[],
  ): Promise<Result<Entry, Refusal>> {
    const { shard } = place;
    const { identity } = this.context;
    const now = this.context.time.now();
    const aclRef = identity && this.replica.aclRefFor(identity.user);
    if (!identity || !aclRef || this.replica.rights.role(identity.user, now) === 'none') return err(notAMember);
    const sealing = this.#keyFor(shard);
    if (!sealing) return err(outsideTheirs);
    const erasable = this.#isErasable(plain);
    const stored = erasable ? ok(plain) : await storeLarge(this.context.ports, plain, this.parts.keepBlob);
    if (!stored.ok) return stored;
    const draft = this.#header(place, erasable ? 'erasable' : 'data', aclRef, this.#deps(place));
    const header = { ...draft, epoch: sealing.epoch };
    // By the same judgement as at the door, and before anything is signed.
    const verdict = this.replica.rights.judge(askedOf({ header, log: this.#ownLog(place) }, this.replica));
    if (verdict.type !== 'allowed')
      return err(
        whyNotTaken(this.replica.rights, verdict.reason, { user: identity.user, class: place.class, shard, now }),
      );
    const entry = await sealEntry(
      this.context.ports.crypto,
      this.context.device.key.handle,
      sealing.key,
      header,
      stored.value,
      (node) => this.replica.graph.store.birthNameOf(node),
    );
    return this.#finish({ entry, opened: { content: contentOf(plain, header) } });
  }

  /** Signs a body of the rights log. */
  async act(kind: EntryKind, acts: readonly Act[]): Promise<Result<Entry, Refusal>> {
    await this.context.time.settled();
    return this.parts.inTurn(async () => {
      const heads = [...this.replica.rights.heads()].slice(-MAX_HEADS);
      const body = encode(aclBodyCodec, { version: 1, heads, acts });
      const after = heads.map((id) => this.replica.entries.get(id)?.header.hlc ?? hlcOf(0));
      const place = { shard: this.replica.acl, class: 'system', incarnation: this.incarnation } as const;
      const draft = this.#header(place, kind, ZERO_ENTRY, [], after);
      const entry = await signEntry(this.context.ports.crypto, this.context.device.key.handle, draft, body);
      const decoded = decode(aclBodyCodec, body);
      if (!decoded.ok) throw new Error(`A rights body that does not decode: ${decoded.error.message}`);
      const finished = await this.#finish({ entry, acl: decoded.value });
      if (finished.ok) await this.parts.rightsChanged();
      return finished;
    });
  }

  /** Signs an erasure. What it names is gone from the disk when this settles. */
  async erase(body: EraseBody): Promise<Result<Entry, Refusal>> {
    await this.context.time.settled();
    return this.parts.inTurn(async () => {
      this.#leaveFuture();
      const { identity, ports, time } = this.context;
      const aclRef = identity && this.replica.aclRefFor(identity.user);
      if (!identity || !aclRef || this.replica.rights.role(identity.user, time.now()) === 'none')
        return err(notAMember);
      const place = { shard: this.replica.erasures, class: 'personal', incarnation: this.incarnation } as const;
      const draft = this.#header(place, 'erase', aclRef, this.#deps(place));
      const entry = await signEntry(ports.crypto, this.context.device.key.handle, draft, encode(eraseBodyCodec, body));
      return this.#finish({ entry, erase: body });
    });
  }

  /** Signs what the state of parts is. */
  async checkpoint(body: CheckpointBody): Promise<Result<Entry, Refusal>> {
    await this.context.time.settled();
    return this.parts.inTurn(async () => {
      this.#leaveFuture();
      const { identity, ports } = this.context;
      const aclRef = identity && this.replica.aclRefFor(identity.user);
      if (!aclRef) return err(notAMember);
      const place = { shard: this.replica.checkpoints, class: 'content', incarnation: this.incarnation } as const;
      const named = body.type === 'confirm' ? [body.of] : [];
      const deps = [...new Set([...named, ...this.#deps(place)])].slice(0, MAX_DEPS).sort();
      const draft = this.#header(place, 'checkpoint', aclRef, deps);
      const encoded = encode(checkpointBodyCodec, body);
      const entry = await signEntry(ports.crypto, this.context.device.key.handle, draft, encoded);
      return this.#finish({ entry, checkpoint: body });
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
      space: this.replica.id,
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
    return logIdOf(this.replica.id, shard, this.context.device.device, incarnation);
  }
  /** AD7: what of the shard we build on. Not what a clock that was set back since wrote: whoever cites it is from the future too. */
  #deps(place: Pick<Pending, 'shard' | 'incarnation'>): readonly EntryId[] {
    const own = this.replica.log(this.#ownLog(place)).headId;
    const limit = this.context.time.now() + MAX_AHEAD_MS;
    const timeOf = (id: EntryId): number => this.replica.entries.get(id)?.header.hlc ?? 0;
    return [...this.replica.frontiers.of(place.shard)]
      .filter((id) => id !== own && timeOf(id) <= limit)
      .sort((a, b) => timeOf(b) - timeOf(a))
      .slice(0, 8)
      .sort();
  }

  /** Admits and makes durable; only then is it spread. */
  async #finish(prepared: Prepared): Promise<Result<Entry, Refusal>> {
    const { entry } = prepared;
    const admission = await this.parts.admit(prepared);
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
    const appended = await this.replica.journal.append([entry], 'strict');
    await this.parts.scrubbing();
    const written = appended.ok ? await this.replica.scrub() : appended;
    if (!written.ok) {
      this.parts.unwritable(written.error.message);
      return err(
        refusal(
          'notSaved',
          `This device could not save: ${written.error.message}`,
          'Everything saved before is safe.',
          'Free some space, then reload the page.',
        ),
      );
    }
    this.parts.durable(entry);
    return ok(entry);
  }
}

const notAMember = refusal(
  'notAMember',
  'You are not a member of this space any more.',
  'What you wrote stays on this device.',
  'Ask an Owner to invite you again.',
);
const outsideTheirs = refusal(
  'notAllowed',
  'You may not write in that part of the space.',
  'Nothing was changed.',
  'Ask an Owner or Admin for the right to do it.',
);
const tooMuchWaits = refusal(
  'waitingForKey',
  'This space waits for a new key, and too many changes wait for it already.',
  'What you wrote before is kept here.',
  'It is sent as soon as an Owner or Admin is online. Try again then.',
);
