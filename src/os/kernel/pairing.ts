/**
 * Connecting without a server: this device's offer as a text, the other one's answer, and the link that comes of them. A person
 * carries the texts; what they are is in `vm/net/pairing` (SP1 to SP4). One at a time.
 *
 * SP5 of somebody without a role in the space, and of a device that its person took away, none is taken.
 */
import { toHex } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { PairingAnswer, Refusal } from '../../bridge/messages';
import type { PeerChannel } from '../../ports';
import {
  judgePairing,
  MAX_PAIRING_SIGNALS,
  PAIRING_MS,
  type PairingMessage,
  readPairing,
  writePairing,
} from '../../vm/net/pairing';
import type { SessionId } from '../../vm/net/signal';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Network } from './network';
import {
  late,
  noDirect,
  noSuchSpace,
  notAsked,
  notOne,
  offline,
  other,
  own,
  stranger,
  unknown,
} from './pairing-refusals';
import type { Space } from './space';

/** Servers that tell this device its outer address may not answer. */
const GATHER_MS = 4_000;
/** Once both know of each other. */
const CONNECT_MS = 30_000;

type Going = {
  readonly id: string;
  readonly space: Space;
  readonly room: Uint8Array;
  readonly endsAt: number;
  /** Theirs, on the second device. */
  readonly offer: PairingMessage | undefined;
  readonly signals: string[];
  channel: PeerChannel | undefined;
  link: Link | undefined;
  /** Of the other side: which run of it. */
  session: SessionId | undefined;
  other: DeviceId | undefined;
  isWriting: boolean;
  text: string | undefined;
  step: PairingAnswer['step'];
  reason: PairingAnswer['reason'];
  cancel(): void;
};

export type PairingParts = {
  readonly network: Pick<Network, 'open' | 'routed'>;
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  online(): boolean;
  /** Of this run, as others know it. */
  session(): SessionId;
  /** The two are linked: from now on like all others. */
  paired(link: Link, channel: PeerChannel, device: DeviceId, session: SessionId): void;
  changed(): void;
};

export class Pairing {
  #going: Going | undefined;

  constructor(
    private readonly context: KernelContext,
    private readonly parts: PairingParts,
  ) {}

