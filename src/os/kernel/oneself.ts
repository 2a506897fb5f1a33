/**
 * The person whose device this is, and their other devices: which space is their own, their settings in it, where else they are
 * at home, and how this profile becomes another person, or one more device of a person. On a beacon it is nobody.
 */
import { toHex } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { ChangeSet, Engine } from '../../vm/graph/engine';
import type { SpaceId, UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { KeptSettings, type Setting, settingKeys } from '../graph/settings';
import {
  becomeLinked,
  becomeSeed,
  type Home,
  type Identity,
  loadHome,
  PERSONAL,
  personOfSeed,
  userOf,
} from '../rights/identity';
import type { LinkingParcel, Side } from '../rights/linking';
import { founderOf } from '../rights/seed';
import { refusal, type Value } from '../schema/define';
import type { Commands } from './commands';
import type { KernelContext } from './context';
import { Devices } from './devices';
import type { Holdings } from './holdings';
import { Linking } from './linking';
import type { Network } from './network';
import { Noticing } from './noticing';
import type { KernelOptions } from './options';
import type { Reach } from './reach';
import type { Rotation } from './rotation';
import { SELF, type SelfFacts } from './self';
import type { Space } from './space';
import { titleOf } from './view';
import { Whereabouts } from './whereabouts';

/** Beacons that a new device is told of. */
const MAX_BEACONS = 8;

export type OneselfParts = {
  readonly holdings: Pick<Holdings, 'spaces' | 'keep'>;
  readonly commands: Pick<Commands, 'present' | 'writePersonal'>;
  readonly network: Pick<Network, 'links'>;
  readonly reach: Pick<Reach, 'know' | 'refresh'>;
  readonly rotation: Pick<Rotation, 'newKey'>;
};
export type OneselfEvents = {
  touched(topic: string): void;
  /** Another device knows of a space, or knows more of it. */
  listed(): void;
  /** A setting was made, here or on another device. */
  set(key: string): void;
};

export class Oneself implements SelfFacts {
  readonly devices: Devices;
  readonly linking: Linking;
  readonly whereabouts: Whereabouts;
  readonly #noticing: Noticing;
  readonly #settings = new KeptSettings();
  /** Where the personal space of a person who has just come is to be found. */
  #home: Home | undefined;
  #personal = '' as SpaceId;
  /** The same, before its journal is here. */
  #seenPersonal = '' as SpaceId;
  #restart = false;

  constructor(
    private readonly context: KernelContext,
    options: Pick<KernelOptions, 'origin' | 'signaling' | 'deviceName'>,
    private readonly parts: OneselfParts,
    private readonly events: OneselfEvents,
  ) {
    const personal = (): Space | undefined => this.personal;
    const settings = (): ReadonlyMap<string, Setting> => {
      const home = this.personal;
      return home ? this.settingsOf(home.replica.engine) : new Map();
    };
    const write = (values: Readonly<Record<string, Value>>): Promise<void> => parts.commands.writePersonal(values);
    const changed = (): void => events.touched(SELF);
    const name = options.deviceName ?? '';
    this.whereabouts = new Whereabouts(context, {
      spaces: parts.holdings.spaces,
      personal,
      write: (key, value) => write({ [key]: value }),
      keep: (space) => parts.holdings.keep(space),
      know: (beacon) => parts.reach.know(beacon),
      changed: () => {
        changed();
        parts.reach.refresh();
        events.listed();
      },
    });
    this.devices = new Devices(context, {
      spaces: parts.holdings.spaces,
      personal,
      setting: (key) => settings().get(key)?.value,
      settingsUnder: (prefix) => [...settings().keys()].filter((key) => key.startsWith(prefix)),
      write,
      newKey: (space) => parts.rotation.newKey(space),
      isLinked: (device) => [...parts.network.links].some((link) => link.ready?.device === device),
      name,
      changed,
    });
    this.#noticing = new Noticing(context, (device) => this.devices.isVouched(device));
    this.linking = new Linking(context, {
      origin: options.origin,
      signaling: options.signaling ?? [],
      name: () => this.devices.rows().find(({ you }) => you)?.name || name,
      isMine: (device) => this.personal?.replica.rights.userOf(device) === this.identity?.user,
      parcel: (device) => this.#parcelFor(device),
      become: async ({ certificate, keyrings, personal, room, beacons }) => {
        await becomeLinked(context.ports.vault, certificate, keyrings, personal, { room, beacons });
        this.#restart = true;
      },
      changed,
    });
  }

  get identity(): Identity | undefined {
    return this.context.identity;
  }
  /** The personal space, where its journal is here. */
  get personal(): Space | undefined {
    return this.parts.holdings.spaces.get(this.#personal);
  }
  /** The id of the personal space; empty while there is none. */
  get personalSpace(): SpaceId {
    return this.#personal || this.#seenPersonal;
  }
  settingsOf(engine: Engine): ReadonlyMap<string, Setting> {
    return this.#settings.of(engine);
  }
  get restart(): boolean {
    return this.#restart;
  }

  // --- Starting and stopping ---------------------------------------------------------------------------------

  /** Before anything is shown. */
  async show(): Promise<void> {
    const personal = await this.context.ports.vault.get(PERSONAL);
    if (personal) this.#seenPersonal = toHex(personal) as SpaceId;
  }
  /** The journals are here. */
  async load(): Promise<void> {
    const { vault } = this.context.ports;
    const personal = await vault.get(PERSONAL);
    if (!personal) return;
    this.#personal = toHex(personal) as SpaceId;
    // Of a person who has just come here, nothing is held yet.
    this.#home = await loadHome(vault);
    if (this.#home) await this.parts.holdings.keep(this.#personal);
    for (const beacon of this.#home?.beacons ?? []) this.parts.reach.know(beacon);
  }
  /** Whoever comes for the first time has founded it. */
  settled(space: SpaceId): void {
    this.#personal = space;
  }
  stop(): void {
    this.whereabouts.stop();
    this.devices.stop();
    this.#noticing.stop();
    this.linking.close();
  }

  // --- What happens in spaces --------------------------------------------------------------------------------

  folded(space: Space, changes: ChangeSet): void {
    this.whereabouts.look();
    if (space.id !== this.personalSpace) return;
    this.#settings.folded(changes);
    this.devices.look();
    this.events.touched(SELF);
    for (const key of settingKeys(space.replica.engine, changes.nodes)) {
      this.events.touched(topics.personal(key));
      if (key === 'name') this.events.touched(topics.me);
      this.events.set(key);
    }
  }
  rightsChanged(space: Space): void {
    this.whereabouts.look();
    this.devices.heard(space);
    this.#noticing.heard(space);
  }

  /** Of rooms in which spaces of this person are sought that are not here yet. */
  roomKeys(): readonly Uint8Array[] {
    const home = this.#home && !this.personal?.replica.rights.genesis() ? [this.#home.room] : [];
    return [...this.whereabouts.roomKeys(), ...home];
  }

  // --- Becoming somebody -------------------------------------------------------------------------------------

  home(): { readonly home: boolean; readonly known: number; readonly here: number } {
    const user = this.identity?.user as UserId;
    const isHere = (space: SpaceId): boolean => {
      const held = this.parts.holdings.spaces.get(space);
      return held !== undefined && held.replica.rights.role(user) !== 'none' && titleOf(held) !== '';
    };
    const known = [...this.whereabouts.listed.keys()];
    return { home: isHere(this.#personal), known: known.length, here: known.filter(isHere).length };
  }
  async become(seed: Uint8Array<ArrayBuffer>): Promise<Result<void, Refusal>> {
    const { crypto, vault } = this.context.ports;
    const user = userOf(personOfSeed(seed));
    if (user === this.identity?.user)
      return err(
        refusal(
          'alreadyYou',
          'That is the recovery phrase of who you are here already.',
          'Nothing was changed.',
          'There is nothing to bring back.',
        ),
      );
    const founder = await founderOf(crypto, seed, user);
    await becomeSeed(vault, seed, founder.space, { room: founder.roomKey, beacons: [] });
    this.#restart = true;
    this.events.touched(SELF);
    return ok(undefined);
  }
  present(values: { readonly picture: string }): Promise<void> {
    return this.parts.commands.present(values);
  }
  async #parcelFor(device: Side['device']): Promise<LinkingParcel> {
    const { identity, time } = this.context;
    const rights = this.personal?.replica.rights;
    if (!identity || !rights) throw new Error('Broken invariant: only a settled person links a device');
    await this.devices.vouchForLinked(device);
    return {
      certificate: await identity.certifies(device, identity.keyring.publicKey, Math.max(0, Math.floor(time.now()))),
      keyrings: identity.keyringSecrets,
      personal: this.#personal,
      room: rights.roomKeys().at(-1) as Uint8Array<ArrayBuffer>,
      beacons: [...rights.relays().values()].map(({ url, device }) => ({ url, device })).slice(0, MAX_BEACONS),
    };
  }
}
