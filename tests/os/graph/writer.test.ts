import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/base/codec';
import { settingsOf } from '../../../src/os/graph/settings';
import type { DraftWriter } from '../../../src/os/graph/writer';
import { bodyCodec, MAX_BODY, MAX_OPS, type Op } from '../../../src/vm/op/body';
import { contentShardOf, outlineShardOf } from '../../../src/vm/op/ids';
import { createReplica, deliver, idFrom, idOf, type Replica, SPACE, ticking } from '../../support/view';

const draftsOf = (writer: DraftWriter, space = SPACE) => writer.drafts().get(space) ?? [];
const opsOf = (writer: DraftWriter): readonly Op[] => draftsOf(writer).flatMap((draft) => draft.ops);

const solo = () => {
  const ann = createReplica({ name: 'Ann', clock: ticking() });
  const channel = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
  return { ann, channel };
};

describe('a writer', () => {
  it('puts outline types into the outline, contained ones into the shard of their container, and what may be erased into a draft of its own', () => {
    const { ann } = solo();
    const writer = ann.writer();
    const channel = writer.create(SPACE, 'Channel', { title: 'x' }, { parent: '' });
    writer.create(SPACE, 'Message', { text: 'one' }, { container: channel });
    writer.create(SPACE, 'Message', { text: 'two' }, { container: channel });
    for (const id of ['a', 'b']) writer.create(SPACE, 'Verdict', { suggestion: id }, { container: channel });
    writer.set(channel, 'topic', 'made here, not in the graph yet');
    expect(draftsOf(writer).map((draft) => [draft.shard, draft.class, draft.ops.map((op) => op.type)])).toEqual([
      [outlineShardOf(SPACE), 'content', ['nodeNew', 'move', 'fieldSet', 'fieldSet']],
      [contentShardOf(SPACE, channel), 'content', ['nodeNew', 'fieldSet']],
      [contentShardOf(SPACE, channel), 'content', ['nodeNew', 'fieldSet']],
      [contentShardOf(SPACE, channel), 'content', ['nodeNew', 'fieldSet', 'nodeNew', 'fieldSet']],
    ]);
  });

  it('keeps of several writes of a field the last', () => {
    const { ann, channel } = solo();
    const writer = ann.writer();
    for (const title of ['a', 'b', 'c']) writer.set(channel, 'title', title);
    writer.set(channel, 'topic', 'd');
    expect(opsOf(writer)).toEqual([
      { type: 'fieldSet', node: channel, key: 'title', value: '"c"' },
      { type: 'fieldSet', node: channel, key: 'topic', value: '"d"' },
    ]);
  });

  it('puts what has no order at the end, also after what it made itself', () => {
    const { ann } = solo();
    const writer = ann.writer();
    const made = ['a', 'b', 'c'].map((title) => writer.create(SPACE, 'Channel', { title }, { parent: '' }));
    const [last] = ann.view.graph(SPACE)?.children('') ?? [];
    const orders = [last?.order ?? '', ...opsOf(writer).flatMap((op) => (op.type === 'move' ? [op.order] : []))];
    expect(orders).toHaveLength(made.length + 1);
    expect(orders).toEqual([...orders].sort());
    expect(new Set(orders).size).toBe(orders.length);
  });

  it('splits what is too much for one entry, in order', () => {
    const { ann, channel } = solo();
    const many = ann.writer();
    for (let i = 0; i < 300; i++) many.create(SPACE, 'Verdict', { verdict: `${i}` }, { container: channel });
    expect(draftsOf(many).map((draft) => draft.ops.length)).toEqual([MAX_OPS, MAX_OPS, 600 - 2 * MAX_OPS]);
    const large = ann.writer();
    for (let i = 0; i < 20; i++) large.create(SPACE, 'Verdict', { verdict: 'ж'.repeat(8_000) }, { container: channel });
    expect(opsOf(large)).toHaveLength(40);
    for (const draft of draftsOf(large)) expect(encode(bodyCodec, draft.ops).length).toBeLessThanOrEqual(MAX_BODY);
  });

  it('restores by naming the deletions that hold, and writes nothing where there are none', () => {
    const { ann, channel } = solo();
    const idle = ann.writer();
    idle.restore(channel);
    expect(idle.drafts().size).toBe(0);
    ann.run('chat.removeChannel', { channelId: channel });
    const writer = ann.writer();
    writer.restore(channel);
    const deletions = ann.view.graph(SPACE)?.node(channel)?.deletions ?? [];
    expect(deletions).toHaveLength(1);
    expect(opsOf(writer)).toEqual([{ type: 'nodeRestore', node: channel, deletions }]);
  });

  it('unlinks every relation of a kind to a target that is seen, and takes back one that it made', () => {
    const { ann, channel } = solo();
    const first = ann.writer();
    first.link(channel, 'owned_by', ann.user);
    first.link(channel, 'owned_by', 'another');
    ann.seal(SPACE, draftsOf(first));
    expect(ann.view.graph(SPACE)?.edgesFrom(channel, 'owned_by')).toHaveLength(2);
    const writer = ann.writer();
    writer.link(channel, 'owned_by', ann.user);
    writer.unlink(channel, 'owned_by', ann.user);
    expect(opsOf(writer).map((op) => op.type)).toEqual(['edgeDel']);
    ann.seal(SPACE, draftsOf(writer));
    expect(
      ann.view
        .graph(SPACE)
        ?.edgesFrom(channel)
        .map((edge) => edge.to),
    ).toEqual(['another']);
  });

  it('throws where a command asks for what cannot be', () => {
    const { ann, channel } = solo();
    const writer = ann.writer();
    expect(() => writer.create(SPACE, 'Nothing', {})).toThrow('no application declares');
    expect(() => writer.create(SPACE, 'Message', {})).toThrow('container');
    expect(() => writer.create(SPACE, 'Channel', {}, { container: channel })).toThrow('outline');
    expect(() => writer.set(idFrom('nothing').slice(32) as typeof channel, 'x', 1)).toThrow('unknown node');
    expect(() => writer.set(channel, 'x', Number.NaN)).toThrow('not JSON');
    const message = writer.create(SPACE, 'Message', {}, { container: channel });
    expect(() => writer.move(message, '', 'V')).toThrow('outline');
  });
});

