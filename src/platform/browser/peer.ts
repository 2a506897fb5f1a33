/**
 * What the page that owns an RTCPeerConnection and the worker that uses it say to each other, on one MessagePort a peer.
 * RTCPeerConnection exists on pages only, the kernel runs in a worker.
 *
 * Both directions are bounded by credit, so that a slow worker slows the page and a slow wire slows the worker.
 */
import type { IceServer, Route } from '../../ports';

/** On the control port: the worker asks for a connection; `port` (transferred) carries it. */
export type OpenPeer = {
  readonly type: 'open';
  readonly polite: boolean;
  readonly patienceMs?: number;
  readonly port: MessagePort;
};
/** On the control port: for connections that are not open yet. */
export type SetIceServers = { readonly type: 'iceServers'; readonly servers: readonly IceServer[] };

export type ToPeer =
  | { readonly type: 'send'; readonly data: ArrayBuffer }
  | { readonly type: 'signal'; readonly message: string }
  /** Bytes that the worker has consumed, and will take in addition. */
  | { readonly type: 'credit'; readonly bytes: number }
  | { readonly type: 'close' };
export type FromPeer =
  | { readonly type: 'opened'; readonly binding: Uint8Array<ArrayBuffer> }
  | { readonly type: 'data'; readonly data: ArrayBuffer }
  | { readonly type: 'signal'; readonly message: string }
  /** Bytes of `send` that are on the wire. */
  | { readonly type: 'sent'; readonly bytes: number }
  | { readonly type: 'gathered' }
  | { readonly type: 'routed'; readonly route: Route }
  | { readonly type: 'closed'; readonly reason: string };

/** Below this `drained` is told. */
export const LOW_WATER_BYTES = 64 * 1024;
/** The browser's own send buffer is kept below this: near 16 MiB it closes the channel. */
export const HIGH_WATER_BYTES = 256 * 1024;
/** Received bytes on their way to the worker. */
export const WORKER_WINDOW_BYTES = 256 * 1024;
/** Received bytes that wait for the worker; beyond it the connection is closed, because a data channel cannot be paused. */
export const WORKER_QUEUE_BYTES = 1024 * 1024;
/** Bytes that wait to be sent; beyond it whoever sends ignores `buffered`, and the connection is closed. */
export const SEND_QUEUE_BYTES = 8 * 1024 * 1024;
/** No message of ours is larger. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
