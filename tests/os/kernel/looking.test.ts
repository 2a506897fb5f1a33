/** What pages have open comes first: who is told of it, when, and what it changes. */
import { afterEach, expect, test } from 'vitest';
import { decode } from '../../../src/base/codec';
import { Looking } from '../../../src/os/kernel/looking';
import { readEntries, type Session } from '../../../src/os/kernel/session';
import { virtualClock } from '../../../src/platform/memory/clock';
import { emptyReassembly, reassemble } from '../../../src/vm/net/frame';
import { decodeEntry } from '../../../src/vm/op/entry';
import { contentShardOf, type NodeId, type ShardId, type SpaceId } from '../../../src/vm/op/ids';
import { LOOKS, lookCodec } from '../../../src/vm/sync/messages';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});

const part = (name: number): ShardId => String(name).padStart(32, '0') as ShardId;
/** One end of a session, with what it says. */
const end = (session: Partial<Session> = {}, features: readonly number[] = [1, LOOKS]) => {
  const clock = virtualClock(1_000_000);
  const open: ShardId[] = [];
  const said: (readonly ShardId[])[] = [];
  const send: Session['send'] = (type, payload) => {
    const look = decode(lookCodec, payload);
    return type === 'look' && look.ok && said.push(look.value) > 0;
  };
  const other = { level: false, theirIndex: 1, mayRead: true, link: { ready: { features } }, send, ...session };
  const looking = new Looking(other as unknown as Session, clock, () => open);
  return { clock, open, said, other, looking };
};

test('[LA1] all that is open is told once, eight parts at most, and anew where it changed or a session began over there', () => {
  const { open, said, looking } = end();
  looking.tell();
  expect(said).toEqual([]);
  open.push(...Array.from({ length: 9 }, (_, i) => part(i)));
  looking.tell();
  looking.tell();
  expect(said).toEqual([open.slice(0, 8)]);
  looking.began();
  looking.tell();
  expect(said.length).toBe(1);
});

test('[LA2] who holds the same, may not read, has no session or does not hear looks is told nothing', () => {
  const refusing: readonly Partial<Session>[] = [{ level: true }, { mayRead: false }, { theirIndex: undefined }];
  for (const session of refusing) {
    const { open, said, looking } = end(session);
    open.push(part(1));
    looking.tell();
    expect(said).toEqual([]);
  }
  const { open, said, looking } = end({}, [1]);
  open.push(part(1));
  looking.tell();
  expect(said).toEqual([]);
});

test('[LA2] what was closed while both held the same is told when they do not', async () => {
  const { clock, open, said, other, looking } = end();
  open.push(part(1));
  looking.tell();
  Object.assign(other, { level: true });
  open.length = 0;
  await clock.advance(1_000);
  looking.tell();
  expect(said).toEqual([[part(1)]]);
  Object.assign(other, { level: false });
  looking.tell();
  expect(said).toEqual([[part(1)], []]);
});

test('[LA3] of many changes the last is told, after 200 ms', async () => {
  const { clock, open, said, looking } = end();
  for (let i = 0; i < 50; i++) {
    open.unshift(part(i));
    looking.tell();
  }
  expect(said.length).toBe(1);
  await clock.advance(199);
  expect(said.length).toBe(1);
  await clock.advance(1);
  expect(said.length).toBe(2);
  expect(said[1]).toEqual(open.slice(0, 8));
});

test('[LA3] ten a second are heard', async () => {
  const { clock, looking } = end();
  const heard = (): number => Array.from({ length: 100 }, () => looking.mayHear).filter(Boolean).length;
  expect(heard()).toBe(20);
  await clock.advance(1_000);
  expect(heard()).toBe(10);
});

/**
 * Somebody comes back to a channel that is open with them, and to a longer backlog of another one: how many entries of that leave
 * before the first of theirs.
 */
const comeBack = async (): Promise<number> => {
  let reassembly = emptyReassembly;
  const left: ShardId[] = [];
  const read = (frame: Uint8Array): Uint8Array => {
    const [next, result] = reassemble(reassembly, frame, 0);
    reassembly = next;
    const given = result.type === 'message' && result.message.type === 'entries' ? result.message.payload : undefined;
    for (const bytes of (given && readEntries(given)) ?? []) {
      const entry = decodeEntry(bytes);
      if (entry.ok) left.push(entry.value.header.shard);
    }
    return frame;
  };
  fleet = await createFleet();
  const a = await fleet.tab('a', { meddle: { frame: read } });
  const b = await fleet.tab('b');
  const { id: space } = await a.createSpace({ title: 'Crew', kind: 'team' });
  const make = async (title: string): Promise<NodeId> =>
    (await a.run('chat.createChannel', { spaceId: space, title })).id as NodeId;
  const [archive, plan] = [await make('archive'), await make('plan')];
  await b.join((await a.invite(space, { role: 'member', uses: 5 })).url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  await b.openDocument(plan, { updated() {}, presence() {}, refused() {} });
  await b.setOnline(false);
  await until(async () => (await a.peers()).every(({ kind }) => kind === 'beacon'), 'they are apart');
  await fleet.beacon.stop();
  const say = (channelId: string, text: string) => a.run('chat.send', { channelId, text });
  for (let i = 0; i < 30; i++) await say(archive, `${i}`.repeat(1_000));
  await say(plan, 'Here?');
  left.length = 0;
  await b.setOnline(true);
  await converged([a, b], space);
  const of = (object: NodeId): ShardId => contentShardOf(space as SpaceId, object);
  const first = left.indexOf(of(plan));
  expect(first).toBeGreaterThanOrEqual(0);
  expect(left.filter((shard) => shard === of(archive)).length).toBe(30);
  await fleet.stop();
  return left.slice(0, first).filter((shard) => shard === of(archive)).length;
};

test('[SY3] [LA2] what is said in the channel that is open comes before the backlog of another; where that is not told, behind it', async () => {
  expect(await comeBack()).toBe(0);
  const { tell } = Looking.prototype;
  Looking.prototype.tell = () => {};
  expect(await comeBack().finally(() => Object.assign(Looking.prototype, { tell }))).toBe(30);
});
