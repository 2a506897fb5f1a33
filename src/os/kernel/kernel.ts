/**
 * The kernel of one node: composes its parts over the ports, starts and stops them, and says which part hears of what. The
 * same in a tab's worker, in a beacon and in a simulation; a beacon has no person, no keys and no graph.
 * It decides nothing: what is done, and when, is in the parts. It is long because all wiring is to be seen in one place.
 */
import { equalBytes } from '../../base/bytes';
import type { HostedKernel } from '../../bridge/messages';
import type { Ports } from '../../ports';
import type { ChangeSet } from '../../vm/graph/engine';
import type { Entry } from '../../vm/op/entry';
import type { DeviceId, NodeId, SpaceId, UserId } from '../../vm/op/ids';
import { createLive } from '../graph/live';
import { topics } from '../graph/query';
import type { App, View } from '../schema/define';
import { beaconOfSetting } from './asking';
import { Beacons } from './beacons';
import { BlobReceipts } from './blob-receipts';
import { BlobExchange } from './blobs';
import { topicsIn } from './changes';
import { Checkpoints } from './checkpoints';
import { Circuits } from './circuits';
import { Codes } from './codes';
import { Commands } from './commands';
import type { KernelContext } from './context';
import { coveredChanges } from './covers';
import { Documents } from './documents';
import { spacesNamed, untilWhole } from './early';
import { Endings } from './endings';
import { Eviction } from './eviction';
import { Exchange } from './exchange';
import { EXCHANGE } from './exchanging';
import { Exporting } from './exporting';
import { Fetching } from './fetching';
import { statsOf } from './figures';
import { Files, fileTopic } from './files';
import { Forgetting } from './forgetting';
import { Founding } from './founding';
import { Holdings } from './holdings';
import { Hosting, type HostingPolicy } from './hosting';
import { IceGiving } from './ice-giving';
import { IceServers } from './ice-servers';
import { Indexing } from './indexing';
import { Introduction } from './introduction';
import { CODES } from './invitations';
import { Invites } from './invites';
import { Joins } from './joins';
import type { Link } from './link';
import { Meeting } from './meeting';
import { Membership } from './membership';
import { Merges } from './merges';
import { Moments } from './moments';
import { Names } from './names';
import { Network, type NetworkEvents } from './network';
import { Oneself } from './oneself';
import { openContext } from './opening';
import type { KernelOptions } from './options';
import { Overlay } from './overlay';
import { Pairing } from './pairing';
import { PAIRING } from './pairing-calls';
import { Pasts, pastTopic } from './pasts';
import { EVERYWHERE, Presence } from './presence';
import { Proving } from './proving';
import { Reach } from './reach';
import { Receipts } from './receipts';
import { Room } from './room';
import { Rotation } from './rotation';
import { SEARCH, Search } from './search';
import type { Came } from './session';
import { Sharing } from './sharing';
import { isAway, SHELF, textTypes } from './shelf';
import type { Space, SpaceEvents } from './space';
import { spaced } from './spaced';
import { Stating } from './stating';
import { STORING } from './storing';
import { createSurface } from './surface';
import { systemApps } from './system-apps';
import { Tenancy } from './tenancy';
import { Tending } from './tending';
import { Titles } from './titles';
import { undoTopic } from './undoing';
import { Upgrading } from './upgrading';
import { createView } from './view';

export type { KernelOptions } from './options';

export const createKernel = async (
  ports: Ports,
  apps: readonly App[],
  options: KernelOptions,
): Promise<HostedKernel> => {
  const kernel = new Kernel(ports, apps, options);
  await kernel.show();
  const whole = kernel.start();
  if (kernel.isWhole) await whole;
  return kernel.surface(whole);
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
  await kernel.show();
  await kernel.start();
  return {
    deviceId: kernel.context.device.device,
    stats: () => kernel.stats(),
    hosted: () => [...kernel.spaces.keys()],
    stop: () => kernel.stop(),
  };
};

/** Of a storage that is full. */
const NO_ROOM = 'there is no room left';

