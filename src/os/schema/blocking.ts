/** Blocking is a person's own setting: nobody else is told of it, and it takes nothing from anybody's rights. */
import type { View } from './define';

const blockKey = (user: string): string => `block/${user}`;

export const isBlocked = (view: Pick<View, 'personal'>, user: string): boolean =>
  view.personal(blockKey(user)) === true;
export const setBlocked = (
  write: { setPersonal(key: string, value: boolean): void },
  user: string,
  blocked: boolean,
): void => write.setPersonal(blockKey(user), blocked);
