/** Whoever carries what two say to each other, and bends or loses some of it; and pages of other sites at a beacon's sockets. */
import type { IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { isLocalPage } from '../../beacon/http';
import { seededRandom } from '../../src/base/random';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { type HostingPolicy, hostingAllowed } from '../../src/os/kernel/hosting';
import { FRAME_TYPES } from '../../src/vm/net/frame';
import type { SpaceId } from '../../src/vm/op/ids';
import { converged, createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map(({ text }) => text).sort();

test('[T63] a relay that bends one entry in three and loses another third corrupts nothing; what it spoils comes another way', async () => {
  fleet = await createFleet();
  const random = seededRandom(63);
  let [isHostile, bent, lost] = [false, 0, 0];
  const bend = (frame: Uint8Array): Uint8Array | undefined => {
    if (!isHostile || (frame[0] !== FRAME_TYPES.entry && frame[0] !== FRAME_TYPES.entries)) return frame;
    const turn = random.below(3);
    if (turn === 0) return frame;
    if (turn === 1) {
      lost++;
      return undefined;
    }
    bent++;
    const other = frame.slice();
    const at = 8 + random.below(frame.length - 8);
    other[at] = (other[at] as number) ^ 1;
    return other;
  };
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', { bend });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  isHostile = true;
  for (let i = 0; i < 12; i++) await a.run('chat.send', { channelId, text: `message ${i}` });
  await until(async () => (await texts(b, channelId)).length === 12, 'all messages', 30_000);
  expect(await texts(b, channelId)).toEqual(await texts(a, channelId));
  await converged([a, b], space);
  expect(bent + lost).toBeGreaterThan(0);
  const refused = Object.entries(await b.stats()).filter(([name]) =>
    /^refused\.(malformedEntry|badSignature|badEntry)/.test(name),
  );
  expect(refused.length > 0 || bent === 0).toBe(true);
});

test('[T70] a page of another site is to a beacon what any stranger is; taken for a page of its own it could have spaces kept', () => {
  const from = (origin: string | undefined, remoteAddress = '127.0.0.1'): IncomingMessage =>
    ({ socket: { remoteAddress }, headers: { host: 'localhost:4780', origin } }) as never;
  const asks = (local: boolean) =>
    hostingAllowed(
      { hosting: 'code', joinCode: 'ABCD', listed: [], maxSpaces: 9, quotaBytes: 1 } as never as HostingPolicy,
      { space: '0'.repeat(64) as SpaceId, joinCode: '', user: 'x', local, known: false, spaces: 0 },
    );
  for (const origin of ['https://evil.example', 'http://localhost:4781', 'null', undefined, ''])
    expect(asks(isLocalPage(from(origin))), `${origin}`).toBe('notInvited');
  expect(asks(isLocalPage(from('http://localhost:4780', '192.0.2.7')))).toBe('notInvited');
  expect(asks(isLocalPage(from('http://localhost:4780')))).toBe('none');
  // By the address of this machine alone any site that one visits would be let in.
  expect(asks(true)).toBe('none');
});
