/**
 * Attacks on how work that was done at once is merged: ties, dates, circles, deletions, floods, text in another's name.
 * Each is also run on a node from which the test has taken the rule.
 */
import { afterEach, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { toHex } from '../../src/base/bytes';
import { decode, encode, list } from '../../src/base/codec';
import { seededRandom } from '../../src/base/random';
import { graphModule } from '../../src/platform/engine';
import type { Engine, FoldEntry } from '../../src/vm/graph/engine';
import { createStore } from '../../src/vm/graph/store/store';
import { FRAGMENT } from '../../src/vm/graph/text';
import type { Move } from '../../src/vm/graph/tree';
import { bodyCodec, MAX_OPS, type Op, opCodec, opIdOf } from '../../src/vm/op/body';
import { hlcOf } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
import { contentShardOf, type NodeId } from '../../src/vm/op/ids';
import { Causality } from '../support/fold/causal';
import { createFold } from '../support/fold/fold';
import { NodeState } from '../support/fold/node';
import type { Author } from '../support/insider';
import { type Stage, stage } from '../support/stage';
import { dateless, roleless, type Weaken } from '../support/weak';
import { Device, OPEN, paragraph, Twin } from '../vm/graph/world';

/** `rule`: one that the product has in its module; what is taken away is then taken from the fold that it equals. */
const without = vi.hoisted(() => ({ ties: false, circles: false, owners: false, rule: false }));
vi.mock('../../src/vm/graph/field', async (load) => {
  const sound = await load<typeof import('../../src/vm/graph/field')>();
  /** At equal stamps whatever came later. */
  const compare: typeof sound.compare = (a, b) => (without.ties && a.hlc === b.hlc ? 1 : sound.compare(a, b));
  return { ...sound, compare };
});
vi.mock('../../src/vm/graph/tree', async (load) => {
  const sound = await load<typeof import('../../src/vm/graph/tree')>();
  /** The last move of each node holds, wherever the others stand. */
  class Heedless extends sound.Tree {
    readonly #last = new Map<NodeId, Move>();
    override insert(moves: readonly Move[]): ReadonlySet<NodeId> {
      for (const move of moves) {
        const known = this.#last.get(move.node);
        if (!known || sound.compareMoves(move, known) > 0) this.#last.set(move.node, move);
      }
      return new Set(moves.map(({ node }) => node));
    }
    override place(node: NodeId): Move | undefined {
      return this.#last.get(node);
    }
    override under(parent: NodeId | ''): ReadonlySet<NodeId> {
      return new Set([...this.#last.values()].filter((move) => move.parent === parent).map(({ node }) => node));
    }
    override parents(): Iterable<NodeId | ''> {
      return new Set([...this.#last.values()].map(({ parent }) => parent));
    }
  }
  const Tree = function make() {
    return without.circles ? new Heedless() : new sound.Tree();
  } as unknown as typeof sound.Tree;
  return { ...sound, Tree };
});
vi.mock('../../src/vm/graph/update', async (load) => {
  const sound = await load<typeof import('../../src/vm/graph/update')>();
  const { decodeUpdateV2 } = await import('yjs');
  /** Text is whoever's it says. */
  const parseUpdate: typeof sound.parseUpdate = (bytes, client) =>
    sound.parseUpdate(bytes, without.owners ? (decodeUpdateV2(bytes).structs[0]?.id.client ?? client) : client);
  return { ...sound, parseUpdate };
});
afterEach(() => {
  Object.assign(without, { ties: false, circles: false, owners: false, rule: false });
  vi.restoreAllMocks();
});

const MODULE = graphModule();
const fold = (entries: readonly FoldEntry[]): Engine => {
  const engine = without.ties || without.rule ? createFold(OPEN) : createStore(MODULE, OPEN);
  for (const entry of entries) engine.apply([entry]);
  return engine;
};
const hashOf = (engine: Engine): string => toHex(engine.stateHash([]).space);
const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) =>
        permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
      );
const setTitle = (node: NodeId, value: string): Op => ({
  type: 'fieldSet',
  node,
  key: 'title',
  value: JSON.stringify(value),
});

// --- Fields ----------------------------------------------------------------------------------------------------------

/** Eve dates her title to the very moment of Ann's, with a text that wins the tie. Each order in which the two come. */
const grind = () => {
  const [ann, eve] = [new Device('ann'), new Device('eve')];
  const task = ann.born();
  const first = ann.write([task], 1);
  const hers = ann.write([setTitle(task.node, 'honest')], 10);
  const ground = eve.write([setTitle(task.node, 'zzz')], hers.hlc - hlcOf(0));
  expect(ground.hlc).toBe(hers.hlc);
  const seen = permutations([first, hers, ground]).map((order) => {
    const engine = fold(order);
    const title = engine.node(task.node)?.fieldState('title');
    return `${title?.value} over ${title?.losers.map(({ json }) => json)} ${hashOf(engine)}`;
  });
  // Who has read it and writes on is later than both: to grind against them is to be late.
  const answer = ann.write([setTitle(task.node, 'honest')], 11, { knowing: [ground] });
  return {
    states: [...new Set(seen)],
    after: fold([first, hers, ground, answer]).node(task.node)?.fieldState('title'),
  };
};

test('[T16] a tie ground at the same moment is won alike everywhere, and the loser stays in sight', () => {
  const sound = grind();
  expect(sound.states.map((state) => state.slice(0, -65))).toEqual(['zzz over "honest"']);
  expect([sound.after?.value, sound.after?.losers]).toEqual(['honest', []]);
  without.ties = true;
  expect(grind().states.length, 'whoever comes last holds').toBeGreaterThan(1);
  without.ties = false;
  without.rule = true;
  vi.spyOn(Causality.prototype, 'precedes').mockReturnValue(true);
  expect(
    grind().states.map((state) => state.slice(0, -65)),
    'it is gone without a word',
  ).toEqual(['zzz over ']);
});

test('[T16] ground from many logs at once, a value leaves the four losers that are listed, and not the history', () => {
  const ann = new Device('ann');
  const task = ann.born();
  const entries = [ann.write([task], 1), ann.write([setTitle(task.node, 'honest')], 10)];
  for (let i = 0; i < 6; i++) entries.push(new Device(`eve ${i}`).write([setTitle(task.node, `zz${i}`)], 10));
  const engine = fold(entries);
  const title = engine.node(task.node)?.fieldState('title');
  expect([title?.value, title?.losers.map(({ json }) => json)]).toEqual(['zz5', ['"zz4"', '"zz3"', '"zz2"', '"zz1"']]);
  expect(engine.history(task.node).map(({ json }) => json)).toContain('"honest"');
});

// --- Dates -----------------------------------------------------------------------------------------------------------

/** A Member who has read the Admin's title dates their own before it, and before what they wrote themselves. */
const dateBack = async (weaken?: Weaken) => {
  const here = await stage(weaken);
  const { authors, document, give, set, tab } = here;
  const mine = await set(authors.member, 'title', 'First');
  const agreed = await set(authors.admin, 'title', 'Agreed');
  await give(mine, agreed);
  const got: unknown[] = [];
  const attempt = async (value: string, fields: Parameters<Stage['set']>[3]) => {
    const entry = await set(authors.member, 'title', value, fields);
    const told = await give(entry);
    got.push([...told.tab, ...told.beacon]);
    if (told.tab[0] !== 'admitted') authors.member.forget(entry);
  };
  await attempt('Of the same moment', { hlc: mine.header.hlc });
  await attempt('Of long ago', { hlc: hlcOf(1_000) });
  await attempt('Agreed to before', { hlc: hlcOf(2_000), deps: [agreed.id] });
  const titles = tab.space.replica.engine.history(document).filter(({ key }) => key === 'title');
  return { got, order: titles.map(({ json }) => JSON.parse(json ?? '')), here };
};

test('[T17] an entry dated before what it follows or names is refused by tab and beacon alike', async () => {
  const refused = Array(2).fill('refused clockBackwards');
  const { here, ...sound } = await dateBack();
  expect(sound).toEqual({ got: [refused, refused, refused], order: ['Plan', 'First', 'Agreed'] });
  const open = await dateBack(dateless);
  const taken = Array(2).fill('admitted');
  expect(open.got).toEqual([taken, taken, taken]);
  // What was said last stands in the history as if it had been said first.
  expect(open.order.slice(0, 2)).toEqual(['Of long ago', 'Agreed to before']);

  // In a log begun anew nothing comes before: what is dated back there loses to all that stands.
  const anew = await here.set(here.authors.member, 'title', 'Anew', { incarnation: 5, hlc: hlcOf(1_000) });
  expect(await here.give(anew)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  expect(here.shown('title')).toBe('Agreed');
});

// --- Places ----------------------------------------------------------------------------------------------------------

const move = (node: NodeId, parent: NodeId | ''): Op => ({ type: 'move', node, parent, order: 'V' });
const reached = (engine: Engine, parent: NodeId | '' = '', depth = 0): number =>
  depth > 20 ? 0 : engine.children(parent).reduce((sum, { id }) => sum + 1 + reached(engine, id, depth + 1), 0);

/** Five people move, delete and restore eight folders at once; how many that stand cannot be found from the top. */
const shuffleAbout = (seed: number) => {
  const random = seededRandom(seed);
  const people = Array.from({ length: 5 }, (_, i) => new Device(`p${i}`, 'admin'));
  const [ann] = people as [Device];
  const born = Array.from({ length: 8 }, () => ann.born('Folder'));
  const nodes = born.map(({ node }) => node);
  const entries = [ann.write([...born, ...nodes.map((node) => move(node, ''))], 1)];
  for (let i = 0; i < 16; i++) {
    const node = random.pick(nodes);
    const op: Op = random.below(8) === 0 ? { type: 'nodeDel', node } : move(node, random.pick(nodes));
    entries.push(random.pick(people).write([op], 10 + random.below(6)));
  }
  const engine = fold(entries);
  const standing = nodes.filter((node) => engine.node(node)?.deleted === false).length;
  const same = hashOf(fold(random.shuffle(entries))) === hashOf(engine);
  return { lost: standing - reached(engine), same };
};

test('[T18] folders moved into one another or into what is deleted, at once: all that stands is found from the top', () => {
  const [ann, bob] = [new Device('ann'), new Device('bob')];
  const [a, b] = [ann.born('Folder'), ann.born('Folder')];
  const entries = [
    ann.write([a, b, move(a.node, ''), move(b.node, '')], 1),
    ann.write([move(a.node, b.node)], 10),
    bob.write([move(b.node, a.node)], 11),
  ];
  expect(new Set(permutations(entries).map((order) => hashOf(fold(order)))).size).toBe(1);
  expect(reached(fold(entries))).toBe(2);
  const sound = Array.from({ length: 150 }, (_, seed) => shuffleAbout(seed));
  expect(sound.filter(({ lost, same }) => lost !== 0 || !same)).toEqual([]);
  without.circles = true;
  expect(reached(fold(entries)), 'both are out of reach, and all that stands in them').toBe(0);
  expect(Array.from({ length: 50 }, (_, seed) => shuffleAbout(seed)).some(({ lost }) => lost > 0)).toBe(true);
});

// --- Deletions -------------------------------------------------------------------------------------------------------

/** Ann deletes a folder while Bob, who is away, goes on writing it, its place, its text and what stands in it. */
const comeBackLate = () => {
  const [ann, bob] = [new Device('ann', 'admin'), new Device('bob')];
  const page = ann.born('Document');
  const first = ann.write([page, move(page.node, ''), setTitle(page.node, 'Old')], 1);
  const deletion = ann.write([{ type: 'nodeDel', node: page.node }], 10);
  const twin = new Twin(bob, page.node);
  const note = bob.born('Document');
  const late = [
    bob.write([setTitle(page.node, 'Mine'), move(page.node, ''), note, move(note.node, page.node)], 100),
    bob.write(
      twin.ops((fragment) => fragment.insert(0, [paragraph('still here')])),
      101,
      { shard: twin.shard },
    ),
  ];
  const states = permutations([first, deletion, ...late]).map((order) => {
    const engine = fold(order);
    const top = engine.children('').map(({ id }) => (id === page.node ? 'page' : 'note'));
    return `${engine.node(page.node)?.deleted} ${top} ${hashOf(engine)}`;
  });
  const lifted = ann.write([{ type: 'nodeRestore', node: page.node, deletions: [opIdOf(deletion.id, 0)] }], 200);
  const back = fold([first, deletion, ...late, lifted]);
  return {
    states: [...new Set(states)].map((state) => state.slice(0, -65)),
    back: [back.node(page.node)?.field('title'), back.documentText(page.node)],
  };
};

test('[T19] what somebody who was away wrote on something deleted does not bring it back, and is not lost either', () => {
  expect(comeBackLate()).toEqual({ states: ['true note'], back: ['Mine', 'still here'] });
  // Where the last word holds, whoever was away undoes the deletion without a word.
  without.rule = true;
  vi.spyOn(NodeState.prototype, 'deleted', 'get').mockImplementation(function lastWord(this: NodeState) {
    const dates = this.marks.filter(({ op }) => op.type === 'nodeDel').map(({ stamp }) => stamp.hlc);
    return this.deletions.length > 0 && this.updatedAt <= Math.max(...dates);
  });
  expect(comeBackLate().states.every((state) => state.startsWith('false'))).toBe(true);
});

// --- Floods ----------------------------------------------------------------------------------------------------------

test('[T20] an entry adds at most 256 edges, and an Admin takes a flood away with as many entries, but not what came at once', () => {
  const [eve, boss, ann] = [new Device('eve'), new Device('boss', 'admin'), new Device('ann')];
  const task = ann.born();
  const add = (to: string): Op => ({ type: 'edgeAdd', from: task.node, relation: 'about', to, value: 'true' });
  const many = Array.from({ length: MAX_OPS + 1 }, (_, i) => add(`${i}`));
  const unbounded = list(opCodec, 2 ** 20);
  expect(() => encode(bodyCodec, many)).toThrow('at most 256');
  expect(decode(bodyCodec, encode(unbounded, many)).ok).toBe(false);
  expect(decode(unbounded, encode(unbounded, many)).ok, 'without the bound').toBe(true);

  const FLOOD = 80;
  const entries = Array.from({ length: FLOOD }, (_, i) =>
    eve.write(
      Array.from({ length: MAX_OPS }, (_, j) => add(`${i} ${j}`)),
      10 + i,
    ),
  );
  const engine = fold([ann.write([task], 1), ...entries]);
  expect(engine.counts().edges).toBe(FLOOD * MAX_OPS);
  const tags = engine.edgesFrom(task.node).map(({ tag }) => tag);
  engine.apply([ann.write([add('honest')], 200)]);
  for (let i = 0; i < FLOOD; i++)
    engine.apply([boss.write([{ type: 'edgeDel', tags: tags.slice(i * MAX_OPS, (i + 1) * MAX_OPS) }], 300 + i)]);
  expect(engine.edgesFrom(task.node).map(({ to }) => to)).toEqual(['honest']);
});

// --- Text ------------------------------------------------------------------------------------------------------------

const textIn = (fragment: Y.XmlFragment) => (fragment.get(0) as Y.XmlElement).get(0) as Y.XmlText;
const updatesOf = (entries: readonly FoldEntry[]) =>
  entries.flatMap((entry) => entry.ops.flatMap((op) => (op.type === 'textUpdate' ? [op.update] : [])));

/** Eve takes the clocks that Ann's next words will have, and signs as herself. */
const writeAsAnother = () => {
  const [ann, eve] = [new Device('ann'), new Device('eve')];
  const page = ann.born('Document');
  const twin = new Twin(ann, page.node);
  const { shard } = twin;
  const typed = ann.write(
    twin.ops((fragment) => fragment.insert(0, [paragraph('hello')])),
    2,
    { shard },
  );
  const stolen = new Twin(eve, page.node);
  stolen.receive(updatesOf([typed]));
  stolen.doc.clientID = twin.doc.clientID;
  const forged = eve.write(
    stolen.ops((fragment) => textIn(fragment).insert(5, ' EVIL')),
    3,
    { shard },
  );
  const own = ann.write(
    twin.ops((fragment) => textIn(fragment).insert(5, ' mine')),
    4,
    { shard },
  );
  const orders = permutations([ann.write([page], 1), typed, forged, own]);
  return [...new Set(orders.map((order) => fold(order).documentText(page.node)))];
};

test("[T21] text under another's client is void; taken, it would stand in the place of their own, and replicas apart", () => {
  expect(writeAsAnother()).toEqual(['hello mine']);
  without.owners = true;
  const taken = writeAsAnother();
  expect(taken.length, 'replicas stay apart').toBeGreaterThan(1);
  expect(
    taken.filter((text) => text.includes('EVIL') && !text.includes('mine')),
    `${taken}`,
  ).not.toEqual([]);
});

/** Somebody deletes all that a Member wrote, by an update that brings nothing but deletions. */
const launder = async (who: 'guest' | 'admin', entryClass: Entry['header']['class'], weaken?: Weaken) => {
  const here = await stage(weaken);
  const { authors, people, document, tab, give, write, id } = here;
  const shard = contentShardOf(id, document);
  const twinOf = ({ me }: Author) => new Twin({ id: me.device } as Device, document);
  const typed = twinOf(authors.member).ops((fragment) => fragment.insert(0, [paragraph('hello')]));
  expect((await give(await write(authors.member, typed, { shard }))).tab).toEqual(['admitted']);
  const twin = twinOf(authors[who]);
  twin.receive(typed.map(({ update }) => update));
  const wiped = twin.ops((fragment) => fragment.delete(0, 1));
  const told = await give(await write(authors[who], wiped, { shard, class: entryClass }));
  const { engine } = tab.space.replica;
  const by = engine.history(document).findLast(({ type }) => type === 'text')?.author;
  return {
    got: [...told.tab, ...told.beacon],
    text: engine.documentText(document),
    by: Object.entries(people).find(([, { user }]) => user === by)?.[0],
  };
};

test("[T23] a Guest deletes nobody's text, whatever class they declare; of who may, the deletion bears the name", async () => {
  expect(await launder('guest', 'content')).toEqual({
    got: ['refused notAllowed', 'refused notAllowed'],
    text: 'hello',
    by: 'member',
  });
  // A beacon cannot see what the annotation holds; whoever can holds it void.
  const passed = { got: ['admitted', 'admitted'], text: 'hello', by: 'member' };
  expect(await launder('guest', 'annotation')).toEqual(passed);
  expect(await launder('admin', 'content')).toEqual({ got: ['admitted', 'admitted'], text: '', by: 'admin' });
  expect(await launder('guest', 'content', roleless)).toMatchObject({ got: ['admitted', 'admitted'], text: '' });
});

test('[T27] a snapshot that one member signs says nothing about a text: it is what the updates make of it', () => {
  const [ann, eve] = [new Device('ann'), new Device('eve')];
  const page = ann.born('Document');
  const twin = new Twin(ann, page.node);
  const typed = ann.write(
    twin.ops((fragment) => fragment.insert(0, [paragraph('hello')])),
    2,
    { shard: twin.shard },
  );
  // All of a text, as a checkpoint would carry it, but not the text that there is.
  const forged = new Twin(eve, page.node);
  forged.ops((fragment) => fragment.insert(0, [paragraph('EVIL')]));
  const bytes = Y.encodeStateAsUpdateV2(forged.doc);
  const believer = new Y.Doc();
  Y.applyUpdateV2(believer, bytes);
  expect(believer.getXmlFragment(FRAGMENT).toString(), 'whoever takes it at its word').toContain('EVIL');
  let tried = 0;
  for (let kind = 0; kind < 64; kind++) {
    const read = decode(opCodec, encode(opCodec, { type: 'unknown', kind, bytes }));
    if (!read.ok || read.value.type !== 'unknown') continue;
    tried++;
    const snapshot = eve.write([read.value], 3, { shard: twin.shard });
    for (const order of permutations([ann.write([page], 1), typed, snapshot]))
      expect(fold(order).documentText(page.node)).toBe('hello');
  }
  expect(tried).toBeGreaterThan(50);
});
