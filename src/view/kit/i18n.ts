/**
 * Every word of the interface, by key, in the language of the interface. Content stays as written. Catalogues are plain
 * records of ICU messages, compiled when first used; a missing key is a type error, not a hole on the screen. English is always
 * here; another language is loaded when it is first spoken, whole, and until then the one before is spoken.
 */
import { i18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import type { Refusal } from '../../bridge/messages';
import { en } from '../locales/en';
import type { Language } from './preferences';

export type MessageKey = keyof typeof en;

i18n.setMessagesCompiler(compileMessage);
i18n.load('en', { ...en });
i18n.activate('en');

type Sentences = Readonly<Record<string, string>>;
/** What kernels say, by its English. */
const sentences = new Map<Language, Sentences>([['en', {}]]);

/** Said in Russian, because only Russian is loaded. */
const NO_WORDS: Refusal = {
  type: 'noWords',
  message: 'Русские слова интерфейса не загрузились.',
  safe: 'Всё, что сохранено в этом браузере, на месте.',
  next: 'Загрузите страницу ещё раз.',
};

async function learn(language: Language): Promise<void> {
  if (sentences.has(language)) return;
  const words = await Promise.all([import('../locales/ru'), import('../locales/refusals.ru')]).catch(() => null);
  if (words === null) throw NO_WORDS;
  i18n.load(language, { ...words[0].ru });
  sentences.set(language, words[1].refusalsRu);
}

let asked: Language = 'en';
/**
 * Resolves when the language is spoken, or another was asked for meanwhile. Rejects with a refusal where its words could not be
 * loaded, and goes on speaking the one before.
 */
export async function speak(language: Language): Promise<void> {
  asked = language;
  await learn(language);
  if (asked !== language) return;
  i18n.activate(language);
  if (typeof document !== 'undefined') document.documentElement.lang = language;
}
export const spoken = (): Language => (i18n.locale === 'ru' ? 'ru' : 'en');

/** Marks that turn the writing around, and those that end such a stretch. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
/** Names and titles inside our sentences: what they hold must not turn the rest of the sentence around. */
const tamed = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value.replace(TURNS, '') : value]),
  );

/** A sentence of a kernel, as it is where the language does not know it. */
export const sentence = (english: string): string => {
  const known = sentences.get(spoken()) as Sentences;
  return (Object.hasOwn(known, english) ? known[english] : undefined) ?? english;
};

/** The words for a key, with its values filled in. */
export const t = (key: MessageKey, values?: Record<string, unknown>): string => i18n._(key, values && tamed(values));
