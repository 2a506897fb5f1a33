/**
 * `npm run bench -- [NAME...] [--json] [--runs N] [--small] [--peers A,B] [--objects N] [--all] [--write FILE]`: measures, never asserts. Ratios against a peer in the same run where
 * there is one; absolute times are of this machine in this hour. With `--json`, one object a line.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { ROOT } from '../../beacon/install.mjs';
import { isBuilt } from '../../beacon/stamp.mjs';
import { runAll } from './all.mjs';
import { compute } from './compute.mjs';
import { round } from './figures.mjs';
import { growth } from './growth.mjs';
import { ingest } from './ingest.mjs';
import { memory } from './memory.mjs';
import { incremental, merge } from './merge.mjs';
import { million } from './million.mjs';
import { PEERS } from './peers.mjs';
import { query } from './query.mjs';
import { writeReport } from './report.mjs';
import { scroll } from './scroll.mjs';
import { search } from './search.mjs';
import { start } from './start.mjs';
import { load, size } from './state.mjs';
import { storage } from './storage.mjs';
import { typing } from './typing.mjs';
import { use } from './use.mjs';

const BENCHES = {
  merge: {
    run: merge,
    subject: 'P1, P2: 200,000 writes of 8 actors merged, in entries of 256 and one by one, beside five others',
  },
  incremental: { run: incremental, subject: 'P7: 1,000 later writes into that, in entries of 8' },
  load: { run: load, subject: 'P6: from the bytes of that state to the first answer, and to everything read' },
  memory: { run: memory, subject: 'P3: what that state takes in memory, each system in its own process' },
  size: { run: size, subject: 'P4, P5, P10: that state, its journal and its entries as bytes' },
  ingest: { run: ingest, subject: 'P9: signed, encrypted, authorised entries taken in by one worker in Chromium' },
  storage: { run: storage, subject: 'P8: 100,000 operations persisted in IndexedDB, against one record each' },
  query: { run: query, subject: 'P12: a change of 1 and of 100 among 10,000 live tasks, worker to painted list' },
  search: { run: search, subject: 'P13: search over 50,000 objects of Russian and English text, beside MiniSearch' },
  start: {
    run: start,
    isBuilt: true,
    subject: 'P14: a cached page over a space of 50,000 objects, to the shell and to the rows',
  },
  scroll: {
    run: scroll,
    isBuilt: true,
    subject: 'a channel of 10,000 messages in the page: opening at its end, frames while scrolling up, jumps',
  },
  use: {
    run: use,
    isBuilt: true,
    subject:
      'a team space of 5,000 messages and 200 documents: a cached start, each kind of act, layout shifts, as Chromium times them',
  },
  million: {
    run: million,
    isBuilt: true,
    subject:
      'two browsers on a space of 1,000,000 operations (--objects N: of so many): joining, typing, scrolling, search',
  },
  growth: {
    run: growth,
    isBuilt: true,
    subject:
      'how merge, a live list, memory and the start grow from 10,000 to 1,000,000 operations; --browser: of a page too',
  },
  compute: { run: compute, subject: 'nearest rows, reach, importance and forces: WebAssembly beside JavaScript' },
  typing: {
    run: typing,
    isBuilt: true,
    subject: 'P11: a keystroke in one browser to paint in another, direct and relayed',
  },
};

const HELP = `Benchmarks: npm run bench -- [NAME...] [--json [FILE]] [--runs N] [--small] [--peers A,B] [--objects N] [--write FILE]
            npm run bench -- --all [--minutes N] [--json FILE] [--write docs/performance.md]

${Object.entries(BENCHES)
  .map(([name, { subject }]) => `  ${name.padEnd(12)} ${subject}`)
  .join('\n')}

With no name all of them run. --runs N repeats each (3 when left out). --json prints one object a line, --json FILE keeps all.
--small measures little, only to see that everything works. --peers takes some of ${Object.keys(PEERS).join(', ')}\nbeside merging and its state, all when left out. --objects N starts over so many messages instead of 50,000.
--all runs each in a process of its own, within 12 minutes (--minutes N). --write FILE puts the tables between the marks in a
Markdown file, and the picture of growth beside it; --from FILE.json --write FILE does so from an earlier run.`;

/** A row for people: what was measured, its spread, the peers, and whether the goal is met. */
const said = ({ bench, goal, what, failed, value, unit, spread, ratio, best, target, met, peers, ...rest }) => {
  const range = (each) => (each ? ` (${each[0]} to ${each[1]})` : '');
  if (failed) return `${bench}: not measured: ${failed}`;
  const lines = [
    `${goal ? `${goal} ` : ''}${bench}${what ? `, ${what}` : ''}: ${value} ${unit}${range(spread)}`,
    ...(ratio === undefined ? [] : [`    ${ratio} times as good as ${best ?? 'the peer'}`]),
    ...(target ? [`    goal: ${target}; met: ${met}`] : []),
    ...Object.entries(peers ?? {}).map(([name, peer]) => `    ${name}: ${peer.value} ${unit}${range(peer.spread)}`),
  ];
  const others = Object.entries(rest).map(([name, each]) => `${name} ${each}`);
  return [...lines, ...(others.length > 0 ? [`    ${others.join(', ')}`] : [])].join('\n');
};

