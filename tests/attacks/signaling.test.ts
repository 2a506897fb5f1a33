/** T66, T67, T68: a signaling server that watches for a month, or says that nobody is there; and a node that alters or keeps signals. */
import { expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import { createContext } from '../../src/os/kernel/context';
import { Meeting } from '../../src/os/kernel/meeting';
import type { Network } from '../../src/os/kernel/network';
import { virtualClock } from '../../src/platform/memory/clock';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { inboxTopicOf, topicsOf } from '../../src/vm/net/rendezvous';
import { publishText, type SessionId, sealSignal, subscribeText } from '../../src/vm/net/signal';
import type { DeviceId } from '../../src/vm/op/ids';

const DAY = 86_400_000;
const BEGAN = Date.UTC(2026, 0, 5, 8);

/** What a server hears of one device that comes once a day for a month, a new run each time: by day, all strings of 16 letters or more. */
const transcript = async (topicDay: (day: number) => number): Promise<{ texts: string[]; byDay: Set<string>[] }> => {
  const random = seededRandom(66);
  const crypto = webCrypto();
  const key = await crypto.signingKey(random.bytes(32));
  const device = toHex(key.publicKey) as DeviceId;
  const room = random.bytes(32);
  const texts: string[] = [];
  const byDay: Set<string>[] = [];
  for (let day = 0; day < 30; day++) {
    const now = BEGAN + topicDay(day) * DAY;
    const session = toHex(random.bytes(16)) as SessionId;
    const message = { kind: 'announce', from: device, session, count: 0, time: now, alone: true, payload: '' } as const;
    const sealed = await sealSignal(crypto, webRandom(), key.handle, room, {
      ...message,
      to: undefined,
      toSession: undefined,
    });
    const said = [subscribeText([inboxTopicOf(device, session)]), publishText(topicsOf(room, now)[1], sealed)];
    texts.push(...said);
    byDay.push(new Set(said.flatMap((text) => text.match(/[\w-]{16,}/g) ?? [])));
    expect(said.join().toLowerCase()).not.toContain(device);
    expect(said.join()).not.toContain(Buffer.from(key.publicKey).toString('base64url'));
  }
  return { texts, byDay };
};
const repeated = (byDay: readonly Set<string>[]): number => {
  const seen = new Set<string>();
  let count = 0;
  for (const strings of byDay) for (const text of strings) if (seen.size === seen.add(text).size) count++;
  return count;
};

test('[T66] in what a server hears of one device over 30 days no string comes twice, and no key; with topics that stay it does', async () => {
  expect(repeated((await transcript((day) => day)).byDay)).toBe(0);
  expect(repeated((await transcript(() => 0)).byDay)).toBe(29);
});

/** A tab alone with a server, which says what it likes. */
const listening = async () => {
  const crypto = webCrypto();
  const random = webRandom();
  const room = random.bytes(32);
  const own = await crypto.signingKey(random.bytes(32));
  const device = toHex(own.publicKey) as DeviceId;
  const clock = virtualClock(BEGAN);
  const said: string[] = [];
  let heard = 0;
  let server = { received: (_: string): void => {} };
  const transport = {
    createPeer: (_: boolean, events: { signal(payload: string): void }) => {
      queueMicrotask(() => events.signal('offer'));
      return { send: () => {}, signal: () => {}, buffered: () => 0, close: () => {} };
    },
    dialSignaling: (_: string, events: typeof server & { opened(binding: Uint8Array): void }) => {
      server = events;
      queueMicrotask(() => events.opened(new Uint8Array()));
      return { send: (text: string) => said.push(text), buffered: () => 0, close: () => {} };
    },
  };
  const parts = { kind: 'tab', ports: { clock, crypto, random, transport }, device: { device, key: own } };
  const context = createContext({ ...parts, time: { now: () => clock.now() } } as never);
  const open = (_: unknown, connect: (link: unknown) => void) => connect({ channelEvents: {}, close: () => {} });
  const overlay = {
    gate: (_: Uint8Array, { to }: { to: DeviceId | undefined }) => {
      heard++;
      return to === undefined ? 'heard' : 'pass';
    },
    ...{ announced: () => {}, carry: () => {}, isCrowded: false },
  };
  const meeting = new Meeting(context, { open } as unknown as Network, () => [room], overlay as never);
  meeting.addServers(['ws://signaling']);
  meeting.start();
  /** Of a device that nobody has heard of; where it is answered. */
  const announce = async (to?: DeviceId): Promise<string> => {
    const key = await crypto.signingKey(random.bytes(32));
    const [from, session] = [toHex(key.publicKey) as DeviceId, toHex(random.bytes(16)) as SessionId];
    const sealed = await sealSignal(crypto, random, key.handle, room, {
      ...{ kind: 'announce', from, session, count: 0, time: BEGAN, alone: true, payload: '', to },
      toSession: to && meeting.session,
    });
    const before = heard;
    server.received(publishText(topicsOf(room, BEGAN)[1], sealed));
    while (heard === before) await new Promise((next) => setImmediate(next));
    return inboxTopicOf(from, session);
  };
  return { meeting, device, said, counts: context.counts, announce, tell: (text: string) => server.received(text) };
};

test('[RV5] T67: whoever holds a room key and comes under a thousand names makes no node unable to answer the next one', async () => {
  const { meeting, device, said, announce } = await listening();
  for (let i = 0; i < 520; i++) await announce();
  const inbox = await announce(device);
  while (!said.some((text) => text.includes(inbox))) await new Promise((next) => setImmediate(next));
  meeting.stop();
});

test('a server that refuses for a thousand reasons uses up no counters of a tab', async () => {
  const { meeting, counts, tell } = await listening();
  for (let i = 0; i < 1_000; i++) tell(JSON.stringify({ type: 'refused', reason: `reason ${i}` }));
  expect(counts.get('signaling.reason 0')).toBe(1);
  expect(counts.get('signaling.other')).toBe(968);
  expect(counts.size).toBeLessThan(40);
  meeting.stop();
});
