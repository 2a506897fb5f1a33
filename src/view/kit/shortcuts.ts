/**
 * Every shortcut of the interface, in one table: whoever binds a key asks here whether an event is it, and the sheet shows the
 * table as it is. Letters are keys of the keyboard, so that they work under any layout.
 */
export type ShortcutGroup = 'everywhere' | 'sidebar' | 'chat' | 'messages' | 'hub' | 'editor';
type Shortcut = {
  readonly group: ShortcutGroup;
  /** `Mod` is Ctrl, on a Mac Cmd. The first is shown. */
  readonly keys: readonly [string, ...string[]];
  /** Also while somebody types. */
  readonly typing?: true;
  /** Bound by the editor, or by the field, itself. */
  readonly editors?: true;
};

export const SHORTCUTS = {
  search: { group: 'everywhere', keys: ['Mod+K'], typing: true },
  searchPage: { group: 'everywhere', keys: ['Mod+Shift+F'], typing: true },
  shortcuts: { group: 'everywhere', keys: ['?'] },
  inspector: { group: 'everywhere', keys: ['Mod+.'], typing: true },
  rail: { group: 'everywhere', keys: ['Mod+\\'], typing: true },
  undo: { group: 'everywhere', keys: ['Mod+Z'] },
  redo: { group: 'everywhere', keys: ['Mod+Shift+Z', 'Mod+Y'] },
  back: { group: 'everywhere', keys: ['Alt+ArrowLeft'] },
  forward: { group: 'everywhere', keys: ['Alt+ArrowRight'] },
  unreadNext: { group: 'everywhere', keys: ['Alt+Shift+ArrowDown'] },
  unreadBefore: { group: 'everywhere', keys: ['Alt+Shift+ArrowUp'] },
  hub: { group: 'everywhere', keys: ['Alt+Shift+H'] },
  newDocument: { group: 'everywhere', keys: ['Alt+Shift+D'] },
  newChannel: { group: 'everywhere', keys: ['Alt+Shift+C'] },
  star: { group: 'everywhere', keys: ['Alt+Shift+F'] },
  copyLink: { group: 'everywhere', keys: ['Alt+Shift+L'] },
  settings: { group: 'everywhere', keys: ['Mod+,'], typing: true },
  rowNext: { group: 'sidebar', keys: ['ArrowDown'] },
  rowBefore: { group: 'sidebar', keys: ['ArrowUp'] },
  unfold: { group: 'sidebar', keys: ['ArrowRight'] },
  fold: { group: 'sidebar', keys: ['ArrowLeft'] },
  rename: { group: 'sidebar', keys: ['F2'] },
  moveUp: { group: 'sidebar', keys: ['Alt+ArrowUp'] },
  moveDown: { group: 'sidebar', keys: ['Alt+ArrowDown'] },
  moveIn: { group: 'sidebar', keys: ['Alt+ArrowRight'] },
  moveOut: { group: 'sidebar', keys: ['Alt+ArrowLeft'] },
  send: { group: 'chat', keys: ['Enter', 'Mod+Enter'], typing: true },
  newLine: { group: 'chat', keys: ['Shift+Enter'], typing: true, editors: true },
  editLast: { group: 'chat', keys: ['ArrowUp'], typing: true },
  letGo: { group: 'chat', keys: ['Escape'], typing: true },
  messageBefore: { group: 'messages', keys: ['ArrowUp'] },
  messageNext: { group: 'messages', keys: ['ArrowDown'] },
  messageReply: { group: 'messages', keys: ['R'] },
  messageThread: { group: 'messages', keys: ['T'] },
  messageComment: { group: 'messages', keys: ['C'] },
  messageEdit: { group: 'messages', keys: ['E'] },
  messageRemove: { group: 'messages', keys: ['Delete'] },
  inboxNext: { group: 'hub', keys: ['J', 'ArrowDown'] },
  inboxBefore: { group: 'hub', keys: ['K', 'ArrowUp'] },
  inboxDone: { group: 'hub', keys: ['E'] },
  inboxSnooze: { group: 'hub', keys: ['S'] },
  inboxMute: { group: 'hub', keys: ['M'] },
  inboxRead: { group: 'hub', keys: ['R'] },
  inboxUndo: { group: 'hub', keys: ['U'] },
  toolbar: { group: 'editor', keys: ['Alt+F10'], typing: true },
  proposal: { group: 'editor', keys: ['F8'], typing: true },
  proposalBefore: { group: 'editor', keys: ['Shift+F8'], typing: true },
  bold: { group: 'editor', keys: ['Mod+B'], editors: true },
  italic: { group: 'editor', keys: ['Mod+I'], editors: true },
  underline: { group: 'editor', keys: ['Mod+U'], editors: true },
  strike: { group: 'editor', keys: ['Mod+Shift+S'], editors: true },
  code: { group: 'editor', keys: ['Mod+E'], editors: true },
} as const satisfies Readonly<Record<string, Shortcut>>;
export type ShortcutId = keyof typeof SHORTCUTS;

type Chord = {
  readonly mod: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** Of the event, by what is printed on the key or by where it lies. */
  readonly key: string;
};
type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

const chordOf = (keys: string): Chord => {
  const parts = keys.split('+');
  return {
    mod: parts.includes('Mod'),
    alt: parts.includes('Alt'),
    shift: parts.includes('Shift'),
    key: parts.at(-1) ?? '',
  };
};

const CODES: Readonly<Record<string, string>> = { '.': 'Period', ',': 'Comma', '\\': 'Backslash' };

const isChord = ({ mod, alt, shift, key }: Chord, event: Pressed): boolean => {
  if (mod !== (event.ctrlKey || event.metaKey) || alt !== event.altKey) return false;
  // What a sign needs to be typed is its own matter.
  if (key !== '?' && shift !== event.shiftKey) return false;
  return event.key === key || event.code === (/^[A-Z]$/.test(key) ? `Key${key}` : CODES[key]);
};

/** Whether an event is a shortcut. */
export const matches = (event: Pressed, id: ShortcutId): boolean =>
  SHORTCUTS[id].keys.some((keys) => isChord(chordOf(keys), event));

/** Where typing has its own keys: fields, and text that can be edited. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select') !== null);

/** Whether it counts where the event came from. */
export const counts = (event: Pressed & Pick<KeyboardEvent, 'target'>, id: ShortcutId): boolean => {
  const shortcut: Shortcut = SHORTCUTS[id];
  return matches(event, id) && (shortcut.typing === true || !isTyping(event.target));
};

const isMac = typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.platform);

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
};
/** The keys as they are called on this machine. */
export const keysOf = (id: ShortcutId, mac = isMac): readonly string[] => {
  const { mod, alt, shift, key } = chordOf(SHORTCUTS[id].keys[0]);
  return [
    ...(mod ? [mac ? '⌘' : 'Ctrl'] : []),
    ...(alt ? [mac ? '⌥' : 'Alt'] : []),
    ...(shift ? [mac ? '⇧' : 'Shift'] : []),
    SIGNS[key] ?? key,
  ];
};
