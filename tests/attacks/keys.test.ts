/** What somebody who is out can read: nothing that is written later, with every key they ever had. */
import { expect, test } from 'vitest';
import type { MessageRow } from '../../src/bridge/messages';
import { makeEpoch } from '../../src/os/rights/keyring';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { decodeEntry, type Entry } from '../../src/vm/op/entry';
import { openBody, shardKeyOf } from '../../src/vm/op/seal';
import { converged, createFleet, until } from '../support/fleet';
import { crypto, makeInvite, newPerson, random } from '../support/insider';
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
  await b.join(url, { timeoutMs: 8_000 });
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
  for (const { value } of await storage.list('journal', `${space}/`)) {
    for (const entry of entriesIn(value)) {
      if (entry.header.kind !== 'data') continue;
      (entry.header.seq > (heightsBefore[entry.log] ?? -1) ? later : earlier).push(entry);
    }
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
}, 30_000);

/** Entries of a journal segment, found by their own form. */
const entriesIn = (segment: Uint8Array): Entry[] => {
  const found: Entry[] = [];
  let at = 2;
  while (at < segment.length - 32) {
    let length = 0;
    let shift = 1;
    for (;;) {
      const byte = segment[at++] as number;
      length += (byte & 127) * shift;
      shift *= 128;
      if (byte < 128) break;
    }
    const decoded = decodeEntry(segment.slice(at, at + length));
    if (!decoded.ok) break;
    found.push(decoded.value);
    at += length;
  }
  return found;
};

test('[T36] who leaves, or joined in vain, knows the key: an Admin makes a new one, and what follows is closed to them', async () => {
  const fleet = await createFleet();
  const vault = memoryVault();
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', { vault });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 8_000 });
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
}, 20_000);

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
