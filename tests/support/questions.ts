/**
 * A graph of tasks, notes and folders for tests of questions: seeded histories of entries over the real fold, seeded questions,
 * and the answer to a question by looking at every node, written without any of the code that it judges but the order of values.
 */
import { toHex, utf8 } from '../../src/base/bytes';
import { sha256 } from '../../src/base/hash';
import { type SeededRandom, seededRandom } from '../../src/base/random';
import { compareKeys, keyOf } from '../../src/os/graph/key';
import type { Question, Term } from '../../src/os/graph/question';
import type { TypeRule } from '../../src/os/schema/define';
import type { ChangeSet, Engine, FoldEntry, GraphNode, SchemaRules, Value } from '../../src/vm/graph/engine';
import type { Op, OpId } from '../../src/vm/op/body';
import { hlcOf, msOf } from '../../src/vm/op/clock';
import {
  contentShardOf,
  type DeviceId,
  type EntryId,
  logIdOf,
  type NodeId,
  nodeIdOf,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type UserId,
} from '../../src/vm/op/ids';
import { createFold } from './fold/fold';

const idFrom = (name: string): string => toHex(sha256(utf8(name)));
export const SPACE = idFrom('space of questions') as SpaceId;
const DEVICE = idFrom('device') as DeviceId;
const AUTHOR = idFrom('author') as UserId;
const START = 1_700_000_000_000;
const RULES: SchemaRules = { field: () => 'members', deletion: () => 'members', relation: () => 'members' };

const rule = (fields: readonly string[], indexes: TypeRule['indexes']): TypeRule => ({
  home: 'outline',
  class: 'content',
  fields: Object.fromEntries(fields.map((field) => [field, 'members'])),
  deletion: 'members',
  ...(indexes ? { indexes } : {}),
});
export const TYPES: ReadonlyMap<string, TypeRule> = new Map([
  [
    'Task',
    rule(['title', 'state', 'due', 'tags'], {
      byState: ['state', 'due'],
      byDue: ['due'],
      byTitle: ['title'],
      byPart: ['@part', '@createdAt'],
      byAge: ['@createdAt'],
    }),
  ],
  ['Note', rule(['title', 'state'], undefined)],
  ['Folder', rule(['title'], { byTitle: ['title'] })],
]);

export type World = {
  engine: Engine;
  readonly device: DeviceId;
  readonly nodes: NodeId[];
  /** Seals ops of one part as an entry; nothing is taken in before `deliver`. */
  entry(ops: readonly Op[], shard?: ShardId, ms?: number): FoldEntry;
  create(type: string, fields: Readonly<Record<string, Value>>, parent?: NodeId | ''): FoldEntry;
  deliver(...entries: readonly FoldEntry[]): ChangeSet;
  /** The same entries folded into another graph. */
  rebuild(): void;
};

export const createWorld = (): World => {
  let seq = 0;
  let counter = 0;
  const taken: FoldEntry[] = [];
  const outline = outlineShardOf(SPACE);
  const log = logIdOf(SPACE, outline, DEVICE, 0);
  const world: World = {
    engine: createFold(RULES),
    device: DEVICE,
    nodes: [],
    entry: (ops, shard = outline, ms = START + seq) => {
      const id = (seq + 1).toString(16).padStart(64, '0') as EntryId;
      return {
        id,
        log: shard === outline ? log : logIdOf(SPACE, shard, DEVICE, 0),
        space: SPACE,
        shard,
        seq: seq++,
        device: DEVICE,
        incarnation: 0,
        author: AUTHOR,
        role: 'admin',
        hlc: hlcOf(ms, seq % 3),
        deps: [],
        ops,
      };
    },
    create: (type, fields, parent) => {
      const node = nodeIdOf(SPACE, DEVICE, 0, counter);
      world.nodes.push(node);
      return world.entry([
        { type: 'nodeNew', node, nodeType: type, counter: counter++ },
        ...Object.entries(fields).map(
          ([key, value]): Op => ({ type: 'fieldSet', node, key, value: JSON.stringify(value) }),
        ),
        ...(parent === undefined ? [] : [{ type: 'move', node, parent, order: 'V' } as const]),
      ]);
    },
    deliver: (...entries) => {
      taken.push(...entries);
      return world.engine.apply(entries);
    },
    rebuild: () => {
      world.engine = createFold(RULES);
      world.engine.apply(taken);
    },
  };
  return world;
};

