/** Islands of two to four that write and change rights apart: whatever each did, they are one again once they meet. */
import { expect, test } from 'vitest';
import type { Role } from '../../src/os/rights/acl';
import type { Rights } from '../../src/os/rights/resolve';
import type { UserId } from '../../src/vm/op/ids';
import { part } from '../support/partitions';
import { stage } from '../support/stage';
import type { Weaken } from '../support/weak';

/** Of somebody's role the last word counts that came. */
const byArrival: Weaken = ({ space }) => {
  const { rights } = space.replica;
  const { add, role } = rights;
  const roles = new Map<UserId, Role | 'none'>();
  Object.assign(rights, {
    add: (item) => {
      const taken = add(item);
      for (const act of taken ? item.body.acts : []) {
        if (act.type === 'grant') roles.set(act.user, act.role);
        if (act.type === 'revoke') roles.set(act.user, 'none');
      }
      return taken;
    },
    role: (user, at) => roles.get(user) ?? role(user, at),
  } satisfies Partial<Rights>);
};

test('[T57] ten random partitions with edits and changes of rights end in one state; where rights go by the order of arrival they do not', async () => {
  const here = await stage();
  let islands = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const { islands: _, apart, ...met } = await part(here, seed);
    islands += apart;
    expect(met, `seed ${seed}`).toEqual({ digests: 1, states: 1, roles: 1 });
  }
  expect(islands).toBeGreaterThan(20);
  let torn = 0;
  // There both sides speak of the same person.
  for (const seed of [101, 106]) torn += (await part(here, seed, 24, byArrival)).roles > 1 ? 1 : 0;
  expect(torn).toBeGreaterThan(0);
});
