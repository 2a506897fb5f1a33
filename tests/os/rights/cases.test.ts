/**
 * The named cases of rights: what happens when people decide at once, each also with the rule taken away that settles it.
 * Anna founds the space and is the most senior Owner; Olaf is an Owner she made; Ben and Ada are Admins.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import type { Act, Role } from '../../../src/os/rights/acl';
import { type Rules, SOUND } from '../../../src/os/rights/layers';
import { createRights, type Rights } from '../../../src/os/rights/resolve';
import type { EntryId, LogId } from '../../../src/vm/op/ids';
import { shownAtTheEnd } from '../../support/ended';
import {
  certify,
  deviceOf,
  grant,
  invited,
  joined,
  leave,
  type RightsLog,
  revoke,
  shardOf,
  teamLog,
  userOf,
} from '../../support/rights-log';

const LOG = 'f'.repeat(64) as LogId;

type Team = RightsLog & {
  /** What all know who are in: where words that are spoken at once begin. */
  readonly base: readonly EntryId[];
  role(name: string): Role | 'none';
  /** Of what `by` wrote at that place of their log, under these rights. */
  judged(by: string, cites: EntryId, seq: number): string;
};
const TEAM: Readonly<Record<string, Role>> = { Olaf: 'owner', Ben: 'admin', Ada: 'admin', Cleo: 'member' };
const team = (rules: Rules = SOUND, people: Readonly<Record<string, Role>> = TEAM): Team => {
  const log = teamLog(people, rules);
  return {
    ...log,
    base: log.rights.heads(),
    role: (name) => log.rights.role(userOf(name)),
    judged: (by, aclRef, seq) => {
      const verdict = log.rights.judge({
        device: deviceOf(by),
        aclRef,
        log: LOG,
        seq,
        class: 'content',
        shard: shardOf('plan'),
        hlc: 1,
      });
      return verdict.type === 'allowed' ? 'shown' : `${verdict.type} ${verdict.reason}`;
    },
  };
};
const at = (base: readonly EntryId[]): EntryId => base[0] as EntryId;
const without = (rule: keyof Rules): Rules => ({ ...SOUND, [rule]: false });

test('[case 1] an Owner removes an Admin who, away, invites somebody: the invite is void, and who came by it is not in', () => {
  const play = (rules?: Rules) => {
    const { say, base, role, rights } = team(rules);
    say('Anna', 100, [revoke('Ben')], base);
    const invite = say('Ben', 101, [invited('z', 'member')], base);
    const join = say('Zoe', 102, [joined('z', 'Zoe')], [invite]);
    return [role('Ben'), rights.stands(invite), rights.stands(join), role('Zoe')];
  };
  expect(play()).toEqual(['none', false, false, 'none']);
  expect(play(without('cuts'))).toEqual(['none', true, true, 'member']);
});

test('[RR2] [case 2] two Owners remove each other: the senior stays, whoever was first', () => {
  for (const [anna, olaf] of [
    [100, 99],
    [99, 100],
  ] as const) {
    const { say, base, role, rights } = team();
    const removal = say('Anna', anna, [revoke('Olaf')], base);
    // By its own past a junior may not remove a senior at all.
    expect(() => say('Olaf', olaf, [revoke('Anna')], base)).toThrow('may not');
    expect([role('Anna'), role('Olaf'), rights.stands(removal)]).toEqual(['owner', 'none', true]);
  }
  const weak = team(without('seniority'));
  weak.say('Olaf', 99, [revoke('Anna')], weak.base);
  expect(weak.role('Anna')).toBe('none');
});

test('[case 3] two Admins remove each other: neither can', () => {
  const { say, base, role, refused } = team();
  expect([refused('Ben', 100, [revoke('Ada')]), refused('Ada', 100, [revoke('Ben')])]).toEqual([true, true]);
  expect([role('Ben'), role('Ada')]).toEqual(['admin', 'admin']);
  const weak = team(without('adminsKeepToTheirRank'));
  expect(weak.refused('Ben', 100, [revoke('Ada')])).toBe(false);
  say('Anna', 102, [revoke('Ada')], base);
  expect(role('Ada'), 'an Owner settles it').toBe('none');
});

