/**
 * The surface of a kernel: what pages, scripts and tests call. It checks what comes from outside, finds the space that is
 * meant, and hands over to the part that does it; a refusal is thrown. No call has a way of its own to the graph.
 */
import type { DocumentEvents, ExportHow, HostedKernel, MemberRow, PeerRow, SyncAnswer } from '../../bridge/messages';
import { PROTOCOL_VERSION } from '../../vm/net/handshake';
import type { InviteId, NodeId, SpaceId, SpaceKind, UserId } from '../../vm/op/ids';
import type { Live } from '../graph/live';
import type { Role } from '../rights/acl';
import { readLink } from '../rights/invite';
import { exportKeys, importKeys } from '../rights/keyfile';
import { refusal, type View } from '../schema/define';
import type { Commands } from './commands';
import type { KernelContext } from './context';
import type { Documents } from './documents';
import type { Exchange } from './exchange';
import { bundleRefusal } from './exchange-refusals';
import { explainFor } from './explaining';
import type { Exporting } from './exporting';
import { getFile, putFile } from './files';
import type { Founding } from './founding';
import type { Holdings } from './holdings';
import type { Invites } from './invites';
import type { Joins } from './joins';
import type { Membership } from './membership';
import type { KernelOptions } from './options';
import { durabilityOf } from './queries';
import { unwrap } from './refusals';
import type { Space } from './space';

const JOIN_TIMEOUT_MS = 60_000;

/** Comes from outside. */
const readHow = (how: ExportHow = {}): ExportHow | undefined => {
  const { keys, passphrase } = how;
  if (passphrase !== undefined) return typeof passphrase === 'string' && passphrase !== '' ? { passphrase } : undefined;
  return keys === undefined || keys === 'open' || keys === 'none' ? { keys: keys ?? 'open' } : undefined;
};

export type SurfaceParts = {
  readonly options: Pick<KernelOptions, 'version' | 'build'>;
  readonly context: Pick<KernelContext, 'ports' | 'device' | 'identity' | 'registry' | 'calm'>;
  readonly view: View;
  readonly live: Pick<Live, 'watch'>;
  readonly holdings: Pick<Holdings, 'spaces' | 'space' | 'putAway'>;
  readonly commands: Pick<Commands, 'run' | 'query' | 'setName'>;
  readonly founding: Pick<Founding, 'found'>;
  readonly invites: Pick<Invites, 'invite' | 'revoke'>;
  readonly joins: Pick<Joins, 'join'>;
  readonly membership: Pick<Membership, 'admit' | 'leave' | 'setRole' | 'grant' | 'remove'>;
  readonly documents: Pick<Documents, 'open' | 'edit'>;
  readonly exchange: Pick<Exchange, 'importBundle'>;
  readonly exporting: Pick<Exporting, 'begin' | 'piece' | 'whole'>;
  /** Settles when the text of a document is here, wherever it was; rejects where nobody brings it. */
  textHere(space: Space, document: NodeId): Promise<void>;
  setOnline(online: boolean): void;
  stats(): Record<string, number>;
  stop(): Promise<void>;
};

