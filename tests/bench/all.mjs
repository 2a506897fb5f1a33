/**
 * Every benchmark, one after the other, each in a process of its own with an end: what fails or takes too long is named and
 * holds up nothing. Peers that are slow at a workload take part with fewer runs.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { ROOT } from '../../beacon/install.mjs';

/** Name -> what it is called with, and its end in seconds. */
const STEPS = [
  ['merge incremental', '--runs 1', 300],
  ['load', '--runs 2', 120],
  ['size', '', 90],
  ['memory', '--runs 1', 120],
  ['ingest', '--runs 2', 90],
  ['storage', '--runs 2', 90],
  ['query', '--runs 2', 60],
  ['search', '--runs 1', 120],
  ['compute', '--runs 1', 60],
  ['typing', '--runs 1', 90],
  ['use', '--runs 2', 200],
  ['scroll', '--runs 1', 90],
  ['start', '--runs 2', 300],
  ['growth', '--runs 1', 400],
];

const stepOf = (names, options, seconds, small) =>
  new Promise((done) => {
    const child = spawn(
      process.execPath,
      ['--max-old-space-size=6144', 'tests/bench/run.mjs', ...names.split(' '), ...options.split(' ').filter(Boolean)]
        .concat(small ? ['--small'] : [])
        .concat(['--json']),
      // A group of its own, so that browsers and beacons end with it.
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    let out = '';
    let fault = '';
    let late = false;
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      fault = (fault + text).slice(-4_000);
    });
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid, 'SIGKILL');
    }, seconds * 1_000);
    child.once('close', (code) => {
      clearTimeout(timer);
      const rows = out
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
      const why = late ? `not done after ${seconds} s` : code === 0 ? undefined : reasonIn(fault);
      done([...rows, ...(why === undefined ? [] : [{ bench: names, failed: why }])]);
    });
  });
const reasonIn = (fault) =>
  (fault.split('\n').find((line) => /Error: /.test(line)) ?? fault.trim().split('\n').at(-1) ?? '')
    .trim()
    .slice(0, 200);

/** All rows. `told` hears of each as it comes. `minutes`: what would begin later is left out, and named. */
export const runAll = async ({ small, minutes, told }) => {
  const began = Date.now();
  const rows = [];
  for (const [names, options, seconds] of STEPS) {
    const left = minutes * 60 - (Date.now() - began) / 1_000;
    const some =
      left < 5
        ? [{ bench: names, failed: `no time was left of ${minutes} minutes` }]
        : await stepOf(names, options, Math.min(seconds, Math.round(left)), small);
    for (const row of some) told(row);
    rows.push(...some);
  }
  return { rows, seconds: Math.round((Date.now() - began) / 1_000), load: Math.round(loadavg()[2] * 10) / 10 };
};
