/**
 * The shell of the lobby: WebSockets in, WebSockets out. It owns sockets, the clock and chance, and decides nothing
 * but what the medium forces: a listener that does not read is cut off, so that it cannot fill our memory.
 */
import { randomFillSync, randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { OpenBus } from './bus';
import { LIMITS, type Limits, type Lobby, type LobbyInput, type LobbyOutput, lobbyStep, openLobby } from './lobby';
import { MAX_MESSAGE } from './message';

const TICK_MS = 5_000;
/** How long a socket that we close may take to say goodbye. */
const FAREWELL_MS = 1_000;
const MAX_UNSENT = 1024 * 1024;
/** A process that stops parts from so many at a time: they come to another one, not all at once. */
const PARTED_AT_ONCE = 50;
const PARTING_MS = 50;

export type SignalingOptions = {
  /** Ed25519; false on any malformed key or signature. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  readonly limits?: Limits;
  /** To other processes behind the same address; alone without. */
  readonly bus?: OpenBus;
  /** Where a request comes from; behind a proxy not the socket's own address. `network`: that the address is in (LO7, LO8). */
  readonly originOf?: (request: IncomingMessage) => { readonly address: string; readonly network: string };
};

export type Signaling = {
  /** Give it the `upgrade` of an HTTP server for the path of your choice. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Gauges and counters by name; refusals as `refused.<reason>`. */
  stats(): Record<string, number>;
  /** Takes nobody any more, and parts from those who are here, a few at a time: they go to another process. */
  drain(): Promise<void>;
  close(): Promise<void>;
};

/** Rejects where the bus cannot be reached. */
export const serveSignaling = async (options: SignalingOptions): Promise<Signaling> => {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  const sockets = new Map<string, WebSocket>();
  let lobby: Lobby = openLobby(randomInt(2 ** 32), options.limits ?? LIMITS, options.bus !== undefined);
  let opened = 0;
  let oversized = 0;
  let slow = 0;
  let isDraining = false;

  const step = (input: LobbyInput): void => {
    const [next, outputs] = lobbyStep(lobby, input);
    lobby = next;
    for (const output of outputs) perform(output);
  };

  const bus = await options.bus?.((text) => step({ type: 'heard', text, random: randomFillSync(new Uint8Array(32)) }));

  const perform = (output: LobbyOutput): void => {
    switch (output.type) {
      case 'relay':
        return bus?.send(output.topic, output.text);
      case 'listen':
      case 'leave':
        for (const topic of output.topics) bus?.[output.type](topic);
        return;
      case 'send':
        for (const id of output.sockets) deliver(id, output.text);
        return;
      case 'close':
        part(sockets.get(output.socket), output.code, output.reason);
        return;
      case 'check': {
        const answer = (valid: boolean) => step({ type: 'checked', socket: output.socket, valid, now: Date.now() });
        options.verify(output.device, output.message, output.signature).then(answer, () => answer(false));
        return;
      }
    }
  };

  const part = (socket: WebSocket | undefined, code: number, reason: string): void => {
    if (!socket) return;
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
  };

  const deliver = (id: string, text: string): void => {
    const socket = sockets.get(id);
    if (!socket || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_UNSENT) {
      slow++;
      socket.terminate();
    } else socket.send(text);
  };

  const welcome = (socket: WebSocket, request: IncomingMessage): void => {
    const id = String(opened++);
    sockets.set(id, socket);
    socket.on('error', (fault: Error & { code?: string }) => {
      if (fault.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') oversized++;
    });
    socket.on('close', () => {
      sockets.delete(id);
      step({ type: 'closed', socket: id });
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const text = isBinary ? {} : { text: data.toString('utf8') };
      step({
        type: 'received',
        socket: id,
        ...text,
        bytes: data.length,
        random: randomFillSync(new Uint8Array(32)),
        now: Date.now(),
      });
    });
    const own = request.socket.remoteAddress ?? 'unknown';
    const { address, network } = options.originOf?.(request) ?? { address: own, network: own };
    step({ type: 'opened', socket: id, address, network, now: Date.now() });
  };

  const ticking = setInterval(() => step({ type: 'ticked', now: Date.now() }), TICK_MS);
  ticking.unref();

  return {
    upgrade: (request, socket, head) => {
      if (isDraining) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      server.handleUpgrade(request, socket, head, (accepted) => welcome(accepted, request));
    },
    stats: () => ({
      sockets: lobby.sockets.size,
      topics: lobby.listenersByTopic.size,
      devices: lobby.devices.size,
      opened,
      published: lobby.published,
      delivered: lobby.delivered,
      'refused.oversizedFrame': oversized,
      'refused.slowReader': slow,
      ...Object.fromEntries(Object.entries(lobby.refused).map(([reason, count]) => [`refused.${reason}`, count])),
      ...Object.fromEntries(Object.entries(bus?.stats() ?? {}).map(([name, value]) => [`bus.${name}`, value])),
    }),
    drain: async () => {
      isDraining = true;
      for (const [place, socket] of [...sockets.values()].entries()) {
        if (place > 0 && place % PARTED_AT_ONCE === 0) await new Promise((done) => setTimeout(done, PARTING_MS));
        part(socket, 1001, 'the server stops');
      }
    },
    close: async () => {
      clearInterval(ticking);
      for (const socket of sockets.values()) socket.close(1001, 'the server stops');
      server.close();
      await bus?.close();
    },
  };
};
