/**
 * What the benchmarks share: medians with their spread, ratios to the best peer of the same run, and the goals. A goal
 * that is a ratio is met by the ratio, because absolute times are of a machine in an hour.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
/** Between measurements, so that none pays for the garbage of another. */
export const collect = () => void gc();

/** `most` and `least` in the row's own unit; `times` as fast (or as small) as the best peer. */
export const GOALS = {
  P1: { times: 12 },
  P2: { times: 12 },
  P3: { most: 60 },
  P4: { most: 2.2 },
  P5: { most: 3.2 },
  'P6 first': { most: 1.5, times: 4.9 },
  'P6 all': { most: 10 },
  P7: { most: 1, times: 10 },
  P8: { most: 260, times: 16.8 },
  P9: { least: 1_000_000 },
  'P10 batch': { most: 40 },
  'P11 p50': { most: 60 },
  'P11 p95': { most: 120 },
  P12: { most: 16 },
  P13: { most: 50 },
  P14: { most: 1_500 },
  // Of the qualities of the product, and where it names none, what browsers call good.
  usable: { most: 1_500 },
  'largest paint': { most: 2_500 },
  blocked: { most: 200 },
  key: { most: 16 },
  act: { most: 200 },
  // A hundredth is a row of text on a screen.
  shift: { most: 0.01 },
};

const sorted = (values) => [...values].sort((a, b) => a - b);
/** Three figures that count. */
export const round = (value) => {
  if (!Number.isFinite(value) || value === 0) return value;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6)));
};
export const quantile = (values, share) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
export const median = (values) => quantile(values, 0.5);

/** `[min, max]` of several runs, for those that ran more than once. */
const spreadOf = (values) => (values.length > 1 ? [round(Math.min(...values)), round(Math.max(...values))] : undefined);

const isMet = (goal, value, ratio) => {
  const bound = GOALS[goal];
  if (!bound) return undefined;
  if (bound.most !== undefined && value <= bound.most) return 'yes';
  if (bound.least !== undefined && value >= bound.least) return 'yes';
  if (bound.times !== undefined && ratio !== undefined && ratio >= bound.times)
    return bound.most === undefined ? 'yes' : 'by ratio';
  return 'no';
};
const saidOf = (goal, unit) => {
  const { most, least, times } = GOALS[goal];
  const parts = [];
  if (most !== undefined) parts.push(`${most} ${unit} or less`);
  if (least !== undefined) parts.push(`${least} ${unit} or more`);
  if (times !== undefined) parts.push(`${times} times the best peer`);
  return parts.join(', or ');
};

/**
 * One row of a table. `ours` and each of `peers` are the figures of all runs. Smaller is better, unless `more`; `ratio` says
 * how many times better than the best peer it is.
 */
export const row = ({ bench, goal, unit, ours, peers = {}, more = false, ...rest }) => {
  const value = median(ours);
  const others = Object.entries(peers)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => ({ name, value: median(values), spread: spreadOf(values) }));
  const [best] = others.sort((a, b) => (more ? b.value - a.value : a.value - b.value));
  const ratio = best && (more ? value / best.value : best.value / value);
  return Object.fromEntries(
    Object.entries({
      ...{ bench, goal, value: round(value), unit, spread: spreadOf(ours), best: best?.name },
      ratio: ratio && round(ratio),
      target: GOALS[goal] && saidOf(goal, unit),
      met: isMet(goal, value, ratio),
      peers:
        others.length > 0
          ? Object.fromEntries(
              others.map(({ name, ...each }) => [
                name,
                { value: round(each.value), ...(each.spread ? { spread: each.spread } : {}) },
              ]),
            )
          : undefined,
      ...rest,
    }).filter(([, each]) => each !== undefined),
  );
};

/** `[milliseconds, what it gave]`. */
export const timed = async (run) => {
  const began = performance.now();
  const value = await run();
  return [performance.now() - began, value];
};

/** Collects the figures of runs under names. */
export const collected = () => {
  const all = {};
  return {
    add: (name, value) => {
      all[name] ??= [];
      all[name].push(value);
    },
    of: (name) => all[name] ?? [],
  };
};
