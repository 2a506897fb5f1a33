/** Why the rights do not take a change of ours, in the words that whoever wanted to write it is told. */
import type { Refusal } from '../../bridge/messages';
import type { EntryClass } from '../../vm/op/entry';
import type { ShardId, UserId } from '../../vm/op/ids';
import { type Asked, explain } from '../rights/explain';
import { refusal } from '../schema/define';

const ASK = 'Ask an Owner or Admin of the space.';
const KEPT = 'What you wrote stays on this device.';

/** `reason`: of a verdict (`resolve.ts`). A role that is too low by itself and one that a rule has made so are told apart. */
export const whyNotTaken = (
  rights: Asked,
  reason: string,
  entry: { readonly user: UserId; readonly class: EntryClass; readonly shard: ShardId; readonly now: number },
): Refusal => {
  switch (reason) {
    case 'notAllowed': {
      const action = entry.class === 'annotation' ? 'comment' : 'edit';
      const { missing } = explain(rights, { user: entry.user, action, shard: entry.shard, now: entry.now });
      return missing?.code === 'policy'
        ? refusal('rule', 'A rule set by an Owner lets only others write here.', KEPT, ASK)
        : refusal('notAllowed', 'Your role does not allow this change.', KEPT, ASK);
    }
    case 'outsideScope':
      return refusal('outsideScope', 'This lies outside what was shared with you.', KEPT, ASK);
    case 'expired':
      return refusal('expired', 'Your access to this space has ended.', KEPT, ASK);
    case 'deviceSuspended':
      return refusal('deviceSuspended', 'This device was shut out of the space.', KEPT, ASK);
    case 'authorRemoved':
      return refusal('notAMember', 'You are not a member of this space any more.', KEPT, ASK);
    default:
      return refusal('refused', `The space does not allow this change (${reason}).`, KEPT, ASK);
  }
};
