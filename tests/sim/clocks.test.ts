/** Clocks that are hours off, on either side, with a beacon and without: nobody is mute and nothing waits for hours. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { medianOffset, NetworkTime } from '../../src/os/kernel/time';
import { virtualClock } from '../../src/platform/memory/clock';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { MAX_AHEAD_MS } from '../../src/vm/op/clock';
import { skewedClock } from '../support/clocks';
import { converged, createFleet, until } from '../support/fleet';

const HOUR = 3_600_000;
let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
});

const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map((row) => row.text);
const seen = (kernels: readonly KernelApi[], channelId: string, text: string) =>
  until(
    async () =>
      (await Promise.all(kernels.map((kernel) => texts(kernel, channelId)))).every((all) => all.includes(text)),
    `everybody sees "${text}"`,
    4_000,
  );

for (const who of ['founder', 'joiner'] as const) {
  for (const hours of [3, -3]) {
    for (const beacon of [true, false]) {
      const name = `${who} ${hours > 0 ? 'fast' : 'slow'}, ${beacon ? 'with' : 'without'} a beacon`;
      test(`[NT1] messages appear at once, also after the clock is set and after a restart: ${name}`, async () => {
        fleet = await createFleet();
        const clock = skewedClock(hours * HOUR);
        const disk = { storage: memoryStorage(), vault: memoryVault() };
        const wrong = await fleet.tab('wrong', { clock, beacon, ...disk });
        const right = await fleet.tab('right', { beacon });
        const [founder, joiner] = who === 'founder' ? [wrong, right] : [right, wrong];
        const { id: space } = await founder.createSpace({ title: 'Team', kind: 'team' });
        const { url } = await founder.invite(space, { role: 'member' });
        const { id: channelId } = (await founder.run('chat.createChannel', { spaceId: space, title: 'all' })) as {
          id: string;
        };
        await joiner.join(url, { timeoutMs: 30_000 });
        await converged([wrong, right], space);
        const talk = async (kernel: KernelApi, when: string): Promise<void> => {
          for (const [from, label] of [
            [kernel, 'wrong'],
            [right, 'right'],
          ] as const) {
            for (let i = 0; i < 3; i++) {
              const text = `${label} ${when} ${i}`;
              await from.run('chat.send', { channelId, text });
              await seen([kernel, right], channelId, text);
            }
          }
        };
        await talk(wrong, 'skewed');
        clock.set(0);
        await talk(wrong, 'set right');
        clock.set(hours * HOUR);
        await talk(wrong, 'set wrong again');
        await wrong.stop();
        const again = await fleet.tab('wrong', { clock, beacon, ...disk });
        await until(async () => (await again.stats()).links ?? 0, 'linked again');
        expect((await texts(again, channelId)).length).toBe(18);
        await talk(again, 'restarted');
        await again.setName('Somebody');
        const { id: more } = (await again.run('chat.createChannel', { spaceId: space, title: 'more' })) as {
          id: string;
        };
        await right.run('chat.send', { channelId: more, text: 'x' }).catch(() => {});
        await converged([again, right], space);
        expect((await again.stats()).parked).toBe(0);
        expect((await right.stats()).parked).toBe(0);
      });
    }
  }
}

test('[NT1] a clock that was set is seen as one, and what was measured against it is dropped', async () => {
  const clock = virtualClock(1_000_000).skewed(3 * HOUR);
  const time = new NetworkTime(clock);
  const moved: string[] = [];
  time.moved = (why) => moved.push(why);
  time.heard('beacon', 'beacon', 1_000_000);
  expect(time.now()).toBe(1_000_000);
  clock.setOffset(0);
  expect(time.now()).toBe(1_000_000);
  expect(moved).toEqual(['sample', 'jump']);
  // Without it, the network's time would lie three hours back, and all that others write in the future.
  const kept = medianOffset([{ offset: -3 * HOUR, weight: 3 }]);
  expect(clock.now() + kept + MAX_AHEAD_MS).toBeLessThan(1_000_000);
});

test('[NT2] [NT3] a tab alone pulls nobody more than a day ahead, and no tab moves a beacon', () => {
  const clock = virtualClock(1_000_000);
  const time = new NetworkTime(clock);
  time.heard('liar', 'tab', 1_000_000 + 10 * 365 * 24 * HOUR);
  expect(time.offset).toBe(24 * HOUR);
  // The median alone would follow it for ten years.
  expect(medianOffset([{ offset: 10 * 365 * 24 * HOUR, weight: 1 }])).toBe(10 * 365 * 24 * HOUR);
  const beacon = new NetworkTime(clock, false);
  for (let i = 0; i < 10; i++) beacon.heard(`liar ${i}`, 'tab', 0);
  expect(beacon.offset).toBe(0);
});

test('[NT1] a majority decides: one liar among three moves nobody', () => {
  expect(
    medianOffset([
      { offset: 0, weight: 1 },
      { offset: 10 * HOUR, weight: 1 },
    ]),
  ).toBe(0);
  expect(medianOffset([{ offset: -3 * HOUR, weight: 3 }])).toBe(-3 * HOUR);
});
