/**
 * The entries that are in an image, and how each stands there: 33 bytes each, written and read in steps, because there are as
 * many as there is history. It knows no storage and no keys.
 */
import { fromHex, toHex } from '../../base/bytes';
import { hash } from '../../base/hash';
import type { EntryId } from '../../vm/op/ids';
import type { Role } from '../rights/acl';

/** How an entry stands in an image. `erased`: its body was gone. */
export type Covered = { readonly judged: Role | 'held'; readonly erased: boolean };
/** As they lie in an image: sound, see `isSound`. */
export type CoveredBytes = Uint8Array;

const ID = 32;
const EACH = ID + 1;
const JUDGED = ['owner', 'admin', 'member', 'guest', 'held'] as const;
const ERASED = 0x80;
/** Entries in a step: some milliseconds. */
export const STEP = 1_000;

export const isSound = (bytes: CoveredBytes): boolean => {
  if (bytes.length % EACH !== 0) return false;
  for (let at = ID; at < bytes.length; at += EACH) if (((bytes[at] as number) & ~ERASED) >= JUDGED.length) return false;
  return true;
};
export const countOf = (bytes: CoveredBytes): number => bytes.length / EACH;

/** As it is now, to be written later. */
export class CoveredList {
  readonly #ids: EntryId[] = [];
  readonly #as: number[] = [];
  add(id: EntryId, { judged, erased }: Covered): void {
    this.#ids.push(id);
    this.#as.push(JUDGED.indexOf(judged) | (erased ? ERASED : 0));
  }
  /** In steps; the last value is the whole. */
  *written(): Generator<undefined, CoveredBytes> {
    const bytes = new Uint8Array(this.#ids.length * EACH);
    for (const [i, id] of this.#ids.entries()) {
      if (i % STEP === STEP - 1) yield undefined;
      bytes.set(fromHex(id), i * EACH);
      bytes[i * EACH + ID] = this.#as[i] as number;
    }
    return bytes;
  }
}

export function* coveredIn(bytes: CoveredBytes): Generator<readonly [EntryId, Covered]> {
  for (let at = 0; at < bytes.length; at += EACH) {
    const as = bytes[at + ID] as number;
    const judged = JUDGED[as & ~ERASED] as Covered['judged'];
    yield [toHex(bytes.subarray(at, at + ID)) as EntryId, { judged, erased: as >= ERASED }];
  }
}

/** What an image was judged by: the entries about rights and erasures that were here. */
export const judgesOf = (ids: Iterable<EntryId>): string =>
  toHex(hash('lgos/image-judges/1', ...[...ids].sort().map((id) => fromHex(id))));
