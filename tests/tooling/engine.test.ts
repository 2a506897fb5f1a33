/** The modules that hosts import are what their sources give. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compile, MODULES } from '../../wasm/build.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

it.each(MODULES)('[GR16] $outcome is what `node wasm/build.mjs` makes of wasm/assembly', async (module) => {
  expect(readFileSync(`${root}${module.outcome}`, 'utf8')).toBe(await compile(module));
});
