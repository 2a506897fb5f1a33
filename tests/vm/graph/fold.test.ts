import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import type { Engine, FoldEntry, Role, SchemaRules, StateHash } from '../../../src/vm/graph/engine';
import { type Op, type OpId, opIdOf } from '../../../src/vm/op/body';
import { contentShardOf, type EntryId, type NodeId } from '../../../src/vm/op/ids';
import { createEngine as createFold } from '../../support/engines';
import { oracle } from './oracle';
import { Device, digest, OPEN, OUTLINE, paragraph, SPACE, Twin } from './world';

const RULES: SchemaRules = {
  field: (_, key) => (key === 'text' ? 'author' : key === 'pinned' ? 'admins' : 'members'),
  deletion: (type) => (type === 'Message' ? 'author' : 'members'),
  relation: (name) => (name === 'reaction' ? 'author' : name === 'role' ? 'admins' : 'members'),
};
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest', 'member'];

/** Entries of five people who create, write, move, link, delete and restore, some of it forbidden, some of it forged. */
const randomHistory = (seed: number, steps: number): { entries: FoldEntry[]; random: SeededRandom } => {
  const random = seededRandom(seed);
  const devices = ROLES.map((role, i) => new Device(`d${i}`, role));
  const entries: FoldEntry[] = [];
  const nodes: NodeId[] = [];
  const deletions: OpId[] = [];
  const tags: OpId[] = [];
  for (let step = 0; step < steps; step++) {
    const device = random.pick(devices);
    const shard = random.below(12) === 0 ? contentShardOf(SPACE, digest('c').slice(0, 32) as NodeId) : OUTLINE;
    const ops: Op[] = [];
    const planned: ('del' | 'add' | undefined)[] = [];
    for (let i = 1 + random.below(3); i > 0; i--) {
      const node = nodes.length > 0 ? random.pick(nodes) : undefined;
      const roll = random.below(10);
      planned[ops.length] = undefined;
      if (!node || roll === 0) {
        const born = device.born(random.pick(['Task', 'Message']));
        const forged = random.below(8) === 0;
        nodes.push(born.node);
        ops.push(forged ? { ...born, counter: born.counter + 1000 } : born);
      } else if (roll < 5) {
        const value = random.pick(['1', '2', '"a"', '"b"', 'null', 'true', '[1,2]']);
        ops.push({ type: 'fieldSet', node, key: random.pick(['title', 'text', 'pinned']), value });
      } else if (roll === 5) {
        planned[ops.length] = 'del';
        ops.push({ type: 'nodeDel', node });
      } else if (roll === 6 && deletions.length > 0)
        ops.push({ type: 'nodeRestore', node, deletions: [random.pick(deletions), random.pick(deletions)] });
      else if (roll === 7)
        ops.push({
          type: 'move',
          node,
          parent: random.below(4) === 0 ? '' : random.pick(nodes),
          order: random.pick(['A', 'B', 'C']),
        });
      else if (roll === 8 && tags.length > 0)
        ops.push({ type: 'edgeDel', tags: [random.pick(tags), random.pick(tags)] });
      else {
        planned[ops.length] = 'add';
        ops.push({
          type: 'edgeAdd',
          from: node,
          relation: random.pick(['about', 'reaction', 'role']),
          to: random.pick(nodes),
          value: '1',
        });
      }
    }
    const knowing =
      entries.length > 0 && random.below(2) === 0
        ? [random.pick(entries)].filter((entry) => entry.shard === shard)
        : [];
    const entry = device.write(ops, 100 + random.below(20), { shard, knowing });
    for (const [i, plan] of planned.entries())
      (plan === 'del' ? deletions : plan === 'add' ? tags : []).push(opIdOf(entry.id, i));
    entries.push(entry);
  }
  return { entries, random };
};

