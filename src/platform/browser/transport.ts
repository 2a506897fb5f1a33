/**
 * The Transport port of a browser's kernel. Runs in the worker: WebSockets are its own, WebRTC connections live on the page
 * behind one MessagePort each (`rtc.ts`).
 *
 * Rules kept here: [TP1] `closed` exactly once, later than the call that opened, also after our own `close`.
 * [TP2] nothing is received before `opened` or after `closed`. [TP3] `drained` after `buffered` had been above the low mark.
 */
import type { Channel, ChannelEvents, IceServer, PeerChannel, PeerEvents, Transport } from '../../ports';
import {
  type FromPeer,
  LOW_WATER_BYTES,
  MAX_MESSAGE_BYTES,
  type OpenPeer,
  SEND_QUEUE_BYTES,
  type SetIceServers,
  type ToPeer,
  WORKER_WINDOW_BYTES,
} from './peer';

export type TransportOptions = {
  /** Control port of a page that can open RTC connections. */
  readonly rtc?: MessagePort;
  /** `relay`: no direct connections, whatever the page can do. */
  readonly links: 'any' | 'relay';
  /** For tests. */
  readonly openSocket?: (url: string) => WebSocket;
};

/** A WebSocket tells nothing when its buffer empties, so it is looked at this often while it is above the low mark. */
const DRAIN_POLL_MS = 20;
const EMPTY = new Uint8Array(0);

/** A channel over a WebSocket. `read` gives `undefined` for a message of the wrong kind or size: the channel is closed. */
const dial = <Message>(
  open: () => WebSocket,
  events: ChannelEvents<Message>,
  write: (message: Message) => string | Uint8Array<ArrayBuffer>,
  read: (data: unknown) => Message | undefined,
): Channel<Message> => {
  let done = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | undefined;
  const waiting: (string | Uint8Array<ArrayBuffer>)[] = [];
  let waitingBytes = 0;

  const finish = (reason: string): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    waiting.length = 0;
    socket?.close();
    queueMicrotask(() => events.closed(reason));
  };
  const buffered = (): number => waitingBytes + (socket?.bufferedAmount ?? 0);
  const watchDrain = (): void => {
    if (timer !== undefined || buffered() <= LOW_WATER_BYTES) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (done) return;
      if (buffered() > LOW_WATER_BYTES) watchDrain();
      else events.drained();
    }, DRAIN_POLL_MS);
  };

  try {
    socket = open();
    socket.binaryType = 'arraybuffer';
    const own = socket;
    own.addEventListener('open', () => {
      if (done) return own.close();
      events.opened(EMPTY);
      for (const message of waiting.splice(0)) if (!done) own.send(message);
      waitingBytes = 0;
    });
    own.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (done) return;
      const message = read(data);
      if (message === undefined) finish('the other side sent a message of the wrong kind or size');
      else events.received(message);
    });
    own.addEventListener('close', ({ code, reason }) => finish(reason || `closed (${code})`));
  } catch (fault) {
    finish(`no such address: ${fault instanceof Error ? fault.message : 'refused'}`);
  }

  return {
    send: (message) => {
      if (done || !socket) return;
      const data = write(message);
      if (buffered() + data.length > SEND_QUEUE_BYTES) return finish('too much to send');
      if (socket.readyState === 1) socket.send(data);
      else {
        waiting.push(data);
        waitingBytes += data.length;
      }
      watchDrain();
    },
    buffered,
    close: () => finish('closed here'),
  };
};

/** A copy that nobody else holds: its buffer may be transferred, and a frame may go to many peers. */
const owned = (message: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(message);

const readBytes = (data: unknown): Uint8Array | undefined =>
  data instanceof ArrayBuffer && data.byteLength <= MAX_MESSAGE_BYTES ? new Uint8Array(data) : undefined;
const readText = (data: unknown): string | undefined =>
  typeof data === 'string' && data.length <= MAX_MESSAGE_BYTES ? data : undefined;

const createPeer = (control: MessagePort, polite: boolean, events: PeerEvents, patienceMs?: number): PeerChannel => {
  const { port1: port, port2 } = new MessageChannel();
  let done = false;
  let opened = false;
  let unsent = 0;
  let aboveLow = false;
  let consumed = 0;

  const post = (message: ToPeer, transfer: Transferable[] = []): void => {
    if (!done) port.postMessage(message, transfer);
  };
  const finish = (reason: string): void => {
    if (done) return;
    post({ type: 'close' });
    done = true;
    queueMicrotask(() => events.closed(reason));
  };
  const take = (data: ArrayBuffer): void => {
    if (!opened) return;
    const { byteLength } = data;
    events.received(new Uint8Array(data));
    consumed += byteLength;
    if (consumed < WORKER_WINDOW_BYTES / 4) return;
    post({ type: 'credit', bytes: consumed });
    consumed = 0;
  };
  port.onmessage = ({ data: message }: MessageEvent<FromPeer>) => {
    if (done) return;
    switch (message.type) {
      case 'opened':
        opened = true;
        return events.opened(message.binding);
      case 'data':
        return take(message.data);
      case 'signal':
        return events.signal(message.message);
      case 'gathered':
        return events.gathered?.();
      case 'routed':
        return opened ? events.routed(message.route) : undefined;
      case 'sent':
        unsent -= message.bytes;
        if (aboveLow && unsent < LOW_WATER_BYTES) {
          aboveLow = false;
          events.drained();
        }
        return;
      case 'closed':
        finish(message.reason);
        return port.close();
    }
  };
  const patience = patienceMs === undefined ? {} : { patienceMs };
  control.postMessage({ type: 'open', polite, ...patience, port: port2 } satisfies OpenPeer, [port2]);

  return {
    send: (message) => {
      if (done) return;
      const data = owned(message).buffer;
      unsent += data.byteLength;
      if (unsent > SEND_QUEUE_BYTES) return finish('too much to send');
      if (unsent >= LOW_WATER_BYTES) aboveLow = true;
      post({ type: 'send', data }, [data]);
    },
    signal: (message) => post({ type: 'signal', message }),
    buffered: () => unsent,
    close: () => finish('closed here'),
  };
};

export const browserTransport = (options: TransportOptions): Transport => {
  const openSocket = options.openSocket ?? ((url: string) => new WebSocket(url));
  const { rtc } = options;
  return {
    dialLink: (url, events) => dial<Uint8Array>(() => openSocket(url), events, owned, readBytes),
    dialSignaling: (url, events) =>
      dial<string>(
        () => openSocket(url),
        events,
        (text) => text,
        readText,
      ),
    ...(rtc && options.links === 'any'
      ? {
          createPeer: (polite: boolean, events: PeerEvents, patienceMs?: number) =>
            createPeer(rtc, polite, events, patienceMs),
          setIceServers: (servers: readonly IceServer[]) =>
            rtc.postMessage({ type: 'iceServers', servers } satisfies SetIceServers),
        }
      : {}),
  };
};
