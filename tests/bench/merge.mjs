/**
 * P1 to P7: merging workload G into the graph engine, into the fold that is its oracle and into Yjs, in one run. Each
 * engine is fed in the way that suits it best; crypto, journal and wire are not part of it. Figures are medians.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import * as Y from 'yjs';
import { ROOT } from '../../beacon/install.mjs';
import { ACTORS, FIELDS, NODES, writes } from './workload.mjs';

const RULES = { field: () => 'members', deletion: () => 'members', relation: () => 'members' };

/** The project's own code as the bundler makes it for Node. */
const load = async () => {
  const folder = mkdtempSync(join(ROOT, 'dist/bench-'));
  await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'error',
    build: { ssr: join(ROOT, 'tests/bench/merging.ts'), outDir: folder, target: 'node20', minify: false },
  });
  const parts = await import(join(folder, 'merging.js'));
  rmSync(folder, { recursive: true });
  return parts;
};

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const round = (value, digits = 1) => Number(value.toFixed(digits));
const timed = (run) => {
  const began = performance.now();
  const value = run();
  return { ms: performance.now() - began, value };
};

/** Entries as admission hands them on: of one author each, in the order of their time, up to `size` writes. */
const entriesOf = (parts, size, ops, nodes, heads) => {
  const id = (name) => parts.toHex(parts.sha256(new TextEncoder().encode(name)));
  const space = id('space');
  const shard = parts.outlineShardOf(space);
  const entries = [];
  const write = (actor, time, body) => {
    const device = id(`device ${actor}`);
    const head = heads[actor];
    const entry = {
      ...{ id: id(`${actor} ${head.seq + 1}`), log: parts.logIdOf(space, shard, device, 0), space, shard },
      ...{ seq: head.seq + 1, device, incarnation: 0, author: id(`person ${actor}`), role: 'member' },
      ...{ hlc: parts.hlcOf(time), prev: head.id, deps: [], ops: body },
    };
    heads[actor] = { id: entry.id, seq: entry.seq };
    entries.push(entry);
  };
  if (nodes.length === 0) {
    for (let actor = 0; actor < ACTORS; actor++) {
      for (let first = actor; first < NODES; first += ACTORS * 256) {
        const body = [];
        for (let i = first; i < Math.min(NODES, first + ACTORS * 256); i += ACTORS) {
          nodes[i] = parts.nodeIdOf(space, id(`device ${actor}`), 0, i);
          body.push({ type: 'nodeNew', node: nodes[i], nodeType: 'Task', counter: i });
        }
        write(actor, 1_600_000_000_000, body);
      }
    }
  }
  for (let actor = 0; actor < ACTORS; actor++) {
    const own = ops.filter((op) => op.actor === actor).sort((a, b) => a.time - b.time);
    for (let i = 0; i < own.length; i += size) {
      // One value a field and entry, as sealing has it.
      const body = new Map();
      for (const { node, field, value } of own.slice(i, i + size)) {
        const op = { type: 'fieldSet', node: nodes[node], key: FIELDS[field], value: JSON.stringify(value) };
        body.set(`${node} ${field}`, op);
      }
      write(actor, own[i].time, [...body.values()]);
    }
  }
  return entries;
};
const shuffled = (items) => {
  let state = 7;
  const made = [...items];
  for (let i = made.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const j = state % (i + 1);
    [made[i], made[j]] = [made[j], made[i]];
  }
  return made;
};

const yjsUpdates = (ops, size) => {
  const updates = [];
  for (let actor = 0; actor < ACTORS; actor++) {
    const doc = new Y.Doc();
    doc.clientID = actor + 1;
    doc.on('update', (update) => updates.push(update));
    const map = doc.getMap('cells');
    const own = ops.filter((op) => op.actor === actor).sort((a, b) => a.time - b.time);
    for (let i = 0; i < own.length; i += size) {
      doc.transact(() => {
        for (const { node, field, value } of own.slice(i, i + size)) map.set(`${node}.${FIELDS[field]}`, value);
      });
    }
  }
  return updates;
};

