/** Blocking is a person's own setting: nobody else is told of it, and it takes nothing from anybody's rights. */
import type { View } from './define';

const blockKey = (user: string): string => `block/${user}`;

export const isBlocked = (view: Pick<View, 'personal'>, user: string): boolean =>
  view.personal(blockKey(user)) === true;
/** Of these authors; each is looked up once. */
export const blockedAmong = (
  view: Pick<View, 'personal'>,
  nodes: readonly { readonly author: string }[],
): ReadonlySet<string> =>
  new Set([...new Set(nodes.map(({ author }) => author))].filter((user) => isBlocked(view, user)));
export const setBlocked = (
  write: { setPersonal(key: string, value: boolean): void },
  user: string,
  blocked: boolean,
): void => write.setPersonal(blockKey(user), blocked);