describe('a setting', () => {
  it('is one node a key in the personal space, written again rather than made again', () => {
    const { ann } = solo();
    const set = (value: string) => {
      const writer = ann.writer();
      writer.setPersonal('theme', 'replaced at once');
      writer.setPersonal('theme', value);
      expect(writer.drafts().has(SPACE)).toBe(false);
      return ann.seal(ann.personalSpace, draftsOf(writer, ann.personalSpace));
    };
    const [made] = set('dark');
    expect(made?.ops.map((op) => op.type)).toEqual(['nodeNew', 'fieldSet', 'fieldSet']);
    expect(made?.shard).toBe(outlineShardOf(ann.personalSpace));
    const [again] = set('light');
    expect(again?.ops.map((op) => op.type)).toEqual(['fieldSet']);
    expect(ann.view.personal('theme')).toBe('light');
    expect(ann.view.personal('other')).toBeUndefined();
    // A setting is no part of the tree.
    expect(ann.view.graph(ann.personalSpace)?.children('')).toEqual([]);
  });

  it('agrees on devices that made one key apart: what was set last counts', () => {
    const clock = ticking();
    const laptop = createReplica({ name: 'Ann', device: 'laptop', clock });
    const phone = createReplica({ name: 'Ann', device: 'phone', clock });
    const set = (replica: Replica, value: string) => {
      const writer = replica.writer();
      writer.setPersonal('theme', value);
      replica.seal(replica.personalSpace, draftsOf(writer, replica.personalSpace));
    };
    set(laptop, 'a');
    set(phone, 'b');
    deliver(laptop, phone);
    deliver(phone, laptop);
    const nodes = [...(laptop.view.graph(laptop.personalSpace)?.nodesOfType('Setting') ?? [])];
    expect(nodes).toHaveLength(2);
    expect([laptop.view.personal('theme'), phone.view.personal('theme')]).toEqual(['b', 'b']);
    set(laptop, 'c');
    deliver(laptop, phone);
    const graph = phone.view.graph(phone.personalSpace);
    expect(graph && settingsOf(graph).get('theme')?.value).toBe('c');
  });
});
