import { expect, it } from 'vitest';
import { processorCompute } from '../../src/platform/compute';
import { scriptCompute } from '../../src/platform/compute-script';
import { simdCompute } from '../../src/platform/compute-simd';
import { computeSuite } from './compute.suite';

const simd = simdCompute();

computeSuite('script', scriptCompute);
if (simd) computeSuite('wasm', () => simd);

it('[CM6] Node has SIMD, and the processor is asked through it', async () => {
  expect(simd).toBeDefined();
  const nothing = { offsets: Uint32Array.of(0), targets: Uint32Array.of() };
  expect((await processorCompute().reach(nothing, Uint32Array.of(), 0)).ok).toBe(true);
});