  get answer(): PairingAnswer {
    const going = this.#going;
    if (!going) return { step: 'none' };
    const { step, text, space, endsAt, reason, other: device } = going;
    return {
      step,
      spaceId: space.id,
      endsAt,
      ...(text === undefined || (step !== 'offered' && step !== 'answered') ? {} : { text }),
      ...(device === undefined ? {} : { deviceId: device }),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  /** On the first device. */
  offer(id: SpaceId): Result<void, Refusal> {
    const space = this.parts.spaces.get(id);
    const room = space?.replica.rights.roomKeys().at(-1);
    if (!space || !room) return err(noSuchSpace);
    return this.#begin(space, room, undefined);
  }

  /** What the other device shows: its offer, or its answer to ours. */
  async take(typed: string): Promise<Result<void, Refusal>> {
    const rooms = [...this.parts.spaces.values()].flatMap((space) =>
      [...space.replica.rights.roomKeys()].slice(-2).map((key) => ({ space, key })),
    );
    const { crypto, deflate, clock } = this.context.ports;
    const keys = rooms.map(({ key }) => key);
    const read = await readPairing({ crypto, deflate }, keys, typed);
    if (!read.ok) return err(read.error === 'notOne' ? notOne : read.error === 'version' ? other : unknown);
    const { message } = read.value;
    const { space, key } = rooms[read.value.room] as (typeof rooms)[number];
    const going = this.#going;
    const offered = going?.step === 'offered' ? going.id : undefined;
    const fault = judgePairing(message, { self: this.context.device.device, now: clock.now(), offered });
    if (fault) return err({ own, late, notAsked }[fault]);
    const { rights } = space.replica;
    const user = rights.userOf(message.from);
    const isTakenAway = rights.suspensions(message.from).some(({ type }) => type === 'revoked');
    if (!user || isTakenAway || rights.role(user, this.context.time.now()) === 'none') return err(stranger);
    if (message.kind === 'offer') return this.#begin(space, key, message);
    if (!going) return err(notAsked);
    this.#connect(going, message);
    going.step = 'connecting';
    going.cancel();
    going.cancel = clock.after(CONNECT_MS, () => this.#fail(going, 'unreachable'));
    this.parts.changed();
    return ok(undefined);
  }

  /** Of the person's own will. A link that there is stays. */
  stop(): void {
    this.close();
    this.parts.changed();
  }
  close(): void {
    const going = this.#going;
    this.#going = undefined;
    going?.cancel();
    if (going && going.step !== 'linked') this.#hangUp(going);
  }
  #hangUp({ link, channel }: Going): void {
    if (link) link.close('pairing ended');
    else channel?.close();
  }

  linked(link: Link): void {
    const going = this.#going;
    if (!going?.channel || going.link !== link || !going.other || !going.session) return;
    going.cancel();
    going.step = 'linked';
    this.parts.paired(link, going.channel, going.other, going.session);
    this.parts.changed();
  }
  unlinked(link: Link): void {
    const going = this.#going;
    if (going?.link === link && going.step !== 'linked') this.#fail(going, 'unreachable');
  }

  #begin(space: Space, room: Uint8Array, offer: PairingMessage | undefined): Result<void, Refusal> {
    const { transport, clock, random } = this.context.ports;
    if (!transport.createPeer) return err(noDirect);
    if (!this.parts.online()) return err(offline);
    this.close();
    const going: Going = {
      id: offer?.id ?? toHex(random.bytes(16)),
      ...{ space, room, offer, endsAt: clock.now() + PAIRING_MS, signals: [], step: 'gathering' },
      ...{ channel: undefined, link: undefined, session: undefined, other: undefined, text: undefined },
      isWriting: false,
      ...{ reason: undefined, cancel: () => {} },
    };
    this.#going = going;
    going.cancel = clock.after(GATHER_MS, () => void this.#write(going));
    going.channel = transport.createPeer(
      offer !== undefined,
      {
        opened: (binding) => going.link?.channelEvents.opened(binding),
        received: (frame) => going.link?.channelEvents.received(frame),
        drained: () => going.link?.channelEvents.drained(),
        routed: (route) => going.link && this.parts.network.routed(going.link, route),
        closed: (reason) => {
          if (going.link) going.link.channelEvents.closed(reason);
          else this.#fail(going, 'unreachable');
        },
        signal: (signal) => {
          if (!going.isWriting && going.signals.length < MAX_PAIRING_SIGNALS) going.signals.push(signal);
        },
        gathered: () => void this.#write(going),
      },
      // Until the text is too old and, where it came in the last moment, until the two have had their time to connect.
      PAIRING_MS + CONNECT_MS,
    );
    if (offer) this.#connect(going, offer);
    this.parts.changed();
    return ok(undefined);
  }

  /** Who it must be is known now, and what to call. */
  #connect(going: Going, { from, session, signals }: PairingMessage): void {
    const channel = going.channel as PeerChannel;
    going.other = from;
    going.session = session;
    going.link = this.parts.network.open({ path: 'direct', expected: from }, () => channel);
    for (const signal of signals) channel.signal(signal);
  }

  async #write(going: Going): Promise<void> {
    const { id, room, offer, signals, endsAt } = going;
    if (this.#going !== going || going.isWriting || signals.length === 0) return;
    going.isWriting = true;
    const { device, ports } = this.context;
    const text = await writePairing(ports, device.key.handle, room, {
      ...{ kind: offer ? 'answer' : 'offer', id, from: device.device, session: this.parts.session() },
      ...{ time: Math.max(0, Math.floor(ports.clock.now())), to: offer?.from, signals },
    });
    if (this.#going !== going || going.step !== 'gathering') return;
    if (text === undefined) return this.#fail(going, 'unreachable');
    going.text = text;
    going.step = offer ? 'answered' : 'offered';
    going.cancel();
    going.cancel = ports.clock.after(endsAt - ports.clock.now(), () => this.#fail(going, 'late'));
    this.parts.changed();
  }

  #fail(going: Going, reason: NonNullable<PairingAnswer['reason']>): void {
    if (this.#going !== going || going.step === 'failed' || going.step === 'linked') return;
    going.cancel();
    going.step = 'failed';
    going.reason = reason;
    this.#hangUp(going);
    this.parts.changed();
  }
}
