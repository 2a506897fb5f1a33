/** A stolen device after it was taken away, and somebody in the middle of linking one: what each gets with the defence on and off. */
import { expect, test } from 'vitest';
import { equalBytes } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import type { LinkingAnswer } from '../../src/bridge/messages';
import type { Act } from '../../src/os/rights/acl';
import { becomeLinked, type Identity, loadIdentity, vouch } from '../../src/os/rights/identity';
import { learnKeys, makeEpoch } from '../../src/os/rights/keyring';
import {
  beginSide,
  commitmentOf,
  digitsOf,
  LINK_TRIES,
  linkingTopicOf,
  linkingTranscript,
  openLinking,
  opens,
  readLinkingCode,
  type Side,
  sealLinking,
} from '../../src/os/rights/linking';
import { memoryVault } from '../../src/platform/memory/vault';
import { publishText, readServerText, subscribeText } from '../../src/vm/net/signal';
import type { DeviceId, EntryId, SpaceId } from '../../src/vm/op/ids';
import { createFleet, SIGNALING_URL, until } from '../support/fleet';
import { Author, crypto, holdSpace, makeInvite, newPerson, random } from '../support/insider';
import { stage } from '../support/stage';
import { credulous, type Weaken } from '../support/weak';

const HOME = { room: new Uint8Array(32), beacons: [] };

/** Another device of `person`, linked as a device is. */
const linkedTo = async (person: Identity): Promise<Identity> => {
  const vault = memoryVault();
  const { device } = await loadIdentity(crypto, random, vault, 1);
  const certificate = await person.certifies(device, person.keyring.publicKey, 1);
  await becomeLinked(vault, certificate, person.keyringSecrets, 'ab'.repeat(32) as SpaceId, HOME);
  return loadIdentity(crypto, random, vault, 2);
};

/** How it shows itself in a space: with the word of the older one. */
const showing = async (person: Identity, device: Identity): Promise<readonly Act[]> => [
  { type: 'certify', certificate: device.certificate },
  await vouch(crypto, person, person.user, device.device),
];

