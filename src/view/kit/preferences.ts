/**
 * What this page remembers by itself, in localStorage: language, theme, and whether it asked for kept storage. They are preferences of the page, not of the
 * person: they stay on this browser and are read before a kernel answers. Where storage is closed they last for the visit.
 */
import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'ru';

const listeners = new Set<() => void>();
const visit = new Map<string, string>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return visit.get(key) ?? null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    visit.set(key, value);
  }
  for (const listener of listeners) listener();
}

export function languageFrom(kept: string | null, spoken: readonly string[]): Language {
  if (kept === 'en' || kept === 'ru') return kept;
  for (const tag of spoken) {
    if (tag.toLowerCase().startsWith('ru')) return 'ru';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

export const language = (): Language =>
  languageFrom(read('lgos/language'), navigator.languages ?? [navigator.language]);
export const setLanguage = (value: Language): void => write('lgos/language', value);

export function theme(): Theme {
  const kept = read('lgos/theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
export function setTheme(value: Theme): void {
  write('lgos/theme', value);
  applyTheme();
}
/** Whether the sidebar shows its icons alone; of the screen, so it stays with the browser. */
const isRail = (): boolean => read('lgos/rail') === '1';
export const toggleRail = (): void => write('lgos/rail', isRail() ? '0' : '1');

/** How much room the lines across the view took, px; never more than a few of them. */
const MOST_ROOM = 200;
export function linesRoom(): number {
  const kept = Number(read('lgos/lines'));
  return kept > 0 && kept <= MOST_ROOM ? kept : 0;
}
export const keepLinesRoom = (px: number): void => {
  if (px !== linesRoom()) write('lgos/lines', String(px));
};

/** What this browser tells of outside the page: nothing, what addresses the person, or all that channels let through. */
export type AlertsWanted = 'off' | 'mine' | 'all';
const alerts = (): AlertsWanted => {
  const kept = read('lgos/alerts');
  return kept === 'mine' || kept === 'all' ? kept : 'off';
};
export const setAlerts = (value: AlertsWanted): void => write('lgos/alerts', value);
export const useAlerts = (): AlertsWanted => useSyncExternalStore(subscribe, alerts);

/** Whether this profile has asked the browser to keep its storage; of the browser too, as the answer is. */
export const askedToKeep = (profile: string): boolean => read(`lgos/asked-to-keep/${profile}`) !== null;
export const rememberAskedToKeep = (profile: string): void => write(`lgos/asked-to-keep/${profile}`, '1');

/** Puts the theme on the page; tokens.css does the rest. */
export function applyTheme(): void {
  const chosen = theme();
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
/** To the opposite of what is shown now. */
export function toggleTheme(): void {
  const chosen = theme();
  const dark = chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  setTheme(dark ? 'light' : 'dark');
}

function subscribe(onChange: () => void): () => void {
  listeners.add(onChange);
  window.addEventListener('storage', onChange);
  return () => {
    listeners.delete(onChange);
    window.removeEventListener('storage', onChange);
  };
}
export const useLanguage = (): Language => useSyncExternalStore(subscribe, language, () => 'en' as const);
export const useRail = (): boolean => useSyncExternalStore(subscribe, isRail, () => false);
export const useTheme = (): Theme => useSyncExternalStore(subscribe, theme, () => 'system' as const);
