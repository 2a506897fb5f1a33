/** Receipts of whole spaces between two nodes over sessions that only carry them. */
import { expect, test } from 'vitest';
import { decode } from '../../../src/base/codec';
import { seededRandom } from '../../../src/base/random';
import { Receipts } from '../../../src/os/kernel/receipts';
import type { Session } from '../../../src/os/kernel/session';
import { Stating } from '../../../src/os/kernel/stating';
import { memoryVault } from '../../../src/platform/memory/vault';
import { hlcOf } from '../../../src/vm/op/clock';
import type { Entry } from '../../../src/vm/op/entry';
import type { LogId, NodeId, ShardId, SpaceId } from '../../../src/vm/op/ids';
import { type Held, heldDigest, type SpaceReceipt, withNamed } from '../../../src/vm/replica/space-receipt';
import { spaceReceiptAskCodec, spaceReceiptCodec } from '../../../src/vm/sync/messages';
import { createFleet, until } from '../../support/fleet';
import { newPerson, RawLink } from '../../support/insider';
import { desk, Node } from '../../support/shelf';

const logName = (n: number): LogId => n.toString(16).padStart(64, '0') as LogId;
const shardName = (n: number): ShardId => n.toString(16).padStart(32, '0') as ShardId;

test('[SR2] of the same logs the digest is the same in whatever order they were told, and of others another', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const said = Array.from({ length: 60 }, () => {
      const n = random.below(20);
      return { shard: shardName(n % 4), log: logName(n), length: random.below(5) };
    });
    const one = said.reduce<Held>((held, { shard, ...log }) => withNamed(held, [{ shard, logs: [log] }]), new Map());
    const last = [...new Map(said.map((item) => [item.log, item])).values()];
    const shards = [...new Set(random.shuffle(last).map(({ shard }) => shard))];
    const named = shards.map((shard) => ({ shard, logs: random.shuffle(last.filter((item) => item.shard === shard)) }));
    const other = withNamed(new Map(), named);
    expect(heldDigest(one), `seed ${seed}`).toEqual(heldDigest(other));
    const more = withNamed(other, [{ shard: shardName(5), logs: [{ log: logName(99), length: 1 }] }]);
    expect(heldDigest(more)).not.toEqual(heldDigest(one));
  }
});

/** Two who link: a Member and the Owner of a space with documents. What either sends lies there until it is carried. */
const pair = async (documents: number) => {
  const set = await desk(documents);
  const { here } = set;
  const { owner, member } = here.people;
  for (const document of set.documents) await set.type(here.authors.member, document, 'Text');
  let now = Date.now();
  const clock = { now: () => now, after: () => () => {} };
  const [a, b] = [await Node.of(here, owner, clock), await Node.of(here, member, clock)];
  for (const node of [a, b]) await node.take(...set.history());
  const write = (n = 0) => set.type(here.authors.member, set.documents[n] as NodeId, 'Word ');
  const end = (node: Node, other: Node) => {
    const sent: { type: string; payload: Uint8Array }[] = [];
    const session = {
      ...{ space: node.space, device: other.device, mayRead: true, level: true },
      link: { ready: { kind: 'tab' } },
      send: (type: string, payload: Uint8Array) => sent.push({ type, payload }) > 0,
    } as unknown as Session;
    const stating = new Stating(node.held.context, new Receipts(node.held.context), () => {});
    const counted = (name: string) => node.held.context.counts.get(name) ?? 0;
    return { node, session, stating, sent, counted };
  };
  const ends = { a: end(a, b), b: end(b, a) };
  type End = (typeof ends)['a'];
  const receiptOf = (payload: Uint8Array): SpaceReceipt => {
    const decoded = decode(spaceReceiptCodec, payload);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value;
  };
  /** Gives what one sent to the other; says what it was. */
  const carry = async (from: End, to: End, bend = (receipt: SpaceReceipt): SpaceReceipt => receipt) => {
    const carried: { names: number; bytes: number }[] = [];
    for (const { type, payload } of from.sent.splice(0)) {
      if (type === 'spaceReceiptAsk') {
        const ask = decode(spaceReceiptAskCodec, payload);
        if (ask.ok) to.stating.asked(to.session, ask.value.since);
        continue;
      }
      const receipt = receiptOf(payload);
      carried.push({ names: receipt.shards.reduce((sum, { logs }) => sum + logs.length, 0), bytes: payload.length });
      await to.stating.heard(to.session, bend(receipt));
    }
    return carried;
  };
  const settled = (of: End) => until(() => of.sent.length > 0, 'something sent');
  const shards = new Map<End, Set<ShardId>>();
  const due = (at: End, shard: ShardId): void => {
    shards.set(at, (shards.get(at) ?? new Set()).add(shard));
    at.stating.due(at.node.space, shard);
  };
  const round = (at: End): Promise<void> => at.stating.round(at.node.space, shards.get(at) ?? new Set(), [at.session]);
  const take = async (at: End, ...entries: readonly Entry[]) => {
    await at.node.take(...entries);
    for (const { header } of entries) due(at, header.shard);
  };
  const holds = (at: End, by: End, entry: Entry): boolean =>
    (at.node.replica.receipts.get(by.node.device)?.get(entry.header.shard)?.heights.get(entry.log) ?? -1) >=
    entry.header.seq;
  const later = (ms: number): void => {
    now += ms;
  };
  return { ...set, ...ends, write, carry, settled, take, due, round, holds, later };
};

