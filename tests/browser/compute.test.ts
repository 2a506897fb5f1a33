/** The adapters of `Compute` in a browser. The card here is software, which is refused but where a test asks for it. */
import { afterAll, describe, expect, it } from 'vitest';
import { graphicsCompute, isSoftware } from '../../src/platform/browser/gpu';
import { scriptCompute } from '../../src/platform/compute-script';
import { simdCompute } from '../../src/platform/compute-simd';
import type { Compute } from '../../src/ports';
import { computeSuite } from '../contract/compute.suite';

const gpu: GPU | undefined = navigator.gpu;
const adapter = (await gpu?.requestAdapter()) ?? undefined;
const simd = simdCompute();

/** Fails at everything: what asks it did not go to the card. */
const nothing: Compute = {
  topK: () => Promise.reject(new Error('the processor was asked')),
  reach: () => Promise.reject(new Error('the processor was asked')),
  importance: () => Promise.reject(new Error('the processor was asked')),
  forces: () => Promise.reject(new Error('the processor was asked')),
};
const GRAPH = { offsets: Uint32Array.of(0, 1, 1), targets: Uint32Array.of(1) };
const FROM = Uint32Array.of(0);
/** Events in the order told, and the device that was opened. */
const watched = () => {
  const events: string[] = [];
  const devices: GPUDevice[] = [];
  const watching = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const found = await gpu?.requestAdapter(options);
      if (!found) return null;
      const requestDevice = async () => {
        const device = await found.requestDevice();
        devices.push(device);
        return device;
      };
      return { info: found.info, requestDevice };
    },
  } as unknown as GPU;
  return { events, devices, gpu: watching, log: (event: string) => void events.push(event) };
};

if (simd) computeSuite('wasm', () => simd);
it('[CM6] the browser has SIMD', () => expect(simd).toBeDefined());

it('[CM7] software adapters are known by their flag or their name', () => {
  const card = { isFallbackAdapter: false, vendor: 'nvidia', architecture: 'ampere', description: '' };
  expect(isSoftware(card)).toBe(false);
  expect(isSoftware({ ...card, isFallbackAdapter: true })).toBe(true);
  expect(isSoftware({ ...card, vendor: 'google', architecture: 'swiftshader' })).toBe(true);
  expect(isSoftware({ ...card, description: 'llvmpipe (LLVM 15.0.6, 256 bits)' })).toBe(true);
});

it('[CM7] without WebGPU the processor answers', async () => {
  const compute = graphicsCompute(scriptCompute(), { gpu: undefined, log: () => {}, always: true });
  expect(await compute.reach(GRAPH, FROM, 1)).toEqual({ ok: true, value: Int32Array.of(0, 1) });
});

describe.skipIf(!adapter)('with an adapter of WebGPU', () => {
  const { log, devices, gpu: watching } = watched();
  const card = graphicsCompute(nothing, { gpu: watching, log, always: true });
  const withEmpty = graphicsCompute(scriptCompute(), { gpu: watching, log, always: true });
  afterAll(() => {
    for (const device of devices) device.destroy();
  });
  /** Only what is empty is left to the processor. */
  const strict: Compute = {
    topK: (vectors, ...rest) => (vectors.rows.length > 0 ? card : withEmpty).topK(vectors, ...rest),
    reach: (graph, ...rest) => (graph.offsets.length > 1 ? card : withEmpty).reach(graph, ...rest),
    importance: (graph, ...rest) => (graph.offsets.length > 1 ? card : withEmpty).importance(graph, ...rest),
    forces: (graph, ...rest) => (graph.offsets.length > 1 ? card : withEmpty).forces(graph, ...rest),
  };
  computeSuite('webgpu', () => strict);

  it('[CM7] what is small does not ask for a device', async () => {
    const { events, gpu, log } = watched();
    const compute = graphicsCompute(scriptCompute(), { gpu, log });
    expect(await compute.reach(GRAPH, FROM, 1)).toEqual({ ok: true, value: Int32Array.of(0, 1) });
    expect(events).toEqual([]);
  });

  it('[CM7] a software adapter is refused, and what is large goes to the processor', async () => {
    const { events, devices, gpu, log } = watched();
    const info = { ...adapter?.info, isFallbackAdapter: true };
    const refused = { requestAdapter: async () => ({ ...(await gpu.requestAdapter()), info }) } as unknown as GPU;
    const asked = { ...nothing, reach: async () => ({ ok: true as const, value: Int32Array.of(7) }) };
    const compute = graphicsCompute(asked, { gpu: refused, log });
    const large = { offsets: Uint32Array.of(0, 2 ** 21), targets: new Uint32Array(2 ** 21) };
    expect(await compute.reach(large, FROM, 1)).toEqual({ ok: true, value: Int32Array.of(7) });
    expect(events).toEqual(['compute.graphics.none']);
    expect(devices).toEqual([]);
  });

  it('[CM8] when the device is lost the processor goes on, and the log says so', async () => {
    const { events, devices, gpu, log } = watched();
    const compute = graphicsCompute(scriptCompute(), { gpu, log, always: true });
    const expected = { ok: true, value: Int32Array.of(0, 1) };
    expect(await compute.reach(GRAPH, FROM, 2)).toEqual(expected);
    expect(events).toEqual(['compute.graphics.opened']);
    devices[0]?.destroy();
    await devices[0]?.lost;
    expect(await compute.reach(GRAPH, FROM, 2)).toEqual(expected);
    expect(events).toEqual(['compute.graphics.opened', 'compute.graphics.lost']);
  });
});
