/**
 * The node types of the operating system itself: who somebody is to a space, and what a person set for themselves.
 * Neither stands in the tree of the outline.
 */
import type { TypeRule } from './define';

/** One a person and space: name and picture, written by that person alone. */
export const PROFILE = 'Profile';
/** One a key in the person's personal space; `os/graph/settings` finds it. */
export const SETTING = 'Setting';

/** One a space: its title and picture, and how many copies of it there are to be. */
export const SPACE = 'Space';

/** What somebody told the Admins about an object; lies in that object's part of the space. */
export const REPORT = 'Report';

/** One a shared object, in its own part: what it is called, for whoever cannot read the outline. */
export const COVER = 'Cover';

export const systemTypes: Readonly<Record<string, TypeRule>> = {
  [PROFILE]: {
    home: 'outline',
    // A Guest has a name too.
    class: 'annotation',
    fields: { name: 'author', picture: 'author' },
    deletion: 'author',
  },
  [SPACE]: {
    home: 'outline',
    class: 'content',
    fields: { title: 'admins', icon: 'admins', copies: 'admins' },
    deletion: 'admins',
  },
  [REPORT]: {
    home: 'container',
    // A Guest may report too.
    class: 'annotation',
    fields: { object: 'author', reason: 'author', resolved: 'admins' },
    deletion: 'author',
  },
  [COVER]: {
    home: 'container',
    class: 'content',
    fields: { object: 'author', kind: 'author', by: 'author', title: 'members', icon: 'members', space: 'members' },
    deletion: 'members',
  },
  [SETTING]: {
    home: 'outline',
    class: 'personal',
    fields: { key: 'author', value: 'author' },
    deletion: 'author',
  },
};
