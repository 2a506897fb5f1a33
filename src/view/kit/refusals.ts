/** Refusals in the language of the interface: the kernel's own sentence where the catalogue does not know it. */
import type { Refusal } from '../../bridge/messages';
import { refusalsRu } from '../locales/refusals.ru';
import { spoken } from './i18n';

/** One sentence of a refusal. */
export const translatedSentence = (sentence: string): string =>
  (spoken() === 'ru' && Object.hasOwn(refusalsRu, sentence) ? refusalsRu[sentence] : undefined) ?? sentence;

export const translated = ({ type, message, safe, next }: Refusal): Refusal => ({
  type,
  message: translatedSentence(message),
  safe: translatedSentence(safe),
  next: translatedSentence(next),
});
