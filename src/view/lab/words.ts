/** Figures of a lab in the words of the language. What is not known yet is a dash. */
import { spoken, t } from '../kit/i18n';
import { sizeOf } from '../kit/time';

const numbers = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  new Intl.NumberFormat(spoken() === 'ru' ? 'ru-RU' : 'en-GB', options);
const known = (value: number | undefined, say: (value: number) => string): string =>
  value === undefined ? '–' : say(value);

/** What is not all never reads as all. */
export const share = (value: number | undefined): string =>
  known(value, (part) =>
    numbers({ style: 'percent', maximumFractionDigits: 1 }).format(part < 1 ? Math.min(part, 0.999) : part),
  );
export const number = (value: number | undefined, digits = 1): string =>
  known(value, (count) => numbers({ maximumFractionDigits: digits }).format(count));
export const delay = (value: number | undefined): string =>
  known(value, (ms) => (ms < 1_000 ? t('lab.ms', { n: Math.round(ms) }) : t('lab.s', { s: number(ms / 1_000) })));
export const rate = (value: number | undefined): string =>
  known(value, (bytes) => t('lab.rate', { size: sizeOf(bytes) }));
export const span = ({ mean, least, most }: { mean: number; least: number; most: number }): string =>
  t('lab.span', { mean: number(mean), least: number(least), most: number(most) });
