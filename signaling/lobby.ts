/**
 * The lobby: who listens to which topic, and what is passed on. A pure machine; the shell (`server.ts`) owns sockets,
 * clock and chance. It is blind: topics of LGOS are random-looking names, their messages sealed.
 *
 * Rules. LO1: a client of y-webrtc meets y-webrtc's own server, as long as its topic has at most 16 listeners.
 * LO2: nothing that a client sends can throw, or grow the state beyond `Limits`. LO3: what is refused is counted by
 * reason, and changes nothing else. LO4: a proved device key is a handle for limits, never a right. LO5: where several
 * lobbies share a bus, each passes on what its own clients publish, and only that; what it hears goes to its own clients.
 * LO6: to listen costs by how many listen already, for so many names are copied then, and again when it ends. LO7: of a crowd
 * nobody gets more places in a draw by listening from one network many times. LO8: where no place is left the network that has
 * the most gives one up to others, until shares are fair.
 */
import { fromHex, toBase64Url } from '../src/base/bytes';
import { seededRandom } from '../src/base/random';
import type { Step } from '../src/base/step';
import { challengeBytesOf } from '../src/vm/net/rendezvous';
import { MAX_MESSAGE, MAX_TOPICS, readClientMessage } from './message';
import { emptyTable, entriesOf, keysAdded, type Table, valueIn, withValue } from './table';

/** Numbers such as 1e20 grow when they are written again. */
const MAX_WRITTEN = MAX_MESSAGE + 64;

export type Limits = {
  readonly sockets: number;
  readonly socketsPerAddress: number;
  readonly socketsPerDevice: number;
  readonly topicsPerSocket: number;
  readonly socketsPerTopic: number;
  /** A topic with more listeners than this reaches that many of them, drawn afresh for each message. */
  readonly fanOut: number;
  /** LO7. Of so many for each place those are taken who share their network with the fewest. */
  readonly drawnFor: number;
  /** LO8. How many more the network that gives one up has at least. */
  readonly givesFrom: number;
  /** LO6. Listeners of a topic that cost as much as a message. */
  readonly listenersFor: number;
  /** Messages a second, and how many may come at once. */
  readonly rate: number;
  readonly burst: number;
  readonly idleMs: number;
  /** Refusals within one burst after which a socket is closed. */
  readonly strikes: number;
};

export const LIMITS: Limits = {
  sockets: 6144,
  socketsPerAddress: 256,
  socketsPerDevice: 16,
  topicsPerSocket: MAX_TOPICS,
  socketsPerTopic: 4096,
  fanOut: 16,
  drawnFor: 4,
  givesFrom: 2,
  listenersFor: 1024,
  rate: 20,
  burst: 60,
  idleMs: 60_000,
  strikes: 100,
};

const REFUSALS = [
  'tooManySockets',
  'tooManyFromAddress',
  'tooManyOfDevice',
  'unknownSocket',
  'binary',
  'tooLarge',
  'tooFast',
  'notJson',
  'notMessage',
  'tooManyTopics',
  'topicFull',
  'gaveWay',
  'unexpectedHello',
  'unexpectedAnswer',
  'badSignature',
  'idle',
  'misbehaving',
  'notFromLobby',
] as const;
export type Refusal = (typeof REFUSALS)[number];

type Bucket = { readonly tokens: number; readonly at: number };
type Socket = {
  readonly address: string;
  readonly network: string;
  readonly topics: readonly string[];
  readonly bucket: Bucket;
  readonly heardAt: number;
  readonly strikes: number;
  readonly proof: Proof;
};
type Proof =
  | { readonly state: 'none' }
  | {
      readonly state: 'challenged';
      readonly device: string;
      readonly clientNonce: Uint8Array;
      readonly nonce: Uint8Array;
    }
  | { readonly state: 'checking'; readonly device: string }
  | { readonly state: 'proved'; readonly device: string };
type Device = { readonly sockets: number; readonly bucket: Bucket };

export type Lobby = {
  readonly limits: Limits;
  /** With other lobbies, over a bus. */
  readonly isShared: boolean;
  readonly sockets: Table<Socket>;
  /** Listeners in the order in which they came. */
  readonly listenersByTopic: Table<readonly string[]>;
  readonly socketsByAddress: Table<number>;
  readonly devices: Table<Device>;
  readonly refused: Readonly<Record<Refusal, number>>;
  readonly published: number;
  readonly delivered: number;
};

