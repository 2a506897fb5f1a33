/** A member who writes more than anybody reads: what others write is not held up by it, and in the end all of it is everywhere. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow, NetworkAnswer } from '../../src/bridge/messages';
import { Network } from '../../src/os/kernel/network';
import { Overlay } from '../../src/os/kernel/overlay';
import type { Session } from '../../src/os/kernel/session';
import { encodeEntry } from '../../src/vm/op/entry';
import { AUTHOR_RATE, AuthorRates } from '../../src/vm/sync/rates';
import { converged, createFleet, until } from '../support/fleet';
import { nodeOf, testClock } from '../support/halves';
import { Node } from '../support/shelf';
import { stage } from '../support/stage';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  Object.assign(AUTHOR_RATE, SOUND);
  Overlay.prototype.spread = spread;
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
const SOUND = { ...AUTHOR_RATE };
const { spread } = Overlay.prototype;
function shameless(this: Overlay, ...[space, entry, from]: Parameters<typeof spread>): void {
  const { rates } = space;
  if (from === undefined) Object.assign(rates, { isHurried: () => false });
  spread.call(this, space, entry, from);
  Reflect.deleteProperty(rates, 'isHurried');
}

const counted = async (kernels: readonly KernelApi[], name: string): Promise<number> => {
  let sum = 0;
  for (const kernel of kernels) sum += (await kernel.stats())[name] ?? 0;
  return sum;
};
/** `isShameless`: who floods pushes all of it. */
const flood = async (messages: number, isShameless: boolean) => {
  if (isShameless) Overlay.prototype.spread = shameless;
  fleet = await createFleet();
  const [a, b, c] = [await fleet.tab('a'), await fleet.tab('b'), await fleet.tab('c')];
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  for (const kernel of [b, c]) await kernel.join(url, { timeoutMs: 30_000 });
  await converged([a, b, c], space);
  for (let i = 0; i < messages; i++) {
    await b.run('chat.send', { channelId, text: `flood ${i}` });
    if (i === messages - 5) await a.run('chat.send', { channelId, text: 'honest' });
  }
  await until(async () => {
    const rows = (await c.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[];
    return rows.some(({ text }) => text === 'honest');
  }, 'what was honest is there');
  await converged([a, b, c], space);
  const { deviceId } = await b.me();
  const told = ((await a.query('os.network', {})) as NetworkAnswer).peers.find((peer) => peer.deviceId === deviceId);
  const hurried = await counted([a, c], 'ignored.hurried');
  return { hurried, told: told?.turnedAway.some(({ reason, kind }) => reason === 'hurried' && kind === 'tooMuch') };
};

test('[T59] [AR1] of a device that writes without pause no more is looked into than its share; all of it comes all the same', async () => {
  Object.assign(AUTHOR_RATE, { perSecond: 2, atOnce: 20 });
  const { hurried, told } = await flood(60, true);
  expect(hurried).toBeGreaterThan(20);
  expect(told).toBe(true);
  await fleet?.stop();
  Object.assign(AUTHOR_RATE, { perSecond: 1e9, atOnce: 1e9 });
  expect(await flood(60, true)).toEqual({ hurried: 0, told: false });
});

test('[AR3] what one imports leaves once: what nobody would take is not pushed', async () => {
  Object.assign(AUTHOR_RATE, { perSecond: 2, atOnce: 20 });
  // What was pushed within the share comes to each of two by each other neighbour too, perhaps when the share is used up.
  const copies = 2 * 2 * AUTHOR_RATE.atOnce;
  expect((await flood(150, false)).hurried).toBeLessThan(copies);
  await fleet?.stop();
  expect((await flood(150, true)).hurried).toBeGreaterThan(copies);
});

test('[AR3] what is nowhere else is told of after half a second, also where what others wrote is about to be told of later', async () => {
  const here = await stage();
  const clock = testClock();
  const { context, space } = await nodeOf(here, 'member', clock);
  const network = new Network(context, new Map([[space.id, space]]), {} as never, {} as never);
  let told = 0;
  network.sessions = () => [{ sendRoot: () => told++ } as never];
  network.tellSoon(space);
  await clock.advance(1_000);
  expect(told).toBe(0);
  network.tellSoon(space, true);
  await clock.advance(600);
  expect(told).toBe(1);
  await clock.advance(2_000);
  expect(told).toBe(1);
  network.close();
});

test('[T59] [AR1] [AR2] two hundred at once and twenty a second; what somebody else forges uses up nothing', () => {
  const rates = new AuthorRates();
  let taken = 0;
  for (let now = 0; now < 10_000; now++) {
    if (rates.isHurried('a' as never, now)) continue;
    rates.took('a' as never, now);
    taken++;
  }
  expect(taken).toBeGreaterThanOrEqual(395);
  expect(taken).toBeLessThanOrEqual(401);
  for (let i = 0; i < 1_000; i++) expect(rates.isHurried('b' as never, 0)).toBe(false);
});

test('[AR4] who catches up with what somebody wrote takes what they push now, as much as ever; where a backlog counts as pushed, none of it', async () => {
  const here = await stage();
  Object.assign(AUTHOR_RATE, { perSecond: 20, atOnce: 20 });
  const now = Date.now();
  const { member } = here.people;
  const writes: Uint8Array[] = [];
  for (let i = 0; i < 60; i++) writes.push(encodeEntry(await here.set(here.authors.member, 'title', `${i}`)));
  const isHurriedAfter = async (pushed: boolean): Promise<boolean> => {
    const node = await Node.of(here, here.people.owner, { now: () => now, after: () => () => {} });
    await node.take(...here.tab.space.replica.entries.values());
    Object.assign(node.space, { isWhole: true });
    const by = { device: here.people.admin.device } as Session;
    const became = await node.space.receive(writes, { by, pushed });
    expect(became.filter(({ type }) => type === 'admitted').length).toBe(60);
    // Of the backlog itself no more is pushed on than of what is pushed.
    expect(node.space.rates.isHurried(member.device, now, !pushed)).toBe(true);
    return node.space.rates.isHurried(member.device, now);
  };
  expect(await isHurriedAfter(false)).toBe(false);
  expect(await isHurriedAfter(true)).toBe(true);
});

test('[AR4] what comes by reconciliation is pushed on while there is something left of both shares', () => {
  const device = 'a' as never;
  const after = (live: number, backlog: number): boolean => {
    const rates = new AuthorRates();
    for (let i = 0; i < live; i++) rates.took(device, 0);
    for (let i = 0; i < backlog; i++) rates.took(device, 0, true);
    return !rates.isHurried(device, 0, true);
  };
  expect([after(0, 0), after(199, 199), after(200, 0), after(0, 200)]).toEqual([true, true, false, false]);
});
