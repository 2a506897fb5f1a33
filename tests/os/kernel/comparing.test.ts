/** Two nodes with more logs than a list is sent of, over a link that only carries and counts. */
import { expect, test } from 'vitest';
import { equalBytes } from '../../../src/base/bytes';
import { decode, encode } from '../../../src/base/codec';
import { seededRandom } from '../../../src/base/random';
import { SKETCHES } from '../../../src/os/kernel/comparing';
import type { Link } from '../../../src/os/kernel/link';
import { readEntries, Session } from '../../../src/os/kernel/session';
import type { FrameType } from '../../../src/vm/net/frame';
import { FRAME_HEADER_BYTES } from '../../../src/vm/net/frame';
import type { Entry } from '../../../src/vm/op/entry';
import {
  rangeCodec,
  rootCodec,
  shortVectorCodec,
  sketchAskCodec,
  sketchCodec,
  vectorCodec,
} from '../../../src/vm/sync/messages';
import { Node } from '../../support/shelf';
import { stage } from '../../support/stage';

type Sent = { type: FrameType; payload: Uint8Array };
type Bend = (sent: Sent) => Sent | undefined | Promise<Sent>;
const read = <T>(decoded: { ok: true; value: T } | { ok: false }): T => {
  if (!decoded.ok) throw new Error('A message that does not decode');
  return decoded.value;
};

/** Logs of one Member on two nodes: all of `common` on both, of the others each half. */
const meet = async (common: number, apart: number, features: readonly number[] = [1, 3, SKETCHES]) => {
  const here = await stage();
  const entries: Entry[] = [];
  for (let i = 0; i < common + apart; i++)
    entries.push(await here.set(here.authors.member, 'title', `${i}`, { incarnation: i + 1 }));
  const random = seededRandom(common);
  const nonces = [random.bytes(32), random.bytes(32)] as const;
  let now = Date.now();
  const clock = { now: () => now, after: () => () => {} };
  const nodes = [await Node.of(here, here.people.owner, clock), await Node.of(here, here.people.admin, clock)] as const;
  for (const [at, node] of nodes.entries()) {
    await node.take(...here.tab.space.replica.entries.values());
    await node.take(...entries.filter((_, i) => i >= apart || i % 2 === at));
  }
  const ends = nodes.map((node, at) => {
    const sent: Sent[] = [];
    const other = nodes[1 - at] as Node;
    const link = {
      ready: { device: other.device, kind: 'tab', nonces, features },
      roomForBulk: true,
      bulk: { given: 0, dealtWith: 0 },
      closed: false,
      send: (type: FrameType, payload: Uint8Array) => sent.push({ type, payload }) > 0,
    } as unknown as Link;
    const me = { device: node.device, count: (name: string) => node.held.context.count(name) };
    return { node, sent, session: new Session(link, node.space, 1, clock, me, () => []) };
  });
  const hear = async ({ node, session }: (typeof ends)[number], { type, payload }: Sent): Promise<void> => {
    const { comparing } = session;
    if (type === 'root') session.rootReceived(read(decode(rootCodec, payload)));
    if (type === 'vector') session.vectorReceived(read(decode(vectorCodec, payload)));
    if (type === 'sketch') comparing.sketchHeard(read(decode(sketchCodec, payload)));
    if (type === 'sketchAsk') comparing.asked(read(decode(sketchAskCodec, payload)));
    if (type === 'shortVector') comparing.shortVectorHeard(read(decode(shortVectorCodec, payload)));
    if (type === 'range') comparing.rangeHeard(read(decode(rangeCodec, payload)));
    if (type === 'entries') await node.space.receive(readEntries(payload) ?? [], { by: session, pushed: false });
  };
  /** Until nothing is on its way; gives bytes by kind of frame. `bend`: what comes over instead. */
  const settle = async (bend: Bend = (sent) => sent) => {
    const bytes: Partial<Record<FrameType, number>> = {};
    for (let rounds = 0; rounds < 200 && ends.some(({ sent }) => sent.length > 0); rounds++)
      for (const [at, end] of ends.entries())
        for (const sent of end.sent.splice(0)) {
          bytes[sent.type] = (bytes[sent.type] ?? 0) + sent.payload.length + FRAME_HEADER_BYTES;
          const bent = await bend(sent);
          if (bent) await hear(ends[1 - at] as (typeof ends)[number], bent);
        }
    const { entries = 0, ...rest } = bytes;
    return { ...bytes, entries, compared: Object.values(rest).reduce((sum, n) => sum + n, 0) };
  };
  const [a, b] = ends as [(typeof ends)[number], (typeof ends)[number]];
  const counted = (name: string) => ends.reduce((sum, { node }) => sum + (node.held.context.counts.get(name) ?? 0), 0);
  const isLevel = () => equalBytes(a.node.replica.digest(), b.node.replica.digest());
  return {
    a,
    b,
    settle,
    isLevel,
    counted,
    later: (ms: number) => {
      now += ms;
    },
  };
};