test('[RL3] [case 4] an Admin removes a Member whom an Owner confirms at the same time: out', () => {
  for (const [admin, owner] of [
    [100, 101],
    [101, 100],
  ] as const) {
    const play = (rules?: Rules) => {
      const { say, base, role } = team(rules);
      say('Ben', admin, [revoke('Cleo')], base);
      say('Anna', owner, [grant('Cleo', 'member')], base);
      return role('Cleo');
    };
    expect(play()).toBe('none');
    // Among Admins the removal holds by another rule; between two Owners it is this one.
    const owners = (rules?: Rules) => {
      const { say, base, role } = team(rules);
      say('Olaf', admin, [revoke('Cleo')], base);
      say('Anna', owner, [grant('Cleo', 'member')], base);
      return role('Cleo');
    };
    expect([owners(), owners(without('removalsWin'))]).toEqual(['none', 'member']);
  }
});

test('[T32] [case 5] an Admin removes a Member whom an Owner makes an Admin at the same time: an Admin', () => {
  for (const [admin, owner] of [
    [100, 101],
    [101, 100],
  ] as const) {
    const play = (rules?: Rules) => {
      const { say, base, role } = team(rules);
      say('Ben', admin, [revoke('Cleo')], base);
      say('Anna', owner, [grant('Cleo', 'admin')], base);
      return role('Cleo');
    };
    expect(play()).toBe('admin');
    if (admin < owner) expect(play(without('layers')), 'the first word would stand').toBe('none');
  }
});

test('[RL1] [case 6] removed, invited again, and then what was written before comes in: held, and adoptable', () => {
  const play = (rules?: Rules) => {
    const { say, base, judged, rights } = team(rules);
    const removal = say('Anna', 100, [{ ...revoke('Cleo'), cut: [{ log: LOG, seq: 2 }] }], base);
    const back = say('Anna', 101, [grant('Cleo', 'member')], [removal]);
    const verdicts = [judged('Cleo', at(base), 2), judged('Cleo', at(base), 3), judged('Cleo', back, 3)];
    say('Ben', 102, [{ type: 'adopt', user: userOf('Cleo'), cut: [{ log: LOG, seq: 4 }] }], rights.heads());
    return [...verdicts, judged('Cleo', at(base), 4), judged('Cleo', at(base), 5)];
  };
  const held = 'held authorRemoved';
  expect(play()).toEqual(['shown', held, 'shown', 'shown', held]);
  expect(play(without('cuts'))).toEqual(['shown', 'shown', 'shown', 'shown', 'shown']);
});

test('[case 7] of a demoted Admin the grants before stay; those after are void, and all that hangs on them', () => {
  const play = (rules?: Rules) => {
    const { say, base, role, rights } = team(rules);
    const early = say('Ben', 100, [grant('Dora', 'member')], base);
    const demotion = say('Anna', 101, [grant('Ben', 'member')], [early]);
    const late = say('Ben', 102, [grant('Emil', 'member')], [early]);
    const link = say('Ben', 103, [invited('z', 'member')], [late]);
    const join = say('Zoe', 104, [joined('z', 'Zoe')], [link]);
    const hanging = say('Zoe', 105, [{ type: 'badKey', epoch: '0'.repeat(32) as never, user: userOf('Zoe') }], [join]);
    return [
      role('Ben'),
      role('Dora'),
      role('Emil'),
      role('Zoe'),
      [demotion, late, link, join, hanging].map((id) => rights.stands(id)),
    ];
  };
  expect(play()).toEqual(['member', 'member', 'none', 'none', [true, false, false, false, false]]);
  expect(play(without('cuts')).slice(1, 4)).toEqual(['member', 'member', 'member']);
});

test('[case 8] somebody with a right of one hour writes at minute 59 and comes in at hour 3: shown with a witness, held without', async () => {
  expect(await shownAtTheEnd({ witness: true })).toBe('done');
  expect(await shownAtTheEnd({ witness: false })).toBeUndefined();
  expect(await shownAtTheEnd({ witness: false, rule: false })).toBe('done');
});