// --- Seeded histories and questions ------------------------------------------------------------------------------------

const STATES: readonly Value[] = ['open', 'Open', 'done', 'Später', null, 3, true];
const DUES: readonly Value[] = [1, 2, 3, 4.5, '2', null, START];
const TITLES: readonly Value[] = ['', 'plan', 'Plan B', 'planet', 'Ünder', 'x'.repeat(300), { odd: 1 }, 7];
const TAGS: readonly Value[] = [[], ['a'], ['a', 'b'], [{ b: 1 }], 'a'];
const RELATIONS = ['depends_on', 'part_of'] as const;
const some = <T>(random: SeededRandom, odds: number, value: () => T): T | undefined =>
  random.next() < odds ? value() : undefined;

/** A few entries, to be delivered together: some arrive long after their time. */
export const someChanges = (world: World, random: SeededRandom): readonly FoldEntry[] =>
  Array.from({ length: 1 + random.below(3) }, () => change(world, random));

const change = (world: World, random: SeededRandom): FoldEntry => {
  const node = (): NodeId =>
    world.nodes.length === 0 ? (idFrom('nobody').slice(0, 32) as NodeId) : random.pick(world.nodes);
  const what = random.below(13);
  const late = what === 12 || random.next() < 0.2 ? START - random.below(what === 12 ? 1_000 : 50) : undefined;
  if (what < 3 || world.nodes.length < 4) {
    const type = random.pick(['Task', 'Task', 'Note', 'Folder']);
    const fields = {
      title: random.pick(TITLES),
      ...some(random, 0.7, () => ({ state: random.pick(STATES), due: random.pick(DUES) })),
      ...some(random, 0.3, () => ({ tags: random.pick(TAGS) })),
    };
    return world.create(
      type,
      fields,
      some(random, 0.6, () => (random.next() < 0.3 ? '' : node())),
    );
  }
  const op = ((): Op => {
    if (what < 6) {
      const [key, values] = random.pick([
        ['state', STATES],
        ['due', DUES],
        ['title', TITLES],
        ['tags', TAGS],
      ] as const);
      return { type: 'fieldSet', node: node(), key, value: JSON.stringify(random.pick(values)) };
    }
    if (what === 6) return { type: 'nodeDel', node: node() };
    if (what === 7) {
      const target = node();
      return { type: 'nodeRestore', node: target, deletions: world.engine.node(target)?.deletions ?? ([] as OpId[]) };
    }
    if (what === 8) return { type: 'move', node: node(), parent: random.next() < 0.2 ? '' : node(), order: 'V' };
    if (what < 11)
      return { type: 'edgeAdd', from: node(), relation: random.pick(RELATIONS), to: node(), value: 'true' };
    if (what === 11) {
      const linked = world.nodes.filter((id) => world.engine.edgesFrom(id).length > 0);
      const tags = linked.length === 0 ? [] : world.engine.edgesFrom(random.pick(linked)).map((edge) => edge.tag);
      return { type: 'edgeDel', tags: tags.slice(0, 1 + random.below(2)) };
    }
    // A device that claims one node twice: the earlier claim counts, of whatever type.
    const at = random.below(world.nodes.length);
    return { type: 'nodeNew', node: world.nodes[at] as NodeId, nodeType: random.pick(['Task', 'Note']), counter: at };
  })();
  return world.entry([op], undefined, late);
};