test('[SY2] [CP1] of many logs the twenty that differ are found and sent both ways in 1.5 kB; when nothing differs 64 bytes are said', async () => {
  const { a, b, settle, isLevel, later } = await meet(300, 20);
  a.session.sendRoot();
  const said = await settle();
  expect(isLevel()).toBe(true);
  expect(said.sketch).toBeGreaterThan(0);
  expect([said.vector, said.range]).toEqual([undefined, undefined]);
  expect(said.compared).toBeLessThanOrEqual(1_500);
  later(20_000);
  a.session.sendRoot();
  expect((await settle()).compared).toBeLessThanOrEqual(64);
  expect(b.session.level).toBe(true);
});

test('[SY2] a node that does not know sketches is told all logs by a list', async () => {
  const { a, settle, isLevel } = await meet(260, 4, [1]);
  a.session.sendRoot();
  const said = await settle();
  expect(isLevel()).toBe(true);
  expect([said.sketch, said.range]).toEqual([undefined, undefined]);
});

test('[T54] [CP2] symbols that never come apart are given up at 64 KiB, and both come to the same by lists', async () => {
  const { a, settle, isLevel, counted } = await meet(260, 4);
  const random = seededRandom(3);
  a.session.sendRoot();
  const said = await settle((sent) => {
    if (sent.type !== 'sketch') return sent;
    const sketch = read(decode(sketchCodec, sent.payload));
    const symbols = sketch.symbols.map(() => ({ count: 1, sum: random.bytes(8), check: random.bytes(4) }));
    return { type: 'sketch', payload: encode(sketchCodec, { ...sketch, symbols }) };
  });
  expect(counted('sketchGivenUp')).toBe(1);
  expect(said.sketch).toBeLessThanOrEqual(64 * 1024);
  expect(said.range).toBeGreaterThan(0);
  expect(isLevel()).toBe(true);
});

test('[T54] [CP2] whoever tells another digest each time, asks without end or sends symbols unasked costs one round a second', async () => {
  const { a, b, settle, later } = await meet(260, 0);
  const random = seededRandom(5);
  a.session.sendRoot();
  await settle();
  let rounds = 0;
  for (let i = 0; i < 200; i++) {
    for (const { session } of [a, b]) {
      session.rootReceived({ index: 1, salted: '', digest: random.bytes(32) });
      session.comparing.asked({ round: 0, from: 0 });
    }
    for (const { sent } of [a, b]) rounds += sent.splice(0).filter(({ type }) => type === 'sketch').length;
    later(50);
  }
  expect(rounds).toBeGreaterThan(0);
  expect(rounds).toBeLessThanOrEqual(11);
});

test('[CP3] what comes while a round lasts is for the next, and takes nothing from this one', async () => {
  const { a, b, settle, isLevel, later } = await meet(260, 90);
  const { authors, set } = a.node.stage;
  const came: Entry[] = [];
  for (let i = 0; i < 4; i++) came.push(await set(authors.admin, 'title', `${i}`, { incarnation: 1_000 + i }));
  const lacked = [...b.node.replica.entries.keys()].filter((id) => !a.node.replica.entries.has(id));
  a.session.sendRoot();
  let batches = 0;
  const said = await settle(async (sent) => {
    if (sent.type === 'sketch') batches++;
    // Both have drawn what they hold; then they take in more.
    const ask = sent.type === 'sketchAsk' ? read(decode(sketchAskCodec, sent.payload)) : undefined;
    if (ask && ask.from > 0) for (const { node } of [a, b]) await node.take(...came.splice(0, 2));
    return sent;
  });
  expect(batches).toBeGreaterThan(1);
  expect(said.range).toBeUndefined();
  for (const id of lacked) expect(a.node.replica.entries.has(id)).toBe(true);
  expect(isLevel()).toBe(false);
  later(20_000);
  for (const { session } of [a, b]) session.sendRoot();
  await settle();
  expect(isLevel()).toBe(true);
});
