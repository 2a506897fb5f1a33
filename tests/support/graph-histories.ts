/**
 * Random histories for two graph engines side by side, with all that is awkward: births late, twice or forged, forks,
 * values of every kind, texts, hollow entries; delivered shuffled, repeated, split, put away and taken out in between.
 */
import * as Y from 'yjs';
import { toHex } from '../../src/base/bytes';
import { encode } from '../../src/base/codec';
import { type SeededRandom, seededRandom } from '../../src/base/random';
import type { ChangeSet, Engine, FoldEntry, Role, SchemaRules } from '../../src/vm/graph/engine';
import { FRAGMENT, prepareDoc } from '../../src/vm/graph/text';
import { bodyCodec, type Op, type OpId, opIdOf } from '../../src/vm/op/body';
import { contentShardOf, type EntryId, type NodeId, type ShardId } from '../../src/vm/op/ids';
import type { BirthName } from '../../src/vm/op/names';
import { encodeBody } from '../../src/vm/op/tables';
import { Device, digest, OUTLINE, randomEdit, SPACE, Twin } from '../vm/graph/world';

export const RULES: SchemaRules = {
  field: (type, key) => (key === 'text' ? 'author' : key === 'pinned' || type === 'Rule' ? 'admins' : 'members'),
  deletion: (type) => (type === 'Message' ? 'author' : type === 'Rule' ? 'admins' : 'members'),
  relation: (name) => (name === 'reaction' ? 'author' : name === 'role' ? 'admins' : 'members'),
};
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest', 'member'];
const KEYS = ['title', 'text', 'pinned', 'parent', '', 'é"\\\n', 'k'.repeat(200)];
const TYPES = ['Task', 'Message', 'Rule', 'Document', '"'];

const randomText = (random: SeededRandom): string => {
  const parts = [
    'a',
    'Z',
    'é',
    '\u{1f600}',
    '\uffff',
    '\ue000',
    '\ud7ff',
    '"',
    '\\',
    '\n',
    '\u0001',
    '\u2028',
    '\u007f',
  ];
  let text = '';
  for (let i = random.below(20); i > 0; i--) text += random.pick(parts);
  return random.below(40) === 0 ? `${text}${'long '.repeat(400)}` : text;
};
/** Canonical most of the time. */
export const randomJson = (random: SeededRandom): string => {
  const roll = random.below(12);
  if (roll < 3) return JSON.stringify(randomText(random));
  if (roll === 3) return JSON.stringify(random.below(20) - 10);
  if (roll === 4) return JSON.stringify((random.below(2 ** 31) - 2 ** 30) * 10 ** (random.below(60) - 40));
  if (roll === 5) return JSON.stringify(random.below(2 ** 31) / 1000);
  if (roll === 6) return random.pick(['true', 'false', 'null', '0', '1', '""']);
  if (roll === 7) return JSON.stringify({ b: [1, randomText(random)], a: null });
  if (roll === 8) {
    let digits = random.below(3) === 0 ? '-' : '';
    for (let i = 1 + random.below(20); i > 0; i--) digits += random.pick(['0', '0', '1', '5', '9', '.', 'e', '-']);
    return digits;
  }
  if (roll === 9)
    return random.pick(['"\\ud800"', '"\\u0001"', '"\\u0041"', '"\u0001"', '"a', 'a"', '"\ud800"', '{"1":0,"0":1}']);
  if (roll === 10)
    return random.pick(['', ' 1', '01', '1.0', '-0', '1.', '.5', '1e3', '1E3', 'nul', 'truee', '[', '[1, 2]']);
  return random.pick(['"one"', '"two"', '1', '2']);
};

export type History = {
  readonly entries: FoldEntry[];
  readonly random: SeededRandom;
  readonly nodes: NodeId[];
  readonly births: ReadonlyMap<NodeId, BirthName>;
  readonly texts: boolean;
};

