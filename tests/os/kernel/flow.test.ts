/** Credit from end to end: two links over a channel in memory, and a kernel behind one of them that takes its time. */
import { expect, test } from 'vitest';
import { Link, type LinkEvents } from '../../../src/os/kernel/link';
import type { Identity } from '../../../src/os/rights/identity';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { Channel } from '../../../src/ports';
import { QUEUE_BYTES, WINDOW_BYTES } from '../../../src/vm/net/flow';
import { MAX_MESSAGE_BYTES, type Message } from '../../../src/vm/net/frame';
import { until } from '../../support/fleet';
import { foundSpace, holdSpace, newPerson, random } from '../../support/insider';

/** `atOnce`: credit comes back before anything was dealt with. */
const pair = async ({ atOnce = false } = {}) => {
  const clock = virtualClock(Date.now());
  const owner = await newPerson();
  const { id } = await foundSpace(owner);
  const arrived: Message[] = [];
  /** What the kernel has not dealt with yet, the oldest first. */
  const undone: { readonly bytes: number; readonly done: () => void }[] = [];
  const closed: string[] = [];
  let most = 0;
  const waiting = (): number => undone.reduce((sum, { bytes }) => sum + bytes, 0);
  let pump = (): void => {};
  const events = (receives: boolean): LinkEvents => ({
    ready: () => {},
    message: (_, message, done) => {
      if (!receives) return done();
      arrived.push(message);
      if (atOnce) done();
      undone.push({ bytes: message.payload.length, done: atOnce ? () => {} : done });
      most = Math.max(most, waiting());
    },
    room: () => pump(),
    unfinished: () => {},
    turnedAway: () => {},
    moved: () => {},
    closed: (_, reason) => void closed.push(reason),
  });
  const made = async (me: Identity, receives: boolean) => {
    const { context } = await holdSpace(id, me, clock);
    return new Link(context, events(receives), { path: 'direct' }, (binding) => ({
      ...{
        device: me.device,
        kind: 'tab',
        features: [1],
        nonce: random.bytes(32),
        time: clock.now(),
        spaces: [],
        binding,
      },
    }));
  };
  const [from, to] = [await made(owner, false), await made(await newPerson(), true)];
  let onWire = 0;
  const channelTo = (other: Link): Channel<Uint8Array> => ({
    send: (frame) => {
      onWire += frame.length;
      clock.after(1, () => {
        onWire -= frame.length;
        other.channelEvents.received(frame);
      });
    },
    buffered: () => 0,
    close: () => {},
  });
  from.attach(channelTo(to));
  to.attach(channelTo(from));
  for (const link of [from, to]) link.channelEvents.opened(new Uint8Array(32));
  await until(async () => {
    await clock.advance(1);
    return from.ready && to.ready;
  }, 'linked');
  return {
    ...{ clock, from, to, arrived, undone, closed, waiting },
    most: () => most,
    onWire: () => onWire,
    onRoom: (next: () => void) => {
      pump = next;
    },
  };
};
const BATCH = new Uint8Array(48 * 1024);

/** As a session sends: while there is room. Says how much is left. */
const backlog = (from: Link, size: number) => {
  let left = size;
  const send = (): void => {
    while (left > 0 && from.roomForBulk && from.send('entries', BATCH, { space: 1, traffic: 'bulk' }))
      left -= BATCH.length;
  };
  return { send, left: () => Math.max(0, left) };
};

test('[FL1] a kernel that takes its time slows the sender: of 100 MB no more than a window lies there, and what is typed overtakes', async () => {
  const { clock, from, arrived, undone, onRoom, most, closed, onWire } = await pair();
  const { send, left } = backlog(from, 100_000_000);
  onRoom(send);
  send();
  await clock.advance(60_000);
  // It deals with nothing: all but a window and a short queue is still where it was.
  expect(left()).toBeGreaterThan(100_000_000 - WINDOW_BYTES - QUEUE_BYTES.bulk);
  expect(most()).toBeLessThanOrEqual(WINDOW_BYTES);
  expect(most()).toBeGreaterThan(WINDOW_BYTES / 2);

  let typed = 0;
  for (let turn = 0; left() > 0; turn++) {
    undone.shift()?.done();
    if (turn % 100 === 0) {
      const ahead = onWire();
      expect(ahead).toBeLessThanOrEqual(WINDOW_BYTES);
      const before = arrived.length;
      expect(from.send('entry', Uint8Array.of(typed), { space: 1 })).toBe(true);
      await clock.advance(1);
      const at = arrived.findIndex((message, i) => i >= before && message.type === 'entry');
      expect(at, 'with the next that come').toBeGreaterThanOrEqual(0);
      expect(arrived.slice(before, at).reduce((sum, { payload }) => sum + payload.length, 0)).toBeLessThanOrEqual(
        ahead,
      );
      typed++;
    }
    await clock.advance(2);
  }
  expect(typed).toBeGreaterThan(10);
  expect(most()).toBeLessThanOrEqual(WINDOW_BYTES);
  expect(arrived.length).toBeGreaterThan(100_000_000 / BATCH.length);
  expect(closed).toEqual([]);
});

test('[FL1] where credit came back before anything was dealt with, all of it would lie there', async () => {
  const { clock, from, onRoom, most } = await pair({ atOnce: true });
  const { send, left } = backlog(from, 20_000_000);
  onRoom(send);
  send();
  await clock.advance(60_000);
  expect(left()).toBe(0);
  expect(most()).toBeGreaterThan(19_000_000);
});

test('[FL1] the longest message passes whatever was granted last', async () => {
  const { clock, from, arrived, undone, closed } = await pair();
  for (let few = 4; few < 64; few += 4) {
    const before = arrived.length;
    from.send('entries', new Uint8Array(few * 1024 - 4), { space: 1, traffic: 'bulk' });
    await clock.advance(2);
    for (const { done } of undone.splice(0)) done();
    from.send('entries', new Uint8Array(MAX_MESSAGE_BYTES), { space: 1, traffic: 'bulk' });
    await clock.advance(20);
    for (const { done } of undone.splice(0)) done();
    expect(arrived.length - before, `${few} KiB before`).toBe(2);
  }
  expect(closed).toEqual([]);
});

test('[FL1] the longest messages pass, also where the kernel stands still for longer than their time, and hold no more than they may', async () => {
  const { clock, from, arrived, undone, most, closed } = await pair();
  for (const traffic of ['live', 'bulk'] as const)
    for (let i = 0; i < 3; i++) from.send('vector', new Uint8Array(MAX_MESSAGE_BYTES), { space: 1, traffic });
  for (let sent = 0; arrived.length < 4 && sent < 40; sent++) {
    await clock.advance(12_000);
    // Its links are kept alive meanwhile: nothing is lost of what waits.
    undone.shift()?.done();
  }
  expect(closed).toEqual([]);
  expect(arrived.length).toBeGreaterThanOrEqual(3);
  expect(most()).toBeLessThanOrEqual(4 * MAX_MESSAGE_BYTES);
});
