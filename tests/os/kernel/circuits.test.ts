/** Links through a neighbour, among whole kernels. Its bounds: circuit-middle.test.ts; hostile ones: tests/attacks/circuits.test.ts. */
import { afterEach, expect, it } from 'vitest';
import type { PeerRow } from '../../../src/bridge/messages';
import { type Fleet, pathTo, reached, texts, threeApart, told, wayTo } from '../../support/apart';
import type { TabOptions } from '../../support/fleet';
import { converged, until } from '../../support/fleet';

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
const apart = (options: Partial<Record<'a' | 'b' | 'c', TabOptions>> = {}) =>
  threeApart((opened) => {
    fleet = opened;
  }, options);

it('[CI5] two who cannot connect meet in a space that nobody between them holds through a neighbour, and leave it when they can', async () => {
  const { a, b, c, team, pair, channelId, invite, open } = await apart();
  await b.join(invite, { timeoutMs: 600_000 });
  await a.run('chat.send', { channelId, text: 'through Clara' });
  await until(async () => (await texts(b, channelId)).includes('through Clara'), 'the message');
  await b.run('chat.send', { channelId, text: 'and back' });
  await converged([a, b], pair);
  const { deviceId } = await c.me();
  for (const [kernel, other] of [
    [a, b],
    [b, a],
  ] as const) {
    await reached(kernel, other, 'circuit');
    expect((await wayTo(kernel, other))?.via).toBe(deviceId);
    const rows = (await kernel.query('os.peers', {})) as readonly PeerRow[];
    expect(rows.find(({ path }) => path === 'circuit')?.via).toBe(deviceId);
  }
  await a.run('chat.createChannel', { spaceId: team, title: 'general' });
  await converged([a, b, c], team);
  const spaces = (await wayTo(a, b))?.spaces.map(({ spaceId }) => spaceId);
  expect([spaces?.includes(pair), spaces?.includes(team)], '[CI6] the team goes through Clara as ever').toEqual([
    true,
    false,
  ]);
  const { carried } = await told(c);
  expect(carried).toEqual({ circuits: 1, bytes: expect.any(Number) });
  expect(carried.bytes).toBeGreaterThan(1_000);

  open();
  for (const [kernel, other] of [
    [a, b],
    [b, a],
  ] as const)
    await reached(kernel, other, 'direct');
  await until(async () => (await told(c)).carried.circuits === 0, 'left');
});

it('[CI1] [CI5] where bytes are dear nobody is carried, and the two do not meet', async () => {
  const { a, b, c, invite } = await apart({ c: { kernel: { metered: true } } });
  void b.join(invite, { timeoutMs: 600_000 }).catch(() => {});
  await until(async () => ((await c.stats())['refused.circuit.busy'] ?? 0) > 0, 'it was asked');
  expect(await pathTo(a, b)).toBe(null);
});