test('what a device writes right after it was linked counts, also where somebody changed rights beside it and later', async () => {
  const { id, key, outline, entries, head, people, authors, tab, beacon, give } = await stage();
  const device = await linkedTo(people.member);
  const named = await new Author(device, id).act([head], await showing(people.member, device));
  const { entry: beside } = await makeInvite(authors.owner, [head], key, { role: 'guest' });
  expect(beside.header.hlc).toBeGreaterThan(named.header.hlc);
  const own = await holdSpace(id, device);
  own.space.replica.keys = new Map([[key.epoch, key.key]]);
  await own.receive(...entries, named, beside);
  await give(named, beside);
  for (const { space } of [own, tab, beacon]) expect(space.replica.rights.heads()).toHaveLength(2);
  const { node, counter } = own.space.nextNode();
  const written = await own.space.write(outline, 'content', [{ type: 'nodeNew', node, nodeType: 'Document', counter }]);
  expect(written).toMatchObject({ ok: true, value: { header: { aclRef: named.id } } });
  if (written.ok && written.value)
    expect(await give(written.value)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  expect(tab.space.replica.engine.node(node)?.type).toBe('Document');
});

/** A Member's second device is stolen and taken away. `named`: it had shown itself in the space before. */
const stolen = async ({ named = true, says = true, renews = true } = {}) => {
  const here = await stage();
  const { id, head, people, authors, tab, give, set } = here;
  const owner = people.owner;
  const member = people.member;
  const thief = await linkedTo(member);
  const hand = new Author(thief, id);
  const heads: EntryId[] = [head];
  const sign = async (author: Author, acts: readonly Act[]): Promise<EntryId> => {
    const entry = await author.act(heads, acts);
    expect((await give(entry)).tab).toEqual(['admitted']);
    heads.splice(0, heads.length, entry.id);
    return entry.id;
  };
  if (named) {
    await sign(hand, await showing(member, thief));
    await give(await set(hand, 'mine', 'before', { aclRef: heads[0] as EntryId }));
  }
  const known = heads[0] as EntryId;
  const log = [...tab.space.replica.logs].find(
    ([, { head: last }]) => last?.header.device === thief.device && last.header.shard === here.outline,
  );
  const cut = log ? [{ log: log[0], seq: log[1].length - 1 }] : [];
  if (renews) await member.renew(member.nextSecret(random), 3);
  if (says)
    await sign(authors.member, [
      { type: 'certify', certificate: member.certificate },
      {
        type: 'revokeDevice',
        user: member.user,
        device: thief.device,
        cut,
        signature: await member.disowns(thief.device),
      },
    ]);
  // The new key goes to the keyring that the rights log shows.
  const { rights } = tab.space.replica;
  const keyring = rights.keyringOf(member.user) as Uint8Array;
  const shown = [owner, member].map(({ user }) => ({ user, keyring: rights.keyringOf(user) as Uint8Array }));
  const made = await makeEpoch(crypto, random, id, shown, []);
  await sign(authors.owner, [made.act]);
  const theirs = await learnKeys(crypto, id, rights, thief, new Map());
  const ours = await learnKeys(crypto, id, rights, member, new Map());
  return { ...here, thief, hand, known, heads, keyring, epoch: made.act.epoch, theirs, ours, sign };
};

test('[T43] what a stolen device writes after it was taken away counts nowhere, whatever it cites', async () => {
  const here = await stolen();
  const { hand, known, heads, give, set, shown, tab } = here;
  expect(shown('mine')).toBe('before');
  const late = await set(hand, 'mine', 'stolen', { aclRef: known });
  expect(await give(late)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  expect(tab.space.replica.unfolded.get(late.id)).toBe('held');
  expect(shown('mine')).toBe('before');
  const knowing = await set(hand, 'mine', 'stolen', { aclRef: heads[0] as EntryId });
  expect((await give(knowing)).beacon[0]).not.toBe('known');
  expect(shown('mine')).toBe('before');
  // It signs no rights either: backdated they bind nobody.
  const act = await hand.act([known], [{ type: 'leave', user: here.people.member.user, cut: [] }]);
  await give(act);
  expect(tab.space.replica.rights.stands(act.id)).toBe(false);
  expect(tab.space.replica.rights.role(here.people.member.user)).toBe('member');

  // Without the word all of it counts.
  const open = await stolen({ says: false });
  await open.give(await open.set(open.hand, 'mine', 'stolen', { aclRef: open.known }));
  expect(open.shown('mine')).toBe('stolen');
});

test('[T43] a stolen device reads nothing under a key made since, with every key of the person it ever had', async () => {
  const { epoch, theirs, ours } = await stolen();
  expect([theirs.has(epoch), ours.has(epoch)]).toEqual([false, true]);
  // Without a new generation of the keyring the new key is wrapped to what it holds.
  const open = await stolen({ renews: false });
  expect([open.theirs.has(open.epoch), open.ours.has(open.epoch)]).toEqual([true, true]);
});

test('[T43] a stolen device that a space has not seen yet comes in no more, and another person disowns nobody', async () => {
  const here = await stolen({ named: false });
  const { thief, hand, known, tab, give, set, shown, people, authors, sign } = here;
  const claim = await hand.act([known], [{ type: 'certify', certificate: thief.certificate }]);
  await give(claim);
  expect(tab.space.replica.rights.stands(claim.id)).toBe(false);
  await give(await set(hand, 'mine', 'stolen', { aclRef: claim.id }));
  expect(shown('mine')).toBeUndefined();
  expect(tab.space.replica.rights.keyringOf(people.member.user)).toEqual(people.member.keyring.publicKey);
  const open = await stolen({ named: false, says: false });
  const entry = await open.hand.act([open.known], [{ type: 'certify', certificate: open.thief.certificate }]);
  await open.give(entry, await open.set(open.hand, 'mine', 'stolen', { aclRef: entry.id }));
  expect(open.shown('mine')).toBe('stolen');

  // The Guest signs with a root of their own that a device which is not here yet is not theirs: it was not.
  const later = await linkedTo(people.admin);
  const { guest } = people;
  await sign(authors.guest, [
    {
      type: 'revokeDevice',
      user: guest.user,
      device: later.device,
      cut: [],
      signature: await guest.disowns(later.device),
    },
  ]);
  const honest = new Author(later, here.id);
  await sign(honest, [{ type: 'certify', certificate: later.certificate }]);
  expect(tab.space.replica.rights.suspensions(later.device)).toEqual([]);
  await give(await set(honest, 'mine', 'honest', { aclRef: here.heads[0] as EntryId }));
  expect(shown('mine')).toBe('honest');
});

test('[T43] only the root takes a device away: a word with any other signature is refused on every node', async () => {
  const forge = async (weaken?: Weaken) => {
    const here = await stage(weaken);
    const { member } = here.people;
    const second = await linkedTo(member);
    const hand = new Author(second, here.id);
    const shown = await hand.act([here.head], await showing(member, second));
    await here.give(shown);
    // The stolen device disowns the person's own one.
    const signature = await (await newPerson()).disowns(member.device);
    const word = { type: 'revokeDevice', user: member.user, device: member.device, cut: [], signature } as const;
    return here.give(await hand.act([shown.id], [word]));
  };
  const refused = ['refused badDeviceRevocation'];
  expect(await forge()).toEqual({ tab: refused, beacon: refused });
  expect(await forge(credulous)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
});

// --- Linking ---------------------------------------------------------------------------------------------------

const DEVICE = '01'.repeat(32) as DeviceId;
/** The same each time: of many tries by chance one succeeds now and then, and that would prove nothing. */
const dice = seededRandom(42);
const someSide = (seed: number): Side => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  new DataView(bytes.buffer).setUint32(4, dice.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0) >>> 0);
  return { device: DEVICE, ephemeral: bytes, nonce: bytes };
};
const OF = new Uint8Array(16);

/**
 * Somebody in the middle, who knows the code: towards the new device they play the old one, and the other way round. They
 * learn the new device's digits first, then look for words towards the old one that give the same. `commits`: they must have
 * chosen those words before. Whether the first `places` digits are equal in the end.
 */
const between = (places: number, commits: boolean, grinds: number): boolean => {
  const [older, newer] = [someSide(1), someSide(2)];
  const wanted = digitsOf(linkingTranscript(OF, someSide(3), newer)).slice(0, places);
  const chosen = someSide(4);
  const commitment = commitmentOf(OF, chosen);
  for (let grind = 0; grind < grinds; grind++) {
    const said = grind === 0 ? chosen : someSide(5 + grind);
    if (commits && !opens(OF, commitment, said)) return false;
    if (digitsOf(linkingTranscript(OF, older, said)).slice(0, places) === wanted) return true;
  }
  return false;
};

test('[LI1] [T42] who stands between two devices meets the digits by chance alone, and at will without the commitment', () => {
  const tries = 20_000;
  // By two digits, where chance can be measured: one in a hundred. By all six it is one in a million.
  let met = 0;
  for (let i = 0; i < tries; i++) if (between(2, true, 50)) met++;
  expect(met).toBeGreaterThan(120);
  expect(met).toBeLessThan(290);
  for (let i = 0; i < 2_000; i++) expect(between(6, true, 50)).toBe(false);
  for (let i = 0; i < 10; i++) expect(between(3, false, 20_000)).toBe(true);
});

test('[T42] all digits are equally likely', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 20_000; i++)
    for (const [place, digit] of [...digitsOf(linkingTranscript(OF, someSide(i), someSide(i + 1)))].entries())
      counts.set(`${place}${digit}`, (counts.get(`${place}${digit}`) ?? 0) + 1);
  expect(counts.size).toBe(60);
  for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(250);
});

