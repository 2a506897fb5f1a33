/** What the network query says is what was measured: on virtual time, over a network with a known delay. */
import { afterEach, expect, test } from 'vitest';
import type { HostedKernel, KernelApi, NetworkAnswer, TrafficAnswer } from '../../../src/bridge/messages';
import { createFleet, SIGNALING_URL } from '../../support/fleet';
import { testClock } from '../../support/halves';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const told = async (kernel: KernelApi) => (await kernel.query('os.network', {})) as NetworkAnswer;
const peerOf = async (kernel: KernelApi, other: KernelApi) => {
  const { deviceId } = await other.me();
  return (await told(kernel)).peers.find((peer) => peer.deviceId === deviceId);
};

test('who is linked, how far away, and what went over each link for each space, on both ends alike; after the end of a link too', async () => {
  const clock = testClock();
  fleet = await createFleet(3, { clock });
  const during = async <T>(what: () => Promise<T> | T, label: string): Promise<T> => {
    for (let i = 0; i < 3_000; i++) {
      const value = await what();
      if (value) return value;
      await clock.advance(100);
    }
    throw new Error(`Never: ${label}`);
  };
  const finished = <T>(work: Promise<T>, label: string): Promise<T> => {
    let value: [T] | undefined;
    void work.then((done) => {
      value = [done];
    });
    return during(() => value, label).then((done) => (done as [T])[0]);
  };

  const a = await finished(fleet.tab('a'), 'a');
  const b = await finished(fleet.tab('b'), 'b');
  const since = (await told(a)).since;
  expect(since).toBeLessThanOrEqual(clock.now());
  await finished(a.setName('Ada'), 'named');
  await finished(b.setName('Bert'), 'named');
  const { id: space } = await finished(a.createSpace({ title: 'Team', kind: 'team' }), 'a space');
  const { url } = await finished(a.invite(space, { role: 'member' }), 'an invitation');
  await finished(b.join(url), 'joined');
  await during(async () => (await peerOf(a, b))?.path === 'direct', 'a direct link');
  await during(async () => (await peerOf(a, b))?.rttMs !== null, 'a round trip');
  // The network takes 1 or 2 ms each way.
  for (const peer of (await told(a)).peers.filter(({ rttMs }) => rttMs !== null)) {
    expect(peer.rttMs).toBeGreaterThanOrEqual(2);
    expect(peer.rttMs).toBeLessThanOrEqual(4);
  }
  expect(await peerOf(a, b)).toMatchObject({ kind: 'tab', name: 'Bert', yours: false, device: '' });
  const beacon = (await told(a)).peers.find(({ kind }) => kind === 'beacon');
  expect(beacon).toMatchObject({ path: 'beacon', name: 'Office beacon', deviceId: fleet.beacon.deviceId });
  expect(await told(a)).toMatchObject({
    online: true,
    since,
    beacons: [{ state: 'open', name: 'Office beacon', failures: 0, retryAt: null }],
    signaling: [{ url: SIGNALING_URL, state: 'open', failures: 0, retryAt: null }],
  });

  const ofSpace = async (kernel: KernelApi, other: KernelApi) =>
    (await peerOf(kernel, other))?.spaces.find(({ spaceId }) => spaceId === space);
  const before = await ofSpace(a, b);
  expect(before?.title).toBe('Team');
  const { id: channelId } = await finished(a.run('chat.createChannel', { spaceId: space, title: 'all' }), 'a channel');
  let seen = 0;
  const stop = (a as HostedKernel).watch('os.network', {}, (answer) => {
    seen = (answer as NetworkAnswer).sent;
  });
  await finished(a.run('chat.send', { channelId, text: 'x'.repeat(5_000) }), 'sent');
  await during(async () => ((await ofSpace(a, b))?.sent ?? 0) > (before?.sent ?? 0) + 5_000, 'what was sent counts');
  await during(async () => {
    const [here, there] = [await peerOf(a, b), await peerOf(b, a)];
    return here?.sent === there?.received && here?.received === there?.sent;
  }, 'what one sent, the other received');
  const whole = await peerOf(a, b);
  expect(whole?.spaces.reduce((sum, { sent }) => sum + sent, 0)).toBeLessThan(whole?.sent ?? 0);
  const all = await told(a);
  expect(all.sent).toBe(all.peers.reduce((sum, { sent }) => sum + sent, 0));
  await during(() => seen >= all.sent, 'whoever looks is told again, with no change of links');
  stop();

  const traffic = (await a.query('os.traffic', {})) as TrafficAnswer;
  const { deviceId } = await b.me();
  expect(traffic.sends).toContainEqual(
    expect.objectContaining({ deviceId, kind: 'changes', spaceId: space, title: 'Team' }),
  );
  const given = traffic.recipients.find((each) => each.deviceId === deviceId)?.kinds;
  expect(given?.find(({ kind }) => kind === 'changes')?.bytes).toBeGreaterThan(5_000);
  expect(traffic.slots.reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThanOrEqual(all.sent);
  expect(await a.query('os.neighbours', {})).toEqual([]);

  // The link ends; what it carried stays, and grows with the next one.
  fleet.network.partition([['a'], ['b', 'beacon']]);
  await during(async () => (await peerOf(a, b))?.path === null, 'out of reach');
  expect((await peerOf(a, b))?.rttMs).toBeNull();
  expect((await peerOf(a, b))?.sent).toBeGreaterThanOrEqual(whole?.sent ?? 0);
  await during(async () => (await told(a)).beacons[0]?.state === 'waiting', 'the beacon is tried again');
  const [waiting] = (await told(a)).beacons;
  expect(waiting?.failures).toBeGreaterThan(0);
  expect(waiting?.retryAt).toBeGreaterThan(since);
  fleet.network.partition([]);
  await during(async () => (await peerOf(a, b))?.path === 'direct', 'linked again');
  expect((await peerOf(a, b))?.sent).toBeGreaterThan(whole?.sent ?? 0);

  fleet.network.setUp(SIGNALING_URL, false);
  await during(async () => (await told(a)).signaling[0]?.state !== 'open', 'no signaling');
  await a.setOnline(false);
  expect(await told(a)).toMatchObject({ online: false, beacons: [{ state: 'off' }], signaling: [{ state: 'off' }] });
  fleet.network.setUp(SIGNALING_URL, true);
});

test('where bytes are dear, what both hold is compared a sixth as often', async () => {
  const clock = testClock();
  fleet = await createFleet(4, { clock });
  const during = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds * 2; i++) {
      await clock.advance(500);
    }
  };
  const opening = Promise.all([fleet.tab('a', { kernel: { metered: true } }), fleet.tab('b')]);
  await during(20);
  const tabs = await opening;
  const compared = async (): Promise<readonly number[]> =>
    Promise.all(
      tabs.map(async (tab) => {
        const { kinds } = (await tab.query('os.traffic', {})) as TrafficAnswer;
        return kinds.find(({ kind }) => kind === 'comparing')?.sent.messages ?? 0;
      }),
    );
  const before = await compared();
  await during(360);
  const [dear, usual] = (await compared()).map((count, i) => count - (before[i] ?? 0)) as [number, number];
  expect(usual).toBeGreaterThan(12);
  expect(dear).toBeGreaterThan(0);
  expect(dear).toBeLessThan(usual / 3);
});