export const merge = async ({ runs, ops: count = 200_000 }) => {
  const parts = await load();
  const module = parts.graphModule();
  const ops = writes({ count });
  const more = writes({ count: 1_000, seed: 43, after: 86_400_000, span: 3_600_000, cover: false });
  const bodies = (entries) =>
    entries.map(({ ops: each, ...header }) => ({ ...header, body: parts.encode(parts.bodyCodec, each) }));

  const measure = (size) => {
    const heads = Array.from({ length: ACTORS }, () => ({ seq: -1 }));
    const nodes = [];
    const plain = shuffled(entriesOf(parts, size, ops, nodes, heads));
    const next = entriesOf(parts, 8, more, nodes, heads);
    const [wire, nextWire] = [bodies(plain), bodies(next)];
    const updates = yjsUpdates(ops, size);
    const nextUpdates = yjsUpdates(more, 8);
    const found = { store: [], fromOps: [], fold: [], yjs: [], storeMore: [], foldMore: [], yjsMore: [] };
    let last;
    for (let run = 0; run < runs; run++) {
      const store = parts.createStore(module, RULES);
      found.store.push(timed(() => store.ingest(wire)).ms);
      found.storeMore.push(timed(() => store.ingest(nextWire)).ms);
      found.fromOps.push(timed(() => parts.createStore(module, RULES).apply(plain)).ms);
      const fold = parts.createFold(RULES);
      found.fold.push(timed(() => fold.apply(plain)).ms);
      found.foldMore.push(timed(() => fold.apply(next)).ms);
      const doc = new Y.Doc();
      found.yjs.push(timed(() => updates.forEach((update) => void Y.applyUpdate(doc, update))).ms);
      found.yjsMore.push(timed(() => nextUpdates.forEach((update) => void Y.applyUpdate(doc, update))).ms);
      last = { store, fold, doc };
    }
    return { ...Object.fromEntries(Object.entries(found).map(([name, all]) => [name, median(all)])), last, wire };
  };
  const line = (goal, what, ms, others) => ({
    ...{ bench: `merge ${what}`, goal, value: round(ms, 2), unit: 'ms' },
    ...Object.fromEntries(
      Object.entries(others).flatMap(([name, other]) => [
        [name, `${round(other, 1)} ms`],
        [`times ${name}`, round(other / ms, 1)],
      ]),
    ),
  });
  const batched = measure(256);
  const { store, fold } = batched.last;
  const state = (engine) => parts.toHex(engine.stateHash([]).space);
  const hashes = [timed(() => state(store)), timed(() => state(fold))];
  if (hashes[0].value !== hashes[1].value) throw new Error('the engine and the fold differ');

  const cells = store.counts().fields;
  const saved = timed(() => store.save());
  const image = saved.value;
  const loads = Array.from({ length: runs * 3 }, () =>
    timed(() => parts.openStore(module, RULES, image).value.counts().fields),
  );
  const body = batched.wire.reduce((sum, entry) => sum + entry.body.length, 0);
  const results = [
    line('P1', 'in entries of 256', batched.store, {
      yjs: batched.yjs,
      fold: batched.fold,
      'from decoded ops': batched.fromOps,
    }),
    line('P7', '1,000 more', batched.storeMore, { yjs: batched.yjsMore, fold: batched.foldMore }),
    line('', 'state hash, all of it', hashes[0].ms, { fold: hashes[1].ms }),
    {
      ...{ bench: 'merge memory', goal: 'P3', value: round(store.memory().used / cells), unit: 'bytes a cell' },
      ...{ cells, 'reserved MB': round(store.memory().reserved / 1e6), 'history kept': 'all' },
    },
    {
      ...{ bench: 'merge image', goal: 'P4', value: round(image.length / 1e6, 2), unit: 'MB' },
      ...{
        gzip: round(gzipSync(image).length / 1e6, 2),
        'yjs MB': round(Y.encodeStateAsUpdateV2(batched.last.doc).length / 1e6, 2),
      },
      ...{ 'save ms': round(saved.ms, 2), 'bodies MB': round(body / 1e6, 2) },
    },
    {
      ...{ bench: 'merge load', goal: 'P6', value: round(median(loads.map(({ ms }) => ms)), 2), unit: 'ms' },
    },
  ];
  batched.last = undefined;
  const single = measure(1);
  results.splice(1, 0, line('P2', 'one at a time', single.store, { yjs: single.yjs, fold: single.fold }));
  return results;
};
