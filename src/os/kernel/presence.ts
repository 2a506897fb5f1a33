/**
 * Presence: who is here and where their cursor is. Sealed under the key of the part it is in, signed by the device, never stored, gone
 * ten seconds after the last word. A beacon passes it on between those it links, unread.
 */
import { concat, fromUtf8, utf8 } from '../../base/bytes';
import { decode, encode, type ValueOf } from '../../base/codec';
import type { PresenceRow } from '../../bridge/messages';
import { type Hlc, hlcOf } from '../../vm/op/clock';
import { contentShardOf, type DeviceId, type NodeId, type ShardId, type UserId } from '../../vm/op/ids';
import { ephemeralCodec } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Names } from './names';
import type { Session } from './session';
import type { Space } from './space';

const PRESENCE_TTL_MS = 10_000;
const BEAT_MS = 4_000;
const MAX_STATES = 1_000;
const MAX_STATE_BYTES = 512;
/** The container that means the space itself. */
export const EVERYWHERE = '0'.repeat(32) as NodeId;

/** Whose key seals a word: who may read the object alone sees who is in it. */
const partOf = (space: Space, container: NodeId): ShardId =>
  container === EVERYWHERE ? space.replica.outline : contentShardOf(space.id, container);

type Ephemeral = ValueOf<typeof ephemeralCodec>;
export type Present = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly state: unknown;
  readonly heardAt: number;
  /** From whom it came here first: itself, or a neighbour of both. */
  readonly via: DeviceId | undefined;
};

const signedBytes = (ephemeral: Ephemeral): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/ephemeral/1\0'), encode(ephemeralCodec, { ...ephemeral, signature: new Uint8Array(64) }));

export class Presence {
  /** By space, container and device. */
  readonly #states = new Map<string, Present & { readonly hlc: Hlc }>();
  readonly #own = new Map<string, { space: Space; container: NodeId; state: unknown; sentAt: number; due: boolean }>();
  #stop: () => void = () => {};

  constructor(
    private readonly context: KernelContext,
    /** To one, or to all. */
    private readonly send: (space: Space, payload: Uint8Array, to?: Session) => void,
    private readonly changed: (container: string) => void,
    private readonly names: Pick<Names, 'person'>,
  ) {
    this.#beat();
  }
  close(): void {
    this.#stop();
  }

  /** `null` says goodbye. At most ten words a second leave for one container; the last always does. */
  set(space: Space, container: NodeId, state: unknown): void {
    const key = `${space.id}/${container}`;
    const own = this.#own.get(key) ?? { space, container, state, sentAt: -1_000, due: false };
    own.state = state;
    this.#own.set(key, own);
    if (own.due) return;
    own.due = true;
    const wait = Math.max(0, Math.min(100, own.sentAt + 100 - this.context.ports.clock.now()));
    this.context.ports.clock.after(wait, () => {
      own.due = false;
      void this.#say(key);
    });
  }

  /** Whoever just came hears what all have heard. */
  greet(session: Session): void {
    const { space } = session;
    if (!this.#own.has(`${space.id}/${EVERYWHERE}`)) this.set(space, EVERYWHERE, { here: true });
    // What is due all are about to hear.
    for (const [key, own] of this.#own)
      if (own.space === space && own.state !== null && !own.due) void this.#say(key, session);
  }

  async #say(key: string, to?: Session): Promise<void> {
    const own = this.#own.get(key);
    const sealing = own?.space.replica.writingKey(partOf(own.space, own.container));
    if (!own || !sealing) return;
    if (own.state === null) this.#own.delete(key);
    if (!to) own.sentAt = this.context.ports.clock.now();
    const plain = utf8(JSON.stringify(own.state));
    if (plain.length > MAX_STATE_BYTES) return this.context.count('presenceTooLarge');
    const { crypto, random } = this.context.ports;
    const nonce = random.bytes(12);
    const sealed = await crypto.seal(sealing.key, nonce, plain, utf8(`lgos/ephemeral/1${own.container}`));
    const unsigned: Ephemeral = {
      container: own.container,
      device: this.context.device.device,
      epoch: sealing.epoch,
      hlc: hlcOf(Math.floor(this.context.time.now())),
      nonce,
      sealed,
      signature: new Uint8Array(64),
    };
    const signature = await crypto.sign(this.context.device.key.handle, signedBytes(unsigned));
    this.send(own.space, encode(ephemeralCodec, { ...unsigned, signature }), to);
  }

  async received(space: Space, payload: Uint8Array, via?: DeviceId): Promise<void> {
    const decoded = decode(ephemeralCodec, payload);
    if (!decoded.ok) return;
    const { container, device, epoch, hlc, nonce, sealed, signature } = decoded.value;
    const user = space.replica.rights.userOf(device);
    const key = space.replica.shardKey(epoch, partOf(space, container));
    const role = user ? space.replica.rights.role(user, this.context.time.now()) : 'none';
    if (!user || !key || device === this.context.device.device || role === 'none') return;
    const { crypto } = this.context.ports;
    if (!(await crypto.verify(this.context.bytesOf(device), signedBytes(decoded.value), signature)))
      return this.context.count('refused.forgedPresence');
    const plain = await crypto.open(key, nonce, sealed, utf8(`lgos/ephemeral/1${container}`));
    if (!plain || plain.length > MAX_STATE_BYTES) return this.context.count('refused.badPresence');
    let state: unknown;
    try {
      state = JSON.parse(fromUtf8(plain));
    } catch {
      return this.context.count('refused.badPresence');
    }
    const place = `${space.id}/${container}/${device}`;
    const before = this.#states.get(place);
    if (before && before.hlc >= hlc) return;
    const heardAt = this.context.ports.clock.now();
    if (state === null) this.#states.delete(place);
    else if (this.#states.size < MAX_STATES || before)
      this.#states.set(place, { user, device, state, heardAt, via, hlc });
    this.changed(container === EVERYWHERE ? space.id : container);
  }

  in(space: Space, container: NodeId): readonly Present[] {
    const prefix = `${space.id}/${container}/`;
    return [...this.#states].filter(([key]) => key.startsWith(prefix)).map(([, present]) => present);
  }

  /** Who is in a container, as a page shows them. */
  rows(space: Space, container: NodeId): readonly PresenceRow[] {
    return this.in(space, container).map(({ user, device, state }) => ({
      ...this.names.person(space, user),
      id: device,
      state,
    }));
  }

  #beat(): void {
    this.#stop = this.context.ports.clock.after(BEAT_MS, () => {
      const now = this.context.ports.clock.now();
      for (const [key, { heardAt }] of this.#states) {
        if (now - heardAt <= PRESENCE_TTL_MS && now >= heardAt) continue;
        this.#states.delete(key);
        const [space, container] = key.split('/') as [string, string];
        this.changed(container === EVERYWHERE ? space : container);
      }
      for (const [key, own] of this.#own) if (own.state !== null && !own.due) void this.#say(key);
      this.#beat();
    });
  }
}
