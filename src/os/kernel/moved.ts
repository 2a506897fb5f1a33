/**
 * What went over all links of this node since it started, by what it was for and by time, and what of it left to whom. In memory only,
 * and bounded; it reads the headers of frames and nothing else.
 *
 * MV1 what is remembered of single sends has an end: 200 of them, and 200 devices; the oldest go first.
 * MV2 a send of the same kind to the same device within five seconds joins the one before.
 * MV3 what links need for themselves, and how two nodes compare what they have, is counted and not listed.
 */
import { setLatest } from '../../base/latest';
import type { Conveyed, Departure, TrafficKind } from '../../bridge/messages';
import { CONTINUED, FRAME_TYPES, type FrameType } from '../../vm/net/frame';
import type { DeviceId, SpaceId } from '../../vm/op/ids';

const KIND_BY_TYPE: Readonly<Record<FrameType, TrafficKind>> = {
  entry: 'changes',
  entries: 'changes',
  blobHave: 'files',
  blobAsk: 'files',
  blobChunk: 'files',
  receipt: 'receipts',
  spaceReceipt: 'receipts',
  spaceReceiptAsk: 'receipts',
  blobReceipt: 'receipts',
  blobReceiptAsk: 'receipts',
  possess: 'receipts',
  possession: 'receipts',
  ephemeral: 'presence',
  presence: 'introductions',
  signal: 'introductions',
  root: 'comparing',
  vector: 'comparing',
  want: 'comparing',
  sketch: 'comparing',
  sketchAsk: 'comparing',
  shortVector: 'comparing',
  range: 'comparing',
  hold: 'comparing',
  look: 'comparing',
  ihave: 'comparing',
  graft: 'comparing',
  prune: 'comparing',
  neighbour: 'comparing',
  invite: 'introductions',
  host: 'introductions',
  hostAnswer: 'introductions',
  hello: 'link',
  auth: 'link',
  refuse: 'link',
  bye: 'link',
  ping: 'link',
  pong: 'link',
  time: 'link',
  credit: 'link',
  iceAsk: 'link',
  ice: 'link',
  rtc: 'link',
  circuit: 'link',
};
const kindByNumber = new Map<number, TrafficKind>(
  Object.entries(FRAME_TYPES).map(([type, number]) => [number, KIND_BY_TYPE[type as FrameType]]),
);
const isListed = (kind: TrafficKind): boolean => kind !== 'link' && kind !== 'comparing';

export const SLOT_MS = 10_000;
const MAX_SLOTS = 60;
const MAX_SENDS = 200;
const MAX_DEVICES = 200;
const JOIN_MS = 5_000;

type Way = 'sent' | 'received';
type Counted = { messages: number; bytes: number };
type Send = Omit<Departure, 'id' | 'title' | 'spaceId' | 'deviceId' | 'messages' | 'bytes'> &
  Counted & { readonly n: number; readonly device: DeviceId; readonly space: SpaceId | undefined };

const add = (counted: Counted, frame: Uint8Array): void => {
  counted.bytes += frame.length;
  if (((frame[3] ?? 0) & CONTINUED) === 0) counted.messages++;
};

export class Moved {
  readonly #slots: { readonly at: number; sent: number; received: number }[] = [];
  readonly #kinds = new Map<TrafficKind, Record<Way, Counted>>();
  readonly #sends: Send[] = [];
  readonly #recipients = new Map<DeviceId, Map<TrafficKind, Counted>>();
  #n = 0;

  constructor(private readonly now: () => number) {}

  /** `device`: once it has proved itself. */
  frame(way: Way, frame: Uint8Array, device: DeviceId | undefined, space: SpaceId | undefined): void {
    const now = this.now();
    const slot = this.#slot(now);
    slot[way] += frame.length;
    const kind = kindByNumber.get(frame[0] as number) ?? 'link';
    const both = this.#kinds.get(kind) ?? { sent: { messages: 0, bytes: 0 }, received: { messages: 0, bytes: 0 } };
    this.#kinds.set(kind, both);
    add(both[way], frame);
    if (way === 'sent' && device !== undefined && isListed(kind)) this.#left({ kind, device, space }, frame, now);
  }
  #slot(now: number): { sent: number; received: number } {
    const at = Math.floor(now / SLOT_MS) * SLOT_MS;
    const last = this.#slots.at(-1);
    // A clock that went back adds to the last one.
    if (last && at <= last.at) return last;
    const slot = { at, sent: 0, received: 0 };
    this.#slots.push(slot);
    if (this.#slots.length > MAX_SLOTS) this.#slots.shift();
    return slot;
  }
  #left(what: Pick<Send, 'kind' | 'device' | 'space'>, frame: Uint8Array, now: number): void {
    const kinds = this.#recipients.get(what.device) ?? new Map<TrafficKind, Counted>();
    setLatest(this.#recipients, what.device, kinds, MAX_DEVICES);
    const counted = kinds.get(what.kind) ?? { messages: 0, bytes: 0 };
    kinds.set(what.kind, counted);
    add(counted, frame);
    for (let i = this.#sends.length - 1; i >= 0; i--) {
      const before = this.#sends[i] as Send;
      if (Math.abs(now - before.at) > JOIN_MS) break;
      if (before.device === what.device && before.kind === what.kind && before.space === what.space)
        return add(before, frame);
    }
    const send: Send = { ...what, n: this.#n++, at: now, messages: 0, bytes: 0 };
    add(send, frame);
    this.#sends.push(send);
    if (this.#sends.length > MAX_SENDS) this.#sends.shift();
  }

  /** Ten seconds each, the oldest first; those in which nothing moved are left out. */
  get slots(): readonly { readonly at: number; readonly sent: number; readonly received: number }[] {
    return this.#slots;
  }
  get kinds(): ReadonlyMap<TrafficKind, Readonly<Record<Way, Conveyed>>> {
    return this.#kinds;
  }
  /** The newest first. */
  get sends(): readonly Readonly<Send>[] {
    return [...this.#sends].reverse();
  }
  get recipients(): ReadonlyMap<DeviceId, ReadonlyMap<TrafficKind, Conveyed>> {
    return this.#recipients;
  }
}
