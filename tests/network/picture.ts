/** Draws a simulation: how an entry spreads, how many needless copies there are, and how the nodes are linked over time. */
import { type Moment, type Outcome, percent } from '../../lab/outcome';
import type { Scenario } from '../../lab/scenario';

const [WIDTH, HEIGHT] = [350, 200];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 14, 36, 36];

type Point = readonly [x: number, y: number];
type Chart = {
  readonly title: string;
  readonly under: string;
  /** Ascending in x; the first is drawn strongest. */
  readonly lines: readonly (readonly Point[])[];
  /** Of y; at least this much is shown. */
  readonly least: number;
  readonly yLabel: (y: number) => string;
  readonly xLabel: (x: number) => string;
  /** x goes by powers of ten. */
  readonly log?: boolean;
};

/** 1, 2 or 5 times a power of ten: about four of them in `span`. */
const stepOf = (span: number): number => {
  const power = 10 ** Math.floor(Math.log10(span / 4));
  return power * ([1, 2, 5, 10].find((factor) => span / (power * factor) <= 4.5) ?? 10);
};
const ticks = (least: number, most: number): number[] => {
  const step = stepOf(Math.max(most - least, 1e-9));
  const found: number[] = [];
  for (let at = Math.ceil(least / step) * step; at <= most + step / 1e6; at += step)
    found.push(Number(at.toPrecision(6)));
  return found;
};

const chart = ({ title, under, lines, least, yLabel, xLabel, log = false }: Chart, x0: number): string => {
  const points = lines.flat();
  const xs = points.map(([x]) => x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const top = Math.max(least, ...points.map(([, y]) => y));
  const placed = (x: number): number => (log ? Math.log10(x) : x);
  const span = Math.max(placed(last) - placed(first), 1e-9);
  const atX = (x: number): number => x0 + LEFT + ((placed(x) - placed(first)) / span) * (WIDTH - LEFT - RIGHT);
  const atY = (y: number): number => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM);
  const powers = [10, 100, 1_000, 10_000, 100_000].filter((x) => x >= first && x <= last);
  return [
    `<text class="title" x="${x0 + 8}" y="20">${title}</text>`,
    ...ticks(0, top).flatMap((y) => [
      `<line class="grid" x1="${x0 + LEFT}" x2="${x0 + WIDTH - RIGHT}" y1="${atY(y).toFixed(1)}" y2="${atY(y).toFixed(1)}"/>`,
      `<text text-anchor="end" x="${x0 + LEFT - 6}" y="${(atY(y) + 3.5).toFixed(1)}">${yLabel(y)}</text>`,
    ]),
    ...(log ? powers : ticks(first, last)).map(
      (x) => `<text text-anchor="middle" x="${atX(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 15}">${xLabel(x)}</text>`,
    ),
    ...[...lines.entries()].reverse().map(([i, line]) => {
      const drawn = line.map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ');
      return `<polyline class="${i === 0 ? 'measured' : 'beside'}" points="${drawn}"/>`;
    }),
    `<text x="${x0 + LEFT}" y="${HEIGHT - 4}">${under}</text>`,
  ].join('\n');
};

/** Seconds: in one alone the first copies may be few. */
const TOGETHER = 10;
const sumOf = (moments: readonly Moment[], what: 'copies' | 'first'): number =>
  moments.reduce((sum, moment) => sum + moment[what], 0);

export const pictureOf = (scenario: Scenario, outcome: Outcome): string => {
  const { moments, curve } = outcome;
  const time = (second: number): string => `${second} s`;
  const each = (value: (moment: Moment) => number): Point[] =>
    moments.map((moment): Point => [moment.second, value(moment)]);
  const copies = moments.flatMap(({ second }, i): Point[] => {
    const lately = moments.slice(Math.max(0, i + 1 - TOGETHER), i + 1);
    const [all, first] = [sumOf(lately, 'copies'), sumOf(lately, 'first')];
    return first === 0 ? [] : [[second, all / first - 1]];
  });
  const none: Point[] = [[0, 0]];
  const charts: Chart[] = [
    {
      title: 'Spread: nodes that have an entry',
      under: 'after it was written',
      lines: [curve.map(({ ms, share }): Point => [ms, share])],
      least: 1,
      yLabel: (share) => `${Math.round(share * 100)} %`,
      xLabel: (ms) => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`),
      log: true,
    },
    {
      title: 'Redundancy: needless copies',
      under: 'for each delivery, over ten seconds',
      lines: [copies.length > 0 ? copies : none],
      least: 1,
      yLabel: String,
      xLabel: time,
    },
    {
      title: 'Links of a node',
      under: 'mean; thin: the fewest and the most',
      lines: [each(({ links }) => links.mean), each(({ links }) => links.least), each(({ links }) => links.most)],
      least: 1,
      yLabel: String,
      xLabel: time,
    },
  ];
  const [width, height] = [WIDTH * charts.length, HEIGHT + 24];
  const said = `${outcome.nodes} nodes, ${outcome.written} entries, seed ${scenario.seed}: ${percent(outcome.delivery.reached)} delivered`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${said}">
<style>
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-size: 12px; font-weight: 600; fill: #1f2328 }
.grid { stroke: #d8dee4; stroke-width: 1 }
.measured { fill: none; stroke: #0969da; stroke-width: 2 }
.beside { fill: none; stroke: #8c959f; stroke-width: 1 }
</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${charts.map((each, i) => chart(each, i * WIDTH)).join('\n')}
<text x="${LEFT}" y="${height - 8}">${said}</text>
</svg>
`;
};