const VALUES: Readonly<Record<string, readonly Value[]>> = { state: STATES, due: DUES, title: TITLES };
export const someTerm = (world: World, random: SeededRandom, depth: number): Term => {
  const what = random.below(depth > 2 ? 10 : 13);
  const inner = (): Term => someTerm(world, random, depth + 1);
  const field = random.pick(['state', 'due', 'title']);
  const value = (): Value => random.pick(VALUES[field] as readonly Value[]);
  const root = random.pick(world.nodes);
  if (what < 2) return { field, is: value() };
  if (what === 2) return { field, among: [value(), value(), 'open'] };
  if (what === 3) {
    const bound = random.pick(['above', 'below', 'atLeast', 'atMost'] as const);
    return { field, [bound]: random.pick<Value>([1, 2, 3, 'm', 'PLAN', START]) };
  }
  if (what === 4)
    return { field: '@createdAt', atLeast: START + random.below(20), atMost: START + 10 + random.below(20) };
  if (what === 5) return { field: 'title', starts: random.pick(['p', 'PLAN', 'plan b', 'ü', 'z']) };
  if (what === 6)
    return random.next() < 0.5 ? { field: 'tags', has: random.pick(['a', 'b']) } : { field: '@parent', is: root };
  if (what === 7) return { under: root };
  if (what === 8 || what === 9) {
    const rest = { linked: random.pick(RELATIONS), ...some(random, 0.6, () => ({ through: true })) };
    return random.next() < 0.5 ? { ...rest, to: root } : { ...rest, from: root };
  }
  if (what === 10) return { not: inner() };
  return what === 11 ? { and: [inner(), inner()] } : { or: [inner(), inner()] };
};

export const someQuestion = (world: World, random: SeededRandom): Question => {
  const base = {
    type: random.next() < 0.6 ? ['Task'] : random.pick([['Task', 'Note'], ['Folder'], ['Note', 'Folder', 'Task']]),
    ...some(random, 0.85, () => ({ where: someTerm(world, random, 0) })),
    ...some(random, 0.3, () => ({ removed: random.pick(['also', 'only'] as const) })),
  };
  if (random.next() < 0.2) return random.next() < 0.5 ? { ...base, count: true } : { ...base, group: 'state' };
  const window = random.below(5);
  return {
    ...base,
    ...some(random, 0.7, () => ({
      order: Array.from({ length: random.next() < 0.7 ? 1 : 2 }, () => ({
        by: random.pick(['due', 'title', 'state', '@createdAt', '@updatedAt', '@id']),
        ...some(random, 0.5, () => ({ down: true })),
      })),
    })),
    limit: random.pick([1, 3, 5, 1_000]),
    ...(window === 1 ? { offset: random.below(4) } : window > 2 ? { after: random.pick(world.nodes) } : {}),
    ...some(random, 0.2, () => ({ fields: ['title', '@updatedAt'] })),
  };
};

// --- The answer by looking at everything -------------------------------------------------------------------------------

const valueAt = (node: GraphNode, field: string): Value | undefined => {
  if (field === '@id') return node.id;
  if (field === '@parent') return node.parent || null;
  if (field === '@createdAt') return node.createdAt;
  if (field === '@updatedAt') return node.updatedAt;
  return node.field(field);
};
const fold = (text: string): string => text.slice(0, 200).normalize('NFKC').toLowerCase();
const same = (a: Value | undefined, b: Value | undefined): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const stands = (engine: Engine, id: string): boolean => engine.node(id as NodeId)?.deleted === false;

/** Whether `from` comes to `root` by steps, through what stands only. */
const reaches = (
  engine: Engine,
  from: string,
  root: string,
  next: (id: string) => readonly string[],
  through: boolean,
): boolean => {
  if (!stands(engine, from)) return false;
  const seen = new Set<string>([from]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const step of next(id)) {
      if (step === root) return true;
      if (!through || seen.has(step) || !stands(engine, step)) continue;
      seen.add(step);
      open.push(step);
    }
  }
  return false;
};