export type LobbyInput =
  /** `network`: that the address is in, for fair shares. */
  | {
      readonly type: 'opened';
      readonly socket: string;
      readonly address: string;
      readonly network: string;
      readonly now: number;
    }
  /** `text` is absent for a binary message; `bytes` its length on the wire; `random` 32 fresh bytes. */
  | {
      readonly type: 'received';
      readonly socket: string;
      readonly text?: string;
      readonly bytes: number;
      readonly random: Uint8Array;
      readonly now: number;
    }
  | { readonly type: 'checked'; readonly socket: string; readonly valid: boolean; readonly now: number }
  /** Over the bus. */
  | { readonly type: 'heard'; readonly text: string; readonly random: Uint8Array }
  | { readonly type: 'closed'; readonly socket: string }
  | { readonly type: 'ticked'; readonly now: number };

export type LobbyOutput =
  | { readonly type: 'send'; readonly sockets: readonly string[]; readonly text: string }
  /** To the bus; what others publish on these topics is wanted, or no more. */
  | { readonly type: 'relay'; readonly topic: string; readonly text: string }
  | { readonly type: 'listen' | 'leave'; readonly topics: readonly string[] }
  | { readonly type: 'close'; readonly socket: string; readonly code: number; readonly reason: Refusal }
  /** Answered by the input `checked`. */
  | {
      readonly type: 'check';
      readonly socket: string;
      readonly device: Uint8Array;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    };

type Stepped = readonly [Lobby, readonly LobbyOutput[]];

/** `salt`: 32 random bits, unknown to clients. */
export const openLobby = (salt: number, limits: Limits = LIMITS, isShared = false): Lobby => ({
  limits,
  isShared,
  sockets: emptyTable(salt),
  listenersByTopic: emptyTable(salt),
  socketsByAddress: emptyTable(salt),
  devices: emptyTable(salt),
  refused: Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>,
  published: 0,
  delivered: 0,
});

export const lobbyStep: Step<Lobby, LobbyInput, LobbyOutput> = (lobby, input) => {
  const [next, outputs] = stepOf(lobby, input);
  if (!lobby.isShared || next.listenersByTopic === lobby.listenersByTopic) return [next, outputs];
  const [before, after] = [lobby.listenersByTopic, next.listenersByTopic];
  const wanted: readonly LobbyOutput[] = [
    { type: 'listen', topics: [...keysAdded(before, after)] },
    { type: 'leave', topics: [...keysAdded(after, before)] },
  ];
  return [next, [...outputs, ...wanted]];
};

const stepOf = (lobby: Lobby, input: LobbyInput): Stepped => {
  switch (input.type) {
    case 'opened':
      return open(lobby, input);
    case 'received':
      return receive(lobby, input);
    case 'checked':
      return checked(lobby, input.socket, input.valid, input.now);
    case 'heard':
      return heard(lobby, input.text, input.random);
    case 'closed':
      return [forget(lobby, input.socket), []];
    case 'ticked':
      return closeIdle(lobby, input.now);
  }
};

const counted = (lobby: Lobby, reason: Refusal): Lobby => ({
  ...lobby,
  refused: { ...lobby.refused, [reason]: lobby.refused[reason] + 1 },
});

const withSocket = (lobby: Lobby, id: string, socket: Socket): Lobby => ({
  ...lobby,
  sockets: withValue(lobby.sockets, id, socket),
});

const send = (socket: string, message: unknown): LobbyOutput => ({
  type: 'send',
  sockets: [socket],
  text: JSON.stringify(message),
});

/** Takes the socket out and tells the shell to close it. */
const expel = (lobby: Lobby, socket: string, reason: Refusal): Stepped => [
  counted(forget(lobby, socket), reason),
  [{ type: 'close', socket, code: 1008, reason }],
];

const open = (
  lobby: Lobby,
  { socket: id, address, network, now }: Extract<LobbyInput, { type: 'opened' }>,
): Stepped => {
  const { limits } = lobby;
  if ((valueIn(lobby.socketsByAddress, address) ?? 0) >= limits.socketsPerAddress)
    return expel(lobby, id, 'tooManyFromAddress');
  const all = lobby.sockets.size < limits.sockets ? [] : [...entriesOf(lobby.sockets)].map(([other]) => other);
  const victim = whoGivesWay(lobby, all, network);
  if (all.length > 0 && victim === undefined) return expel(lobby, id, 'tooManySockets');
  const [roomy, outputs] = victim === undefined ? [lobby, []] : expel(lobby, victim, 'gaveWay');
  const socket: Socket = {
    address,
    network,
    topics: [],
    bucket: { tokens: limits.burst, at: now },
    heardAt: now,
    strikes: 0,
    proof: { state: 'none' },
  };
  const fromAddress = valueIn(roomy.socketsByAddress, address) ?? 0;
  const socketsByAddress = withValue(roomy.socketsByAddress, address, fromAddress + 1);
  return [{ ...withSocket(roomy, id, socket), socketsByAddress }, outputs];
};

