/** The endings of words, as stemmers look for them: the longest of a set. Pure. */
export type Endings = { readonly all: ReadonlySet<string>; readonly longest: number };

/** `words`: with spaces between. */
export const endingsOf = (words: string): Endings => {
  const all = new Set(words.split(' '));
  return { all, longest: Math.max(...[...all].map(({ length }) => length)) };
};

/** The longest that `word` ends with at or behind `from`; empty when none. */
export const endingOf = (word: string, { all, longest }: Endings, from = 0): string => {
  for (let length = Math.min(longest, word.length - from); length > 0; length--) {
    const ending = word.slice(word.length - length);
    if (all.has(ending)) return ending;
  }
  return '';
};
