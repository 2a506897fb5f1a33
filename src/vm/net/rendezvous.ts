/**
 * Meeting: under which names nodes of a space seek each other, and whom to link with. Pure: it is told what was heard
 * and what became of links, and says what to publish, dial and drop. It knows nothing of servers, SDP or spaces' content.
 *
 * Rules. RV1: each side of a pair dials the other; exactly one of the two is polite. RV2: at most `MESH` links; a full
 * node still makes room for one that is alone, or the first nine would shut out the tenth for ever. RV3: a new session
 * of a device (a reloaded tab) replaces the old one once it is linked, so that a repeated old announce costs nothing.
 * RV4: what a server repeats, or is not addressed to this session, changes nothing. RV5: every map is bounded.
 * RV6: whom a gate stands before (members of a large space, `vm/overlay`) is dialled, answered and left as it says, and
 * takes no place of the others. RV7: strangers, whom the rights of the space do not know, take no place of those they know: eight
 * are known, two have a place of their own, and one that is linked and stays a stranger makes room for the next.
 * RV8: who was linked in this run and cannot be reached is tried again soon, and at once when another such one can be again, for a
 * cut heals for all: one a quarter of a second, and said to all once.
 */
import { concat, fromHex, toHex, utf8 } from '../../base/bytes';
import { encode, u32 } from '../../base/codec';
import { hmacSha256 } from '../../base/hash';
import { onceOf } from '../../base/once';
import type { Step } from '../../base/step';
import type { DeviceId } from '../op/ids';
import { MAX_PAYLOAD, type SessionId, type SignalMessage } from './signal';

const DAY_MS = 86_400_000;

const topicOn = (roomKey: Uint8Array, day: number): string =>
  toHex(hmacSha256(roomKey, concat(utf8('lgos/topic/1\0'), encode(u32, day))));

type Topics = readonly [string, string, string];
/** Those that were asked for last: whatever comes from a server is held against them. */
const lastTopicsOf = onceOf((_roomKey: Uint8Array): { day: number; topics?: Topics } => ({ day: 0 }));

/** Yesterday's, today's and tomorrow's topic of a space, 64 hex digits each: listen to all, publish to today's. */
export const topicsOf = (roomKey: Uint8Array, nowMs: number): Topics => {
  const day = Math.max(1, Math.floor(nowMs / DAY_MS));
  const last = lastTopicsOf(roomKey);
  if (last.day !== day || !last.topics) {
    last.day = day;
    last.topics = [topicOn(roomKey, day - 1), topicOn(roomKey, day), topicOn(roomKey, day + 1)];
  }
  return last.topics;
};

/** Where one session of a device is reached, whatever the space: sessions are known to members alone. */
export const inboxTopicOf = (device: DeviceId, session: SessionId): string =>
  toHex(hmacSha256(fromHex(session), concat(utf8('lgos/inbox/1\0'), fromHex(device))));

/** What a device signs to show a signaling server that it holds its key. Nonces: the client's 16 to 32 bytes, the server's 32. */
export const challengeBytesOf = (
  device: Uint8Array,
  clientNonce: Uint8Array,
  serverNonce: Uint8Array,
): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/signaling/1\0'), device, Uint8Array.of(clientNonce.length), clientNonce, serverNonce);

// --- The machine -------------------------------------------------------------------------------------------

export const MESH = 8;
const ANNOUNCE_ALONE_MS = 10_000;
const ANNOUNCE_MS = 30_000;
/** In a large space presence ends soon, so it is said more often. */
const ANNOUNCE_CROWDED_MS = 15_000;
/** Whoever does not answer a dial within this time is behind a gate that we do not pass. */
const ANSWER_MS = 5_000;
const DIAL_TIMEOUT_MS = 15_000;
const RETRY_BASE_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** RV8. */
const RETRY_PROVEN_MS = 4_000;
const HEALED_APART_MS = 250;
/** A node that was last heard this long ago is not dialled again. */
const FORGET_MS = 90_000;
const SETTLE_MS = 5_000;
const KNOWN = 64;
/** RV7. */
const STRANGERS_KNOWN = 8;
const STRANGERS = 2;
const WINDOWS = 256;
const WINDOW = 64;
/** A full mesh trades a link for a stranger's this often: what a partition left apart grows together again. */
const SHUFFLE = 1 / 32;