class Kernel {
  context!: KernelContext;
  holdings!: Holdings;
  founding!: Founding;
  network!: Network;
  beacons!: Beacons;
  iceGiving!: IceGiving;
  iceServers!: IceServers;
  upgrading!: Upgrading;
  circuits!: Circuits;
  reach!: Reach;
  joins!: Joins;
  hosting!: Hosting;
  tenancy!: Tenancy;
  commands!: Commands;
  meeting!: Meeting;
  pairing!: Pairing;
  overlay!: Overlay;
  presence!: Presence;
  documents!: Documents;
  eviction!: Eviction;
  fetching!: Fetching;
  pasts!: Pasts;
  blobs!: BlobExchange;
  blobReceipts!: BlobReceipts;
  files!: Files;
  checkpoints!: Checkpoints;
  receipts!: Receipts;
  proving!: Proving;
  tending!: Tending;
  merges!: Merges;
  invites!: Invites;
  codes!: Codes;
  introduction!: Introduction;
  rotation!: Rotation;
  sharing!: Sharing;
  membership!: Membership;
  endings!: Endings;
  exchange!: Exchange;
  exporting!: Exporting;
  forgetting!: Forgetting;
  oneself!: Oneself;
  titles!: Titles;
  readonly names = new Names();
  search!: Search;
  live!: ReturnType<typeof createLive>;
  readonly indexing = new Indexing(
    () => this.context,
    (space) => this.holdings.seen.has(space),
    (space) => this.live.touched(topics.indexed(space)),
  );
  readonly moments = new Moments(
    () => this.context,
    (at) => this.live.touched(topics.moment(at)),
  );
  view!: View;
  room!: Room;
  #unwritable: string | null = null;

  constructor(
    readonly ports: Ports,
    readonly apps: readonly App[],
    readonly options: KernelOptions,
  ) {}

  get spaces(): ReadonlyMap<SpaceId, Space> {
    return this.holdings.spaces;
  }

  /** Nothing of what is seen waits for its journal. */
  get isWhole(): boolean {
    return this.holdings.isWhole;
  }
  /** Why nothing can be saved here. */
  get readOnly(): string | null {
    return this.#unwritable ?? (this.room.isFull ? NO_ROOM : null);
  }
  /** `whole`: when all is here that is held. */
  surface(whole: Promise<void>): HostedKernel {
    const all = createSurface(this);
    void whole.catch((why) => this.ports.log('notRead', { message: String(why?.message ?? why) }));
    const { registry } = this.context;
    const isEarly = (name: string): boolean => registry.query(name)?.early === true;
    return this.isWhole ? all : untilWhole(all, whole, isEarly, (name, args) => this.#neededFor(name, args));
  }
  /** IM8. */
  #neededFor(command: string, args: unknown): Promise<unknown> | undefined {
    const { registry } = this.context;
    const deed = registry.deed(command);
    const isNear = deed ? deed.everywhere !== true : registry.command(command) !== undefined;
    const named = isNear ? spacesNamed(args, this.view) : undefined;
    if (!named || this.oneself.personalSpace === '') return undefined;
    return Promise.all([...new Set([...named, this.oneself.personalSpace])].map((space) => this.holdings.open(space)));
  }
  textHere(space: Space, document: NodeId): Promise<void> {
    this.eviction.opened(document);
    return this.fetching.here(space, document);
  }
  setOnline(online: boolean): void {
    if (this.reach.setOnline(online)) this.live.touched(topics.net);
    this.codes.setOnline(online);
  }

  // --- Starting and stopping ---------------------------------------------------------------------------------

  /** Opens what is small or new, and shows of the rest what images have. */
  async show(): Promise<void> {
    const { ports, options } = this;
    this.files = new Files(
      { ports },
      {
        space: (id) => this.spaces.get(id),
        blobs: () => this.blobs,
        isFull: () => this.eviction.used >= (this.eviction.budget ?? Number.POSITIVE_INFINITY),
        changed: (topic) => this.live.touched(topic),
      },
    );
    this.context = await openContext(ports, options, [...systemApps(this), ...this.apps]);
    this.#compose();
    await this.eviction.load();
    await this.files.load();
    await this.oneself.show();
    await this.holdings.load();
  }
  /** The rest, once, after `show`. */
  async start(): Promise<void> {
    const { options } = this;
    await this.#load();
    if (options.kind === 'tab' && !this.oneself.personal) await this.founding.settleIn(options.welcome);
    await this.overlay.start();
    this.reach.start();
    this.endings.look();
    await this.forgetting.load();
    this.oneself.whereabouts.look();
    if (options.kind === 'tab') {
      this.circuits.start();
      this.search.start();
      this.titles.start();
      this.eviction.start();
      this.tending.start();
      await this.merges.start();
    }
    void this.holdings.tidy();
  }

