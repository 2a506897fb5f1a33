/**
 * Who is asked for which pieces of which blobs: of pieces that few have first, of whoever is asked for the least. It decides
 * and keeps nothing, and knows neither bytes nor links.
 *
 * BL1 at most so many pieces are on their way from one source, and from all together: what comes is bounded by what was asked.
 * BL2 nothing is asked for twice while it is on its way.
 */
import { MANIFEST, type Pieces } from './pieces';

/** BL1. A piece has at most 64 KiB. */
export const IN_FLIGHT = { source: 16, urgentSource: 32, all: 96 } as const;

/** `pieces`: of how many, once the manifest is here. `have`, and `flying`: here, and on their way. */
export type Fetch = {
  readonly urgent: boolean;
  readonly pieces: number | undefined;
  readonly have: Pieces;
  readonly flying: ReadonlyMap<number, unknown>;
};
/** `busy`: pieces on their way from it. */
export type Source<S, F> = {
  readonly source: S;
  readonly busy: number;
  holds(fetch: F, piece: number): boolean;
};
type Ask<S, F> = {
  readonly source: S;
  readonly fetch: F;
  readonly pieces: ReadonlySet<number>;
};

/** Pieces of a blob that are neither here nor on their way; of one whose manifest is not here, that alone. */
const lackingOf = ({ pieces = MANIFEST + 1, have, flying }: Fetch): readonly number[] =>
  Array.from({ length: pieces }, (_, piece) => piece).filter((piece) => !have.has(piece) && !flying.has(piece));

/** What to ask for next; `fetches` by how much each matters. */
export const nextAsks = <S, F extends Fetch>(
  fetches: readonly F[],
  sources: readonly Source<S, F>[],
): readonly Ask<S, F>[] => {
  const busy = new Map(sources.map(({ source, busy: now }) => [source, now]));
  let room = IN_FLIGHT.all - [...busy.values()].reduce((sum, each) => sum + each, 0);
  const asks: Ask<S, F>[] = [];
  for (const fetch of fetches) {
    if (room <= 0) break;
    const most = fetch.urgent ? IN_FLIGHT.urgentSource : IN_FLIGHT.source;
    const lacking = lackingOf(fetch)
      .map((piece) => ({ piece, holders: sources.filter((each) => each.holds(fetch, piece)) }))
      .sort((a, b) => a.holders.length - b.holders.length || a.piece - b.piece);
    const piecesBySource = new Map<S, Set<number>>();
    for (const { piece, holders } of lacking) {
      if (room <= 0) break;
      const [least] = holders
        .map(({ source }) => source)
        .filter((source) => (busy.get(source) ?? 0) < most)
        .sort((a, b) => (busy.get(a) ?? 0) - (busy.get(b) ?? 0));
      if (least === undefined) continue;
      busy.set(least, (busy.get(least) ?? 0) + 1);
      room--;
      piecesBySource.set(least, (piecesBySource.get(least) ?? new Set()).add(piece));
    }
    for (const [source, pieces] of piecesBySource) asks.push({ source, fetch, pieces });
  }
  return asks;
};
