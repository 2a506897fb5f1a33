/**
 * `npm run sim -- [--nodes N] [--minutes M] [--seed S] ...`: a network of real kernels on virtual time, and what is measured of it.
 * The same seed gives the same figures; what it costs is of this machine in this hour.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withModule } from '../bench/project.mjs';
import { growthPicture, growthTable } from './growth.mjs';

const EARLIER = new URL('../releases/2.0-flooding/kernel.mjs', import.meta.url);

const HELP = `Simulations: npm run sim -- [OPTIONS]

  --nodes N        members of one space, each a node (100)
  --minutes M      for how long they write (2)
  --seed S         of all chance (1)
  --writes W       entries a minute in the whole space (60)
  --start S        seconds within which all come (20, from 200 nodes on a tenth of their number)
  --settle S       seconds until they begin (40)
  --calm S         seconds after the last entry (30)
  --beacons N      beacons that keep the space (0)
  --hashed         keyed hashes in the place of signatures and seals
  --cheap          the overlay's machines alone, for thousands of nodes
  --flood          every entry to all neighbours, to compare
  --victim         of a cheap one: insiders dial one node alone
  --shut SHARE     of nodes: two of them never connect directly (0)
  --uplink KBPS    what a node sends at most (5000)
  --loss SHARE     of packets, lost and sent again; of kernels (0)
  --skewed SHARE   of nodes: clocks up to an hour off (0)
  --older SHARE    of nodes: they run the kernel of an earlier release (0); of kernels
  --churn N        nodes a minute that vanish, and come back 20 s later (0)
  --black SHARE    of nodes: insiders with real keys who pass on nothing (0); in a cheap one they dial without end
  --grey SHARE     of nodes: insiders who pass on every other entry; of kernels (0)
  --kill SHARE@S   of nodes: gone at once, S seconds after the writing began
  --part N@S-E     N islands from second S to second E
  --json FILE      all figures
  --picture FILE   spread, redundancy and links over time, as SVG
  --growth N,N,N   instead: the same for each number of nodes, beside flooding; a table, and in the picture what a node costs
  --quiet          no line on the way`;

/** `0.5@30` -> [0.5, 30]. */
const at = (text, form, read = Number) => {
  const numbers = form
    .exec(text)
    ?.slice(1)
    .flatMap((part) => read(part));
  if (!numbers) throw new Error(`What is "${text}"? See npm run sim -- --help.`);
  return numbers;
};
const happeningsOf = ({ kill, part }) => {
  const found = [];
  if (kill) {
    const [share, second] = at(kill, /^([\d.]+)@([\d.]+)$/);
    found.push({ type: 'kill', share, at: second });
  }
  if (part) {
    const [islands, from, to] = at(part, /^(\d+)@([\d.]+)-([\d.]+)$/);
    found.push({ type: 'part', islands, at: from }, { type: 'heal', at: to });
  }
  return found;
};

const NUMBERS = {
  nodes: 'nodes',
  minutes: 'minutes',
  seed: 'seed',
  writes: 'writes',
  start: 'startWithin',
  settle: 'settle',
  calm: 'calm',
  beacons: 'beacons',
  skewed: 'skewed',
  older: 'older',
  churn: 'churn',
  black: 'blackHoles',
  grey: 'greyHoles',
};
const OF_LINKS = { shut: 'shutShare', uplink: 'uplinkKbps', loss: 'loss' };
const text = { type: 'string' };
const OPTIONS = {
  ...Object.fromEntries([...Object.keys(NUMBERS), ...Object.keys(OF_LINKS)].map((name) => [name, text])),
  ...{ kill: text, part: text, json: text, picture: text, growth: text },
  ...{
    hashed: { type: 'boolean' },
    cheap: { type: 'boolean' },
    flood: { type: 'boolean' },
    victim: { type: 'boolean' },
  },
  ...{ quiet: { type: 'boolean' }, help: { type: 'boolean' } },
};
const numbersOf = (values, names) =>
  Object.fromEntries(
    Object.entries(names)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, field]) => {
        const value = Number(values[name]);
        if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number.`);
        return [field, value];
      }),
  );

/** One run in a process of its own, or what one leaves behind would count as the next one's memory. */
const apart = (args, more) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-sim-'));
  try {
    const json = join(folder, 'run.json');
    const { status } = spawnSync(
      process.execPath,
      [...process.execArgv, process.argv[1], ...args, ...more, '--json', json],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    if (status !== 0) throw new Error(`The run with ${more.join(' ')} did not end well.`);
    return JSON.parse(readFileSync(json, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
const growth = (args, { growth: list, picture, json, cheap = false }) => {
  // What is asked of the whole is not asked of each.
  const { tokens } = parseArgs({ args, options: OPTIONS, tokens: true });
  const rest = tokens
    .filter(({ name }) => !['growth', 'picture', 'json', 'nodes', 'flood'].includes(name))
    .flatMap(({ rawName, value }) => (value === undefined ? [rawName] : [rawName, value]));
  const runs = at(list, /^(\d+(?:,\d+)+)$/, (text) => text.split(',').map(Number)).map((nodes) => ({
    tree: apart(rest, ['--nodes', String(nodes)]),
    flood: apart(rest, ['--nodes', String(nodes), '--flood']),
  }));
  console.log(growthTable(runs, { cheap }));
  if (picture) writeFileSync(picture, growthPicture(runs, { cheap }));
  if (json) writeFileSync(json, `${JSON.stringify(runs, null, 1)}\n`);
};

const main = async (args) => {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return console.log(HELP);
  if (values.growth) return growth(args, values);
  await withModule('../network/main.ts', async (path) => {
    const { LINKS, loadRelease, pictureOf, SCENARIO, simulate, simulateCheap, tableOf } = await import(path);
    const nodes = Number(values.nodes ?? SCENARIO.nodes);
    const scenario = {
      ...SCENARIO,
      // The more there are, the longer they take to come.
      startWithin: Math.max(SCENARIO.startWithin, Math.ceil(nodes / 10)),
      ...numbersOf(values, NUMBERS),
      links: { ...LINKS, ...numbersOf(values, OF_LINKS) },
      happenings: happeningsOf(values),
      crypto: values.hashed ? 'cheap' : 'exact',
      spread: values.flood ? 'flood' : 'tree',
    };
    const tell = values.quiet ? undefined : (line) => console.error(line);
    const { outcome, cost } = values.cheap
      ? await simulateCheap({ ...scenario, victim: values.victim ?? false }, tell)
      : await simulate(scenario, tell, scenario.older > 0 ? await loadRelease(EARLIER) : undefined);
    console.log(tableOf(scenario, outcome, cost));
    if (values.picture) writeFileSync(values.picture, pictureOf(scenario, outcome));
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ scenario, outcome, cost }, null, 1)}\n`);
  });
};

const HEAP_MB = 16_384;
const YOUNG_MB = 128;
if (process.execArgv.some((flag) => flag.startsWith('--max-old-space-size'))) {
  await main(process.argv.slice(2)).catch((fault) => {
    console.error(fault.message);
    process.exitCode = 1;
  });
} else {
  // What is short-lived of a thousand kernels is no small thing: with little room much of it would be taken for long-lived.
  const flags = [
    `--max-old-space-size=${HEAP_MB}`,
    `--max-semi-space-size=${YOUNG_MB}`,
    '--expose-gc',
    process.argv[1],
    ...process.argv.slice(2),
  ];
  process.exitCode = spawnSync(process.execPath, flags, { stdio: 'inherit' }).status ?? 1;
}
