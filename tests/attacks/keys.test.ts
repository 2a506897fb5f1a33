/** What somebody who is out can read: nothing that is written later, with every key they ever had. */
import { expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes';
import { encode, u64 } from '../../src/base/codec';
import type { MessageRow } from '../../src/bridge/messages';
import { stateOf } from '../../src/os/kernel/queries';
import { STALE_MS } from '../../src/os/kernel/rotation';
import { SILENT, Space } from '../../src/os/kernel/space';
import type { Wrap } from '../../src/os/rights/acl';
import { tipsOf } from '../../src/os/rights/epochs';
import { makeEpoch, wrapKey } from '../../src/os/rights/keyring';
import { virtualClock } from '../../src/platform/memory/clock';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, encodeEntry, type Header, isSealed } from '../../src/vm/op/entry';
import { type EntryId, type EpochId, type NodeId, ZERO_ENTRY } from '../../src/vm/op/ids';
import { shardKeyOf } from '../../src/vm/op/seal';
import { converged, createFleet, until } from '../support/fleet';
import { Author, crypto, makeInvite, newPerson, random } from '../support/insider';
import { decodeSegments } from '../support/journal';
import {
  company,
  type Keeper,
  type Loot,
  lootOf,
  meet,
  newcomer,
  opened as openedBy,
  partOf,
} from '../support/keepers';
import { openBody } from '../support/open';
import { stage } from '../support/stage';

test('[T36] a removed member reads nothing that is written later, with every key and all traffic they ever had', async () => {
  const fleet = await createFleet();
  const vault = memoryVault();
  const storage = memoryStorage();
  const a = await fleet.tab('a', { storage });
  const b = await fleet.tab('b', { vault });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await a.run('chat.send', { channelId, text: 'while together' });
  await converged([a, b], space);
  const before = new Set(Object.entries(await a.heads(space)).map(([log, seq]) => `${log}/${seq}`));
  const heightsBefore = await a.heads(space);
  await a.remove(space, (await b.me()).userId);
  for (let i = 0; i < 5; i++) await a.run('chat.send', { channelId, text: `secret ${i}` });
  await until(async () => (await a.durability(space)).beacons === 1, 'receipts');
  expect(((await b.query('chat.messages', { channelId })) as readonly MessageRow[]).map((row) => row.text)).toEqual([
    'while together',
  ]);
  await expect(b.run('chat.send', { channelId, text: 'still me' })).rejects.toBeTruthy();
  await fleet.stop();
  expect(fleet.faults).toEqual([]);

  const keys: Uint8Array[] = [];
  for (const name of await vault.list(`epoch/${space}/`)) keys.push((await vault.get(name)) as Uint8Array);
  expect(keys.length).toBeGreaterThan(0);
  const later: Entry[] = [];
  const earlier: Entry[] = [];
  for (const entry of await decodeSegments(storage, space)) {
    if (!isSealed(entry)) continue;
    (entry.header.seq > (heightsBefore[entry.log] ?? -1) ? later : earlier).push(entry);
  }
  const opened = async (entries: readonly Entry[]) => {
    let count = 0;
    for (const entry of entries)
      for (const key of keys) if ((await openBody(crypto, shardKeyOf(key, entry.header.shard), entry)).ok) count++;
    return count;
  };
  expect(later.length).toBeGreaterThanOrEqual(5);
  expect(await opened(later)).toBe(0);
  // The same keys open what came before: the trial is a real one.
  expect(await opened(earlier)).toBe(earlier.length);
  expect(before.size).toBeGreaterThan(0);
});

test('[RT1] [T36] who leaves, or joined in vain, knows the key: an Admin makes a new one, and what follows is closed to them', async () => {
  const fleet = await createFleet();
  const vault = memoryVault();
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', { vault });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  const epochs = async (of: typeof vault) => (await of.list(`epoch/${space}/`)).length;
  expect(await epochs(vault)).toBe(1);
  const rights = async () => (await a.stats()).entriesHeld ?? 0;
  await b.leave(space);
  await until(async () => (await a.members(space)).length === 1, 'B is out');
  const before = await rights();
  await until(async () => (await rights()) > before, 'a new epoch');
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'after' })) as { id: string };
  await a.run('chat.send', { channelId, text: 'without B' });
  expect(await epochs(vault)).toBe(1);
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