export type Meeting = {
  readonly device: DeviceId;
  readonly session: SessionId;
  readonly phase: 'dialing' | 'linked' | 'waiting';
  /** When the phase began; in `waiting`, when it ends. */
  readonly at: number;
  readonly heardAt: number;
  /** Since we dialled, the other side has addressed us: it dials too. */
  readonly answered: boolean;
  readonly failures: number;
  /** It was linked in this run. */
  readonly proven: boolean;
  /** RV6. */
  readonly gated: boolean;
  /** RV7. */
  readonly stranger: boolean;
};
/** `heard`: it is there, no more; `pass`: it addressed us, and is to be answered; `stranger`: RV7. */
export type Gate = 'open' | 'heard' | 'pass' | 'stranger';

export type Rendezvous = {
  readonly self: DeviceId;
  readonly session: SessionId;
  readonly online: boolean;
  /** By device and session: two sessions of one device may live side by side while a tab reloads. */
  readonly meetings: ReadonlyMap<string, Meeting>;
  /** Counts seen by sender's device and session, the highest `WINDOW`; oldest sender first. */
  readonly windows: ReadonlyMap<string, readonly number[]>;
  readonly count: number;
  readonly announceAt: number;
};

export type RendezvousInput =
  /** `random` in [0, 1) everywhere. */
  | { readonly type: 'online'; readonly now: number; readonly random: number }
  | { readonly type: 'offline' }
  | { readonly type: 'timer'; readonly now: number; readonly random: number; readonly crowded?: boolean }
  /** Opened by `openSignal`. */
  | {
      readonly type: 'received';
      readonly message: SignalMessage;
      readonly now: number;
      readonly random: number;
      readonly gate?: Gate;
    }
  /** RV6: dial it, where it was heard of; leave it. */
  | { readonly type: 'seek'; readonly device: DeviceId; readonly now: number }
  | { readonly type: 'part'; readonly device: DeviceId; readonly now: number }
  /** The peer channel wants this told to its other end. */
  | {
      readonly type: 'signal';
      readonly device: DeviceId;
      readonly session: SessionId;
      readonly payload: string;
      readonly now: number;
    }
  /** A person carried the words: it is about to be `linked`, whatever was being dialled. */
  | { readonly type: 'paired'; readonly device: DeviceId; readonly session: SessionId; readonly now: number }
  /** The handshake over the link has proved the device. */
  | { readonly type: 'linked'; readonly device: DeviceId; readonly session: SessionId; readonly now: number }
  | {
      readonly type: 'lost';
      readonly device: DeviceId;
      readonly session: SessionId;
      readonly now: number;
      readonly random: number;
    };

export type RendezvousOutput =
  /** Seal it; to today's topic of the space, or to the inbox of `message.to` where it is addressed. */
  | { readonly type: 'publish'; readonly message: SignalMessage }
  /** Create the peer channel; it may exist already. */
  | { readonly type: 'dial'; readonly device: DeviceId; readonly session: SessionId; readonly polite: boolean }
  /** Hand a payload to the peer channel of that session. */
  | { readonly type: 'deliver'; readonly device: DeviceId; readonly session: SessionId; readonly payload: string }
  /** Close the peer channel; no `lost` is expected for it. */
  | { readonly type: 'drop'; readonly device: DeviceId; readonly session: SessionId; readonly reason: DropReason };
export type DropReason = 'replaced' | 'timeout' | 'makeRoom' | 'offline' | 'payloadTooLarge';

type Stepped = readonly [Rendezvous, readonly RendezvousOutput[]];

export const openRendezvous = (self: DeviceId, session: SessionId): Rendezvous => ({
  self,
  session,
  online: false,
  meetings: new Map(),
  windows: new Map(),
  count: 0,
  announceAt: Number.POSITIVE_INFINITY,
});

