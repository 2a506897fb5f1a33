/** In which order entries leave, by their parts and times alone. */
import { expect, test } from 'vitest';
import { Outgoing } from '../../../src/os/kernel/outgoing';
import type { Entry } from '../../../src/vm/op/entry';
import type { EntryId, ShardId } from '../../../src/vm/op/ids';

const entry = (name: string, hlc: number): Entry =>
  ({ id: `${name}${hlc}` as EntryId, header: { shard: name as ShardId, hlc } }) as unknown as Entry;
const several = (name: string, count: number, from = 1): Entry[] =>
  Array.from({ length: count }, (_, i) => entry(name, from + i));
const outgoing = (...entries: readonly Entry[]): Outgoing => {
  const made = new Outgoing(['acl', 'outline'] as ShardId[]);
  made.add(entries);
  return made;
};
const leave = (from: Outgoing, most = Number.POSITIVE_INFINITY): readonly string[] => {
  const ids: string[] = [];
  for (let i = 0; i < most; i++) {
    const next = from.take();
    if (!next) break;
    ids.push(next.id);
  }
  return ids;
};

test('[SY3] what leads leaves first, and each part in the order of its times', () => {
  const out = outgoing(entry('chat', 2), entry('outline', 9), entry('chat', 1), entry('acl', 8), entry('acl', 7));
  expect(leave(out)).toEqual(['acl7', 'acl8', 'outline9', 'chat1', 'chat2']);
  expect(out.size).toBe(0);
});

test('[SY3] of other parts the one leaves first in which the oldest waits', () => {
  const out = outgoing(...several('archive', 3, 10), ...several('plan', 2, 500));
  expect(leave(out, 2)).toEqual(['archive10', 'archive11']);
  out.add(several('early', 1));
  expect(leave(out)).toEqual(['early1', 'archive12', 'plan500', 'plan501']);
});

test('[SY3] what the other side has open leaves before all other parts, however much of it there is', () => {
  const out = outgoing(...several('archive', 100), ...several('plan', 2, 500), entry('acl', 1));
  out.look(['plan'] as ShardId[]);
  expect(leave(out, 4)).toEqual(['acl1', 'plan500', 'plan501', 'archive1']);
});

test('[SY3] of what is open the part leaves first in which the least waits', () => {
  const out = outgoing(...several('archive', 3), ...several('plan', 2, 500), entry('other', 1));
  out.look(['archive', 'plan'] as ShardId[]);
  expect(leave(out)).toEqual(['plan500', 'plan501', 'archive1', 'archive2', 'archive3', 'other1']);
});

test('[LA1] [LA4] what is open counts in place of what was, also amid what leaves, and all leaves in the end', () => {
  const out = outgoing(...several('archive', 2), ...several('plan', 2, 500), ...several('chat', 2, 700));
  out.look(['chat'] as ShardId[]);
  expect(leave(out, 1)).toEqual(['chat700']);
  out.look(['plan'] as ShardId[]);
  expect(leave(out)).toEqual(['plan500', 'plan501', 'archive1', 'archive2', 'chat701']);
});

test('what waits is not taken twice', () => {
  const out = outgoing(entry('chat', 1));
  out.add([entry('chat', 1), entry('chat', 2)]);
  expect([out.size, out.has('chat1' as EntryId)]).toEqual([2, true]);
  expect(leave(out)).toEqual(['chat1', 'chat2']);
});

test('what is to stay behind does not leave, and may be added again', () => {
  const out = outgoing(...several('chat', 3), entry('plan', 1));
  out.keep(({ id }) => id === 'chat2');
  expect([out.size, out.has('plan1' as EntryId)]).toEqual([1, false]);
  out.add([entry('plan', 1)]);
  expect([...leave(out)].sort()).toEqual(['chat2', 'plan1']);
});
