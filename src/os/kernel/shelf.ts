/**
 * The shelf: bodies of entries that this device does not keep, because others hold them durably. Which may go is decided
 * here, from receipts and what is held; pure. What lets go is `eviction.ts`, what brings back is `fetching.ts`.
 *
 * PR1 only text goes: entries in the parts of documents that hold nothing else. Its changes go before it (`bases.ts`). Headers, signatures and the chain stay, and with
 *     them digests and the order of all; so do titles, comments and whatever is unread. The text is all here, or its
 *     placeholder is shown: half of it is never taken for the whole.
 * PR2 a body goes only when a beacon of the space, or two devices of members, stated within the last day that they hold it
 *     durably. Of devices only those count that come before this one in the order of the part: the first two never
 *     let go on the word of each other, so however many rely on one another, two keep it.
 * PR3 what is not sent, open, kept on purpose, used within the last minutes, contradicted, or not understood here stays.
 * PR4 a receipt never claims a body that is not here; nor is it sent, or named as sent, to whoever lacks it.
 * PR5 a body comes back only when it was asked for, whole, as the header names it. What was erased meanwhile stays erased.
 * PR6 who stated to hold it and does not send it is named to the person, and the next one is asked.
 * PR7 a state hash is refused while anything of the space is away.
 */
import { concat, fromHex, toHex } from '../../base/bytes';
import { hash } from '../../base/hash';
import type { EntryLog } from '../../vm/journal/log';
import type { Hlc } from '../../vm/op/clock';
import { type Entry, isSealed } from '../../vm/op/entry';
import { contentShardOf, type DeviceId, type EntryId, type NodeId, type ShardId } from '../../vm/op/ids';
import type { Registry } from '../schema/registry';
import { endOf } from './bases';
import type { Replica } from './replica';
import type { Space } from './space';

/** Touched when bodies went or came back, or somebody is asked for them. */
export const SHELF = 'shelf';
/** A receipt older than this says nothing about today. */
const FRESH_MS = 24 * 3_600_000;

/** The text of one document, as far as its bodies are here. `lastMs`: when it was last changed. */
export type Part = {
  readonly object: NodeId;
  readonly shard: ShardId;
  readonly entries: readonly Entry[];
  readonly bytes: number;
  readonly lastMs: number;
};
/** Why a text stays: `onlyHere` others do not hold it for sure, `unsent` something of the space is still on its way. */
export type Stays = 'onlyHere' | 'unsent' | 'unclear';

/** It may hold text: annotations never do. */
const mayHoldText = ({ header }: Entry): boolean => header.class === 'content' && isSealed({ header });

export const textTypes = (registry: Pick<Registry, 'searched'>): readonly string[] =>
  [...registry.searched()].flatMap(([type, { rule }]) => (rule.document ? [type] : []));

/** Those of all documents of a space, or of these alone, with what else Members wrote there; with `least` entries or more. */
export const partsOfText = (
  { replica }: Pick<Space, 'replica'>,
  types: readonly string[],
  only?: ReadonlySet<NodeId>,
  least = 0,
): readonly Part[] => {
  const objects = new Map<ShardId, NodeId>();
  for (const type of types)
    for (const node of replica.engine.nodesOfType(type))
      if (node.shard === replica.outline && (!only || only.has(node.id))) objects.set(replica.partOf(node.id), node.id);
  const sizes = least > 0 ? sizesOf(replica) : undefined;
  const entriesByShard = new Map<ShardId, Entry[]>();
  for (const log of replica.logs.values()) {
    const shard = log.head?.header.shard;
    if (!shard || !objects.has(shard) || (sizes?.get(shard) ?? 0) < least) continue;
    const here = log
      .slice(0)
      .filter((entry) => mayHoldText(entry) && (entry.body.length > 0 || replica.baseOf(entry) !== undefined));
    entriesByShard.set(shard, [...(entriesByShard.get(shard) ?? []), ...here]);
  }
  return [...entriesByShard].flatMap(([shard, entries]) => {
    if (entries.length === 0) return [];
    const bytes = entries.reduce((sum, { body }) => sum + body.length, replica.bases.get(shard)?.bytes ?? 0);
    const lastMs = entries.reduce((last, { header }) => Math.max(last, header.hlc), 0);
    return [{ object: objects.get(shard) as NodeId, shard, entries, bytes, lastMs }];
  });
};

const sizesOf = (replica: Replica): ReadonlyMap<ShardId, number> => {
  const sizes = new Map<ShardId, number>();
  for (const { head, size } of replica.logs.values())
    if (head) sizes.set(head.header.shard, (sizes.get(head.header.shard) ?? 0) + size);
  return sizes;
};

