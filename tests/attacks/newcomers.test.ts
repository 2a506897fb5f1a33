/** Whoever has the phrase: what they get on live kernels while the person's older device is there, and what stops them. */
import { afterEach, expect, test } from 'vitest';
import type {
  DeviceRow,
  KernelApi,
  NewcomerRow,
  PersonRow,
  PhraseAnswer,
  RecoveryAnswer,
} from '../../src/bridge/messages';
import { becomeLinked, type Identity, loadDevice, loadIdentity, vouch } from '../../src/os/rights/identity';
import { systemClock } from '../../src/platform/clock';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Clock } from '../../src/ports';
import type { SpaceId } from '../../src/vm/op/ids';
import { skewedClock } from '../support/clocks';
import { createFleet, until } from '../support/fleet';
import { Author, crypto, random } from '../support/insider';
import { stage } from '../support/stage';
import { credulous, type Weaken } from '../support/weak';

const HOUR = 3_600_000;
let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
});

const newcomers = async (kernel: KernelApi) => (await kernel.query('os.newcomers', {})) as readonly NewcomerRow[];
const recovery = async (kernel: KernelApi) => (await kernel.query('os.recovery', {})) as RecoveryAnswer;
const people = async (kernel: KernelApi, spaceId: string) =>
  (await kernel.query('os.people', { spaceId })) as readonly PersonRow[];

/** Anna's team with Boris in it; somebody has Anna's twelve words, and a browser of their own. */
const restored = async (clock: Clock = systemClock()) => {
  fleet = await createFleet();
  const alone = { beacon: false, clock };
  const annas = { vault: memoryVault(), storage: memoryStorage(), ...alone };
  const anna = await fleet.tab('anna', annas);
  const boris = await fleet.tab('boris', alone);
  await anna.setName('Anna');
  const { id: space } = await anna.createSpace({ title: 'Team', kind: 'team' });
  const { url } = await anna.invite(space, { role: 'admin' });
  const { id: channelId } = await anna.run('chat.createChannel', { spaceId: space, title: 'general' });
  await boris.join(url, { timeoutMs: 30_000 });
  await until(async () => (await recovery(anna)).known === 1, 'listed');
  const { words } = (await anna.query('os.recoveryPhrase', {})) as NonNullable<PhraseAnswer>;
  const profile = { vault: memoryVault(), storage: memoryStorage(), ...alone };
  const clean = await fleet.tab('clean', profile);
  await clean.run('os.recover', { phrase: words.join(' ') });
  await clean.stop();
  const thief = await fleet.tab('thief', profile);
  await until(async () => (await thief.spaces()).some(({ id, title }) => id === space && title === 'Team'), 'here');
  await until(async () => (await recovery(thief)).waits !== null, 'told that it waits');
  const ids = { anna: (await anna.me()).userId, boris: (await boris.me()).userId, device: (await anna.me()).deviceId };
  return {
    anna,
    boris,
    thief,
    space,
    channelId: channelId as string,
    ids,
    profiles: { anna: annas, thief: profile },
    thiefs: (await thief.me()).deviceId,
  };
};
const asked = (anna: KernelApi, device: string) =>
  until(async () => (await newcomers(anna)).find(({ id }) => id === device), 'the question on the old device');

/** Another browser with the person's root, as the phrase gives it, that signs what it likes. */
const withRootOf = async (person: Identity): Promise<Identity> => {
  const vault = memoryVault();
  const { device } = await loadDevice(crypto, random, vault);
  const certificate = await person.certifies(device, person.keyring.publicKey, 1);
  await becomeLinked(vault, certificate, person.keyringSecrets, 'ab'.repeat(32) as SpaceId, {
    room: new Uint8Array(32),
    beacons: [],
  });
  return loadIdentity(crypto, random, vault, 2);
};

test('[T44] a changed client of the thief is refused at every door, also dated back, and vouches for itself in vain', async () => {
  const play = async (weaken?: Weaken) => {
    const here = await stage(weaken);
    const { owner, member } = here.people;
    const thief = await withRootOf(owner);
    const hand = new Author(thief, here.id);
    const came = await hand.act([here.head], [{ type: 'certify', certificate: thief.certificate }]);
    const removal = { type: 'revoke', user: member.user, cut: [] } as const;
    const signature = await owner.disowns(owner.device);
    const other = { type: 'revokeDevice', user: owner.user, device: owner.device, cut: [], signature } as const;
    expect((await here.give(came)).beacon).toEqual(['admitted']);
    const leave = { type: 'leave', user: owner.user, cut: [] } as const;
    const tried = [];
    // Each in a log of its own: what is refused leaves no gap.
    for (const [place, act] of [removal, other, leave].entries())
      tried.push(await here.give(await hand.act([came.id], [act], { incarnation: place + 1 })));
    // As if the owner's own device had said so.
    const forged = { ...(await vouch(crypto, thief, owner.user, thief.device)), by: owner.device };
    const vouched = await here.give(await hand.act([came.id], [forged], { incarnation: 9 }));
    return {
      tried: tried.flatMap(({ tab, beacon }) => [...tab, ...beacon]),
      vouched,
      role: here.tab.space.replica.rights.role(member.user),
    };
  };
  const sound = await play();
  expect(new Set(sound.tried)).toEqual(new Set(['refused rightsNotAllowed']));
  expect(sound.vouched).toEqual({ tab: ['refused badVouch'], beacon: ['refused badVouch'] });
  expect(sound.role).toBe('member');
  // A node that asks for no signatures takes the forged word.
  expect((await play(credulous)).vouched).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
});

