/** Filters are words of the question: put in, changed and taken out of its text. What counts as one the kernel tells. Pure. */
import type { SearchFilter } from '../../bridge/messages';

/** The text without that filter. */
export const without = (text: string, { from, to }: SearchFilter): string =>
  `${text.slice(0, from).trimEnd()} ${text.slice(to).trimStart()}`.trim();

/** The text with this filter in place of those of its kind. Quoted where the value has spaces. */
export function withFilter(
  text: string,
  filters: readonly SearchFilter[],
  by: SearchFilter['by'],
  value: string,
): string {
  const others = [...filters]
    .filter((filter) => filter.by === by)
    .sort((a, b) => b.from - a.from)
    .reduce(without, text.trim());
  const word = /^[^\s"]+$/.test(value) ? value : `"${value.replaceAll('"', '')}"`;
  return `${others} ${by}:${word} `.trimStart();
}

/** The day so many days before, by the local calendar, as the question takes it. */
export function daysAgo(days: number, now: Date): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