const holds = (engine: Engine, node: GraphNode, term: Term): boolean => {
  if ('and' in term) return term.and.every((each) => holds(engine, node, each));
  if ('or' in term) return term.or.some((each) => holds(engine, node, each));
  if ('not' in term) return !holds(engine, node, term.not);
  if ('within' in term) return node.shard === contentShardOf(SPACE, term.within as NodeId);
  if ('under' in term) {
    const up = (id: string): readonly string[] => [engine.node(id as NodeId)?.parent ?? ''];
    return reaches(engine, node.id, term.under, up, true);
  }
  if ('linked' in term) {
    const { linked, through = false } = term;
    if ('to' in term) {
      const on = (id: string): readonly string[] => engine.edgesFrom(id as NodeId, linked).map((edge) => edge.to);
      return reaches(engine, node.id, term.to, on, through);
    }
    const back = (id: string): readonly string[] => engine.edgesTo(id, linked).map((edge) => edge.from);
    return reaches(engine, node.id, term.from, back, through);
  }
  const kept = valueAt(node, term.field);
  const value = term.field.endsWith('At') ? msOf(kept as never) : kept;
  const bound = (limit: Value | undefined, fits: (apart: number) => boolean): boolean =>
    limit === undefined || (typeof value === typeof limit && fits(compareKeys(keyOf(value), keyOf(limit))));
  return (
    (term.is === undefined || same(value, term.is)) &&
    (term.among === undefined || term.among.some((each) => same(value, each))) &&
    (term.starts === undefined || (typeof value === 'string' && fold(value).startsWith(fold(term.starts)))) &&
    (term.has === undefined || (Array.isArray(value) && value.some((item) => same(item, term.has)))) &&
    bound(term.above, (apart) => apart > 0) &&
    bound(term.below, (apart) => apart < 0) &&
    bound(term.atLeast, (apart) => apart >= 0) &&
    bound(term.atMost, (apart) => apart <= 0)
  );
};

const rowOf = (node: GraphNode, fields: readonly string[]): unknown => ({
  id: node.id,
  type: node.type,
  author: node.author,
  createdAt: msOf(node.createdAt),
  updatedAt: msOf(node.updatedAt),
  fields: Object.fromEntries(
    fields
      .map(
        (field) => [field, field.endsWith('At') ? msOf(valueAt(node, field) as never) : valueAt(node, field)] as const,
      )
      .filter(([, value]) => value !== undefined && value !== null),
  ),
  ...(node.parent === '' ? {} : { parent: node.parent }),
  ...(node.deleted ? { removed: true } : {}),
});

export const answerByScan = (engine: Engine, question: Question): unknown => {
  const fitting = question.type
    .flatMap((type) => [...engine.nodesOfType(type)])
    .filter((node) => (node.deleted ? question.removed !== undefined : question.removed !== 'only'))
    .filter((node) => question.where === undefined || holds(engine, node, question.where));
  if (question.count) return { count: fitting.length };
  const { group } = question;
  if (group !== undefined) {
    const counts = new Map<string, number>();
    for (const node of fitting) {
      const text = JSON.stringify(valueAt(node, group) ?? null);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts]
      .map(([id, count]) => ({ id, value: JSON.parse(id) as Value, count }))
      .sort((a, b) => compareKeys(keyOf(a.value), keyOf(b.value)) || (a.id < b.id ? -1 : 1));
  }
  const order = question.order ?? [{ by: '@createdAt' }];
  const compare = (a: GraphNode, b: GraphNode): number => {
    for (const { by, down } of order) {
      const apart = compareKeys(keyOf(valueAt(a, by)), keyOf(valueAt(b, by)));
      if (apart !== 0) return down ? -apart : apart;
    }
    const apart = a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
    return order.at(-1)?.down ? -apart : apart;
  };
  const anchor = question.after === undefined ? undefined : engine.node(question.after as NodeId);
  if (question.after !== undefined && !anchor) return [];
  const from = question.offset ?? 0;
  return fitting
    .filter((node) => !anchor || compare(node, anchor) > 0)
    .sort(compare)
    .slice(from, from + (question.limit ?? fitting.length))
    .map((node) => rowOf(node, question.fields ?? Object.keys(TYPES.get(node.type)?.fields ?? {})));
};

export const seeded = (seed: number): SeededRandom => seededRandom(seed);
