import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { orderBetween } from '../../../src/vm/graph/order';
import { compareMoves, MAX_TREE_DEPTH, type Move, Tree } from '../../../src/vm/graph/tree';
import { hlcOf } from '../../../src/vm/op/clock';
import type { EntryId, NodeId } from '../../../src/vm/op/ids';

const names = Array.from({ length: 8 }, (_, i) => `n${i}` as NodeId);
const placesOf = (tree: Tree) => names.map((node) => tree.place(node)?.parent);
const move = (node: NodeId, parent: NodeId | '', ms: number, entry = 'e'): Move => ({
  node,
  parent,
  order: 'V',
  hlc: hlcOf(ms),
  entry: entry as EntryId,
  index: 0,
});

const isUnderItself = (parents: ReadonlyMap<NodeId, NodeId | ''>, node: NodeId): boolean => {
  let above = parents.get(node);
  for (let steps = 0; above && above !== node && steps < names.length; steps++) above = parents.get(above);
  return above === node;
};

describe('the tree', () => {
  it('[T18] [TR1] is a forest, and the same for every order and split, on 4,000 random sets of moves', () => {
    const random = seededRandom(11);
    let skipped = 0;
    let closed = 0;
    for (let run = 0; run < 4_000; run++) {
      const moves = Array.from(
        { length: 2 + random.below(14) },
        (_, i): Move =>
          move(random.pick(names), random.below(5) === 0 ? '' : random.pick(names), random.below(6), `e${i}`),
      );
      const whole = new Tree();
      whole.insert(moves);
      const pieces = new Tree();
      const queue = random.shuffle(moves);
      while (queue.length > 0) pieces.insert(queue.splice(0, 1 + random.below(3)));
      expect(placesOf(pieces), `run ${run}`).toEqual(placesOf(whole));
      for (const node of names) {
        let above: NodeId | '' = node;
        for (let steps = 0; above !== ''; steps++) {
          if (steps > names.length) expect.fail(`run ${run}: a cycle over ${node}`);
          above = whole.place(above)?.parent ?? '';
        }
        const place = whole.place(node);
        if (place) expect(whole.under(place.parent).has(node)).toBe(true);
      }
      if (moves.some((each) => !names.some((node) => whole.place(node) === each))) skipped++;
      // The last move of each node, without a look at where the others stand.
      const last = new Map([...moves].sort(compareMoves).map(({ node, parent }) => [node, parent]));
      if (names.some((node) => isUnderItself(last, node))) closed++;
    }
    expect(skipped).toBeGreaterThan(1_000);
    expect(closed, 'without the rule').toBeGreaterThan(1_000);
  });

  it('[TR2] of two moves that would close a cycle the earlier holds', () => {
    const [a, b] = names as [NodeId, NodeId];
    const tree = new Tree();
    tree.insert([move(b, a, 2)]);
    expect(tree.place(b)?.parent).toBe(a);
    const changed = tree.insert([move(a, b, 1)]);
    expect([tree.place(a)?.parent, tree.place(b)]).toEqual([b, undefined]);
    expect([...changed].sort()).toEqual([a, b]);
  });

  it("[TR3] forgetting a node's moves lets those pass that they had made impossible", () => {
    const [a, b] = names as [NodeId, NodeId];
    const tree = new Tree();
    tree.insert([move(a, b, 1), move(b, a, 2)]);
    expect(tree.place(b)).toBeUndefined();
    tree.remove(a);
    expect([tree.place(a), tree.place(b)?.parent]).toEqual([undefined, a]);
  });

  it('[TR4] a chain grows no deeper than the limit', () => {
    const tree = new Tree();
    const node = (i: number): NodeId => `c${i}` as NodeId;
    const chain = Array.from({ length: MAX_TREE_DEPTH + 5 }, (_, i) => move(node(i + 1), node(i), i));
    tree.insert(chain);
    expect(chain.filter((each) => tree.place(each.node) !== each)).toEqual([chain[MAX_TREE_DEPTH]]);
  });
});

describe('the fractional index', () => {
  it('[OR1] finds a place between any two that it made, whatever the suffixes', () => {
    const random = seededRandom(5);
    const keys: string[] = [];
    for (let i = 0; i < 3_000; i++) {
      const at = random.below(keys.length + 1);
      const [below, above] = [keys[at - 1] ?? '', keys[at] ?? ''];
      const key = orderBetween(below, above, random.pick(['a1', '00', '', 'zZ', '-']));
      expect(key > below && (above === '' || key < above), `${below} < ${key} < ${above}`).toBe(true);
      keys.splice(at, 0, key);
    }
  });

  it('[OR2] appending 1,000 times, or always at the front, keeps keys short', () => {
    let [last, first] = ['', ''];
    for (let i = 0; i < 1_000; i++) last = orderBetween(last, '', 'ab');
    expect(last.length).toBeLessThan(200);
    first = last;
    for (let i = 0; i < 100; i++) first = orderBetween('', first, 'ab');
    expect(first.length).toBeLessThan(100);
  });

  it("[OR3] gives a key above `a` also where nothing fits, for keys of others' making", () => {
    for (const [a, b] of [
      ['V', 'V0'],
      ['b', 'a'],
      ['é', 'ü'],
      ['a', 'a'],
    ] as const)
      expect(orderBetween(a, b, 'x') > a).toBe(true);
  });
});
