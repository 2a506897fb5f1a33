/** Names of people, over a graph of profiles that counts. */
import { describe, expect, it } from 'vitest';
import { byName } from '../../../src/base/called';
import { Names } from '../../../src/os/kernel/names';
import type { Space } from '../../../src/os/kernel/space';
import { PROFILE } from '../../../src/os/schema/system';
import type { ChangeSet, GraphNode } from '../../../src/vm/graph/engine';
import type { NodeId, SpaceId, UserId } from '../../../src/vm/op/ids';

const MANY = 10_000;
const userAt = (n: number) => n.toString(16).padStart(64, '0') as UserId;
const idAt = (n: number) => n.toString(16).padStart(32, '0') as NodeId;
const profile = (n: number, name: string, more: object = {}) =>
  ({
    id: idAt(n),
    type: PROFILE,
    author: userAt(n),
    deleted: false,
    updatedAt: 1,
    field: () => name,
    ...more,
  }) as unknown as GraphNode;

const crowd = (most: number) => {
  const nodes = new Map(Array.from({ length: most }, (_, n) => [idAt(n), profile(n, `Person ${n}`)]));
  const engine = { idsOfType: () => [...nodes.keys()], node: (id: NodeId) => nodes.get(id) };
  const space = { id: 's' as SpaceId, replica: { engine } } as unknown as Space;
  const names = new Names();
  const change = (node: GraphNode): void => {
    nodes.set(node.id, node);
    names.folded(space, { nodes: new Set([node.id]), types: new Set([PROFILE]) } as unknown as ChangeSet);
  };
  return { names, change, nameOf: (n: number) => names.person(space, userAt(n)).name };
};

describe('the names of a space', () => {
  it('of ten thousand are read once, and one again when it changes', () => {
    const { names, change, nameOf } = crowd(MANY);
    const all = () => Array.from({ length: MANY }, (_, n) => nameOf(n));
    expect(all()[9_999]).toBe('Person 9999');
    expect(names.read).toBe(MANY);
    change(profile(7, 'Ada', { updatedAt: 2 }));
    expect([all()[7], all()[8]]).toEqual(['Ada', 'Person 8']);
    expect(names.read).toBe(MANY + 1);
  });

  it('are what each said last, wherever they said it, until that is gone', () => {
    const { change, nameOf } = crowd(3);
    expect(nameOf(1)).toBe('Person 1');
    const elsewhere = profile(50, 'Later', { author: userAt(1), updatedAt: 9 });
    change(elsewhere);
    expect(nameOf(1)).toBe('Later');
    change(profile(1, 'Earlier', { updatedAt: 5 }));
    expect(nameOf(1)).toBe('Later');
    change({ ...elsewhere, deleted: true } as GraphNode);
    expect(nameOf(1)).toBe('Earlier');
    change(profile(1, '  ', { updatedAt: 10 }));
    expect([nameOf(1), nameOf(77)]).toEqual(['', '']);
  });

  it('stand in the order of the numbers in them, and none last', () => {
    const rows = ['🚤 110', '', '🚤 14', 'Ada', '🚤 102'].map((name) => ({ name }));
    expect(rows.sort(byName).map(({ name }) => name)).toEqual(['🚤 14', '🚤 102', '🚤 110', 'Ada', '']);
  });
});
