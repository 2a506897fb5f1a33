/**
 * Where a person's spaces are: a list in their personal space, kept fresh by every device of theirs, so that a device which
 * comes new to the person finds all of them. It joins nothing: a listed space is held, and shows itself to whoever has it.
 *
 * WH1 a space is taken off the list by a device that was in it and sees that the person is not any more; never by one that
 *     has not read its rights to the end.
 */
import { fromBase64Url, isHex, toBase64Url } from '../../base/bytes';
import { type DeviceId, SPACE_KINDS, type SpaceId } from '../../vm/op/ids';
import { settingsOf } from '../graph/settings';
import type { Value } from '../schema/define';
import type { BeaconAddress } from './beacons';
import type { KernelContext } from './context';
import type { Space } from './space';
import { titleOf } from './view';

const PREFIX = 'spaces/';
const MAX_SPACES = 500;
const MAX_BEACONS = 8;
const SETTLE_MS = 300;

export type Listed = {
  readonly title: string;
  readonly kind: string;
  readonly beacons: readonly BeaconAddress[];
  /** Where those who hold it are met. */
  readonly room: Uint8Array<ArrayBuffer> | undefined;
};

/** A setting may hold anything that a device of the person wrote; what does not fit is not there. */
const readListed = (value: Value | undefined): Listed | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { title, kind, beacons, room } = value as Readonly<Record<string, unknown>>;
  if (typeof title !== 'string' || !SPACE_KINDS.includes(kind as never) || !Array.isArray(beacons)) return undefined;
  const known = beacons.slice(0, MAX_BEACONS).filter((beacon): beacon is BeaconAddress => {
    const { url, device } = (beacon ?? {}) as Readonly<Record<string, unknown>>;
    return typeof url === 'string' && /^wss?:\/\/\S{1,490}$/.test(url) && isHex(device, 32);
  });
  const key = typeof room === 'string' ? fromBase64Url(room) : undefined;
  return {
    title: title.slice(0, 200),
    kind: kind as string,
    beacons: known,
    room: key?.length === 32 ? key : undefined,
  };
};

export type WhereaboutsFacts = {
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  personal(): Space | undefined;
  write(key: string, value: Value): Promise<void>;
  keep(space: SpaceId): Promise<Space>;
  know(beacon: BeaconAddress): void;
  changed(): void;
};

export class Whereabouts {
  readonly #listed = new Map<SpaceId, Listed>();
  /** What this device last had to say of each, so that two devices that know different things do not answer each other. */
  readonly #said = new Map<SpaceId, string>();
  #due: (() => void) | undefined;
  #looking = false;
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: WhereaboutsFacts,
  ) {}

  get listed(): ReadonlyMap<SpaceId, Listed> {
    return this.#listed;
  }
  /** Of spaces whose rights are not here yet. */
  roomKeys(): readonly Uint8Array[] {
    return [...this.#listed].flatMap(([id, { room }]) =>
      room && !this.facts.spaces.get(id)?.replica.rights.genesis() ? [room] : [],
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#due?.();
  }
  /** Something moved in a space, its rights or the list. */
  look(): void {
    if (this.context.kind !== 'tab' || this.#stopped || this.#due) return;
    this.#due = this.context.ports.clock.after(SETTLE_MS, () => {
      this.#due = undefined;
      if (this.#looking) return this.look();
      this.#looking = true;
      void this.#look()
        .catch((fault) => this.context.ports.log('notListed', { reason: String(fault?.message ?? fault) }))
        .finally(() => {
          this.#looking = false;
        });
    });
  }

  async #look(): Promise<void> {
    const personal = this.facts.personal();
    const user = this.context.identity?.user;
    if (!personal || !user || !personal.replica.readable || personal.replica.rights.role(user) === 'none') return;
    this.#read(personal);
    for (const [id, { beacons }] of this.#listed) {
      for (const beacon of beacons) this.facts.know(beacon);
      if (!this.facts.spaces.has(id)) await this.facts.keep(id);
    }
    for (const space of [...this.facts.spaces.values()]) if (space !== personal) await this.#say(space);
  }

  #read(personal: Space): void {
    const before = this.#listed.size;
    this.#listed.clear();
    for (const [key, { value }] of settingsOf(personal.replica.engine)) {
      const id = key.slice(PREFIX.length);
      const listed = key.startsWith(PREFIX) && isHex(id, 32) ? readListed(value) : undefined;
      if (listed && id !== personal.id && this.#listed.size < MAX_SPACES) this.#listed.set(id as SpaceId, listed);
    }
    if (this.#listed.size !== before) this.facts.changed();
  }

  async #say(space: Space): Promise<void> {
    const { identity } = this.context;
    const { rights } = space.replica;
    if (!identity || rights.userOf(identity.device) !== identity.user) return;
    const isIn = rights.role(identity.user) !== 'none';
    const title = titleOf(space);
    if (isIn && title === '') return;
    const listed = this.#listed.get(space.id);
    const value = isIn ? this.#valueOf(space, title) : null;
    const text = JSON.stringify(value);
    if (this.#said.get(space.id) === text) return;
    this.#said.set(space.id, text);
    if (text === JSON.stringify(listed ? written(listed) : null)) return;
    await this.facts.write(PREFIX + space.id, value);
  }

  #valueOf(space: Space, title: string): Value {
    const { rights } = space.replica;
    return written({
      title,
      kind: rights.kind(),
      beacons: [...rights.relays().values()]
        .map(({ url, device }) => ({ url, device: device as DeviceId }))
        .slice(0, MAX_BEACONS),
      room: rights.roomKeys().at(-1) as Uint8Array<ArrayBuffer> | undefined,
    });
  }
}

const written = ({ title, kind, beacons, room }: Listed): Value => ({
  title: title.slice(0, 200),
  kind,
  beacons: beacons.map(({ url, device }) => ({ url, device })),
  room: room ? toBase64Url(room) : null,
});
