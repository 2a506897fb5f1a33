import { describe, expect, it } from 'vitest';
import { applySplices } from '../../../src/base/splice';
import { Closure, type Path } from '../../../src/os/graph/closure';
import { compile } from '../../../src/os/graph/compile';
import { answerOnce, findNodes } from '../../../src/os/graph/find';
import { follow } from '../../../src/os/graph/follow';
import { Indexes } from '../../../src/os/graph/indexes';
import { checkQuestion, type Question } from '../../../src/os/graph/question';
import { Sorted } from '../../../src/os/graph/sorted';
import type { FoldEntry } from '../../../src/vm/graph/engine';
import type { Op } from '../../../src/vm/op/body';
import { contentShardOf, type DeviceId, type NodeId, nodeIdOf } from '../../../src/vm/op/ids';
import {
  answerByScan,
  createWorld,
  SPACE,
  seeded,
  someChanges,
  someQuestion,
  someTerm,
  TYPES,
} from '../../support/questions';

const CASES = 400;
const STEPS = 6;

describe('a question', () => {
  it('has the same answer by any way, once and kept up, as by looking at everything, after any changes', () => {
    let answers = 0;
    let edits = 0;
    for (let seed = 1; seed <= CASES; seed++) {
      const random = seeded(seed);
      const world = createWorld();
      for (let i = 0; i < 6; i++) world.deliver(...someChanges(world, random));
      let indexes = new Indexes(world.engine, TYPES);
      if (random.next() < 0.8) indexes.build(random.pick([3, 1_000]));
      const source = () => ({ space: SPACE, engine: world.engine, indexes: indexes.ready ? indexes : undefined });
      const question = someQuestion(world, random);
      const live = follow(() => ({ source: source(), of: world.engine }), question, TYPES);
      const isSame = (what: unknown, why: string): void => {
        const right = answerByScan(world.engine, question);
        // Texts first: a thousand histories compare many answers.
        if (JSON.stringify(what) === JSON.stringify(right)) return;
        expect(what, `seed ${seed}: ${why} ${JSON.stringify(question)}`).toEqual(right);
      };
      isSame(live.answer, 'first');
      let mirror = live.answer;
      for (let step = 0; step < STEPS; step++) {
        if (random.next() < 0.03) {
          world.rebuild();
          indexes = new Indexes(world.engine, TYPES);
          indexes.build(1_000);
        }
        const changes = world.deliver(...someChanges(world, random));
        indexes.changed(changes.nodes);
        const mayChange = live.changed(changes);
        if (random.next() < 0.3) continue;
        const before = live.answer as readonly { id: string }[];
        const advance = live.advance();
        if (advance && !mayChange && advance.edit) expect.fail(`seed ${seed}: changed unseen`);
        if (advance?.edit) {
          mirror = applySplices(mirror as unknown[], advance.edit);
          edits++;
          const changed = new Set(
            advance.edit.flatMap(({ put }) => put.map(({ item }) => (item as { id: string })?.id)),
          );
          for (const row of live.answer as readonly { id: string }[])
            if (!changed.has(row.id) && !before.includes(row)) expect.fail(`seed ${seed}: ${row.id} is another object`);
        } else if (advance) mirror = advance.answer;
        isSame(live.answer, `step ${step}`);
        isSame(mirror, `the edit, step ${step}`);
        isSame(answerOnce(source(), question, TYPES), `once, step ${step}`);
        answers++;
      }
    }
    expect(answers).toBeGreaterThan(CASES * 3);
    expect(edits).toBeGreaterThan(CASES / 4);
  });
});