test('[T44] a thief with the phrase reads and writes at once, and for two days changes nobody: each try is refused with the reason', async () => {
  const { anna, boris, thief, space, channelId, ids, thiefs } = await restored();
  await until(
    async () =>
      (await thief.query('chat.channels', { spaceId: space })) &&
      thief.run('chat.send', { channelId, text: 'written at once' }),
    'written',
  );
  await until(async () => JSON.stringify(await anna.query('chat.messages', { channelId })).includes('at once'), 'read');
  const tries: readonly [string, object][] = [
    ['os.remove', { spaceId: space, userId: ids.boris }],
    ['os.ban', { spaceId: space, userId: ids.boris }],
    ['os.handOver', { spaceId: space, userId: ids.boris }],
    ['os.setRole', { spaceId: space, userId: ids.boris, role: 'owner' }],
    ['os.stepDown', { spaceId: space, role: 'guest' }],
    ['os.revokeDevice', { deviceId: ids.device }],
    ['os.setPolicy', { spaceId: space, key: 'invite', value: 'member' }],
  ];
  for (const [name, args] of tries)
    await expect(thief.run(name, args), name).rejects.toMatchObject({ type: 'restored' });
  await expect(thief.invite(space, { role: 'member' })).rejects.toMatchObject({ type: 'restored' });
  const row = (await people(thief, space)).find(({ id }) => id === ids.boris);
  expect(row?.why).toMatchObject({ remove: 'restored', toOwner: 'restored' });
  expect(JSON.stringify(await thief.query('os.explain', { id: space, action: 'share' }))).toContain('waiting');
  // What it founds itself is its own at once.
  const { id: own } = await thief.createSpace({ title: 'Mine', kind: 'team' });
  await thief.invite(own, { role: 'member' });
  expect((await people(anna, space)).map(({ role }) => role).sort()).toEqual(['admin', 'owner']);
  expect((await recovery(anna)).removed).toBe(false);
  // Whoever is there sees it come: the person's own device asks, and the log tells.
  expect((await asked(anna, thiefs))?.until).toBeGreaterThan(Date.now() + 47 * HOUR);
  expect(await newcomers(thief)).toEqual([]);
  expect(await newcomers(boris)).toEqual([]);
});

test('[T44] a no on the old device takes the thief out everywhere, and a new key that does not follow from the phrase', async () => {
  const { anna, boris, thief, space, channelId, ids, thiefs } = await restored();
  await asked(anna, thiefs);
  await anna.run('os.refuseDevice', { deviceId: thiefs });
  await until(async () => (await recovery(thief)).refused, 'told so');
  await anna.run('chat.send', { channelId, text: 'a secret' });
  await until(async () => JSON.stringify(await boris.query('chat.messages', { channelId })).includes('secret'), 'b');
  await expect(thief.run('chat.send', { channelId, text: 'mine' })).rejects.toMatchObject({ type: 'notSaved' });
  expect(JSON.stringify(await thief.query('chat.messages', { channelId }))).not.toContain('secret');
  expect((await anna.query('os.devices', {})) as readonly DeviceRow[]).toContainEqual(
    expect.objectContaining({ id: thiefs, revoked: true }),
  );
  expect(await newcomers(anna)).toEqual([]);
  // The person goes on as before.
  await anna.run('os.setRole', { spaceId: space, userId: ids.boris, role: 'member' });
});

test('[T44] a yes on the old device lifts it at once, in every space', async () => {
  const { anna, thief, space, ids, thiefs } = await restored();
  await asked(anna, thiefs);
  await anna.run('os.confirmDevice', { deviceId: thiefs });
  await until(async () => (await recovery(thief)).waits === null, 'lifted');
  await thief.run('os.setRole', { spaceId: space, userId: ids.boris, role: 'member' });
  await until(async () => (await people(anna, space)).some(({ role }) => role === 'member'), 'it counts');
  expect(await newcomers(anna)).toEqual([]);
  await expect(anna.run('os.refuseDevice', { deviceId: thiefs })).rejects.toMatchObject({ type: 'notFound' });
});

test('[T44] two days later it has its say without a word, and may take the old device away', async () => {
  // One time for all who have it.
  const clock = skewedClock();
  const { anna, boris, thief, space, ids, thiefs, profiles } = await restored(clock);
  await asked(anna, thiefs);
  await until(async () => ((await recovery(thief)).waits ?? 0) === (await newcomers(anna))[0]?.until, 'the same end');
  // A jump would end all links: they are begun anew.
  for (const kernel of [anna, boris, thief]) await kernel.stop();
  clock.ahead(47 * HOUR);
  const early = await fleet.tab('early', profiles.thief);
  await expect(early.run('os.remove', { spaceId: space, userId: ids.boris })).rejects.toMatchObject({
    type: 'restored',
  });
  await early.stop();
  clock.ahead(HOUR + 60_000);
  const [old, late] = [await fleet.tab('old', profiles.anna), await fleet.tab('late', profiles.thief)];
  expect((await recovery(late)).waits).toBeNull();
  expect(await newcomers(old)).toEqual([]);
  await late.run('os.setRole', { spaceId: space, userId: ids.boris, role: 'member' });
  await until(async () => (await people(old, space)).some(({ role }) => role === 'member'), 'it counts');
  await late.run('os.revokeDevice', { deviceId: ids.device });
  await until(async () => (await recovery(old)).removed, 'the old one is out');
});
