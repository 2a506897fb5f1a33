/**
 * How costs grow with what there is: 10^4, 10^5 and 10^6 operations, each in a process of its own. Merging workload G, scaled; a
 * live list of 100 rows over it while one write after the other comes; what that takes in memory; and a kernel that opens a
 * seeded space from files. With `browser`, the start of a page over the same space. What is predicted: twice as much takes twice
 * as long and twice the memory, and a live list takes what the change takes, whatever there is.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../beacon/install.mjs';
import { enginesOf, TYPES, writer } from './engines.mjs';
import { collect, median, quantile, round, row, timed } from './figures.mjs';
import { imageKept, startBeacon, withSeeded } from './hosts.mjs';
import { withModule } from './project.mjs';
import { fillProfile, openOnce } from './start.mjs';
import { writes } from './workload.mjs';

const SIZES = [10_000, 100_000, 1_000_000];
const CHILD_MS = 240_000;
const PAGE_MS = 300_000;
const IMAGE_MS = 60_000;
const IMAGE_ENTRIES = 300;
const CHANGES = 300;
const LIST = { type: ['Task'], order: [{ by: 'rank' }], limit: 100 };
/** Times as much for ten times the operations. */
const PREDICTED = { linear: 10, flat: 1 };
/** More than this on the last tenfold, and the prediction does not hold. */
const HOLDS = { linear: 12.5, flat: 2 };

/** What is measured -> its unit, how it is predicted to grow. `from`: the child that tells it. */
export const CURVES = {
  merge: { from: 'graph', what: 'merge, with index and notices', unit: 'ms', predicted: 'linear' },
  memory: { from: 'graph', what: 'memory of the graph and its index', unit: 'MB', predicted: 'linear' },
  query: { from: 'graph', what: 'a change in a live list of 100, p50', unit: 'ms', predicted: 'flat' },
  first: { from: 'space', what: 'first start from the journal, processor', unit: 'ms', predicted: 'linear' },
  again: { from: 'space', what: 'later start from its image, processor', unit: 'ms', predicted: 'linear' },
  kernel: { from: 'space', what: 'memory of the whole node after it', unit: 'MB', predicted: 'linear' },
  page: { from: 'page', what: 'cached start of a page', unit: 'ms', predicted: 'linear' },
};

const heap = async () => {
  for (let i = 0; i < 8; i++) {
    collect();
    await new Promise((done) => setTimeout(done, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heapUsed, all: heapUsed + external };
};

const CHILDREN = {
  graph: async (parts, count) => {
    const { wasm } = enginesOf(parts);
    const nodes = Math.ceil(count / 10);
    // Warms up on little.
    wasm.apply(wasm.create(), writer(parts, 1_000)(writes({ count: 20_000, nodes: 1_000 }), 256));
    const write = writer(parts, nodes);
    let fed = write(writes({ count, nodes }), 256);
    fed = { bodies: fed.bodies };
    const later = write(
      writes({ count: CHANGES, nodes, seed: 43, after: 86_400_000, span: 3_600_000, cover: false }),
      1,
    ).bodies;
    const before = await heap();
    const state = wasm.create();
    const [merge] = await timed(() => wasm.apply(state, fed));
    fed = undefined;
    const cells = wasm.cells(state);
    if (cells !== nodes * 6) throw new Error(`${cells} cells, not ${nodes * 6}`);
    const after = await heap();
    const list = parts.follow(
      () => ({ source: { space: later[0].space, engine: state.engine, indexes: state.indexes }, of: state }),
      LIST,
      TYPES,
    );
    const times = [];
    for (const body of later) {
      const [ms] = await timed(() => {
        const changes = state.engine.ingest([body]);
        state.indexes.changed(changes.nodes);
        state.indexes.build(Number.POSITIVE_INFINITY);
        if (list.changed(changes)) list.advance();
      });
      times.push(ms);
    }
    if (list.answer.length !== LIST.limit) throw new Error(`The list holds ${list.answer.length} rows`);
    const memory = (state.engine.memory().used + Math.max(0, after.heapUsed - before.heapUsed)) / 1e6;
    return { merge, memory, query: quantile(times, 0.5), 'query p95': quantile(times, 0.95) };
  },
  /** Writes a space into a folder. */
  seed: async (parts, count, folder) => {
    const storage = await parts.openLmdbStorage(folder);
    const seeded = await parts.seedSpace(storage, await parts.openFileVault(folder), parts.planOf(count));
    await storage.close();
    const { entries, objects, bytes, channels } = seeded;
    return { entries, objects, bytes, channel: channels[0] };
  },
  /** A node over that folder, in a process that has done nothing else: until it answers with the last messages. */
  open: async (parts, channel, folder, again) => {
    const storage = await parts.openLmdbStorage(folder);
    const vault = await parts.openFileVault(folder);
    const images = await parts.openFileImages(folder);
    await heap();
    const before = process.memoryUsage().rss;
    const cpu = process.cpuUsage();
    const [ms, kernel] = await timed(async () => {
      const made = await parts.openSeeded(storage, vault, { images });
      const rows = await made.query('chat.messages', { channelId: channel, limit: 50 });
      if (rows.at(-1)?.text !== parts.LAST) throw new Error('The last message is not the last');
      return made;
    });
    const { user, system } = process.cpuUsage(cpu);
    await heap();
    const memory = (process.memoryUsage().rss - before) / 1e6;
    // The next one begins from it, where there is enough for one.
    const { entriesHeld } = await kernel.stats();
    if (!again && entriesHeld >= IMAGE_ENTRIES) await imageKept(() => kernel.stats(), IMAGE_MS);
    await kernel.stop();
    await storage.close();
    return { ms, memory, processor: (user + system) / 1e3 };
  },
};

/** The figures of a child, or `{ why }` where it could not. */
const inChild = (kind, path, ...args) =>
  new Promise((done) => {
    const child = spawn(
      process.execPath,
      ['--max-old-space-size=8192', fileURLToPath(import.meta.url), kind, path, ...args.map(String)],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    let fault = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      fault = (fault + text).slice(-2_000);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), CHILD_MS);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) done(JSON.parse(out.trim().split('\n').at(-1)));
      else if (signal === 'SIGKILL') done({ why: `not done after ${CHILD_MS / 1_000} s` });
      else
        done({ why: /heap out of memory|Allocation failed/.test(fault) ? 'out of memory' : fault.trim().slice(-300) });
    });
  });