/** `texts`: documents too, which cost most of the time. */
export const randomHistory = (seed: number, steps: number, texts: boolean): History => {
  const random = seededRandom(seed);
  const devices = ROLES.map((role, i) => new Device(`d${i}`, role));
  const entries: FoldEntry[] = [];
  const nodes: NodeId[] = [];
  const births: Extract<Op, { type: 'nodeNew' }>[] = [];
  const known = new Map<NodeId, BirthName>();
  const deletions: OpId[] = [];
  const tags: OpId[] = [];
  const shards: ShardId[] = [OUTLINE, contentShardOf(SPACE, digest('c').slice(0, 32) as NodeId)];
  const twins = new Map<string, Twin>();
  for (let step = 0; step < steps; step++) {
    const device = random.pick(devices);
    let shard = random.below(8) === 0 ? (shards[1] as ShardId) : OUTLINE;
    const ops: Op[] = [];
    const planned: ('del' | 'add' | undefined)[] = [];
    for (let i = 1 + random.below(4); i > 0; i--) {
      const node = nodes.length > 0 ? random.pick(nodes) : undefined;
      const roll = random.below(14);
      planned[ops.length] = undefined;
      if (!node || roll === 0) {
        const born = device.born(random.pick(TYPES));
        nodes.push(born.node);
        births.push(born);
        known.set(born.node, { device: device.id, incarnation: 0, counter: born.counter });
        if (random.below(8) > 0) ops.push(random.below(8) === 0 ? { ...born, counter: born.counter + 1000 } : born);
      } else if (roll === 1) {
        // Its own node once more, under another type, or somebody else's.
        const born = random.pick(births);
        ops.push({ ...born, nodeType: random.pick(TYPES) });
      } else if (roll < 6) ops.push({ type: 'fieldSet', node, key: random.pick(KEYS), value: randomJson(random) });
      else if (roll === 6) {
        planned[ops.length] = 'del';
        ops.push({ type: 'nodeDel', node });
      } else if (roll === 7 && deletions.length > 0)
        ops.push({ type: 'nodeRestore', node, deletions: [random.pick(deletions), random.pick(deletions)] });
      else if (roll === 8)
        ops.push({
          type: 'move',
          node,
          parent: random.below(4) === 0 ? '' : random.pick(nodes),
          order: random.pick(['A', 'B', 'é', '']),
        });
      else if (roll === 9 && tags.length > 0) {
        const tag = random.pick(tags);
        ops.push({ type: 'edgeDel', tags: [tag, random.pick(tags), tag, opIdOf(digest('none') as EntryId, 3)] });
      } else if (roll === 10 && texts) {
        const name = `${device.name} ${node}`;
        const twin = twins.get(name) ?? new Twin(device, node, 1);
        twins.set(name, twin);
        const made = twin.ops(randomEdit(random)).map((op) => (random.below(10) === 0 ? { ...op, n: 2 } : op));
        ops.push(...made);
        if (random.below(4) > 0) shard = twin.shard;
      } else if (roll === 11) ops.push({ type: 'unknown', kind: 99, bytes: Uint8Array.of(1, 2) });
      else {
        planned[ops.length] = 'add';
        ops.push({
          type: 'edgeAdd',
          from: node,
          relation: random.pick(['about', 'reaction', 'role']),
          to: random.below(3) === 0 ? randomText(random).slice(0, 50) : random.pick(nodes),
          value: randomJson(random),
        });
      }
    }
    const others = entries.filter((entry) => entry.shard === shard);
    const knowing = others.length > 0 && random.below(2) === 0 ? [random.pick(others), random.pick(others)] : [];
    const before = device.head(shard);
    let entry = device.write(ops, 100 + random.below(30), { shard, knowing });
    if (before && random.below(2) === 0) entry = { ...entry, prev: before };
    for (const [i, plan] of planned.entries())
      (plan === 'del' ? deletions : plan === 'add' ? tags : []).push(opIdOf(entry.id, i));
    if (random.below(25) === 0) device.forkAt(shard, entry);
    if (random.below(15) === 0 && ops.some((op) => op.type === 'textUpdate')) entry = { ...entry, hollow: true };
    entries.push(entry);
  }
  return { entries, random, nodes, births: known, texts };
};

/** What `SeededRandom` gives is the same for both. */
export const deliveries = ({ entries, random }: History): readonly (readonly FoldEntry[])[] => {
  const queue = random.shuffle([...entries, ...entries.filter(() => random.below(4) === 0)]);
  const batches: FoldEntry[][] = [];
  while (queue.length > 0) batches.push(queue.splice(0, 1 + random.below(9)));
  return batches;
};

