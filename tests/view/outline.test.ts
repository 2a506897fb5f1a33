import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { droppedAt, type Edge, movedBy, type Row, shownOf } from '../../src/view/shell/sidebar/outline';

const row = (id: string, parent: string | null = null, depth = 0): Row => ({ id, parent, depth });
/** A; B with B1 (with B1a) and B2; C. */
const TREE = [row('A'), row('B'), row('B1', 'B', 1), row('B1a', 'B1', 2), row('B2', 'B', 1), row('C')];
const open = shownOf(TREE, new Set());
const drop = (id: string, target: string, edge: Edge) =>
  droppedAt(
    TREE,
    id,
    target,
    edge,
    open.some((each) => each.id === target && each.open === true),
  );

describe('the tree of the sidebar', () => {
  test('what lies in folded rows is not shown, and who holds nothing is not foldable', () => {
    expect(open.map((each) => [each.id, each.open])).toEqual([
      ['A', null],
      ['B', true],
      ['B1', true],
      ['B1a', null],
      ['B2', null],
      ['C', null],
    ]);
    expect(shownOf(TREE, new Set(['B1', 'gone'])).map(({ id }) => id)).toEqual(['A', 'B', 'B1', 'B2', 'C']);
    expect(shownOf(TREE, new Set(['B', 'B1'])).map(({ id }) => id)).toEqual(['A', 'B', 'C']);
  });

  test('keys move a row among its siblings, into the one before and out beside its parent', () => {
    expect(movedBy(TREE, 'C', 'up')).toEqual({ parent: null, after: 'A' });
    expect(movedBy(TREE, 'A', 'up')).toBeNull();
    expect(movedBy(TREE, 'A', 'down')).toEqual({ parent: null, after: 'B' });
    expect(movedBy(TREE, 'B2', 'down')).toBeNull();
    expect(movedBy(TREE, 'C', 'in')).toEqual({ parent: 'B', after: 'B2' });
    expect(movedBy(TREE, 'B1', 'in')).toBeNull();
    expect(movedBy(TREE, 'B1a', 'out')).toEqual({ parent: 'B', after: 'B1' });
    expect(movedBy(TREE, 'C', 'out')).toBeNull();
    expect(movedBy(TREE, 'gone', 'down')).toBeNull();
  });

  test('a drop puts it before, inside or after; under an open row it becomes the first inside', () => {
    expect(drop('C', 'A', 'before')).toEqual({ parent: null, after: null });
    expect(drop('A', 'B1', 'inside')).toEqual({ parent: 'B1', after: 'B1a' });
    expect(drop('A', 'B', 'after')).toEqual({ parent: 'B', after: null });
    expect(drop('A', 'B2', 'after')).toEqual({ parent: 'B', after: 'B2' });
  });

  test('a drop that would change nothing, or go into itself, is none', () => {
    expect(drop('B', 'B1a', 'inside')).toBeNull();
    expect(drop('B', 'B', 'after')).toBeNull();
    expect(drop('B', 'C', 'before')).toBeNull();
    expect(drop('B2', 'B', 'inside')).toBeNull();
  });

  test('no row is ever offered a place inside of itself', () => {
    const trees = fc.array(fc.nat(20), { minLength: 2, maxLength: 20 }).map((parents) => {
      const children = new Map<number, number[]>();
      parents.forEach((to, i) => {
        const parent = (to % (i + 1)) - 1;
        children.set(parent, [...(children.get(parent) ?? []), i]);
      });
      const rows: Row[] = [];
      const add = (parent: number, depth: number): void => {
        for (const child of children.get(parent) ?? []) {
          rows.push(row(String(child), parent < 0 ? null : String(parent), depth));
          add(child, depth + 1);
        }
      };
      add(-1, 0);
      return rows;
    });
    fc.assert(
      fc.property(trees, fc.nat(), fc.nat(), fc.constantFrom<Edge>('before', 'inside', 'after'), (rows, a, b, edge) => {
        const [id, target] = [rows[a % rows.length]?.id ?? '', rows[b % rows.length]?.id ?? ''];
        const spots = [
          ...[true, false].map((isOpen) => droppedAt(rows, id, target, edge, isOpen)),
          ...(['up', 'down', 'in', 'out'] as const).map((way) => movedBy(rows, id, way)),
        ];
        for (const spot of spots)
          for (let at = spot?.parent; at; at = rows.find((each) => each.id === at)?.parent) expect(at).not.toBe(id);
      }),
      { numRuns: 60 },
    );
  });
});
