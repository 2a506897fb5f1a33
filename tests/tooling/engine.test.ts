/** The module that hosts import is what its sources give. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compile, OUTCOME } from '../../wasm/build.mjs';

it('[GR16] wasm/build/engine.ts is what `node wasm/build.mjs` makes of wasm/assembly', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  expect(readFileSync(`${root}${OUTCOME}`, 'utf8')).toBe(await compile());
});
