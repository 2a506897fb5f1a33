/**
 * P4, P5, P6 and P10: what the state of workload G and its history take as bytes, and how long it is from those bytes to the
 * first answer and to everything read. The engine has an image of its memory; before it there is only the journal, whose entries
 * are decoded and folded anew.
 */
import { gzipSync } from 'node:zlib';
import { enginesOf, writer } from './engines.mjs';
import { collect, collected, row, timed } from './figures.mjs';
import { workloads } from './merge.mjs';
import { peersOf } from './peers.mjs';
import { withModule } from './project.mjs';
import { ACTORS, FIELDS } from './workload.mjs';

const filled = async (parts, isSmall, names) => {
  const { ops, nodes } = workloads(isSmall);
  const fed = writer(parts, nodes)(ops, 256);
  const { wasm, fold } = enginesOf(parts);
  const store = wasm.create();
  wasm.apply(store, fed);
  const peers = [];
  for (const peer of await peersOf(names)) {
    const messages = peer.feed(ops, peer.sizes.batch);
    const state = await peer.create();
    await peer.apply(state, messages);
    peers.push({ ...peer, bytes: await peer.save(state), log: peer.log(state, messages) });
  }
  return { ops, nodes, fed, wasm, fold, image: wasm.save(store), peers };
};

export const load = ({ runs, small = false, peers: names }) =>
  withModule('merging.ts', async (path) => {
    const parts = await import(path);
    const { fed, wasm, fold, image, peers } = await filled(parts, small, names);
    const systems = [
      { ...wasm, bytes: image },
      {
        ...fold,
        load: () => {
          const made = fold.create();
          fold.merged(made, fed);
          return made;
        },
      },
      ...peers,
    ];
    const found = collected();
    for (let run = 0; run < (small ? 1 : runs + 1); run++) {
      for (const { name, load: open, first, all, bytes } of systems) {
        collect();
        const [ms, state] = await timed(async () => {
          const made = await open(bytes);
          if (first(made) === undefined) throw new Error(`${name} answers nothing`);
          return made;
        });
        const [allMs] = await timed(() => all(state));
        // The first run warms up.
        if (run === 0 && !small) continue;
        found.add(name, ms);
        found.add(`${name} all`, ms + allMs);
      }
    }
    return [
      ['first', '', 'to the first answer'],
      ['all', ' all', 'with everything read'],
    ].flatMap(([goal, kind, said]) =>
      [
        [wasm.name, `WebAssembly engine, ${said}`],
        [fold.name, `TypeScript fold from decrypted bodies, ${said}`],
      ].map(([name, what]) =>
        row({
          ...{ bench: 'load', goal: `P6 ${goal}`, what, unit: 'ms', ours: found.of(`${name}${kind}`) },
          peers: Object.fromEntries(peers.map((peer) => [peer.name, found.of(`${peer.name}${kind}`)])),
          runs,
        }),
      ),
    );
  });

const mb = (bytes) => bytes / 1e6;
/** Bytes of a frame around an entry alone, by the length that its payload takes. */
const FRAME = 16;

export const size = ({ small = false, peers: names }) =>
  withModule('merging.ts', async (path) => {
    const parts = await import(path);
    const { ops, nodes, image, peers } = await filled(parts, small, names);
    const of = (what) => Object.fromEntries(peers.map((peer) => [peer.name, [mb(what(peer))]]));
    const seal = (some, each) =>
      parts.sealWorkload(some, { nodes: each === 1 ? 8 : nodes, fields: FIELDS, actors: ACTORS, size: each });
    const sealed = await seal(ops, 256);
    const storage = parts.memoryStorage();
    const journal = new parts.Journal(storage, sealed.space);
    await journal.load();
    for (let i = 0; i < sealed.entries.length; i += 64)
      await journal.append(sealed.entries.slice(i, i + 64), 'relaxed');
    const rows = await storage.list('journal', '');
    const sum = (all) => all.reduce((bytes, { length }) => bytes + length, 0);
    const stored = sum(rows.map(({ value }) => value));
    const alone = await seal(
      ops.slice(0, 64).map((op, i) => ({ ...op, node: i % 8 })),
      1,
    );
    const births = Math.ceil(nodes / ACTORS / 256) * ACTORS;
    const batches = sealed.data.slice(births);
    return [
      row({
        ...{ bench: 'size state', goal: 'P4', what: 'image of the WebAssembly engine, with all history', unit: 'MB' },
        ...{ ours: [mb(image.length)], peers: of(({ bytes }) => bytes.length), gzip: mb(gzipSync(image).length) },
      }),
      row({
        ...{ bench: 'size journal', goal: 'P5', what: 'signed and encrypted, as it is stored', unit: 'MB' },
        ...{ ours: [mb(stored)], peers: of(({ log }) => log), 'bytes a write': stored / ops.length },
        entries: sealed.data.length,
      }),
      row({
        ...{
          bench: 'size wire',
          goal: 'P10 batch',
          what: 'signed and encrypted entries of 256 writes',
          unit: 'B a write',
        },
        ours: [(sum(batches) + FRAME * batches.length) / ops.length],
      }),
      row({
        ...{ bench: 'size wire', goal: '', what: 'an entry of one write of 20 letters', unit: 'B' },
        ours: [sum(alone.data.slice(8)) / (alone.data.length - 8) + FRAME],
      }),
    ];
  });