describe('a part by age', () => {
  it('is read out of its logs where there is no index, also where they do not go on in time', () => {
    let sought = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const world = createWorld();
      const container = nodeIdOf(SPACE, 'c'.repeat(64) as DeviceId, 0, 0);
      const part = contentShardOf(SPACE, container);
      for (let i = 0, counter = 0; i < 12; i++) {
        const ops = Array.from({ length: 1 + random.below(3) }, (): Op[] => {
          const node = nodeIdOf(SPACE, world.device, 0, 1_000 + counter);
          world.nodes.push(node);
          const nodeType = random.pick(['Task', 'Task', 'Note']);
          const gone: Op[] = random.next() < 0.2 ? [{ type: 'nodeDel', node }] : [];
          return [{ type: 'nodeNew', node, nodeType, counter: 1_000 + counter++ }, ...gone];
        });
        world.deliver(world.entry(ops.flat(), part, 1_700_000_000_000 + random.below(4)));
      }
      const down = random.next() < 0.5;
      const question: Question = {
        type: ['Task'],
        where: { and: [{ within: container }, ...(random.next() < 0.5 ? [] : [{ field: '@id', is: 'x' }])] },
        order: [{ by: '@createdAt', ...(down ? { down } : {}) }],
        ...(random.next() < 0.5 ? { removed: 'also' as const } : {}),
        ...(random.next() < 0.5 ? { after: random.pick(world.nodes) } : {}),
        limit: 1 + random.below(5),
      };
      const source = { space: SPACE, engine: world.engine };
      expect(answerOnce(source, question, TYPES), `seed ${seed}: ${JSON.stringify(question)}`).toEqual(
        answerByScan(world.engine, question),
      );
      sought += findNodes(source, compile(SPACE, question)).ways.filter((way) => way === 'part by age').length;
    }
    expect(sought).toBeGreaterThan(60);
  });
});

describe('one of several terms', () => {
  it('is found by the ways of each, and the answer is that of looking at everything', () => {
    let either = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const world = createWorld();
      for (let i = 0; i < 12; i++) world.deliver(...someChanges(world, random));
      const indexes = new Indexes(world.engine, TYPES);
      indexes.build(1_000);
      const source = { space: SPACE, engine: world.engine, indexes };
      const term = () => someTerm(world, random, 2);
      const or = { or: Array.from({ length: random.below(4) }, term) };
      const where = random.pick([or, { and: [term(), or] }, { or: [or, { and: [or, term()] }] }]);
      const question: Question = { ...someQuestion(world, random), where };
      const answer = answerOnce(source, question, TYPES);
      expect(answer, `seed ${seed}: ${JSON.stringify(question)}`).toEqual(answerByScan(world.engine, question));
      const { group: _group, count: _count, ...rows } = question;
      either += findNodes(source, compile(SPACE, rows)).ways.filter((way) => way.startsWith('either')).length;
    }
    expect(either).toBeGreaterThan(100);
  });
});

describe('a path that is kept up', () => {
  it('has the members of one made anew, whatever is linked, unlinked, moved, removed or brought back', () => {
    let flips = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const world = createWorld();
      for (let i = 0; i < 10; i++) world.deliver(world.create('Task', {}, ''));
      const root = world.nodes[0] as NodeId;
      const paths: readonly Path[] = [
        { type: 'under', root },
        ...([true, false] as const).flatMap((through) =>
          (['to', 'from'] as const).map((type): Path => ({ type, root, relation: 'needs', through })),
        ),
      ];
      const kept = paths.map((path) => new Closure(world.engine, path));
      for (let step = 0; step < 60; step++) {
        const [from, to] = [random.pick(world.nodes), random.pick(world.nodes)];
        const tags = world.engine.edgesFrom(from, 'needs').map(({ tag }) => tag);
        const deletions = world.engine.node(from)?.deletions ?? [];
        const op = random.pick<Op>([
          { type: 'edgeAdd', from, relation: 'needs', to, value: 'true' },
          { type: 'edgeAdd', from, relation: 'needs', to, value: 'true' },
          { type: 'edgeDel', tags },
          { type: 'move', node: from, parent: to, order: 'V' },
          { type: 'nodeDel', node: from },
          { type: 'nodeRestore', node: from, deletions },
        ]);
        const changes = world.deliver(world.entry([op]));
        kept.forEach((closure, i) => {
          const before = new Set(closure.members());
          const flipped = closure.changed(changes.nodes, changes.edges);
          const now = new Set(closure.members());
          const anew = new Set(new Closure(world.engine, paths[i] as Path).members());
          expect([...now].sort(), `seed ${seed}, step ${step}: ${paths[i]?.type}`).toEqual([...anew].sort());
          expect([...flipped].sort()).toEqual(
            [...before, ...now].filter((id) => before.has(id) !== now.has(id)).sort(),
          );
          flips += flipped.size;
        });
      }
    }
    expect(flips).toBeGreaterThan(500);
  });

  it('costs what hangs on the change: a name in a tree of thousands is one look', () => {
    const world = createWorld();
    world.deliver(world.create('Folder', {}, ''));
    const root = world.nodes[0] as NodeId;
    world.deliver(
      ...Array.from({ length: 3_000 }, (_, i) => world.create('Task', {}, i % 2 ? root : world.nodes.at(-1))),
    );
    let looks = 0;
    const { engine } = world;
    const counted = {
      node: (id: NodeId) => {
        looks++;
        return engine.node(id);
      },
      children: engine.children.bind(engine),
      edgesFrom: engine.edgesFrom.bind(engine),
      edgesTo: engine.edgesTo.bind(engine),
    };
    const closure = new Closure(counted, { type: 'under', root });
    expect(closure.size).toBeGreaterThan(2_000);
    looks = 0;
    const changes = world.deliver(world.entry([{ type: 'fieldSet', node: root, key: 'title', value: '"new"' }]));
    expect(closure.changed(changes.nodes, changes.edges).size).toBe(0);
    expect(looks).toBeLessThan(10);
  });
});

