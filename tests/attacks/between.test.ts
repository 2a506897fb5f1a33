/**
 * A signaling server that has both tabs connect to itself: it swaps the fingerprints in what it passes on, ends both connections and
 * hands all frames through. Each tab then sees another connection than the other.
 */
import { afterEach, expect, test } from 'vitest';
import { concat } from '../../src/base/bytes';
import type { KernelApi, MessageRow, NetworkAnswer } from '../../src/bridge/messages';
import { FRAME_TYPES } from '../../src/vm/net/frame';
import { hastyClock } from '../support/clocks';
import { createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
const named = (frame: number): string | undefined =>
  Object.entries(FRAME_TYPES).find(([, number]) => number === frame)?.[0];

/** What goes through the hands of the one in the middle, by the names of frames. */
const standBetween = async (binding: (seen: Uint8Array) => Uint8Array) => {
  fleet = await createFleet(1, { clock: hastyClock(12) });
  const heard = new Set<string | undefined>();
  const frame = (bytes: Uint8Array): Uint8Array => {
    heard.add(named(bytes[0] as number));
    return bytes;
  };
  const a = await fleet.tab('a', { meddle: { frame, binding } });
  const b = await fleet.tab('b');
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  const devices = [(await a.me()).deviceId, (await b.me()).deviceId] as const;
  const about = async (kernel: KernelApi, device: string) =>
    ((await kernel.query('os.network', {})) as NetworkAnswer).peers.find(({ deviceId }) => deviceId === device);
  const arrives = async (): Promise<boolean> => {
    await a.run('chat.send', { channelId, text: 'for b alone' });
    return until(async () => {
      const rows = (await b.query('chat.messages', { channelId })) as readonly MessageRow[];
      return rows.some(({ text }) => text === 'for b alone');
    }, 'the message');
  };
  return { heard, seen: [() => about(a, devices[1]), () => about(b, devices[0])] as const, arrives };
};

test('[T65] [HS3] with a server between two tabs their link never gets ready, nothing but greetings passes it, and people are told; with both ends seen alike it hears all', async () => {
  const { heard, seen, arrives } = await standBetween((binding) => concat(binding, Uint8Array.of(1)));
  await until(async () => {
    const rows = await Promise.all(seen.map((about) => about()));
    return rows.some((peer) =>
      peer?.turnedAway.some(({ kind, reason }) => kind === 'between' && reason === 'somebodyBetween'),
    );
  }, 'somebody is told');
  await arrives();
  expect([...heard].filter((name) => !['hello', 'auth', 'refuse'].includes(name ?? ''))).toEqual([]);
  for (const about of seen) expect((await about())?.path).not.toBe('direct');
  await fleet?.stop();

  const open = await standBetween((binding) => binding);
  await until(async () => (await open.seen[0]())?.path === 'direct', 'a direct link');
  await open.arrives();
  await until(() => open.heard.has('entry'), 'an entry in the hands of the one between');
});