// --- What tempting rules allow -----------------------------------------------------------------------------------

/** All words about one history, told in several orders to nodes that began from `base`. */
const inEveryOrder = (rights: Rights, of: Team, entries: readonly Parameters<Rights['add']>[0][]): void => {
  const people = ['Anna', 'Olaf', 'Ben', 'Ada', 'Cleo', 'Dora'];
  const told = (one: Rights) => people.map((name) => one.role(userOf(name)));
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const again = createRights(of.space);
    let rest = random.shuffle(entries);
    for (let before = -1; rest.length > 0 && rest.length !== before; ) {
      before = rest.length;
      rest = rest.filter((item) => !item.body.heads.every((head) => again.has(head)) || !again.add(item));
    }
    expect([seed, told(again)]).toEqual([seed, told(rights)]);
  }
};

test('[RR1] [leaveFirst] a leave counts in every order of arrival, whatever role its author still has', () => {
  const play = (rules?: Rules) => {
    const log = team(rules);
    try {
      log.say('Cleo', 100, [leave('Cleo')], log.base);
    } catch {
      return 'not taken';
    }
    return log.role('Cleo');
  };
  expect(play()).toBe('none');
  expect(play(without('leaveFirst'))).toBe('not taken');
  const log = team();
  log.say('Cleo', 100, [leave('Cleo')], log.base);
  log.say('Ben', 99, [revoke('Cleo')], log.base);
  log.say('Olaf', 101, [grant('Cleo', 'owner')], log.base);
  log.say('Ada', 98, [leave('Ada')], log.base);
  expect([log.role('Cleo'), log.role('Ada')]).toEqual(['none', 'none']);
  inEveryOrder(log.rights, log, log.said());
});

test('[leaveFirst] whoever leaves does not come back by a grant that did not know of it', () => {
  const play = (rules?: Rules) => {
    const { say, base, role } = team(rules);
    const removal = say('Anna', 100, [revoke('Ben')], base);
    say('Ben', 101, [leave('Ben')], base);
    say('Olaf', 102, [grant('Ben', 'member')], [removal]);
    return role('Ben');
  };
  expect(play()).toBe('none');
  expect(play(without('leaveFirst'))).toBe('member');
});

test('[T33] [layers] an Admin who removes somebody does not promote them: the runner-up is not heard', () => {
  const play = (rules?: Rules) => {
    const { say, base, role } = team(rules);
    say('Olaf', 100, [grant('Cleo', 'owner')], base);
    say('Anna', 101, [grant('Cleo', 'guest')], base);
    const quiet = role('Cleo');
    say('Ben', 102, [revoke('Cleo')], base);
    return [quiet, role('Cleo')];
  };
  expect(play()).toEqual(['guest', 'none']);
  expect(play(without('layers'))[1]).toBe('owner');
});

test('[T33] [layers] a weak word that is later does not hide a strong one before it', () => {
  const play = (rules?: Rules) => {
    const { say, base, role } = team(rules);
    say('Olaf', 99, [grant('Cleo', 'owner')], base);
    const demotion = say('Anna', 100, [grant('Cleo', 'guest')], base);
    say('Ben', 101, [revoke('Cleo')], [demotion]);
    return role('Cleo');
  };
  expect(play()).toBe('none');
  expect(play(without('layers'))).toBe('owner');
});

test('[presentRole] who is out now is judged by everybody: what the last word of an Owner had not accepted is held', () => {
  const play = (rules?: Rules) => {
    const { say, base, role, judged } = team(rules);
    say('Anna', 100, [grant('Cleo', 'admin')], base);
    say('Cleo', 101, [leave('Cleo', [{ log: LOG, seq: 9 }])], base);
    return [role('Cleo'), judged('Cleo', at(base), 5)];
  };
  expect(play()).toEqual(['none', 'held authorRemoved']);
  expect(play(without('presentRole'))).toEqual(['none', 'shown']);
});