/** LO8. One of the network that has the most of `among`, where it has enough more than that of whoever comes. */
const whoGivesWay = ({ limits, sockets }: Lobby, among: readonly string[], newcomer: string): string | undefined => {
  const countByNetwork = new Map<string, number>();
  let most: { readonly count: number; readonly last: string } | undefined;
  for (const id of among) {
    const network = valueIn(sockets, id)?.network ?? '';
    const count = (countByNetwork.get(network) ?? 0) + 1;
    countByNetwork.set(network, count);
    if (count > (most?.count ?? 0)) most = { count, last: id };
  }
  return most && most.count >= (countByNetwork.get(newcomer) ?? 0) + limits.givesFrom ? most.last : undefined;
};

const forget = (lobby: Lobby, id: string): Lobby => {
  const socket = valueIn(lobby.sockets, id);
  if (!socket) return lobby;
  const fromAddress = (valueIn(lobby.socketsByAddress, socket.address) ?? 1) - 1;
  let { devices } = lobby;
  if (socket.proof.state === 'proved') {
    const device = valueIn(devices, socket.proof.device);
    const left = (device?.sockets ?? 1) - 1;
    devices = withValue(devices, socket.proof.device, device && left > 0 ? { ...device, sockets: left } : undefined);
  }
  return {
    ...unlisten(lobby, id, socket.topics),
    sockets: withValue(lobby.sockets, id, undefined),
    socketsByAddress: withValue(lobby.socketsByAddress, socket.address, fromAddress > 0 ? fromAddress : undefined),
    devices,
  };
};

const unlisten = (lobby: Lobby, id: string, topics: readonly string[]): Lobby => {
  let { listenersByTopic } = lobby;
  for (const topic of topics) {
    const left = (valueIn(listenersByTopic, topic) ?? []).filter((listener) => listener !== id);
    listenersByTopic = withValue(listenersByTopic, topic, left.length > 0 ? left : undefined);
  }
  return { ...lobby, listenersByTopic };
};

const closeIdle = (lobby: Lobby, now: number): Stepped => {
  let next = lobby;
  const outputs: LobbyOutput[] = [];
  for (const [id, socket] of entriesOf(lobby.sockets)) {
    if (now - socket.heardAt < lobby.limits.idleMs) continue;
    const [after, closing] = expel(next, id, 'idle');
    next = after;
    outputs.push(...closing);
  }
  return [next, outputs];
};

// --- One message -------------------------------------------------------------------------------------------

type Received = Extract<LobbyInput, { type: 'received' }>;

const receive = (lobby: Lobby, input: Received): Stepped => {
  const before = valueIn(lobby.sockets, input.socket);
  if (!before) return [counted(lobby, 'unknownSocket'), []];
  const [paid, socket, admitted] = pay(lobby, input.socket, before, input.now);
  if (!admitted) return refuse(paid, input.socket, socket, 'tooFast', false);
  if (input.text === undefined) return refuse(paid, input.socket, socket, 'binary');
  if (input.bytes > MAX_MESSAGE || input.text.length > MAX_MESSAGE)
    return refuse(paid, input.socket, socket, 'tooLarge');
  const message = readClientMessage(input.text);
  if (typeof message === 'string') return refuse(paid, input.socket, socket, message);
  switch (message.type) {
    case 'ping':
      return [paid, [send(input.socket, { type: 'pong' })]];
    case 'subscribe':
      return subscribe(paid, input.socket, socket, message.topics);
    case 'unsubscribe': {
      const topics = socket.topics.filter((topic) => !message.topics.includes(topic));
      const gone = socket.topics.filter((topic) => message.topics.includes(topic));
      return [withSocket(unlisten(paid, input.socket, gone), input.socket, { ...socket, topics }), []];
    }
    case 'publish':
      return publish(paid, input.socket, socket, message.topic, message.content, input.random);
    case 'hello': {
      if (socket.proof.state !== 'none') return refuse(paid, input.socket, socket, 'unexpectedHello');
      const proof: Proof = {
        state: 'challenged',
        device: message.device,
        clientNonce: message.nonce,
        nonce: input.random.slice(0, 32),
      };
      const challenge = send(input.socket, { type: 'challenge', nonce: toBase64Url(proof.nonce) });
      return [withSocket(paid, input.socket, { ...socket, proof }), [challenge]];
    }
    case 'answer': {
      const { proof } = socket;
      if (proof.state !== 'challenged') return refuse(paid, input.socket, socket, 'unexpectedAnswer');
      const device = fromHex(proof.device);
      const signed = challengeBytesOf(device, proof.clientNonce, proof.nonce);
      return [
        withSocket(paid, input.socket, { ...socket, proof: { state: 'checking', device: proof.device } }),
        [{ type: 'check', socket: input.socket, device, message: signed, signature: message.signature }],
      ];
    }
  }
};

