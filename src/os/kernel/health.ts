/**
 * How well a space or an object is kept: from receipts that count, by whom; pure. Who is asked to do something about it is decided in
 * `tending.ts`.
 *
 * HE1 a beacon is a copy, so is a browser that says that it does not clear what it keeps; any other browser is a quarter of one.
 * HE2 green: as many copies as are aimed at, this device's among them, of which a beacon, or two browsers that keep what they have.
 * HE3 red: no beacon and fewer than two other devices have all of it. What is not red is yellow.
 * HE4 only who stated it within a week counts, and who is in the space. Changes of the last two minutes are on their way.
 * HE5 good news shows at once, bad news when it has lasted for a minute; until then what was known before, or nothing.
 * RP1 a text that is away here is fetched again when no beacon and fewer than two other devices have all of it any more: the line at
 *     which it was let go of (PR2), or it would come and go.
 * RP2 one after the other, in the order of the part: whoever comes first has a minute before the next.
 */
import type { HealthLevel } from '../../bridge/messages';
import type { Entry } from '../../vm/op/entry';
import type { DeviceId, ShardId } from '../../vm/op/ids';
import { UNPROVED } from '../../vm/replica/possession';
import { SPACE } from '../schema/system';
import { lackingIn } from './lacking';
import type { Replica } from './replica';
import { keeperKind, lengthHeld, placeIn } from './shelf';
import type { Stated } from './stated';

const LEVELS: readonly HealthLevel[] = ['red', 'yellow', 'green'];
/** Copies elsewhere. `kept`: in browsers that do not clear them. */
export type Copies = { readonly beacons: number; readonly kept: number; readonly others: number };
/** What this device's own copy is: of a browser that keeps it, of one that may clear it, or of a part. */
export type OwnCopy = 'kept' | 'mayGo' | 'partly';

const QUARTER = 0.25;
const OWN = { kept: 1, mayGo: QUARTER, partly: 0 } as const;
const FRESH_MS = 7 * 24 * 3_600_000;
const ON_ITS_WAY_MS = 120_000;
const LASTS_MS = 60_000;
const AIM = 3;
export const AIMS = { least: 2, most: 9 } as const;

/** How many copies of a space there are to be. */
export const aimOf = ({ engine }: Pick<Replica, 'engine'>): number => {
  const [node] = [...engine.nodesOfType(SPACE)];
  const copies = node?.field('copies');
  const isSound = typeof copies === 'number' && Number.isInteger(copies) && copies >= AIMS.least && copies <= AIMS.most;
  return isSound ? copies : AIM;
};

/** HE1. */
export const weightOf = ({ beacons, kept, others }: Copies): number => beacons + kept + others * QUARTER;
/** HE3. */
const areTooFew = ({ beacons, kept, others }: Copies): boolean => beacons === 0 && kept + others < 2;
/** HE2, HE3. */
export const levelOf = (elsewhere: Copies, own: OwnCopy, aim: number): HealthLevel => {
  if (areTooFew(elsewhere)) return 'red';
  const { beacons, kept } = elsewhere;
  const lasting = beacons > 0 || kept + (own === 'kept' ? 1 : 0) >= 2;
  return lasting && OWN[own] + weightOf(elsewhere) >= aim ? 'green' : 'yellow';
};

/** Of these devices, which copies they are. */
export const copiesBy = (replica: Replica, devices: Iterable<DeviceId>): Copies => {
  const copies = { beacons: 0, kept: 0, others: 0 };
  for (const device of devices) {
    const kind = keeperKind(replica, device);
    if (kind === 'beacon') copies.beacons++;
    else if (kind === 'device') copies[(replica.standings.get(device) ?? UNPROVED).kept ? 'kept' : 'others']++;
  }
  return copies;
};
/** Who has all of a space, or of one part. `now`: by this device's clock. */
export const holdersOf = (replica: Replica, me: DeviceId, now: number, shard?: ShardId): readonly DeviceId[] => {
  const before = replica.now() - ON_ITS_WAY_MS;
  const lacking = lackingIn(replica);
  const isFresh = (stated: Stated): boolean => {
    const one = shard === undefined ? undefined : stated.get(shard);
    for (const { at } of shard === undefined ? stated.values() : one ? [one] : [])
      if (Math.abs(now - at) <= FRESH_MS) return true;
    return false;
  };
  return [...replica.receipts]
    .filter(([device, stated]) => device !== me && isFresh(stated) && lacking.holdsAll(device, before, shard))
    .map(([device]) => device);
};

/** Who has all of these entries. */
export const holdersOfEntries = (replica: Replica, me: DeviceId, entries: readonly Entry[]): readonly DeviceId[] =>
  [...replica.receipts.keys()].filter(
    (device) =>
      device !== me && entries.every(({ log, header }) => lengthHeld(replica, device, replica.log(log)) > header.seq),
  );

/** What is shown, if anything is known. `lower`: since when it has been worse, which is not shown yet. */
export type Shown = { readonly level: HealthLevel | undefined; readonly lower?: { readonly since: number } };
/** HE5. */
export const shownNext = (before: Shown, level: HealthLevel, now: number): Shown => {
  const worse = before.level === undefined ? level === 'red' : LEVELS.indexOf(level) < LEVELS.indexOf(before.level);
  if (!worse) return { level };
  const since = before.lower?.since ?? now;
  return Math.abs(now - since) >= LASTS_MS ? { level } : { level: before.level, lower: { since } };
};

/**
 * Whether a part whose bodies are not here lacks copies elsewhere, and whose turn it is to fetch it: 0 of whoever comes first. Browsers
 * that keep what they have come before others, each in the order of the part.
 */
export const repairTurn = (
  replica: Replica,
  shard: ShardId,
  me: DeviceId,
  own: boolean,
  now: number,
): number | undefined => {
  const holders = new Set(holdersOf(replica, me, now, shard));
  if (!areTooFew(copiesBy(replica, holders))) return undefined;
  const keeps = (device: DeviceId): boolean => (device === me ? own : (replica.standings.get(device)?.kept ?? false));
  const before = (device: DeviceId): boolean =>
    keeps(device) === own ? placeIn(shard, device) < placeIn(shard, me) : keeps(device);
  return [...replica.receipts.keys()].filter(
    (device) => device !== me && !holders.has(device) && keeperKind(replica, device) === 'device' && before(device),
  ).length;
};