test('[seniority] a former Owner is made Owner again only by somebody senior to the place they had', () => {
  const play = (rules?: Rules) => {
    const { say, base, role } = team(rules, { Olaf: 'owner', Otto: 'owner', Ben: 'admin' });
    const out = say('Anna', 100, [grant('Olaf', 'member')], base);
    let taken = true;
    try {
      say('Otto', 101, [grant('Olaf', 'owner')], [out]);
    } catch {
      taken = false;
    }
    return [taken, role('Olaf')];
  };
  expect(play()).toEqual([false, 'member']);
  const { say, base, role } = team(SOUND, { Olaf: 'owner', Otto: 'owner', Ben: 'admin' });
  const out = say('Anna', 100, [grant('Olaf', 'member')], base);
  say('Anna', 101, [grant('Olaf', 'owner')], [out]);
  expect(role('Olaf')).toBe('owner');
});

test('[onlyEffective] a removal that does not take effect cuts nothing off', () => {
  const play = (rules?: Rules) => {
    const { say, base, role, judged } = team(rules);
    say('Ben', 100, [revoke('Cleo')], base);
    say('Anna', 101, [grant('Cleo', 'admin')], base);
    return [role('Cleo'), judged('Cleo', at(base), 0)];
  };
  expect(play()).toEqual(['admin', 'shown']);
  expect(play(without('onlyEffective'))).toEqual(['admin', 'held authorRemoved']);
});

test('[ownersSettleTargets] an Admin who removed somebody cannot, by that, touch them once an Owner made them an Admin', () => {
  const play = (rules?: Rules) => {
    const { say, base, role, refused } = team(rules);
    say('Ada', 100, [revoke('Cleo')], base);
    say('Anna', 101, [grant('Cleo', 'admin')], base);
    return [refused('Ben', 103, [revoke('Cleo')]), role('Cleo')];
  };
  expect(play()).toEqual([true, 'admin']);
  // The layers alone see to it too: no word of an Admin moves anybody over that line. Where words are heard as they come,
  // this rule is all that is left.
  expect(play(without('ownersSettleTargets'))).toEqual([true, 'admin']);
  expect(play(without('layers'))[0]).toBe(true);
  expect(play({ ...without('layers'), ownersSettleTargets: false })[0]).toBe(false);
});

// --- What the model does not have ----------------------------------------------------------------------------------

test('[RL6] whom an Owner makes an Owner, while they come in by a link, is one for all to see and not only in what they sign', () => {
  const play = (rules?: Rules) => {
    const { say, base, role, rights } = team(rules, { Ben: 'admin' });
    const link = say('Anna', 50, [invited('z', 'member')], base);
    const join = say('Zoe', 100, [joined('z', 'Zoe')], [link]);
    const raised = say('Anna', 101, [grant('Zoe', 'owner')], [link]);
    say('Ben', 102, [revoke('Zoe')], [join]);
    const made = say('Zoe', 103, [grant('Dora', 'admin')], [join, raised].sort());
    return [role('Zoe'), rights.stands(made)];
  };
  expect(play()).toEqual(['owner', true]);
  expect(play(without('linksGiveWay'))).toEqual(['none', true]);
});

const ban = (of: string): readonly Act[] => [revoke(of), { type: 'ban', user: userOf(of) }];

test('[RL5] a ban is lifted by the banner rank and by no link; a plain removal is followed by any grant or newer link', () => {
  const { say, base, role, rights, refused } = team();
  say('Anna', 50, [invited('z', 'member', { uses: 9 })], base);
  say('Anna', 100, ban('Cleo'));
  const byAdmin = say('Ben', 101, [grant('Cleo', 'member')]);
  expect([rights.stands(byAdmin), role('Cleo')]).toEqual([true, 'none']);
  expect([refused('Cleo', 102, [joined('z', 'Cleo')]), role('Cleo')]).toEqual([true, 'none']);
  say('Olaf', 103, [grant('Cleo', 'guest')]);
  expect(role('Cleo')).toBe('guest');
  say('Ben', 104, [revoke('Cleo')]);
  expect(refused('Cleo', 105, [joined('z', 'Cleo')]), 'the link is older than the removal').toBe(true);
  say('Anna', 106, [invited('y', 'member')]);
  say('Cleo', 107, [joined('y', 'Cleo')]);
  expect(role('Cleo'), 'a removal is no ban').toBe('member');
});

