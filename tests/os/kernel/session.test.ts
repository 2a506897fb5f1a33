/** What one side of a link gives the other of a space, and in which order. */
import { expect, test } from 'vitest';
import type { Link } from '../../../src/os/kernel/link';
import { readEntries, Session } from '../../../src/os/kernel/session';
import type { Space } from '../../../src/os/kernel/space';
import { virtualClock } from '../../../src/platform/memory/clock';
import { decodeEntry, type Entry } from '../../../src/vm/op/entry';
import type { DeviceId } from '../../../src/vm/op/ids';
import { stage } from '../../support/stage';

type Here = Awaited<ReturnType<typeof stage>>;
/** All that the Owner's node gives to that device, which holds nothing. */
const givenTo = ({ tab: { space } }: Here, device: DeviceId): readonly Entry[] => {
  const given: Entry[] = [];
  const link = {
    ready: { device, kind: 'tab', features: [] },
    roomForBulk: true,
    bulk: { given: 0, dealtWith: 0 },
    send: (type: string, payload: Uint8Array) => {
      for (const bytes of (type === 'entries' && readEntries(payload)) || []) {
        const entry = decodeEntry(bytes);
        if (entry.ok) given.push(entry.value);
      }
      return true;
    },
  } as unknown as Link;
  const clock = { now: () => Date.now(), after: () => () => {} };
  new Session(link, space, 1, clock, { device, count: () => {} }, () => []).vectorReceived({
    ...{ answer: true, rightsOnly: false, logs: [] },
  });
  return given;
};
const stored = (here: Here): void => {
  for (const entry of here.tab.space.replica.entries.values()) here.tab.space.replica.markDurable(entry);
};

test('[SY1] content is given to whoever may read; a stranger is given nothing, and who was put out the entry that did it', async () => {
  const here = await stage();
  stored(here);
  const { people, tab, id } = here;
  const { acl, entries } = tab.space.replica;
  const given = (device: DeviceId) => new Set(givenTo(here, device).map((entry) => entry.id));
  expect(given(people.member.device)).toEqual(new Set(entries.keys()));
  expect(given('e'.repeat(64) as DeviceId)).toEqual(new Set());
  const told = givenTo(here, people.none.device);
  expect(told.every(({ header }) => header.space === id && header.shard === acl)).toBe(true);
  expect(told.map((entry) => entry.id)).toContain(here.head);
  expect(told.length).toBeLessThan(here.entries.length + 1);
});

test('[SY3] rights leave first, then erasures, then the rest in the order of their times', async () => {
  const here = await stage();
  const { authors, head, document, outline, tab } = here;
  const [one, two] = [await here.set(authors.member, 'a', '1'), await here.set(authors.admin, 'b', '2')];
  const about = { shard: outline, object: document, within: document, entries: [one.id] };
  const erased = await authors.member.erase({ version: 1, ...about }, { aclRef: head });
  const three = await here.set(authors.guest, 'c', '3', { class: 'annotation' });
  const late = await here.author.act([head], [{ type: 'policy', key: 'invite', value: 'admin' }]);
  for (const entry of [one, two, erased, three, late])
    expect(await here.give(entry)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  stored(here);
  const order = givenTo(here, here.people.owner.device);
  const { acl, erasures } = tab.space.replica;
  const places = order.map(({ header }) => (header.shard === acl ? 0 : header.shard === erasures ? 1 : 2));
  expect([...new Set(places)]).toEqual([0, 1, 2]);
  expect(places).toEqual(places.toSorted());
  const content = order.slice(places.indexOf(2)).map(({ header }) => header.hlc);
  expect(content.length).toBe(4);
  expect(content).toEqual(content.toSorted((a, b) => a - b));
});

test('[SY5] two that held the same compare twice more before they tell what they hold, in a space of many logs', async () => {
  const here = await stage();
  const { replica } = here.tab.space;
  const { member } = here.people;
  /** What leaves at unequal digests, one after the other, once both held the same, or never did. */
  const told = async (logs: number, digests: readonly ('equal' | 'unequal')[]): Promise<readonly string[]> => {
    const clock = virtualClock(Date.now());
    const sent: string[] = [];
    const link = {
      ready: { device: member.device, kind: 'tab', features: [], nonces: [new Uint8Array(32), new Uint8Array(32)] },
      send: (type: string) => sent.push(type) > 0,
    } as unknown as Link;
    const counted = new Proxy(replica, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (name === 'logs') return { size: logs };
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const space = { id: here.id, replica: counted } as unknown as Space;
    const session = new Session(link, space, 1, clock, { device: member.device, count: () => {} }, () => []);
    const hear = async (what: string) => {
      const digest = what === 'equal' ? replica.digest() : new Uint8Array(32);
      session.rootReceived({ index: 1, salted: '', digest });
      await clock.advance(1_000);
    };
    await hear(digests[0] ?? 'equal');
    sent.length = 0;
    for (const what of digests.slice(1)) await hear(what);
    return sent;
  };
  const [e, u] = ['equal', 'unequal'] as const;
  expect(await told(65, [e, u, e])).toEqual(['root']);
  expect(await told(65, [e, u, u, u, u])).toEqual(['root', 'root', 'vector', 'vector']);
  expect(await told(65, [e, u, u, e, u])).toEqual(['root', 'root', 'root']);
  expect(await told(64, [e, u, e])).toEqual(['vector']);
  expect(await told(65, [u, u])).toEqual(['vector']);
});
