/**
 * The kernel of one node: composes its parts over the ports and offers the surface that pages, scripts and tests use.
 * The same in a tab's worker, in a beacon and in a simulation; a beacon has no person, no keys and no graph.
 */
import { toHex } from '../../base/bytes';
import type { DocumentEvents, KernelApi, MemberRow, PeerRow, PresenceRow, SyncAnswer } from '../../bridge/messages';
import type { Ports } from '../../ports';
import type { ChangeSet } from '../../vm/graph/engine';
import { PROTOCOL_VERSION } from '../../vm/net/handshake';
import type { Entry } from '../../vm/op/entry';
import {
  contentShardOf,
  type DeviceId,
  type EpochId,
  type InviteId,
  type NodeId,
  type ShardId,
  type SpaceId,
  type SpaceKind,
  spaceIdOf,
  type UserId,
} from '../../vm/op/ids';
import { createLive } from '../graph/live';
import { topics } from '../graph/query';
import type { Role } from '../rights/acl';
import { exportKeys, importKeys, loadDevice, loadIdentity } from '../rights/identity';
import { type InviteLink, readLink } from '../rights/invite';
import { makeEpoch } from '../rights/keyring';
import { type App, refusal, type View } from '../schema/define';
import { createRegistry, schemaRules } from '../schema/registry';
import { PROFILE, SPACE } from '../schema/system';
import { beaconOfSetting, type HostingName } from './asking';
import { type BeaconAddress, Beacons } from './beacons';
import { BlobExchange } from './blobs';
import { Commands } from './commands';
import { createContext, type KernelContext, type KernelKind } from './context';
import { Documents } from './documents';
import { Hosting, type HostingPolicy } from './hosting';
import { Introduction } from './introduction';
import { Invites } from './invites';
import { Joins } from './joins';
import type { Link } from './link';
import { Meeting } from './meeting';
import { Membership } from './membership';
import { Network } from './network';
import { EVERYWHERE, Presence } from './presence';
import { durabilityOf, systemApp } from './queries';
import { keepReceipt, restoreReceipts } from './receipts';
import { notYet, unknownSpace, unwrap } from './refusals';
import { Rotation } from './rotation';
import { Space } from './space';
import { Tenancy } from './tenancy';
import { NetworkTime } from './time';
import { createView, personIn, titleOf } from './view';

export type KernelOptions = {
  readonly kind: KernelKind;
  readonly links: 'any' | 'relay';
  /** Of the page, for invite links. */
  readonly origin: string;
  /** The beacon of the page, from `/.well-known/lgos.json`; `url` of its `/link`. */
  readonly beacon?: BeaconAddress & { readonly name: string; readonly hosting?: HostingName };
  readonly signaling?: readonly string[];
  /** What a server says the time is: until nodes are linked, a better guess than a clock that may be hours off. */
  readonly serverTime?: number;
  readonly hosting?: HostingPolicy;
  readonly version: string;
  readonly build: string;
  /** First words of the welcome document, in the language of the page. */
  readonly welcome?: { readonly space: string; readonly title: string; readonly text: string };
};

const JOIN_TIMEOUT_MS = 60_000;

export const createKernel = async (ports: Ports, apps: readonly App[], options: KernelOptions): Promise<KernelApi> => {
  const kernel = new Kernel(ports, apps, options);
  await kernel.start();
  return kernel.api;
};

/** The beacon's side: what its host asks. */
export type BeaconKernel = {
  readonly deviceId: DeviceId;
  stats(): Record<string, number>;
  hosted(): readonly SpaceId[];
  stop(): Promise<void>;
};
export const createBeaconKernel = async (
  ports: Ports,
  apps: readonly App[],
  options: KernelOptions & { hosting: HostingPolicy },
): Promise<BeaconKernel> => {
  const kernel = new Kernel(ports, apps, options);
  await kernel.start();
  return {
    deviceId: kernel.context.device.device,
    stats: () => kernel.stats(),
    hosted: () => [...kernel.spaces.keys()],
    stop: () => kernel.stop(),
  };
};

