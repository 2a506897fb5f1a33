/**
 * Role x class x scope: what a node can enforce without reading content. The same words on a tab and on a blind beacon.
 */
import { err, ok, type Result } from '../../base/result';
import type { Entry, EntryClass } from '../../vm/op/entry';
import type { ShardId } from '../../vm/op/ids';
import { type Role, rankOf } from './acl';
import type { Rights } from './resolve';

/** The least role that may write a class. */
const LEAST: Readonly<Record<EntryClass, Role>> = {
  content: 'member',
  annotation: 'guest',
  personal: 'guest',
  system: 'admin',
};

export const mayWrite = (role: Role | 'none', entryClass: EntryClass): boolean =>
  rankOf(role) >= rankOf(LEAST[entryClass]);

export type Refused = {
  readonly type: 'notAllowed' | 'wrongShard' | 'unknownAuthor' | 'unknownRights';
  readonly message: string;
};

/**
 * Whether a data entry may be kept. It must have been allowed where its author stood: that never changes, so a refusal
 * is for good. What was written after an unseen removal is kept as held, because an Admin may adopt it.
 */
export const authorize = (
  rights: Rights,
  shards: { acl: ShardId; meta: ShardId },
  entry: Entry,
): Result<'shown' | 'held', Refused> => {
  const { header } = entry;
  if (header.shard === shards.acl)
    return err({ type: 'wrongShard', message: 'Data does not belong in the rights log.' });
  if (!rights.has(header.aclRef))
    return err({ type: 'unknownRights', message: 'It acts under rights that do not exist.' });
  const user = rights.userAt(header.device, header.aclRef);
  if (!user) return err({ type: 'unknownAuthor', message: 'Its device belongs to nobody in this space.' });
  const role = rights.roleAt(user, header.aclRef);
  const least: EntryClass = header.shard === shards.meta ? 'system' : header.class;
  if (!mayWrite(role, least)) return err({ type: 'notAllowed', message: `A ${role} may not write ${least}.` });
  const verdict = rights.judge(header.device, header.aclRef, entry.log, header.seq);
  return ok(verdict.type === 'allowed' ? 'shown' : 'held');
};