/** A device answers for its own sessions only: nobody can take the session of another by naming it. */
const keyOf = ({ device, session }: { device: DeviceId; session: SessionId }): string => `${device}:${session}`;

export const linkedIn = (state: Rendezvous): readonly Meeting[] =>
  [...state.meetings.values()].filter((m) => m.phase === 'linked');

/** Tried, and not to be reached; who was linked is worth one more quick try. Strangers are not listed. */
export const unreachedIn = ({ meetings }: Rendezvous): readonly DeviceId[] => [
  ...new Set(
    [...meetings.values()]
      .filter(({ failures, proven, gated, stranger }) => failures > (proven ? 1 : 0) && !gated && !stranger)
      .map(({ device }) => device),
  ),
];

const patienceWith = ({ gated, answered }: Meeting): number => (gated && !answered ? ANSWER_MS : DIAL_TIMEOUT_MS);

export const rendezvousStep: Step<Rendezvous, RendezvousInput, RendezvousOutput> = (state, input) => {
  switch (input.type) {
    case 'online':
      return state.online ? [state, []] : announce({ ...state, online: true }, input.now, input.random);
    case 'offline':
      return [
        { ...state, online: false, meetings: new Map(), announceAt: Number.POSITIVE_INFINITY },
        [...state.meetings.values()].filter((m) => m.phase !== 'waiting').map((m) => drop(m, 'offline')),
      ];
    case 'timer':
      return state.online ? tick(state, input.now, input.random, input.crowded ?? false) : [state, []];
    case 'received':
      return state.online ? receive(state, input.message, input.now, input.random, input.gate ?? 'open') : [state, []];
    case 'seek':
      return state.online ? seek(state, input.device, input.now) : [state, []];
    case 'part':
      return part(state, input.device, input.now);
    case 'signal':
      return signal(state, input);
    case 'paired':
      return paired(state, input);
    case 'linked':
      return linked(state, input.device, input.session, input.now);
    case 'lost':
      return lost(state, input, input.now, input.random);
  }
};

const withMeeting = (state: Rendezvous, meeting: Meeting): Rendezvous => ({
  ...state,
  meetings: new Map(state.meetings).set(keyOf(meeting), meeting),
});
const withoutMeeting = (state: Rendezvous, meeting: { device: DeviceId; session: SessionId }): Rendezvous => {
  const meetings = new Map(state.meetings);
  meetings.delete(keyOf(meeting));
  return { ...state, meetings };
};
const drop = ({ device, session }: Meeting, reason: DropReason): RendezvousOutput => ({
  type: 'drop',
  device,
  session,
  reason,
});

const say = (
  state: Rendezvous,
  now: number,
  kind: SignalMessage['kind'],
  to?: { device: DeviceId; session: SessionId },
  payload = '',
): Stepped => {
  const message: SignalMessage = {
    kind,
    from: state.self,
    session: state.session,
    count: state.count,
    time: Math.max(0, Math.floor(now)),
    alone: linkedIn(state).length === 0,
    to: to?.device,
    toSession: to?.session,
    payload,
  };
  return [{ ...state, count: state.count + 1 }, [{ type: 'publish', message }]];
};

const announce = (state: Rendezvous, now: number, random: number, crowded = false): Stepped => {
  const every = linkedIn(state).length === 0 ? ANNOUNCE_ALONE_MS : crowded ? ANNOUNCE_CROWDED_MS : ANNOUNCE_MS;
  return say({ ...state, announceAt: now + every * (0.75 + random / 2) }, now, 'announce');
};

/** Both sides dial; the greeting tells a side that may not have heard of us to do so. */
const dial = (state: Rendezvous, meeting: Meeting, now: number, greet: boolean): Stepped => {
  const { device, session } = meeting;
  const dialing = withMeeting(state, { ...meeting, phase: 'dialing', at: now, answered: !greet });
  const out: RendezvousOutput = { type: 'dial', device, session, polite: state.self > device };
  if (!greet) return [dialing, [out]];
  const [next, outputs] = say(dialing, now, 'announce', meeting);
  return [next, [out, ...outputs]];
};