const filled = (bucket: Bucket, limits: Limits, now: number): Bucket => {
  const elapsed = Math.max(0, now - bucket.at);
  return { tokens: Math.min(limits.burst, bucket.tokens + (elapsed * limits.rate) / 1000), at: now };
};

/** One token from the device's bucket where the socket proved one, so that a second socket gains nothing (LO4). */
const pay = (lobby: Lobby, id: string, socket: Socket, now: number): readonly [Lobby, Socket, boolean] => {
  const { proof } = socket;
  const device = proof.state === 'proved' ? valueIn(lobby.devices, proof.device) : undefined;
  const bucket = filled(device?.bucket ?? socket.bucket, lobby.limits, now);
  const admitted = bucket.tokens >= 1;
  const spent: Bucket = admitted ? { ...bucket, tokens: bucket.tokens - 1 } : bucket;
  const strikes = bucket.tokens >= lobby.limits.burst ? 0 : socket.strikes;
  const after: Socket = { ...socket, strikes, heardAt: now, bucket: device ? socket.bucket : spent };
  const next = withSocket(lobby, id, after);
  if (!device || proof.state !== 'proved') return [next, after, admitted];
  return [{ ...next, devices: withValue(next.devices, proof.device, { ...device, bucket: spent }) }, after, admitted];
};

/** LO6. What was known only after the message was taken: there may be less than nothing then. */
const spend = (lobby: Lobby, socket: Socket, tokens: number): readonly [Lobby, Socket] => {
  const less = (bucket: Bucket): Bucket => ({ ...bucket, tokens: bucket.tokens - tokens });
  const { proof } = socket;
  const device = proof.state === 'proved' ? valueIn(lobby.devices, proof.device) : undefined;
  if (!device || proof.state !== 'proved') return [lobby, { ...socket, bucket: less(socket.bucket) }];
  const devices = withValue(lobby.devices, proof.device, { ...device, bucket: less(device.bucket) });
  return [{ ...lobby, devices }, socket];
};

const refuse = (lobby: Lobby, id: string, socket: Socket, reason: Refusal, told = true): Stepped => {
  const noted = counted(lobby, reason);
  if (socket.strikes + 1 >= lobby.limits.strikes) return expel(noted, id, 'misbehaving');
  const outputs = told ? [send(id, { type: 'refused', reason })] : [];
  return [withSocket(noted, id, { ...socket, strikes: socket.strikes + 1 }), outputs];
};

/** All of the topics or none: a part would leave the client deaf without its knowing. */
const subscribe = (lobby: Lobby, id: string, socket: Socket, topics: readonly string[]): Stepped => {
  const { limits } = lobby;
  const wanted = [...new Set(topics)].filter((topic) => !socket.topics.includes(topic));
  if (socket.topics.length + wanted.length > limits.topicsPerSocket) return refuse(lobby, id, socket, 'tooManyTopics');
  let roomy = lobby;
  const outputs: LobbyOutput[] = [];
  for (const topic of wanted) {
    const listeners = valueIn(roomy.listenersByTopic, topic) ?? [];
    if (listeners.length < limits.socketsPerTopic) continue;
    const victim = whoGivesWay(roomy, listeners, socket.network);
    if (victim === undefined) return refuse(lobby, id, socket, 'topicFull');
    const [without, closing] = expel(roomy, victim, 'gaveWay');
    roomy = without;
    outputs.push(...closing);
  }
  const copied = wanted.reduce((sum, topic) => sum + (valueIn(roomy.listenersByTopic, topic)?.length ?? 0), 0);
  const [paid, payer] = spend(roomy, socket, copied / limits.listenersFor);
  let { listenersByTopic } = paid;
  for (const topic of wanted)
    listenersByTopic = withValue(listenersByTopic, topic, [...(valueIn(listenersByTopic, topic) ?? []), id]);
  const after: Socket = { ...payer, topics: [...socket.topics, ...wanted] };
  return [withSocket({ ...paid, listenersByTopic }, id, after), outputs];
};

