/** What others refer to weighs a little more: in the reckoning, and in what a search answers. */
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { err } from '../../../src/base/result';
import { Calm } from '../../../src/os/kernel/calm';
import { Search } from '../../../src/os/kernel/search';
import { Ties } from '../../../src/os/kernel/ties';
import { findIn } from '../../../src/os/search/find';
import { readQuestion } from '../../../src/os/search/question';
import { scriptCompute } from '../../../src/platform/compute-script';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { Compute } from '../../../src/ports';
import type { ChangeSet } from '../../../src/vm/graph/engine';
import { FRAGMENT } from '../../../src/vm/graph/text';
import { contentShardOf, type DeviceId, type NodeId, outlineShardOf, yjsClientIdOf } from '../../../src/vm/op/ids';
import { createReplica, idOf, registry, SPACE, ticking } from '../../support/view';

const reckoned = (compute: Compute | undefined = scriptCompute()) => {
  const clock = virtualClock();
  const logged: string[] = [];
  let told = 0;
  const ports = { clock, log: (event: string) => logged.push(event), ...(compute ? { compute } : {}) };
  const ties = new Ties({ ports } as never, () => told++);
  return { ties, clock, logged, told: () => told };
};

it('[SX3] what is referred to weighs more, by no more than a quarter, and what refers weighs as all else', async () => {
  const { ties, clock, told } = reckoned();
  ties.start();
  ties.put('once', ['a']);
  for (let i = 0; i < 1_000; i++) ties.put(`often ${i}`, ['b']);
  expect([ties.weightOf('a'), told()]).toEqual([1, 0]);
  await clock.advance(5_000);
  expect(told()).toBe(1);
  expect(ties.weightOf('a')).toBeGreaterThan(1.1);
  expect(ties.weightOf('b')).toBeGreaterThan(ties.weightOf('a'));
  expect(ties.weightOf('b')).toBeLessThanOrEqual(1.25);
  expect([ties.weightOf('once'), ties.weightOf('often 5'), ties.weightOf('unknown')]).toEqual([1, 1, 1]);
});

it('[SX3] what is not referred to any more weighs as all else, and nothing is reckoned without a change', async () => {
  const { ties, clock, told } = reckoned();
  ties.start();
  ties.put('x', ['a', 'c']);
  await clock.advance(5_000);
  ties.put('x', ['a', 'c']);
  expect([clock.timers, told()]).toEqual([0, 1]);
  ties.put('x', ['c']);
  await clock.advance(5_000);
  expect([ties.weightOf('a'), told()]).toEqual([1, 2]);
  expect(ties.weightOf('c')).toBeGreaterThan(1);
  ties.put('x');
  await clock.advance(5_000);
  expect([ties.weightOf('c'), told()]).toEqual([1, 3]);
});

it('[SX3] without a port, before a start and after a stop nothing is reckoned; a failure is told and changes nothing', async () => {
  const none = reckoned(null as never);
  none.ties.start();
  none.ties.put('x', ['a']);
  const stopped = reckoned();
  stopped.ties.put('x', ['a']);
  stopped.ties.start();
  stopped.ties.stop();
  expect([none.clock.timers, stopped.clock.timers]).toEqual([0, 0]);
  const failing = reckoned({
    ...scriptCompute(),
    importance: async () => err({ type: 'failed' as const, message: '' }),
  });
  failing.ties.start();
  failing.ties.put('x', ['a']);
  await failing.clock.advance(60_000);
  expect([failing.ties.weightOf('a'), failing.told(), failing.logged]).toEqual([1, 0, ['search.ties']]);
});

/** A graph in memory, searched. `found`: what a word finds, the best first. */
const searching = () => {
  const clock = virtualClock(1_800_000_000_000);
  const replica = createReplica({ name: 'Ann', clock: ticking(), changed: (_space, changes) => folded(changes) });
  const space = () => ({
    id: SPACE,
    replica: { engine: replica.view.graph(SPACE), outline: outlineShardOf(SPACE), readable: true },
  });
  const search = new Search(
    { ports: { clock, compute: scriptCompute() }, registry, kind: 'tab', calm: new Calm(clock) } as never,
    () => new Map([[SPACE, space()]]) as never,
    () => {},
  );
  const folded = (changes: ChangeSet): void => search.folded(space() as never, changes);
  search.start();
  const channelId = idOf(replica.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
  const say = (text: string, more: object = {}) => idOf(replica.run('chat.send', { channelId, text, ...more }));
  const found = (word: string) => {
    const asking = { accepts: () => true, now: clock.now(), limit: 5 };
    const question = readQuestion(word, { now: clock.now(), offset: 0 });
    const weigh = ({ id }: { readonly id: string }): number => search.ties.weightOf(id);
    return findIn(search.index, question, { ...asking, weigh }).map(({ item }) => item.id);
  };
  return { clock, replica, search, say, found };
};

it('[SX3] of two messages with the same words the one that was answered comes first', async () => {
  const { clock, replica, search, say, found } = searching();
  const [first, second] = [say('when do we leave'), say('when do we leave')];
  await clock.advance(10_000);
  expect(found('leave')).toEqual([second, first]);
  const answer = say('at nine', { replyTo: first });
  await clock.advance(10_000);
  expect(found('leave')).toEqual([first, second]);
  replica.run('chat.remove', { messageId: answer });
  await clock.advance(10_000);
  expect(found('leave')).toEqual([second, first]);
  search.stop();
});

it('[SX3] a document refers by the links in its text and by the objects that stand in it, a message by addresses', async () => {
  const { clock, replica, search, say, found } = searching();
  const note = (title: string) => idOf(replica.run('editor.createDocument', { spaceId: SPACE, title }));
  const [first, second, plan] = [note('camp'), note('camp'), note('plan')];
  await clock.advance(10_000);
  const before = found('camp');
  expect(before).toHaveLength(2);
  const last = before[1] as NodeId;
  const device = replica.held[0]?.device as DeviceId;
  const doc = new Y.Doc();
  doc.clientID = yjsClientIdOf(device, plan, 7);
  const paragraph = new Y.XmlElement('paragraph');
  const write = (change: () => void): void => {
    const from = Y.encodeStateVector(doc);
    doc.transact(change);
    const update = Y.encodeStateAsUpdateV2(doc, from);
    const shard = contentShardOf(SPACE, plan);
    replica.seal(SPACE, [{ shard, class: 'content', ops: [{ type: 'textUpdate', document: plan, n: 7, update }] }]);
  };
  const link = new Y.XmlText();
  write(() => {
    doc.getXmlFragment(FRAGMENT).push([paragraph]);
    paragraph.push([link]);
    link.insert(0, 'there', { link: { href: `https://example.org/#/s/${SPACE}/d/${last}` } });
  });
  await clock.advance(10_000);
  expect(found('camp')).toEqual([last, before[0]]);
  write(() => link.delete(0, 5));
  await clock.advance(10_000);
  expect(found('camp')).toEqual(before);
  const named = new Y.XmlElement('object');
  write(() => {
    named.setAttribute('target', last);
    paragraph.push([named]);
  });
  await clock.advance(10_000);
  expect(found('camp')).toEqual([last, before[0]]);
  write(() => paragraph.delete(1, 1));
  say(`see [the camp](https://example.org/#/s/${SPACE}/d/${last})`);
  await clock.advance(10_000);
  expect(search.ties.weightOf(last)).toBeGreaterThan(1);
  expect(found('camp')[0]).toBe(last);
  expect([first, second]).toContain(last);
  search.stop();
});
