/**
 * Rows of a run -> the tables of docs/performance.md and the picture of growth, so that no figure is copied by hand. What stands
 * between the two marks is written anew each time, the rest is left alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { round } from './figures.mjs';
import { CURVES } from './growth.mjs';
import { drawGrowth } from './picture.mjs';

const FIGURES = {
  begin: '<!-- figures: written by npm run bench -- --write -->',
  end: '<!-- end of figures -->',
};
const USE = {
  begin: '<!-- use: written by npm run bench -- use --write -->',
  end: '<!-- end of use -->',
};

const figure = (value) =>
  typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 6 }) : value;
const range = (spread) => (spread ? ` (${figure(spread[0])} to ${figure(spread[1])})` : '');
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

/** What a row says besides its figure, in few words. */
const PLAIN = new Set(
  'bench goal what value unit spread best ratio target met peers runs why failed curve size path'.split(' '),
);
const restOf = (row) =>
  Object.entries(row)
    .filter(([name, value]) => !PLAIN.has(name) && value !== undefined && typeof value !== 'object')
    .map(([name, value]) => `${name} ${figure(typeof value === 'number' ? round(value) : value)}`)
    .join(', ');
const peersOf = ({ peers = {}, unit }) =>
  Object.entries(peers)
    .map(([name, { value, spread }]) => `${name} ${figure(value)} ${unit}${range(spread)}`)
    .join('; ');

const figureRows = (rows) =>
  rows.map((row) => {
    if (row.failed) return ['', row.bench, `not measured: ${row.failed}`, '-', '-', '-'];
    const subject = [row.bench, row.what, row.path].filter(Boolean).join(', ');
    const rest = restOf(row);
    return [
      `${row.goal ?? ''}${row.target ? `: ${row.target}` : ''}`,
      subject,
      `${figure(row.value)} ${row.unit}${range(row.spread)}${rest ? `; ${rest}` : ''}`,
      peersOf(row) || '-',
      row.ratio === undefined ? '-' : figure(row.ratio),
      row.met ?? '-',
    ];
  });

const growthRows = (rows) =>
  Object.entries(CURVES).flatMap(([name, { what, unit, predicted }]) => {
    const own = rows.filter(({ curve }) => curve === name);
    if (own.length === 0) return [];
    const last = own.at(-1);
    const prediction = predicted === 'flat' ? 'the same' : 'ten times';
    return [
      [
        `${what}, ${unit}`,
        ...own.map(({ value, why }) => (why ? `not measured: ${why}` : figure(value))),
        prediction,
        last['times for tenfold'] === undefined ? '-' : `${figure(last['times for tenfold'])} times`,
        last.holds ?? '-',
      ],
    ];
  });

const panelsOf = (rows) =>
  Object.entries(CURVES).flatMap(([name, { what, unit, predicted }]) => {
    const points = rows
      .filter(({ curve, value }) => curve === name && value > 0)
      .map(({ size, value }) => [size, value]);
    return points.length > 1 ? [{ title: what, unit, points, power: predicted === 'flat' ? 0 : 1 }] : [];
  });

/** Markdown of all rows. `conditions`: a sentence on the machine and the hour. */
const markdownOf = (rows, conditions, picture) => {
  const grown = rows.filter(({ bench }) => bench === 'growth');
  const others = rows.filter(({ bench, compute }) => bench !== 'growth' && !compute);
  const sizes = [...new Set(grown.map(({ size }) => size))].map((size) => `${figure(size)} operations`);
  return [
    conditions,
    ...(others.length > 0
      ? [table(['goal', 'what', 'ours', 'others in the same run', 'times the best of them', 'met'], figureRows(others))]
      : []),
    ...(grown.some(({ value }) => value)
      ? [
          '### Growth',
          table(['what', ...sizes, 'predicted for the last tenfold', 'measured', 'holds'], growthRows(grown)),
          ...(picture ? [`![How costs grow with operations](${picture})`] : []),
        ]
      : []),
  ].join('\n\n');
};

/** Puts Markdown between two marks of a file. Throws where it has them not. */
const put = (file, { begin: from, end: to }, markdown) => {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(from), text.indexOf(to)];
  if (begin < 0 || end < begin) throw new Error(`${file} has not the marks "${from}" and "${to}"`);
  writeFileSync(file, `${text.slice(0, begin + from.length)}\n\n${markdown}\n\n${text.slice(end)}`);
};

/** Of a page in use: goals beside figures, nobody else to compare with. */
const markdownOfUse = (rows, conditions) =>
  [
    conditions,
    table(
      ['what', 'figure', 'goal', 'met'],
      rows.map((row) => {
        const rest = restOf(row);
        return row.failed
          ? [row.bench, `not measured: ${row.failed}`, '-', '-']
          : [
              row.what,
              `${figure(row.value)} ${row.unit}${range(row.spread)}${rest ? `; ${rest}` : ''}`,
              row.target ?? '-',
              row.met ?? '-',
            ];
      }),
    ),
  ].join('\n\n');

/**
 * Writes the tables into a Markdown file that has the marks, and the picture beside it. What a page in use took has marks of its
 * own, so that either is written without the other.
 */
export const writeReport = (file, all, conditions) => {
  const used = all.filter(({ bench }) => bench === 'use');
  const rows = all.filter(({ bench }) => bench !== 'use');
  if (used.length > 0) put(file, USE, markdownOfUse(used, conditions));
  if (rows.length === 0) return;
  const panels = panelsOf(rows);
  const picture = 'pictures/growth.svg';
  if (panels.length > 0) {
    const path = join(dirname(file), picture);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      drawGrowth(
        panels,
        'How costs grow with operations',
        'operations in the space; blue: measured, dashed: predicted from the middle point',
      ),
    );
  }
  put(file, FIGURES, markdownOf(rows, conditions, panels.length > 0 ? picture : undefined));
};
