/**
 * Flow: nobody sends more than the other side has said it will take. Each side grants 256 KiB a class; a sender spends
 * credit frame by frame, a receiver grants again what its kernel has consumed. Bytes: docs/protocol/link.md.
 *
 * It must not know what frames carry. Rules kept here:
 * [FL1] Metered bytes in flight never exceed the window of their class; they are in flight until their message was dealt with, all
 *       but what a message has beyond half a window, or the longest could never end.
 * [FL2] Live goes before bulk, between any two frames; within a class order is kept.
 * [FL3] The queue of a class is bounded; a message that does not fit is refused whole, never in part.
 * [FL4] Credit above the window, or bytes above the credit, is a fault of the other side: a value, and no state changes.
 */
import { type Codec, record, u32 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { FrameType, TrafficClass } from './frame';
import { TRAFFIC_CLASSES } from './frame';

/** Bytes that may be in flight, per channel and class. */
export const WINDOW_BYTES = 256 * 1024;
/** A receiver grants in steps of this, so that grants stay rare. */
export const GRANT_STEP_BYTES = 64 * 1024;
/** What of one message waits for it to be dealt with: with a step of grants, and a frame, less than a window. */
export const HELD_BYTES = WINDOW_BYTES / 2;
/** Bytes that wait for credit, per class: two of the largest messages live, eight bulk. */
export const QUEUE_BYTES = { live: 512 * 1024, bulk: 2 * 1024 * 1024 } as const;

/** What keeps the link itself going costs no credit (a grant that needs credit could never arrive); always one frame. */
const UNMETERED: ReadonlySet<FrameType> = new Set(['hello', 'auth', 'credit', 'ping', 'pong', 'bye', 'refuse', 'time']);
export const isMetered = (type: FrameType): boolean => !UNMETERED.has(type);

/** Payload of a `credit` frame: bytes granted in addition, per class. */
export type Credit = { readonly live: number; readonly bulk: number };
export const creditCodec: Codec<Credit> = record({ live: u32, bulk: u32 });

// --- Sending -----------------------------------------------------------------------------------------------------

type Frame = Uint8Array<ArrayBuffer>;
type Queue = { readonly frames: readonly Frame[]; readonly bytes: number };
export type Sender = {
  readonly credit: Readonly<Record<TrafficClass, number>>;
  readonly queued: Readonly<Record<TrafficClass, Queue>>;
};
const emptyQueue: Queue = { frames: [], bytes: 0 };
export const startSender = (): Sender => ({
  credit: { live: WINDOW_BYTES, bulk: WINDOW_BYTES },
  queued: { live: emptyQueue, bulk: emptyQueue },
});

export type QueueFull = { readonly type: 'queueFull'; readonly traffic: TrafficClass };
export type CreditFault = { readonly type: 'creditFault'; readonly traffic: TrafficClass };
export type Released = readonly [Sender, readonly Frame[]];

/** Takes what the credit allows from the queues. */
const release = (state: Sender): Released => {
  const credit = { ...state.credit };
  const queued = { ...state.queued };
  const out: Frame[] = [];
  for (const traffic of TRAFFIC_CLASSES) {
    const { frames, bytes } = queued[traffic];
    let taken = 0;
    let count = 0;
    for (const frame of frames) {
      if (frame.length > credit[traffic] - taken) break;
      taken += frame.length;
      count++;
    }
    if (count === 0) continue;
    out.push(...frames.slice(0, count));
    credit[traffic] -= taken;
    queued[traffic] = { frames: frames.slice(count), bytes: bytes - taken };
  }
  return [{ credit, queued }, out];
};

/** Queues the frames of one message and gives what may leave now. */
export const offer = (state: Sender, traffic: TrafficClass, frames: readonly Frame[]): Result<Released, QueueFull> => {
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  const queue = state.queued[traffic];
  if (queue.bytes + bytes > QUEUE_BYTES[traffic]) return err({ type: 'queueFull', traffic });
  const longer: Queue = { frames: [...queue.frames, ...frames], bytes: queue.bytes + bytes };
  return ok(release({ ...state, queued: { ...state.queued, [traffic]: longer } }));
};

/** The other side granted more. */
export const granted = (state: Sender, credit: Credit): Result<Released, CreditFault> => {
  for (const traffic of TRAFFIC_CLASSES) {
    if (state.credit[traffic] + credit[traffic] > WINDOW_BYTES) return err({ type: 'creditFault', traffic });
  }
  return ok(
    release({ ...state, credit: { live: state.credit.live + credit.live, bulk: state.credit.bulk + credit.bulk } }),
  );
};

// --- Receiving ---------------------------------------------------------------------------------------------------

export type Receiver = {
  /** What the other side may still send. */
  readonly open: Readonly<Record<TrafficClass, number>>;
  /** Consumed and not yet granted again. */
  readonly owed: Readonly<Record<TrafficClass, number>>;
};
export const startReceiver = (): Receiver => ({
  open: { live: WINDOW_BYTES, bulk: WINDOW_BYTES },
  owed: { live: 0, bulk: 0 },
});

/** A metered frame of `bytes` came in. */
export const arrived = (state: Receiver, traffic: TrafficClass, bytes: number): Result<Receiver, CreditFault> => {
  if (bytes > state.open[traffic]) return err({ type: 'creditFault', traffic });
  return ok({ ...state, open: { ...state.open, [traffic]: state.open[traffic] - bytes } });
};

/** The kernel is done with `bytes` that had arrived; gives the grant to send, when one is due. */
export const consumed = (
  state: Receiver,
  traffic: TrafficClass,
  bytes: number,
): readonly [Receiver, Credit | undefined] => {
  const owed = { ...state.owed, [traffic]: state.owed[traffic] + bytes };
  if (owed[traffic] < GRANT_STEP_BYTES) return [{ ...state, owed }, undefined];
  const open = { live: state.open.live + owed.live, bulk: state.open.bulk + owed.bulk };
  return [{ open, owed: { live: 0, bulk: 0 } }, owed];
};