// --- What is heard -----------------------------------------------------------------------------------------

const receive = (state: Rendezvous, message: SignalMessage, now: number, random: number, gate: Gate): Stepped => {
  if (message.from === state.self) return [state, []];
  if (message.to !== undefined && (message.to !== state.self || message.toSession !== state.session))
    return [state, []];
  if (message.kind === 'signal' && message.to === undefined) return [state, []];
  const fresh = noted(state, message);
  if (!fresh) return [state, []];
  const [met, outputs] = meet(fresh, message, now, random, gate);
  const phase = met.meetings.get(keyOf({ device: message.from, session: message.session }))?.phase;
  const open = message.kind === 'signal' && (phase === 'dialing' || phase === 'linked');
  return [met, open ? [...outputs, deliver(message)] : outputs];
};

const deliver = ({ from, session, payload }: SignalMessage): RendezvousOutput => ({
  type: 'deliver',
  device: from,
  session,
  payload,
});

/** The state with this message's count noted; `undefined` when it was there before, or is too old to tell. */
const noted = (state: Rendezvous, { from, session, count }: SignalMessage): Rendezvous | undefined => {
  const sender = keyOf({ device: from, session });
  const seen = state.windows.get(sender) ?? [];
  const lowest = seen.length >= WINDOW ? Math.min(...seen) : -1;
  if (seen.includes(count) || count < lowest) return undefined;
  const windows = new Map(state.windows);
  windows.delete(sender);
  windows.set(sender, [...seen, count].sort((a, b) => b - a).slice(0, WINDOW));
  for (const oldest of windows.keys()) {
    if (windows.size <= WINDOWS) break;
    if (!state.meetings.has(oldest) || windows.size > WINDOWS + KNOWN) windows.delete(oldest);
  }
  return { ...state, windows };
};

const meet = (state: Rendezvous, message: SignalMessage, now: number, random: number, gate: Gate): Stepped => {
  const { from: device, session } = message;
  const gated = gate === 'heard' || gate === 'pass';
  const stranger = gate === 'stranger';
  const known = state.meetings.get(keyOf({ device, session }));
  if (known && known.phase !== 'waiting') {
    const addressed = message.to !== undefined;
    const heard: Meeting = { ...known, heardAt: now, stranger, answered: known.answered || addressed };
    // A greeting long after we dialled: the other side lost what we hold, and begins anew. An announce to all while our
    // dial goes unanswered: our greeting was lost.
    const unheard = known.phase === 'dialing' && !known.answered;
    const anew = message.kind === 'announce' && (addressed || unheard) && now - known.at >= SETTLE_MS;
    if (!anew) return [withMeeting(state, heard), []];
    const [dialing, outputs] = dial(state, heard, now, !addressed);
    return [dialing, [drop(known, 'replaced'), ...outputs]];
  }
  const meeting: Meeting = known
    ? { ...known, heardAt: now, gated, stranger }
    : {
        device,
        session,
        phase: 'waiting',
        at: now,
        heardAt: now,
        answered: false,
        failures: 0,
        proven: false,
        gated,
        stranger,
      };
  if (gate === 'heard') return [bounded(withMeeting(state, meeting)), []];
  if (gate === 'pass') return dial(bounded(withMeeting(state, meeting)), meeting, now, false);
  // Whoever addresses us is dialling right now, and whoever is alone needs us: they do not wait for our backoff.
  if (meeting.at > now && message.to === undefined && !message.alone) return [withMeeting(state, meeting), []];
  const [roomy, dropped] = makeRoom(state, meeting, message.alone || random < SHUFFLE, now, random);
  if (!roomy) return [bounded(withMeeting(state, meeting)), []];
  const [dialing, outputs] = dial(bounded(withMeeting(roomy, meeting)), meeting, now, message.to === undefined);
  return [dialing, [...dropped, ...outputs]];
};

