/**
 * Role x class x part of the space x time: what a node can enforce without reading content. The same words on a tab and on
 * a blind beacon.
 */
import { err, ok, type Result } from '../../base/result';
import type { Entry, EntryClass } from '../../vm/op/entry';
import type { ShardId, UserId } from '../../vm/op/ids';
import { type Role, rankOf } from './acl';
import { type Asked, LEAST, type Rights } from './resolve';
import { covers } from './verdict';

/** Of an entry, or of one about to be signed. */
type Judged = Pick<Entry, 'log'> & {
  readonly header: Pick<Entry['header'], 'device' | 'aclRef' | 'seq' | 'class' | 'shard' | 'hlc'>;
};

export type Refused = { readonly type: string };

/**
 * What the rights log is asked about an entry: the shard of the space's own rules is for Admins, whatever its class says.
 * `about`: the shard that an erasure or a checkpoint concerns, which is another than the one it lies in.
 */
export const askedOf = ({ header, log }: Judged, shards: { readonly meta: ShardId }, about?: ShardId): Asked => ({
  device: header.device,
  aclRef: header.aclRef,
  log,
  seq: header.seq,
  class: header.shard === shards.meta ? 'system' : header.class,
  shard: about ?? header.shard,
  hlc: Math.floor(header.hlc),
});

/**
 * Whether a data entry may be kept. It must have been allowed where its author stood: that never changes, so a refusal
 * is for good. What was written after an unseen removal is kept as held, because an Admin may adopt it.
 */
export const authorize = (
  rights: Rights,
  shards: {
    readonly acl: ShardId;
    readonly meta: ShardId;
    readonly erasures: ShardId;
    readonly checkpoints: ShardId;
  },
  entry: Entry,
  about?: ShardId,
): Result<'shown' | 'held', Refused> => {
  const { shard, kind } = entry.header;
  if (shard === shards.acl || (shard === shards.erasures) !== (kind === 'erase')) return err({ type: 'wrongShard' });
  if ((shard === shards.checkpoints) !== (kind === 'checkpoint')) return err({ type: 'wrongShard' });
  const asked = askedOf(entry, shards, about);
  const then = rights.judgeAt(asked);
  if (then.type !== 'allowed') return err({ type: then.reason });
  return ok(rights.judge(asked).type === 'allowed' ? 'shown' : 'held');
};

/** Whether what this person writes now would be taken, as far as is known here: what a view offers them. */
export const mayNow = (
  rights: Rights,
  user: UserId,
  { class: entryClass, shard, now }: { readonly class: EntryClass; readonly shard: ShardId; readonly now?: number },
): boolean => {
  if (rights.role(user, now) === 'none') return false;
  const right = rights.right(user);
  const policy = (rights.policy(`${entryClass}:${shard}`) ?? rights.policy(entryClass)) as Role | undefined;
  return right.rank >= Math.max(LEAST[entryClass], policy ? rankOf(policy) : 0) && covers(right, shard);
};