const texts = ({ space, shards }: StateHash) => ({
  space: toHex(space),
  shards: [...shards].map(([id, root]) => [id, toHex(root)]),
});
const reading = (engine: Engine) => {
  const nodes = [...engine.nodesOfType('Task'), ...engine.nodesOfType('Message')].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  return {
    nodes: nodes.map((node) => ({
      id: node.id,
      type: node.type,
      author: node.author,
      deletions: node.deletions,
      fields: node.keys().map((key) => [key, node.fieldState(key)?.json, node.fieldState(key)?.entry]),
    })),
    edges: nodes.flatMap((node) => engine.edgesFrom(node.id)),
  };
};
const everything = (engine: Engine) => ({
  ...reading(engine),
  counts: engine.counts(),
  hash: texts(engine.stateHash([])),
  history: [...engine.nodesOfType('Task')]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((node) => [
      node.updatedAt,
      node.createdAt,
      node.parent,
      engine.history(node.id),
      node.keys().map((key) => node.fieldState(key)?.losers),
      engine.children(node.id).map((child) => child.id),
    ]),
  top: engine.children('').map((node) => node.id),
});
/** In pieces of random length, each entry once or twice, with the hash asked for in between. */
const deliver = (entries: readonly FoldEntry[], random: SeededRandom): Engine => {
  const engine = createFold(RULES);
  const queue = random.shuffle([...entries, ...entries.filter(() => random.below(4) === 0)]);
  while (queue.length > 0) {
    engine.apply(queue.splice(0, 1 + random.below(7)));
    if (random.below(5) === 0) engine.stateHash([]);
  }
  return engine;
};

