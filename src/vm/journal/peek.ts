/**
 * A look into the journal of a space before it is read: the entries of the logs that somebody does not know yet, and of no
 * other. Segments whose index names known logs alone are not touched, so it costs what is looked for and not what there is. It
 * changes nothing, and where anything that it touches is not sound it says nothing: the reading of the whole finds out why.
 */
import type { Storage } from '../../ports';
import type { Entry } from '../op/entry';
import type { LogId, SpaceId } from '../op/ids';
import { readPage } from './loading';
import { decodeIndex, indexPrefixOf, journalPrefixOf, readKey } from './places';
import { decodeSegment, entryIn } from './segment';

/** Records asked for at once. */
const TOGETHER = 64;

/** In the order in which they were admitted. */
export const entriesBeside = async (
  storage: Storage,
  space: SpaceId,
  isKnown: (log: LogId) => boolean,
): Promise<readonly Entry[] | undefined> => {
  const indexes = await readPage(storage, indexPrefixOf(space), undefined, undefined);
  if (!indexes.ok) return undefined;
  const skipped = new Set<number>();
  for (const { key, value } of indexes.value) {
    const runs = decodeIndex(key, value);
    if (runs?.every(({ log }) => isKnown(log))) skipped.add(readKey(space, key)?.ordinal ?? -1);
  }
  const wanted = (await storage.keys('journal', journalPrefixOf(space))).filter((key) => {
    const place = readKey(space, key);
    return place?.type !== 'index' && !skipped.has(place?.ordinal ?? -2);
  });
  const found: Entry[] = [];
  for (let i = 0; i < wanted.length; i += TOGETHER) {
    const keys = wanted.slice(i, i + TOGETHER);
    const values = await Promise.all(keys.map((key) => storage.read('journal', key)));
    for (const [n, key] of keys.entries()) {
      const value = values[n];
      const slots = value && decodeSegment(key, value);
      if (!slots?.ok) return undefined;
      for (const slot of slots.value) {
        if (isKnown(slot.log)) continue;
        const entry = entryIn(key, slot);
        if (!entry.ok) return undefined;
        found.push(entry.value);
      }
    }
  }
  return found;
};
