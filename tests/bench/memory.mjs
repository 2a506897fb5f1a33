/**
 * P3. What the state of workload G takes in memory, stamps included: each system in a process of its own, which is measured
 * after its garbage was collected, without the messages it was fed.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../beacon/install.mjs';
import { enginesOf, writer } from './engines.mjs';
import { collect, collected, row } from './figures.mjs';
import { workloads } from './merge.mjs';
import { PEERS, peersOf } from './peers.mjs';
import { withModule } from './project.mjs';

const used = async () => {
  // What made the messages is let go of over several turns.
  for (let i = 0; i < 10; i++) {
    collect();
    await new Promise((done) => setTimeout(done, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
};

/** The process of one system: bytes above what there was before it was made, messages in either case. */
const measure = async (what, path, isSmall) => {
  const { ops, nodes } = workloads(isSmall);
  let system;
  let fed;
  if (Object.hasOwn(PEERS, what)) {
    [system] = await peersOf([what]);
    fed = system.feed(ops, system.sizes.batch);
  } else {
    const parts = await import(path);
    system = enginesOf(parts)[what];
    fed = writer(parts, nodes)(ops, 256);
  }
  const before = await used();
  const state = await system.create();
  await system.apply(state, fed);
  const after = await used();
  const memory = state.engine?.memory?.();
  const cells = system.cells(state);
  return {
    ...{ bytes: after.heap - before.heap, rss: after.rss - before.rss, cells },
    ...(memory ? { used: memory.used } : {}),
    // Kept until here, so that neither counts as garbage.
    fed: fed.length ?? fed.bodies.length,
  };
};

export const memory = ({ runs, small = false, peers: names = Object.keys(PEERS) }) =>
  withModule('merging.ts', (path) => {
    const found = collected();
    for (let run = 0; run < runs; run++) {
      for (const what of ['wasm', 'fold', ...names]) {
        const child = spawnSync(
          process.execPath,
          [fileURLToPath(import.meta.url), what, path, small ? 'small' : 'whole'],
          { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
        );
        if (child.status !== 0) throw new Error(`Measuring ${what} ended with code ${child.status}`);
        const { bytes, rss, cells, used: inside } = JSON.parse(child.stdout.trim().split('\n').at(-1));
        found.add(what, bytes / cells);
        found.add(`${what} rss`, rss / cells);
        if (inside !== undefined) found.add('inside', inside / cells);
      }
    }
    // What a peer holds in WebAssembly is not in the heap; its pages are.
    const isOutside = new Set(['Loro', 'Automerge']);
    const peers = Object.fromEntries(names.map((name) => [name, found.of(isOutside.has(name) ? `${name} rss` : name)]));
    const ours = (what, values, rest) =>
      row({ bench: 'memory', goal: 'P3', what, unit: 'B a cell', ours: values, peers, ...rest, runs });
    return [
      ours('WebAssembly engine, records in use, with all history', found.of('inside')),
      ours('TypeScript fold, with all history', found.of('fold')),
    ];
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await measure(process.argv[2], process.argv[3], process.argv[4] === 'small')));
  process.exit();
}
