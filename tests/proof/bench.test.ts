/** Every benchmark in its small form: that it still runs and what it tells can be read. How fast is nobody's test. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['tests/bench/run.mjs', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 24,
  });

/** Those that have a small form. */
const SMALL = [
  'merge',
  'incremental',
  'load',
  'memory',
  'size',
  'ingest',
  'start',
  'use',
  'scroll',
  'growth',
  'million',
];

test('a benchmark in its small form gives a figure for each of its rows', () => {
  const { status, stdout } = run(...SMALL, '--small', '--runs', '1', '--json');
  expect(status).toBe(0);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { bench: string; value: number; unit: string });
  expect(new Set(rows.map(({ bench }) => bench.split(' ')[0]))).toEqual(new Set(SMALL));
  for (const { bench, value, unit } of rows) // Nothing that moved is the best that can be.
    expect([bench, value > 0 || unit === 'of the screen', typeof unit]).toEqual([bench, true, 'string']);
});

test('a benchmark that there is not is refused, with the names of those that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, ['tests/bench/run.mjs', 'nothing'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  for (const name of SMALL) expect(stderr).toContain(name);
});
