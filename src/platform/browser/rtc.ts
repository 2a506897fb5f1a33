/**
 * WebRTC for the kernel: runs on the page, one connection for each port that the worker sends. Perfect negotiation, one
 * ordered reliable data channel, and a binding that both ends compute alike.
 *
 * It must not know what the bytes mean. Rules kept here:
 * [WR1] `closed` is told exactly once, whatever ends the connection, also when it never opened.
 * [WR2] The browser's send buffer and the bytes on their way to the worker stay within their bounds (`peer.ts`).
 * [WR3] The impolite side begins; when both offer, the polite one yields.
 * [WR4] Where a person carries the texts nothing but time ends it before it opened: whoever answered calls in vain until the
 *       answer has arrived, and browsers call that failed.
 * [WR5] There the side that offered begins the DTLS handshake. Whoever answered can be reachable minutes before its answer is
 *       taken (Firefox answers checks before it knows of whom), and would ask again at growing intervals, of up to a minute.
 */
import { utf8 } from '../../base/bytes';
import type { IceServer } from '../../ports';
import { bindingText, MAX_SIGNALS, OPENING_MS, readSignal, type Signal } from '../peer-signal';
import {
  type FromPeer,
  HIGH_WATER_BYTES,
  LOW_WATER_BYTES,
  MAX_MESSAGE_BYTES,
  type OpenPeer,
  SEND_QUEUE_BYTES,
  type SetIceServers,
  type ToPeer,
  WORKER_QUEUE_BYTES,
  WORKER_WINDOW_BYTES,
} from './peer';
import { watchRoute } from './route';

export type RtcOptions = {
  /** Over TURN servers alone, whatever else would connect. */
  readonly turnOnly?: boolean;
};

const MAX_PEERS = 64;
/** A connection that is `disconnected` this long is dead. */
const DISCONNECTED_MS = 10_000;
/**
 * Servers that come after the first description are used by beginning anew. Not at once: most connections are about to open
 * without them, and the two ends must not disagree then about which description it was.
 */
const RESTART_MS = 3_000;
/** What is in the send buffer when we close may still leave. */
const FAREWELL_MS = 1_000;

const configurationOf = ({ turnOnly }: RtcOptions, servers: readonly IceServer[] = []): RTCConfiguration => ({
  iceServers: servers.map(({ urls, ...given }) => ({ urls: [...urls], ...given })),
  iceTransportPolicy: turnOnly ? 'relay' : 'all',
});

/** What a beacon names may be no address for this browser; one such would keep every connection from being made. */
const isUsable = (server: IceServer): boolean => {
  try {
    new RTCPeerConnection(configurationOf({}, [server])).close();
    return true;
  } catch {
    return false;
  }
};

