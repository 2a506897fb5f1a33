/** Where things are in the address: everything after '#', so that a static host serves every page and no server sees a secret. */
export type Place =
  | { readonly at: 'home' }
  | { readonly at: 'space'; readonly spaceId: string }
  | { readonly at: 'channel'; readonly spaceId: string; readonly channelId: string }
  | { readonly at: 'document'; readonly spaceId: string; readonly documentId: string }
  | { readonly at: 'members'; readonly spaceId: string }
  | { readonly at: 'audit'; readonly spaceId: string }
  | { readonly at: 'invitations'; readonly spaceId: string }
  | { readonly at: 'join'; readonly payload: string }
  | { readonly at: 'paste' }
  | { readonly at: 'devices' }
  /** The new device's side of linking; `payload`: of a link that a camera read, else ''. */
  | { readonly at: 'link'; readonly payload: string }
  | { readonly at: 'recover' }
  | { readonly at: 'settings' };

/** Undoes percent-encoding; a broken one stays as it is. */
function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads a path such as `/s/ID/c/ID`; anything unknown is home. */
export function placeOf(path: string): Place {
  const [first, second, third, fourth] =
    path
      .split('?')[0]
      ?.split('/')
      .filter((part) => part !== '')
      .map(plain) ?? [];
  if (first === 'settings' && second === 'devices') return { at: 'devices' };
  if (first === 'settings') return { at: 'settings' };
  if (first === 'recover') return { at: 'recover' };
  if (first === 'link') return { at: 'link', payload: second ?? '' };
  if (first === 'join' && second) return { at: 'join', payload: second };
  if (first === 'join') return { at: 'paste' };
  if (first !== 's' || !second) return { at: 'home' };
  if (third === 'c' && fourth) return { at: 'channel', spaceId: second, channelId: fourth };
  if (third === 'd' && fourth) return { at: 'document', spaceId: second, documentId: fourth };
  if (third === 'invitations') return { at: 'invitations', spaceId: second };
  if (third === 'audit') return { at: 'audit', spaceId: second };
  if (third === 'members') return { at: 'members', spaceId: second };
  return { at: 'space', spaceId: second };
}

const part = encodeURIComponent;
export const paths = {
  home: '/',
  settings: '/settings',
  /** The settings page, where a key file is opened. */
  keys: '/settings/keys',
  devices: '/settings/devices',
  recover: '/recover',
  link: '/link',
  space: (spaceId: string) => `/s/${part(spaceId)}`,
  channel: (spaceId: string, channelId: string) => `/s/${part(spaceId)}/c/${part(channelId)}`,
  document: (spaceId: string, documentId: string) => `/s/${part(spaceId)}/d/${part(documentId)}`,
  invitations: (spaceId: string) => `/s/${part(spaceId)}/invitations`,
  join: (payload: string) => `/join/${part(payload)}`,
  /** Where any form of an invitation is put in. */
  paste: '/join',
  members: (spaceId: string) => `/s/${part(spaceId)}/members`,
  audit: (spaceId: string) => `/s/${part(spaceId)}/audit`,
} as const;

/** The field of the settings page that `paths.keys` leads to. */
export const OPEN_KEYS = 'open-keys';