test('[T36] the key is out when its knowers are: after removals at once, a leave, a void join', async () => {
  const { author, key, head, id, people, entries, tab } = await stage();
  // Somebody was removed without a new key.
  expect(tab.space.replica.rights.keyIsOut()).toBe(true);
  const inside = [people.owner, people.admin, people.member, people.guest];
  const made = await makeEpoch(
    crypto,
    random,
    id,
    inside.map((person) => ({ user: person.user, keyring: person.keyring.publicKey })),
    [key],
  );
  const epoch = await author.act([head], [made.act]);
  await tab.receive(epoch);
  expect(tab.space.replica.rights.keyIsOut()).toBe(false);
  const invite = await makeInvite(author, [epoch.id], { epoch: made.act.epoch, key: made.key }, { role: 'member' });
  const joins = [
    await invite.join(await newPerson(), [invite.entry.id]),
    await invite.join(await newPerson(), [invite.entry.id]),
  ];
  await tab.receive(invite.entry, (joins[0] as (typeof joins)[0]).entry);
  expect(tab.space.replica.rights.keyIsOut()).toBe(false);
  await tab.receive((joins[1] as (typeof joins)[0]).entry);
  expect(tab.space.replica.rights.keyIsOut()).toBe(true);
  expect(entries.length).toBeGreaterThan(0);
});

// --- T36, without the network: who waits, and what is let out meanwhile ---------------------------------------

/** Somebody leaves while no Admin is there; a Member goes on writing for longer than the key may be out. */
const goingOn = async (hold: boolean) => {
  const clock = virtualClock(Date.now() + 1_000);
  const { owner, others } = await company(['member', 'member'], clock);
  const [stays, leaves] = others as [Keeper, Keeper];
  if (!hold) Object.assign(stays.space, { hold: () => {} });
  const loot = lootOf(leaves);
  await leaves.act({ type: 'leave', user: leaves.user, cut: [] });
  await stays.receive(...leaves.entries());
  stays.rotation.rotateSoon(stays.space);
  const atOnce = await stays.write('at once');
  await clock.advance(STALE_MS + 1_000);
  const late = await stays.write('too late');
  return { clock, owner, stays, leaves, loot, atOnce, late };
};

test('[RT2] [T36] who is online writes nothing new for more than half a minute under a key that is out: it waits for the new one', async () => {
  const { owner, stays, loot, atOnce, late, leaves } = await goingOn(true);
  // The window: what was written within it, whoever left can read.
  expect(await openedBy([atOnce as Entry], loot)).toBe(1);
  expect(late).toBeUndefined();
  expect(stays.titles()).toEqual(['at once', 'too late']);
  expect(stays.sent().length).toBe(1);
  const node = [...stays.space.replica.engine.nodesOfType('Document')].find((it) => it.field('title') === 'too late');
  expect(stateOf(stays.space, (node as { createdBy: EntryId }).createdBy)).toEqual({ step: 'waiting' });
  await owner.receive(...leaves.entries());
  expect(await owner.tend()).toBe(1);
  await stays.receive(...owner.entries());
  stays.rotation.rotateSoon(stays.space);
  await until(() => stays.sent().length === 2, 'it goes out');
  expect(await openedBy(stays.sent().slice(1), loot)).toBe(0);
  expect(stays.titles()).toEqual(['at once', 'too late']);
  expect(stays.space.waitsForKey).toBe(false);
  // Without waiting, it goes out to whoever left.
  const careless = await goingOn(false);
  expect(await openedBy([careless.late as Entry], careless.loot)).toBe(1);
});

test('[T36] what waits for a key outlives a restart, goes out once, and has a bound', async () => {
  const { owner, others } = await company(['member', 'member']);
  const [stays, leaves] = others as [Keeper, Keeper];
  await leaves.act({ type: 'leave', user: leaves.user, cut: [] });
  await stays.receive(...leaves.entries());
  stays.space.hold(true);
  expect(await stays.write('kept')).toBeUndefined();
  // The page is closed and opened again.
  const passed: Header[] = [];
  const again = new Space(stays.context, stays.space.id, {
    ...SILENT,
    spread: (_space, entry) => void (isSealed(entry) && passed.push(entry.header)),
  });
  await owner.receive(...leaves.entries());
  await owner.tend();
  const stored = stays.entries().map(encodeEntry);
  again.hold(true);
  again.knowKeys(stays.space.replica.keys, new Map());
  expect((await again.load()).ok).toBe(true);
  await again.receive(stored, undefined);
  const titles = () => [...again.replica.engine.nodesOfType('Document')].map((node) => node.field('title'));
  await again.receive(owner.entries().map(encodeEntry), undefined);
  again.hold(false);
  await until(() => passed.length === 1, 'it goes out');
  expect(titles()).toEqual(['kept']);
  expect(passed[0]?.epoch).toBe(again.replica.writingEpoch());
  expect(await stays.context.ports.storage.list('outbox', stays.space.id)).toEqual([]);
  again.hold(true);
  const ops = Array.from({ length: 256 }, (_, i) => ({
    type: 'fieldSet' as const,
    node: 'ab'.repeat(16) as NodeId,
    key: `k${i}`,
    value: '1',
  }));
  const results = [];
  for (let i = 0; i < 17; i++) results.push(await again.write(again.replica.outline, 'content', ops));
  expect(results.slice(0, 16).every(({ ok }) => ok)).toBe(true);
  expect(results[16]).toMatchObject({ ok: false, error: { type: 'waitingForKey' } });
});

