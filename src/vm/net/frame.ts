/**
 * Frames: how one message of any size travels on a link. A frame is {type u8, space u16, flags u8, payload}, at most
 * 16 KiB with its header; a longer message goes as consecutive frames of its class. Bytes: docs/protocol/link.md.
 *
 * It must not know what a payload means. Rules kept here:
 * [FR1] Reading never throws: bytes that are no frame are a refusal with a reason, and each is counted.
 * [FR2] A channel holds at most one unfinished message a class, and at most 320 KiB of each. Before its handshake it holds none; all
 *     channels of a node hold 8 MiB (a beacon's 32), and the one whose message began first is closed when it is more, strangers before others (`network`).
 * [FR3] An unfinished message is given up 10 s after it began; the rest of it is refused, never read as a new message.
 * [FR4] Between two fragments only whole frames and fragments of the other class may pass, never another fragmented message.
 */
import { concat } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';

/** The numbers are the wire format: never change or reuse one. 13 asked for whole blobs, in protocol 1. */
export const FRAME_TYPES = {
  hello: 1,
  auth: 2,
  root: 3,
  vector: 4,
  want: 5,
  entry: 6,
  entries: 7,
  credit: 8,
  receipt: 9,
  ephemeral: 10,
  host: 11,
  hostAnswer: 12,
  blobChunk: 14,
  invite: 15,
  ping: 16,
  pong: 17,
  bye: 18,
  refuse: 19,
  presence: 20,
  time: 21,
  blobHave: 23,
  blobAsk: 24,
  blobReceipt: 25,
  blobReceiptAsk: 26,
  neighbour: 27,
  ihave: 28,
  graft: 29,
  prune: 30,
  spaceReceipt: 32,
  spaceReceiptAsk: 33,
  sketch: 34,
  sketchAsk: 35,
  shortVector: 36,
  range: 37,
  signal: 38,
  hold: 39,
  look: 40,
  possess: 44,
  possession: 45,
  iceAsk: 50,
  ice: 51,
  rtc: 52,
  circuit: 53,
} as const;
export type FrameType = keyof typeof FRAME_TYPES;

const typeByNumber = new Map<number, FrameType>(
  Object.entries(FRAME_TYPES).map(([type, number]) => [number, type as FrameType]),
);

/** `live`: what somebody waits for. `bulk`: catching up and blobs. Each has its own credit (`flow.ts`). */
export const TRAFFIC_CLASSES = ['live', 'bulk'] as const;
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number];

/** `space` is the index of a space on this link, 0 for the link itself. */
export type Message = {
  readonly type: FrameType;
  readonly traffic: TrafficClass;
  readonly space: number;
  readonly payload: Uint8Array;
};

export const MAX_FRAME_BYTES = 16 * 1024;
export const FRAME_HEADER_BYTES = 4;
const MAX_PART_BYTES = MAX_FRAME_BYTES - FRAME_HEADER_BYTES;
/** The largest entry (256 KiB) and what a message puts around it. */
export const MAX_MESSAGE_BYTES = 260 * 1024;
/** What a receiver holds of one unfinished message. */
export const MAX_REASSEMBLY_BYTES = 320 * 1024;
export const REASSEMBLY_TIMEOUT_MS = 10_000;

const BULK = 4;

/** As its header says. */
export const isBulk = (frame: Uint8Array): boolean => ((frame[3] ?? 0) & BULK) !== 0;
/** As its header says; 0, the link itself, for what is no frame. */
export const spaceOfFrame = (frame: Uint8Array): number => (frame[1] ?? 0) * 256 + (frame[2] ?? 0);

export const MORE = 1;
export const CONTINUED = 2;

export type TooLarge = { readonly type: 'tooLarge'; readonly bytes: number };

/** The frames of a message, in the order in which they must be sent. */
export const fragment = (message: Message): Result<readonly Uint8Array<ArrayBuffer>[], TooLarge> => {
  const { payload } = message;
  if (payload.length > MAX_MESSAGE_BYTES) return err({ type: 'tooLarge', bytes: payload.length });
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from === 0 || from < payload.length; from += MAX_PART_BYTES) {
    const part = payload.subarray(from, from + MAX_PART_BYTES);
    const more = from + MAX_PART_BYTES < payload.length ? MORE : 0;
    const flags = more | (from > 0 ? CONTINUED : 0) | (message.traffic === 'bulk' ? BULK : 0);
    const header = Uint8Array.of(FRAME_TYPES[message.type], message.space >> 8, message.space & 255, flags);
    frames.push(concat(header, part));
  }
  return ok(frames);
};

type Unfinished = {
  readonly type: FrameType;
  readonly space: number;
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly startedAt: number;
};
/** What a channel has received of messages that are not whole yet. `refused` counts all that was turned away. */
export type Reassembly = {
  readonly live: Unfinished | undefined;
  readonly bulk: Unfinished | undefined;
  readonly refused: number;
};
export const emptyReassembly: Reassembly = { live: undefined, bulk: undefined, refused: 0 };