/** As the wire has it. `told`: births that its author knew of. */
export const bodyOf = ({ ops, ...header }: FoldEntry, told?: (node: NodeId) => BirthName | undefined) => ({
  ...header,
  body: encodeBody(ops, header, told),
});
/** As the last release wrote it. */
export const firstBodyOf = ({ ops, ...header }: FoldEntry) => ({ ...header, body: encode(bodyCodec, ops) });
export const hasBody = (entry: FoldEntry): boolean =>
  !entry.hollow && !JSON.stringify(entry.ops.map((op) => ('value' in op ? op.value : ''))).includes('\\ud');

/** Documents in `without` were built anew by one of two engines: what twins of them come to is compared instead. */
export const changesOf = ({ nodes, types, documents, edges }: ChangeSet, without: ReadonlySet<NodeId>) => ({
  nodes: [...nodes].sort(),
  types: [...types].sort(),
  documents: [...documents]
    .filter(([id]) => !without.has(id))
    .map(([id, updates]) => [id, updates.map(toHex).sort()])
    .sort(),
  edges: [...edges].sort(),
});

/** Page twins that are told only what an engine tells of its changes. */
export class Twins {
  readonly #docs = new Map<NodeId, Y.Doc>();
  tell(engine: Engine, { documents, rebuilt }: ChangeSet): void {
    for (const [id, updates] of documents) {
      const doc = (!rebuilt.has(id) && this.#docs.get(id)) || prepareDoc(new Y.Doc());
      this.#docs.set(id, doc);
      for (const update of rebuilt.has(id) ? [engine.documentUpdate(id)] : updates) Y.applyUpdateV2(doc, update);
    }
  }
  /** Without the empty: an engine may tell, or not, of a text that came and lost its place in one batch. */
  texts(): readonly string[] {
    const texts = [...this.#docs].map(([id, doc]) => [id, doc.getXmlFragment(FRAGMENT).toString()] as const);
    return texts.flatMap(([id, text]) => (text === '' ? [] : `${id} ${text}`)).sort();
  }
}

const hashesOf = (engine: Engine) => {
  const { space, shards } = engine.stateHash([digest('acl') as EntryId]);
  return { space: toHex(space), shards: [...shards].map(([id, root]) => [id, toHex(root)]) };
};
/** All that can be read of an engine. */
export const readingOf = (engine: Engine, { nodes, entries, texts }: History) => ({
  counts: engine.counts(),
  hashes: hashesOf(engine),
  nodes: [...new Set(nodes)].map((id) => {
    const node = engine.node(id);
    return {
      node: node && {
        ...{ id: node.id, type: node.type, shard: node.shard, author: node.author },
        ...{ createdAt: node.createdAt, createdBy: node.createdBy, updatedAt: node.updatedAt },
        ...{ deleted: node.deleted, deletions: node.deletions, parent: node.parent, order: node.order },
        fields: node.keys().map((key) => [key, node.field(key), node.fieldState(key)]),
        none: [node.field('nothing'), node.fieldState('nothing')],
      },
      children: engine.children(id).map((child) => child.id),
      from: engine.edgesFrom(id),
      to: engine.edgesTo(id),
      reactions: engine.edgesTo(id, 'reaction'),
      history: engine.history(id),
      ...(texts && { text: engine.documentText(id), update: toHex(engine.documentUpdate(id)) }),
    };
  }),
  top: engine.children('').map((node) => node.id),
  tasks: engine.children('', 'Task').map((node) => node.id),
  byType: TYPES.map((type) => [...engine.nodesOfType(type)].map((node) => node.id).sort()),
  idsByType: TYPES.map((type) => [...engine.idsOfType(type)].sort()),
  births: TYPES.flatMap((type) =>
    [...new Set(entries.map((entry) => entry.shard))].map((shard) =>
      engine
        .births(shard, type)
        .map(({ log, seqs, times, node }) => [log, seqs.map((seq, i) => `${seq} ${times[i]} ${node(i).id}`).sort()])
        .sort(),
    ),
  ),
  places: entries.map(({ id }) => engine.placeOf(id)),
  byShard: [...new Set(entries.map((entry) => entry.shard))].map((shard) =>
    [...engine.nodesOfShard(shard)].map((node) => node.id).sort(),
  ),
});
