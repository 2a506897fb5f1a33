/**
 * Ids and how each is derived. In memory an id is lower-case hex, on the wire its bytes.
 * None is circular: an id never depends on something that contains it.
 */
import type { Brand } from '../../base/brand';
import { fromHex, toHex, utf8 } from '../../base/bytes';
import { encode, hexId, u32, u64 } from '../../base/codec';
import { hash, hash128 } from '../../base/hash';

/** 32 bytes each. `DeviceId` is the device's Ed25519 public key itself. */
export type SpaceId = Brand<string, 'SpaceId'>;
export type UserId = Brand<string, 'UserId'>;
export type DeviceId = Brand<string, 'DeviceId'>;
export type LogId = Brand<string, 'LogId'>;
export type EntryId = Brand<string, 'EntryId'>;
/** 16 bytes each. */
export type ShardId = Brand<string, 'ShardId'>;
export type NodeId = Brand<string, 'NodeId'>;
export type EpochId = Brand<string, 'EpochId'>;
export type InviteId = Brand<string, 'InviteId'>;
/** Content id of a sealed blob: SHA-256 of its manifest. 32 bytes. */
export type BlobId = Brand<string, 'BlobId'>;

export const spaceIdCodec = hexId<SpaceId>(32);
export const userIdCodec = hexId<UserId>(32);
export const deviceIdCodec = hexId<DeviceId>(32);
export const entryIdCodec = hexId<EntryId>(32);
export const logIdCodec = hexId<LogId>(32);
export const shardIdCodec = hexId<ShardId>(16);
export const nodeIdCodec = hexId<NodeId>(16);
export const epochIdCodec = hexId<EpochId>(16);
export const inviteIdCodec = hexId<InviteId>(16);
export const blobIdCodec = hexId<BlobId>(32);

export const ZERO_ENTRY = '0'.repeat(64) as EntryId;
export const ZERO_EPOCH = '0'.repeat(32) as EpochId;

export const SPACE_KINDS = ['personal', 'team', 'guild', 'room'] as const;
export type SpaceKind = (typeof SPACE_KINDS)[number];

/** `nonce` 32 bytes; revealed by the genesis entry, where every node checks it. */
export const spaceIdOf = (creator: UserId, device: DeviceId, kind: SpaceKind, nonce: Uint8Array): SpaceId =>
  toHex(
    hash('lgos/space/1', fromHex(creator), fromHex(device), Uint8Array.of(SPACE_KINDS.indexOf(kind)), nonce),
  ) as SpaceId;

/** `rootPub` is the SEA public key text; `nonce` 32 bytes. */
export const userIdOf = (rootPub: string, nonce: Uint8Array): UserId =>
  toHex(hash('lgos/user/1', hash('lgos/root/1', utf8(rootPub)), nonce)) as UserId;

export const logIdOf = (space: SpaceId, shard: ShardId, device: DeviceId, incarnation: number): LogId =>
  toHex(hash('lgos/log/1', fromHex(space), fromHex(shard), fromHex(device), encode(u32, incarnation))) as LogId;

/** Commits to the key, because AES-GCM does not: two keys can never pass for one epoch. */
export const epochIdOf = (space: SpaceId, key: Uint8Array, nonce: Uint8Array): EpochId =>
  toHex(hash128('lgos/epoch/1', fromHex(space), key, nonce)) as EpochId;

/** `counter` never repeats on a device incarnation, so nobody else can claim the id first. */
export const nodeIdOf = (space: SpaceId, device: DeviceId, incarnation: number, counter: number): NodeId =>
  toHex(
    hash128('lgos/node/1', fromHex(space), fromHex(device), encode(u32, incarnation), encode(u64, counter)),
  ) as NodeId;

/** The content shard of a channel or document. Part 0 until shards roll over. */
export const contentShardOf = (space: SpaceId, container: NodeId, part = 0): ShardId =>
  toHex(hash128('lgos/shard/1', fromHex(space), fromHex(container), encode(u32, part))) as ShardId;

const systemShard =
  (name: string) =>
  (space: SpaceId): ShardId =>
    toHex(hash128(`lgos/shard/${name}/1`, fromHex(space))) as ShardId;
/** Rights, keys, certificates: replicated by every member and beacon, bodies in clear. */
export const aclShardOf = systemShard('acl');
/** Schemas, policies, features: Admins and above. */
export const metaShardOf = systemShard('meta');
/** Channels, documents, folders, profiles: title, icon, parent, order. All tree moves. */
export const outlineShardOf = systemShard('outline');
/** What was erased for good: replicated by every node before the content that it is about, bodies in clear. */
export const erasuresShardOf = systemShard('erasures');
/** What states somebody came to: replicated by every node before the content, bodies in clear. */
export const checkpointsShardOf = systemShard('checkpoints');

/** Derived, read-only node of a block in a document. */
export const blockNodeIdOf = (document: NodeId, blockId: string): NodeId =>
  toHex(hash128('lgos/block/1', fromHex(document), utf8(blockId))) as NodeId;

/** Yjs client id: 53 bits of H(device ‖ document ‖ n). `n` is 48 random bits a twin, carried in every Yjs op. */
export const yjsClientIdOf = (device: DeviceId, document: NodeId, n: number): number => {
  const digest = hash('lgos/yid/1', fromHex(device), fromHex(document), encode(u64, n));
  let value = (digest[0] as number) & 31;
  for (let i = 1; i < 7; i++) value = value * 256 + (digest[i] as number);
  return value;
};