/** The state with a place for it, or nothing (RV2, RV7). Another session of the same device takes no further place. */
const makeRoom = (
  state: Rendezvous,
  { device, stranger }: Pick<Meeting, 'device' | 'stranger'>,
  insist: boolean,
  now: number,
  random: number,
): readonly [Rendezvous | undefined, readonly RendezvousOutput[]] => {
  const active = [...state.meetings.values()].filter((m) => m.phase !== 'waiting' && !m.gated);
  const others = active.filter((m) => m.device !== device && m.stranger === stranger);
  if (active.filter((m) => m.device === device).length >= 2) return [undefined, []];
  if (new Set(others.map((m) => m.device)).size < (stranger ? STRANGERS : MESH)) return [state, []];
  const settled = others.filter((m) => m.phase === 'linked' && now - m.at >= SETTLE_MS);
  const victim = settled[Math.floor(random * 1024) % Math.max(1, settled.length)];
  // At most one newcomer is let in at a time, or a crowd would empty the mesh.
  const busy = others.some((m) => m.phase === 'dialing');
  if (!(insist || stranger) || busy || !victim) return [undefined, []];
  return [withoutMeeting(state, victim), [drop(victim, 'makeRoom')]];
};

/** Who was heard of longest ago and is not dialled goes. */
const bounded = (state: Rendezvous): Rendezvous => {
  const waiting = [...state.meetings.values()]
    .filter((m) => m.phase === 'waiting')
    .sort((a, b) => a.heardAt - b.heardAt);
  const strangers = waiting.filter((m) => m.stranger);
  const gone = new Set(strangers.slice(0, Math.max(0, strangers.length - STRANGERS_KNOWN)));
  for (const meeting of waiting) {
    if (state.meetings.size - gone.size <= KNOWN) break;
    gone.add(meeting);
  }
  if (gone.size === 0) return state;
  return { ...state, meetings: new Map([...state.meetings].filter(([, meeting]) => !gone.has(meeting))) };
};

// --- The gate (RV6) ----------------------------------------------------------------------------------------

const seek = (state: Rendezvous, device: DeviceId, now: number): Stepped => {
  const heard = [...state.meetings.values()].filter((m) => m.device === device && m.phase === 'waiting');
  const last = heard.sort((a, b) => b.heardAt - a.heardAt)[0];
  return last ? dial(state, { ...last, gated: true }, now, true) : [state, []];
};

const part = (state: Rendezvous, device: DeviceId, now: number): Stepped => {
  let next = state;
  const outputs: RendezvousOutput[] = [];
  for (const meeting of state.meetings.values()) {
    if (meeting.device !== device || meeting.phase === 'waiting') continue;
    next = withMeeting(next, { ...meeting, phase: 'waiting', at: now, gated: true });
    outputs.push(drop(meeting, 'makeRoom'));
  }
  return [next, outputs];
};

// --- What becomes of links ---------------------------------------------------------------------------------

const signal = (state: Rendezvous, input: Extract<RendezvousInput, { type: 'signal' }>): Stepped => {
  const meeting = state.meetings.get(keyOf(input));
  if (!state.online || !meeting || meeting.phase === 'waiting') return [state, []];
  if (utf8(input.payload).length > MAX_PAYLOAD)
    return [withoutMeeting(state, input), [drop(meeting, 'payloadTooLarge')]];
  return say(state, input.now, 'signal', meeting, input.payload);
};

const paired = (state: Rendezvous, { device, session, now }: Extract<RendezvousInput, { type: 'paired' }>): Stepped => {
  if (!state.online) return [state, []];
  const before = state.meetings.get(keyOf({ device, session }));
  const found = { phase: 'dialing', at: now, heardAt: now, answered: true, failures: 0, proven: false } as const;
  const next = bounded(withMeeting(state, { device, session, ...found, gated: false, stranger: false }));
  return [next, before && before.phase !== 'waiting' ? [drop(before, 'replaced')] : []];
};

