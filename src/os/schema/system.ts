/**
 * The node types of the operating system itself: who somebody is to a space, and what a person set for themselves.
 * Neither stands in the tree of the outline.
 */
import type { TypeRule } from './define';

/** One a person and space: name and picture, written by that person alone. */
export const PROFILE = 'Profile';
/** One a key in the person's personal space; `os/graph/settings` finds it. */
export const SETTING = 'Setting';

export const systemTypes: Readonly<Record<string, TypeRule>> = {
  [PROFILE]: {
    home: 'outline',
    class: 'content',
    fields: { name: 'author', picture: 'author' },
    deletion: 'author',
  },
  [SETTING]: {
    home: 'outline',
    class: 'personal',
    fields: { key: 'author', value: 'author' },
    deletion: 'author',
  },
};
