/** The graph engine's module, compiled once a host. WebAssembly is here only: the kernel gets it as a port. */
import { ENGINE_BYTES, ENGINE_ID } from '../../wasm/build/engine';
import type { GraphHost, GraphModule } from '../ports';

let compiled: WebAssembly.Module | undefined;

/** The browser asks for `'wasm-unsafe-eval'` in the page's policy. */
export const graphModule = (): GraphModule => {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(ENGINE_BYTES), (char) => char.charCodeAt(0)));
  const module = compiled;
  return {
    id: ENGINE_ID,
    seed: () => crypto.getRandomValues(new BigUint64Array(1))[0] as bigint,
    instantiate: (host: GraphHost) => {
      const { exports } = new WebAssembly.Instance(module, { host: { ...host } });
      return { memory: exports.memory as WebAssembly.Memory, calls: exports };
    },
  };
};
