/**
 * The rules that a space has before anybody changes them: what holds where nothing was said, and what a founder signs for
 * a kind of space. A founder's rules are ordinary policies: any Owner changes them later.
 */
import type { SpaceKind } from '../../vm/op/ids';
import type { PolicyName } from './policy';

export type Rule = { readonly key: PolicyName; readonly value: string };

/** What holds where nobody set a rule. */
export const UNSET: Readonly<Record<PolicyName, string>> = {
  history: 'full',
  invite: 'admin',
  content: 'member',
  annotation: 'guest',
};

/** Only what differs from `UNSET`. A room is among friends; a guild is large, and what was said before is not everybody's. */
export const defaultsOf = (kind: SpaceKind): readonly Rule[] => {
  switch (kind) {
    case 'room':
      return [{ key: 'invite', value: 'member' }];
    case 'guild':
      return [{ key: 'history', value: 'fromJoin' }];
    case 'personal':
    case 'team':
      return [];
  }
};