test('[ST3] two that hold the same say so by the digest alone, however many logs there are; what is new is named', async () => {
  const { history, write, a, b, carry, settled, take, round, holds, later } = await pair(8);
  b.stating.rootHeard(b.session);
  await settled(b);
  expect(await carry(b, a)).toEqual([{ names: 0, bytes: 107 }]);
  for (const entry of history()) expect(holds(a, b, entry)).toBe(true);
  await settled(a);
  await carry(a, b);
  expect([...a.sent, ...b.sent], 'each said so once').toEqual([]);
  const entry = await write();
  for (const end of [a, b]) await take(end, entry);
  await round(b);
  const [told] = await carry(b, a);
  expect(told).toEqual({ names: 1, bytes: 107 + 16 + 1 + 32 + 1 });
  expect(holds(a, b, entry)).toBe(true);
  // With the digests of reconciliation after that nothing more is said, until a quarter of an hour has passed.
  const given = b.counted('receiptsGiven');
  for (const ms of [60_000, 60_000, 900_000]) {
    expect(b.counted('receiptsGiven')).toBe(given);
    later(ms);
    b.stating.rootHeard(b.session);
  }
  await settled(b);
  expect(await carry(b, a)).toEqual([{ names: 0, bytes: 107 }]);
});

test('[ST3] in a large space only whoever wrote is told at once; others hear by the digest', async () => {
  const { write, a, b, carry, settled, take, round, holds, later } = await pair(2);
  for (const end of [a, b])
    end.node.replica.rights.members = () => new Map(Array.from({ length: 9 }, (_, i) => [`${i}`, 'member'])) as never;
  b.stating.rootHeard(b.session);
  await settled(b);
  await carry(b, a);
  await settled(a);
  await carry(a, b);
  const entry = await write();
  for (const end of [a, b]) await take(end, entry);
  // The Member wrote it: the Owner is not concerned.
  await round(b);
  expect(b.sent).toEqual([]);
  await round(a);
  expect(await carry(a, b)).toEqual([{ names: 1, bytes: 157 }]);
  expect(holds(b, a, entry)).toBe(true);
  later(10_000);
  b.stating.rootHeard(b.session);
  later(25_000);
  b.stating.rootHeard(b.session);
  await settled(b);
  expect(await carry(b, a)).toEqual([{ names: 0, bytes: 107 }]);
  expect(holds(a, b, entry)).toBe(true);
});

