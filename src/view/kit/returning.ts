/**
 * Where somebody stood in a place when they left it, by entry of the browser's history: back, forward and a reload show the same.
 * In memory, and for a reload in the storage of the tab, bounded; only ids and distances. What was kept is checked by whoever asks.
 */
import { type RefObject, useEffect, useState } from 'react';

const KEY = 'lgos/returning';
const MAX_ENTRIES = 100;

type Kept = { readonly [name: string]: unknown };
let entries: Map<string, Kept> | null = null;

const read = (): Map<string, Kept> => {
  try {
    const rows: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(rows)) return new Map();
    return new Map(
      rows.flatMap((row: unknown): [string, Kept][] =>
        Array.isArray(row) && typeof row[0] === 'string' && typeof row[1] === 'object' && row[1] !== null
          ? [[row[0], row[1] as Kept]]
          : [],
      ),
    );
  } catch {
    return new Map();
  }
};
const write = (): void => {
  try {
    if (entries) sessionStorage.setItem(KEY, JSON.stringify([...entries]));
  } catch {
    // Where storage is closed it lasts as long as the page.
  }
};
const all = (): Map<string, Kept> => {
  if (!entries) {
    entries = read();
    addEventListener('pagehide', write);
  }
  return entries;
};

/** The entry that is open now; one that the browser made has its name from its first asking. */
const entryNow = (): string => {
  const state: unknown = history.state;
  const named = typeof state === 'object' && state !== null ? (state as { entry?: unknown }).entry : undefined;
  if (typeof named === 'string') return named;
  const entry = crypto.randomUUID();
  history.replaceState({ ...(typeof state === 'object' ? state : {}), entry }, '');
  return entry;
};

export const keep = (name: string, value: unknown): void => {
  const kept = all();
  const entry = entryNow();
  const before = kept.get(entry);
  kept.delete(entry);
  kept.set(entry, { ...before, [name]: value });
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_ENTRIES) break;
    kept.delete(oldest);
  }
};
export const kept = (name: string): unknown => all().get(entryNow())?.[name];

/** A number that is there again on return, or null. */
export function useKeptNumber(name: string): readonly [number | null, (value: number) => void] {
  const [value, setValue] = useState(() => {
    const before = kept(name);
    return typeof before === 'number' ? before : null;
  });
  return [
    value,
    (next) => {
      keep(name, next);
      setValue(next);
    },
  ];
}

/** How a place is told and found again in what scrolls; `go` says whether it could. */
export type Standing = { place(box: HTMLElement): unknown; go(box: HTMLElement, place: unknown): boolean };

const byDistance: Standing = {
  place: (box) => Math.round(box.scrollTop),
  go: (box, place) => {
    if (typeof place !== 'number') return true;
    box.scrollTop = place;
    return box.scrollTop >= place - 1;
  },
};

/**
 * Keeps where `box` is scrolled to under `name`, and goes there when it is drawn again, as soon as enough of it is there and unless
 * the reader goes somewhere first. `asked`: something else is to be shown.
 */
export function useReturning(
  box: RefObject<HTMLElement | null>,
  name: string,
  { standing = byDistance, asked = false }: { readonly standing?: Standing; readonly asked?: boolean } = {},
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked for later is the reader's doing
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const wanted = asked ? undefined : kept(name);
    let waits = wanted !== undefined;
    const toPlace = (): void => {
      if (waits && standing.go(element, wanted)) end();
    };
    const grown = new ResizeObserver(toPlace);
    const changed = new MutationObserver(() => {
      watchChildren();
      toPlace();
    });
    const watchChildren = (): void => {
      for (const child of element.children) grown.observe(child);
    };
    const end = (): void => {
      waits = false;
      grown.disconnect();
      changed.disconnect();
    };
    const onScroll = (): void => {
      if (!waits) keep(name, standing.place(element));
    };
    const OWN = ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const;
    for (const own of OWN) element.addEventListener(own, end, { passive: true });
    element.addEventListener('scroll', onScroll, { passive: true });
    if (waits) {
      changed.observe(element, { childList: true, subtree: true });
      watchChildren();
      toPlace();
    }
    return () => {
      end();
      for (const own of OWN) element.removeEventListener(own, end);
      element.removeEventListener('scroll', onScroll);
    };
  }, [box, name, standing]);
}
