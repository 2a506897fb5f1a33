/** Whoever carries what two say to each other, and bends or loses some of it; and pages of other sites at a beacon's sockets. */
import type { IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { isLocalPage } from '../../beacon/http';
import { seededRandom } from '../../src/base/random';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { type HostingPolicy, hostingAllowed } from '../../src/os/kernel/hosting';
import { webCrypto } from '../../src/platform/webcrypto';
import type { Crypto } from '../../src/ports';
import { FRAME_HEADER_BYTES, FRAME_TYPES } from '../../src/vm/net/frame';
import type { SpaceId } from '../../src/vm/op/ids';
import { converged, createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
/** Also with a channel. */
const inOneSpace = async (a: KernelApi, b: KernelApi) => {
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  return { space, channelId };
};
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
  const { space, channelId } = await inOneSpace(a, b);
  isHostile = true;
  for (let i = 0; i < 12; i++) await a.run('chat.send', { channelId, text: `message ${i}` });
  await until(async () => (await texts(b, channelId)).length === 12, 'all messages');
  expect(await texts(b, channelId)).toEqual(await texts(a, channelId));
  await converged([a, b], space);
  expect(bent + lost).toBeGreaterThan(0);
  const refused = Object.entries(await b.stats()).filter(([name]) =>
    /^refused\.(malformedEntry|badSignature|badEntry)/.test(name),
  );
  expect(refused.length > 0 || bent === 0).toBe(true);
});

/** The relay changes a letter of each signature. */
const byteOfSignature = (entry: Uint8Array): number =>
  FRAME_HEADER_BYTES + 185 + 32 * (entry[FRAME_HEADER_BYTES + 184] as number) + 36;

test('[T63] what a relay signs anew is taken by nobody; who looks at no signature keeps what no other takes', async () => {
  const kept = async (crypto: Crypto) => {
    fleet = await createFleet();
    let [isHostile, bent] = [false, 0];
    const bend = (frame: Uint8Array): Uint8Array | undefined => {
      if (isHostile && frame[0] === FRAME_TYPES.entries) return undefined;
      if (!isHostile || frame[0] !== FRAME_TYPES.entry) return frame;
      bent++;
      const other = frame.slice();
      const at = byteOfSignature(frame);
      other[at] = (other[at] as number) ^ 1;
      return other;
    };
    const a = await fleet.tab('a');
    const b = await fleet.tab('b', { bend, crypto, direct: false });
    const { space, channelId } = await inOneSpace(a, b);
    isHostile = true;
    await a.run('chat.send', { channelId, text: 'said' });
    const refused = async (): Promise<number> => (await b.stats())['refused.badSignature'] ?? 0;
    await until(
      async () => bent > 0 && ((await refused()) > 0 || (await texts(b, channelId)).length > 0),
      'it was looked at',
    );
    isHostile = false;
    await until(async () => (await texts(b, channelId)).length > 0, 'the message');
    const bundle = await b.exportSpace(space, { keys: 'open' });
    const sound = await fleet.tab('c', { beacon: false });
    const taken = await sound.importBundle(bundle).then(
      () => 'taken',
      () => 'refused',
    );
    await fleet.stop();
    return taken;
  };
  expect(await kept(webCrypto())).toBe('taken');
  expect(await kept({ ...webCrypto(), verify: async () => true })).toBe('refused');
});

test('[T63] a relay that loses all entries keeps none from who is linked otherwise; who has no other way lacks them all', async () => {
  const got = async (direct: boolean) => {
    fleet = await createFleet();
    let [isHostile, lost] = [false, 0];
    const bend = (frame: Uint8Array): Uint8Array | undefined => {
      if (!isHostile || (frame[0] !== FRAME_TYPES.entry && frame[0] !== FRAME_TYPES.entries)) return frame;
      lost++;
      return undefined;
    };
    const a = await fleet.tab('a', { direct });
    const b = await fleet.tab('b', { bend, direct });
    const { channelId } = await inOneSpace(a, b);
    if (direct) await until(async () => ((await b.stats()).links ?? 0) > 1, 'a link beside the relay');
    isHostile = true;
    for (let i = 0; i < 4; i++) await a.run('chat.send', { channelId, text: `message ${i}` });
    const count = async (): Promise<number> => (await texts(b, channelId)).length;
    await until(async () => (direct ? (await count()) === 4 : lost >= 4), 'all is there, or lost');
    const got = await count();
    await fleet.stop();
    return got;
  };
  expect(await got(true)).toBe(4);
  expect(await got(false)).toBe(0);
});

test('[T70] a page of another site is to a beacon what any stranger is; taken for a page of its own it could have spaces kept', () => {
  const from = (origin: string | undefined, remoteAddress = '127.0.0.1'): IncomingMessage =>
    ({ socket: { remoteAddress }, headers: { host: 'localhost:4780', origin } }) as never;
  const asks = (local: boolean, hosting: HostingPolicy['hosting'] = 'code') =>
    hostingAllowed({ hosting, joinCode: 'ABCD', listed: [], maxSpaces: 9, quotaBytes: 1 } as never as HostingPolicy, {
      space: '0'.repeat(64) as SpaceId,
      joinCode: '',
      user: 'x',
      local,
      known: false,
      spaces: 0,
    });
  for (const origin of ['https://evil.example', 'http://localhost:4781', 'null', undefined, ''])
    expect(asks(isLocalPage(from(origin))), `${origin}`).toBe('notInvited');
  expect(asks(isLocalPage(from('http://localhost:4780', '192.0.2.7')))).toBe('notInvited');
  expect(asks(isLocalPage(from('http://localhost:4780')))).toBe('none');
  // By the address of this machine alone any site that one visits would be let in.
  expect(asks(true)).toBe('none');
  // And whoever keeps a space for each who asks asks nobody where they come from.
  expect(asks(isLocalPage(from('https://evil.example')), 'open')).toBe('none');
});
