/** What a change of a graph means to queries that read more than its nodes. */
import { expect, test } from 'vitest';
import { topicsIn } from '../../../src/os/kernel/changes';
import type { Space } from '../../../src/os/kernel/space';
import { createFold } from '../../support/fold/fold';
import { Device, OPEN, OUTLINE, SPACE } from '../../vm/graph/world';

/** The topics of the change that comes with a first node of a type. */
const toldOf = (type: string): readonly string[] => {
  const ann = new Device('ann');
  const engine = createFold(OPEN);
  const changes = engine.apply([ann.write([ann.born(type)], 1, { shard: OUTLINE })]);
  return topicsIn({ id: SPACE, replica: { engine } } as unknown as Space, changes);
};

test('whatever may tell the title of a space reaches the list of spaces, a cover too', () => {
  expect(toldOf('Space')).toContain('spaces');
  expect(toldOf('Cover')).toContain('spaces');
  expect(toldOf('Document')).not.toContain('spaces');
});
