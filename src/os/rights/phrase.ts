/**
 * The recovery phrase: the seed of a person as twelve English words (BIP 39), for paper. The last word carries a check, so
 * most slips of the pen are noticed. No key is stretched from it: the words are drawn, not chosen.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { err, ok, type Result } from '../../base/result';

const PHRASE_WORDS = 12;
const KNOWN: ReadonlySet<string> = new Set(wordlist);

/** `length`: not twelve words. `word`: `word` is not of the list. `order`: all are, and the check does not fit. */
export type PhraseError =
  | { readonly type: 'length'; readonly words: number }
  | { readonly type: 'word'; readonly word: string }
  | { readonly type: 'order' };

/** `seed`: 16 bytes. */
export const phraseOf = (seed: Uint8Array): string => entropyToMnemonic(seed, wordlist);

/** Takes any spacing, capitals, and numbers such as "1." before the words. */
export const seedOfPhrase = (phrase: string): Result<Uint8Array<ArrayBuffer>, PhraseError> => {
  const words = phrase
    .slice(0, 1_000)
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const unknown = words.find((word) => !KNOWN.has(word));
  if (unknown !== undefined) return err({ type: 'word', word: unknown.slice(0, 40) });
  if (words.length !== PHRASE_WORDS) return err({ type: 'length', words: words.length });
  try {
    return ok(new Uint8Array(mnemonicToEntropy(words.join(' '), wordlist)));
  } catch {
    return err({ type: 'order' });
  }
};
