/** What a node costs in spaces of more and more nodes, along the tree and by flooding: a table and a picture. */
import { drawGrowth } from '../bench/picture.mjs';

const sum = (kinds, of, but = []) =>
  Object.entries(kinds).reduce((all, [kind, traffic]) => all + (but.includes(kind) ? 0 : of(traffic)), 0);

/** Of one run: what the picture has a panel for. */
const PANELS = [
  {
    title: 'messages to a node',
    unit: 'a second',
    of: ({ outcome }) => sum(outcome.kinds, ({ messages }) => messages),
  },
  { title: 'bytes to a node', unit: 'a second', of: ({ outcome }) => sum(outcome.kinds, ({ bytes }) => bytes) },
  // Of kernels alone: what the machines of many nodes leave in one process says little of one.
  { title: 'memory of a node', unit: 'kB', of: ({ cost }) => cost.bytesPerNode / 1_000 },
  { title: 'delivery, p95', unit: 'ms', of: ({ outcome }) => outcome.delivery.p95 },
];
const share = (value) => `${(value * 100).toFixed(1)} %`;
const COLUMNS = [
  ['p50, p95', ({ outcome: { delivery } }) => `${Math.round(delivery.p50)}, ${Math.round(delivery.p95)} ms`],
  ['had by all', ({ outcome: { delivery } }) => share(delivery.whole)],
  ['by push', ({ outcome: { delivery } }) => share(delivery.pushed)],
  ['needless copies', ({ outcome }) => outcome.redundancy.toFixed(2)],
  ['messages/s', (run) => PANELS[0].of(run).toFixed(1)],
  ['B/s', (run) => Math.round(PANELS[1].of(run)).toString()],
  ['kB of memory', (run) => Math.round(PANELS[2].of(run)).toString()],
  ['links', ({ outcome: { links } }) => `${links.mean.toFixed(1)} (${links.least} to ${links.most})`],
];

/** `runs`: `{ tree, flood }`, by ascending numbers of nodes. Markdown. */
export const growthTable = (runs, { cheap }) => {
  const columns = COLUMNS.filter(([name]) => !cheap || name !== 'kB of memory');
  return [
    ['nodes', ...columns.map(([name]) => name)],
    ['---', ...columns.map(() => '---:')],
    ...runs.flatMap(({ tree, flood }) => [
      [`${tree.outcome.nodes}`, ...columns.map(([, of]) => of(tree))],
      [`${flood.outcome.nodes}, flooding`, ...columns.map(([, of]) => of(flood))],
    ]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
};

export const growthPicture = (runs, { cheap }) =>
  drawGrowth(
    PANELS.filter(({ unit }) => !cheap || unit !== 'kB').map(({ title, unit, of }) => ({
      ...{ title, unit, power: 0 },
      points: runs.map(({ tree }) => [tree.outcome.nodes, of(tree)]),
      beside: runs.map(({ flood }) => [flood.outcome.nodes, of(flood)]),
    })),
    'What a node costs in spaces of more and more nodes',
    'nodes in the space; blue: along the tree, yellow: flooding, dashed: as if it did not grow',
  );
