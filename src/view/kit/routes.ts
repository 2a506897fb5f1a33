/** Where things are in the address: everything after '#', so that a static host serves every page and no server sees a secret. */
export type Place =
  | { readonly at: 'home' }
  | { readonly at: 'space'; readonly spaceId: string }
  /** `message`: the one to show. `thread`: the comment to open, on the message where there is one. */
  | {
      readonly at: 'channel';
      readonly spaceId: string;
      readonly channelId: string;
      readonly message?: string;
      readonly thread?: string;
    }
  /** `block`: by the id that the editor gave it. */
  | {
      readonly at: 'document';
      readonly spaceId: string;
      readonly documentId: string;
      readonly block?: string;
      readonly thread?: string;
    }
  | { readonly at: 'hub'; readonly spaceId: string }
  | { readonly at: 'members'; readonly spaceId: string }
  | { readonly at: 'audit'; readonly spaceId: string }
  | { readonly at: 'invitations'; readonly spaceId: string }
  | { readonly at: 'trash'; readonly spaceId: string }
  | { readonly at: 'join'; readonly payload: string }
  | { readonly at: 'paste' }
  | { readonly at: 'devices' }
  | { readonly at: 'network' }
  | { readonly at: 'lab' }
  /** The new device's side of linking; `payload`: of a link that a camera read, else ''. */
  | { readonly at: 'link'; readonly payload: string }
  | { readonly at: 'recover' }
  | { readonly at: 'settings' }
  /** `text`: what is asked; `pages`: how many of them are shown. */
  | { readonly at: 'search'; readonly text: string; readonly pages: number };

/** Undoes percent-encoding; a broken one stays as it is. */
function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads a path such as `/s/ID/c/ID?m=ID`; anything unknown is home. */
export function placeOf(path: string): Place {
  const [place = '', inside = ''] = path.split('?');
  const [first, second, third, fourth] = place
    .split('/')
    .filter((part) => part !== '')
    .map(plain);
  const asked = new URLSearchParams(inside);
  const named = <K extends string>(key: K, letter: string): Partial<Record<K, string>> => {
    const value = asked.get(letter);
    return value ? ({ [key]: value } as Record<K, string>) : {};
  };
  if (first === 'settings' && second === 'devices') return { at: 'devices' };
  if (first === 'settings' && second === 'network') return { at: 'network' };
  if (first === 'lab') return { at: 'lab' };
  if (first === 'settings') return { at: 'settings' };
  if (first === 'search') {
    const pages = Math.floor(Number(asked.get('n')));
    return { at: 'search', text: asked.get('q') ?? '', pages: pages >= 1 && pages <= 100 ? pages : 1 };
  }
  if (first === 'recover') return { at: 'recover' };
  if (first === 'link') return { at: 'link', payload: second ?? '' };
  if (first === 'join' && second) return { at: 'join', payload: second };
  if (first === 'join') return { at: 'paste' };
  if (first !== 's' || !second) return { at: 'home' };
  if (third === 'c' && fourth)
    return { at: 'channel', spaceId: second, channelId: fourth, ...named('message', 'm'), ...named('thread', 't') };
  if (third === 'd' && fourth)
    return { at: 'document', spaceId: second, documentId: fourth, ...named('block', 'b'), ...named('thread', 't') };
  if (third === 'hub') return { at: 'hub', spaceId: second };
  if (third === 'invitations') return { at: 'invitations', spaceId: second };
  if (third === 'trash') return { at: 'trash', spaceId: second };
  if (third === 'audit') return { at: 'audit', spaceId: second };
  if (third === 'members') return { at: 'members', spaceId: second };
  return { at: 'space', spaceId: second };
}

const part = encodeURIComponent;
/** What to show in a place. */
type Inside = {
  readonly message?: string | undefined;
  readonly block?: string | undefined;
  readonly thread?: string | undefined;
};
const LETTERS = { message: 'm', block: 'b', thread: 't' } as const;
const within = (inside: Inside): string => {
  const asked = Object.entries(LETTERS).flatMap(([key, letter]) => {
    const value = inside[key as keyof Inside];
    return value ? [`${letter}=${part(value)}`] : [];
  });
  return asked.length === 0 ? '' : `?${asked.join('&')}`;
};
export const paths = {
  home: '/',
  settings: '/settings',
  /** The settings page, where a key file is opened. */
  keys: '/settings/keys',
  devices: '/settings/devices',
  network: '/settings/network',
  lab: '/lab',
  recover: '/recover',
  link: '/link',
  search: (text = '', pages = 1) =>
    `/search${text === '' ? '' : `?q=${part(text)}`}${text === '' || pages === 1 ? '' : `&n=${pages}`}`,
  space: (spaceId: string) => `/s/${part(spaceId)}`,
  channel: (spaceId: string, channelId: string, inside: Pick<Inside, 'message' | 'thread'> = {}) =>
    `/s/${part(spaceId)}/c/${part(channelId)}${within(inside)}`,
  document: (spaceId: string, documentId: string, inside: Pick<Inside, 'block' | 'thread'> = {}) =>
    `/s/${part(spaceId)}/d/${part(documentId)}${within(inside)}`,
  hub: (spaceId: string) => `/s/${part(spaceId)}/hub`,
  invitations: (spaceId: string) => `/s/${part(spaceId)}/invitations`,
  join: (payload: string) => `/join/${part(payload)}`,
  /** Where any form of an invitation is put in. */
  paste: '/join',
  members: (spaceId: string) => `/s/${part(spaceId)}/members`,
  trash: (spaceId: string) => `/s/${part(spaceId)}/trash`,
  audit: (spaceId: string) => `/s/${part(spaceId)}/audit`,
} as const;

/** The field of the settings page that `paths.keys` leads to. */
export const OPEN_KEYS = 'open-keys';

/** What a text of this space refers to that holds the address of a place: a message, a channel or a document as a whole. */
export function objectAt(place: Place, spaceId: string): string | null {
  if ((place.at !== 'channel' && place.at !== 'document') || place.spaceId !== spaceId || place.thread) return null;
  if (place.at === 'document') return place.block ? null : place.documentId;
  return place.message ?? place.channelId;
}

/** What an address shows inside of its place; `null` where it names nothing. */
export function insideOf(place: Place): {
  readonly objectId: string;
  readonly spaceId: string;
  /** A message, or a block by the id that the editor gave it. */
  readonly point?: string;
  readonly thread?: string;
  /** What the thread is about. */
  readonly about: { readonly id: string; readonly kind: 'channel' | 'document' | 'message' };
} | null {
  if (place.at !== 'channel' && place.at !== 'document') return null;
  const objectId = place.at === 'channel' ? place.channelId : place.documentId;
  const message = place.at === 'channel' ? place.message : undefined;
  const point = place.at === 'channel' ? place.message : place.block;
  if (point === undefined && place.thread === undefined) return null;
  return {
    objectId,
    spaceId: place.spaceId,
    ...(point === undefined ? {} : { point }),
    ...(place.thread === undefined ? {} : { thread: place.thread }),
    about: message === undefined ? { id: objectId, kind: place.at } : { id: message, kind: 'message' },
  };
}