// --- T37 ------------------------------------------------------------------------------------------------------

/** Partitioned, two who may remove people each remove another, and each makes a key without them. */
const twoRotations = async (intersection: boolean) => {
  const { owner, others } = await company(['admin', 'member', 'member', 'member']);
  const [admin, writer, x, y] = others as [Keeper, Keeper, Keeper, Keeper];
  await owner.membership.remove(owner.space, x.user);
  await admin.membership.remove(admin.space, y.user);
  // Each side tells those who stay on it.
  await x.receive(...admin.entries());
  await y.receive(...owner.entries());
  const loot = { x: lootOf(x), y: lootOf(y) };
  if (!intersection)
    for (const { space } of [owner, admin, writer])
      Object.assign(space.replica, { writingEpoch: () => space.replica.rights.epochs().at(-1)?.act.epoch });
  await meet(owner, admin, writer, x, y);
  for (const [name, one] of Object.entries({ x, y })) Object.assign(loot, { [`${name}Later`]: lootOf(one) });
  const between = (await writer.write('between')) as Entry;
  await meet(owner, admin, writer);
  return { owner, admin, writer, x, y, loot: loot as typeof loot & { xLater: Loot; yLater: Loot }, between };
};

test('[T37] after two removals at once nobody who was put out on either side reads what is written later', async () => {
  const { owner, admin, writer, x, y, loot, between } = await twoRotations(true);
  const { rights } = writer.space.replica;
  expect(tipsOf(rights).length).toBe(2);
  expect(between.header.epoch).toBe(writer.space.replica.writingEpoch());
  for (const each of [owner, admin, writer]) expect(each.titles()).toEqual(['between']);
  for (const some of Object.values(loot)) expect(await openedBy([between], some)).toBe(0);
  // Both together would read it: each has one half.
  const both = { keys: new Map([...loot.x.keys, ...loot.y.keys]), parts: new Map() };
  expect(await openedBy([between], both)).toBe(1);
  // The next Admin makes one key of the two, which nobody outside has a part of.
  expect(await admin.tend()).toBeGreaterThan(0);
  await meet(owner, admin, writer, x, y);
  expect(tipsOf(rights).length).toBe(1);
  const after = (await writer.write('after')) as Entry;
  await meet(owner, admin, writer);
  expect(await openedBy([after], both)).toBe(0);
  expect(await openedBy([after], lootOf(x, y))).toBe(0);
  for (const each of [owner, admin, writer]) expect(each.titles()).toEqual(['after', 'between']);
  expect(await owner.tend()).toBe(0);
  // Written under the last epoch alone, one of the two reads it.
  const careless = await twoRotations(false);
  const read = await Promise.all(Object.values(careless.loot).map((some) => openedBy([careless.between], some)));
  expect(read.some((count) => count === 1)).toBe(true);
});

// --- T40 ------------------------------------------------------------------------------------------------------

/** An Admin makes a new key and gives one Member garbage. */
const cheated = async (watching: boolean) => {
  const { id, owner, others } = await company(['admin', 'member', 'member']);
  const [admin, victim, bystander] = others as [Keeper, Keeper, Keeper];
  const { rights, keys } = admin.space.replica;
  const people = [owner, admin, bystander].map(({ me }) => ({ user: me.user, keyring: me.keyring.publicKey }));
  const made = await makeEpoch(crypto, random, id, people, []);
  keys.set(made.act.epoch, made.key);
  const garbage = await wrapKey(crypto, id, random.bytes(32), {
    user: victim.user,
    keyring: rights.keyringOf(victim.user) as Uint8Array,
  });
  await admin.act({ ...made.act, wraps: [...made.act.wraps, garbage as Wrap] });
  await meet(owner, admin, victim, bystander);
  const secret = (await bystander.write('for all')) as Entry;
  await meet(owner, admin, victim, bystander);
  expect(victim.titles()).toEqual([]);
  const named = watching ? await bystander.tend() : 0;
  await meet(owner, admin, victim, bystander);
  if (watching) await owner.tend();
  await meet(owner, admin, victim, bystander);
  return { id, owner, admin, victim, bystander, secret, named, epoch: made.act.epoch };
};

