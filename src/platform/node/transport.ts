/**
 * The Transport port over WebSockets, for Node. WebRTC, where there is any, is given to it. Frames are binary and at
 * most 64 KiB; a text frame, a longer one, or a peer that stops reading ends the link. Whoever calls `accept` has
 * already done the HTTP upgrade with `LINK_SERVER_OPTIONS`.
 */
import { WebSocket } from 'ws';
import type { Channel, ChannelEvents, Transport } from '../../ports';

const MAX_FRAME = 64 * 1024;
const MAX_TEXT = 32 * 1024;
/** `drained` is told when `buffered` falls below this. */
const LOW_MARK = 64 * 1024;
/** A peer with this much unread is gone or hostile; the kernel's own credits stop far earlier. */
const MAX_UNSENT = 8 * 1024 * 1024;
const OPENING_MS = 10_000;
/** How long a socket that we close may take to say goodbye: meanwhile it holds a place of its host. */
const FAREWELL_MS = 5_000;
const HEARTBEAT_MS = 30_000;
const NO_BINDING = new Uint8Array();

export const LINK_SERVER_OPTIONS = { noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false } as const;

export type NodeTransport = Transport & {
  /** An open WebSocket of a link. `local`: from a page that this very machine serves to itself. */
  accept(socket: WebSocket, about: { readonly local: boolean; readonly network: string }): void;
  isLocal(channel: Channel<Uint8Array>): boolean;
  /** Links open now, in both directions. */
  links(): number;
  close(): void;
};

export type NodeTransportOptions = {
  /** Certificate (PEM) of an authority to trust besides the usual ones. */
  readonly authority?: string;
  /** Where there is WebRTC (`rtc.ts`). */
  readonly createPeer?: NonNullable<Transport['createPeer']>;
};

type Wire<Message> = {
  /** The message, or `undefined` where this kind of link does not carry such frames. */
  read(data: Buffer, isBinary: boolean): Message | undefined;
};
const BINARY: Wire<Uint8Array> = { read: (data, isBinary) => (isBinary ? new Uint8Array(data) : undefined) };
const TEXT: Wire<string> = { read: (data, isBinary) => (isBinary ? undefined : data.toString('utf8')) };

export const nodeTransport = (options: NodeTransportOptions = {}): NodeTransport => {
  const open = new Set<WebSocket>();
  const local = new WeakSet<Channel<Uint8Array>>();
  let accepting: Parameters<NonNullable<Transport['listen']>>[0] | undefined;

  const dial = <Message extends Uint8Array | string>(
    url: string,
    maxPayload: number,
    wire: Wire<Message>,
    events: ChannelEvents<Message>,
  ): Channel<Message> => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, {
        maxPayload,
        perMessageDeflate: false,
        handshakeTimeout: OPENING_MS,
        ...(options.authority === undefined ? {} : { ca: options.authority }),
      });
    } catch (fault) {
      queueMicrotask(() => events.closed(fault instanceof Error ? fault.message : 'not an address'));
      return { send: () => {}, buffered: () => 0, close: () => {} };
    }
    const channel = channelOver<Message>(socket, () => events);
    attach(socket, open, wire, events);
    socket.on('open', () => events.opened(NO_BINDING));
    return channel;
  };

  return {
    ...(options.createPeer ? { createPeer: options.createPeer } : {}),
    dialLink: (url, events) => dial(url, MAX_FRAME, BINARY, events),
    dialSignaling: (url, events) => dial(url, MAX_TEXT, TEXT, events),
    listen: (accept) => {
      accepting = accept;
      return () => {
        if (accepting === accept) accepting = undefined;
      };
    },
    accept: (socket, about) => {
      if (!accepting) {
        socket.close(1013, 'not ready');
        return;
      }
      let events: ChannelEvents<Uint8Array> | undefined;
      const channel = channelOver<Uint8Array>(socket, () => events);
      if (about.local) local.add(channel);
      events = accepting(channel, about.network);
      attach(socket, open, BINARY, events);
      events.opened(NO_BINDING);
    },
    isLocal: (channel) => local.has(channel),
    links: () => open.size,
    close: () => {
      for (const socket of open) socket.terminate();
    },
  };
};

const channelOver = <Message extends Uint8Array | string>(
  socket: WebSocket,
  eventsOf: () => ChannelEvents<Message> | undefined,
): Channel<Message> => {
  let full = false;
  return {
    send: (message) => {
      if (socket.readyState === socket.CONNECTING) throw new Error('Broken invariant: sent before the link was open');
      if (socket.readyState !== socket.OPEN) return;
      socket.send(message, () => {
        if (!full || socket.bufferedAmount >= LOW_MARK) return;
        full = false;
        eventsOf()?.drained();
      });
      if (socket.bufferedAmount >= LOW_MARK) full = true;
      if (socket.bufferedAmount > MAX_UNSENT) socket.terminate();
    },
    buffered: () => socket.bufferedAmount,
    close: () => {
      if (socket.readyState === socket.CONNECTING) return socket.terminate();
      socket.close(1000);
      setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
    },
  };
};

const attach = <Message>(
  socket: WebSocket,
  open: Set<WebSocket>,
  wire: Wire<Message>,
  events: ChannelEvents<Message>,
): void => {
  let heard = true;
  let reason = '';
  const beating = setInterval(() => {
    if (!heard) {
      reason ||= 'silent';
      socket.terminate();
    } else if (socket.readyState === socket.OPEN) {
      heard = false;
      socket.ping();
    }
  }, HEARTBEAT_MS);
  beating.unref();
  open.add(socket);
  socket.on('pong', () => {
    heard = true;
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    heard = true;
    const message = wire.read(data, isBinary);
    if (message !== undefined) events.received(message);
    else socket.close(1003, 'wrong kind of frame');
  });
  socket.on('error', (fault) => {
    reason ||= fault.message;
  });
  socket.on('close', (code, text) => {
    clearInterval(beating);
    open.delete(socket);
    events.closed(reason || text.toString('utf8') || `closed with code ${code}`);
  });
};
