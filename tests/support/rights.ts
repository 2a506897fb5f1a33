/** Checks of the rights log over random histories, in a reduced and a full form. */
import { type SeededRandom, seededRandom } from '../../src/base/random';
import { MAX_DELEGATION, rankOf } from '../../src/os/rights/acl';
import type { Right } from '../../src/os/rights/layers';
import { resolve } from '../../src/os/rights/resolution';
import { type AclEntry, createRights, type Rights } from '../../src/os/rights/resolve';
import type { EntryId, SpaceId, UserId } from '../../src/vm/op/ids';
import { type Actor, causalShuffle, decided, randomHistory, unsigned } from './histories';

const rightsOf = (space: SpaceId, items: readonly AclEntry[]): Rights => {
  const rights = createRights(space);
  for (const item of items) rights.add(item);
  return rights;
};

export const checkHistories = (
  from: number,
  count: number,
): { histories: number; different: string[]; broken: string[] } => {
  const different: string[] = [];
  const broken: string[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const random = seededRandom(seed);
    const { space, actors, all } = randomHistory(random, 3 + random.below(4), 10 + random.below(30));
    const rights = rightsOf(space, all);
    const expected = decided(rights, actors);
    for (let shuffle = 0; shuffle < 3; shuffle++) {
      if (decided(rightsOf(space, causalShuffle(random, all)), actors) !== expected) different.push(`${seed}`);
    }
    broken.push(...attack(random, seed, space, all, actors, rights));
  }
  return { histories: count, different: [...new Set(different)], broken };
};

/** Whether what it says is what resolving all entries anew says. */
const isFresh = (rights: Rights, actors: readonly Actor[]): boolean => {
  const history = rights.history();
  const fresh = resolve(
    history.map(({ item }) => item),
    rights.userOf,
  );
  const said = (of: (user: UserId) => Right): string =>
    JSON.stringify(
      actors.map(({ user }) => [of(user).rank, of(user).limits, of(user).chain.map(({ item }) => item.id)]),
    );
  return (
    history.every(({ item, counts }) => counts === (fresh.authority(item) !== undefined)) &&
    said(rights.right) === said(fresh.right)
  );
};

/**
 * Wide histories: everything that can be signed. The same answers in every causal order, however the last entry came; and
 * of each right that was passed on: no link of its chain gives less, and without its root it is gone.
 */
export const checkWide = (
  from: number,
  count: number,
): { histories: number; different: string[]; broken: string[]; chains: number; suspended: number; bans: number } => {
  const different = new Set<string>();
  const broken: string[] = [];
  let chains = 0;
  let suspended = 0;
  let bans = 0;
  for (let seed = from; seed < from + count; seed++) {
    const random = seededRandom(seed);
    const { space, actors, all } = randomHistory(random, 3 + random.below(3), 15 + random.below(30), true);
    const rights = createRights(space);
    // An entry that cites all there is is resolved as it is added: no other way must come to anything else.
    for (const item of all)
      if (rights.add(item) && !isFresh(rights, actors)) broken.push(`${seed}: not as resolved anew`);
    const expected = decided(rights, actors);
    for (let shuffle = 0; shuffle < 2; shuffle++)
      if (decided(rightsOf(space, causalShuffle(random, all)), actors) !== expected) different.add(`${seed}`);
    suspended += actors.filter(({ device }) => rights.suspensions(device).length > 0).length;
    for (const { user } of actors) {
      const { rank, limits, chain, word } = rights.right(user);
      if (word?.ban) bans++;
      // RL5: a ban is over only by a grant of somebody of the banner's rank.
      if (chain.length < 2) continue;
      chains++;
      for (const link of chain) {
        const wider =
          rank > link.rank ||
          (link.limits.shards && !(limits.shards ?? []).every((shard) => link.limits.shards?.includes(shard))) ||
          (link.limits.shards && limits.shards === undefined) ||
          (link.limits.notAfter !== undefined && !((limits.notAfter ?? Infinity) <= link.limits.notAfter));
        if (wider) broken.push(`${seed}: wider than a link of its chain`);
      }
      if (chain.length > 1 + MAX_DELEGATION) broken.push(`${seed}: passed on too often`);
      const root = chain[0] as (typeof chain)[number];
      const without = rightsOf(space, all);
      const [creator] = actors as [(typeof actors)[number]];
      const last = Math.max(...all.map(({ entry }) => entry.header.hlc));
      const acts = [{ type: 'revoke', user: root.subject, cut: [] } as const];
      const heads = [...without.heads()].slice(-16);
      const end = unsigned(space, creator, Math.floor(last) + 10, 99, { version: 1, heads, acts }, 9);
      if (rights.role(creator.user) !== 'owner' || !without.add(end)) continue;
      if (without.role(root.subject) === 'none' && without.right(user).chain.includes(root))
        broken.push(`${seed}: it outlives its root`);
      if (without.right(user).chain.some(({ subject, item }) => subject === root.subject && item.id === root.item.id))
        broken.push(`${seed}: it still hangs on its root`);
    }
  }
  return { histories: count, different: [...different], broken, chains, suspended, bans };
};