export const createSurface = (parts: SurfaceParts): HostedKernel => {
  const { options, context, view, live, holdings, commands, founding, invites, joins, membership, documents } = parts;

  const spaceOfNode = (id: string): Space => {
    const space = view.spaceOf(id as NodeId);
    if (!space)
      throw refusal(
        'notFound',
        'This device does not hold that object.',
        'Nothing was changed.',
        'Open the space that it is in.',
      );
    return holdings.space(space);
  };

  /** What has a text, and the text is here. */
  const withText = async <T>(id: string, work: (space: Space, document: NodeId) => T): Promise<Awaited<T>> => {
    const space = spaceOfNode(id);
    await parts.textHere(space, id as NodeId);
    return await work(space, id as NodeId);
  };

  return {
    ready: async () => ({
      version: options.version,
      protocol: `${PROTOCOL_VERSION.major}.${PROTOCOL_VERSION.minor}`,
      build: options.build,
    }),
    me: async () => ({ userId: view.me.userId, deviceId: context.device.device, name: view.me.name }),
    setName: async (name) => {
      const trimmed = String(name).trim().slice(0, 100);
      if (trimmed === '')
        throw refusal('empty', 'A name needs a letter.', 'Your name stays as it was.', 'Type a name.');
      await commands.setName(trimmed);
    },
    spaces: async () =>
      (
        commands.query('os.spaces', {}) as {
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
      return { id: (await founding.found(kind, trimmed)).id };
    },
    invite: async (spaceId, options) => invites.invite(holdings.space(spaceId), options),
    revokeInvite: async (spaceId, inviteId) => invites.revoke(holdings.space(spaceId), inviteId as InviteId),
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
        from: link.value.from,
        object: link.value.object ?? null,
      };
    },
    join: (url, options) => joins.join(url, options?.timeoutMs ?? JOIN_TIMEOUT_MS),
    admit: async (spaceId, requestId) => membership.admit(holdings.space(spaceId), requestId),
    leave: async (spaceId) => membership.leave(holdings.space(spaceId)),
    members: async (spaceId) =>
      (commands.query('os.members', { spaceId }) as MemberRow[]).map(({ userId, name, role, online }) => ({
        userId,
        name,
        role,
        online,
      })),
    setRole: async (spaceId, userId, role) => membership.setRole(holdings.space(spaceId), userId as UserId, role),
    grant: async (spaceId, userId, options) => membership.grant(holdings.space(spaceId), userId as UserId, options),
    remove: async (spaceId, userId) => membership.remove(holdings.space(spaceId), userId as UserId),
    commands: async () => context.registry.commands(),
    run: (name, args, session) => {
      context.calm.stirred();
      return commands.run(name, args, session === undefined ? '' : String(session).slice(0, 100));
    },
    queries: async () => context.registry.queries(),
    query: async (name, args) => {
      context.calm.stirred();
      return commands.query(name, args);
    },
    documentText: (documentId) => withText(documentId, ({ replica }, id) => replica.engine.documentText(id)),
    insertText: (documentId, index, text) =>
      withText(documentId, (space, id) => documents.edit(space, id, { index, insert: text })),
    deleteText: (documentId, index, length) =>
      withText(documentId, (space, id) => documents.edit(space, id, { index, remove: length })),
    stateHash: async (spaceId) => {
      const space = holdings.space(spaceId);
      if (!space.replica.readableWhole)
        throw refusal(
          'unreadable',
          'This device holds no key of that space.',
          'Nothing was changed.',
          'Join the space first.',
        );
      // PR7.
      if (space.replica.awayShards.length > 0)
        throw refusal(
          'partial',
          'The text of some documents lies on other devices alone.',
          'Nothing was changed.',
          'Fetch it first: os.shelf tells how much is away, os.fetch brings it back.',
        );
      // AD5.
      if (space.replica.graph.isFull)
        throw refusal(
          'partial',
          'This space is larger than the memory that this device has for it.',
          'Nothing was changed.',
          'Ask on another device.',
        );
      return space.replica.stateHash();
    },
    heads: async (spaceId) =>
      Object.fromEntries([...holdings.space(spaceId).replica.vector()].map(([log, length]) => [log, length - 1])),
    durability: async (id) => {
      const space = holdings.spaces.get(id as SpaceId);
      if (!space) return commands.query('os.durability', { id }) as { beacons: number; devices: number; safe: boolean };
      const own = [...space.replica.entries.values()].filter(({ header }) => header.device === context.device.device);
      const { safe } = commands.query('os.sync', { spaceId: id }) as SyncAnswer;
      return {
        ...durabilityOf(
          space,
          own.map((entry) => entry.id),
        ),
        safe,
      };
    },
    peers: async () => (commands.query('os.peers', {}) as PeerRow[]).map(({ id, name, ...peer }) => peer),
    setOnline: async (online) => parts.setOnline(online),
    exportKeys: async (passphrase) => {
      const { crypto, random, vault } = context.ports;
      const made = await exportKeys(crypto, random, vault, passphrase);
      if (!made.ok)
        throw refusal(
          made.error.type,
          made.error.message,
          'Nothing was changed.',
          'Save the key file on the device where you began.',
        );
      return made.value;
    },
    importKeys: async (file, passphrase) => {
      const imported = await importKeys(context.ports.crypto, context.ports.vault, file, passphrase);
      if (!imported.ok)
        throw refusal(
          imported.error.type,
          imported.error.message,
          'Nothing was changed.',
          'Choose the right file and type the passphrase it was made with.',
        );
    },
    putFile: async (spaceId, bytes) => {
      if (!(bytes instanceof Uint8Array))
        throw refusal('badArguments', 'A file is bytes.', 'Nothing was changed.', 'Pass a Uint8Array.');
      return unwrap(await putFile(context, view, holdings.space(spaceId), bytes));
    },
    getFile: async (spaceId, blob, key) => {
      holdings.space(spaceId);
      return unwrap(await getFile(context, { blob: String(blob), key: String(key) }));
    },
    exportSpace: async (spaceId, how) => {
      const given = readHow(how);
      if (!given) throw bundleRefusal('badArguments');
      return unwrap(await parts.exporting.whole(holdings.space(spaceId), given));
    },
    beginExport: async (spaceId, how) => {
      const given = readHow(how);
      if (!given) throw bundleRefusal('badArguments');
      return { id: unwrap(parts.exporting.begin(holdings.space(spaceId), given)) };
    },
    exportPiece: async (id, n) => unwrap(await parts.exporting.piece(String(id), Number(n))),
    importBundle: async (bytes, options) => {
      if (!(bytes instanceof Uint8Array)) throw bundleRefusal('notOne');
      const passphrase = options?.passphrase;
      return unwrap(
        await parts.exchange.importBundle(bytes, passphrase === undefined ? undefined : String(passphrase)),
      );
    },
    explain: async (id, action, userId) => explainFor((name, args) => commands.query(name, args), id, action, userId),
    stats: async () => parts.stats(),
    watch: (name, args, emit, failed) => {
      context.calm.stirred();
      return live.watch(name, args, emit, failed);
    },
    openDocument: (documentId: string, events: DocumentEvents) =>
      withText(documentId, (space, id) => documents.open(space, id, events)),
    putAway: () => holdings.putAway(),
    stop: () => parts.stop(),
  };
};
