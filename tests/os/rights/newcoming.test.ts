/** NC1: whoever comes in by a link without settling all anew has come to the same as if all had been settled, whatever others signed before. */
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { type Act, ROLES } from '../../../src/os/rights/acl';
import { Named, Newcoming } from '../../../src/os/rights/newcoming';
import {
  certify,
  disown,
  grant,
  invited,
  inviteOf,
  joined,
  leave,
  type RightsLog,
  revoke,
  rightsLog,
  within,
} from '../../support/rights-log';

const { isNew } = Named.prototype;
const { admits } = Newcoming.prototype;
afterEach(() => {
  Named.prototype.isNew = isNew;
  Newcoming.prototype.admits = admits;
});

/** People who come by links while others give, take, end, narrow and contradict: what of it was taken, and what it comes to. */
const played = (seed: number) => {
  const random = seededRandom(seed);
  const log = rightsLog('Anna');
  const people = ['Anna', 'Ben', 'Cara', 'Dan', ...Array.from({ length: 12 }, (_, i) => `new ${i}`)];
  const links = ['one', 'two', 'three'];
  const taken: boolean[] = [];
  let at = 2;
  const add = (by: string, acts: readonly Act[], after?: Parameters<RightsLog['say']>[3]): void => {
    // Also at the same time, an hour later, and long after.
    at += random.pick([0, 1, 1, 10, 3_600_000, 40_000_000]);
    try {
      log.say(by, at, acts, after);
      taken.push(true);
    } catch {
      taken.push(false);
    }
  };
  for (const name of ['Ben', 'Cara']) {
    add('Anna', [grant(name, 'admin')]);
    add(name, [certify(name)]);
  }
  const said = log.rights.heads();
  for (let i = 0; i < 40; i++) {
    const by = random.pick(people.slice(0, 4));
    const who = random.pick(people);
    const link = random.pick(links);
    const after = random.below(6) === 0 ? random.pick([said, log.rights.heads().slice(0, 1)]) : undefined;
    const act = random.below(16);
    if (act < 8) add(who, [joined(link, who)], after);
    else if (act < 10) {
      const more = {
        uses: 1 + random.below(6),
        notAfter: at + random.pick([5, 100, 1e9]),
        confirm: random.below(5) === 0,
      };
      add(by, [invited(link, random.pick(ROLES), more), ...(random.below(4) === 0 ? [within(['plan'])] : [])], after);
    } else if (act === 10) add(by, [{ type: 'revokeInvite', invite: inviteOf(link) }], after);
    else if (act === 11) add(by, [grant(who, random.pick(ROLES), random.below(3) === 0 ? at + 50 : undefined)], after);
    else if (act === 12) add(by, [revoke(who)], after);
    else if (act === 13) add(who, [leave(who)], after);
    else if (act === 14) add(by, [log.forkOf(random.pick(people.slice(1)))], after);
    else add(who, [random.below(2) === 0 ? certify(who) : disown(who, random.pick(people))], after);
  }
  const { rights } = log;
  const counts = rights.history().map(({ item, counts: stands }) => `${item.id} ${stands}`);
  const used = [...rights.invites()].map(([invite, state]) => `${invite} ${state.used} ${state.revoked}`);
  return { taken, counts, used, members: [...rights.members()].sort().join(), heads: rights.heads() };
};

test('[NC1] 40 hostile histories come to the same as when all is settled each time; where anybody counts as new they do not', () => {
  let short = 0;
  const differ = (seeds: number): readonly number[] =>
    Array.from({ length: seeds }, (_, seed) => seed).filter((seed) => {
      const quick = played(seed);
      const { isNew: asked } = Named.prototype;
      Named.prototype.isNew = () => false;
      const slow = played(seed);
      Named.prototype.isNew = asked;
      return JSON.stringify(quick) !== JSON.stringify(slow);
    });
  Newcoming.prototype.admits = function (this: Newcoming, item) {
    const is = admits.call(this, item);
    if (is) short++;
    return is;
  };
  expect(differ(40)).toEqual([]);
  expect(short).toBeGreaterThan(10);
  Named.prototype.isNew = () => true;
  expect(differ(10).length).toBeGreaterThan(0);
});