/** Of messages that are not whole yet. */
export const bytesHeld = ({ live, bulk }: Reassembly): number => (live?.bytes ?? 0) + (bulk?.bytes ?? 0);
/** When the oldest of them began; infinite where there is none. */
export const heldSince = ({ live, bulk }: Reassembly): number =>
  Math.min(live?.startedAt ?? Number.POSITIVE_INFINITY, bulk?.startedAt ?? Number.POSITIVE_INFINITY);

export type FrameRefusal =
  | 'tooShort'
  | 'tooLong'
  | 'unknownType'
  | 'unknownFlags'
  /** A fragment of a message whose beginning is not here: it was refused, or given up. */
  | 'strayFragment'
  /** Another fragmented message began, or the fragment belongs elsewhere, before the unfinished one ended. */
  | 'interleaved'
  /** A fragment that is not the last one and is not full. */
  | 'shortFragment'
  | 'tooLarge'
  | 'expired';
export type Reassembled =
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'partial'; readonly traffic: TrafficClass }
  | { readonly type: 'refused'; readonly reason: FrameRefusal };

const refuse = (state: Reassembly, reason: FrameRefusal): readonly [Reassembly, Reassembled] => [
  { ...state, refused: state.refused + 1 },
  { type: 'refused', reason },
];

const expired = (unfinished: Unfinished, now: number): boolean => now - unfinished.startedAt > REASSEMBLY_TIMEOUT_MS;

/** Gives up what began too long ago. `now` in milliseconds; a clock that went back only delays it. */
export const expire = (state: Reassembly, now: number): Reassembly => {
  let next = state;
  for (const traffic of TRAFFIC_CLASSES) {
    const unfinished = next[traffic];
    if (unfinished && expired(unfinished, now)) next = { ...next, [traffic]: undefined, refused: next.refused + 1 };
  }
  return next;
};

/** Its rest could not come so far: the time of the unfinished message of a class begins anew. */
export const renewed = (state: Reassembly, traffic: TrafficClass, now: number): Reassembly => {
  const unfinished = state[traffic];
  return unfinished ? { ...state, [traffic]: { ...unfinished, startedAt: now } } : state;
};

/** Takes one frame as it came from the channel; `now` in milliseconds. A whole message owns its bytes. */
export const reassemble = (state: Reassembly, frame: Uint8Array, now: number): readonly [Reassembly, Reassembled] => {
  if (frame.length < FRAME_HEADER_BYTES) return refuse(state, 'tooShort');
  if (frame.length > MAX_FRAME_BYTES) return refuse(state, 'tooLong');
  const [number = 0, , , flags = 0] = frame;
  if ((flags & ~(MORE | CONTINUED | BULK)) !== 0) return refuse(state, 'unknownFlags');
  const type = typeByNumber.get(number);
  if (!type) return refuse(state, 'unknownType');
  const traffic: TrafficClass = (flags & BULK) !== 0 ? 'bulk' : 'live';
  const space = spaceOfFrame(frame);
  const part = frame.slice(FRAME_HEADER_BYTES);
  const unfinished = state[traffic];
  const without: Reassembly = { ...state, [traffic]: undefined };

  const more = (flags & MORE) !== 0;
  const continued = (flags & CONTINUED) !== 0;
  if (!more && !continued) return [state, { type: 'message', message: { type, traffic, space, payload: part } }];
  if (!continued && unfinished) {
    if (!expired(unfinished, now)) return refuse(without, 'interleaved');
    return reassemble({ ...without, refused: state.refused + 1 }, frame, now);
  }
  if (continued) {
    if (!unfinished) return refuse(state, 'strayFragment');
    if (expired(unfinished, now)) return refuse(without, 'expired');
    if (unfinished.type !== type || unfinished.space !== space) return refuse(without, 'interleaved');
  }
  if (more && part.length !== MAX_PART_BYTES) return refuse(without, 'shortFragment');
  const bytes = (unfinished?.bytes ?? 0) + part.length;
  if (bytes > MAX_REASSEMBLY_BYTES) return refuse(without, 'tooLarge');
  const parts = [...(unfinished?.parts ?? []), part];
  if (more) {
    // A clock that went back must not keep a message alive: then it counts from now.
    const startedAt = Math.min(unfinished?.startedAt ?? now, now);
    return [
      { ...state, [traffic]: { type, space, parts, bytes, startedAt } },
      { type: 'partial', traffic },
    ];
  }
  if (bytes > MAX_MESSAGE_BYTES) return refuse(without, 'tooLarge');
  return [without, { type: 'message', message: { type, traffic, space, payload: concat(...parts) } }];
};