/** WR5: an offer that may be either role, read as one that begins; the answer to it is to wait. */
const beginning = ({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit => ({
  type,
  sdp: sdp?.replaceAll('a=setup:actpass', 'a=setup:active') ?? '',
});

/** A connection that is served on a port. */
export type OpenedPeer = {
  /** As long as it is not open, it tries again with this. */
  configure(configuration: RTCConfiguration): void;
};

/** Serves one connection on `port`; `ended` is called once when it is gone. */
export const openPeer = (
  port: MessagePort,
  { polite, patienceMs }: Pick<OpenPeer, 'polite' | 'patienceMs'>,
  configuration: RTCConfiguration = {},
  ended = (): void => undefined,
): OpenedPeer => {
  const connection = new RTCPeerConnection(configuration);
  const channel = connection.createDataChannel('lgos', { negotiated: true, id: 0, ordered: true });
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;

  let done = false;
  let opened = false;
  let restartTimer: ReturnType<typeof setTimeout> | undefined;
  let disconnectedTimer: ReturnType<typeof setTimeout> | undefined;
  let stopRoute = (): void => undefined;
  const post = (message: FromPeer, transfer: Transferable[] = []): void => {
    if (!done) port.postMessage(message, transfer);
  };
  const finish = (reason: string): void => {
    if (done) return;
    post({ type: 'closed', reason });
    done = true;
    clearTimeout(openingTimer);
    clearTimeout(disconnectedTimer);
    clearTimeout(restartTimer);
    stopRoute();
    outgoing.length = 0;
    incoming.length = 0;
    let gone = false;
    const leave = (): void => {
      if (gone) return;
      gone = true;
      connection.close();
      port.close();
      ended();
    };
    if (channel.readyState !== 'open') return leave();
    channel.addEventListener('close', leave);
    channel.close();
    setTimeout(leave, FAREWELL_MS);
  };
  const openingTimer = setTimeout(() => finish('not connected in time'), patienceMs ?? OPENING_MS);

  // --- Out: from the worker to the wire

  const outgoing: ArrayBuffer[] = [];
  let waiting = 0;
  let unreported = 0;
  const pump = (): void => {
    if (done || channel.readyState !== 'open') return;
    while (outgoing.length > 0 && channel.bufferedAmount < HIGH_WATER_BYTES) {
      const data = outgoing.shift() as ArrayBuffer;
      waiting -= data.byteLength;
      unreported += data.byteLength;
      channel.send(data);
    }
    if (unreported === 0 || channel.bufferedAmount > LOW_WATER_BYTES) return;
    post({ type: 'sent', bytes: unreported });
    unreported = 0;
  };
  const send = (data: ArrayBuffer): void => {
    waiting += data.byteLength;
    if (waiting > SEND_QUEUE_BYTES) return finish('too much to send');
    outgoing.push(data);
    pump();
  };
  channel.addEventListener('bufferedamountlow', pump);

  // --- In: from the wire to the worker

  const incoming: ArrayBuffer[] = [];
  let held = 0;
  let credit = WORKER_WINDOW_BYTES;
  const deliver = (): void => {
    if (!opened) return;
    for (let data = incoming[0]; data && data.byteLength <= credit; data = incoming[0]) {
      incoming.shift();
      held -= data.byteLength;
      credit -= data.byteLength;
      post({ type: 'data', data }, [data]);
    }
  };
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (done) return;
    if (!(data instanceof ArrayBuffer)) return finish('the other side sent text');
    if (data.byteLength > MAX_MESSAGE_BYTES) return finish('the other side sent too large a message');
    held += data.byteLength;
    if (held > WORKER_QUEUE_BYTES) return finish('this device is too slow for the other side');
    incoming.push(data);
    deliver();
  });

  // --- Negotiation

  let makingOffer = false;
  const describe = async (): Promise<void> => {
    await connection.setLocalDescription();
    const { localDescription } = connection;
    if (localDescription) post({ type: 'signal', message: JSON.stringify({ description: localDescription }) });
  };
  connection.addEventListener('negotiationneeded', async () => {
    // An offer may be here already, and be answered: twice is once too often.
    if (connection.signalingState !== 'stable' || (polite && !connection.remoteDescription)) return;
    try {
      makingOffer = true;
      await describe();
    } catch (fault) {
      finish(`no offer: ${String(fault)}`);
    } finally {
      makingOffer = false;
    }
  });
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate) post({ type: 'signal', message: JSON.stringify({ candidate }) });
    else post({ type: 'gathered' });
  });
  const early: Extract<Signal, { candidate: unknown }>[] = [];
  const takeSignal = async (signal: Signal): Promise<void> => {
    if (done) return;
    if ('candidate' in signal) {
      // Servers and links bring it before the description, now and then.
      if (!connection.remoteDescription) return void early.push(signal);
      // A candidate of an offer that we ignored, or of a kind unknown here, is no fault: others may work.
      await connection.addIceCandidate(signal.candidate).catch(() => undefined);
      return;
    }
    const { description } = signal;
    const collision = description.type === 'offer' && (makingOffer || connection.signalingState !== 'stable');
    if (collision && !polite) return;
    try {
      const isWaiting = patienceMs !== undefined && description.type === 'offer';
      await connection.setRemoteDescription(isWaiting ? beginning(description) : description);
      for (const { candidate } of early.splice(0)) await connection.addIceCandidate(candidate).catch(() => undefined);
      if (description.type === 'offer') await describe();
    } catch (fault) {
      finish(`bad description: ${String(fault)}`);
    }
  };
  let signals = 0;
  let turn = Promise.resolve();
  const signal = (message: string): void => {
    if (++signals > MAX_SIGNALS) return finish('too many signals');
    const read = readSignal(message);
    if (read) turn = turn.then(() => takeSignal(read));
  };

  // --- Life

  channel.addEventListener('open', async () => {
    // It can be open before the browser says that the answer is in force: only then both ends know the same descriptions.
    await turn;
    const { currentLocalDescription: local, currentRemoteDescription: remote } = connection;
    const text = utf8(bindingText(local?.sdp, remote?.sdp));
    const binding = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
    clearTimeout(openingTimer);
    clearTimeout(restartTimer);
    opened = true;
    if (done) return;
    post({ type: 'opened', binding });
    stopRoute = watchRoute(connection, (route) => post({ type: 'routed', route }));
    deliver();
    pump();
  });
  channel.addEventListener('close', () => finish(opened ? 'closed by the other side' : 'never opened'));
  connection.addEventListener('connectionstatechange', () => {
    clearTimeout(disconnectedTimer);
    const { connectionState } = connection;
    const isPatient = patienceMs !== undefined && !opened;
    if (connectionState === 'closed' || (connectionState === 'failed' && !isPatient))
      finish(`connection ${connectionState}`);
    if (connectionState === 'disconnected' && !isPatient) {
      disconnectedTimer = setTimeout(() => finish('the other side is gone'), DISCONNECTED_MS);
    }
  });
  port.onmessage = ({ data: message }: MessageEvent<ToPeer>) => {
    if (done) return;
    if (message.type === 'send') send(message.data);
    if (message.type === 'signal') signal(message.message);
    if (message.type === 'close') finish('closed here');
    if (message.type === 'credit') {
      credit += message.bytes;
      deliver();
    }
  };
  return {
    configure: (next) => {
      // What a person carries must not change under them.
      if (done || opened || patienceMs !== undefined) return;
      connection.setConfiguration(next);
      clearTimeout(restartTimer);
      if (connection.localDescription || connection.remoteDescription)
        restartTimer = setTimeout(() => connection.restartIce(), RESTART_MS);
    },
  };
};

/**
 * Opens a connection for each `open` on the control port, at most 64 at once, with the servers that it was told last. Gives the
 * function that stops taking new ones.
 */
export const serveRtc = (control: MessagePort, options: RtcOptions = {}): (() => void) => {
  const peers = new Set<OpenedPeer>();
  let configuration = configurationOf(options);
  control.onmessage = ({ data }: MessageEvent<OpenPeer | SetIceServers>) => {
    if (data.type === 'iceServers') {
      configuration = configurationOf(options, data.servers.filter(isUsable));
      for (const peer of peers) peer.configure(configuration);
      return;
    }
    if (peers.size >= MAX_PEERS) {
      data.port.postMessage({ type: 'closed', reason: 'too many connections' } satisfies FromPeer);
      return;
    }
    const peer = openPeer(data.port, data, configuration, () => peers.delete(peer));
    peers.add(peer);
  };
  return () => control.close();
};
