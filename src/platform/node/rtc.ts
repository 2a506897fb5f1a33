/**
 * WebRTC in Node, for beacons: connections over one UDP port, by node-datachannel (libdatachannel). Speaks with `browser/rtc.ts`:
 * the same signals, one negotiated channel, the same binding. The package holds a binary that not every machine has, so it is loaded
 * when it is asked for, and its absence is an answer.
 *
 * Rules kept here, as in the browser: [WR1] `closed` exactly once, whatever ends it. [WR2] what waits to be sent is bounded.
 * [WR3] the impolite side offers, the polite one answers.
 */
import { createSocket } from 'node:dgram';
import { utf8 } from '../../base/bytes';
import { sha256 } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { PeerChannel, PeerEvents } from '../../ports';
import { bindingText, MAX_SIGNALS, OPENING_MS, readSignal } from '../peer-signal';
import { routeBetween } from '../route';

type Library = typeof import('node-datachannel');

const LOW_WATER_BYTES = 64 * 1024;
const SEND_QUEUE_BYTES = 8 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Until it is asked again which way was chosen. */
const ROUTE_MS = 100;
/** What is in the send buffer when we close may still leave. */
const FAREWELL_MS = 1_000;
const MAX_PEERS = 1_000;

export type NodeRtcOptions = { readonly port: number; readonly address: string | undefined };
export type NodeRtc = {
  createPeer(polite: boolean, events: PeerEvents): PeerChannel;
  /** Connections open or being opened. */
  peers(): number;
  /** Settles when connections that were closed have told the other side: to be awaited before the process ends. */
  left(): Promise<unknown>;
};

/** The reason is the end of a sentence: "... is off, because ...". */
export const openNodeRtc = async (options: NodeRtcOptions): Promise<Result<NodeRtc, string>> => {
  let library: Library;
  try {
    library = await import('node-datachannel');
  } catch (fault) {
    return err(`node-datachannel cannot be loaded here: ${firstLine(fault)}`);
  }
  const taken = await portFault(options);
  if (taken) return err(taken);
  let peers = 0;
  const leaving = new Set<Promise<void>>();
  return ok({
    peers: () => peers,
    left: () => Promise.all(leaving),
    createPeer: (polite, events) => {
      if (peers >= MAX_PEERS) {
        queueMicrotask(() => events.closed('too many connections'));
        return { send: () => {}, signal: () => {}, buffered: () => 0, close: () => {} };
      }
      peers++;
      return openPeer(library, options, polite, events, (left) => {
        peers--;
        leaving.add(left);
        void left.then(() => leaving.delete(left));
      });
    },
  });
};

const firstLine = (fault: unknown): string =>
  (fault instanceof Error ? fault.message : String(fault)).split('\n', 1)[0] ?? '';

/** The library binds with its first connection and tells nobody when it cannot. */
const portFault = ({ port, address }: NodeRtcOptions): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket(address?.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRINUSE' ? `UDP port ${port} is taken by another program` : `UDP port ${port}: ${code}`),
    );
    socket.bind({ port, exclusive: true, ...(address === undefined ? {} : { address }) }, () =>
      socket.close(() => resolve(undefined)),
    );
  });

const openPeer = (
  library: Library,
  { port, address }: NodeRtcOptions,
  polite: boolean,
  events: PeerEvents,
  ended: (left: Promise<void>) => void,
): PeerChannel => {
  const connection = new library.PeerConnection('lgos', {
    iceServers: [],
    disableAutoNegotiation: true,
    enableIceUdpMux: true,
    portRangeBegin: port,
    portRangeEnd: port,
    ...(address === undefined ? {} : { bindAddress: address }),
  });
  const channel = connection.createDataChannel('lgos', { negotiated: true, id: 0, unordered: false });
  channel.setBufferedAmountLowThreshold(LOW_WATER_BYTES);
  let local: string | undefined;
  let remote: string | undefined;
  let opened = false;
  let done = false;
  let full = false;
  let signals = 0;

  const finish = (reason: string): void => {
    if (done) return;
    done = true;
    clearTimeout(opening);
    const wasOpen = channel.isOpen();
    if (wasOpen) channel.close();
    const left = new Promise<void>((resolve) => {
      setTimeout(
        () => {
          connection.close();
          resolve();
        },
        wasOpen ? FAREWELL_MS : 0,
      );
    });
    ended(left);
    queueMicrotask(() => events.closed(reason));
  };
  const opening = setTimeout(() => finish('not connected in time'), OPENING_MS);
  opening.unref();

  connection.onLocalDescription((sdp, type) => {
    local = sdp;
    if (!done) events.signal(JSON.stringify({ description: { type, sdp } }));
  });
  connection.onLocalCandidate((line, sdpMid) => {
    const candidate = line.replace(/^a=/, '');
    if (!done) events.signal(JSON.stringify({ candidate: { candidate, sdpMid } }));
  });
  connection.onStateChange((state) => {
    if (state === 'failed' || state === 'closed' || state === 'disconnected') finish(`connection ${state}`);
  });
  /** The library may choose its way a little after the channel is open. */
  const tellRoute = (): void => {
    if (done) return;
    const pair = connection.getSelectedCandidatePair();
    if (pair) events.routed(routeBetween(pair.local.type, pair.remote.type));
    else setTimeout(tellRoute, ROUTE_MS).unref();
  };
  channel.onOpen(() => {
    if (done) return;
    clearTimeout(opening);
    opened = true;
    events.opened(sha256(utf8(bindingText(local, remote))));
    tellRoute();
  });
  channel.onMessage((message) => {
    if (done) return;
    if (typeof message === 'string') return finish('the other side sent text');
    if (message.byteLength > MAX_MESSAGE_BYTES) return finish('the other side sent too large a message');
    events.received(new Uint8Array(message));
  });
  channel.onBufferedAmountLow(() => {
    if (done || !full) return;
    full = false;
    events.drained();
  });
  channel.onClosed(() => finish(opened ? 'closed by the other side' : 'never opened'));
  if (!polite) queueMicrotask(() => !done && connection.setLocalDescription('offer'));

  return {
    send: (message) => {
      if (done || !opened) return;
      if (channel.bufferedAmount() + message.length > SEND_QUEUE_BYTES) return finish('too much to send');
      channel.sendMessageBinary(message);
      if (channel.bufferedAmount() >= LOW_WATER_BYTES) full = true;
    },
    signal: (message) => {
      if (done) return;
      if (++signals > MAX_SIGNALS) return finish('too many signals');
      const signal = readSignal(message);
      if (!signal) return;
      try {
        if ('candidate' in signal) {
          const { candidate, sdpMid } = signal.candidate;
          if (typeof candidate === 'string' && candidate !== '')
            connection.addRemoteCandidate(candidate, `${sdpMid ?? ''}`);
          return;
        }
        const { type, sdp } = signal.description;
        if (type === 'offer' && !polite) return;
        remote = sdp;
        connection.setRemoteDescription(sdp, type);
        if (type === 'offer') connection.setLocalDescription('answer');
      } catch (fault) {
        // A candidate of a kind unknown here is no fault: others may work.
        if (!('candidate' in signal)) finish(`bad description: ${firstLine(fault)}`);
      }
    },
    buffered: () => (done ? 0 : channel.bufferedAmount()),
    close: () => finish('closed here'),
  };
};
