/**
 * Cuts: up to where the author of a word takes what a person wrote. A place names a log, how far, and the entry there:
 * a log that goes on in two ways is cut on the branch that was meant, not on one that is signed afterwards.
 */
import { type Codec, list, optional, u64 } from '../../base/codec';
import { type EntryId, entryIdCodec, type LogId, logIdCodec } from '../../vm/op/ids';

/** `head`: the entry at `seq`. Without it the place holds for all branches. */
export type CutPlace = { readonly log: LogId; readonly seq: number; readonly head?: EntryId };
export type Cut = ReadonlyMap<LogId, readonly CutPlace[]>;

const headCodec = optional(entryIdCodec);
const placeCodec: Codec<CutPlace> = {
  write: (writer, { log, seq, head }) => {
    logIdCodec.write(writer, log);
    u64.write(writer, seq);
    headCodec.write(writer, head);
  },
  read: (reader) => {
    const log = logIdCodec.read(reader);
    const seq = u64.read(reader);
    const head = headCodec.read(reader);
    return head === undefined ? { log, seq } : { log, seq, head };
  },
};
export const cutCodec: Codec<readonly CutPlace[]> = list(placeCodec, 4096);

export const NO_CUT: Cut = new Map();
export const cutOf = (places: readonly CutPlace[]): Cut => {
  const cut = new Map<LogId, CutPlace[]>();
  for (const place of places) cut.set(place.log, [...(cut.get(place.log) ?? []), place]);
  return cut;
};
export const placesOf = (cut: Cut): readonly CutPlace[] => [...cut.values()].flat();

/**
 * Where a content entry stands. `leadsTo`: only where its log goes on in several ways; whether the log's entry `head`,
 * the last of so many, is this one or comes after it.
 */
export type Place = {
  readonly log: LogId;
  readonly seq: number;
  readonly leadsTo?: ((head: EntryId, length: number) => boolean) | undefined;
};
export const within = (places: readonly CutPlace[] | undefined, { log, seq, leadsTo }: Place): boolean =>
  places?.some(
    (place) => place.log === log && seq <= place.seq && (!leadsTo || !place.head || leadsTo(place.head, place.seq + 1)),
  ) ?? false;
