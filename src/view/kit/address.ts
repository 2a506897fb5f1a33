/**
 * Where the page is: all that stands after '#', with its question mark (wouter's own hook would put what follows that before the
 * '#', where a server sees it). It reads and writes the browser's history and knows no place by name.
 */
import { useSyncExternalStore } from 'react';
import type { BaseLocationHook } from 'wouter';

const addressNow = (): string => `/${location.hash.replace(/^#?\/?/, '')}`;

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};

function navigate(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const from = location.href;
  const address = `#/${to.replace(/^#?\/?/, '')}`;
  if (replace) history.replaceState(history.state, '', address);
  else history.pushState(null, '', address);
  window.dispatchEvent(new HashChangeEvent('hashchange', { oldURL: from, newURL: location.href }));
}

export const useAddress: BaseLocationHook = Object.assign(
  (): [string, typeof navigate] => [useSyncExternalStore(subscribe, addressNow, () => '/'), navigate],
  { hrefs: (path: string) => `#${path}` },
);

/** The whole address of a place of this page, for others: without what was chosen for this tab alone. */
export const linkTo = (path: string): string => `${location.origin}${location.pathname}#${path}`;
/** The path of such an address; `null` where it is of another page, or more than an address. */
export const pathIn = (text: string): string | null => {
  const address = text.trim();
  const page = linkTo('');
  return address.startsWith(page) && !/\s/.test(address) ? address.slice(page.length) : null;
};
