/** When a new key is due, which epoch is written under, who lacks a key: decided from the rights log, alike everywhere. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { keysFor } from '../../../src/os/kernel/lending';
import {
  keyIsOut,
  MAX_EPOCH_AGE_MS,
  MAX_EPOCH_ENTRIES,
  nextByTime,
  rotationDue,
  tipsOf,
  wrapsDue,
} from '../../../src/os/rights/epochs';
import type { NodeId } from '../../../src/vm/op/ids';
import { company, type Keeper, lootOf, meet, newcomer, opened, partOf } from '../../support/keepers';

const due = ({ space }: Keeper, more: { after?: number; entries?: number } = {}) =>
  rotationDue(space.replica.rights, { now: Date.now() + (more.after ?? 0), entries: more.entries ?? 0 });
const OBJECT = 'ab'.repeat(16) as NodeId;
const OTHER = 'cd'.repeat(16) as NodeId;
const grant = (user: Keeper['user'], notAfter?: number) =>
  ({ type: 'grant', user, role: 'member', notAfter, cut: [], certificate: undefined }) as const;

describe('[EP2] a new key is due', () => {
  test('after a removal without one, a leave, a ban, and no more once it was made', async () => {
    for (const [type, reason] of [
      ['revoke', 'removed'],
      ['leave', 'left'],
    ] as const) {
      const { owner, others } = await company(['member', 'member']);
      const [goes] = others as [Keeper];
      expect(due(owner)).toBeUndefined();
      const by = type === 'leave' ? goes : owner;
      await by.act({ type, user: goes.user, cut: [] });
      await meet(owner, goes);
      expect(due(owner)).toBe(reason);
      expect(await owner.tend()).toBe(1);
      expect(due(owner)).toBeUndefined();
      await goes.receive(...owner.entries());
      expect(goes.space.replica.currentEpoch()).toBeUndefined();
    }
  });

  test('[EP3] when a temporary right ends, by itself, and the time of it is foreseen', async () => {
    const { owner, others } = await company(['member']);
    const [guest] = others as [Keeper];
    const end = Date.now() + 3_600_000;
    await owner.act(grant(guest.user, end));
    expect(due(owner)).toBeUndefined();
    expect(nextByTime(owner.space.replica.rights, Date.now())).toBe(end + 1);
    expect(due(owner, { after: 3_600_001 })).toBe('ended');
  });

  test('[EP3] when a right is narrowed to parts, or from some parts to fewer, and not when it is widened', async () => {
    const { id, owner, others } = await company(['member']);
    const [guest] = others as [Keeper];
    const within = (...objects: NodeId[]) =>
      ({ type: 'within', shards: objects.map((object) => partOf(id, object)), delegate: 0 }) as const;
    await owner.act(within(OBJECT, OTHER), grant(guest.user));
    expect(due(owner)).toBe('narrowed');
    await owner.tend();
    expect(due(owner)).toBeUndefined();
    await owner.act(within(OBJECT), grant(guest.user));
    expect(due(owner)).toBe('narrowed');
    await owner.tend();
    await owner.act(within(OBJECT, OTHER), grant(guest.user));
    expect(due(owner)).toBeUndefined();
  });

  test('[EP3] when an open link that carries it is revoked, not when one that carries none is', async () => {
    const { owner } = await company([]);
    const closed = await newcomer(owner, { role: 'member' });
    const invites = () => [...owner.space.replica.rights.invites().keys()];
    await owner.act({ type: 'revokeInvite', invite: invites()[0] as never });
    expect(due(owner)).toBeUndefined();
    expect(closed.request).not.toBe('');
    await newcomer(owner, { role: 'member', open: true });
    expect(due(owner)).toBeUndefined();
    await owner.act({ type: 'revokeInvite', invite: invites()[1] as never });
    expect(due(owner)).toBe('linkRevoked');
    await owner.tend();
    expect(due(owner)).toBeUndefined();
  });

  test('of age, of entries, when the rule about history changed, and when several were made at once', async () => {
    const { owner, others } = await company(['admin']);
    const [admin] = others as [Keeper];
    expect(due(owner, { after: MAX_EPOCH_AGE_MS - 60_000 })).toBeUndefined();
    expect(due(owner, { after: MAX_EPOCH_AGE_MS + 60_000 })).toBe('old');
    expect(due(owner, { entries: MAX_EPOCH_ENTRIES - 1 })).toBeUndefined();
    expect(due(owner, { entries: MAX_EPOCH_ENTRIES })).toBe('full');
    await owner.act({ type: 'policy', key: 'history', value: 'fromJoin' });
    await meet(owner, admin);
    expect(due(owner)).toBe('policy');
    await Promise.all([owner.tend(), admin.tend()]);
    await meet(owner, admin);
    expect(due(owner)).toBe('merged');
    expect(keyIsOut(owner.space.replica.rights, Date.now())).toBeUndefined();
    await admin.tend();
    await meet(owner, admin);
    expect(due(owner)).toBeUndefined();
  });
});

describe('history', () => {
  test('with `full` a newcomer reads what was written before, with `fromJoin` nothing: trial decryption', async () => {
    for (const [policy, readable] of [
      ['full', 3],
      ['fromJoin', 0],
    ] as const) {
      for (const open of [true, false]) {
        const { owner } = await company([]);
        await owner.act({ type: 'policy', key: 'history', value: policy });
        await owner.tend();
        for (let i = 0; i < 3; i++) await owner.write(`before ${i}`);
        const before = owner.sent();
        // Also a key that is made for another reason.
        await owner.act(...(await owner.rotation.newKey(owner.space)));
        const late = await newcomer(owner, { role: 'member', open });
        if (!open) await owner.membership.admit(owner.space, late.request);
        await owner.tend();
        await late.receive(...owner.entries());
        expect([policy, open, await opened(before, lootOf(late))]).toEqual([policy, open, readable]);
        expect(late.titles().length).toBe(readable);
        await owner.write('after');
        await late.receive(...owner.entries());
        expect(late.titles()).toContain('after');
      }
    }
  });

  test('what was written while `fromJoin` held stays closed to later newcomers when the rule is taken back', async () => {
    const { owner } = await company([]);
    await owner.act({ type: 'policy', key: 'history', value: 'fromJoin' });
    await owner.tend();
    await owner.write('closed');
    await owner.act({ type: 'policy', key: 'history', value: 'full' });
    expect(await owner.tend()).toBe(1);
    await owner.write('open');
    await owner.act(...(await owner.rotation.newKey(owner.space)));
    const late = await newcomer(owner, { role: 'member' });
    await owner.membership.admit(owner.space, late.request);
    await late.receive(...owner.entries());
    expect(late.titles()).toEqual(['open']);
  });
});

describe('parts', () => {
  test('who may read one part is given its keys alone, at admission, at each rotation and when the scope widens', async () => {
    for (const open of [true, false]) {
      const { id, owner } = await company([]);
      const shard = partOf(id, OBJECT);
      const other = partOf(id, OTHER);
      await owner.write('first', shard);
      await owner.act(...(await owner.rotation.newKey(owner.space)));
      await owner.write('second', shard);
      await owner.write('outline');
      await owner.write('other', other);
      const guest = await newcomer(owner, { role: 'guest', object: OBJECT, open });
      if (!open) await owner.membership.admit(owner.space, guest.request);
      await guest.receive(...owner.entries());
      expect(guest.titles()).toEqual(['first', 'second']);
      await owner.act(...(await owner.rotation.newKey(owner.space)));
      await owner.write('third', shard);
      await owner.write('other again', other);
      await guest.receive(...owner.entries());
      expect(guest.titles()).toEqual(['first', 'second', 'third']);
      // Nothing else opens, whatever is tried.
      const elsewhere = owner.sent().filter(({ header }) => header.shard !== shard);
      expect(elsewhere.length).toBe(3);
      expect(await opened(elsewhere, lootOf(guest))).toBe(0);
      expect(guest.space.replica.keys.size).toBe(0);
      // Given the epoch's key, the same trial opens all: it is a real one.
      expect(await opened(elsewhere, lootOf(owner))).toBe(3);
      const limits = { shards: [shard, other], delegate: 0 };
      await owner.act(
        { type: 'within', ...limits },
        { ...grant(guest.user), role: 'guest' },
        ...(await keysFor(owner.context, owner.space, guest.user, guest.me.keyring.publicKey, limits)),
      );
      await guest.receive(...owner.entries());
      expect(guest.titles()).toEqual(['first', 'other', 'other again', 'second', 'third']);
      expect(await owner.tend()).toBe(0);
    }
  });

  test('an Admin gives what somebody else could not: keys that were not at hand at admission', async () => {
    const { id, owner, others } = await company(['admin']);
    const [admin] = others as [Keeper];
    await owner.write('inside', partOf(id, OBJECT));
    await meet(owner, admin);
    const guest = await newcomer(owner, { role: 'guest', object: OBJECT });
    await owner.act(
      { type: 'within', shards: [partOf(id, OBJECT)], delegate: 0 },
      { ...grant(guest.user), role: 'guest' },
    );
    await meet(owner, admin, guest);
    const lacking = wrapsDue(admin.space.replica.rights, Date.now(), (shard) => admin.space.replica.epochsUsed(shard));
    expect(lacking.map(({ user, shard }) => [user, shard])).toEqual([[guest.user, partOf(id, OBJECT)]]);
    expect(await admin.tend()).toBe(1);
    await meet(owner, admin, guest);
    expect(guest.titles()).toEqual(['inside']);
    expect(await owner.tend()).toBe(0);
  });
});

/** Admins in random company make keys, remove people and meet, in random order. */
const histories = async (seed: number) => {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[(random.bytes(1)[0] as number) % from.length] as T;
  const { owner, others } = await company(['admin', 'admin', 'member', 'member', 'member']);
  const rulers = [owner, ...others.slice(0, 2)];
  const members = others.slice(2);
  for (let step = 0; step < 8; step++) {
    const ruler = pick(rulers);
    const { rights } = ruler.space.replica;
    const present = members.filter(({ user }) => rights.role(user) !== 'none');
    const what = random.bytes(1)[0] as number;
    if (what < 60 && present.length > 1) await ruler.membership.remove(ruler.space, pick(present).user);
    else if (what < 120) await ruler.act(...(await ruler.rotation.newKey(ruler.space, undefined, false)));
    else await meet(pick(rulers), pick(rulers), pick(members));
  }
  const before = [owner, ...others].map((keeper) => ({ keeper, loot: lootOf(keeper) }));
  await meet(owner, ...others);
  return { owner, others, before };
};

