/** What others send more than is theirs to send: it is bounded, and counted by who sent it. */
import { afterEach, expect, test } from 'vitest';
import { encode } from '../../src/base/codec';
import type { KernelApi, NetworkAnswer } from '../../src/bridge/messages';
import { LOOKS_HEARD } from '../../src/os/kernel/looking';
import { MAX_UNFINISHED } from '../../src/os/kernel/network';
import { Receipts } from '../../src/os/kernel/receipts';
import { ASKS } from '../../src/os/kernel/session';
import { memoryVault } from '../../src/platform/memory/vault';
import { CONTINUED, FRAME_TYPES, MAX_FRAME_BYTES, MORE } from '../../src/vm/net/frame';
import { hlcOf } from '../../src/vm/op/clock';
import type { LogId, ShardId, SpaceId } from '../../src/vm/op/ids';
import { ephemeralCodec, lookCodec, rangeCodec, vectorCodec } from '../../src/vm/sync/messages';
import { skewedClock } from '../support/clocks';
import { converged, createFleet, until } from '../support/fleet';
import { newPerson, RawLink } from '../support/insider';
import { Node } from '../support/shelf';
import { stage } from '../support/stage';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

/** Two members; the second one's device is an attacker's now. */
const betrayed = async () => {
  fleet = await createFleet();
  const vault = memoryVault();
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', { vault });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  await b.stop();
  return { a, space: space as SpaceId, insider: await newPerson(vault) };
};
const open = async (me: RawLink['me'], name: string, options: RawLink['options'] = {}): Promise<RawLink> => {
  const link = new RawLink(fleet.network.transport(name), 'ws://a/link', me, options);
  if (options.shake !== false) await until(() => link.ready ?? link.closed, 'a link');
  return link;
};
const strangers = (count: number): Promise<readonly RawLink[]> =>
  Promise.all(Array.from({ length: count }, async (_, i) => open(await newPerson(), `stranger ${i}`)));
const turnedAway = async (kernel: KernelApi, device: string) => {
  const { peers } = (await kernel.query('os.network', {})) as NetworkAnswer;
  return peers.find(({ deviceId }) => deviceId === device)?.turnedAway ?? [];
};
const timesOf = (rows: Awaited<ReturnType<typeof turnedAway>>, kind: string): number =>
  rows.reduce((sum, row) => sum + (row.kind === kind ? row.times : 0), 0);

/** A word of presence, which only its form makes one. */
const wordsOf = (device: string, now: number) =>
  encode(ephemeralCodec, {
    ...{ container: '0'.repeat(32), device, epoch: '0'.repeat(32), hlc: hlcOf(now) },
    ...{ nonce: new Uint8Array(12), sealed: new Uint8Array(40), signature: new Uint8Array(64) },
  } as never);
/** All that was sent on them was dealt with, or ended them. */
const dealtWith = async (...links: readonly RawLink[]): Promise<void> => {
  for (const link of links) link.send('ping', new Uint8Array(8));
  const isIn = (link: RawLink) => link.closed ?? link.received.some(({ type }) => type === 'pong');
  await until(() => links.every(isIn), 'all was dealt with');
};

/** The first parts of messages that never end. */
const begin = (link: RawLink, parts: number): void => {
  for (let i = 0; i < parts; i++) {
    const part = new Uint8Array(MAX_FRAME_BYTES);
    part.set([FRAME_TYPES.entries, 0, 1, i === 0 ? MORE : MORE | CONTINUED]);
    link.raw(part);
  }
};

test('[T12] [FR2] messages that never end take a bounded room on all links together, and none before a handshake', async () => {
  const { a } = await betrayed();
  const bare = await open(await newPerson(), 'bare', { shake: false });
  begin(bare, 1);
  await until(() => bare.closed, 'it is closed');
  const unfinished = async (most: number) => {
    Object.assign(MAX_UNFINISHED, { tab: most });
    const before = (await a.stats())['refused.unfinished'] ?? 0;
    const links = await strangers(24);
    for (const link of links) begin(link, 19);
    await dealtWith(...links);
    const closed = links.filter((link) => link.closed).length;
    for (const link of links) link.close();
    return { closed, refused: ((await a.stats())['refused.unfinished'] ?? 0) - before };
  };
  const most = MAX_UNFINISHED.tab;
  const kept = await unfinished(1024 * 1024).finally(() => Object.assign(MAX_UNFINISHED, { tab: most }));
  expect(kept.refused).toBeGreaterThan(15);
  expect(kept.closed).toBe(kept.refused);
  const without = await unfinished(Number.POSITIVE_INFINITY).finally(() =>
    Object.assign(MAX_UNFINISHED, { tab: most }),
  );
  expect(without).toEqual({ closed: 0, refused: 0 });
});

test('[T12] [FR2] strangers whose messages never end push out each other, and no member whose message began before', async () => {
  const { a, space, insider } = await betrayed();
  const member = await open(insider, 'member');
  member.root(space);
  await until(() => member.received.some(({ type }) => type === 'vector'), 'the space is open');
  const most = MAX_UNFINISHED.tab;
  Object.assign(MAX_UNFINISHED, { tab: 1024 * 1024 });
  begin(member, 3);
  const links = await strangers(6);
  for (const link of links) begin(link, 19);
  await dealtWith(...links).finally(() => Object.assign(MAX_UNFINISHED, { tab: most }));
  expect((await a.stats())['refused.unfinished']).toBeGreaterThan(2);
  expect(member.closed).toBe(undefined);
});

