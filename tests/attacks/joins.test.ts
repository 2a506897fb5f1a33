/** Joins that should not count: too late, revoked, forged, or one too many. */
import { expect, test } from 'vitest';
import type { Certificate } from '../../src/os/rights/acl';
import type { Identity } from '../../src/os/rights/identity';
import { type Held, holdSpace, makeInvite, newPerson, random } from '../support/insider';
import { counted, type Stage, stage } from '../support/stage';
import { credulous, limitless, type Weaken } from '../support/weak';

type Try = {
  readonly invite?: { readonly notAfter?: number; readonly uses?: number };
  readonly revoked?: boolean;
  /** A secret that is not the link's. */
  readonly guessed?: boolean;
  /** The joiner names themselves by this person's certificate. */
  readonly as?: (people: Stage['people']) => Identity;
  /** What the door says of the join. */
  readonly got: string;
  readonly weaken?: Weaken;
};
const TRIES: Readonly<Record<string, Try>> = {
  expired: { invite: { notAfter: 1_000 }, got: 'refused rightsNotAllowed', weaken: limitless },
  // Kept, and void.
  revoked: { revoked: true, got: 'admitted', weaken: limitless },
  'forged proof': { guessed: true, got: 'refused badJoinProof', weaken: credulous },
  'forged certificate': { as: ({ none }) => none, got: 'refused badCertificate', weaken: credulous },
  honest: { got: 'admitted' },
};

/** Somebody tries to come in; whether they are, and as whom. */
const tryToJoin = async (here: Stage, how: Try, node: Held) => {
  const { author, key, head, people, entries } = here;
  await node.receive(...entries);
  const invite = await makeInvite(author, [head], key, { role: 'member', ...how.invite });
  await node.receive(invite.entry);
  if (how.revoked) {
    const revocation = await author.act([invite.entry.id], [{ type: 'revokeInvite', invite: invite.invite }]);
    await node.receive(revocation);
    author.forget(revocation);
  }
  author.forget(invite.entry);
  const joiner = await newPerson();
  const named = how.as?.(people);
  const person: Identity = named ? { ...joiner, user: named.user } : joiner;
  const certificate: Certificate = named
    ? { ...named.certificate, device: joiner.device, keyring: joiner.certificate.keyring }
    : joiner.certificate;
  const forge = { certificate, ...(how.guessed ? { proofBy: random.bytes(20) } : {}) };
  const { entry } = await invite.join(person, [invite.entry.id], {}, forge);
  const [got] = await node.receive(entry);
  const { rights } = node.space.replica;
  const user = rights.userOf(joiner.device);
  return {
    got,
    counted: counted(node, /^refused\./),
    inside: user === person.user && rights.role(user) !== 'none',
  };
};

test('[T41] expired, revoked and forged joins count on no node', async () => {
  const here = await stage();
  for (const [name, how] of Object.entries(TRIES)) {
    for (const me of [here.people.owner, undefined]) {
      const refused = how.got === 'admitted' ? 0 : 1;
      const sound = await tryToJoin(here, how, await holdSpace(here.id, me));
      expect({ name, ...sound }).toEqual({ name, got: how.got, counted: refused, inside: name === 'honest' });
      if (!how.weaken) continue;
      // Without limits of invites, or with signatures that nobody checks, they are in.
      const node = await holdSpace(here.id, me);
      how.weaken(node);
      const weak = await tryToJoin(here, how, node);
      expect({ name, ...weak }).toEqual({ name, got: 'admitted', counted: 0, inside: true });
    }
  }
});

/** Five race for an invite of one use, each on an island; then nodes hear of all of them, each in another order. */
const race = async (weaken: Weaken = () => {}) => {
  const { author, key, head, id, people, entries } = await stage();
  const invite = await makeInvite(author, [head], key, { role: 'member', uses: 1 });
  const joiners = await Promise.all(Array.from({ length: 5 }, () => newPerson()));
  const joins = await Promise.all(joiners.map((person) => invite.join(person, [invite.entry.id])));
  const insideAfter = async (me: Identity | undefined, joined: typeof joins): Promise<readonly number[]> => {
    const node = await holdSpace(id, me);
    weaken(node);
    await node.receive(...entries, invite.entry, ...joined.map(({ entry }) => entry));
    return joiners.flatMap(({ user }, at) => (node.space.replica.rights.role(user) === 'none' ? [] : [at]));
  };
  const alone = [];
  for (const join of joins) alone.push(await insideAfter(people.owner, [join]));
  const together = [];
  for (let order = 0; order < joins.length; order++) {
    const turned = [...joins.slice(order), ...joins.slice(0, order)];
    together.push(await insideAfter(order % 2 === 0 ? people.owner : undefined, turned));
  }
  return { alone, together };
};

test('[T41] of five who race for an invite of one use over a partition exactly one is in, the same on all nodes', async () => {
  const sound = await race();
  expect(sound.alone).toEqual([[0], [1], [2], [3], [4]]);
  const [winner] = sound.together;
  expect(winner?.length).toBe(1);
  expect(sound.together).toEqual(Array(5).fill(winner));
  // Where uses are not counted the link lets everybody in.
  expect((await race(limitless)).together).toEqual(Array(5).fill([0, 1, 2, 3, 4]));
});
