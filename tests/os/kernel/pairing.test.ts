/** Two devices that connect without any server: two texts, and the ordinary handshake. */
import { afterEach, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import type { KernelApi, MessageRow, PairingAnswer } from '../../../src/bridge/messages';
import type { KernelContext } from '../../../src/os/kernel/context';
import { Pairing } from '../../../src/os/kernel/pairing';
import { webDeflate } from '../../../src/platform/deflate';
import { virtualClock } from '../../../src/platform/memory/clock';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';
import type { Clock } from '../../../src/ports';
import { writePairing } from '../../../src/vm/net/pairing';
import type { SessionId } from '../../../src/vm/net/signal';
import type { DeviceId } from '../../../src/vm/op/ids';
import { hastyClock, skewedClock } from '../../support/clocks';
import { converged, createFleet, SIGNALING_URL, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
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
  const made = await createFleet(1, { clock });
  fleet = made;
  const tabs = await Promise.all(names.map((name) => made.tab(name, { clock, beacon: false })));
  const [first, ...others] = tabs as [KernelApi, ...KernelApi[]];
  const { id: space } = await first.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await first.run('chat.createChannel', { spaceId: space, title: 'general' });
  const { url } = await first.invite(space, { role: 'member', uses: 10 });
  for (const other of others) await other.join(url, { timeoutMs: 600_000 });
  await converged(tabs, space);
  made.network.setUp(SIGNALING_URL, false);
  for (const tab of tabs) await tab.setOnline(false);
  for (const tab of tabs) await tab.setOnline(true);
  for (const tab of tabs) expect(await links(tab)).toBe(0);
  return { fleet: made, tabs: tabs as [KernelApi, KernelApi, ...KernelApi[]], space, channelId: channelId as string };
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
  const { fleet, tabs, space } = await apart(['a', 'b'], clock);
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

test('[SP5] the text of a device that was taken away, or of somebody who was put out, opens nothing', async () => {
  const [crypto, random, clock] = [webCrypto(), webRandom(), virtualClock(0)];
  const room = random.bytes(32);
  const [own, other] = [await crypto.signingKey(random.bytes(32)), await crypto.signingKey(random.bytes(32))];
  const offer = await writePairing({ crypto, random, deflate: webDeflate() }, other.handle, room, {
    ...{ kind: 'offer', id: '07'.repeat(16), from: toHex(other.publicKey) as DeviceId, to: undefined },
    ...{ session: '08'.repeat(16) as SessionId, time: clock.now(), signals: ['{}'] },
  });
  const taken = async (role: string, suspensions: readonly unknown[]) => {
    let calls = 0;
    const createPeer = () => {
      calls++;
      return { send: () => {}, signal: () => {}, buffered: () => 0, close: () => {} };
    };
    const ports = { crypto, random, clock, deflate: webDeflate(), transport: { createPeer } };
    const device = { device: toHex(own.publicKey) as DeviceId, key: own };
    const context = { ports, device, time: { now: () => 0 } } as unknown as KernelContext;
    const rights = { roomKeys: () => [room], userOf: () => 'user', role: () => role, suspensions: () => suspensions };
    const pairing = new Pairing(context, {
      network: { open: () => ({ close: () => {} }), routed: () => {} } as never,
      spaces: new Map([['space', { id: 'space', replica: { rights } }]]) as never,
      ...{ online: () => true, session: () => '09'.repeat(16) as SessionId, paired: () => {}, changed: () => {} },
    });
    const result = await pairing.take(offer as string);
    pairing.close();
    return [result.ok ? 'taken' : result.error.type, calls];
  };
  expect(await taken('member', [])).toEqual(['taken', 1]);
  expect(await taken('none', [])).toEqual(['pairingStranger', 0]);
  expect(await taken('member', [{ type: 'revoked' }])).toEqual(['pairingStranger', 0]);
});
