/** How soon a newcomer to a large space sees what was said last: from a confirmed state, and from the history alone. */
import { expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import type { CheckpointLimits } from '../../src/os/kernel/checkpoints';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { LAST, planOf, seedSpace } from '../bench/seeding';
import { createFleet, until } from '../support/fleet';

const OPS = Number(process.env.LGOS_JOIN_OPS ?? 200_000);
/** Messages that are entries of their own. */
const ALONE = Number(process.env.LGOS_JOIN_ALONE ?? OPS / 10);
const LONG = 900_000;
const NEVER: CheckpointLimits = { entries: 1e9, bytes: 1e12, apartMs: 1e9, quietMs: 1e8, behind: 1e9 };

test('[CK11] what was said last is seen before the history has come', async () => {
  const [storage, vault] = [memoryStorage(), memoryVault()];
  const seeded = await seedSpace(storage, vault, { ...planOf(OPS), alone: ALONE });
  const { space, entries, ops } = seeded;
  const channelId = seeded.channels[0] as string;
  const fleet = await createFleet(1, { hosting: { quotaBytes: 1e10 } });
  const states = { ...NEVER, entries: 100, apartMs: 0, quietMs: 500 };
  const owner = await fleet.tab('owner', { direct: false, storage, vault, kernel: { checkpoints: states } });
  const { url } = await owner.invite(space, { role: 'member', uses: 9 });
  await until(async () => (await owner.durability(space)).beacons > 0, 'the beacon has all', LONG);
  const counted = async (kernel: KernelApi, name: string): Promise<number> => (await kernel.stats())[name] ?? 0;
  const join = async (name: string, checkpoints: Partial<CheckpointLimits>) => {
    const kernel = await fleet.tab(name, { direct: false, kernel: { checkpoints } });
    const from = performance.now();
    await kernel.join(url, { timeoutMs: LONG });
    const joined = performance.now() - from;
    const isThere = async (): Promise<boolean> =>
      ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).some(({ text }) => text === LAST);
    await until(isThere, 'the newest', LONG);
    const seen = performance.now() - from;
    const held = await counted(kernel, 'entries');
    await until(async () => (await counted(kernel, 'entries')) >= entries, 'the history', LONG);
    const all = performance.now() - from;
    console.log(
      JSON.stringify({ name, entries, ops, joined, seen, held, all, previews: await counted(kernel, 'previews') }),
    );
    return { kernel, seen, held };
  };
  const first = await join('without', { ...states, behind: 1e9 });
  const both = async (name: string): Promise<number> =>
    (await counted(owner, name)) + (await counted(first.kernel, name));
  await until(async () => (await both('checkpointsStated')) > 0, 'stated', LONG);
  await until(async () => (await both('checkpointsConfirmed')) > 0, 'confirmed', LONG);
  await until(async () => (await owner.durability(space)).beacons > 0, 'the beacon has the state', LONG);
  console.log(
    JSON.stringify({ stated: await both('checkpointsStated'), confirmed: await both('checkpointsConfirmed') }),
  );
  const heldBy = async (kernel: KernelApi): Promise<number> => counted(kernel, 'bytesHeld');
  await until(
    async () => (fleet.beacon.stats().bytesHeld ?? 0) >= Math.max(await heldBy(owner), await heldBy(first.kernel)),
    'the beacon has the snapshot',
    LONG,
  );
  // They were there; now the beacon alone serves.
  await first.kernel.stop();
  await owner.stop();
  const second = await join('with', { ...NEVER, behind: 100 });
  expect(second.held).toBeLessThan(entries);
  expect(await counted(second.kernel, 'previews')).toBe(1);
  expect(await counted(second.kernel, 'checkpointsFalse')).toBe(0);
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});
