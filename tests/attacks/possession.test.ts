/** T61: devices that state to hold what they do not have, or whose answers are not their own. */
import { afterEach, expect, test } from 'vitest';
import { decode, encode } from '../../src/base/codec';
import { copiesBy, holdersOf, levelOf } from '../../src/os/kernel/health';
import { Proving } from '../../src/os/kernel/proving';
import { stand } from '../../src/os/kernel/receipts';
import type { Session } from '../../src/os/kernel/session';
import { virtualClock } from '../../src/platform/memory/clock';
import { memoryStorage } from '../../src/platform/memory/storage';
import type { Entry } from '../../src/vm/op/entry';
import type { DeviceId, NodeId } from '../../src/vm/op/ids';
import { prove, proved } from '../../src/vm/replica/possession';
import { possessCodec, possessionCodec } from '../../src/vm/sync/messages';
import { desk, Node } from '../support/shelf';

const HOURS = 3_600_000;
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

type Answer = (payload: Uint8Array, honestly: () => Promise<void>) => Promise<void> | void;

/** The Owner at a tab, and a Member's device that stated to hold all; `answer` is how it answers. */
const meeting = async () => {
  const set = await desk(1);
  const { here } = set;
  const [document] = set.documents as [NodeId];
  for (const each of set.documents) await set.type(here.authors.member, each, 'A text that is to be kept. ');
  const clock = virtualClock(Date.now());
  const owner = await Node.of(here, here.people.owner, clock);
  const other = await Node.of(here, here.people.member, clock);
  for (const node of [owner, other]) await node.take(...set.history());
  const entries = [...owner.replica.entries.values()];
  const shards = new Set(entries.map(({ header }) => header.shard));
  const keeping = { ...memoryStorage(), usage: async () => ({ used: 0, kept: true }) };
  Object.assign(other.held.context.ports, { storage: keeping });
  // Two who are sound keep it too.
  const sound = [await Node.of(here, here.people.admin, clock), await Node.of(here, here.people.guest, clock)];
  for (const node of sound) {
    await node.take(...set.history());
    stand(owner.space, node.device, proved(clock.now(), true));
  }
  for (const shard of shards) for (const node of [other, ...sound]) node.claim(shard)(owner);

  let isOnline = true;
  const sent: Uint8Array[] = [];
  let answer: Answer = (_, honestly) => honestly();
  const proving = (node: Node) => {
    const made = new Proving(node.held.context, {
      sessions: () => [session],
      isOnline: () => isOnline,
      holds: () => true,
      changed: () => {},
    });
    stops.push(() => made.stop());
    return made;
  };
  const link = { ready: { kind: 'tab', features: [8] }, closed: false };
  const session = {
    ...{ space: owner.space, device: other.device, mayRead: true, link },
    send: (_: string, payload: Uint8Array) => {
      void answer(payload, () => honestly(payload));
      return true;
    },
  } as unknown as Session;
  const back = {
    ...{ space: other.space, device: owner.device, mayRead: true, link },
    send: (_: string, payload: Uint8Array) => {
      sent.push(payload);
      return true;
    },
  } as unknown as Session;
  const [asks, answers] = [proving(owner), proving(other)];
  const say = (payload: Uint8Array): boolean => asks.heard(session, payload);
  const honestly = async (payload: Uint8Array): Promise<void> => {
    await answers.asked(back, payload);
    for (const said of sent.splice(0)) say(said);
  };
  const entry = entries.find(({ header }) => header.shard === set.shardOf(document)) as Entry;
  asks.met(session);
  return {
    ...{ owner, other, clock, entry, document, say, asks, answers, session, back, link, set },
    holders: () => owner.replica.holders(entry).devices - sound.length,
    level: () => levelOf(copiesBy(owner.replica, holdersOf(owner.replica, owner.device, clock.now())), 'kept', 4),
    count: (name: string) => owner.held.context.counts.get(name) ?? 0,
    respond: (next: Answer) => {
      answer = next;
    },
    offline: () => {
      isOnline = false;
    },
  };
};