/** A space in files, opened by one node after the other. */
const ofSpace = async (path, count) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-growth-'));
  try {
    const seeded = await inChild('seed', path, count, folder);
    const first = seeded.why ? seeded : await inChild('open', path, seeded.channel, folder);
    const again = first.why ? first : await inChild('open', path, seeded.channel, folder, 'again');
    if (again.why) return { why: again.why };
    const { entries, objects, bytes } = seeded;
    return {
      ...{ entries, objects, bytes, first: first.processor, again: again.processor, kernel: again.memory },
      ...{ 'first clock': first.ms, 'again clock': again.ms },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const measureOf = { graph: (path, count) => inChild('graph', path, count), space: ofSpace };

/** The start of a page over the same space. */
const ofPage = async (count, runs) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-growth-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  try {
    return await withSeeded(
      beacon.url,
      (parts) => parts.planOf(count),
      async (seeded, admit, node) => {
        const profile = join(folder, 'profile');
        const joined = await fillProfile(profile, beacon.url, admit, { limit: PAGE_MS });
        await node.setOnline(false);
        const times = [];
        for (let run = 0; run < runs; run++) times.push((await openOnce(profile, beacon.url, seeded, PAGE_MS)).rows);
        return { page: median(times), 'page joined': joined };
      },
    );
  } catch (fault) {
    return { why: String(fault?.message ?? fault).slice(0, 300) };
  } finally {
    await beacon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

export const growth = async ({ runs, small = false, browser = false }) => {
  const sizes = small ? SIZES.slice(0, 1) : SIZES;
  const found = new Map(sizes.map((size) => [size, {}]));
  for (const [kind, entry] of [
    ['graph', 'merging.ts'],
    ['space', 'seeding.ts'],
  ])
    await withModule(entry, async (path) => {
      for (const size of sizes) {
        const each = [];
        for (let run = 0; run < Math.min(runs, 3); run++) each.push(await measureOf[kind](path, size));
        Object.assign(found.get(size), medians(each, kind));
      }
    });
  if (browser) for (const size of sizes) Object.assign(found.get(size), medians([await ofPage(size, runs)], 'page'));
  return Object.entries(CURVES)
    .filter(([, { from }]) => browser || from !== 'page')
    .flatMap(([name, { from, what, unit, predicted }]) => {
      let before;
      return sizes.map((size) => {
        const here = found.get(size);
        const value = here[name];
        if (value === undefined) return { bench: 'growth', curve: name, what, size, unit, why: here[`${from} why`] };
        const times = before && value / before;
        before = value;
        const last = size === SIZES.at(-1) && times !== undefined;
        return {
          ...row({ bench: 'growth', unit, ours: [value], what: `${what}, ${size.toLocaleString('en')} operations` }),
          ...{ curve: name, size },
          ...(times ? { 'times for tenfold': round(times), predicted: PREDICTED[predicted] } : {}),
          ...(last ? { holds: times <= HOLDS[predicted] ? 'yes' : 'no' } : {}),
          ...(name === 'query' ? { p95: round(here['query p95']) } : {}),
          ...(from === 'space' && name !== 'kernel' ? { 'ms on the clock': round(here[`${name} clock`]) } : {}),
          ...(name === 'first'
            ? { entries: here.entries, objects: here.objects, 'journal MB': round(here.bytes / 1e6) }
            : {}),
        };
      });
    });
};
const medians = (each, kind) => {
  const why = each.find((figures) => figures.why)?.why;
  if (why) return { [`${kind} why`]: why };
  return Object.fromEntries(Object.keys(each[0]).map((name) => [name, median(each.map((figures) => figures[name]))]));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, path, what, folder, again] = process.argv.slice(2);
  console.log(
    JSON.stringify(await CHILDREN[kind](await import(path), kind === 'open' ? what : Number(what), folder, again)),
  );
  process.exit();
}