describe('a sorted list', () => {
  it('is what sorting gives, with the rank of each, after any puts and takes', () => {
    const random = seeded(7);
    const compare = (a: number, b: number): number => a - b;
    const start = Array.from({ length: 1_500 }, (_, i) => i * 3);
    const list = Sorted.of(random.shuffle(start), compare);
    const held = new Set(start);
    for (let i = 0; i < 6_000; i++) {
      const item = random.below(6_000);
      // Mostly takes in the middle, so that blocks split and whole blocks go.
      if (held.has(item)) {
        list.take(item);
        held.delete(item);
      } else if (i < 3_000) {
        list.put(item);
        held.add(item);
      }
    }
    const sorted = [...held].sort(compare);
    expect([...list.range()]).toEqual(sorted);
    expect([...list.range(5, 1_200, true)]).toEqual(sorted.slice(5, 1_200).reverse());
    for (const rank of [0, 1, 255, 256, 511, 512, 900, sorted.length - 1]) {
      expect(list.at(rank)).toBe(sorted[rank]);
      expect(list.rankOf(sorted[rank] as number)).toBe(rank);
    }
    expect([list.at(-1), list.at(sorted.length), list.size]).toEqual([undefined, undefined, sorted.length]);
    for (const item of sorted) list.take(item);
    expect([list.size, [...list.range()]]).toEqual([0, []]);
    expect(() => list.take(1)).toThrow('is there');
    list.put(1);
    expect(() => list.put(1)).toThrow('once');
  });

  it('changes many at once as it would one by one', () => {
    const random = seeded(8);
    const compare = (a: { readonly n: number }, b: { readonly n: number }): number => a.n - b.n;
    const all = Array.from({ length: 3_000 }, (_, n) => ({ n }));
    const list = Sorted.of<{ readonly n: number }>([], compare);
    let held = new Set<{ readonly n: number }>();
    for (const many of [2_000, 3, 900, 40, 2_500, 1, 700]) {
      const touched = random.shuffle(all).slice(0, many);
      list.change(
        touched.filter((item) => held.has(item)),
        touched.filter((item) => !held.has(item)),
      );
      held = new Set([...all].filter((item) => held.has(item) !== touched.includes(item)));
      expect([...list.range()]).toEqual([...held]);
      expect(list.size).toBe(held.size);
    }
  });
});