type Content = Readonly<Record<string, unknown>>;

const publish = (
  lobby: Lobby,
  id: string,
  socket: Socket,
  topic: string,
  content: Content,
  random: Uint8Array,
): Stepped => {
  const passed = pass(lobby, topic, content, random, id);
  if (!passed) return refuse(lobby, id, socket, 'tooLarge');
  const [next, outputs] = passed;
  const after = { ...next, published: lobby.published + 1 };
  if (!lobby.isShared) return [after, outputs];
  return [after, [...outputs, { type: 'relay', topic, text: JSON.stringify(content) }]];
};

/** LO5. Another lobby took it from its client; here it is a stranger's text again. */
const heard = (lobby: Lobby, text: string, random: Uint8Array): Stepped => {
  const message = text.length > MAX_WRITTEN ? 'tooLarge' : readClientMessage(text);
  const isPublish = typeof message !== 'string' && message.type === 'publish';
  const passed = isPublish ? pass(lobby, message.topic, message.content, random) : undefined;
  return passed ?? [counted(lobby, 'notFromLobby'), []];
};

/** To those who listen here; `undefined` where it is too large. */
const pass = (
  lobby: Lobby,
  topic: string,
  content: Content,
  random: Uint8Array,
  publisher?: string,
): Stepped | undefined => {
  const listeners = valueIn(lobby.listenersByTopic, topic) ?? [];
  const text = JSON.stringify({ ...content, clients: listeners.length });
  if (text.length > MAX_WRITTEN) return undefined;
  const { fanOut } = lobby.limits;
  const sockets = listeners.length <= fanOut ? listeners : drawn(lobby, listeners, publisher, random);
  const after = { ...lobby, delivered: lobby.delivered + sockets.length };
  return [after, sockets.length > 0 ? [{ type: 'send', sockets, text }] : []];
};

/** Of more than `fanOut` that many, never `but`: what it costs does not grow with the crowd. */
const drawn = (
  { limits, sockets }: Lobby,
  listeners: readonly string[],
  but: string | undefined,
  random: Uint8Array,
): readonly string[] => {
  const seeded = seededRandom(new DataView(random.buffer, random.byteOffset).getInt32(0));
  const chosen = new Set<string>();
  const wanted = Math.min(limits.fanOut * limits.drawnFor, listeners.length - 1);
  while (chosen.size < wanted) {
    const listener = seeded.pick(listeners);
    if (listener !== but) chosen.add(listener);
  }
  const drawnOf = new Map<string, number>();
  const inTurn = [...chosen].map((listener) => {
    const network = valueIn(sockets, listener)?.network ?? '';
    const turn = drawnOf.get(network) ?? 0;
    drawnOf.set(network, turn + 1);
    return { listener, turn };
  });
  return inTurn
    .sort((a, b) => a.turn - b.turn)
    .slice(0, limits.fanOut)
    .map(({ listener }) => listener);
};

// --- Proof of a device key ---------------------------------------------------------------------------------

const checked = (lobby: Lobby, id: string, valid: boolean, now: number): Stepped => {
  const socket = valueIn(lobby.sockets, id);
  if (socket?.proof.state !== 'checking') return [lobby, []];
  if (!valid) return expel(lobby, id, 'badSignature');
  const { device } = socket.proof;
  const known = valueIn(lobby.devices, device);
  if ((known?.sockets ?? 0) >= lobby.limits.socketsPerDevice) return expel(lobby, id, 'tooManyOfDevice');
  const shared: Device = {
    sockets: (known?.sockets ?? 0) + 1,
    bucket: known?.bucket ?? filled(socket.bucket, lobby.limits, now),
  };
  return [
    {
      ...withSocket(lobby, id, { ...socket, proof: { state: 'proved', device } }),
      devices: withValue(lobby.devices, device, shared),
    },
    [send(id, { type: 'welcome', device })],
  ];
};
