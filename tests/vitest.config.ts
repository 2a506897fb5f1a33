/**
 * Three kinds of test, by folder: `tests/browser` in a real Chromium, `tests/proof` only with LGOS_PROOF=1 (see
 * `npm run proof`), and all other folders in Node, so that a test in a new folder is never left out. `tests/e2e` is
 * Playwright's.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { FLAGS, findChromium } from './support/chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const proofs = process.env.LGOS_PROOF === '1';
/** `LGOS_TEST_BROWSER=firefox` or `webkit`, from `LGOS_TEST_BROWSER_PATH` where it is not Playwright's own: for the vectors. */
const engine = (process.env.LGOS_TEST_BROWSER ?? 'chromium') as 'chromium' | 'firefox' | 'webkit';
const launch =
  engine === 'chromium'
    ? { executablePath: findChromium() ?? 'chromium-not-found', args: FLAGS }
    : process.env.LGOS_TEST_BROWSER_PATH
      ? { executablePath: process.env.LGOS_TEST_BROWSER_PATH }
      : {};

/** Those that put modules of their own in the place of the product's (`vi.mock`): each in a process of its own. */
const REPLACING = ['ids', 'blobs', 'bodies', 'merges'].map((name) => `tests/attacks/${name}.test.ts`);
REPLACING.push('tests/os/kernel/full.test.ts');

export default defineConfig({
  root,
  plugins: [react()],
  publicDir: false,
  server: { headers: isolation },
  resolve: { dedupe: ['yjs', 'lib0', 'y-protocols', 'react', 'react-dom'] },
  test: {
    watch: false,
    maxWorkers: 2,
    // A limit for what hangs, not a measure of speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          // Loading the kernel anew for each file took as long as a third of the tests.
          isolate: false,
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/browser/**', 'tests/proof/**', 'tests/e2e/**', ...REPLACING],
        },
      },
      { extends: true, test: { name: 'replaced', environment: 'node', include: REPLACING } },
      {
        extends: true,
        optimizeDeps: { entries: ['tests/browser/**/*.test.{ts,tsx}'] },
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.{ts,tsx}'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launch }),
            instances: [{ browser: engine }],
          },
        },
      },
      ...(proofs
        ? [
            {
              extends: true as const,
              test: {
                name: 'proof',
                environment: 'node' as const,
                include: ['tests/proof/**/*.test.ts'],
                testTimeout: 30 * 60_000,
                hookTimeout: 10 * 60_000,
              },
            },
          ]
        : []),
    ],
  },
});
