/**
 * Others that merge fields of a graph, each fed in the way that suits it best. `feed` makes the messages of a workload, once
 * and unmeasured, `later` by the same people in another session; `create`, `apply`, `save` and `load` are measured. `cells` counts what is readable, to see that all came.
 */
import { createRequire } from 'node:module';
import * as Y from 'yjs';
import { ACTORS, FIELDS } from './workload.mjs';

const nameOf = ({ node, field }) => `${node}.${FIELDS[field]}`;
/** What each actor wrote, in the order of its clock, in pieces. */
const pieces = (ops, size, use) => {
  for (let actor = 0; actor < ACTORS; actor++) {
    const own = ops.filter((op) => op.actor === actor).sort((a, b) => a.time - b.time);
    for (let i = 0; i < own.length; i += size) use(actor, own.slice(i, i + size));
  }
};
const count = (iterable) => {
  let all = 0;
  for (const _ of iterable) all++;
  return all;
};

const yjs = () => ({
  name: 'Yjs',
  sizes: { batch: 500, single: 1, more: 8 },
  feed: (ops, size, later = false) => {
    const updates = [];
    const docs = Array.from({ length: ACTORS }, (_, actor) => {
      const doc = new Y.Doc();
      doc.clientID = 1 + actor + (later ? ACTORS : 0);
      doc.on('update', (update) => updates.push(update));
      return doc;
    });
    pieces(ops, size, (actor, some) =>
      docs[actor].transact(() => {
        for (const op of some) docs[actor].getMap('cells').set(nameOf(op), op.value);
      }),
    );
    return updates;
  },
  create: () => new Y.Doc(),
  apply: (doc, updates) => {
    for (const update of updates) Y.applyUpdate(doc, update);
  },
  cells: (doc) => count(doc.getMap('cells').keys()),
  save: (doc) => Y.encodeStateAsUpdateV2(doc),
  load: (bytes) => {
    const doc = new Y.Doc();
    Y.applyUpdateV2(doc, bytes);
    return doc;
  },
  first: (doc) => doc.getMap('cells').get('0.name'),
  all: (doc) => {
    for (const _ of doc.getMap('cells').entries());
  },
  log: (_, updates) => updates.reduce((sum, { length }) => sum + length, 0),
});

const loro = async () => {
  const { LoroDoc } = await import('loro-crdt');
  const doc = (peer) => {
    const made = new LoroDoc();
    if (peer !== undefined) made.setPeerId(BigInt(peer));
    return made;
  };
  return {
    name: 'Loro',
    sizes: { batch: 500, more: 8 },
    feed: (ops, size, later = false) => {
      const updates = [];
      const docs = Array.from({ length: ACTORS }, (_, actor) => doc(1 + actor + (later ? ACTORS : 0)));
      pieces(ops, size, (actor, some) => {
        const own = docs[actor];
        const before = own.version();
        for (const op of some) own.getMap('cells').set(nameOf(op), op.value);
        own.commit();
        updates.push(own.export({ mode: 'update', from: before }));
      });
      return updates;
    },
    create: () => doc(),
    apply: (own, updates) => void own.importBatch(updates),
    cells: (own) => own.getMap('cells').size,
    save: (own) => own.export({ mode: 'snapshot' }),
    load: (bytes) => {
      const own = doc();
      own.import(bytes);
      return own;
    },
    first: (own) => own.getMap('cells').get('0.name'),
    all: (own) => void own.toJSON(),
    log: (own) => own.export({ mode: 'update' }).length,
  };
};

