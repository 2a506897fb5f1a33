/** The entries in a node's storage, found by their own form: what a disk, or whoever copies it, has. */
import type { Storage } from '../../src/ports';
import { decodeSegment, entriesIn as entriesOf } from '../../src/vm/journal/segment';
import type { Entry } from '../../src/vm/op/entry';

/** Of one record of the journal; none of an index. */
const entriesIn = (key: string, record: Uint8Array): readonly Entry[] => {
  if (key.includes('/index/')) return [];
  const slots = decodeSegment(key, record);
  const entries = slots.ok ? entriesOf(key, slots.value) : slots;
  return entries.ok ? entries.value : [];
};

/** All of a space, in the order in which they were written. */
export const decodeSegments = async (storage: Storage, space: string): Promise<readonly Entry[]> =>
  (await storage.list('journal', `${space}/`)).flatMap(({ key, value }) => entriesIn(key, value));
