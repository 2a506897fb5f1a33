/** Refusals that several parts of a kernel give, and the way from a `Result` to a thrown refusal at its surface. */
import type { Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { Why } from '../rights/may';
import { refusal } from '../schema/define';

export const unknownSpace = refusal(
  'unknownSpace',
  'This device does not hold that space.',
  'Nothing was changed.',
  'Open the space, or join it by a link.',
);
export const notYet = (what: string): Refusal =>
  refusal(
    'notAvailable',
    `${what} is not part of this version.`,
    'Nothing was changed.',
    'Update LifeGraph OS when a version has it.',
  );

/** What was asked for, or its refusal thrown: what a caller of the surface catches. */
export const unwrap = <T>(result: Result<T, Refusal>): T => {
  if (!result.ok) throw result.error;
  return result.value;
};

const WHY: Readonly<Record<Why, readonly [message: string, next: string]>> = {
  notIn: ['You are not a member of this space.', 'Ask an Owner to invite you.'],
  adminsOnly: ['Only Admins and Owners do this.', 'Ask one of them.'],
  ownersOnly: ['Only an Owner does this.', 'Ask an Owner of the space.'],
  senior: ['They were an Owner before you were, or made you one.', 'Ask them, or whoever founded the space.'],
  yourself: ['Nobody changes their own role this way.', 'Step down or leave instead.'],
  onlyYourself: ['Only they can do this themselves.', 'Change their role, or remove them.'],
  already: ['They have this role already.', 'Choose another one.'],
  notInSpace: ['That person is not in the space.', 'Reload the list of members.'],
  inSpace: ['That person is in the space already.', 'Reload the list of members.'],
  lastOwner: ['You are the only Owner, and others are in the space.', 'Make somebody else an Owner first.'],
  noEnd: ['The role of an Admin or Owner has no end.', 'Give it, and take it away when it is time.'],
  lowest: ['You have no lower role than this to step down to.', 'Leave the space instead.'],
  banned: ['That person is banned already.', 'Reload the list of members.'],
  bannedHigher: ['They were banned by somebody of a higher role.', 'Ask an Owner of the space.'],
  notBanned: ['That person is not banned.', 'Reload the list of members.'],
  restored: [
    'This device was restored with the recovery phrase: for two days it changes nobody’s access.',
    'Confirm it on another device of yours, or wait.',
  ],
};
/** Why somebody may not do something about a person. */
export const whyNot = (why: Why): Refusal => refusal(why, WHY[why][0], 'Nothing was changed.', WHY[why][1]);
