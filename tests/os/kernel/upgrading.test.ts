/** WebRTC in place of the WebSocket to a beacon. With a real one: tests/e2e/paths.spec.ts. */
import { afterEach, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes';
import type { KernelApi, NetworkAnswer } from '../../../src/bridge/messages';
import type { KernelContext } from '../../../src/os/kernel/context';
import type { Link, LinkOptions } from '../../../src/os/kernel/link';
import type { Network } from '../../../src/os/kernel/network';
import { BEACON_RTC, Upgrading } from '../../../src/os/kernel/upgrading';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { PeerChannel, PeerEvents } from '../../../src/ports';
import { BEACON_URL, converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
const told = async (kernel: KernelApi) => {
  const { peers, beacons } = (await kernel.query('os.network', {})) as NetworkAnswer;
  return { paths: peers.filter(({ kind, path }) => kind === 'beacon' && path).map(({ path }) => path), beacons };
};
const reached = (kernel: KernelApi, path: string) =>
  until(async () => (await told(kernel)).paths.join() === path, `the beacon by ${path}`);

it('a tab leaves the WebSocket for WebRTC, works over it, and is back on the WebSocket and up again when it ends', async () => {
  fleet = await createFleet(1, { beaconRtc: true });
  const a = await fleet.tab('a');
  await reached(a, 'beaconRtc');
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  await until(async () => (await a.durability(space)).beacons === 1, 'the beacon has it');
  expect((await told(a)).beacons).toMatchObject([{ url: BEACON_URL, state: 'open', failures: 0 }]);
  expect(fleet.closings.get('a better way')).toBe(1);
  const b = await fleet.tab('b', { direct: false });
  const c = await fleet.tab('c', { kernel: { links: 'relay' } });
  const { url } = await a.invite(space, { role: 'member', uses: 2 });
  for (const kernel of [b, c]) {
    await kernel.join(url, { timeoutMs: 30_000 });
    await reached(kernel, 'beacon');
  }
  await converged([a, b, c], space);

  fleet.network.setUp(BEACON_URL, false);
  await reached(a, '');
  fleet.network.setUp(BEACON_URL, true);
  await reached(a, 'beaconRtc');
  expect(fleet.closings.get('a better way')).toBe(2);
});

/** A node of a kind with links that only keep what is sent. */
const node = (kind: 'tab' | 'beacon', limit?: ConstructorParameters<typeof Upgrading>[3]) => {
  const clock = virtualClock(0);
  const made: { polite: boolean; events: PeerEvents; heard: string[] }[] = [];
  const opened: { link: Link; options: LinkOptions }[] = [];
  const createPeer = (polite: boolean, events: PeerEvents): PeerChannel => {
    const heard: string[] = [];
    made.push({ polite, events, heard });
    return { send: () => {}, buffered: () => 0, close: () => {}, signal: (text) => heard.push(text) };
  };
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const context = { kind, count, ports: { clock, transport: { createPeer } } } as unknown as KernelContext;
  const network = {
    open: (options: LinkOptions, connect: (link: Link) => unknown) => {
      const link = { options, channelEvents: {} } as unknown as Link;
      opened.push({ link, options });
      connect(link);
      return link;
    },
    routed: () => {},
  } as unknown as Network;
  return { clock, counts, made, opened, upgrading: new Upgrading(context, network, false, limit) };
};
const socket = (kind: 'tab' | 'beacon', features: readonly number[] = [BEACON_RTC]) => {
  const sent: string[] = [];
  const link = {
    ready: { kind, features, device: 'd' },
    options: { path: 'relayed', local: true },
    closed: false,
    send: (type: string) => sent.push(type) > 0,
  } as unknown as Link;
  return { link, sent };
};

it('[UP1] only a tab begins, with a beacon that can, for the device at the end of the WebSocket', () => {
  for (const [at, other, features, tries] of [
    ['tab', 'beacon', [BEACON_RTC], 1],
    ['tab', 'beacon', [1], 0],
    ['tab', 'tab', [BEACON_RTC], 0],
    ['beacon', 'tab', [BEACON_RTC], 0],
  ] as const) {
    const { made, opened, upgrading } = node(at);
    const { link, sent } = socket(other, features);
    upgrading.linked(link);
    upgrading.linked(link);
    expect([at, other, made.map(({ polite }) => polite)]).toEqual([at, other, tries ? [false] : []]);
    if (!tries) continue;
    expect(opened[0]?.options).toEqual({ path: 'direct', expected: 'd', local: true });
    made[0]?.events.signal('offer');
    expect(sent).toEqual(['rtc']);
  }
});

it('[UP1] [UP2] a beacon answers once for each WebSocket, and takes signals over nothing else', () => {
  const { made, upgrading } = node('beacon');
  const { link } = socket('tab');
  for (const text of ['offer', 'candidate']) expect(upgrading.heard(link, utf8(text))).toBe(true);
  expect(made.map(({ polite, heard }) => [polite, heard])).toEqual([[true, ['offer', 'candidate']]]);
  expect(upgrading.heard(link, new Uint8Array(16 * 1024 + 1))).toBe(false);
  expect(upgrading.heard(link, Uint8Array.of(0xff))).toBe(false);
  const direct = { ...link, options: { path: 'direct' } } as unknown as Link;
  expect(upgrading.heard(direct, utf8('offer'))).toBe(false);
  expect(made.length).toBe(1);
});

it('[UP4] a device that calls and fails all the time gets few connections of a beacon; without the limit one for each call', async () => {
  const calls = async (limit?: ConstructorParameters<typeof Upgrading>[3]) => {
    const { clock, counts, made, opened, upgrading } = node('beacon', limit);
    const { link } = socket('tab');
    for (let i = 0; i < 1_000; i++) {
      expect(upgrading.heard(link, utf8('{}'))).toBe(true);
      upgrading.unlinked(opened.at(-1)?.link as Link);
      // A hundred a second.
      await clock.advance(10);
    }
    return { made: made.length, ignored: counts.get('ignored.rtc') ?? 0 };
  };
  expect(await calls()).toEqual({ made: 3, ignored: 997 });
  expect(await calls({ take: () => true } as never)).toEqual({ made: 1_000, ignored: 0 });
});

it('[UP3] a try that came to nothing is made again later and later, until the WebSocket ends', async () => {
  const { clock, made, opened, upgrading } = node('tab');
  const { link } = socket('beacon');
  upgrading.linked(link);
  const waits: number[] = [];
  for (let i = 1; i < 9; i++) {
    upgrading.unlinked(opened.at(-1)?.link as Link);
    let waited = 0;
    for (; made.length === i; waited += 10) await clock.advance(10_000);
    waits.push(waited);
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1_800, 1_800]);
  upgrading.unlinked(opened.at(-1)?.link as Link);
  upgrading.unlinked(link);
  await clock.advance(4_000_000);
  expect(made.length).toBe(9);
});
