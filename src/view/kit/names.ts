/** Names of files that every system takes, and nobody is misled by. Pure. */

/** In bytes of UTF-8. A name is cut between what a reader takes for letters. */
const MOST = 100;
/** Control characters, what turns the writing around, and what some system gives a meaning. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029<>:"/\\|?*]/gu;
/** Joins that make one sign out of several, as in pictures of families: kept. */
const JOINER = '\u200d';
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** `other`: where nothing of the title can stand in a name. */
export function fileName(title: string, other: string): string {
  const safe = title
    .normalize('NFC')
    .replace(UNSAFE, (sign) => (sign === JOINER ? sign : ' '))
    // Some programs refuse whatever looks like a way up.
    .replace(/\.{2,}|\s+/g, ' ')
    .replace(/ +/g, ' ');
  let name = '';
  for (const { segment } of new Intl.Segmenter().segment(safe)) {
    if (bytesOf(name) + bytesOf(segment) > MOST) break;
    name += segment;
  }
  // Windows takes away what ends a name, and others hide what begins so.
  name = name.replace(/^[\s.]+|[\s.]+$/g, '');
  if (name === '') return other;
  return RESERVED.test(name) ? `_${name}` : name;
}

/** Gives each path once: where letters differ in case alone, or one is a folder, some systems see one file. */
export function uniquePaths(): (folder: string, name: string, ending: string) => string {
  const taken = new Set<string>();
  /** By what many would be called: the number that was given last, so that it takes no longer with each. */
  const numbers = new Map<string, number>();
  const keyOf = (path: string): string => path.replace(/\/$/, '').toLowerCase().normalize('NFKC');
  return (folder, name, ending) => {
    const plain = keyOf(`${folder}${name}${ending}`);
    for (let n = (numbers.get(plain) ?? 0) + 1; ; n++) {
      const path = `${folder}${name}${n === 1 ? '' : ` (${n})`}${ending}`;
      const key = keyOf(path);
      if (taken.has(key)) continue;
      taken.add(key);
      numbers.set(plain, n);
      return path;
    }
  };
}