/** RV8: it was linked, and has not been reached since by more than the one quick try. */
const isCut = ({ proven, failures, gated, stranger }: Meeting): boolean =>
  proven && failures >= 2 && !gated && !stranger;
const heal = (state: Rendezvous, now: number): readonly [Rendezvous, RendezvousOutput[]] => {
  const outputs: RendezvousOutput[] = [];
  let next = { ...state, announceAt: Math.min(state.announceAt, now + RETRY_BASE_MS) };
  let at = now;
  for (const meeting of state.meetings.values()) {
    const isStuck = meeting.phase === 'dialing' && now - meeting.at >= SETTLE_MS;
    if (!isCut(meeting) || !(isStuck || meeting.phase === 'waiting')) continue;
    at += HEALED_APART_MS;
    next = withMeeting(next, { ...meeting, phase: 'waiting', at: Math.min(at, isStuck ? at : meeting.at) });
    if (isStuck) outputs.push(drop(meeting, 'timeout'));
  }
  return [next, outputs];
};

const linked = (state: Rendezvous, device: DeviceId, session: SessionId, now: number): Stepped => {
  const before = state.meetings.get(keyOf({ device, session }));
  if (!state.online || !before) {
    return [state, [{ type: 'drop', device, session, reason: state.online ? 'replaced' : 'offline' }]];
  }
  const met = withMeeting(state, { ...before, phase: 'linked', at: now, heardAt: now, failures: 0, proven: true });
  const [healed, outputs] = isCut(before) ? heal(met, now) : [met, []];
  let next = healed;
  for (const other of healed.meetings.values()) {
    if (other.device !== device || other.session === session) continue;
    next = withoutMeeting(next, other);
    if (other.phase !== 'waiting') outputs.push(drop(other, 'replaced'));
  }
  return [next, outputs];
};

const waitingAgain = (meeting: Meeting, now: number, random: number): Meeting => {
  const most = meeting.proven && !meeting.stranger ? RETRY_PROVEN_MS : RETRY_MAX_MS;
  const pause = Math.min(most, RETRY_BASE_MS * 2 ** Math.min(10, meeting.failures)) * (0.75 + random / 2);
  return { ...meeting, phase: 'waiting', at: now + pause, failures: meeting.failures + 1 };
};

const lost = (
  state: Rendezvous,
  peer: { device: DeviceId; session: SessionId },
  now: number,
  random: number,
): Stepped => {
  const meeting = state.meetings.get(keyOf(peer));
  if (!meeting || meeting.phase === 'waiting') return [state, []];
  // A link that lived is worth one quick try; the other side may be back at once.
  const heardAt = meeting.phase === 'linked' ? now : meeting.heardAt;
  const next = withMeeting(state, waitingAgain({ ...meeting, heardAt }, now, random));
  const alone = linkedIn(next).length === 0;
  return [alone ? { ...next, announceAt: Math.min(next.announceAt, now + RETRY_BASE_MS * (0.5 + random)) } : next, []];
};

const tick = (state: Rendezvous, now: number, random: number, crowded: boolean): Stepped => {
  let next = state;
  const outputs: RendezvousOutput[] = [];
  for (const meeting of state.meetings.values()) {
    if (meeting.phase === 'dialing' && now - meeting.at >= patienceWith(meeting)) {
      next = withMeeting(next, waitingAgain(meeting, now, random));
      outputs.push(drop(meeting, 'timeout'));
    } else if (meeting.phase === 'waiting' && now - meeting.heardAt > FORGET_MS) {
      next = withoutMeeting(next, meeting);
    } else if (meeting.phase === 'waiting' && meeting.at <= now && !meeting.gated) {
      const [roomy] = makeRoom(next, meeting, false, now, random);
      const [after, said] = roomy
        ? dial(roomy, meeting, now, true)
        : [withMeeting(next, { ...meeting, at: now + RETRY_MAX_MS }), []];
      next = after;
      outputs.push(...said);
    }
  }
  if (now < next.announceAt) return [next, outputs];
  const [announced, said] = announce(next, now, random, crowded);
  return [announced, [...outputs, ...said]];
};
