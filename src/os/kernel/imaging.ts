/**
 * How a replica and an image of it fit together: what goes into one beside the graph, and whether one stands or may be shown.
 * It reads the replica and changes nothing. Rules: `images.ts`.
 */
import type { Entry } from '../../vm/op/entry';
import type { EntryId } from '../../vm/op/ids';
import { type Covered, CoveredList, coveredIn, judgesOf, STEP } from './covered';
import type { Image, Snapshot } from './images';
import type { Replica } from './replica';

type Judged = Covered['judged'];

/** What of an image is not the graph. */
export const aroundGraph = (replica: Replica): Omit<Snapshot, 'engine'> => {
  const covered = new CoveredList();
  for (const [id, judged] of replica.judged)
    covered.add(id, { judged, erased: replica.entries.get(id)?.erasedBy !== undefined });
  const logs = [...replica.logs.values()].filter(({ head }) => head !== undefined);
  const isJudging = ({ head }: (typeof logs)[number]): boolean => judgesIn(replica, head as Entry);
  const judging = logs.filter(isJudging).flatMap((log) => log.slice(0).map(({ id }) => id));
  return {
    covered,
    judges: judgesOf(judging),
    logs: logs.filter((log) => !isJudging(log)).map(({ id }) => id),
  };
};
/** It is about rights or erasures. */
const judgesIn = ({ acl, erasures }: Replica, { header }: Entry): boolean =>
  header.shard === acl || header.shard === erasures;

/** IM5: whether these entries are those by which an image was judged. `beside`: all that are in none of its logs. */
export const isJudgedBy = (replica: Replica, { judges }: Image, beside: readonly Entry[]): boolean =>
  judgesOf(new Set(beside.filter((entry) => judgesIn(replica, entry)).map(({ id }) => id))) === judges;

/** IM2: how each entry of an image counts, where all are here, in the form in which they went in, and count as they counted. */
export function* agreed(
  replica: Replica,
  { covered }: Image,
  countsAs: (id: EntryId) => Judged | undefined,
): Generator<undefined, ReadonlyMap<EntryId, Judged> | undefined> {
  const found = new Map<EntryId, Judged>();
  for (const [id, { judged, erased }] of coveredIn(covered)) {
    const entry = replica.entries.get(id);
    if (!entry || (entry.shelved && !replica.baseOf(entry))) return undefined;
    if ((entry.erasedBy !== undefined) !== erased || (erased && replica.erasing.eraserOf(entry) === undefined))
      return undefined;
    if (judged !== countsAs(id)) return undefined;
    found.set(entry.id, judged);
    if (found.size % STEP === 0) yield undefined;
  }
  return found;
}
