/**
 * The devices of this person: what they are called, when they were last heard of, and taking one away. A device that is taken
 * away is named in every space as no longer the person's, keeps what it wrote until then, and gets no key made since.
 *
 * DE1 only a device with the root takes one away; any device of the person repeats the root's word where a space lacks it.
 * DE2 the next generation of the keyring is sealed to each remaining device before the word goes out, and epoch keys are
 *     wrapped to it from then on.
 * DE3 a device that hears that it was taken away says so, and writes nothing more.
 * DE4 devices of a person vouch for each other in the personal space, and bring these words to all others. For one that came
 *     by the phrase or a key file the person is asked on every older device; a no takes it out everywhere, with new keys
 *     that do not follow from the phrase.
 * DE5 what a device in doubt wrote into settings takes no other one away, and makes none change its keyring.
 */
import { fromBase64Url, isHex, toBase64Url } from '../../base/bytes';
import type { DeviceRow, NewcomerRow } from '../../bridge/messages';
import { msOf } from '../../vm/op/clock';
import type { DeviceId, LogId, SpaceId } from '../../vm/op/ids';
import type { Act, ActOf } from '../rights/acl';
import { MAX_GENERATIONS, verifyDisowned, vouch } from '../rights/identity';
import { waitsUntil } from '../rights/may';
import type { DeviceStanding } from '../rights/newcomers';
import { openParcel, sealParcel, showKey, shownKey } from '../rights/parcel';
import type { Item } from '../rights/words';
import { refusal, type Value } from '../schema/define';
import type { KernelContext } from './context';
import { unwrap, whyNot } from './refusals';
import type { Space } from './space';

const SETTLE_MS = 400;
/** Whoever took the device away says so everywhere itself; others repeat it only where it did not come to that. */
const REPEAT_MIN_MS = 5_000;
const REPEAT_SPREAD_MS = 10_000;

export const deviceKey = (device: string): string => `device/${device}`;
export const deviceNameKey = (device: string): string => `device/${device}/name`;
const parcelKey = (device: string, generation: number): string => `keyring/${device}/${generation}`;
const REVOKED = 'revoked/';

export type DevicesFacts = {
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  personal(): Space | undefined;
  setting(key: string): Value | undefined;
  /** Keys of settings that begin with `prefix`. */
  settingsUnder(prefix: string): readonly string[];
  write(values: Readonly<Record<string, Value>>): Promise<void>;
  /** The acts of a new epoch for all members. */
  newKey(space: Space): Promise<readonly Act[]>;
  isLinked(device: DeviceId): boolean;
  /** What this device is called until somebody names it. */
  readonly name: string;
  changed(): void;
};

/** What a device wrote and is held here. */
const cutOf = (space: Space, device: DeviceId): { log: LogId; seq: number }[] => {
  const cut: { log: LogId; seq: number }[] = [];
  for (const [id, log] of space.replica.logs)
    if (log.head?.header.device === device && log.head.header.shard !== space.replica.acl)
      cut.push({ log: id, seq: log.length - 1 });
  return cut;
};

const notWaiting = refusal(
  'notFound',
  'That device does not wait for your word any more.',
  'Nothing was changed.',
  'Look at your devices in Settings.',
);
const isVetoBy = (item: Item, by: DeviceId, device: DeviceId): boolean =>
  item.device === by && item.acts.some((act) => act.type === 'veto' && act.device === device);

export class Devices {
  #due: (() => void) | undefined;
  #looking = false;
  #stopped = false;
  #removed = false;
  readonly #repeats = new Map<DeviceId, () => void>();

  constructor(
    private readonly context: KernelContext,
    private readonly facts: DevicesFacts,
  ) {}

  /** This device was taken away by another one. */
  get removed(): boolean {
    return this.#removed;
  }