const part = (name: string, delegate = 0): Act => ({ type: 'within', shards: [shardOf(name)], delegate });
test('[RL4] [T35] what is passed on is no wider, longer or further than what it came from, and ends with it', () => {
  const { say, role, refused, rights, base } = team(SOUND, { Ben: 'admin' });
  say('Ben', 100, [grant('Cleo', 'member', 500), part('plan', 2)], base);
  say('Cleo', 101, [certify('Cleo')]);
  const wider: readonly (readonly Act[])[] = [
    [grant('Dora', 'admin', 400), part('plan')],
    [grant('Dora', 'member', 501), part('plan')],
    [grant('Dora', 'member'), part('plan')],
    [grant('Dora', 'member', 400), part('else')],
    [grant('Dora', 'member', 400)],
    [grant('Dora', 'member', 400), part('plan', 2)],
    [grant('Ben', 'guest', 400), part('plan')],
    [grant('Cleo', 'member', 400), part('plan')],
  ];
  for (const [i, acts] of wider.entries()) expect([i, refused('Cleo', 200 + i, acts)]).toEqual([i, true]);
  say('Cleo', 300, [grant('Dora', 'member', 400), part('plan', 1)]);
  say('Dora', 301, [certify('Dora')]);
  say('Dora', 302, [grant('Emil', 'guest', 350), part('plan')]);
  say('Emil', 303, [certify('Emil')]);
  expect(refused('Emil', 304, [grant('Fred', 'guest', 340), part('plan')]), 'no further').toBe(true);
  const { rank, limits, chain } = rights.right(userOf('Emil'));
  expect([rank, limits.notAfter, limits.shards, chain.map(({ author }) => author)]).toEqual([
    1,
    350,
    [shardOf('plan')],
    [userOf('Ben'), userOf('Cleo'), userOf('Dora')],
  ]);
  expect([rights.role(userOf('Emil'), 349), rights.role(userOf('Emil'), 351)]).toEqual(['guest', 'none']);
  say('Ben', 400, [revoke('Cleo')]);
  expect([role('Cleo'), role('Dora'), role('Emil')], 'it ends with its root').toEqual(['none', 'none', 'none']);
});

test('[RR6] a report reaches no further back than the fork; a clearing counts only where its author may clear', () => {
  const { say, base, role, rights, forkOf, refused } = team();
  const made = say('Ben', 100, [grant('Dora', 'member')], base);
  // Somebody who knows nothing of what came after tells of a fork before it.
  const early = rights.heads();
  expect(early).toEqual([made]);
  const proof = forkOf('Ben', made);
  expect(() => say('Cleo', 101, [proof], base), 'it must know what the two acted under').toThrow('may not');
  say('Cleo', 101, [proof], [made]);
  expect([role('Dora'), role('Ben')]).toEqual(['member', 'admin']);
  const unaware = say('Ben', 102, [grant('Emil', 'member')], [made]);
  expect([rights.stands(unaware), role('Emil')]).toEqual([false, 'none']);
  expect(refused('Ben', 103, [grant('Emil', 'member')])).toBe(true);
  expect([
    refused('Ben', 104, [{ type: 'clear', device: deviceOf('Ben') }]),
    refused('Ada', 104, [{ type: 'clear', device: deviceOf('Ben') }]),
  ]).toEqual([true, true]);
  say('Olaf', 105, [{ type: 'clear', device: deviceOf('Ben') }]);
  say('Ben', 106, [grant('Emil', 'member')]);
  expect(role('Emil')).toBe('member');
  // Reported again by the old proof: it is cleared already.
  say('Cleo', 107, [proof]);
  say('Ben', 108, [grant('Fred', 'member')]);
  expect(role('Fred')).toBe('member');
});