  /** Parts take what they need as functions, so the order here is free where nothing runs yet. */
  #compose(): void {
    const { ports, options } = this;
    this.receipts = new Receipts(this.context);
    this.holdings = new Holdings(this.context, this.#spaceEvents(), (space) => {
      this.network.offerSpace(space);
      // A space that comes over links that are already there is told of us as well.
      if (options.kind === 'tab') this.presence.set(space, EVERYWHERE, { here: true });
    });
    this.room = new Room(
      this.context,
      () => this.spaces.values(),
      () => this.live.touched(topics.net),
    );
    this.view = createView({
      names: this.names,
      user: (this.context.identity?.user ?? '') as UserId,
      spaces: this.holdings.seen,
      isArchived: (space) => this.holdings.isArchived(space),
      personalSpace: () => this.oneself.personalSpace,
      settings: ({ replica }) => this.oneself.settingsOf(replica.engine),
      source: (space) => this.indexing.source(space),
      passed: (at) => this.moments.passed(at),
    });
    this.live = createLive({
      run: (name, args, view) => this.commands.answer(name, args, view),
      follow: (name, args, view) => this.commands.follow(name, args, view),
      view: () => this.view,
      isTextless: (name) => this.context.registry.query(name)?.textless === true,
      schedule: spaced(ports.clock, 8),
      faulted: (fault) => ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }),
    });
    this.titles = new Titles(
      this.context,
      () => this.spaces,
      (topic) => this.live.touched(topic),
    );
    this.search = new Search(
      this.context,
      () => this.spaces,
      () => this.live.touched(SEARCH),
    );
    const stating = new Stating(this.context, this.receipts, (space) => this.#statesChanged(space));
    this.network = new Network(this.context, this.spaces, stating, this.#networkEvents());
    this.commands = new Commands(
      this.context,
      this.view,
      (id) => this.holdings.space(id),
      () => {
        const { removed } = this.oneself.devices;
        return this.readOnly ?? (removed ? 'this device was taken away by another device of yours' : null);
      },
      (session) => this.live.touched(undoTopic(session)),
      (object, changes) => {
        const space = this.view.spaceOf(object as NodeId);
        const held = space && this.spaces.get(space);
        const type = held?.replica.engine.node(object as NodeId)?.type;
        if (!held || type === undefined || !textTypes(this.context.registry).includes(type)) return;
        this.eviction.opened(object as NodeId);
        if (changes || isAway(held, object as NodeId)) this.fetching.looked(held, object as NodeId);
      },
      async (object) => {
        const space = this.view.spaceOf(object as NodeId);
        const held = space && this.spaces.get(space);
        if (held) await this.fetching.here(held, object as NodeId);
      },
      (space) =>
        !space.replica.rights.userOf(this.context.device.device) ? this.introduction.certify(space) : undefined,
    );
    this.joins = new Joins(this.context, this.network, this.spaces, {
      keep: (space) => this.holdings.keep(space),
      sought: (link) => this.reach.sought(link),
      changed: () => this.live.touched('joins'),
      joined: (space) => this.commands.writeProfile(space),
    });
    this.hosting = new Hosting(this.context, options.hosting, {
      spaces: this.spaces,
      open: (space) => this.holdings.open(space),
      drop: (space) => {
        const held = this.spaces.get(space);
        this.holdings.drop(space);
        if (held) this.#closeSpace(held);
      },
      kept: (space) => this.network.offerSpace(space),
    });
    this.tenancy = new Tenancy(
      this.context,
      this.network,
      {
        spaces: this.spaces,
        view: this.view,
        beacon: options.beacon,
        isSeeking: (space) => this.joins.isSeeking(space),
      },
      () => this.live.touched(topics.net),
    );
    this.beacons = new Beacons(this.context, this.network);
    this.iceGiving = new IceGiving(this.context, options.ice, this.spaces);
    this.iceServers = new IceServers(this.context, this.beacons);
    this.upgrading = new Upgrading(this.context, this.network, options.links === 'relay');
    this.overlay = new Overlay(this.context, this.network, () => this.meeting, this.spaces);
    this.meeting = new Meeting(this.context, this.network, () => this.#rooms(), this.overlay);
    this.circuits = new Circuits(this.context, {
      network: this.network,
      spaces: this.spaces,
      unreached: () => this.meeting.unreached,
      isSought: (device) => {
        const room = this.meeting.roomOf(device);
        return room !== undefined && this.joins.roomKeys().some((key) => equalBytes(key, room));
      },
      changed: () => this.live.touched(topics.net),
    });
    this.pairing = new Pairing(this.context, {
      network: this.network,
      spaces: this.spaces,
      online: () => this.reach.online,
      session: () => this.meeting.session,
      paired: (...met) => this.meeting.paired(...met),
      changed: () => this.live.touched(PAIRING),
    });
    this.reach = new Reach(
      {
        transport: ports.transport,
        network: this.network,
        beacons: this.beacons,
        meeting: this.meeting,
        pairing: this.pairing,
        spaces: this.spaces,
      },
      options,
    );
    this.presence = new Presence(
      this.context,
      (space, payload, to) => this.network.broadcastEphemeral(space, payload, to && { to }),
      (container) => {
        this.live.touched(topics.presence(container));
        this.documents.presenceChanged(container);
      },
      this.names,
    );
    this.documents = new Documents(this.context, this.presence, (space) => {
      for (const { looking } of this.network.sessions(space.id)) looking.tell();
    });
    this.eviction = new Eviction(this.context, {
      spaces: () => this.spaces.values(),
      isOpen: (object) => this.documents.isOpen(object),
      changed: () => this.live.touched(SHELF),
    });
    this.fetching = new Fetching(ports.clock, {
      sessions: (space) => this.network.sessions(space.id),
      changed: () => this.live.touched(SHELF),
      withheld: (device) => {
        this.context.count('bodiesWithheld');
        ports.log('bodiesWithheld', { device: device.slice(0, 8) });
      },
    });
    this.exchange = new Exchange(this.context, {
      holdings: {
        spaces: this.spaces,
        keep: (space) => this.holdings.keep(space),
        isElsewhere: (space, blob) => this.holdings.isElsewhere(space, blob),
        unopened: (space, work) => this.holdings.unopened(space, work),
        archive: async (space) => {
          await this.holdings.archive(space);
          this.live.touched(topics.spaces);
        },
      },
      changed: () => this.live.touched(EXCHANGE),
    });
    this.exporting = new Exporting(this.context, {
      changesHere: (space, document) => this.fetching.whole(space, document),
      changed: () => this.live.touched(EXCHANGE),
    });
    this.forgetting = new Forgetting(this.context, {
      spaces: this.spaces,
      isArchived: (id) => this.holdings.isArchived(id),
      isListed: (id) => this.oneself.whereabouts.listed.has(id),
      forget: (space) => this.#forget(space),
      changed: () => this.live.touched(STORING),
    });
    this.pasts = new Pasts(this.context, (space) => this.live.touched(pastTopic(space.id)));
    this.blobs = new BlobExchange(this.context, {
      sessions: (space) => this.network.sessions(space.id),
      entriesWait: ({ link }) => this.network.entriesWait(link),
      takes: (space, blob, size) => {
        const { checkpointed } = space.replica;
        if (checkpointed.needless.has(blob)) return false;
        // A tab takes snapshots when it opens from them.
        return options.kind === 'beacon' || (!checkpointed.names(blob) && this.files.takes(space, size));
      },
      accepts: (space, bytes) => this.#accepts(space, bytes),
      changed: (blob) => this.live.touched(fileTopic(blob)),
      whole: async (space) => {
        await space.retryBlobs();
        this.checkpoints.blobCame(space);
        for (const session of this.network.sessions(space.id)) this.blobs.offer(session);
      },
    });
    this.blobReceipts = new BlobReceipts(this.context, {
      sessions: (space) => this.network.sessions(space.id),
      changed: (space) => this.#statesChanged(space),
    });
    this.merges = new Merges(this.context, {
      spaces: () => this.spaces,
      isLinked: (space) =>
        this.network.sessions(space.id).some((each) => each.mayRead && each.theirIndex !== undefined),
      changed: (topic) => this.live.touched(topic),
    });
    this.tending = new Tending(this.context, {
      spaces: () => this.spaces,
      room: () => (this.eviction.budget ?? Number.POSITIVE_INFINITY) - this.eviction.used,
      fetch: (space, object) => this.fetching.looked(space, object),
      changed: (topic) => this.live.touched(topic),
    });
    this.proving = new Proving(this.context, {
      sessions: (space) => this.network.sessions(space.id),
      isOnline: () => this.reach.online,
      holds: (space) => this.spaces.get(space.id) === space,
      changed: (space) => this.#statesChanged(space),
    });
    this.checkpoints = new Checkpoints(
      this.context,
      {
        want: (space, blobs) => this.blobs.need(space, blobs),
        leave: (space, blobs) => this.blobs.leave(space, blobs),
        found: (space) => this.#statesChanged(space),
      },
      options.checkpoints,
    );
    this.invites = new Invites(this.context, this.spaces, options, () => this.view.me.name);
    this.codes = new Codes(
      this.context,
      options.signaling ?? [],
      (space, invite) => this.invites.liveUrl(space, invite),
      () => this.live.touched(CODES),
    );
    this.introduction = new Introduction(
      this.context,
      (link, space) => this.network.session(link, space),
      (space) => this.joins.has(space),
      (space, device) => this.oneself.devices.vouches(space, device),
    );
    this.rotation = new Rotation(
      this.context,
      () => [...this.network.links].some((link) => link.ready),
      (space) => this.#statesChanged(space),
    );
    this.sharing = new Sharing(this.context, this.commands);
    this.membership = new Membership(this.context, (space, without) => this.rotation.newKey(space, without));
    this.endings = new Endings(
      this.context,
      () => this.spaces.values(),
      (space) => this.#rightsChanged(space),
    );
    this.oneself = new Oneself(
      this.context,
      options,
      {
        holdings: this.holdings,
        commands: this.commands,
        network: this.network,
        reach: this.reach,
        rotation: this.rotation,
      },
      {
        touched: (topic) => this.live.touched(topic),
        listed: () => this.forgetting.look(),
        set: (key) => {
          const beacon = beaconOfSetting(key);
          if (beacon) this.tenancy.hostAgain(beacon);
        },
      },
    );
    this.founding = new Founding(this.context, this.commands, {
      keep: (space) => this.holdings.keep(space),
      certify: (space) => this.introduction.certify(space),
      founded: (space) => this.tenancy.hostEverywhere(space),
      settled: (space) => this.oneself.settled(space.id),
    });
  }

  async stop(): Promise<void> {
    this.room.stop();
    this.oneself.stop();
    this.search.stop();
    this.titles.stop();
    this.eviction.stop();
    this.fetching.stop();
    this.blobs.stop();
    this.proving.stop();
    this.tending.stop();
    this.merges.stop();
    this.forgetting.stop();
    this.endings.stop();
    this.moments.stop();
    this.rotation.stop();
    this.sharing.stop();
    this.codes.close();
    this.reach.stop();
    this.iceServers.stop();
    this.circuits.stop();
    this.overlay.close();
    this.presence.close();
    this.network.close();
    await this.checkpoints.stop();
    await this.receipts.flush();
    await this.blobReceipts.flush();
    await this.holdings.settled();
  }

  async #load(): Promise<void> {
    await this.holdings.loadRest();
    await this.hosting.load();
    await this.invites.load();
    await this.holdings.keepAllWithKeys();
    await this.joins.load();
    await this.oneself.load();
  }

  // --- What happens in spaces --------------------------------------------------------------------------------

  #spaceEvents(): SpaceEvents {
    return {
      began: (space) => this.search.began(space),
      folded: (space, changes) => this.#folded(space, changes),
      spread: (space, entry, came) => this.#spread(space, entry, came),
      rightsChanged: (space) => this.#rightsChanged(space),
      durable: (space, shard) => {
        this.checkpoints.heard(space, shard);
        this.network.durable(space, shard);
        this.fetching.durable(space, shard);
        this.#statesChanged(space);
      },
      unwritable: (reason) => {
        this.#unwritable = reason;
        this.ports.log('readOnly', { reason });
        this.live.touched(topics.net);
      },
      lost: (space, document) => this.fetching.fetch(space, document),
      noRoom: (space, full) => this.room.told(space, full),
      wanted: (space, blobs) => this.blobs.need(space, blobs),
      blobChanged: (space, blob) => {
        this.blobReceipts.changed(space, blob);
        for (const topic of [fileTopic(blob), topics.states(space.id)]) this.live.touched(topic);
      },
      blobDropped: (space, blob) => this.blobs.leave(space, [blob]),
      isElsewhere: (space, blob) => this.holdings.isElsewhere(space, blob),
    };
  }

  #folded(space: Space, changes: ChangeSet): void {
    this.context.calm.stirred();
    this.oneself.folded(space, changes);
    this.documents.folded(space, changes);
    this.names.folded(space, changes);
    this.search.folded(space, changes);
    this.pasts.folded(space);
    this.commands.undoing.folded(space.id, space.replica.engine);
    this.eviction.folded(space);
    const covered = coveredChanges(space, changes);
    this.indexing.folded(space, covered);
    this.merges.folded(space, changes.nodes);
    this.titles.folded(space, covered);
    this.live.changed(space.id, covered);
    if (space.waitsForKey) this.#statesChanged(space);
    for (const topic of topicsIn(space, changes)) this.live.touched(topic);
    this.joins.advance(space.id);
    this.sharing.soon(space);
  }

  #spread(space: Space, entry: Entry, came: Came | undefined): void {
    this.overlay.spread(space, entry, came);
    this.merges.came(space, entry);
    // What this person shares is to be found at once.
    if (entry.header.device === this.context.device.device && entry.header.shard === space.replica.acl)
      void this.sharing.now(space).catch(() => {});
    if (entry.header.device === this.context.device.device && space.blobs.whole.size > 0) {
      for (const session of this.network.sessions(space.id)) this.blobs.offer(session);
    }
  }

  #rightsChanged(space: Space): void {
    this.network.rightsChanged(space);
    this.checkpoints.rightsChanged(space);
    for (const session of this.network.sessions(space.id)) {
      this.blobs.offer(session);
      this.blobReceipts.met(session);
    }
    this.reach.knowRelays(space);
    this.tenancy.rightsChanged(space);
    void this.introduction.certify(space);
    this.oneself.rightsChanged(space);
    this.forgetting.look();
    this.rotation.rotateSoon(space);
    this.sharing.soon(space);
    this.endings.look();
    this.holdings.keepKeys(space);
    this.live.touched(topics.rights(space.id));
    this.live.touched(topics.graph(space.id));
    this.live.touched(topics.spaces);
    this.live.touched('joins');
    this.reach.refresh();
    this.joins.advance(space.id);
  }

  /** How far changes of a space are saved, and by whom. */
  #statesChanged(space: Space): void {
    this.live.touched(topics.states(space.id));
    this.tending.stirred(space);
  }

  // --- Links ---------------------------------------------------------------------------------------------------

  #networkEvents(): NetworkEvents {
    return {
      linked: (link) => this.#linked(link),
      met: (session) => {
        this.overlay.met(session);
        this.joins.met(session.space.id, session.link);
        this.fetching.met(session);
        this.tenancy.met(session.link, session.space.id);
        this.iceServers.met(session.link);
        this.introduction.introduce(session.space, session.link);
        this.blobs.met(session);
        this.blobs.offer(session);
        this.blobReceipts.met(session);
        this.proving.met(session);
        this.merges.met(session.space);
        this.checkpoints.rightsChanged(session.space);
        if (this.options.kind === 'tab') this.presence.greet(session);
      },
      unlinked: (link, reason) => {
        this.reach.unlinked(link);
        this.overlay.unlinked(link);
        this.fetching.unlinked();
        this.blobs.unlinked(link);
        this.proving.unlinked(link);
        if (this.options.kind === 'tab') this.merges.look();
        for (const space of this.spaces.values()) this.rotation.rotateSoon(space);
        this.tenancy.unlinked(link);
        this.iceServers.unlinked(link);
        this.upgrading.unlinked(link);
        this.circuits.unlinked(link, reason);
        this.live.touched(topics.net);
      },
      routed: () => this.live.touched(topics.net),
      ephemeral: (space, link, payload) => {
        if (this.options.kind === 'beacon') this.network.broadcastEphemeral(space, payload, { from: link });
        else void this.presence.received(space, payload, link.ready?.device);
      },
      rootHeard: (session) => {
        if (session.level) this.merges.level(session.space);
        if (session.level) this.forgetting.compared(session.space);
        // They answer with what they have.
        else if (this.forgetting.waits(session.space.id)) session.sendRoot();
      },
      vectorHeard: (space, logs) => this.forgetting.compared(space, logs),
      receipt: (space, receipt) => {
        if (this.receipts.keep(space, receipt)) this.#statesChanged(space);
      },
      greeted: (space, session, greet) => this.introduction.accepts(space, session.link, session.device, greet),
      greetingRefused: (session, refused) => this.joins.refused(session.space.id, refused),
      hostAsked: (link, ask) => this.hosting.asked(link, ask),
      upgradeHeard: (link, payload) => this.upgrading.heard(link, payload),
      circuitHeard: (link, payload) => this.circuits.heard(link, payload),
      iceAsked: (link) => this.iceGiving.asked(link),
      iceAnswered: (link, payload) => this.iceServers.answered(link, payload),
      hostAnswered: (link, answer) => this.tenancy.answered(link, answer),
      blobsHeld: (space, session, held) => this.blobs.had(space, session, held),
      blobAsked: (space, session, ask) => this.blobs.asked(space, session, ask),
      blobReceipt: (space, session, receipt) => this.blobReceipts.received(space, session, receipt),
      blobReceiptAsked: (session) => this.blobReceipts.asked(session),
      blobChunk: (space, session, chunk) => this.blobs.piece(space, session, chunk),
      possessAsked: (session, payload) => this.proving.asked(session, payload),
      possessionHeard: (session, payload) => this.proving.heard(session, payload),
      rejected: (device) => this.overlay.rejected(device),
      pushed: (session, payload, isHurried) => this.overlay.pushed(session, payload, isHurried),
      overlayHeard: (session, message) => this.overlay.received(session, message),
      open: (space) => this.documents.partsOpen(space),
      accepts: (space) => this.#accepts(space, 1),
    };
  }
  /** A beacon's quota. */
  #accepts(space: Space, bytes: number): boolean {
    return this.options.kind === 'tab' || space.bytes + bytes <= (this.options.hosting?.quotaBytes ?? 0);
  }

  async #forget(space: Space): Promise<void> {
    this.presence.set(space, EVERYWHERE, null);
    await this.receipts.flush();
    this.holdings.drop(space.id);
    this.#closeSpace(space);
    this.search.dropped(space.id);
    this.titles.dropped(space.id);
    this.names.dropped(space.id);
    // After what could still be asked of the space, and before it is not known any more that it was held.
    await this.files.forget(space);
    await this.holdings.forget(space);
    for (const topic of [topics.spaces, topics.graph(space.id), topics.rights(space.id)]) this.live.touched(topic);
  }
  /** It is not held here any more. */
  #closeSpace(space: Space): void {
    this.network.closeSpace(space.id);
    this.overlay.closed(space.id);
    this.tending.closed(space);
    this.merges.closed(space);
    this.blobs.closed(space);
  }

  #linked(link: Link): void {
    this.reach.linked(link);
    this.upgrading.linked(link);
    this.circuits.linked(link);
    this.live.touched(topics.net);
    this.joins.linked(link);
    for (const space of this.spaces.values()) this.rotation.rotateSoon(space);
    for (const space of this.spaces.values()) this.introduction.introduce(space, link);
    if (this.options.kind === 'tab' && link.ready?.kind === 'beacon')
      for (const space of this.spaces.values()) void this.tenancy.host(space, link);
  }

  #rooms(): readonly Uint8Array[] {
    const rooms = [...this.joins.roomKeys(), ...this.oneself.roomKeys()];
    for (const space of this.spaces.values()) rooms.push(...[...space.replica.rights.roomKeys()].reverse().slice(0, 2));
    rooms.push(...this.invites.roomKeys());
    return rooms.slice(0, 18);
  }

  stats(): Record<string, number> {
    return statsOf(this.context, this.network, [...this.spaces.values()], {
      liveQueries: this.live.size(),
      signaling: this.meeting.connected,
      search: this.search.figures,
    });
  }
}
