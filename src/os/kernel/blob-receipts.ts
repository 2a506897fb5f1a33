/**
 * Receipts of blobs, given and kept: which files and payloads each device has signed that it holds whole. Snapshots are left out:
 * they are made anew. The signature of what comes is checked here; whether somebody may say so is asked before.
 *
 * RB1 nothing is stated that a crash may take, or that is not whole here when it is signed.
 * RB2 what a device states counts for itself alone, the latest; where all that it named is not all that it holds, it is asked for
 *     all, and until then counts for what it named.
 * RB3 all is stated to one session at most every ten seconds, however often it asks.
 */
import { equalBytes } from '../../base/bytes';
import { decode, encode, list, record } from '../../base/codec';
import type { Write } from '../../ports';
import { type Hlc, hlcCodec, hlcOf, nextHlc } from '../../vm/op/clock';
import { type BlobId, blobIdCodec, type DeviceId } from '../../vm/op/ids';
import { digestOf, type SignedBlobReceipt, signBlobReceipt, verifyBlobReceipt } from '../../vm/replica/blob-receipt';
import { blobReceiptCodec, MAX_STATED } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Session } from './session';
import type { Space } from './space';

const TOGETHER_MS = 500;
const AGAIN_MS = 10_000;
/** Blobs of one space that are noted of one device. */
const MAX_NOTED = 16_384;

export type HeldBlobs = { readonly hlc: Hlc; readonly blobs: ReadonlySet<BlobId> };
const heldCodec = record({ hlc: hlcCodec, blobs: list(blobIdCodec, MAX_NOTED) });
const rowOf = (space: Space, device: DeviceId): string => `held/${space.id}/${device}`;

/** What is stated. */
const wholeOf = ({ blobs, replica }: Space): readonly BlobId[] =>
  [...blobs.whole.keys()].filter((blob) => !replica.checkpointed.names(blob));

/** How many beacons and other devices have stated that they hold a blob. */
export const blobHolders = (
  { blobs: { heldBy }, replica }: Space,
  blob: BlobId,
): { beacons: number; devices: number } => {
  const relays = replica.rights.relays();
  const holders = [...heldBy].flatMap(([device, { blobs }]) =>
    blobs.has(blob) && !replica.doubted.has(device) ? [relays.has(device)] : [],
  );
  const beacons = holders.filter(Boolean).length;
  return { beacons, devices: holders.length - beacons };
};
/** Sealed on this device, and of those that others have to hold for it to be safe. */
export const ownBlobs = ({ blobs, replica }: Space): readonly BlobId[] =>
  [...blobs.whole].flatMap(([blob, { own }]) => (own && !replica.checkpointed.names(blob) ? [blob] : []));

export class BlobReceipts {
  /** What others were not told of yet. */
  readonly #due = new Map<Space, Set<BlobId>>();
  readonly #unwritten = new Map<string, Space>();
  readonly #met = new WeakSet<Session>();
  readonly #statedAt = new WeakMap<Session, number>();
  readonly #asking = new WeakSet<Session>();
  #timer: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #hlc = hlcOf(0);

  constructor(
    private readonly context: KernelContext,
    private readonly facts: { sessions(space: Space): readonly Session[]; changed(space: Space): void },
  ) {}

  // --- Given -----------------------------------------------------------------------------------------------------

