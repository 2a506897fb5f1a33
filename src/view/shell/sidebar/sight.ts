/**
 * Which rows of a long list are drawn: those in sight of what scrolls it, some around them, and a few that always stand, so that
 * keys and focus have where to go. Rows are of one height. It knows no rows.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react';

/** From this row, up to that one. */
export type Sight = { readonly from: number; readonly to: number };

/** Shorter lists are drawn whole. */
export const WHOLE = 120;
const AROUND = 30;
/** It is drawn anew each so many rows. */
const STEP = 10;

/** Pure. `above`: how far the list's beginning lies above what shows it. */
export function sightOf(above: number, height: number, rowPx: number): Sight {
  const from = Math.floor((above / rowPx - AROUND) / STEP) * STEP;
  const to = Math.ceil(((above + height) / rowPx + AROUND) / STEP) * STEP;
  return { from: Math.max(0, from), to: Math.max(0, to) };
}

/** Pure. The places of the rows to draw, in order; `gap`: how many are left out before it. `stay`: places that are drawn anyway. */
export function drawnOf(
  count: number,
  { from, to }: Sight,
  stay: readonly number[],
): readonly { readonly at: number; readonly gap: number }[] {
  const places = new Set(stay.filter((at) => at >= 0 && at < count));
  for (let at = count <= WHOLE ? 0 : from; at < (count <= WHOLE ? count : Math.min(to, count)); at++) places.add(at);
  const sorted = [...places].sort((a, b) => a - b);
  return sorted.map((at, i) => ({ at, gap: at - (sorted[i - 1] ?? -1) - 1 }));
}

/** As high as rows are with a mouse; what is measured takes its place. */
const ROW_PX = 28;

/** `show` draws what is around a row, that it can be gone to. */
export function useSight(
  list: RefObject<HTMLElement | null>,
  count: number,
): Sight & { readonly rowPx: number; show(at: number): void } {
  const [sight, setSight] = useState({ from: 0, to: WHOLE, rowPx: ROW_PX });
  const isLong = count > WHOLE;
  const look = useCallback(() => {
    const own = list.current;
    const box = own?.closest('.scroll');
    const rowPx = own?.querySelector<HTMLElement>('[data-row]')?.offsetHeight ?? 0;
    if (!own || !box || rowPx === 0) return;
    const { top, height } = box.getBoundingClientRect();
    const { from, to } = sightOf(top - own.getBoundingClientRect().top, height, rowPx);
    setSight((now) => (now.from === from && now.to === to && now.rowPx === rowPx ? now : { from, to, rowPx }));
  }, [list]);
  useLayoutEffect(() => {
    if (isLong) look();
  }, [isLong, look]);
  useEffect(() => {
    const box = list.current?.closest('.scroll');
    if (!isLong || !box) return;
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', look);
    };
  }, [isLong, look, list]);
  const show = useCallback(
    (at: number) => setSight((now) => ({ ...now, from: Math.max(0, at - AROUND), to: at + AROUND })),
    [],
  );
  return { ...sight, show };
}