class Kernel {
  context!: KernelContext;
  readonly spaces = new Map<SpaceId, Space>();
  #network!: Network;
  #beacons!: Beacons;
  #joins!: Joins;
  #hosting!: Hosting;
  #tenancy!: Tenancy;
  #commands!: Commands;
  #meeting!: Meeting;
  #presence!: Presence;
  #documents!: Documents;
  #blobs!: BlobExchange;
  #invites!: Invites;
  #introduction!: Introduction;
  #rotation!: Rotation;
  #membership!: Membership;
  #live!: ReturnType<typeof createLive>;
  #view!: View;
  #personal = '' as SpaceId;
  #online = true;
  #readOnly: string | null = null;
  #stopListening: () => void = () => {};

  constructor(
    private readonly ports: Ports,
    private readonly apps: readonly App[],
    private readonly options: KernelOptions,
  ) {}

  // --- Starting and stopping ---------------------------------------------------------------------------------

  async start(): Promise<void> {
    const { ports, options } = this;
    const time = new NetworkTime(ports.clock, options.kind === 'tab');
    if (options.serverTime !== undefined) time.heard('server', 'beacon', options.serverTime);
    const identity =
      options.kind === 'tab'
        ? await loadIdentity(ports.crypto, ports.random, ports.vault, Math.max(0, Math.floor(time.now())))
        : undefined;
    const device = identity ?? (await loadDevice(ports.crypto, ports.random, ports.vault));
    const system = systemApp(this.#facts());
    const all = [system, ...this.apps];
    this.context = createContext({
      ports,
      kind: options.kind,
      device,
      identity,
      registry: createRegistry(all),
      rules: schemaRules(all),
      time,
    });
    this.#view = createView({
      user: (identity?.user ?? '') as UserId,
      spaces: this.spaces,
      personalSpace: () => this.#personal,
    });
    this.#live = createLive({
      run: (name, args, view) => this.#commands.answer(name, args, view),
      view: () => this.#view,
      schedule: (flush) => void ports.clock.after(8, flush),
      faulted: (fault) => ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }),
    });
    this.#network = new Network(this.context, this.spaces, {
      linked: (link) => this.#linked(link),
      met: (session) => {
        this.#joins.met(session.space.id, session.link);
        this.#tenancy.met(session.link, session.space.id);
        this.#introduction.introduce(session.space, session.link);
        this.#blobs.want(session.space, this.#blobs.wantedOf(session.space), [session]);
        this.#blobs.offer(session);
        if (options.kind === 'tab') this.#presence.set(session.space, EVERYWHERE, { here: true });
      },
      unlinked: (link) => {
        this.#meeting.unlinked(link);
        this.#beacons.unlinked(link);
        this.#tenancy.unlinked(link);
        this.#live.touched(topics.net);
      },
      ephemeral: (space, link, payload) => {
        if (options.kind === 'beacon') this.#network.broadcastEphemeral(space, payload, link);
        else void this.#presence.received(space, payload);
      },
      receipt: (space, receipt) => {
        if (keepReceipt(this.context, space, receipt)) this.#live.touched(topics.states(space.id));
      },
      greeted: (space, session, greet) => this.#introduction.accepts(space, session.link, session.device, greet),
      hostAsked: (link, ask) => this.#hosting.asked(link, ask),
      hostAnswered: (link, answer) => this.#tenancy.answered(link, answer),
      blobs: (space, session, kind, blobs) => this.#blobs.asked(space, session, kind, blobs),
      blobChunk: async (space, _session, chunk) => {
        if (!(await this.#blobs.chunk(space, chunk))) return;
        await space.retryBlobs();
        for (const other of this.#network.sessions(space.id)) this.#blobs.offer(other);
      },
      accepts: (space) => options.kind === 'tab' || space.bytes < (options.hosting?.quotaBytes ?? 0),
    });
    this.#commands = new Commands(
      this.context,
      this.#view,
      (id) => this.#space(id),
      () => this.#readOnly,
    );
    this.#joins = new Joins(this.context, this.#network, this.spaces, {
      keep: (space) => this.#keepSpace(space),
      sought: (link) => this.#sought(link),
      changed: () => this.#live.touched('joins'),
      joined: (space) => this.#commands.writeProfile(space),
    });
    this.#hosting = new Hosting(this.context, options.hosting, {
      spaces: this.spaces,
      open: (space) => this.#openSpace(space),
      drop: (space) => {
        this.spaces.delete(space);
        this.#network.closeSpace(space);
      },
      kept: (space) => this.#network.offerSpace(space),
    });
    this.#tenancy = new Tenancy(
      this.context,
      this.#network,
      {
        spaces: this.spaces,
        view: this.#view,
        beacon: options.beacon,
        isSeeking: (space) => this.#joins.isSeeking(space),
      },
      () => this.#live.touched(topics.net),
    );
    this.#beacons = new Beacons(this.context, this.#network);
    this.#meeting = new Meeting(this.context, this.#network, () => this.#rooms());
    this.#presence = new Presence(
      this.context,
      (space, payload) => this.#network.broadcastEphemeral(space, payload),
      (container) => {
        this.#live.touched(topics.presence(container));
        this.#documents.presenceChanged(container);
      },
    );
    this.#documents = new Documents(this.context, this.#presence, (space, document) =>
      this.#presenceRows(space, document),
    );
    this.#blobs = new BlobExchange(this.context);
    this.#invites = new Invites(this.context, this.spaces, options);
    this.#introduction = new Introduction(
      this.context,
      (link, space) => this.#network.session(link, space),
      (space) => this.#joins.has(space),
    );
    this.#rotation = new Rotation(this.context);
    this.#membership = new Membership(this.context, (space, without) => this.#rotation.newKey(space, without));
    await this.#load();
    if (options.kind === 'tab') await this.#settleIn();
    this.#goOnline();
  }

  async stop(): Promise<void> {
    this.#rotation.stop();
    this.#stopListening();
    this.#meeting.stop();
    this.#beacons.close();
    this.#presence.close();
    this.#network.close();
    for (const space of this.spaces.values()) await space.inTurn(async () => {});
  }

  #goOnline(): void {
    const { transport } = this.ports;
    this.#stopListening =
      transport.listen?.((channel) => {
        const local = this.options.hosting?.isLocal(channel) ?? false;
        return this.#network.open({ path: 'relayed', local }, () => channel).channelEvents;
      }) ?? (() => {});
    if (this.options.kind !== 'tab') return;
    this.#meeting.addServers(this.options.signaling ?? []);
    if (this.options.beacon) this.#beacons.know(this.options.beacon);
    for (const space of this.spaces.values()) this.#knowRelays(space);
    this.#beacons.setOnline(true);
    if (this.options.links === 'any') this.#meeting.start();
  }

  async #load(): Promise<void> {
    const { storage, vault } = this.ports;
    for (const { key } of await storage.list('local', 'space/')) await this.#openSpace(key.slice(6) as SpaceId);
    await this.#hosting.load();
    await this.#invites.load();
    // A restored person has the keys of spaces that this device does not hold yet.
    for (const name of await vault.list('epoch/')) await this.#keepSpace(name.split('/')[1] as SpaceId);
    const personal = await vault.get('personal');
    if (personal) this.#personal = toHex(personal) as SpaceId;
  }

  async #openSpace(id: SpaceId): Promise<Space> {
    const known = this.spaces.get(id);
    if (known) return known;
    const space = new Space(this.context, id, {
      folded: (of, changes) => this.#folded(of, changes),
      spread: (of, entry, from) => this.#spread(of, entry, from),
      rightsChanged: (of) => this.#rightsChanged(of),
      durable: (of, shard) => this.#durable(of, shard),
      unwritable: (reason) => this.#unwritable(reason),
      wanted: (of, blobs) => this.#blobs.want(of, blobs, this.#network.sessions(of.id)),
    });
    this.spaces.set(id, space);
    const keys = new Map<EpochId, Uint8Array>();
    for (const name of await this.ports.vault.list(`epoch/${id}/`)) {
      const key = await this.ports.vault.get(name);
      if (key) keys.set(name.split('/')[2] as EpochId, key);
    }
    unwrap(await space.load(keys));
    await restoreReceipts(this.context, space);
    return space;
  }

  async #keepSpace(id: SpaceId): Promise<Space> {
    const known = this.spaces.get(id);
    if (known) return known;
    await this.ports.storage.write([{ table: 'local', key: `space/${id}`, value: new Uint8Array([1]) }], 'strict');
    const space = await this.#openSpace(id);
    this.#network.offerSpace(space);
    // A space that comes over links that are already there is told of us as well.
    if (this.options.kind === 'tab') this.#presence.set(space, EVERYWHERE, { here: true });
    return space;
  }

  /** First visit: a personal space and a welcome document, so that there is something to hold. */
  async #settleIn(): Promise<void> {
    if (this.#personal && this.spaces.has(this.#personal)) return;
    const { welcome } = this.options;
    const space = await this.#found('personal', welcome?.space ?? 'Personal');
    this.#personal = space.id;
    await this.ports.vault.put('personal', this.context.bytesOf(space.id));
    if (!welcome || !this.context.registry.command('editor.createDocument')) return;
    const { id: documentId } = await this.#commands.run('editor.createDocument', {
      spaceId: space.id,
      title: welcome.title,
    });
    if (documentId) await this.#documents.edit(space, documentId as NodeId, { index: 0, insert: welcome.text });
  }

  // --- What happens in spaces --------------------------------------------------------------------------------

  #folded(space: Space, changes: ChangeSet): void {
    this.#documents.folded(space, changes);
    this.#live.changed(space.id, changes);
    const engine = space.replica.engine;
    if (changes.types.has(PROFILE)) this.#live.touched(topics.people(space.id));
    if (changes.types.has(SPACE)) this.#live.touched(topics.spaces);
    if (space.id === this.#personal) {
      for (const id of changes.nodes) {
        const key = engine.node(id)?.type === 'Setting' ? engine.node(id)?.field('key') : undefined;
        if (typeof key === 'string') this.#live.touched(topics.personal(key));
        const beacon = typeof key === 'string' ? beaconOfSetting(key) : undefined;
        if (beacon) this.#tenancy.hostAgain(beacon);
        if (key === 'name') this.#live.touched(topics.me);
      }
    }
    const containers = new Set<string>();
    for (const id of changes.nodes) {
      const shard = engine.node(id)?.shard;
      if (shard) containers.add(shard);
    }
    for (const container of engine.nodesOfType('Channel')) {
      if (containers.has(contentShardOf(space.id, container.id))) this.#live.touched(topics.heads(container.id));
    }
    this.#joins.advance(space.id);
  }

  #spread(space: Space, entry: Entry, from: unknown): void {
    this.#network.spread(space, entry, from);
    if (entry.header.device === this.context.device.device && space.blobs.size > 0) {
      for (const session of this.#network.sessions(space.id)) this.#blobs.offer(session);
    }
  }

  #durable(space: Space, shard: ShardId): void {
    this.#network.receiptDue(space, shard);
    this.#live.touched(topics.states(space.id));
  }

  #rightsChanged(space: Space): void {
    this.#network?.rightsChanged(space);
    for (const session of this.#network?.sessions(space.id) ?? []) this.#blobs.offer(session);
    this.#knowRelays(space);
    void this.#introduction.certify(space);
    this.#rotation.rotateSoon(space);
    for (const [epoch, key] of space.replica.keys) void this.#keepKey(space.id, epoch, key);
    this.#live.touched(topics.rights(space.id));
    this.#live.touched(topics.graph(space.id));
    this.#live.touched(topics.spaces);
    this.#live.touched('joins');
    if (this.options.links === 'any') this.#meeting?.refresh();
    this.#joins.advance(space.id);
  }
  readonly #kept = new Set<string>();
  async #keepKey(space: SpaceId, epoch: EpochId, key: Uint8Array): Promise<void> {
    const name = `epoch/${space}/${epoch}`;
    if (this.#kept.has(name)) return;
    this.#kept.add(name);
    await this.ports.vault.put(name, key);
  }

  #unwritable(reason: string): void {
    this.#readOnly = reason;
    this.ports.log('readOnly', { reason });
    this.#live.touched(topics.net);
  }

  // --- Links ---------------------------------------------------------------------------------------------------

  #linked(link: Link): void {
    this.#meeting.linked(link);
    this.#beacons.linked(link);
    this.#live.touched(topics.net);
    this.#joins.linked(link);
    for (const space of this.spaces.values()) this.#introduction.introduce(space, link);
    for (const space of this.spaces.values()) {
      const session = this.#network.session(link, space.id);
      if (session) this.#blobs.want(space, this.#blobs.wantedOf(space), [session]);
      if (this.options.kind === 'tab') {
        this.#presence.set(space, EVERYWHERE, { here: true });
        if (link.ready?.kind === 'beacon') void this.#tenancy.host(space, link);
      }
    }
  }

  /** Where a link says that a space is to be found. */
  #sought(link: InviteLink): void {
    for (const beacon of link.beacons) this.#beacons.know({ url: beacon.url, device: beacon.device });
    if (this.options.links !== 'any') return;
    this.#meeting.addServers(link.signaling);
    this.#meeting.refresh();
  }

  #knowRelays(space: Space): void {
    for (const relay of space.replica.rights.relays().values())
      this.#beacons?.know({ url: relay.url, device: relay.device });
  }

  #rooms(): readonly Uint8Array[] {
    const rooms = [...this.#joins.roomKeys()];
    for (const space of this.spaces.values()) rooms.push(...[...space.replica.rights.roomKeys()].reverse().slice(0, 2));
    rooms.push(...this.#invites.roomKeys());
    return rooms.slice(0, 18);
  }

  #presenceRows(space: Space, container: NodeId): readonly PresenceRow[] {
    return this.#presence
      .in(space, container)
      .map(({ user, device, state }) => ({ ...personIn(space, user), id: device, state }));
  }

  // --- Facts for the system's queries ------------------------------------------------------------------------

  #facts(): Parameters<typeof systemApp>[0] {
    return {
      space: (id) => this.spaces.get(id),
      title: titleOf,
      device: () => this.context.device.device,
      unread: (view, space) => this.#unread(view, space),
      online: () => this.#online,
      readOnly: () => this.#readOnly,
      clockOffsetMs: () => (this.context.time.known ? Math.round(this.context.time.offset) : null),
      now: () => this.ports.clock.now(),
      linked: () => this.#peers(),
      beacon: () => this.options.beacon,
      asks: () => this.#tenancy.asks,
      present: (space) => this.#presence.in(space, EVERYWHERE),
      presence: (space, container) => this.#presenceRows(space, container),
      inviteUrl: (space, invite) => this.#invites.url(space, invite as InviteId),
      joins: () => this.#joins.rows,
    };
  }
  #unread(view: View, space: SpaceId): number {
    const channels = this.context.registry.query('chat.channels')?.run(view, { spaceId: space }) as
      | readonly { unread: number }[]
      | undefined;
    return channels?.reduce((sum, channel) => sum + channel.unread, 0) ?? 0;
  }
  #peers() {
    return [...this.#network.links].flatMap((link) =>
      link.ready
        ? [
            {
              device: link.ready.device,
              kind: link.ready.kind,
              path: link.ready.kind === 'beacon' ? ('relayed' as const) : link.options.path,
              rttMs: link.rttMs,
              bytesIn: link.bytesIn,
              bytesOut: link.bytesOut,
            },
          ]
        : [],
    );
  }

  #space(id: string): Space {
    const space = this.spaces.get(id as SpaceId);
    if (!space) throw unknownSpace;
    return space;
  }
  #spaceOfNode(id: string): Space {
    const space = this.#view.spaceOf(id as NodeId);
    if (!space)
      throw refusal(
        'notFound',
        'This device does not hold that object.',
        'Nothing was changed.',
        'Open the space that it is in.',
      );
    return this.#space(space);
  }

  // --- Spaces and people -----------------------------------------------------------------------------------------

  async #found(kind: SpaceKind, title: string): Promise<Space> {
    const { identity, ports } = this.context;
    if (!identity) throw notYet('Founding a space on a beacon');
    const nonce = ports.random.bytes(32);
    const id = spaceIdOf(identity.user, identity.device, kind, nonce);
    const space = await this.#keepSpace(id);
    unwrap(
      await space.act('genesis', [
        { type: 'genesis', kind, nonce, roomKey: ports.random.bytes(32), certificate: identity.certificate },
      ]),
    );
    const epoch = await makeEpoch(
      ports.crypto,
      ports.random,
      id,
      [{ user: identity.user, keyring: identity.keyring.publicKey }],
      undefined,
    );
    await ports.vault.put(`epoch/${id}/${epoch.act.epoch}`, epoch.key);
    unwrap(await space.act('epoch', [epoch.act]));
    await this.#commands.writeNode(space, SPACE, { title });
    await this.#commands.writeProfile(space);
    this.#tenancy.hostEverywhere(space);
    return space;
  }
  stats(): Record<string, number> {
    const spaces = [...this.spaces.values()];
    return {
      spaces: spaces.length,
      entriesHeld: spaces.reduce((sum, { replica }) => sum + replica.entries.size, 0),
      bytesHeld: spaces.reduce((sum, { bytes }) => sum + bytes, 0),
      waiting: spaces.reduce((sum, { replica }) => sum + replica.waiting.size, 0),
      parked: spaces.reduce((sum, { replica }) => sum + replica.parked.size, 0),
      held: spaces.reduce(
        (sum, { replica }) => sum + [...replica.unfolded.values()].filter((why) => why === 'held').length,
        0,
      ),
      links: [...this.#network.links].filter((link) => link.ready).length,
      liveQueries: this.#live.size(),
      signaling: this.#meeting.connected ? 1 : 0,
      clockOffsetMs: this.context.time.offset,
      ...Object.fromEntries(this.context.counts),
    };
  }

  #setOnline(online: boolean): void {
    if (this.#online === online) return;
    this.#online = online;
    this.#beacons.setOnline(online);
    if (online) {
      if (this.options.links === 'any') this.#meeting.start();
    } else {
      this.#meeting.stop();
      for (const link of [...this.#network.links]) link.close('offline');
    }
    this.#live.touched(topics.net);
  }

  // --- The surface -----------------------------------------------------------------------------------------------

  readonly api: KernelApi = {
    ready: async () => ({
      version: this.options.version,
      protocol: `${PROTOCOL_VERSION.major}.${PROTOCOL_VERSION.minor}`,
      build: this.options.build,
    }),
    me: async () => ({ userId: this.#view.me.userId, deviceId: this.context.device.device, name: this.#view.me.name }),
    setName: async (name) => {
      const trimmed = String(name).trim().slice(0, 100);
      if (trimmed === '')
        throw refusal('empty', 'A name needs a letter.', 'Your name stays as it was.', 'Type a name.');
      await this.#commands.setName(trimmed);
    },
    spaces: async () =>
      (
        this.#commands.query('os.spaces', {}) as {
          id: string;
          title: string;
          kind: SpaceKind;
          role: Role | 'none';
          members: number;
        }[]
      ).map(({ id, title, kind, role, members }) => ({ id, title, kind, role, members })),
    createSpace: async ({ title, kind }) => {
      if (!['team', 'guild', 'room', 'personal'].includes(kind))
        throw refusal(
          'badArguments',
          'A space is personal, team, guild or room.',
          'Nothing was changed.',
          'Choose one of them.',
        );
      const trimmed = String(title).trim().slice(0, 200);
      if (trimmed === '') throw refusal('empty', 'A space needs a title.', 'Nothing was changed.', 'Type a title.');
      return { id: (await this.#found(kind, trimmed)).id };
    },
    invite: async (spaceId, options) => this.#invites.invite(this.#space(spaceId), options),
    revokeInvite: async (spaceId, inviteId) => this.#invites.revoke(this.#space(spaceId), inviteId as InviteId),
    readInvite: async (url) => {
      const link = readLink(url);
      if (!link.ok)
        throw refusal('badLink', link.error.message, 'Nothing was changed.', 'Copy the whole link and try again.');
      return {
        spaceId: link.value.space,
        title: link.value.title,
        kind: link.value.kind,
        expiresAt: link.value.expires,
        confirm: link.value.confirm,
      };
    },
    join: (url, options) => this.#joins.join(url, options?.timeoutMs ?? JOIN_TIMEOUT_MS),
    admit: async (spaceId, requestId) => this.#membership.admit(this.#space(spaceId), requestId),
    leave: async (spaceId) => this.#membership.leave(this.#space(spaceId)),
    members: async (spaceId) =>
      (this.#commands.query('os.members', { spaceId }) as MemberRow[]).map(({ userId, name, role, online }) => ({
        userId,
        name,
        role,
        online,
      })),
    setRole: async (spaceId, userId, role) => this.#membership.setRole(this.#space(spaceId), userId as UserId, role),
    remove: async (spaceId, userId) => this.#membership.remove(this.#space(spaceId), userId as UserId),
    commands: async () => this.context.registry.commands(),
    run: (name, args) => this.#commands.run(name, args),
    queries: async () => this.context.registry.queries(),
    query: async (name, args) => this.#commands.query(name, args),
    documentText: async (documentId) => this.#spaceOfNode(documentId).replica.engine.documentText(documentId as NodeId),
    insertText: (documentId, index, text) =>
      this.#documents.edit(this.#spaceOfNode(documentId), documentId as NodeId, { index, insert: text }),
    deleteText: (documentId, index, length) =>
      this.#documents.edit(this.#spaceOfNode(documentId), documentId as NodeId, { index, remove: length }),
    stateHash: async (spaceId) => {
      const space = this.#space(spaceId);
      if (!space.replica.readable)
        throw refusal(
          'unreadable',
          'This device holds no key of that space.',
          'Nothing was changed.',
          'Join the space first.',
        );
      return space.replica.stateHash();
    },
    heads: async (spaceId) =>
      Object.fromEntries([...this.#space(spaceId).replica.vector()].map(([log, length]) => [log, length - 1])),
    durability: async (id) => {
      const space = this.spaces.get(id as SpaceId);
      if (!space)
        return this.#commands.query('os.durability', { id }) as { beacons: number; devices: number; safe: boolean };
      const own = [...space.replica.entries.values()].filter(
        ({ header }) => header.device === this.context.device.device,
      );
      const { safe } = this.#commands.query('os.sync', { spaceId: id }) as SyncAnswer;
      return {
        ...durabilityOf(
          space,
          own.map((entry) => entry.id),
        ),
        safe,
      };
    },
    peers: async () =>
      (this.#commands.query('os.peers', {}) as PeerRow[]).map(({ deviceId, kind, path, rttMs, bytesIn, bytesOut }) => ({
        deviceId,
        kind,
        path,
        rttMs,
        bytesIn,
        bytesOut,
      })),
    setOnline: async (online) => this.#setOnline(online),
    exportKeys: (passphrase) => exportKeys(this.ports.crypto, this.ports.random, this.ports.vault, passphrase),
    importKeys: async (file, passphrase) => {
      const imported = await importKeys(this.ports.crypto, this.ports.vault, file, passphrase);
      if (!imported.ok)
        throw refusal(
          imported.error.type,
          imported.error.message,
          'Nothing was changed.',
          'Choose the right file and type the passphrase it was made with.',
        );
    },
    exportSpace: () => Promise.reject(notYet('Exporting a space')),
    importBundle: () => Promise.reject(notYet('Importing a bundle')),
    explain: () => Promise.reject(notYet('Explaining rights')),
    stats: async () => this.stats(),
    watch: (name, args, emit, failed) => this.#live.watch(name, args, emit, failed),
    openDocument: async (documentId: string, events: DocumentEvents) =>
      this.#documents.open(this.#spaceOfNode(documentId), documentId as NodeId, events),
    stop: () => this.stop(),
  };
}
