/** The port `Compute` of a host without a graphics card: WebAssembly where it has SIMD, else JavaScript. */
import type { Compute } from '../ports';
import { scriptCompute } from './compute-script';
import { simdCompute } from './compute-simd';

export const processorCompute = (): Compute => simdCompute() ?? scriptCompute();
