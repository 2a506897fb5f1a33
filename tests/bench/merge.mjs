/**
 * P1, P2 and P7: merging workload G, and 1,000 later writes into the result, by both engines and by the peers in turn. Ours go
 * from bodies as they were sealed to merged state, an index and the notice of what changed; signatures and encryption are
 * `ingest`. Every system must hold every cell afterwards, and the two engines the same state.
 */
import { enginesOf, writer } from './engines.mjs';
import { collect, collected, row, timed } from './figures.mjs';
import { peersOf } from './peers.mjs';
import { withModule } from './project.mjs';
import { FIELDS, NODES, writes } from './workload.mjs';

const WHOLE = 200_000;

export const workloads = (isSmall) => {
  const nodes = isSmall ? 200 : NODES;
  return {
    nodes,
    ops: writes({ count: isSmall ? 2_000 : WHOLE, nodes }),
    more: writes({ count: isSmall ? 100 : 1_000, nodes, seed: 43, after: 86_400_000, span: 3_600_000, cover: false }),
  };
};

const checked = (name, found, expected) => {
  if (found !== expected) throw new Error(`${name} holds ${found} cells, not ${expected}`);
};

/** Systems take turns; figures by name. */
const measure = async (parts, { runs, size, isSmall, peers }) => {
  const { ops, more, nodes } = workloads(isSmall);
  const expected = nodes * FIELDS.length;
  const found = collected();
  const write = writer(parts, nodes);
  const [whole, later] = [write(ops, size), write(more, 8)];
  const systems = [
    ...Object.entries(enginesOf(parts)).map(([name, each]) => ({ ...each, name, fed: whole, later })),
    ...peers.map((peer) => ({
      ...peer,
      fed: peer.feed(ops, size === 1 ? peer.sizes.single : peer.sizes.batch),
      later: peer.feed(more, peer.sizes.more, true),
    })),
  ];
  let hashes;
  for (let run = 0; run < (isSmall ? 1 : runs + 1); run++) {
    hashes = [];
    for (const { name, create, apply, cells, merged, fed, later: next } of systems) {
      const one = await create();
      collect();
      const [ms] = await timed(() => apply(one, fed));
      checked(name, cells(one), expected);
      const [moreMs] = await timed(() => apply(one, next));
      if (one.engine) hashes.push(one.engine.stateHash([]).space.join());
      // The first run warms up.
      if (run === 0 && !isSmall) continue;
      found.add(name, ms);
      found.add(`${name} more`, moreMs);
      if (!merged) continue;
      const bare = create();
      const [bareMs] = await timed(() => merged(bare, fed));
      found.add(`${name} bare`, bareMs);
    }
    if (hashes[0] !== hashes[1]) throw new Error('The two engines hold different states');
  }
  return found;
};

const rowsOf = (found, peers, { bench, goal, kind, ...rest }) =>
  [
    ['wasm', 'WebAssembly engine'],
    ['fold', 'TypeScript fold'],
  ].map(([name, what]) =>
    row({
      ...{ bench, goal, what, unit: 'ms', ours: found.of(`${name}${kind}`) },
      peers: Object.fromEntries(peers.map((peer) => [peer.name, found.of(`${peer.name}${kind}`)])),
      ...rest,
    }),
  );

/** `merge` and `incremental` of one call of `npm run bench` come from the same runs. */
const known = new Map();
const measured = (peers, { runs, small, size }) => {
  const key = [runs, small, size, ...peers.map(({ name }) => name)].join();
  if (!known.has(key))
    known.set(
      key,
      withModule('merging.ts', async (path) => measure(await import(path), { runs, size, isSmall: small, peers })),
    );
  return known.get(key);
};

export const merge = async ({ runs, small = false, peers: names }) => {
  const peers = await peersOf(names);
  const batched = await measured(peers, { runs, small, size: 256 });
  const singles = peers.filter(({ sizes }) => sizes.single);
  const single = await measured(singles, { runs, small, size: 1 });
  return [
    ...rowsOf(batched, peers, { bench: 'merge', goal: 'P1', kind: '', runs }),
    ...[
      ['wasm', 'WebAssembly engine'],
      ['fold', 'TypeScript fold'],
    ].map(([name, what]) =>
      row({
        ...{ bench: 'merge', what: `${what}, all at once and without the index`, goal: '', unit: 'ms' },
        ...{ ours: batched.of(`${name} bare`), peers: { Yjs: batched.of('Yjs') }, runs },
      }),
    ),
    ...rowsOf(single, singles, { bench: 'merge one at a time', goal: 'P2', kind: '', runs }),
  ];
};

export const incremental = async ({ runs, small = false, peers: names }) => {
  const peers = await peersOf(names);
  const found = await measured(peers, { runs, small, size: 256 });
  return rowsOf(found, peers, { bench: 'incremental', goal: 'P7', kind: ' more', runs });
};
