/**
 * Every word of the interface, by key, in the language of the interface. Content stays as written. Catalogues are plain
 * records of ICU messages, compiled when first used; a missing key is a type error, not a hole on the screen.
 */
import { i18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { en } from '../locales/en';
import { ru } from '../locales/ru';
import type { Language } from './preferences';

export type MessageKey = keyof typeof en;

i18n.setMessagesCompiler(compileMessage);
i18n.load({ en: { ...en }, ru: { ...ru } });
i18n.activate('en');

export function speak(language: Language): void {
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

/** The words for a key, with its values filled in. */
export const t = (key: MessageKey, values?: Record<string, unknown>): string => i18n._(key, values && tamed(values));