/** Options that take a value. */
const VALUED = ['--runs', '--peers', '--objects', '--write', '--from', '--minutes', '--json', '--picture'];
/** `--json` alone prints lines; before the name of a file it writes them there. */
const given = (args, flag) => {
  const next = args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
  return flag === '--json' && !next?.endsWith('.json') ? undefined : next;
};

const ALL_MINUTES = 12;
/** When, where, and beside how much else. */
const conditionsOf = (load) =>
  `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC. ${cpus().length} processors, Node ${process.versions.node}; the machine's load before the run was ${round(load)}.`;

/** The small form tells of no goal. */
const shown = ({ target, met, ...row }, small) => (small || target === undefined ? row : { ...row, target, met });

const measure = async (chosen, { args, small, runs, objects, peers, picture, told }) => {
  if (args.includes('--all')) {
    const minutes = Number(given(args, '--minutes') ?? ALL_MINUTES);
    return (await runAll({ small, minutes, told })).rows;
  }
  const rows = [];
  for (const name of chosen) {
    for (const each of await BENCHES[name].run({
      runs,
      small,
      peers,
      objects,
      browser: args.includes('--browser'),
      picture,
    })) {
      const result = shown(each, small);
      rows.push(result);
      told(result);
    }
  }
  return rows;
};

const main = async (args) => {
  if (args.includes('--help')) {
    console.log(HELP);
    return 0;
  }
  const optionOf = (flag) => given(args, flag);
  const runs = Number(optionOf('--runs') ?? 3);
  const objects = optionOf('--objects') === undefined ? undefined : Number(optionOf('--objects'));
  const peers = optionOf('--peers')?.split(',');
  const odd = peers?.find((name) => !Object.hasOwn(PEERS, name));
  if (odd !== undefined) {
    console.error(`There is no peer "${odd}".\n\n${HELP}`);
    return 2;
  }
  const names = args.filter((arg, i) => {
    const before = args[i - 1] ?? '';
    return !arg.startsWith('--') && !(VALUED.includes(before) && given(args, before) === arg);
  });
  const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown || !Number.isInteger(runs) || runs < 1 || runs > 100 || (objects !== undefined && !(objects > 0))) {
    console.error(
      unknown
        ? `There is no benchmark "${unknown}".\n\n${HELP}`
        : '--runs takes a number from 1 to 100, --objects a number above 0.',
    );
    return 2;
  }
  const report = optionOf('--write');
  const from = optionOf('--from');
  if (from !== undefined) {
    const { rows, conditions } = JSON.parse(readFileSync(from, 'utf8'));
    writeReport(report ?? 'docs/performance.md', rows, conditions);
    return 0;
  }
  const chosen = names.length > 0 ? names : Object.keys(BENCHES);
  if ((args.includes('--all') || chosen.some((name) => BENCHES[name].isBuilt)) && !isBuilt()) {
    const built = spawnSync(process.execPath, ['beacon/build.mjs'], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (built.status !== 0) return built.status ?? 1;
  }
  const small = args.includes('--small');
  const conditions = conditionsOf(loadavg()[0]);
  const told = (row) => console.log(args.includes('--json') ? JSON.stringify(row) : said(row));
  const picture = optionOf('--picture');
  const rows = await measure(chosen, { args, small, runs, objects, peers, picture, told });
  const file = optionOf('--json');
  if (file) writeFileSync(file, JSON.stringify({ conditions, rows }, undefined, 1));
  if (report) writeReport(report, rows, conditions);
  return 0;
};
process.exitCode = await main(process.argv.slice(2));