test('[KW1] [RT3] [T40] a garbage key is named by a member who makes the wrap again, and mended by an Admin, once', async () => {
  const { owner, victim, bystander, named, epoch } = await cheated(true);
  expect(named).toBe(1);
  const { rights } = owner.space.replica;
  expect(rights.badKeys()).toMatchObject([{ epoch, user: victim.user, by: bystander.user }]);
  expect(victim.titles()).toEqual(['for all']);
  // Nothing goes round.
  for (const each of [owner, victim, bystander]) expect(await each.tend()).toBe(0);
  // A false alarm changes nothing.
  await bystander.act({ type: 'badKey', epoch, user: owner.user });
  await meet(owner, bystander);
  expect(await owner.tend()).toBe(0);
  // Where nobody makes wraps again, the cheated stay out.
  const careless = await cheated(false);
  expect(careless.victim.titles()).toEqual([]);
});

test('[T40] whoever cannot open their own wrap says so, and the wrap of a part is watched for those who cannot', async () => {
  const { owner, victim, epoch } = await (async () => {
    const first = await cheated(false);
    expect(await first.victim.tend()).toBe(1);
    await meet(first.owner, first.victim);
    await first.owner.tend();
    await meet(first.owner, first.victim);
    return first;
  })();
  expect(owner.space.replica.rights.badKeys()).toMatchObject([{ epoch, user: victim.user, by: victim.user }]);
  expect(victim.titles()).toEqual(['for all']);

  const { id, owner: boss, others } = await company(['admin']);
  const [admin] = others as [Keeper];
  const object = 'ab'.repeat(16) as NodeId;
  const shard = partOf(id, object);
  await boss.write('inside', shard);
  await meet(boss, admin);
  const guest = await newcomer(admin, { role: 'guest', object });
  const epoch2 = admin.space.replica.writingEpoch() as EpochId;
  const guests = { user: guest.user, keyring: guest.me.keyring.publicKey };
  const wrong = await wrapKey(crypto, id, random.bytes(32), guests, { epoch: epoch2, shard });
  await admin.act(
    { type: 'within', shards: [shard], delegate: 0 },
    { type: 'grant', user: guest.user, role: 'guest', notAfter: undefined, cut: [], certificate: undefined },
    { type: 'wrapPart', epoch: epoch2, shard, wrap: wrong as Wrap },
  );
  await meet(boss, admin, guest);
  expect(guest.titles()).toEqual([]);
  expect(await boss.tend()).toBe(1);
  expect(boss.space.replica.rights.badKeys()).toMatchObject([{ epoch: epoch2, user: guest.user, by: boss.user }]);
  await meet(boss, admin, guest);
  expect(guest.titles()).toEqual(['inside']);
});

// --- T39 ------------------------------------------------------------------------------------------------------

/** The same place of a log, written again from a restored backup: with the same text, or another. */
const restored = async (nonceOf: (sealed: Entry) => Uint8Array) => {
  const { owner } = await company([]);
  const { id, replica } = owner.space;
  const { epoch, key } = replica.writingKey(replica.outline) as { epoch: EpochId; key: Uint8Array };
  const author = new Author(owner.me, id);
  const reused: string[] = [];
  for (let i = 0; i < 300; i++) {
    const fields = {
      seq: i,
      incarnation: 7,
      hlc: hlcOf(1_000_000 + i),
      aclRef: owner.entries()[0]?.id as EntryId,
      prev: ZERO_ENTRY,
    };
    const texts = [`text ${i}`, i % 3 === 0 ? `text ${i}` : `other ${i}`];
    const sealed = [];
    for (const text of texts) {
      const ops = [
        { type: 'fieldSet', node: 'ab'.repeat(16) as NodeId, key: 'title', value: JSON.stringify(text) },
      ] as const;
      sealed.push(
        await author.data(
          replica.outline,
          'content',
          ops,
          { epoch, key: replica.keys.get(epoch) as Uint8Array },
          fields,
        ),
      );
    }
    const [a, b] = sealed as [Entry, Entry];
    const same = toHex(nonceOf(a)) === toHex(nonceOf(b));
    expect((await openBody(crypto, key, a)).ok).toBe(true);
    if (same && texts[0] !== texts[1]) reused.push(texts[1] as string);
    // One text in one place is one body, and one entry.
    if (texts[0] === texts[1]) expect(a.id).toBe(b.id);
  }
  return reused.length;
};

test('[T39] a restored backup repeats a nonce only for the very same text in the very same place', async () => {
  expect(await restored(({ body }) => body.subarray(0, 12))).toBe(0);
  // Counted from the place in the log, as is usual, each second text would be sealed under a nonce that was used.
  expect(await restored(({ header }) => encode(u64, header.seq))).toBe(200);
});