test('[T42] who has read the code and says other words than they committed to is refused, and the tries are counted', async () => {
  const fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  await a.run('os.offerLinking', {});
  const answer = async () => (await a.query('os.linking', {})) as LinkingAnswer;
  const code = readLinkingCode((await answer()).code as string);
  if (!code.ok) throw new Error(code.error.type);
  const { secret } = code.value;
  const said: NonNullable<Awaited<ReturnType<typeof openLinking>>>[] = [];
  const opened = new Promise<void>((open) => {
    channel = fleet.network.transport('mallory').dialSignaling(SIGNALING_URL, {
      opened: () => open(),
      received: (text) => {
        const message = readServerText(text);
        if (message?.type === 'publish')
          void openLinking(crypto, secret, message.sealed).then((plain) => plain && said.push(plain));
      },
      drained: () => {},
      closed: () => {},
    });
  });
  await opened;
  channel?.send(subscribeText([linkingTopicOf(secret)]));
  const say = async (message: Parameters<typeof sealLinking>[3]) =>
    channel?.send(publishText(linkingTopicOf(secret), await sealLinking(crypto, random, secret, message)));
  for (let attempt = 1; attempt <= LINK_TRIES; attempt++) {
    const id = random.bytes(16);
    const { side } = await beginSide(crypto, random, DEVICE);
    const other = await beginSide(crypto, random, DEVICE);
    const hello = { type: 'hello', attempt: id, commitment: commitmentOf(id, side) } as const;
    // Said again until it is heard, as a device does.
    await until(async () => {
      if (said.some((message) => message.type === 'answer' && equalBytes(message.attempt, id))) return true;
      await say(hello);
      return false;
    }, 'answer');
    await say({ type: 'reveal', attempt: id, ...other.side, name: 'Phone' });
    await until(async () => (await answer()).triesLeft === LINK_TRIES - attempt, 'counted');
    await until(async () => ((await a.stats())['refused.linkCommitment'] ?? 0) === attempt, 'refused');
  }
  await until(async () => (await answer()).step === 'failed', 'over');
  expect(await answer()).toMatchObject({ reason: 'tries' });
  expect(said.some(({ type }) => type === 'sealed')).toBe(false);
  await fleet.stop();
});
let channel: { send(text: string): void } | undefined;