test('[EP1] of keys made at once in any order, everybody writes under the same, and only who was given each reads it (6 seeds)', async () => {
  let merged = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const { owner, others, before } = await histories(seed);
    const all = [owner, ...others];
    const { rights } = owner.space.replica;
    const writing = owner.space.replica.writingEpoch();
    const tips = tipsOf(rights);
    if (tips.length > 1) merged++;
    for (const { space } of all) expect([seed, space.replica.writingEpoch()]).toEqual([seed, writing]);
    const inside = all.filter(({ user }) => rights.role(user) !== 'none');
    const given = inside.filter(({ user }) => tips.every(({ act }) => act.wraps.some((wrap) => wrap.user === user)));
    const entry = await owner.write(`seed ${seed}`);
    if (!entry) throw new Error(`seed ${seed}: the Owner cannot write`);
    for (const each of given) {
      await each.receive(entry);
      expect([seed, each.titles()]).toEqual([seed, [`seed ${seed}`]]);
    }
    // Whoever is out and was left out of one of the keys reads nothing, also with all they had before and after.
    const outside = all.filter((each) => !inside.includes(each));
    for (const each of outside) {
      const knowsAll = tips.every(({ act }) => each.space.replica.keys.has(act.epoch));
      const loot = before.find(({ keeper }) => keeper === each)?.loot;
      const reads = Math.max(await opened([entry], lootOf(each)), await opened([entry], loot ?? lootOf(each)));
      expect([seed, reads]).toEqual([seed, knowsAll ? 1 : 0]);
      // And then everybody knows that the key is out.
      if (knowsAll) expect(keyIsOut(rights, Date.now())).toBeDefined();
    }
    await owner.tend();
    await meet(...all);
    expect([seed, tipsOf(rights).length, rotationDue(rights, { now: Date.now(), entries: 0 })]).toEqual([
      seed,
      1,
      undefined,
    ]);
    const after = (await owner.write(`after ${seed}`)) as typeof entry;
    for (const each of outside) expect([seed, await opened([after], lootOf(each))]).toEqual([seed, 0]);
    for (const each of inside) {
      await each.receive(...owner.entries());
      expect([seed, each.titles()]).toEqual([seed, [`after ${seed}`, `seed ${seed}`]]);
    }
  }
  expect(merged).toBeGreaterThan(1);
});