  /** A blob is whole here now, or is not any more. */
  changed(space: Space, blob: BlobId): void {
    const due = this.#due.get(space) ?? new Set();
    this.#due.set(space, due.add(blob));
    this.#timer ??= this.context.ports.clock.after(TOGETHER_MS, () => void this.flush());
  }
  /** To who is newly there, once: whether it is what they know. */
  met(session: Session): void {
    if (this.#met.has(session) || !session.mayRead || session.theirIndex === undefined) return;
    this.#met.add(session);
    if (wholeOf(session.space).length > 0) void this.#state(session.space, [session], [], false);
  }
  /** RB3. */
  asked(session: Session): void {
    const now = this.context.ports.clock.now();
    const before = this.#statedAt.get(session);
    if (!session.mayRead || (before !== undefined && Math.abs(now - before) < AGAIN_MS))
      return this.context.count('refused.blobReceiptAsk');
    this.#statedAt.set(session, now);
    void this.#state(session.space, [session], wholeOf(session.space), true);
  }
  async flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    const due = [...this.#due];
    this.#due.clear();
    for (const [space, blobs] of due) {
      const sessions = this.facts
        .sessions(space)
        .filter((session) => session.mayRead && session.theirIndex !== undefined);
      if (sessions.length > 0) await this.#state(space, sessions, [...blobs], false);
    }
    const writes = [...this.#unwritten].flatMap(([key, space]): Write[] => {
      const held = space.blobs.heldBy.get(key.slice(-64) as DeviceId);
      return held ? [{ table: 'space', key, value: encode(heldCodec, { ...held, blobs: [...held.blobs] }) }] : [];
    });
    this.#unwritten.clear();
    if (writes.length > 0) await this.context.ports.storage.write(writes, 'relaxed');
  }
  /** One after the other, each later than the last. */
  #state(space: Space, to: readonly Session[], blobs: readonly BlobId[], anew: boolean): Promise<void> {
    const turn = this.#turn.then(() => this.#give(space, to, blobs, anew));
    this.#turn = turn.catch((fault) => this.context.ports.log('fault', { message: String(fault) }));
    return turn;
  }
  async #give(space: Space, to: readonly Session[], blobs: readonly BlobId[], anew: boolean): Promise<void> {
    const { device, ports, time } = this.context;
    // RB1. Whatever was written before it is on the disk with it.
    const flush = { table: 'local', key: 'flushed', value: new Uint8Array([1]) } as const;
    if (!(await ports.storage.write([flush], 'strict')).ok) return;
    const whole = new Set(wholeOf(space));
    const named = blobs.filter((blob) => whole.has(blob));
    const digest = digestOf(whole);
    for (let from = 0; from === 0 || from < named.length; from += MAX_STATED) {
      this.#hlc = nextHlc(time.now(), this.#hlc);
      const receipt = await signBlobReceipt(ports.crypto, device.key.handle, {
        space: space.id,
        device: device.device,
        hlc: this.#hlc,
        anew: anew && from === 0,
        more: from + MAX_STATED < named.length,
        digest,
        blobs: named.slice(from, from + MAX_STATED),
      });
      const payload = encode(blobReceiptCodec, receipt);
      for (const session of to) session.send('blobReceipt', payload);
    }
  }

  // --- Kept ------------------------------------------------------------------------------------------------------

  /** RB2. */
  async received(space: Space, session: Session, receipt: SignedBlobReceipt): Promise<void> {
    // It has nothing of its own to lose.
    if (this.context.kind === 'beacon') return;
    if (receipt.space !== space.id || receipt.device !== session.device || !session.mayRead)
      return this.context.count('refused.foreignReceipt');
    if (!(await verifyBlobReceipt(this.context.ports.crypto, receipt)))
      return this.context.count('refused.forgedReceipt');
    const { device, hlc, anew, more, digest } = receipt;
    const before = space.blobs.heldBy.get(device);
    if (before && before.hlc >= hlc) return this.context.count('ignored.olderReceipt');
    const blobs = new Set([...(anew ? [] : (before?.blobs ?? [])), ...receipt.blobs].slice(0, MAX_NOTED));
    space.blobs.heldBy.set(device, { hlc, blobs });
    this.#unwritten.set(rowOf(space, device), space);
    this.#timer ??= this.context.ports.clock.after(TOGETHER_MS, () => void this.flush());
    this.facts.changed(space);
    if (more || blobs.size === MAX_NOTED || equalBytes(digestOf(blobs), digest)) return;
    // Which of them it does not hold any more is not known.
    space.blobs.heldBy.set(device, { hlc, blobs: new Set(receipt.blobs) });
    this.#ask(session);
  }
  #ask(session: Session): void {
    if (this.#asking.has(session)) return;
    this.#asking.add(session);
    session.send('blobReceiptAsk', new Uint8Array());
    // What differed meanwhile is asked for once more.
    const { device, space } = session;
    const before = space.blobs.heldBy.get(device)?.hlc;
    this.context.ports.clock.after(AGAIN_MS + TOGETHER_MS, () => {
      this.#asking.delete(session);
      if (!session.link.closed && space.blobs.heldBy.get(device)?.hlc === before) this.#ask(session);
    });
  }
}

/** What was kept of a space. */
export const restoreBlobReceipts = async ({ ports, count }: KernelContext, space: Space): Promise<void> => {
  for (const { key, value } of await ports.storage.list('space', `held/${space.id}/`)) {
    const held = decode(heldCodec, value);
    if (held.ok)
      space.blobs.heldBy.set(key.slice(-64) as DeviceId, { hlc: held.value.hlc, blobs: new Set(held.value.blobs) });
    else count('receiptDamaged');
  }
};
