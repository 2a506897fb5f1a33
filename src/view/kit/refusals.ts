/** Refusals in the language of the interface: the kernel's own sentence where the catalogue does not know it. */
import type { Refusal } from '../../bridge/messages';
import { sentence } from './i18n';

export const translated = ({ type, message, safe, next }: Refusal): Refusal => ({
  type,
  message: sentence(message),
  safe: sentence(safe),
  next: sentence(next),
});
