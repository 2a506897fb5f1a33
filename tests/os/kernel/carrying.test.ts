/** Nodes that introduce nodes: with every signaling server gone, over the links that are left. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { FRAME_TYPES } from '../../../src/vm/net/frame';
import { hastyClock } from '../../support/clocks';
import { converged, createFleet, SIGNALING_URL, type TabOptions, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const TIMES = 20;
const pathTo = async (kernel: KernelApi, other: KernelApi) => {
  const { deviceId } = await other.me();
  return (await kernel.peers()).find((peer) => peer.deviceId === deviceId)?.path;
};
const direct = (kernel: KernelApi, other: KernelApi) =>
  until(async () => (await pathTo(kernel, other)) === 'direct', 'a direct link');
const apart = (kernel: KernelApi, other: KernelApi) =>
  until(async () => (await pathTo(kernel, other)) !== 'direct', 'no direct link');
const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map((row) => row.text);

/** People of one space, all linked to each other, and then every signaling server is gone. */
const team = async (names: readonly string[], options: (name: string) => TabOptions = () => ({ beacon: false })) => {
  const clock = hastyClock(TIMES);
  fleet = await createFleet(1, { clock });
  const tabs = await Promise.all(names.map((name) => fleet.tab(name, { clock, ...options(name) })));
  const [first, ...others] = tabs as [KernelApi, ...KernelApi[]];
  const { id: space } = await first.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = (await first.run('chat.createChannel', { spaceId: space, title: 'general' })) as {
    id: string;
  };
  const { url } = await first.invite(space, { role: 'member', uses: 10 });
  for (const other of others) await other.join(url, { timeoutMs: 600_000 });
  await converged(tabs, space);
  for (const one of tabs) for (const other of tabs) if (one !== other) await direct(one, other);
  return { tabs, space, channelId, clock };
};
const killSignaling = async (tabs: readonly KernelApi[]) => {
  fleet.network.setUp(SIGNALING_URL, false);
  for (const tab of tabs) await until(async () => (await tab.stats()).signaling === 0, 'signaling is gone');
};

/** It ends, and the others notice. */
const leave = async (kernel: KernelApi, others: readonly KernelApi[]) => {
  await kernel.setOnline(false);
  for (const one of others) await apart(one, kernel);
  fleet.abandon(kernel as never);
};

test('[T68] all signaling killed: edits flow, and a link that falls is made again through a common neighbour', async () => {
  const { tabs, space, channelId } = await team(['a', 'b', 'c']);
  const [a, b, c] = tabs as [KernelApi, KernelApi, KernelApi];
  await killSignaling(tabs);
  await a.run('chat.send', { channelId, text: 'still here' });
  await until(async () => (await texts(c, channelId)).includes('still here'), 'the message');
  fleet.network.partition([['a'], ['c']]);
  await apart(a, c);
  fleet.network.partition([]);
  await direct(a, c);
  expect((await b.stats())['signals.forwarded']).toBeGreaterThan(0);
  await converged(tabs, space);
});

test('[T68] whose only link is one tab meets the others through it, signaling gone', async () => {
  const disk = { storage: memoryStorage(), vault: memoryVault() };
  const other = 'ws://elsewhere';
  const { tabs, space, clock } = await team(['a', 'b', 'c'], (name) => ({
    beacon: false,
    ...(name === 'b' ? { kernel: { signaling: [SIGNALING_URL, other] } } : {}),
    ...(name === 'c' ? disk : {}),
  }));
  const [a, b, c] = tabs as [KernelApi, KernelApi, KernelApi];
  await leave(c, [a, b]);
  // With `b` alone it shares a server, and only until they are linked.
  const back = await fleet.tab('c', { clock, beacon: false, ...disk, kernel: { signaling: [other] } });
  await direct(back, b);
  fleet.network.setUp(SIGNALING_URL, false);
  fleet.network.setUp(other, false);
  await direct(back, a);
  await converged([a, b, back], space);
});

test('[T68] whose only link is a beacon meets the others through it, signaling gone; it carries what it cannot read', async () => {
  const disk = { storage: memoryStorage(), vault: memoryVault() };
  const { tabs, space, clock } = await team(['a', 'b', 'c'], (name) => (name === 'c' ? disk : {}));
  const [a, b, c] = tabs as [KernelApi, KernelApi, KernelApi];
  await leave(c, [a, b]);
  await killSignaling([a, b]);
  const back = await fleet.tab('c', { clock, ...disk, kernel: { signaling: [] } });
  for (const one of [a, b]) await direct(back, one);
  expect(fleet.beacon.stats()['signals.forwarded']).toBeGreaterThan(0);
  await converged([a, b, back], space);
});

const SIGNAL = FRAME_TYPES.signal;
/** `a` and `c` lose their link while `b`, their only neighbour, does that to what it carries; whether they are linked half a minute later. */
const meetAgain = async (frame: (bytes: Uint8Array) => Uint8Array | undefined) => {
  const { tabs, clock } = await team(['a', 'b', 'c'], (name) => ({
    beacon: false,
    ...(name === 'b' ? { meddle: { frame } } : {}),
  }));
  const [a, b, c] = tabs as [KernelApi, KernelApi, KernelApi];
  await killSignaling(tabs);
  fleet.network.partition([['a'], ['c']]);
  await apart(a, c);
  fleet.network.partition([]);
  const from = clock.now();
  await until(async () => clock.now() > from + 30_000 || (await pathTo(a, c)) === 'direct', 'half a minute');
  return { isLinked: (await pathTo(a, c)) === 'direct', counts: await c.stats(), b: await b.stats() };
};

test('[T68] [IB2] only what a neighbour carries makes the link again: where it keeps signals to itself, there is none', async () => {
  const kept = await meetAgain((bytes) => (bytes[0] === SIGNAL ? undefined : bytes));
  expect(kept.isLinked).toBe(false);
  expect(kept.b['signals.forwarded']).toBeGreaterThan(0);
});

test('[T63] a neighbour that alters signals makes no link and no fault: they do not open, and are counted', async () => {
  const { isLinked, counts } = await meetAgain((bytes) => {
    if (bytes[0] !== SIGNAL) return bytes;
    const altered = bytes.slice();
    altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
    return altered;
  });
  expect(isLinked).toBe(false);
  expect(counts['refused.signal']).toBeGreaterThan(0);
});

test('[T68] servers that take everything and pass on nothing keep nobody apart who has one link', async () => {
  let lies = false;
  const text = (said: string): string | undefined => (lies && said.includes('"publish"') ? undefined : said);
  const { tabs } = await team(['a', 'b', 'c'], () => ({ beacon: false, meddle: { text } }));
  const [a, , c] = tabs as [KernelApi, KernelApi, KernelApi];
  lies = true;
  fleet.network.partition([['a'], ['c']]);
  await apart(a, c);
  fleet.network.partition([]);
  await direct(a, c);
  expect((await a.stats()).signaling).toBe(1);
});
