/** Keeping within a budget, and asking those who said to hold a text, on virtual time. */
import { expect, test } from 'vitest';
import { Eviction } from '../../../src/os/kernel/eviction';
import { Fetching } from '../../../src/os/kernel/fetching';
import type { Session } from '../../../src/os/kernel/session';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { DeviceId, EntryId, NodeId } from '../../../src/vm/op/ids';
import { desk, Node } from '../../support/shelf';

/** A node with documents of a kilobyte each; a beacon states to hold all of them. */
const shelf = async (documents: number) => {
  const made = await desk(documents);
  const clock = virtualClock(Date.now());
  for (const document of made.documents) await made.type(made.here.authors.member, document, 'word '.repeat(200));
  const full = await Node.of(made.here, made.here.people.member);
  const node = await Node.of(made.here, made.here.people.owner, clock);
  for (const each of [full, node]) await each.catchUp(made.history());
  const { rights } = node.replica;
  Object.assign(rights, { relays: () => new Map([[full.device, { name: 'Beacon' }]]) });
  const stated = () => made.documents.forEach((document) => void full.claim(made.shardOf(document))(node));
  const open = new Set<NodeId>();
  const eviction = new Eviction(node.held.context, {
    spaces: () => [node.space],
    isOpen: (object) => open.has(object),
    changed: () => {},
  });
  const here = (): readonly boolean[] => made.documents.map((id) => !node.replica.shelved.has(made.shardOf(id)));
  return { ...made, clock, full, node, eviction, open, here, stated };
};

test('[PR3] what was used longest ago goes first, down to the budget; what is open, pinned or just used stays, and nothing goes that nobody stated', async () => {
  const { documents, clock, eviction, open, here, stated, node } = await shelf(5);
  const [first, second, third, fourth] = documents as [NodeId, NodeId, NodeId, NodeId];
  await clock.advance(3_600_000);
  const least = eviction.used - 2_000;
  await eviction.setBudget(least);
  await eviction.turn();
  // Nobody stated anything.
  expect([here(), eviction.over]).toEqual([[true, true, true, true, true], true]);
  eviction.opened(first);
  open.add(second);
  await eviction.pin(third, true);
  stated();
  // Not while something comes in.
  eviction.folded(node.space);
  expect([await eviction.turn(), here()]).toEqual([true, [true, true, true, true, true]]);
  await clock.advance(5_000);
  await eviction.turn();
  expect(here()[0] && here()[1] && here()[2]).toBe(true);
  expect(here().slice(3)).toEqual([false, false]);
  expect(node.replica.engine.documentText(fourth)).toBe('');
  eviction.stop();
  // A start knows the budget, the pins and when each was opened.
  const again = new Eviction(node.held.context, { spaces: () => [node.space], isOpen: () => false, changed: () => {} });
  await again.load();
  expect(again.budget).toBe(least);
  expect(again.isPinned(third)).toBe(true);
  await again.setBudget(1);
  await again.turn();
  expect(here()).toEqual([true, false, true, false, false]);
  await clock.advance(600_000);
  await again.turn();
  again.stop();
  expect(here()).toEqual([false, false, true, false, false]);
  expect(await again.turn()).toBe(false);
  expect(again.over).toBe(true);
});

test('[PR6] who stated to hold a text and sends nothing is named, and the next is asked; who comes anew is asked again', async () => {
  const { documents, shardOf, node, full, eviction, stated } = await shelf(1);
  const [document] = documents as [NodeId];
  stated();
  expect(await eviction.letGo(node.space, document)).toMatchObject({ ok: true });
  const clock = virtualClock();
  const asked: string[] = [];
  const withheld: DeviceId[] = [];
  const session = (device: DeviceId, sends: boolean): Session =>
    ({
      device,
      space: node.space,
      mayRead: true,
      theirIndex: 1,
      want: (ids: readonly EntryId[]) => {
        asked.push(device === full.device ? 'liar' : 'other');
        if (!sends) return;
        void node
          .take(...ids.flatMap((id) => full.replica.entries.get(id) ?? []))
          .then(() => fetching.durable(node.space, shardOf(document)));
      },
    }) as unknown as Session;
  const liar = session(full.device, false);
  const other = session('7'.repeat(64) as DeviceId, true);
  let sessions: readonly Session[] = [liar];
  const fetching: Fetching = new Fetching(clock, {
    sessions: () => sessions,
    changed: () => {},
    withheld: (device) => withheld.push(device),
  });
  const opened = fetching.here(node.space, document).then(
    () => 'here',
    (why) => why.type,
  );
  await clock.advance(6_000);
  expect(await opened).toBe('notHere');
  expect(withheld).toEqual([full.device]);
  expect(fetching.progress(node.space, document)).toMatchObject({ from: undefined, got: 0 });
  expect([...(fetching.progress(node.space, document)?.silent ?? [])]).toEqual([full.device]);
  // It links anew, and keeps silent again; then somebody comes who sends.
  fetching.met(liar);
  sessions = [liar, other];
  const later = fetching.here(node.space, document);
  await clock.advance(6_000);
  await later;
  expect(asked).toEqual(['liar', 'liar', 'other']);
  expect(fetching.progress(node.space, document)).toBeUndefined();
  expect(node.replica.engine.documentText(document)).toContain('word');
});