describe('the fold', () => {
  it('[GR1] comes to what the oracle says, on random histories', () => {
    let deleted = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const { entries } = randomHistory(seed, 60);
      const engine = createFold(RULES);
      engine.apply(entries);
      const expected = oracle(entries, RULES);
      const { nodes, edges } = reading(engine);
      expect(nodes, `seed ${seed}`).toEqual(expected.nodes);
      deleted += expected.nodes.filter((node) => node.deletions.length > 0).length;
      const ofKnown = edges.map((edge) => edge.tag).sort();
      expect(expected.edges, `seed ${seed}`).toEqual(expect.arrayContaining(ofKnown));
      expect(engine.counts().edges, `seed ${seed}`).toBe(expected.edges.length);
      for (const { id } of nodes) {
        const stated = expected.parents.get(id);
        const stands = stated ? engine.node(stated as NodeId) : undefined;
        expect(engine.node(id)?.parent, `seed ${seed}`).toBe(stands && !stands.deleted ? stated : '');
      }
    }
    expect(deleted).toBeGreaterThan(100);
  });

  it('[GR2] is a function of the set: any order, repeats and splits give the same state and hash', () => {
    for (let seed = 1; seed <= 120; seed++) {
      const { entries, random } = randomHistory(seed, 50);
      const once = createFold(RULES);
      once.apply(entries);
      for (let i = 0; i < 3; i++)
        expect(everything(deliver(entries, random)), `seed ${seed}`).toEqual(everything(once));
    }
  });

  it('[GR2] one entry more or less gives another hash, wherever it shows', () => {
    const ann = new Device('ann');
    const task = ann.born();
    const set = (value: string): Op => ({ type: 'fieldSet', node: task.node, key: 'title', value });
    const steps = [
      [task],
      [set('"a"')],
      [set('"b"')],
      [{ type: 'edgeAdd', from: task.node, relation: 'about', to: 'x', value: '1' }],
      [{ type: 'move', node: task.node, parent: '', order: 'V' }],
      [{ type: 'nodeDel', node: task.node }],
    ] as Op[][];
    const engine = createFold(OPEN);
    const seen = new Set([toHex(engine.stateHash([]).space)]);
    for (const ops of steps) {
      engine.apply([ann.write(ops, 5)]);
      seen.add(toHex(engine.stateHash([]).space));
    }
    seen.add(toHex(engine.stateHash([digest('acl') as EntryId]).space));
    expect(seen.size).toBe(steps.length + 2);
  });

  it("[GR3] a node whose id is not its own device's next is void, and what is written on it never shows", () => {
    const ann = new Device('ann');
    const eve = new Device('eve');
    const task = ann.born();
    const engine = createFold(OPEN);
    engine.apply([eve.write([task, { type: 'fieldSet', node: task.node, key: 'title', value: '"mine"' }], 1)]);
    expect(engine.node(task.node)).toBeUndefined();
    expect(engine.counts().nodes).toBe(0);
    engine.apply([ann.write([task], 2)]);
    expect(engine.node(task.node)?.author).toBe(ann.user);
  });

  it('[GR4] who may write is decided in every order of arrival alike', () => {
    const ann = new Device('ann');
    const bob = new Device('bob');
    const boss = new Device('boss', 'admin');
    const guest = new Device('guest', 'guest');
    const message = ann.born('Message');
    const set = (key: string, value: string): Op => ({ type: 'fieldSet', node: message.node, key, value });
    const entries = [
      ann.write([message], 1),
      ann.write([set('text', '"hers"')], 2),
      bob.write([set('text', '"his"'), set('pinned', 'true')], 3),
      boss.write([set('pinned', 'false'), set('text', '"boss"')], 4),
      bob.write([{ type: 'nodeDel', node: message.node }], 5),
      guest.write([set('title', '"guest"')], 6),
    ];
    const orders = permutations(entries);
    expect(orders.length).toBe(720);
    for (const order of orders) {
      const engine = createFold(RULES);
      for (const entry of order) engine.apply([entry]);
      const node = engine.node(message.node);
      expect([node?.field('text'), node?.field('pinned'), node?.field('title'), node?.deleted]).toEqual([
        'hers',
        false,
        undefined,
        false,
      ]);
    }
  });

  it("[GR4] an op of another shard than the node's is ignored: a right in one shard is none in another", () => {
    const ann = new Device('ann');
    const guest = new Device('guest', 'admin');
    const task = ann.born();
    const elsewhere = contentShardOf(SPACE, task.node);
    const engine = createFold(OPEN);
    engine.apply([
      ann.write([task], 1),
      guest.write(
        [
          { type: 'nodeDel', node: task.node },
          { type: 'fieldSet', node: task.node, key: 'title', value: '1' },
        ],
        2,
        { shard: elsewhere },
      ),
    ]);
    expect(engine.node(task.node)?.deleted).toBe(false);
    expect(engine.node(task.node)?.keys()).toEqual([]);
  });

  it('[GR5] a node is seen iff every deletion is lifted, by its own author or an Admin', () => {
    const [ann, bob, boss] = [new Device('ann'), new Device('bob'), new Device('boss', 'admin')];
    const task = ann.born();
    const first = ann.write([task], 1);
    const hers = ann.write([{ type: 'nodeDel', node: task.node }], 2);
    const his = bob.write(
      [
        { type: 'nodeDel', node: task.node },
        { type: 'fieldSet', node: task.node, key: 'title', value: '"kept"' },
      ],
      2,
    );
    const both = [opIdOf(hers.id, 0), opIdOf(his.id, 0)];
    const engine = createFold(OPEN);
    engine.apply([first, hers, his]);
    expect(engine.node(task.node)?.deletions).toEqual([...both].sort());
    engine.apply([ann.write([{ type: 'nodeRestore', node: task.node, deletions: both }], 3)]);
    expect(engine.node(task.node)?.deletions).toEqual([both[1]]);
    engine.apply([boss.write([{ type: 'nodeRestore', node: task.node, deletions: both }], 4)]);
    expect(engine.node(task.node)?.deleted).toBe(false);
    expect(engine.node(task.node)?.field('title')).toBe('kept');
  });

  it('[GR6] concurrent values stay visible as losers; those replaced with knowledge do not', () => {
    const [ann, bob] = [new Device('ann'), new Device('bob')];
    const task = ann.born();
    const set = (value: string): Op => ({ type: 'fieldSet', node: task.node, key: 'title', value });
    const first = ann.write([task, set('"old"')], 1);
    const hers = [ann.write([set('"draft"')], 10), ann.write([set('"hers"')], 11)];
    const his = bob.write([set('"his"')], 12, { knowing: [first] });
    const engine = createFold(OPEN);
    engine.apply([his, ...hers, first]);
    const state = engine.node(task.node)?.fieldState('title');
    expect([state?.value, state?.losers.map((loser) => loser.json)]).toEqual(['his', ['"hers"']]);
    const items = engine.history(task.node).filter((item) => item.type === 'field');
    expect(items.map((item) => [item.json, item.won, item.concurrent])).toEqual([
      ['"old"', false, false],
      ['"draft"', false, false],
      ['"hers"', false, true],
      ['"his"', true, false],
    ]);
    engine.apply([ann.write([set('"agreed"')], 13, { knowing: [his] })]);
    expect(engine.node(task.node)?.fieldState('title')?.losers).toEqual([]);
  });

  it('[GR7] an edge added while another was removed stays; only its author or an Admin removes a personal one', () => {
    const [ann, bob, boss] = [new Device('ann'), new Device('bob'), new Device('boss', 'admin')];
    const task = ann.born('Message');
    const react = (): Op => ({ type: 'edgeAdd', from: task.node, relation: 'reaction', to: 'heart', value: 'null' });
    const hers = ann.write([task, react()], 1);
    const again = ann.write([react()], 2);
    const tag = opIdOf(hers.id, 1);
    const engine = createFold(RULES);
    engine.apply([bob.write([{ type: 'edgeDel', tags: [tag] }], 3), hers, again]);
    expect(engine.edgesTo('heart', 'reaction')).toHaveLength(2);
    const changes = engine.apply([boss.write([{ type: 'edgeDel', tags: [tag] }], 3)]);
    expect([...changes.edges]).toEqual([task.node]);
    expect(engine.edgesFrom(task.node).map((edge) => edge.tag)).toEqual([opIdOf(again.id, 0)]);
  });

  it('[GR8] two entries at one place of a log both merge, and the device is flagged in the hash', () => {
    const ann = new Device('ann');
    const task = ann.born();
    const first = ann.write([task], 1);
    const left = ann.write([{ type: 'fieldSet', node: task.node, key: 'a', value: '1' }], 2);
    ann.forkAt(OUTLINE, left);
    const right = ann.write([{ type: 'fieldSet', node: task.node, key: 'b', value: '2' }], 2);
    expect(right.seq).toBe(left.seq);
    const forked = createFold(OPEN);
    forked.apply([first, left, right]);
    expect(forked.node(task.node)?.keys()).toEqual(['a', 'b']);
    const honest = createFold(OPEN);
    honest.apply([first, left, { ...right, seq: 2 }]);
    expect(toHex(forked.stateHash([]).space)).not.toBe(toHex(honest.stateHash([]).space));
    const turned = createFold(OPEN);
    turned.apply([right, first, left]);
    expect(texts(turned.stateHash([]))).toEqual(texts(forked.stateHash([])));
  });

  it('[GR9] ops of a later version change nothing', () => {
    const ann = new Device('ann');
    const task = ann.born();
    const engine = createFold(OPEN);
    engine.apply([ann.write([task], 1)]);
    const before = texts(engine.stateHash([]));
    const changes = engine.apply([ann.write([{ type: 'unknown', kind: 99, bytes: new Uint8Array([1]) }], 2)]);
    expect([changes.nodes.size, changes.documents.size, changes.edges.size]).toEqual([0, 0, 0]);
    expect(texts(engine.stateHash([]))).toEqual(before);
  });

  it('[GR10] a value that JSON would write otherwise is void', () => {
    const ann = new Device('ann');
    const task = ann.born();
    const engine = createFold(OPEN);
    const bad = ['', ' 1', '1.0', '{"a": 1}', '"\\u0061"', 'NaN', '[', '-0', '['.repeat(40) + ']'.repeat(40)];
    engine.apply([
      ann.write([task, ...bad.map((value, i): Op => ({ type: 'fieldSet', node: task.node, key: `k${i}`, value }))], 1),
    ]);
    expect(engine.node(task.node)?.keys()).toEqual([]);
    engine.apply([ann.write([{ type: 'fieldSet', node: task.node, key: 'k', value: '{"b":[1,"é"],"a":null}' }], 2)]);
    expect(engine.node(task.node)?.field('k')).toEqual({ b: [1, 'é'], a: null });
  });

  it('[GR11] tells what changed: nodes, types, edges, and the children of a folder that was deleted', () => {
    const ann = new Device('ann');
    const [folder, page] = [ann.born('Folder'), ann.born('Document')];
    const twin = new Twin(ann, page.node);
    const engine = createFold(OPEN);
    const made = engine.apply([
      ann.write(
        [
          folder,
          page,
          { type: 'move', node: page.node, parent: folder.node, order: 'V' },
          { type: 'move', node: folder.node, parent: '', order: 'V' },
        ],
        1,
      ),
    ]);
    expect([...made.types].sort()).toEqual(['Document', 'Folder']);
    expect(engine.children(folder.node).map((node) => node.id)).toEqual([page.node]);
    const gone = engine.apply([ann.write([{ type: 'nodeDel', node: folder.node }], 2)]);
    expect([...gone.nodes].sort()).toEqual([folder.node, page.node].sort());
    expect(engine.children('').map((node) => node.id)).toEqual([page.node]);
    const ops = twin.ops((fragment) => fragment.insert(0, [paragraph('hello')]));
    const typed = engine.apply([ann.write(ops, 3, { shard: twin.shard })]);
    expect([...typed.documents.keys()]).toEqual([page.node]);
    expect([...typed.types]).toEqual(['Document']);
    expect(engine.history(page.node).map((item) => item.type)).toEqual(['created', 'moved', 'text']);
  });
});

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) =>
        permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
      );
