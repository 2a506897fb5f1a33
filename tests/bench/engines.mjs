/**
 * The two engines of the graph, fed as admission feeds them: entries of one author each, in any order, of up to 256 writes.
 * Each keeps up an index and says what changed. `wasm` takes bodies as they were sealed, `fold` takes them decoded.
 */
import { ACTORS, FIELDS } from './workload.mjs';

const RULES = { field: () => 'members', deletion: () => 'members', relation: () => 'members' };
export const TYPES = new Map([
  ['Task', { home: 'outline', class: 'content', fields: {}, deletion: 'members', indexes: { byRank: ['rank'] } }],
]);

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

/** Writes entries of a space, one after another; `entries` are of up to `size` writes and end up in any order. */
export const writer = (parts, count) => {
  const id = (name) => parts.toHex(parts.sha256(new TextEncoder().encode(name)));
  const space = id('space');
  const shard = parts.outlineShardOf(space);
  const heads = Array.from({ length: ACTORS }, () => ({ seq: -1 }));
  const nodes = [];
  const born = new Map();
  const write = (actor, time, ops) => {
    const device = id(`device ${actor}`);
    const head = heads[actor];
    const entry = {
      ...{ id: id(`${actor} ${head.seq + 1}`), log: parts.logIdOf(space, shard, device, 0), space, shard },
      ...{ seq: head.seq + 1, device, incarnation: 0, author: id(`person ${actor}`), role: 'member' },
      ...{ hlc: parts.hlcOf(time), prev: head.id, deps: [], ops },
    };
    heads[actor] = { id: entry.id, seq: entry.seq };
    return entry;
  };
  const births = (size) => {
    const made = [];
    for (let actor = 0; actor < ACTORS; actor++) {
      for (let first = actor; first < count; first += ACTORS * size) {
        const ops = [];
        for (let i = first; i < Math.min(count, first + ACTORS * size); i += ACTORS) {
          nodes[i] = parts.nodeIdOf(space, id(`device ${actor}`), 0, i);
          born.set(nodes[i], { device: id(`device ${actor}`), incarnation: 0, counter: i });
          ops.push({ type: 'nodeNew', node: nodes[i], nodeType: 'Task', counter: i });
        }
        made.push(write(actor, 1_600_000_000_000, ops));
      }
    }
    return made;
  };
  return (ops, size) => {
    const made = nodes.length === 0 ? births(Math.max(size, 256)) : [];
    for (let actor = 0; actor < ACTORS; actor++) {
      const own = ops.filter((op) => op.actor === actor).sort((a, b) => a.time - b.time);
      for (let i = 0; i < own.length; i += size) {
        // One value a field and entry, as sealing has it.
        const body = new Map();
        for (const { node, field, value } of own.slice(i, i + size)) {
          const op = { type: 'fieldSet', node: nodes[node], key: FIELDS[field], value: JSON.stringify(value) };
          body.set(`${node} ${field}`, op);
        }
        made.push(write(actor, own[i].time, [...body.values()]));
      }
    }
    const entries = shuffled(made);
    const bodies = entries.map(({ ops: each, ...header }) => ({
      ...header,
      body: parts.encodeBody(each, header, (node) => born.get(node)),
    }));
    return { entries, bodies };
  };
};

const indexed = (parts, engine) => {
  const indexes = new parts.Indexes(engine, TYPES);
  indexes.build(Number.POSITIVE_INFINITY);
  return { engine, indexes };
};
const cells = ({ engine }) => engine.counts().fields;
const readAll = ({ engine }) => {
  for (const node of engine.nodesOfType('Task')) for (const field of FIELDS) node.field(field);
};
const readFirst = ({ engine }) => {
  for (const node of engine.nodesOfType('Task')) return node.field('name');
  return undefined;
};
/** As intake hands them on; at the end the index has all of it. */
const BATCH = 64;
const inBatches = (items, indexes, take) => {
  for (let i = 0; i < items.length; i += BATCH) indexes.changed(take(items.slice(i, i + BATCH)).nodes);
  indexes.build(Number.POSITIVE_INFINITY);
};

export const enginesOf = (parts) => {
  const module = parts.graphModule();
  const decoded = ({ body, ...header }) => ({ ...header, ops: parts.decodeBody(body, header).value });
  return {
    wasm: {
      name: 'LGOS, WebAssembly',
      create: () => indexed(parts, parts.createStore(module, RULES)),
      /** Bodies as they were sealed, to merged state, index and notice. */
      apply: ({ engine, indexes }, { bodies }) => inBatches(bodies, indexes, (some) => engine.ingest(some)),
      ...{ cells, all: readAll, first: readFirst },
      save: ({ engine }) => engine.save(),
      load: (bytes) => ({ engine: parts.openStore(module, RULES, bytes).value }),
      merged: ({ engine }, { bodies }) => engine.ingest(bodies),
    },
    fold: {
      name: 'LGOS, TypeScript fold',
      create: () => indexed(parts, parts.createFold(RULES)),
      apply: ({ engine, indexes }, { bodies }) => inBatches(bodies, indexes, (some) => engine.apply(some.map(decoded))),
      ...{ cells, all: readAll, first: readFirst },
      merged: ({ engine }, { bodies }) => engine.apply(bodies.map(decoded)),
    },
  };
};