describe('cost is counted in nodes looked at', () => {
  const COUNT = 10_000;
  const tasks = () => {
    const world = createWorld();
    const made = Array.from({ length: COUNT }, (_, i) =>
      world.create('Task', { title: `task ${i}`, state: i % 100 === 0 ? 'open' : 'done', due: i }),
    );
    world.deliver(...made);
    const indexes = new Indexes(world.engine, TYPES);
    expect(indexes.build(COUNT - 1)).toBe(false);
    expect(indexes.ready).toBe(false);
    expect(indexes.build(10)).toBe(true);
    return { world, indexes, source: { space: SPACE, engine: world.engine, indexes } };
  };
  it('of many changes too: noted, and taken in by slices before a question is answered by an index', () => {
    const { world, indexes } = tasks();
    const titled = (title: string) =>
      world.nodes.slice(0, 3_000).map((node): Op => ({ type: 'fieldSet', node, key: 'due', value: title }));
    indexes.changed(world.deliver(world.entry(titled('7'))).nodes);
    expect(indexes.ready).toBe(false);
    expect(indexes.build(1_000)).toBe(false);
    // Those that were looked at change again, with some of the others.
    indexes.changed(world.deliver(world.entry(titled('8').slice(500, 1_500))).nodes);
    for (let turns = 0; !indexes.build(1_000); turns++) expect(turns).toBeLessThan(4);
    const anew = new Indexes(world.engine, TYPES);
    anew.build(COUNT + 1);
    const told = (from: Indexes) => from.of('Task').map(({ entries }) => [...entries.range()]);
    expect(told(indexes)).toEqual(told(anew));
    expect(indexes.count('Task')).toBe(COUNT);
  });

  const { world, indexes, source } = tasks();
  const look = (question: Question) => findNodes(source, compile(SPACE, question));

  it.each<[string, Question, number, string]>([
    ['equality', { type: ['Task'], where: { field: 'state', is: 'open' } }, 100, 'index state, due'],
    ['a range', { type: ['Task'], where: { field: 'due', atLeast: 10, below: 20 } }, 11, 'index due'],
    [
      'equality and a range',
      {
        type: ['Task'],
        where: {
          and: [
            { field: 'state', is: 'open' },
            { field: 'due', below: 500 },
          ],
        },
      },
      6,
      'index state, due',
    ],
    ['several values', { type: ['Task'], where: { field: 'due', among: [5, 7, 7, -1] } }, 2, 'index due'],
    ['the beginning of a text', { type: ['Task'], where: { field: 'title', starts: 'TASK 999' } }, 11, 'index title'],
    ['an order', { type: ['Task'], order: [{ by: 'due', down: true }], limit: 10 }, 10, 'index due'],
    [
      'an order after a node',
      { type: ['Task'], order: [{ by: 'due' }], limit: 10, after: world.nodes[5_000] as string },
      10,
      'index due',
    ],
    [
      'one of two fields',
      {
        type: ['Task'],
        where: {
          or: [
            { field: 'state', is: 'open' },
            { field: 'due', atLeast: 10, below: 20 },
          ],
        },
      },
      111,
      'either index state, due | index due',
    ],
    [
      'a field and one of two ranges',
      {
        type: ['Task'],
        where: {
          and: [
            { field: 'state', is: 'open' },
            {
              or: [
                { field: 'due', below: 500 },
                { field: 'due', atLeast: 9_500 },
              ],
            },
          ],
        },
      },
      11,
      'either index state, due | index state, due',
    ],
    ['nothing', { type: ['Task'], where: { or: [] } }, 0, 'nothing'],
    [
      'one that is indexed or one that is not',
      {
        type: ['Task'],
        where: {
          or: [
            { field: 'state', is: 'open' },
            { field: 'tags', has: 'a' },
          ],
        },
        order: [{ by: '@id' }],
      },
      COUNT,
      'all of Task',
    ],
    ['what was removed', { type: ['Task'], removed: 'only' }, 0, 'removed'],
    ['an id', { type: ['Task'], where: { field: '@id', is: world.nodes[3] as string } }, 1, 'ids'],
    [
      'nothing that is indexed',
      { type: ['Task'], where: { field: 'tags', has: 'a' }, order: [{ by: '@id' }] },
      COUNT,
      'all of Task',
    ],
  ])('by %s', (_, question, visited, way) => {
    const found = look(question);
    expect([found.visited, found.ways]).toEqual([visited, [way]]);
  });

  it('a live list of ten thousand looks at what changed', () => {
    const live = follow(
      () => ({ source, of: source }),
      { type: ['Task'], order: [{ by: 'due' }], limit: 10_000 },
      TYPES,
    );
    expect(live.answer).toHaveLength(COUNT);
    const before = live.visited;
    const change = (node: NodeId | undefined, due: number) =>
      world.entry([{ type: 'fieldSet', node: node as NodeId, key: 'due', value: String(due) }]);
    const apply = (...entries: readonly FoldEntry[]) => {
      const changes = world.deliver(...entries);
      indexes.changed(changes.nodes);
      live.changed(changes);
      return live.advance();
    };
    const moved = apply(change(world.nodes[9_000], 0.5));
    expect([live.visited - before, moved?.edit]).toMatchObject([
      1,
      [
        { at: 1, drop: 0, put: [{ from: 9_000, item: { id: world.nodes[9_000] } }] },
        { at: 9_000, drop: 1, put: [] },
      ],
    ]);
    apply(...Array.from({ length: 100 }, (_, i) => change(world.nodes[i * 7], -i)));
    expect(live.visited - before).toBe(101);
    expect(apply(world.create('Note', { title: 'of no concern' }))).toBeUndefined();
    expect(live.visited - before).toBe(101);
  });
});

