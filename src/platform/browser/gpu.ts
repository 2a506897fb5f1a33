/**
 * The port `Compute` with a graphics card: what is large goes there, all else, and whatever the card fails at, to the processor.
 *
 * - A device is asked for at the first large computation, not before. One that is software is refused: it is slower.
 * - A device that was lost, or failed three times, is not asked again in this worker. The log says so.
 * - One computation at a time; while several wait, others go to the processor.
 */
import { ok } from '../../base/result';
import type { Compute, Log } from '../../ports';
import { checkForces, checkImportance, checkReach, checkTopK, nodesOf } from '../compute-input';
import { GpuWork } from './gpu-work';

type GpuOptions = {
  /** `navigator.gpu`; absent where the browser has none. */
  readonly gpu: GPU | undefined;
  readonly log: Log;
  /** Whatever the size, and on software too: for tests and measurements. */
  readonly always?: boolean;
};

/** Numbers of rows; edges; edges times rounds; pairs of nodes times steps. A readback alone costs 4 ms, in which WebAssembly does much. */
const LARGE = { rows: 2 ** 27, reach: 2 ** 21, importance: 2 ** 23, forces: 2 ** 25 };
const MOST_WAITING = 4;
const MOST_FAILURES = 3;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

export const isSoftware = (
  info: Pick<GPUAdapterInfo, 'isFallbackAdapter' | 'vendor' | 'architecture' | 'description'>,
): boolean => info.isFallbackAdapter || SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.description}`);

export const graphicsCompute = (processor: Compute, { gpu, log, always = false }: GpuOptions): Compute => {
  let opening: Promise<{ readonly device: GPUDevice; readonly work: GpuWork } | undefined> | undefined;
  let [failures, waiting, isLost] = [0, 0, false];
  let last: Promise<unknown> = Promise.resolve();

  const open = async () => {
    const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter || (isSoftware(adapter.info) && !always)) {
      log('compute.graphics.none', { software: adapter !== null && adapter !== undefined });
      return undefined;
    }
    const device = await adapter.requestDevice();
    const { vendor, architecture } = adapter.info;
    log('compute.graphics.opened', { vendor, architecture });
    void device.lost.then(({ reason }) => {
      isLost = true;
      log('compute.graphics.lost', { reason });
    });
    return { device, work: new GpuWork(device) };
  };
  const fail = (error: unknown): undefined => {
    failures++;
    log('compute.graphics.failed', { message: String(error) });
    return undefined;
  };

  /** `undefined` where the processor has to do it. */
  const attempt = async <T>(run: (work: GpuWork) => Promise<T>): Promise<T | undefined> => {
    opening ??= open().catch(fail);
    const opened = await opening;
    if (!opened || isLost || failures >= MOST_FAILURES) return undefined;
    const { device, work } = opened;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const outcome = await run(work).catch(fail);
    const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]).catch(() => []);
    const error = errors.find((found) => found !== null);
    if (!error) return outcome;
    work.release();
    return fail(error.message);
  };
  const onCard = async <T>(isLarge: boolean, run: (work: GpuWork) => Promise<T>): Promise<T | undefined> => {
    if (!(isLarge || always) || !gpu || isLost || failures >= MOST_FAILURES || waiting >= MOST_WAITING)
      return undefined;
    waiting++;
    const turn = last.then(() => attempt(run));
    last = turn.catch(() => {});
    return turn.finally(() => {
      waiting--;
    });
  };

  return {
    async topK(vectors, query, k) {
      const checked = checkTopK(vectors, query, k);
      if (!checked.ok) return checked;
      const { length } = vectors.rows;
      const found = length > 0 ? await onCard(length >= LARGE.rows, (work) => work.topK(vectors, query, k)) : undefined;
      return found ? ok(found) : processor.topK(vectors, query, k);
    },
    async reach(graph, from, depth) {
      const checked = checkReach(graph, from, depth);
      if (!checked.ok) return checked;
      const isLarge = graph.targets.length >= LARGE.reach;
      const found = nodesOf(graph) > 0 ? await onCard(isLarge, (work) => work.reach(graph, from, depth)) : undefined;
      return found ? ok(found) : processor.reach(graph, from, depth);
    },
    async importance(graph, rules) {
      const { damping, rounds } = rules;
      const checked = checkImportance(graph, damping, rounds);
      if (!checked.ok) return checked;
      const isLarge = graph.targets.length * rounds >= LARGE.importance;
      const found =
        nodesOf(graph) > 0 ? await onCard(isLarge, (work) => work.importance(graph, damping, rounds)) : undefined;
      return found ? ok(found) : processor.importance(graph, rules);
    },
    async forces(graph, positions, rules) {
      const checked = checkForces(graph, positions, rules);
      if (!checked.ok) return checked;
      const isLarge = nodesOf(graph) ** 2 * rules.steps >= LARGE.forces;
      const found =
        nodesOf(graph) > 0 ? await onCard(isLarge, (work) => work.forces(graph, positions, rules)) : undefined;
      return found ? ok(found) : processor.forces(graph, positions, rules);
    },
  };
};