/** PR1: without what says anything but text. */
export const textOf = ({ replica: { engine, bases } }: Pick<Space, 'replica'>, part: Part): Part => {
  const said = new Set<EntryId>();
  const nodes = [part.object, ...[...engine.nodesOfShard(part.shard)].map(({ id }) => id)];
  for (const node of nodes) for (const { entry, type } of engine.history(node)) if (type !== 'text') said.add(entry);
  const entries = part.entries.filter(({ id }) => !said.has(id));
  const base = bases.get(part.shard)?.bytes ?? 0;
  return { ...part, entries, bytes: entries.reduce((sum, { body }) => sum + body.length, base) };
};

/** The order of devices in a part: another one in each, so that none has to keep everything. */
export const placeIn = (shard: ShardId, device: DeviceId): string =>
  toHex(hash('lgos/keeper/1', concat(fromHex(shard), fromHex(device))));

/** Whose word on what they hold counts at all. */
export const keeperKind = (replica: Replica, device: DeviceId): 'beacon' | 'device' | undefined => {
  const { rights } = replica;
  if (rights.relays().has(device)) return 'beacon';
  const user = rights.userOf(device);
  const isIn =
    user !== undefined && rights.role(user, replica.now()) !== 'none' && rights.suspensions(device).length === 0;
  return isIn ? 'device' : undefined;
};

type Keepers = { readonly beacons: readonly DeviceId[]; readonly devices: readonly DeviceId[] };
/** PR2: whose word counts for a part. `now`: by this device's clock. */
const keepersOf = (replica: Replica, shard: ShardId, me: DeviceId, now: number): Keepers => {
  const beacons: DeviceId[] = [];
  const devices: DeviceId[] = [];
  for (const [device, byShard] of replica.receipts) {
    const receipt = byShard.get(shard);
    if (device === me || !receipt || Math.abs(now - receipt.at) > FRESH_MS) continue;
    const kind = keeperKind(replica, device);
    if (kind === 'beacon') beacons.push(device);
    else if (kind === 'device' && placeIn(shard, device) < placeIn(shard, me)) devices.push(device);
  }
  return { beacons, devices };
};
/** Of a log of this device, what nobody else ever stated to hold. */
export const loneEntries = (replica: Replica, log: EntryLog, me: DeviceId): readonly Entry[] => {
  const others = [...replica.receipts.keys()].filter((device) => device !== me);
  return log.slice(Math.max(0, ...others.map((device) => lengthHeld(replica, device, log))));
};
/** How much of a log a device has said that it holds. A receipt names heights: it says nothing of a place that two entries claim. */
export const lengthHeld = ({ receipts }: Pick<Replica, 'receipts'>, device: DeviceId, log: EntryLog): number => {
  const shard = log.head?.header.shard;
  const height = shard && receipts.get(device)?.get(shard)?.heights.get(log.id);
  return height === undefined ? 0 : Math.min(log.length, log.forkedAt, height + 1);
};

/** PR2. */
const isSafeElsewhere = (replica: Replica, { log, header }: Entry, keepers: Keepers, twice: boolean): boolean => {
  const holds = (device: DeviceId): boolean => lengthHeld(replica, device, replica.log(log)) > header.seq;
  const beacons = keepers.beacons.filter(holds).length;
  return beacons + keepers.devices.filter(holds).length >= 2 || (beacons > 0 && !twice);
};

/**
 * Why all of a part has to stay; `undefined` where it may go. `keepers`: whose word counts, by PR2. `twice`: one beacon's word is not
 * enough, for nobody asked for room.
 */
export const whyStays = (
  space: Space,
  part: Part,
  me: DeviceId,
  now: number,
  {
    keepers = keepersOf(space.replica, part.shard, me, now),
    twice = false,
  }: { readonly keepers?: Keepers | undefined; readonly twice?: boolean } = {},
): Stays | undefined => {
  const { replica } = space;
  const waits = [...replica.provisional.values()].some(({ shard }) => shard === part.shard);
  if (space.unsealed > 0 || waits || replica.graph.preview) return 'unsent';
  if (part.entries.some(({ id }) => replica.unfolded.has(id))) return 'unclear';
  const safe = part.entries.every(
    (entry) => replica.isDurable(entry) && isSafeElsewhere(replica, entry, keepers, twice),
  );
  return safe ? undefined : 'onlyHere';
};

/** Whether anything of an object's text is away. */
export const isAway = ({ id, replica }: Pick<Space, 'id' | 'replica'>, object: NodeId): boolean =>
  replica.isAway(contentShardOf(id, object));
/** Whether the text of an object as it was at a moment is to be told from changes that lie with others (CO5). */
export const isPastAway = ({ id, replica }: Pick<Space, 'id' | 'replica'>, object: NodeId, at: Hlc): boolean => {
  const shard = contentShardOf(id, object);
  const base = replica.bases.get(shard);
  return replica.shelved.has(shard) && !(base && endOf(base) <= at);
};

export const idsOf = (parts: readonly Part[]): readonly EntryId[] =>
  parts.flatMap(({ entries }) => entries.map(({ id }) => id));