const gun = async () => {
  const require = createRequire(import.meta.url);
  const log = console.log;
  console.log = () => {};
  const Gun = require('gun/gun.js');
  console.log = log;
  Gun.log.off = true;
  let messages = 0;
  const create = () => Gun({ localStorage: false, radisk: false, multicast: false, axe: false, peers: {} });
  const take = (own, put) => own._.on('in', { '#': `m${messages++}-`, $: own, put });
  // Long messages are taken in over several turns.
  const taken = async () => {
    while (setTimeout.turn.s.length > 0) await new Promise((done) => setImmediate(done));
  };
  return {
    name: 'gun',
    sizes: { batch: 100, single: 1, more: 8 },
    feed: (ops, size) => {
      const fed = [];
      pieces(ops, size, (_, some) => {
        const put = {};
        for (const op of some) {
          const soul = `n${op.node}`;
          put[soul] ??= { _: { '#': soul, '>': {} } };
          put[soul][FIELDS[op.field]] = op.value;
          put[soul]._['>'][FIELDS[op.field]] = op.time;
        }
        fed.push(put);
      });
      return fed.map((put) => JSON.stringify(put));
    },
    create,
    apply: async (own, fed) => {
      for (const text of fed) take(own, JSON.parse(text));
      await taken();
    },
    cells: (own) => Object.values(own._.graph).reduce((sum, node) => sum + Object.keys(node).length - 1, 0),
    save: (own) => new TextEncoder().encode(JSON.stringify(own._.graph)),
    // As a storage of its own hands it back.
    load: async (bytes) => {
      const own = create();
      take(own, JSON.parse(new TextDecoder().decode(bytes)));
      await taken();
      return own;
    },
    first: (own) => own._.graph.n0?.name,
    all: (own) => void Object.values(own._.graph).map(({ name }) => name),
    log: (_, fed) => fed.reduce((sum, { length }) => sum + length, 0),
  };
};

const tinybase = async () => {
  const { createMergeableStore } = await import('tinybase');
  return {
    name: 'TinyBase',
    sizes: { batch: 500, single: 1, more: 8 },
    feed: (ops, size, later = false) => {
      const fed = [];
      let now = 0;
      const stores = Array.from({ length: ACTORS }, (_, actor) =>
        createMergeableStore(`a${actor}${later ? 'x' : ''}`, () => now),
      );
      for (const store of stores)
        store.addDidFinishTransactionListener(() => fed.push(JSON.stringify(store.getTransactionMergeableChanges())));
      pieces(ops, size, (actor, some) => {
        now = some[0].time;
        stores[actor].transaction(() => {
          for (const op of some) stores[actor].setCell('cells', `${op.node}`, FIELDS[op.field], op.value);
        });
      });
      return fed;
    },
    create: () => createMergeableStore('merged'),
    apply: (store, fed) => {
      for (const text of fed) store.applyMergeableChanges(JSON.parse(text));
    },
    cells: (store) => Object.values(store.getTable('cells')).reduce((sum, cells) => sum + Object.keys(cells).length, 0),
    save: (store) => new TextEncoder().encode(JSON.stringify(store.getMergeableContent())),
    load: (bytes) => {
      const store = createMergeableStore('loaded');
      store.setMergeableContent(JSON.parse(new TextDecoder().decode(bytes)));
      return store;
    },
    first: (store) => store.getCell('cells', '0', 'name'),
    all: (store) => void store.getTable('cells'),
    log: (_, fed) => fed.reduce((sum, { length }) => sum + length, 0),
  };
};
const automerge = async () => {
  const Automerge = await import('@automerge/automerge');
  return {
    name: 'Automerge',
    sizes: { batch: 500, more: 8 },
    feed: (ops, size, later = false) => {
      const base = Automerge.change(Automerge.init({ actor: 'ff' }), { time: 0 }, (doc) => {
        doc.cells = {};
      });
      const changes = [Automerge.getLastLocalChange(base)];
      const docs = Array.from({ length: ACTORS }, (_, actor) =>
        Automerge.clone(base, { actor: `${later ? 'b' : 'a'}${actor}` }),
      );
      pieces(ops, size, (actor, some) => {
        docs[actor] = Automerge.change(docs[actor], { time: 0 }, (doc) => {
          for (const op of some) doc.cells[nameOf(op)] = op.value;
        });
        changes.push(Automerge.getLastLocalChange(docs[actor]));
      });
      return changes;
    },
    create: () => ({ doc: Automerge.init({ actor: 'ee' }) }),
    apply: (own, changes) => {
      [own.doc] = Automerge.applyChanges(own.doc, changes);
    },
    cells: ({ doc }) => Object.keys(doc.cells).length,
    save: ({ doc }) => Automerge.save(doc),
    load: (bytes) => ({ doc: Automerge.load(bytes) }),
    first: ({ doc }) => doc.cells['0.name'],
    all: ({ doc }) => void Object.values(doc.cells),
    log: (_, changes) => changes.reduce((sum, { length }) => sum + length, 0),
  };
};

export const PEERS = { Yjs: yjs, Loro: loro, gun, TinyBase: tinybase, Automerge: automerge };
/** `names`: all where there are none. */
export const peersOf = (names = Object.keys(PEERS)) => Promise.all(names.map((name) => PEERS[name]()));
