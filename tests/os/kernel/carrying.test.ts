/** Nodes that introduce nodes: with every signaling server gone, over the links that are left. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
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
  until(async () => (await pathTo(kernel, other)) === 'direct', 'a direct link', 30_000);
const apart = (kernel: KernelApi, other: KernelApi) =>
  until(async () => (await pathTo(kernel, other)) !== 'direct', 'no direct link', 30_000);
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
