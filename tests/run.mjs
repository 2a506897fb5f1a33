/**
 * `npm test`: everything, from a fresh checkout, in the order in which a fault is cheapest to find. Stops at the first
 * stage that fails. The last line printed is always `N passed, N failed`, with `, N skipped` where there are any.
 *
 *     npm test                    lint, types, build, unit and browser tests, end-to-end tests
 *     npm test -- lint            lint and types
 *     npm test -- unit            tests in Node
 *     npm test -- browser         tests in Chromium
 *     npm test -- e2e             build, then end-to-end tests
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install, nodeFault, ROOT, runProgram } from '../beacon/install.mjs';
import { isBuilt } from '../beacon/stamp.mjs';
import { ensureChromium } from './support/chromium.mjs';
import { finalLine, NOTHING, playwrightCounts, sum, vitestCounts } from './support/counts.mjs';

const bin = (path) => `${ROOT}/node_modules/${path}`;
const BIOME = bin('@biomejs/biome/bin/biome');
const TSC = bin('typescript/bin/tsc');
const VITEST = bin('vitest/vitest.mjs');
const PLAYWRIGHT = bin('@playwright/test/cli.js');
const VITEST_RESULTS = 'test-results/vitest.json';
const PLAYWRIGHT_RESULTS = 'test-results/playwright.json';

const node = (...args) => runProgram(process.execPath, args);
/** Runs a test tool and reads what it counted; the results of an earlier run are never read for this one's. */
const counted = async (results, countsOf, run) => {
  rmSync(`${ROOT}/${results}`, { force: true });
  mkdirSync(`${ROOT}/test-results`, { recursive: true });
  const code = await run();
  try {
    return { code, counts: countsOf(JSON.parse(readFileSync(`${ROOT}/${results}`, 'utf8'))) };
  } catch (fault) {
    console.error(`No results can be read from ${results}: ${fault.message}`);
    return { code: code || 1, counts: NOTHING };
  }
};
const vitest =
  (...projects) =>
  () =>
    counted(VITEST_RESULTS, vitestCounts, () =>
      node(
        VITEST,
        'run',
        ...[
          '-c',
          'tests/vitest.config.ts',
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${VITEST_RESULTS}`,
        ],
        ...projects.flatMap((project) => ['--project', project]),
      ),
    );
const plain = (run) => async () => ({ code: await run(), counts: NOTHING });

const STAGES = {
  chromium: plain(async () => {
    console.log(ensureChromium());
    return 0;
  }),
  lint: plain(() => node(BIOME, 'check', '.')),
  types: plain(
    async () =>
      (await node(TSC, '--noEmit', '-p', 'tsconfig.json')) || node(TSC, '--noEmit', '-p', 'tsconfig.pure.json'),
  ),
  build: plain(async () => (isBuilt() ? 0 : node('beacon/build.mjs'))),
  unit: vitest('unit', 'replaced'),
  browser: vitest('browser'),
  'unit and browser': vitest('unit', 'replaced', 'browser'),
  e2e: () =>
    counted(PLAYWRIGHT_RESULTS, playwrightCounts, () =>
      node(PLAYWRIGHT, 'test', '-c', 'tests/e2e/playwright.config.ts'),
    ),
};
const PLANS = {
  all: ['chromium', 'lint', 'types', 'build', 'unit and browser', 'e2e'],
  lint: ['lint', 'types'],
  unit: ['unit'],
  browser: ['chromium', 'browser'],
  e2e: ['chromium', 'build', 'e2e'],
};

const main = async ([name = 'all', ...rest]) => {
  const plan = Object.hasOwn(PLANS, name) ? PLANS[name] : undefined;
  if (!plan || rest.length > 0) {
    console.error(`npm test -- takes one of ${Object.keys(PLANS).join(', ')}.`);
    return { code: 2, total: { ...NOTHING, failed: 1 } };
  }
  let total = NOTHING;
  for (const stage of ['install', ...plan]) {
    console.log(`\n--- ${stage}`);
    const began = performance.now();
    let result;
    try {
      result = stage === 'install' ? { code: await install({ dev: true }), counts: NOTHING } : await STAGES[stage]();
    } catch (fault) {
      console.error(fault.message);
      result = { code: 1, counts: NOTHING };
    }
    const { code, counts } = result;
    const passed = code === 0 && counts.failed === 0;
    total = sum(total, counts);
    console.log(`--- ${stage}: ${passed ? 'passed' : 'FAILED'}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    // A stage that fails without a failed test (lint, types, a file that does not load) counts as one failure.
    if (!passed) return { code: code || 1, total: counts.failed > 0 ? total : { ...total, failed: total.failed + 1 } };
  }
  return { code: 0, total };
};

const fault = nodeFault(process.versions.node);
if (fault) {
  console.error(fault);
  process.exit(1);
}
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { code, total } = await main(process.argv.slice(2));
console.log(`\n${finalLine(total)}`);
process.exitCode = code;
