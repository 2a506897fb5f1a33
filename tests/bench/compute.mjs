/**
 * The port `Compute`: WebAssembly SIMD beside the same in JavaScript, in turn and in one process. Rows stay where they are
 * between questions; graphs are laid out anew each time, which is counted.
 */
import { row, timed } from './figures.mjs';
import { withModule } from './project.mjs';

const randomFrom = (seed) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
  return (seed >>> 0) / 2 ** 32;
};
const graphOf = (random, nodes, edges) => {
  const offsets = new Uint32Array(nodes + 1);
  for (let i = 0; i < edges; i++) offsets[1 + Math.floor(random() * nodes)]++;
  for (let i = 0; i < nodes; i++) offsets[i + 1] += offsets[i];
  return { offsets, targets: Uint32Array.from({ length: edges }, () => Math.floor(random() ** 2 * nodes)) };
};

const WHOLE = { rows: 50_000, width: 384, nodes: 20_000, edges: 100_000, bodies: 2_000 };
const SMALL = { rows: 500, width: 64, nodes: 200, edges: 1_000, bodies: 100 };

export const compute = ({ runs, small = false }) =>
  withModule('compute-entry.mjs', async (path) => {
    const { scriptCompute, simdCompute } = await import(path);
    const { rows, width, nodes, edges, bodies } = small ? SMALL : WHOLE;
    const random = randomFrom(3);
    const vectors = { width, rows: Float32Array.from({ length: rows * width }, () => random() - 0.5) };
    const query = Float32Array.from({ length: width }, () => random() - 0.5);
    const graph = graphOf(random, nodes, edges);
    const loose = graphOf(random, bodies, bodies * 3);
    const positions = Float32Array.from({ length: bodies * 2 }, () => random() * 1_000);
    const forces = { steps: 1, repulsion: 1_000, attraction: 0.05, length: 30, gravity: 0.01, limit: 20 };
    const jobs = {
      [`nearest 16 of ${rows} rows of ${width}`]: (adapter) => adapter.topK(vectors, query, 16),
      [`reach, ${nodes} nodes, ${edges} edges`]: (adapter) => adapter.reach(graph, Uint32Array.of(0), 100),
      [`importance, 20 rounds, ${nodes} nodes, ${edges} edges`]: (adapter) =>
        adapter.importance(graph, { damping: 0.85, rounds: 20 }),
      [`forces, a step of ${bodies} nodes`]: (adapter) => adapter.forces(loose, positions, forces),
    };
    const adapters = { wasm: simdCompute(), javascript: scriptCompute() };
    const results = [];
    for (const [what, job] of Object.entries(jobs)) {
      const times = { wasm: [], javascript: [] };
      // The first is of loading and compiling.
      for (let run = 0; run < runs * 5 + 1; run++) {
        for (const [name, adapter] of Object.entries(adapters)) {
          const [ms, outcome] = await timed(() => job(adapter));
          if (!outcome.ok) throw new Error(outcome.error.message);
          if (run > 0) times[name].push(ms);
        }
      }
      const peers = { javascript: times.javascript };
      results.push(row({ bench: 'compute', what, unit: 'ms', ours: times.wasm, peers, runs }));
    }
    return results;
  });