test('[SY4] [RF1] whoever has a node look through all it holds, over and over, is not heard; it is counted under their name, and only a lie ends the link', async () => {
  const { a, space, insider } = await betrayed();
  const ask = async (perSecond: number, atOnce: number) => {
    Object.assign(ASKS, { perSecond, atOnce });
    const link = await open(insider, 'insider');
    link.root(space);
    await until(() => link.received.some(({ type }) => type === 'vector'), 'the space is open');
    const before = timesOf(await turnedAway(a, insider.device), 'tooMuch');
    const all = { answer: true, from: '0'.repeat(64), to: 'f'.repeat(64), logs: [] } as never;
    for (let i = 0; i < 300; i++) {
      link.send('vector', encode(vectorCodec, { answer: true, rightsOnly: false, logs: [] }), 1);
      link.send('range', encode(rangeCodec, all), 1);
    }
    await dealtWith(link);
    return { link, times: timesOf(await turnedAway(a, insider.device), 'tooMuch') - before };
  };
  const sound = { ...ASKS };
  const { link, times } = await ask(0, 100).finally(() => Object.assign(ASKS, sound));
  expect(times).toBeGreaterThanOrEqual(500);
  const words = wordsOf(insider.device, Date.now());
  for (let i = 0; i < 200; i++) link.send('ephemeral', words, 1);
  await until(
    async () => timesOf(await turnedAway(a, insider.device), 'tooMuch') >= times + 100,
    'presence is too much',
  );
  // Nothing of it is a lie: the link stands.
  expect(link.closed).toBe(undefined);
  link.send('entry', new Uint8Array(300), 1);
  await until(() => link.closed, 'the link ends');
  expect(timesOf(await turnedAway(a, insider.device), 'unreadable')).toBeGreaterThan(0);
  // Without the budget all of it is looked through.
  expect((await ask(1e9, 1e9).finally(() => Object.assign(ASKS, sound))).times).toBe(0);
});

test('[LA3] whoever says over and over what they have open is heard so often, and counted; with no limit each time', async () => {
  const { a, space, insider } = await betrayed();
  const tooMany = async (perSecond: number, atOnce: number): Promise<number> => {
    Object.assign(LOOKS_HEARD, { perSecond, atOnce });
    const link = await open(insider, 'insider');
    link.root(space);
    await until(() => link.received.some(({ type }) => type === 'vector'), 'the space is open');
    const before = timesOf(await turnedAway(a, insider.device), 'tooMuch');
    for (let i = 0; i < 500; i++) link.send('look', encode(lookCodec, [`${i}`.padStart(32, '0') as ShardId]), 1);
    await dealtWith(link);
    expect(link.closed).toBe(undefined);
    // Of nine parts at once no sound node says that they are open.
    link.send('look', Uint8Array.of(9, ...new Uint8Array(9 * 16)), 1);
    await until(() => link.closed, 'the link ends');
    return timesOf(await turnedAway(a, insider.device), 'tooMuch') - before;
  };
  const sound = { ...LOOKS_HEARD };
  const restore = (): void => void Object.assign(LOOKS_HEARD, sound);
  expect(await tooMany(0, 20).finally(restore)).toBe(480);
  expect(await tooMany(1e9, 1e9).finally(restore)).toBe(0);
});

test('[ST6] of parts and logs that nobody has heard of no more is noted of one device than a few thousand', async () => {
  fleet = await createFleet();
  const here = await stage();
  const node = await Node.of(here, here.people.owner);
  await node.take(...here.tab.space.replica.entries.values());
  const receipts = new Receipts(node.held.context);
  const name = (n: number, width: number) => n.toString(16).padStart(width, '0');
  let kept = 0;
  for (let part = 0; part < 200; part++) {
    const heights = Array.from({ length: 100 }, (_, i) => ({ log: name(part * 100 + i, 64) as LogId, seq: 1 }));
    const said = { space: node.space.id, shard: name(part, 32) as ShardId, device: node.device, hlc: hlcOf(part + 1) };
    if (receipts.keep(node.space, { ...said, heights, signature: new Uint8Array(64) })) kept++;
  }
  expect(kept).toBeGreaterThan(30);
  expect(kept).toBeLessThan(50);
  const held = new Map([
    [name(1, 32) as ShardId, new Map(Array.from({ length: 9_000 }, (_, i) => [name(i, 64) as LogId, 1]))],
  ]);
  expect(receipts.keepHeld(node.space, node.device, hlcOf(1_000), held, { anew: true, sure: 'all' })).toBe(false);
});

test('[RF2] what a newcomer says before its joining is heard of is not told as turned away; what a stranger says is, soon after', async () => {
  const clock = skewedClock();
  fleet = await createFleet();
  const vault = memoryVault();
  const a = await fleet.tab('a', { clock });
  const b = await fleet.tab('b', { vault });
  const { id } = await a.createSpace({ title: 'T', kind: 'team' });
  const { url } = await a.invite(id, { role: 'member' });
  const says = async (person: Awaited<ReturnType<typeof newPerson>>, name: string) => {
    const link = await open(person, name);
    link.root(id as SpaceId);
    await until(() => link.received.some(({ type }) => type === 'root'), 'the space is open');
    for (let i = 0; i < 3; i++) link.send('ephemeral', wordsOf(person.device, clock.now()), 1);
    await dealtWith(link);
  };
  const [newcomer, stranger] = [await newPerson(vault), await newPerson()];
  await says(newcomer, 'newcomer');
  await says(stranger, 'stranger');
  expect((await a.stats())['refused.foreignEphemeral']).toBe(6);
  const notAllowed = async ({ device }: typeof stranger) => timesOf(await turnedAway(a, device), 'notAllowed');
  expect([await notAllowed(newcomer), await notAllowed(stranger)]).toEqual([0, 0]);
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], id);
  clock.ahead(16_000);
  expect([await notAllowed(newcomer), await notAllowed(stranger)]).toEqual([0, 3]);
});
