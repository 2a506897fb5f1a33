/** Whole-product tests: a built page, real beacons on free ports, several people. Two at a time, as one waits a third of it. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { FLAGS, findChromium } from '../support/chromium.mjs';

const results = fileURLToPath(new URL('../../test-results/', import.meta.url));

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.{test,spec}.ts',
  outputDir: `${results}e2e`,
  workers: 2,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: `${results}playwright.json` }]],
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    // A trace records a picture of every step of every test, a fifth of the whole time; `--trace on` asks for one.
    trace: 'off',
    launchOptions: { executablePath: findChromium() ?? 'chromium-not-found', args: FLAGS },
  },
});
