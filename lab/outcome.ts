/** What comes out of a simulation: figures of what was seen from outside. */
import { quantile, type Spread, type Traffic } from './figures';

/** At one second of a run. */
export type Moment = {
  readonly second: number;
  readonly up: number;
  readonly links: { readonly mean: number; readonly least: number; readonly most: number };
  readonly largestPart: number;
  /** Of entries, in this second; `first` at their node. */
  readonly copies: number;
  readonly first: number;
};
export type Outcome = {
  readonly nodes: number;
  readonly written: number;
  /** To those who were there from the writing to the end: ms, and shares of all pairs of an entry and a node. */
  readonly delivery: {
    readonly p50?: number | undefined;
    readonly p95?: number | undefined;
    readonly p99?: number | undefined;
    readonly most?: number | undefined;
    readonly pushed: number;
    readonly reached: number;
    readonly whole: number;
  };
  /** Arrivals beyond the first, for each first one. */
  readonly redundancy: number;
  /** For each node and virtual second: bytes. */
  readonly bytesIn: Quantiles;
  readonly bytesOut: Quantiles;
  /** By kind of frame, for each node and virtual second. */
  readonly kinds: Readonly<Record<string, Traffic>>;
  readonly links: { readonly mean: number; readonly least: number; readonly most: number };
  readonly largestPart: number;
  /** Of the nodes that are up at the end and sound, those that hold all that was written. */
  readonly complete: number;
  /** Seconds after the last happening from which on every entry reached all within five seconds; absent: nothing happened, or never. */
  readonly promptAfter?: number | undefined;
  readonly signalingRefused: Readonly<Record<string, number>>;
  /** How many of the nodes had an entry, by ms since it was written. */
  readonly curve: readonly { readonly ms: number; readonly share: number }[];
  readonly moments: readonly Moment[];
};
type Quantiles = { readonly p50: number; readonly p95: number; readonly most: number };

export const spanOf = (counts: readonly number[]): Moment['links'] => ({
  mean: counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length),
  least: counts.reduce((least, count) => Math.min(least, count), counts[0] ?? 0),
  most: counts.reduce((most, count) => Math.max(most, count), 0),
});
export const percent = (share: number): string => `${(share * 100).toFixed(share > 0.999 && share < 1 ? 2 : 1)} %`;

const CURVE_MS = [
  50, 100, 150, 200, 250, 300, 400, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000, 40_000,
];
const PROMPT_MS = 5_000;

export type Seen = {
  readonly spreads: readonly Spread[];
  /** Writes that have not left their author. */
  readonly unseen: readonly { readonly author: string; readonly writtenAt: number }[];
  /** Sound nodes that are there at the end, and since when. */
  readonly up: readonly { readonly name: string; readonly since?: number | undefined }[];
  readonly nodes: readonly string[];
  readonly sent: ReadonlyMap<string, number>;
  readonly received: ReadonlyMap<string, number>;
  readonly kinds: ReadonlyMap<string, Traffic>;
  readonly moments: readonly Moment[];
  /** Seconds in which traffic was counted. */
  readonly measured: number;
  readonly written: number;
  /** When something happened last. */
  readonly happenedAt?: number | undefined;
  readonly signalingRefused: Readonly<Record<string, number>>;
};

export const outcomeOf = (seen: Seen): Outcome => {
  const { up, spreads, unseen, measured, moments } = seen;
  const waits: number[] = [];
  let [pairs, first, pushed, copies, whole] = [0, 0, 0, 0, 0];
  let late = Number.NEGATIVE_INFINITY;
  for (const { author, writtenAt, arrivals, ...spread } of spreads) {
    const there = up.filter(({ name, since }) => name !== author && (since as number) <= writtenAt);
    const reached = there.flatMap(({ name }) => arrivals.get(name) ?? []);
    for (const at of reached) waits.push(at - writtenAt);
    if (reached.length < there.length || reached.some((at) => at - writtenAt > PROMPT_MS))
      late = Math.max(late, writtenAt);
    pairs += there.length;
    if (reached.length === there.length) whole++;
    first += arrivals.size;
    pushed += spread.pushed;
    copies += spread.copies;
  }
  for (const { author, writtenAt } of unseen)
    pairs += up.filter(({ name, since }) => name !== author && (since as number) <= writtenAt).length;
  waits.sort((a, b) => a - b);
  const survivors = new Set(up.map(({ name }) => name));
  const lasting = [...spreads, ...unseen.map((each) => ({ ...each, arrivals: new Map<string, number>() }))].filter(
    ({ author, arrivals }) => survivors.has(author) || reachesAny(arrivals, survivors),
  );
  const isComplete = (name: string): boolean =>
    lasting.every(({ author, arrivals }) => author === name || arrivals.has(name) || !reachesAny(arrivals, survivors));
  const loads = (sums: ReadonlyMap<string, number>): Quantiles => {
    const sorted = seen.nodes.map((name) => (sums.get(name) ?? 0) / measured).sort((a, b) => a - b);
    return { p50: quantile(sorted, 0.5) ?? 0, p95: quantile(sorted, 0.95) ?? 0, most: sorted.at(-1) ?? 0 };
  };
  const each = measured * seen.nodes.length;
  const last = moments.at(-1) as Moment;
  const { happenedAt } = seen;
  const lastWritten = spreads.reduce((latest, { writtenAt }) => Math.max(latest, writtenAt), 0);
  return {
    nodes: seen.nodes.length,
    written: seen.written,
    delivery: {
      p50: quantile(waits, 0.5),
      p95: quantile(waits, 0.95),
      p99: quantile(waits, 0.99),
      most: waits.at(-1),
      pushed: first === 0 ? 0 : pushed / first,
      reached: pairs === 0 ? 0 : waits.length / pairs,
      whole: seen.written === 0 ? 0 : whole / seen.written,
    },
    redundancy: first === 0 ? 0 : copies / first - 1,
    bytesIn: loads(seen.received),
    bytesOut: loads(seen.sent),
    kinds: Object.fromEntries(
      [...seen.kinds]
        .sort(([, a], [, b]) => b.bytes - a.bytes)
        .map(([kind, { bytes, messages }]) => [kind, { bytes: bytes / each, messages: messages / each }]),
    ),
    links: last.links,
    largestPart: last.largestPart,
    complete: up.filter(({ name }) => isComplete(name)).length / Math.max(1, up.length),
    ...(happenedAt !== undefined && late < lastWritten
      ? { promptAfter: Math.max(0, Math.ceil((late - happenedAt) / 1_000)) }
      : {}),
    signalingRefused: seen.signalingRefused,
    curve: CURVE_MS.map((ms) => ({ ms, share: pairs === 0 ? 0 : countUpTo(waits, ms) / pairs })),
    moments,
  };
};

/** Of ascending numbers, how many are at most `limit`. */
const countUpTo = (sorted: readonly number[], limit: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Whether anybody who is still there has it: what went with those who held it is lost for all. */
const reachesAny = (arrivals: ReadonlyMap<string, number>, survivors: ReadonlySet<string>): boolean => {
  for (const name of arrivals.keys()) if (survivors.has(name)) return true;
  return false;
};
