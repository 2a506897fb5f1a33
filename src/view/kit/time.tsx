/** Times, sizes and counts in the language of the interface; times relative to read, exact on hover. Pure but for the clock of "now". */
import { useEffect, useState } from 'react';
import { spoken, t } from './i18n';

const formats = new Map<string, Intl.DateTimeFormat>();
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${spoken()} ${name}`;
  const kept = formats.get(key);
  if (kept) return kept;
  const made = new Intl.DateTimeFormat(spoken() === 'ru' ? 'ru-RU' : 'en-GB', options);
  formats.set(key, made);
  return made;
}

export const clock = (at: number): string => format('clock', { hour: '2-digit', minute: '2-digit' }).format(at);
export const exactly = (at: number): string => format('exact', { dateStyle: 'full', timeStyle: 'medium' }).format(at);
/** A moment still to come, to the minute, for a sentence. */
export const fully = (at: number): string => format('full', { dateStyle: 'full', timeStyle: 'short' }).format(at);
/** Days since some day, by the local calendar. */
export function dayNumber(at: number): number {
  const day = new Date(at);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / 86_400_000);
}

/** "Today", "Yesterday", "Wednesday 18 November", with the year where it is another one. */
export function dayName(at: number, now: number): string {
  const ago = dayNumber(now) - dayNumber(at);
  if (ago === 0) return t('time.today');
  if (ago === 1) return t('time.yesterday');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const words = sameYear
    ? format('day', { weekday: 'long', day: 'numeric', month: 'long' }).format(at)
    : format('dayYear', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);
  return words.charAt(0).toLocaleUpperCase(spoken()) + words.slice(1);
}

/** Since when, inside a sentence: "yesterday, 18:05". */
export function sinceWhen(at: number, now: number): string {
  const ago = dayNumber(now) - dayNumber(at);
  if (ago === 0) return clock(at);
  if (ago === 1) return t('time.yesterdayAt', { clock: clock(at) });
  return `${format('short', { day: 'numeric', month: 'short' }).format(at)}, ${clock(at)}`;
}

/** The shortest that still says when: a clock today, else a date. */
export function shortly(at: number, now: number): string {
  if (Math.abs(now - at) < 60_000) return t('time.now');
  if (dayNumber(now) === dayNumber(at)) return clock(at);
  if (new Date(at).getFullYear() === new Date(now).getFullYear())
    return format('short', { day: 'numeric', month: 'short' }).format(at);
  return format('shortYear', { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** A moment as a field for date and time takes it, to the second, by the local calendar. */
export function momentField(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
/** All of the second that such a field names; `undefined` where it names none. */
export function momentOf(field: string): number | undefined {
  const at = new Date(field).getTime();
  return Number.isNaN(at) ? undefined : Math.floor(at / 1_000) * 1_000 + 999;
}

/** A moment in a file that may be read anywhere: "2026-11-21 18:05", by the local calendar. */
export const stamp = (at: number): string => momentField(at).slice(0, 16).replace('T', ' ');

const COUNTS = { en: new Intl.NumberFormat('en-GB'), ru: new Intl.NumberFormat('ru-RU') };
/** A count that stands alone, its thousands parted. */
export const counted = (n: number): string => COUNTS[spoken()].format(n);

/** Bytes as megabytes or gigabytes. */
const SMALL = ['kilobyte', 1e3, 0] as const;
export function sizeOf(bytes: number): string {
  const [unit, size, maximumFractionDigits] =
    bytes >= 1e9 ? (['gigabyte', 1e9, 1] as const) : bytes >= 1e6 ? (['megabyte', 1e6, 0] as const) : SMALL;
  const options = { style: 'unit', unit, maximumFractionDigits } as const;
  return new Intl.NumberFormat(spoken() === 'ru' ? 'ru-RU' : 'en-GB', options).format(
    bytes > 0 && bytes < size ? 1 : bytes / size,
  );
}

/** The minute that it is, renewed while something looks at it. */
export function useNow(everyMs = 30_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function RelativeTime({ at }: { at: number }) {
  const now = useNow();
  return (
    <time className="num" dateTime={new Date(at).toISOString()} title={exactly(at)}>
      {shortly(at, now)}
    </time>
  );
}
