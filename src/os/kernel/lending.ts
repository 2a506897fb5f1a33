/**
 * The keys that go with a right, as acts of the rights log: the present key for somebody who may read all, the keys of
 * their parts for somebody who may not. What cannot be wrapped here, because a key is not known, an Admin adds later.
 */
import type { EpochId, ShardId, UserId } from '../../vm/op/ids';
import type { Act } from '../rights/acl';
import { givenKeys, isOpenToNewcomers, tipsOf, type WrapDue } from '../rights/epochs';
import type { LinkKeys } from '../rights/invite';
import { type PartName, partName, wrapKey } from '../rights/keyring';
import type { Limits } from '../rights/words';
import type { KernelContext } from './context';
import type { Space } from './space';

/** Wraps that one entry takes along. */
export const MAX_WRAPS = 150;

/** Wraps of the keys that this device knows, at most `MAX_WRAPS`; with the keyring given, or the person's last. */
export const wrapActs = async (
  context: Pick<KernelContext, 'ports'>,
  space: Space,
  due: readonly WrapDue[],
  keyringOf: (user: UserId) => Uint8Array | undefined = (user) => space.replica.rights.keyringOf(user),
): Promise<readonly Act[]> => {
  const acts: Act[] = [];
  for (const { user, epoch, shard } of due) {
    const key = space.replica.keys.get(epoch);
    const keyring = keyringOf(user);
    if (!key || !keyring || acts.length >= MAX_WRAPS) continue;
    const wrap = await wrapKey(context.ports.crypto, space.id, key, { user, keyring }, shard && { epoch, shard });
    if (wrap) acts.push(shard ? { type: 'wrapPart', epoch, shard, wrap } : { type: 'wrap', epoch, wrap });
  }
  return acts;
};

/** Epochs whose keys somebody is given along with a right to `shard`, or to everything. */
const epochsFor = (space: Space, shard?: ShardId): readonly EpochId[] => {
  const { rights } = space.replica;
  const tips = tipsOf(rights).map(({ act }) => act.epoch);
  if (!shard) return tips;
  const used = space.replica.epochsUsed(shard);
  const earlier = rights
    .epochs()
    .filter((epoch) => !tips.includes(epoch.act.epoch) && isOpenToNewcomers(rights, epoch) && used.has(epoch.act.epoch))
    .map(({ act }) => act.epoch);
  return [...earlier, ...tips];
};

/** The wraps that somebody lacks who is given a right with these limits. */
export const keysFor = (
  context: Pick<KernelContext, 'ports'>,
  space: Space,
  user: UserId,
  keyring: Uint8Array,
  { shards }: Pick<Limits, 'shards'>,
): Promise<readonly Act[]> => {
  const due: WrapDue[] = shards
    ? shards.flatMap((shard) => epochsFor(space, shard).map((epoch) => ({ user, epoch, shard })))
    : epochsFor(space).map((epoch) => ({ user, epoch, shard: undefined }));
  const isGiven = givenKeys(space.replica.rights);
  return wrapActs(
    context,
    space,
    due.filter((one) => !isGiven(one)),
    () => keyring,
  );
};

/** What an open link seals: the present keys, or those of the parts alone that it is for. */
export const linkKeys = (space: Space, shards: readonly ShardId[] | undefined): LinkKeys => {
  const { replica } = space;
  if (!shards || shards.length === 0) {
    const keys = epochsFor(space).flatMap((epoch) => {
      const key = replica.keys.get(epoch);
      return key ? ([[epoch, key]] as const) : [];
    });
    return { epochs: new Map(keys), parts: new Map() };
  }
  const parts = new Map<PartName, Uint8Array>();
  for (const shard of shards)
    for (const epoch of epochsFor(space, shard)) {
      const key = replica.shardKey(epoch, shard);
      if (key) parts.set(partName(epoch, shard), key);
    }
  return { epochs: new Map(), parts };
};
