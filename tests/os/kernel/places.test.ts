import { expect, test } from 'vitest';
import type { PlacesAnswer } from '../../../src/bridge/messages';
import {
  answerOf,
  createReplica,
  deliver,
  idFrom,
  idOf,
  type Replica,
  SPACE,
  ticking,
  whyNot,
} from '../../support/view';

const make = (replica: Replica, title: string) => idOf(replica.run('editor.createDocument', { spaceId: SPACE, title }));
const places = (replica: Replica) => {
  const { favourites, recent } = answerOf<PlacesAnswer>(replica.query('os.places', {}));
  return [favourites.map(({ title }) => title), recent.map(({ title }) => title)];
};

test('favourites stand in the order in which they are put, and follow the person to another device', () => {
  const clock = ticking();
  const [desk, phone] = [createReplica({ name: 'Ann', clock }), createReplica({ name: 'Ann', device: 'phone', clock })];
  const [a, b, c] = [make(desk, 'A'), make(desk, 'B'), make(desk, 'C')];
  for (const id of [a, b, c]) desk.run('os.star', { id, on: true });
  expect(places(desk)[0]).toEqual(['A', 'B', 'C']);
  desk.run('os.star', { id: c, on: true, after: a });
  desk.run('os.star', { id: c, on: true, first: true });
  desk.run('os.star', { id: a, on: true });
  expect(places(desk)[0]).toEqual(['C', 'A', 'B']);
  desk.run('os.star', { id: c, on: true, after: a });
  desk.run('os.star', { id: b, on: false });
  deliver(desk, phone);
  expect(places(phone)[0]).toEqual(['A', 'C']);
  phone.run('os.star', { id: b, on: true });
  deliver(phone, desk);
  expect(places(desk)[0]).toEqual(['A', 'C', 'B']);
});

test('what is removed leaves the favourites and is back when it is restored; what is no place never comes in', () => {
  const ann = createReplica({ name: 'Ann', clock: ticking() });
  const a = make(ann, 'A');
  ann.run('os.star', { id: a, on: true });
  ann.run('editor.remove', { documentId: a });
  expect(places(ann)[0]).toEqual([]);
  ann.run('editor.restore', { documentId: a });
  expect(places(ann)[0]).toEqual(['A']);
  expect(whyNot(ann.run('os.star', { id: idFrom('nothing').slice(32), on: true }))).toBe('notFound');
});

test('the last eight places are kept, the newest first, each once', () => {
  const ann = createReplica({ name: 'Ann', clock: ticking() });
  const ids = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'].map((title) => make(ann, title));
  for (const id of [...ids, ids[3]]) ann.run('os.visited', { id });
  expect(places(ann)[1]).toEqual(['D', 'I', 'H', 'G', 'F', 'E', 'C', 'B']);
});

test('what was folded stays so, space by space', () => {
  const ann = createReplica({ name: 'Ann', clock: ticking() });
  const folded = (spaceId: string) => answerOf(ann.query('os.folded', { spaceId }));
  ann.run('os.fold', { spaceId: SPACE, name: 'channels', on: true });
  ann.run('os.fold', { spaceId: SPACE, name: 'x', on: true });
  ann.run('os.fold', { spaceId: SPACE, name: 'channels', on: false });
  expect([folded(SPACE), folded(ann.personalSpace)]).toEqual([['x'], []]);
  expect(whyNot(ann.run('os.fold', { spaceId: idFrom('other'), name: 'x', on: true }))).toBe('notFound');
});
