/** Maps and sets that keep what was named last: the order is theirs, and what was named longest ago goes first. */

export const forgetOldest = <K>(among: Map<K, unknown> | Set<K>, most: number): void => {
  for (const oldest of among.keys()) {
    if (among.size <= most) break;
    among.delete(oldest);
  }
};

/** Puts it behind all others, of which at most `most` stay with it. */
export const setLatest = <K, V>(among: Map<K, V>, key: K, value: V, most: number): void => {
  among.delete(key);
  among.set(key, value);
  forgetOldest(among, most);
};
