/**
 * `npm run build`: the page to `dist/app`, the beacon to `dist/beacon/main.js`, `openNode` to `dist/node/node.js`.
 * The node bundles leave the packages in `node_modules`. The stamp is written last, and removed first, so that a build
 * that was cut short is never taken for a whole one.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { ROOT } from './install.mjs';
import { STAMP, sourceStamp } from './stamp.mjs';

const nodeBundle = (entry, folder) => ({
  configFile: false,
  root: ROOT,
  publicDir: false,
  logLevel: 'warn',
  build: {
    ssr: join(ROOT, entry),
    outDir: join(ROOT, 'dist', folder),
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    minify: false,
    // Loaded when it is asked for, where there is one.
    rollupOptions: {
      external: ['node-datachannel'],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});

const began = Date.now();
const stamp = sourceStamp();
rmSync(join(ROOT, STAMP), { force: true });
try {
  await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' });
  await build(nodeBundle('beacon/main.ts', 'beacon'));
  await build(nodeBundle('src/node.ts', 'node'));
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(join(ROOT, STAMP), `${stamp}\n`);
  console.log(`Built dist/app, dist/beacon and dist/node in ${((Date.now() - began) / 1000).toFixed(1)} s`);
} catch (fault) {
  console.error(`The build failed: ${fault.message}`);
  process.exitCode = 1;
}