describe('a bad question', () => {
  const deep = (levels: number): unknown => (levels === 0 ? { field: 'state', is: 1 } : { not: deep(levels - 1) });
  const term = (where: unknown): unknown => ({ type: 'Task', where });
  it.each<[string, unknown, string]>([
    ['no object', [], 'The question is no object'],
    ['no type', {}, 'There is no type "undefined"'],
    ['an unknown type', { type: 'Taks' }, 'There is no type "Taks"; there are Folder, Note, Task'],
    ['a type of the prototype', { type: 'constructor' }, 'There is no type "constructor"'],
    ['no types', { type: [] }, 'names no type'],
    ['too many types', { type: Array(9).fill('Task') }, 'more than 8'],
    ['an unknown part', { type: 'Task', sort: 'due' }, 'knows no "sort"'],
    ['an unknown field', term({ field: 'dew', is: 1 }), 'Task has no field "dew"; there are @author'],
    ['a field of another type', { type: 'Note', where: { field: 'due', is: 1 } }, 'Note has no field "due"'],
    ['a field of the prototype', term({ field: '__proto__', is: 1 }), 'no field "__proto__"'],
    ['an order by nothing', { type: 'Task', order: [{ by: 'x' }] }, '"order": Task has no field "x"'],
    ['an order that is no list', { type: 'Task', order: { by: 'due' } }, '"order" is no list'],
    ['a direction that is no flag', { type: 'Task', order: [{ by: 'due', down: 1 }] }, 'neither true nor false'],
    ['a term that is text', term('open'), 'is no object'],
    ['an empty term', term({}), 'has one of and, or, not'],
    ['two terms in one', term({ field: 'due', under: 'x' }), 'has one of'],
    ['a comparison of nothing', term({ field: 'due' }), 'has one of is, among'],
    ['an unknown comparison', term({ field: 'due', like: 'x' }), 'knows no "like"'],
    ['a bound that is a list', term({ field: 'due', above: [1] }), '"above" is no number or text'],
    ['a bound that is null', term({ field: 'due', below: null }), '"below" is no number or text'],
    ['values that are no list', term({ field: 'due', among: 5 }), '"among" is no list'],
    ['too many values', term({ field: 'due', among: Array(1_001).fill(1) }), 'more than 1000 items'],
    ['a beginning that is no text', term({ field: 'title', starts: 5 }), '"starts" is no text'],
    ['a long beginning', term({ field: 'title', starts: 'x'.repeat(201) }), 'longer than 200'],
    ['terms too deep', term(deep(8)), 'nested deeper than 8'],
    ['too many terms', term({ or: Array(8).fill({ and: Array(8).fill(deep(0)) }) }), 'more than 64 terms'],
    ['too many paths', term({ or: Array(9).fill({ under: 'x' }) }), 'more than 8 paths'],
    ['a relation to nothing', term({ linked: 'depends_on' }), 'has a "to" or a "from"'],
    ['a relation both ways', term({ linked: 'depends_on', to: 'a', from: 'b' }), 'has a "to" or a "from"'],
    ['a limit of none', { type: 'Task', window: { limit: 0 } }, 'whole number from 1 to 10000'],
    ['too wide a window', { type: 'Task', window: { limit: 10_001 } }, 'whole number from 1 to 10000'],
    ['a broken offset', { type: 'Task', window: { offset: 1.5 } }, 'whole number'],
    ['an offset and an after', { type: 'Task', window: { offset: 1, after: 'x' } }, 'not both'],
    ['a strange "removed"', { type: 'Task', removed: 'yes' }, '"also" or "only"'],
    ['a group that is counted twice', { type: 'Task', group: 'state', count: true }, 'counts already'],
    ['a count in order', { type: 'Task', count: true, order: [] }, 'What is only counted'],
    ['a group with a window', { type: 'Task', group: 'state', window: { limit: 1 } }, 'What is only counted'],
  ])('is refused: %s', (_, asked, why) => {
    const checked = checkQuestion(asked, TYPES);
    expect(checked.ok ? 'taken' : checked.error).toContain(why);
  });

  it('is taken where all is known', () => {
    expect(
      checkQuestion(
        { type: 'Task', where: { and: [{ field: 'due', atLeast: 1 }, deep(2)] }, order: [{ by: '@updatedAt' }] },
        TYPES,
      ),
    ).toMatchObject({ ok: true, value: { type: ['Task'], limit: 1_000 } });
  });
});
