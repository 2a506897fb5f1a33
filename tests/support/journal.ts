/** The entries in a node's storage, found by their own form: what a disk, or whoever copies it, has. */
import type { Storage } from '../../src/ports';
import { decodeEntry, type Entry } from '../../src/vm/op/entry';

/** Of one journal segment. */
export const entriesIn = (segment: Uint8Array): Entry[] => {
  const found: Entry[] = [];
  let at = 2;
  while (at < segment.length - 32) {
    let length = 0;
    let shift = 1;
    for (;;) {
      const byte = segment[at++] as number;
      length += (byte & 127) * shift;
      shift *= 128;
      if (byte < 128) break;
    }
    const decoded = decodeEntry(segment.slice(at, at + length));
    if (!decoded.ok) break;
    found.push(decoded.value);
    at += length;
  }
  return found;
};

/** All of a space, in the order in which they were written. */
export const decodeSegments = async (storage: Storage, space: string): Promise<readonly Entry[]> =>
  (await storage.list('journal', `${space}/`)).flatMap(({ value }) => entriesIn(value));
