/** What is told of single objects to whoever cannot read the outline. */
import { expect, test } from 'vitest';
import { withCovers } from '../../../src/os/kernel/covers';
import { COVER } from '../../../src/os/schema/system';
import type { Op } from '../../../src/vm/op/body';
import { contentShardOf, type NodeId } from '../../../src/vm/op/ids';
import { stage } from '../../support/stage';

const coverOf = (made: { node: NodeId; op: Op }, object: NodeId, title: string): Op[] => [
  made.op,
  ...Object.entries({ object, title, kind: 'Document' }).map(
    ([key, value]): Op => ({ type: 'fieldSet', node: made.node, key, value: JSON.stringify(value) }),
  ),
];

test('[CV1] [CV2] a cover stands for its object from its own part alone, and not where the outline has it', async () => {
  const { id, authors, document, write, give, tab } = await stage();
  const { replica } = tab.space;
  const unseen = 'ab'.repeat(16) as NodeId;
  const elsewhere = { shard: contentShardOf(id, document) };
  await give(
    await write(authors.member, coverOf(authors.member.newNode(COVER), unseen, 'From elsewhere'), elsewhere),
    await write(authors.member, coverOf(authors.member.newNode(COVER), document, 'Not the plan'), elsewhere),
  );
  expect([...replica.engine.nodesOfType(COVER)]).toHaveLength(2);
  expect(withCovers(tab.space).node(unseen)).toBeUndefined();
  expect(withCovers(tab.space).node(document)?.field('title')).toBe('Plan');
  const own = { shard: contentShardOf(id, unseen), incarnation: 1 };
  const cover = coverOf(authors.member.newNode(COVER, 1), unseen, 'From its part');
  expect(await give(await write(authors.member, cover, own))).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  expect(withCovers(tab.space).node(unseen)?.field('title')).toBe('From its part');
});
