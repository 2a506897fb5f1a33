/** What the benchmark of `Compute` measures, built by itself. */
export { scriptCompute } from '../../src/platform/compute-script';
export { simdCompute } from '../../src/platform/compute-simd';