  stop(): void {
    this.#stopped = true;
    this.#due?.();
    for (const cancel of this.#repeats.values()) cancel();
  }

  /** Rights of a space moved. */
  heard(space: Space): void {
    if (!this.#removed && this.#isOut(space, this.context.device.device)) {
      this.#removed = true;
      this.facts.changed();
    }
    this.look();
  }
  /** Something moved in the personal space. */
  look(): void {
    if (!this.context.identity || this.#stopped || this.#due) return;
    this.#due = this.context.ports.clock.after(SETTLE_MS, () => {
      this.#due = undefined;
      if (this.#looking) return this.look();
      this.#looking = true;
      void this.#look()
        .catch((fault) => this.context.ports.log('devices', { reason: String(fault?.message ?? fault) }))
        .finally(() => {
          this.#looking = false;
        });
    });
  }

  #isOut(space: Space, device: DeviceId): boolean {
    return space.replica.rights.suspensions(device).some(({ type }) => type === 'revoked');
  }

  async #look(): Promise<void> {
    const { identity } = this.context;
    const personal = this.facts.personal();
    if (!identity || this.#removed || !personal?.replica.readable) return;
    if (personal.replica.rights.userOf(identity.device) !== identity.user) return;
    await this.#announce();
    await this.#takeParcels();
    // DE5.
    for (const device of this.#revoked()) if (this.#isOut(personal, device)) this.#repeatSoon(device);
    await this.#vouch(personal);
  }

  // --- Newcomers -----------------------------------------------------------------------------------------------

  #isSettled(space: Space, device: DeviceId): boolean {
    const { rights } = space.replica;
    const standing = rights.standingOf(device);
    const type = standing?.type ?? 'first';
    return rights.userOf(device) === this.context.identity?.user && (type === 'first' || type === 'confirmed');
  }
  /** Whether an older device stands by it: there is nothing to ask the person. */
  isVouched(device: DeviceId): boolean {
    const personal = this.facts.personal();
    return personal !== undefined && this.#isSettled(personal, device) && !this.#isOut(personal, device);
  }
  /** Words for the device that the personal space holds, and this one lacks and could use. */
  vouches(space: Space, device: DeviceId): readonly ActOf<'confirm'>[] {
    const { rights } = space.replica;
    const here = rights.confirms().filter((act) => act.device === device);
    const known = this.facts.personal()?.replica.rights.confirms() ?? [];
    return known.filter(
      (act) =>
        act.device === device &&
        rights.userOf(act.by) === this.context.identity?.user &&
        !here.some(({ by }) => by === act.by),
    );
  }
  /** DE4. */
  async #vouch(personal: Space): Promise<void> {
    const { identity } = this.context;
    if (!identity) return;
    if (this.#isSettled(personal, identity.device))
      for (const device of personal.replica.rights.devicesOf(identity.user))
        if (device !== identity.device && this.isVouched(device)) await this.#vouchFor(device);
    for (const space of [...this.facts.spaces.values()]) {
      if (space === personal || space.replica.rights.userOf(identity.device) !== identity.user) continue;
      const waiting = space.replica.rights.newcomers().filter(({ user }) => user === identity.user);
      for (const { device } of waiting) {
        const acts = this.isVouched(device) ? this.vouches(space, device) : [];
        if (acts.length > 0) unwrap(await space.act('acl', acts));
        else if (personal.replica.rights.standingOf(device)?.veto) await this.#veto(space, device);
      }
    }
  }
  /** In the personal space, once. */
  async #vouchFor(device: DeviceId): Promise<void> {
    const { identity, ports } = this.context;
    const personal = this.facts.personal();
    if (!identity || !personal) return;
    const said = personal.replica.rights.confirms();
    if (said.some((act) => act.device === device && act.by === identity.device)) return;
    unwrap(await personal.act('acl', [await vouch(ports.crypto, identity, identity.user, device)]));
  }
  /** This device links another one. */
  async vouchForLinked(device: DeviceId): Promise<void> {
    await this.#vouchFor(device);
  }

  #waitingIn(space: Space): readonly DeviceStanding[] {
    const { identity, time } = this.context;
    const { rights } = space.replica;
    const mine = identity && rights.standingOf(identity.device);
    // Whoever waits themselves, or came later, is not asked.
    if (!identity || rights.userOf(identity.device) !== identity.user || mine?.type === 'refused') return [];
    if (waitsUntil(rights, identity.device, time.now()) !== undefined) return [];
    return rights
      .newcomers()
      .filter(
        ({ user, device, until }) =>
          user === identity.user && device !== identity.device && time.now() < until && !this.isVouched(device),
      );
  }
  newcomers(): readonly NewcomerRow[] {
    const found = new Map<DeviceId, NewcomerRow>();
    for (const space of this.facts.spaces.values()) {
      for (const { device, first, until } of this.#removed ? [] : this.#waitingIn(space)) {
        const known = found.get(device);
        const name = this.facts.setting(deviceNameKey(device));
        found.set(device, {
          id: device,
          name: typeof name === 'string' ? name.slice(0, 80) : '',
          at: Math.min(known?.at ?? Number.POSITIVE_INFINITY, Math.floor(first.hlc)),
          until: Math.max(known?.until ?? 0, Math.floor(until)),
          spaces: (known?.spaces ?? 0) + 1,
        });
      }
    }
    return [...found.values()].sort((a, b) => b.at - a.at || a.id.localeCompare(b.id));
  }
  /** Until when this device changes nobody's access in some space; null where it may in all. */
  waits(): number | null {
    const now = this.context.time.now();
    const until = [...this.facts.spaces.values()].map(
      ({ replica }) => waitsUntil(replica.rights, this.context.device.device, now) ?? 0,
    );
    return Math.floor(Math.max(0, ...until)) || null;
  }
  /** An older device said that it was not the person who restored this one. */
  get refused(): boolean {
    const { device } = this.context.device;
    return [...this.facts.spaces.values()].some(
      ({ replica }) =>
        replica.rights.standingOf(device)?.veto || replica.rights.suspensions(device).some((s) => s.vetoed),
    );
  }

  /** The person says that it was them: it waits no longer. */
  async confirm(device: DeviceId): Promise<void> {
    const personal = this.facts.personal();
    if (!personal || !this.newcomers().some(({ id }) => id === device)) throw notWaiting;
    await this.#vouchFor(device);
    await this.#vouch(personal);
    this.facts.changed();
  }

  /** The person says that it was not them: it is out everywhere, and what it did about rights is void. */
  async refuse(device: DeviceId): Promise<void> {
    const { identity, ports } = this.context;
    const personal = this.facts.personal();
    if (!identity || !personal || !this.newcomers().some(({ id }) => id === device)) throw notWaiting;
    const said: Space[] = [];
    for (const space of [personal, ...this.facts.spaces.values()])
      if (!said.includes(space) && (await this.#veto(space, device))) said.push(space);
    // Whoever has the phrase can compute what follows from it: not this.
    if (identity.root) await this.#nextKeyring(device, ports.random.bytes(32));
    for (const space of said) await this.#renewKey(space);
    this.facts.changed();
  }
  async #veto(space: Space, device: DeviceId): Promise<boolean> {
    const { identity } = this.context;
    const { rights } = space.replica;
    const known = rights.userOf(device);
    if (!identity || rights.userOf(identity.device) !== identity.user || (known ?? identity.user) !== identity.user)
      return false;
    if (rights.history().some(({ item }) => isVetoBy(item, identity.device, device))) return false;
    const done = await space.act('acl', [{ type: 'veto', device, cut: cutOf(space, device) }]);
    if (!done.ok) this.context.ports.log('notVetoed', { reason: done.error.type });
    return done.ok;
  }
  async #renewKey(space: Space): Promise<void> {
    const { identity } = this.context;
    const role = identity ? space.replica.rights.role(identity.user) : 'none';
    const isAdmin = role === 'owner' || role === 'admin';
    // Where others give keys, they see that one is due.
    const acts = isAdmin && space.replica.currentEpoch() ? await this.facts.newKey(space) : [];
    if (!identity) return;
    unwrap(await space.act('acl', [{ type: 'certify', certificate: identity.certificate }]));
    if (acts.length > 0) unwrap(await space.act('acl', acts));
  }

  async #announce(): Promise<void> {
    const { identity, ports } = this.context;
    if (!identity || this.facts.setting(deviceKey(identity.device)) !== undefined) return;
    const shown = await showKey(ports.crypto, identity.user, identity);
    const name = this.facts.setting(deviceNameKey(identity.device)) ?? this.facts.name;
    await this.facts.write({ [deviceKey(identity.device)]: shown, [deviceNameKey(identity.device)]: name });
  }

  /** New generations of the keyring that another device left for this one, in their order. */
  async #takeParcels(): Promise<void> {
    const { identity, ports, time } = this.context;
    // DE5: one for each device that is out.
    const most = Math.min(MAX_GENERATIONS, 1 + this.#takenAway());
    while (identity && identity.keyrings.length < most) {
      const generation = identity.keyrings.length;
      const value = this.facts.setting(parcelKey(identity.device, generation));
      const opened = value && (await openParcel(ports.crypto, identity, generation, value));
      if (!opened) return;
      await identity.renew(opened.secret, Math.floor(time.now()), identity.root ? undefined : opened.certificate);
      for (const space of [...this.facts.spaces.values()]) await space.keyringChanged();
    }
  }

  #takenAway(): number {
    const { identity } = this.context;
    const rights = this.facts.personal()?.replica.rights;
    const out = new Set<DeviceId>();
    for (const { item, counts } of rights?.history() ?? [])
      for (const act of item.acts)
        if (counts && item.user === identity?.user && (act.type === 'revokeDevice' || act.type === 'veto'))
          out.add(act.device);
    return out.size;
  }

  #revoked(): readonly DeviceId[] {
    return this.facts.settingsUnder(REVOKED).flatMap((key) => {
      const device = key.slice(REVOKED.length);
      return isHex(device, 32) ? [device as DeviceId] : [];
    });
  }

  #repeatSoon(device: DeviceId): void {
    if (this.#repeats.has(device) || this.#lacking(device).length === 0) return;
    const chance = (this.context.ports.random.bytes(1)[0] ?? 0) / 255;
    const cancel = this.context.ports.clock.after(REPEAT_MIN_MS + chance * REPEAT_SPREAD_MS, () => {
      this.#repeats.delete(device);
      void this.#sayEverywhere(device).catch((fault) =>
        this.context.ports.log('notRepeated', { reason: String(fault?.message ?? fault) }),
      );
    });
    this.#repeats.set(device, cancel);
  }

  /** Spaces that still take the device for this person's. */
  #lacking(device: DeviceId): readonly Space[] {
    const { identity } = this.context;
    return [...this.facts.spaces.values()].filter(
      ({ replica: { rights } }) =>
        identity !== undefined &&
        rights.role(identity.user) !== 'none' &&
        rights.userOf(identity.device) === identity.user &&
        // Also where it has not shown itself: it holds a certificate that would let it in.
        (rights.userOf(device) ?? identity.user) === identity.user &&
        !rights.suspensions(device).some(({ type, by }) => type === 'revoked' && by === identity.user),
    );
  }

  async #sayEverywhere(device: DeviceId): Promise<void> {
    const { identity, ports } = this.context;
    const kept = this.facts.setting(REVOKED + device);
    const signature = typeof kept === 'string' ? fromBase64Url(kept) : undefined;
    if (!identity || signature?.length !== 64) return;
    if (!(await verifyDisowned(ports.crypto, identity.rootPub, identity.user, device, signature))) return;
    for (const space of this.#lacking(device)) await this.#say(space, device, signature);
  }

  async #say(space: Space, device: DeviceId, signature: Uint8Array<ArrayBuffer>): Promise<void> {
    const { identity } = this.context;
    const { rights } = space.replica;
    if (!identity) return;
    const wrapped = rights.keyringOf(identity.user);
    // First the keyring that the new key is to be wrapped to.
    if (!wrapped || toBase64Url(wrapped) !== toBase64Url(identity.keyring.publicKey))
      unwrap(await space.act('acl', [{ type: 'certify', certificate: identity.certificate }]));
    const role = rights.role(identity.user);
    const acts = role === 'guest' || !space.replica.currentEpoch() ? [] : await this.facts.newKey(space);
    const isAdmin = role === 'owner' || role === 'admin';
    unwrap(
      await space.act('acl', [
        // Once more, so that whoever reads it knows that this keyring is shown in the knowledge of what was taken away.
        { type: 'certify', certificate: identity.certificate },
        { type: 'revokeDevice', user: identity.user, device, cut: cutOf(space, device), signature },
        ...acts.filter(({ type }) => isAdmin || type === 'epoch' || type === 'wrapPart'),
      ]),
    );
  }

  /** Takes a device away, everywhere. Settles when all spaces that are held here say so. */
  async revoke(device: DeviceId): Promise<void> {
    const { identity, ports } = this.context;
    const personal = this.facts.personal();
    if (!identity?.root)
      throw refusal(
        'noRoot',
        'This device was linked, so it cannot take another one away.',
        'Nothing was changed.',
        'Do it on the device where you began, or restore yourself from your recovery phrase or key file.',
      );
    if (device === identity.device)
      throw refusal(
        'ownDevice',
        'This is the device you are using.',
        'Nothing was changed.',
        'Use another device of yours.',
      );
    if (!personal || personal.replica.rights.userOf(device) !== identity.user || this.#isOut(personal, device))
      throw refusal('notFound', 'That is not a device of yours.', 'Nothing was changed.', 'Reload the list.');
    if (this.waits() !== null) throw whyNot('restored');
    const signature = await identity.disowns(device);
    await this.#nextKeyring(device, identity.nextSecret(ports.random), {
      [REVOKED + device]: toBase64Url(signature),
    });
    await this.#sayEverywhere(device);
    this.facts.changed();
  }

  /** DE2: the next generation, which all devices get but `without`. */
  async #nextKeyring(
    without: DeviceId,
    secret: Uint8Array<ArrayBuffer>,
    values: Record<string, Value> = {},
  ): Promise<void> {
    const { identity, ports, time } = this.context;
    const personal = this.facts.personal();
    if (!identity || !personal) return;
    const generation = identity.keyrings.length;
    const { publicKey } = await ports.crypto.agreementKey(secret);
    const now = Math.max(0, Math.floor(time.now()));
    for (const other of personal.replica.rights.devicesOf(identity.user)) {
      if (other === identity.device || other === without || this.#isOut(personal, other)) continue;
      const agreement = await shownKey(ports.crypto, identity.user, other, this.facts.setting(deviceKey(other)));
      if (!agreement) continue;
      const certificate = await identity.certifies(other, publicKey, now);
      const parcel = await sealParcel(ports.crypto, ports.random, agreement, certificate, generation, secret);
      if (parcel) values[parcelKey(other, generation)] = parcel;
    }
    await this.facts.write(values);
    await identity.renew(secret, now);
  }

  /** The founder is no device of anybody: it signed a genesis and shows no key. */
  rows(): readonly DeviceRow[] {
    const { identity, device: own } = this.context;
    const personal = this.facts.personal();
    if (!identity || !personal) return [];
    const { rights, logs, receipts } = personal.replica;
    const founder = rights.history()[0]?.item.device;
    const seen = new Map<DeviceId, number>();
    const saw = (device: DeviceId, at: number): void => {
      seen.set(device, Math.max(seen.get(device) ?? 0, at));
    };
    for (const { head } of logs.values()) if (head) saw(head.header.device, msOf(head.header.hlc));
    for (const [device, shards] of receipts) for (const { at } of shards.values()) saw(device, at);
    return rights
      .devicesOf(identity.user)
      .filter(
        (device) => device !== founder || this.facts.setting(deviceKey(device)) !== undefined || device === own.device,
      )
      .map((device) => {
        const name = this.facts.setting(deviceNameKey(device));
        const you = device === own.device;
        return {
          id: device,
          name: typeof name === 'string' ? name.slice(0, 80) : '',
          you,
          online: you || this.facts.isLinked(device),
          lastSeenAt: seen.get(device) ?? null,
          revoked: this.#isOut(personal, device),
        };
      })
      .sort(
        (a, b) => Number(b.you) - Number(a.you) || Number(a.revoked) - Number(b.revoked) || a.id.localeCompare(b.id),
      );
  }
}