/**
 * Somebody without a role now signs what they like, citing any moment at which they had one, before they were out. Nothing
 * about anybody else may change, but for what they may still do to themselves.
 */
const attack = (
  random: SeededRandom,
  seed: number,
  space: SpaceId,
  all: readonly AclEntry[],
  actors: ReturnType<typeof randomHistory>['actors'],
  rights: Rights,
): string[] => {
  const broken: string[] = [];
  for (const attacker of actors) {
    const removedBy = all.filter(
      (item) =>
        rights.stands(item.entry.id) &&
        item.body.acts.some((act) => act.type === 'revoke' && act.user === attacker.user),
    );
    if (rights.role(attacker.user) !== 'none' || removedBy.length === 0) continue;
    const removers = removedBy.map((item) => rights.userOf(item.entry.header.device));
    // An Owner who was removed by a junior would be another matter; such a removal is not valid at all.
    const before = new Map(rights.members());
    for (let attempt = 0; attempt < 3; attempt++) {
      const victim = random.pick(actors);
      if (victim === attacker) continue;
      const head = random.pick(all).entry;
      const removal = removedBy.some((item) => pastOf(all, head.id).has(item.entry.id));
      if (removal) continue;
      const forged = unsigned(
        space,
        attacker,
        Math.floor(head.header.hlc) + 1,
        0,
        {
          version: 1,
          heads: [head.id],
          acts: [
            random.below(2) === 0
              ? { type: 'revoke', user: victim.user, cut: [] }
              : {
                  type: 'grant',
                  user: victim.user,
                  role: 'admin',
                  notAfter: undefined,
                  cut: [],
                  certificate: undefined,
                },
          ],
        },
        7 + attempt,
      );
      const after = rightsOf(space, [...all, forged]);
      // Only somebody at least as strong as the attacker was then settles it; otherwise both words stand against each other.
      const strength = rankOf(rights.roleAt(attacker.user, head.id));
      const removerRank = Math.max(
        ...removedBy.map((item) => rankOf(rights.roleAt(removers[0] ?? attacker.user, item.entry.id))),
      );
      if (removerRank <= strength) continue;
      if (rights.role(victim.user) !== after.role(victim.user))
        broken.push(
          `${seed}: ${victim.user.slice(0, 4)} was ${before.get(victim.user)} and is ${after.role(victim.user)}`,
        );
    }
  }
  return broken;
};

const pastOf = (all: readonly AclEntry[], head: EntryId): Set<EntryId> => {
  const byId = new Map(all.map((item) => [item.entry.id, item]));
  const past = new Set<EntryId>();
  const open = [head];
  for (let id = open.pop(); id; id = open.pop()) {
    if (past.has(id)) continue;
    past.add(id);
    open.push(...(byId.get(id)?.body.heads ?? []));
  }
  return past;
};

/** What a log of "the last word counts" would decide in two orders; true when they agree. */
export const naive = (random: SeededRandom): boolean => {
  const { all } = randomHistory(random, 5, 40);
  const last = (order: readonly AclEntry[]): string => {
    const roles = new Map<string, string>();
    for (const { body } of order) {
      for (const act of body.acts) {
        if (act.type === 'grant') roles.set(act.user, act.role);
        if (act.type === 'revoke') roles.set(act.user, 'none');
      }
    }
    return JSON.stringify([...roles].sort());
  };
  return last(all) === last(causalShuffle(random, all));
};