test('[SR1] [SR2] what is named counts; who does not come to the digest believes nothing more, asks, and is told all', async () => {
  const { write, history, a, b, carry, settled, take, round, holds, later } = await pair(3);
  const before = history();
  // The Owner holds what the Member does not, and was told nothing yet: neither leads to the digest.
  await take(a, await write(2));
  const [one, two] = [await write(0), await write(1)];
  await take(b, one, two);
  await round(b);
  expect(await carry(b, a)).toEqual([{ names: 2, bytes: 107 + 2 * (16 + 1 + 32 + 1) }]);
  expect([one, two].map((entry) => holds(a, b, entry))).toEqual([true, true]);
  expect(before.filter((entry) => holds(a, b, entry) && entry.log !== one.log && entry.log !== two.log)).toEqual([]);
  await carry(a, b);
  await settled(b);
  expect(await carry(b, a)).toMatchObject([{ names: b.node.replica.logs.size }]);
  for (const entry of before) expect(holds(a, b, entry)).toBe(true);
  // Apart for long, and not level: what changed since the last that was come to, by name.
  const three = await write(1);
  await take(b, three);
  later(60_000);
  Object.assign(b.session, { level: false });
  b.stating.rootHeard(b.session);
  await settled(b);
  expect(await carry(b, a)).toMatchObject([{ names: 1 }]);
  expect(holds(a, b, three)).toBe(true);
});

test('[ST4] whoever asks without end is answered four times a minute', async () => {
  const { a, b, settled, later } = await pair(1);
  for (let i = 0; i < 100; i++) {
    b.stating.asked(b.session, hlcOf(0));
    later(600);
  }
  await settled(b);
  await b.stating.round(b.node.space, new Set(), []);
  expect(b.sent.length).toBe(4);
  expect(b.counted('refused.spaceReceiptAsk')).toBe(96);
  expect(a.sent).toEqual([]);
});

test('[ST1] a body that was let go of is not stated, and what was stated before it is taken back', async () => {
  const { documents, shardOf, write, a, b, carry, settled, take, due, round, holds } = await pair(2);
  const entry = await write(0);
  for (const end of [a, b]) await take(end, entry);
  b.stating.rootHeard(b.session);
  await settled(b);
  await carry(b, a);
  expect(holds(a, b, entry)).toBe(true);
  const document = documents[0] as NodeId;
  expect(await b.node.letGo(document)).toBeGreaterThan(0);
  due(b, shardOf(document));
  await round(b);
  await carry(b, a);
  expect(holds(a, b, entry)).toBe(false);
});

test('[SR1] [ST2] forged, bent and repeated receipts of a space change nothing', async () => {
  const { write, a, b, carry, settled, take, holds } = await pair(1);
  const entry = await write();
  await take(b, entry);
  b.stating.asked(b.session, hlcOf(0));
  await settled(b);
  const [first] = b.sent;
  await carry(b, a, (receipt) => ({ ...receipt, digest: receipt.digest.map((byte) => byte ^ 1) }));
  await carry(b, a, (receipt) => ({ ...receipt, hlc: hlcOf(receipt.hlc + 1_000) }));
  expect(a.counted('refused.forgedReceipt')).toBe(1);
  expect(a.node.replica.receipts.size).toBe(0);
  for (let times = 0; times < 2; times++) {
    b.sent.push(first as (typeof b.sent)[number]);
    await carry(b, a);
  }
  expect(holds(a, b, entry)).toBe(true);
  expect(a.counted('ignored.olderReceipt')).toBe(1);
});

test('[SR2] a node that does not know receipts of spaces is given those of parts, and its own are believed', async () => {
  const fleet = await createFleet();
  const vault = memoryVault();
  const [a, b] = [await fleet.tab('a'), await fleet.tab('b', { vault })];
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await b.stop();
  const older = new RawLink(fleet.network.transport('older'), 'ws://a/link', await newPerson(vault));
  await until(() => older.ready ?? older.closed, 'a link');
  older.root(space as SpaceId);
  await until(() => older.received.some(({ type }) => type === 'receipt'), 'receipts');
  expect(older.received.some(({ type }) => type === 'spaceReceipt')).toBe(false);
  older.close();
  await fleet.stop();
});

test('[ST5] a beacon is told nothing, however it asks; a tab beside it is', async () => {
  const { write, a, b, take, round } = await pair(1);
  await take(a, await write());
  for (const [kind, told] of [
    ['beacon', 0],
    ['tab', 1],
  ] as const) {
    Object.assign(a.session.link, { ready: { kind } });
    a.stating.asked(a.session, hlcOf(0));
    await round(a);
    a.stating.rootHeard(a.session);
    await round(a);
    expect(Math.min(1, a.sent.splice(0).length), kind).toBe(told);
  }
  expect(b.sent).toEqual([]);
});