test('[PO3] T61: a liar with headers alone counts for nothing within two hours, and counts again once it shows the bodies', async () => {
  const { set, other, clock, holders, count, owner, entry, level } = await meeting();
  await clock.advance(2 * HOURS);
  expect(holders(), 'an honest one counts').toBe(1);
  expect(level()).toBe('green');
  expect(count('possessionFailed')).toBe(0);
  const asked = count('possessionAsked');
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThanOrEqual(4);

  for (const document of set.documents) await other.letGo(document);
  const texts = [...other.replica.entries.values()].filter(({ shelved }) => shelved);
  expect(texts.length).toBeGreaterThan(0);
  // It states texts alone, none of which it has.
  const shards = new Set(texts.map(({ header }) => header.shard));
  const stated = owner.replica.receipts.get(other.device) as Map<typeof entry.header.shard, unknown>;
  const all = new Map(stated);
  for (const shard of stated.keys()) if (!shards.has(shard)) stated.delete(shard);
  await clock.advance(2 * HOURS);
  for (const [shard, receipt] of all) stated.set(shard, receipt);
  expect(holders()).toBe(0);
  expect(level()).toBe('yellow');
  expect(count('possessionFailed')).toBeGreaterThanOrEqual(2);
  expect(owner.replica.doubted.has(other.device)).toBe(true);

  for (const document of set.documents) await other.bringBack(set.shardOf(document), owner);
  await clock.advance(2 * HOURS);
  expect(holders()).toBe(1);
  expect(level()).toBe('green');
});

test('[PO2] an answer of another device, an old one, and one of another question prove nothing', async () => {
  const { clock, holders, respond, say, owner, other } = await meeting();
  const kept: Uint8Array[] = [];
  const proofBy = (device: DeviceId, payload: Uint8Array): Uint8Array<ArrayBuffer> => {
    const ask = decode(possessCodec, payload);
    if (!ask.ok) throw new Error('no question');
    const { nonce, ...range } = ask.value;
    const proof = prove(nonce, device, owner.replica.logs.get(range.log), range) as Uint8Array<ArrayBuffer>;
    const answer = encode(possessionCodec, { nonce, kept: true, proof });
    kept.push(answer);
    return answer;
  };
  respond((payload) => void say(proofBy(owner.device, payload)));
  await clock.advance(2 * HOURS);
  expect(holders()).toBe(0);
  respond((payload) => void say(proofBy(other.device, payload)));
  await clock.advance(HOURS / 10);
  expect(holders()).toBe(1);
  respond(() => void say(kept.at(-1) as Uint8Array));
  await clock.advance(2 * HOURS);
  expect(holders(), 'said again').toBe(0);
});

test('[PO4] silence, and a link closed on a question, are wrong answers; being offline oneself is not', async () => {
  const silent = await meeting();
  silent.respond(() => {});
  await silent.clock.advance(HOURS / 10);
  expect(silent.holders()).toBe(0);
  for (const offline of [false, true]) {
    const { clock, holders, respond, asks, session, link, offline: goOffline } = await meeting();
    let asked = 0;
    respond(() => {
      asked++;
    });
    for (let i = 0; i < 2; i++) {
      for (let waited = 0; asked <= i && waited < 200; waited++) await clock.advance(1_000);
      if (offline) goOffline();
      asks.unlinked(link as never);
      asks.met(session);
    }
    expect(holders(), `offline: ${offline}`).toBe(offline ? 1 : 0);
  }
});

test('[PO5] whoever asks all the time, or for what is not there, costs little and learns nothing', async () => {
  const { answers, back, other, clock, entry } = await meeting();
  const log = entry.log;
  const length = other.replica.log(log).length;
  const said: Uint8Array[] = [];
  const session = { ...back, send: (_: string, payload: Uint8Array) => said.push(payload) > 0 } as unknown as Session;
  const ask = (from: number, count: number) =>
    answers.asked(session, encode(possessCodec, { nonce: new Uint8Array(32), log, from, count }));
  for (const [from, count] of [
    [0, 0],
    [0, length + 1],
    [length, 1],
    [2 ** 40, 1],
    [0, 2 ** 40],
  ] as const)
    await ask(from, count);
  const proofs = said.map((payload) => {
    const answer = decode(possessionCodec, payload);
    return answer.ok && answer.value.proof.some((byte) => byte !== 0);
  });
  expect(proofs).toEqual([false, false, false, false, false]);
  for (let i = 0; i < 1_000; i++) await ask(0, 1);
  expect(said.length).toBeLessThanOrEqual(30);
  const told = said.length;
  await clock.advance(10_000);
  for (let i = 0; i < 1_000; i++) await ask(0, 1);
  expect(said.length - told).toBeGreaterThan(0);
  expect(said.length - told).toBeLessThanOrEqual(15);
  expect(await answers.asked(session, new Uint8Array(3)), 'the link is closed').toBe(false);
  const outsider = { ...session, mayRead: false } as unknown as Session;
  const before = said.length;
  await answers.asked(outsider, encode(possessCodec, { nonce: new Uint8Array(32), log, from: 0, count: 1 }));
  expect(said.length).toBe(before);
});
