/** Two devices that connect without any server: two texts, and the ordinary handshake. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow, PairingAnswer } from '../../../src/bridge/messages';
import type { Clock } from '../../../src/ports';
import { hastyClock, skewedClock } from '../../support/clocks';
import { converged, createFleet, SIGNALING_URL, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map((row) => row.text);
const pairing = async (kernel: KernelApi) => (await kernel.query('os.pairing', {})) as PairingAnswer;
const at = async (kernel: KernelApi, step: PairingAnswer['step']): Promise<PairingAnswer> => {
  await until(async () => (await pairing(kernel)).step === step, step);
  return pairing(kernel);
};
const links = async (kernel: KernelApi) => (await kernel.peers()).filter(({ path }) => path === 'direct').length;

/** Of one space, every server gone and every link fallen. */
const apart = async (names: readonly string[], clock: Clock = hastyClock(20)) => {
  fleet = await createFleet(1, { clock });
  const tabs = await Promise.all(names.map((name) => fleet.tab(name, { clock, beacon: false })));
  const [first, ...others] = tabs as [KernelApi, ...KernelApi[]];
  const { id: space } = await first.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await first.run('chat.createChannel', { spaceId: space, title: 'general' });
  const { url } = await first.invite(space, { role: 'member', uses: 10 });
  for (const other of others) await other.join(url, { timeoutMs: 600_000 });
  await converged(tabs, space);
  fleet.network.setUp(SIGNALING_URL, false);
  for (const tab of tabs) await tab.setOnline(false);
  for (const tab of tabs) await tab.setOnline(true);
  for (const tab of tabs) expect(await links(tab)).toBe(0);
  return { tabs: tabs as [KernelApi, KernelApi, ...KernelApi[]], space, channelId: channelId as string, clock };
};
const pair = async (a: KernelApi, b: KernelApi, spaceId: string) => {
  await a.run('os.offerPairing', { spaceId });
  const { text: offer = '' } = await at(a, 'offered');
  await b.run('os.takePairing', { text: offer });
  const { text: answer = '' } = await at(b, 'answered');
  await a.run('os.takePairing', { text: answer });
  for (const tab of [a, b]) await at(tab, 'linked');
};

test('[SP4] two texts make a link, what is written flows both ways, and a third is met through it', async () => {
  const { tabs, space, channelId } = await apart(['a', 'b', 'c']);
  const [a, b, c] = tabs as unknown as [KernelApi, KernelApi, KernelApi];
  await pair(a, b, space);
  await a.run('chat.send', { channelId, text: 'from a' });
  await b.run('chat.send', { channelId, text: 'from b' });
  await until(async () => (await texts(a, channelId)).length === 2 && (await texts(b, channelId)).length === 2, 'both');
  await pair(b, c, space);
  for (const tab of tabs) await until(async () => (await links(tab)) === 2, 'all are linked');
  await converged(tabs, space);
});

test('[SP2] [SP3] each text that is wrong is refused in words of its own, and changes nothing', async () => {
  const skewed = skewedClock();
  const overdue: (() => void)[] = [];
  const clock: Clock = {
    now: skewed.now,
    after: (ms, run) => {
      if (ms < 590_000 || ms > 600_000) return skewed.after(ms, run);
      overdue.push(run);
      return () => void overdue.splice(overdue.indexOf(run), 1);
    },
  };
  const { tabs, space } = await apart(['a', 'b'], clock);
  const [a, b] = tabs;
  const elsewhere = await fleet.tab('elsewhere', { clock, beacon: false });
  const refused = (kernel: KernelApi, text: string) =>
    kernel.run('os.takePairing', { text }).then(
      () => 'taken',
      ({ type }: { type: string }) => type,
    );
  expect(await refused(a, 'hello')).toBe('notPairing');
  await a.run('os.offerPairing', { spaceId: space });
  const { text: offer = '' } = await at(a, 'offered');
  expect(await refused(a, offer)).toBe('pairingOwn');
  expect(await refused(elsewhere, offer)).toBe('pairingUnknown');
  expect(await refused(b, offer.replace('lgos-pair:A', 'lgos-pair:B'))).toBe('pairingVersion');
  await b.run('os.takePairing', { text: offer });
  const { text: answer = '' } = await at(b, 'answered');
  await a.run('os.stopPairing', {});
  expect(await refused(a, answer)).toBe('pairingNotAsked');
  await a.run('os.offerPairing', { spaceId: space });
  await at(a, 'offered');
  expect(await refused(a, answer)).toBe('pairingNotAsked');
  skewed.ahead(601_000);
  for (const run of [...overdue]) run();
  expect(await pairing(a)).toMatchObject({ step: 'failed', reason: 'late' });
  expect(await refused(b, offer)).toBe('pairingLate');
  expect(await links(a)).toBe(0);
});
