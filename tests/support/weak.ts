/**
 * Nodes without one of their defences. An attack that fails on a sound node must succeed on the weakened one, or its test
 * proves nothing. Each takes a part of a node that a test holds and puts a weaker one in its place; the product has no
 * switch for any of this. What ids commit to is taken away in `tests/attacks/ids.test.ts`.
 */
import { ok } from '../../src/base/result';
import type { Act, Role } from '../../src/os/rights/acl';
import type { AclEntry, InviteState, Rights } from '../../src/os/rights/resolve';
import { EntryLog } from '../../src/vm/journal/log';
import type { Waiting } from '../../src/vm/journal/waiting';
import { Waiting as BoundedWaiting } from '../../src/vm/journal/waiting';
import type { Entry } from '../../src/vm/op/entry';
import type { DeviceId, EntryId, InviteId, UserId } from '../../src/vm/op/ids';
import type { Held } from './insider';

export type Weaken = (node: Held) => void;

/** T1, T6, T41: every signature is good. */
export const credulous: Weaken = ({ context: { ports } }) => {
  Object.assign(ports, { crypto: { ...ports.crypto, verify: async () => true, verifyRoot: async () => true } });
};

/** T1, T28: nobody is asked who they are or which role they have: all count as Owners. */
export const roleless: Weaken = ({ space }) => {
  const { rights } = space.replica;
  const { userOf } = rights;
  const userAt = (device: DeviceId): UserId => userOf(device) ?? ('0'.repeat(64) as UserId);
  const trusting: Rights['judge'] = ({ device }) => ({
    type: 'allowed',
    role: 'owner',
    user: userAt(device),
    until: undefined,
  });
  Object.assign(rights, {
    userAt,
    roleAt: () => 'owner',
    judgeAt: trusting,
    judge: trusting,
  } satisfies Partial<Rights>);
};

/** T28, T31: the rights log takes every act at its word, whoever signed it; the last word about somebody counts. */
export const believing: Weaken = ({ space }) => {
  const { rights } = space.replica;
  const sound = { ...rights };
  const roles = new Map<UserId, Role | 'none'>();
  const users = new Map<DeviceId, UserId>();
  const invites = new Map<InviteId, InviteState>();
  const relays = new Map<DeviceId, Extract<Act, { type: 'relay' }>>();
  const believe = (act: Act, { id, header }: Entry): void => {
    if (act.type === 'grant') roles.set(act.user, act.role);
    if (act.type === 'revoke' || act.type === 'leave') roles.set(act.user, 'none');
    if (act.type === 'certify') users.set(header.device, act.certificate.user);
    if (act.type === 'relay') relays.set(act.device, act);
    if (act.type === 'invite')
      invites.set(act.invite, {
        ...act,
        by: sound.userOf(header.device) as UserId,
        entry: id,
        revoked: false,
        used: 0,
        limits: { shards: undefined, notAfter: undefined, delegate: 0 },
      });
  };
  Object.assign(rights, {
    add: (item) => {
      if (!sound.add(item)) for (const act of item.body.acts) believe(act, item.entry);
      return true;
    },
    role: (user) => roles.get(user) ?? sound.role(user),
    userOf: (device) => users.get(device) ?? sound.userOf(device),
    invites: () => new Map([...sound.invites(), ...invites]),
    relays: () => new Map([...sound.relays(), ...relays]),
  } satisfies Partial<Rights>);
};

/** T28: whatever an entry holds is of the class that its header declares. */
export const classless: Weaken = ({ context: { registry } }) => {
  const { typeRule } = registry;
  Object.assign(registry, {
    typeRule: (type: string) => {
      const rule = typeRule(type);
      return rule && { ...rule, class: 'annotation' };
    },
  });
};

/** T2: the entry is not known, however often it came. */
export const forgetful =
  ({ id, log }: Entry): Weaken =>
  ({ space: { replica } }) => {
    const { entries, stored } = replica;
    const { has } = entries;
    const { has: isStored } = stored;
    entries.has = (asked: EntryId) => asked !== id && has.call(entries, asked);
    stored.has = (asked: EntryId) => asked !== id && isStored.call(stored, asked);
    Object.assign(replica.log(log), { check: () => ok({ fork: undefined }) });
  };

/** T3: nobody asks for what an entry names before itself. */
export const holed =
  ({ id, log }: Entry): Weaken =>
  ({ space: { replica } }) => {
    const { has } = replica.entries;
    replica.entries.has = (asked: EntryId) => asked === id || has.call(replica.entries, asked);
    Object.assign(replica.log(log), { check: () => ok({ fork: undefined }) });
  };

/** T17: an entry may be dated before what it follows and what it names. */
export const dateless: Weaken = ({ space: { replica } }) => {
  const { log } = replica;
  replica.log = (id) => {
    const one = log.call(replica, id);
    const { check } = EntryLog.prototype;
    one.check = (entry, deps) => {
      const checked = check.call(one, entry, deps);
      return !checked.ok && checked.error.type === 'clockBackwards' ? ok({ fork: undefined }) : checked;
    };
    return one;
  };
};

/** T11: what waits has no bounds. */
export const endless: Weaken = ({ space }) => {
  const each: Waiting[] = [];
  Object.assign(space.replica, {
    waiting: {
      get size() {
        return each.reduce((sum, { size }) => sum + size, 0);
      },
      get bytes() {
        return each.reduce((sum, { bytes }) => sum + bytes, 0);
      },
      has: (id) => each.some((one) => one.has(id)),
      missing: () => each.flatMap((one) => one.missing()),
      waitFor: (entry, missing) => {
        const one = new BoundedWaiting();
        each.push(one);
        return one.waitFor(entry, missing);
      },
      released: (id) => each.flatMap((one) => one.released(id)),
    } satisfies Pick<Waiting, keyof Waiting>,
  });
};

/** T13: no time is in the future. */
export const timeless: Weaken = ({ context: { time } }) => {
  Object.assign(time, { now: () => Number.MAX_SAFE_INTEGER / 2 });
};

/** T14: what comes may be dated as far ahead as it likes; what is written here is dated by the clock and what it follows. */
export const unparking: Weaken = (node) => {
  const { time } = node.context;
  const { receive } = node;
  const now = time.now.bind(time);
  let comes = false;
  Object.assign(time, { now: () => now() + (comes ? 365 * 86_400_000 : 0) });
  Object.assign(node, {
    receive: async (...entries: Entry[]) => {
      comes = true;
      return receive(...entries).finally(() => {
        comes = false;
      });
    },
  });
};

/** T41: invites have no end, no number of uses, and cannot be revoked. */
export const limitless: Weaken = ({ space }) => {
  const { rights } = space.replica;
  const { add } = rights;
  const unlimited = (act: Act): Act => {
    if (act.type === 'invite') return { ...act, uses: 2 ** 32 - 1, notAfter: Number.MAX_SAFE_INTEGER };
    if (act.type === 'revokeInvite') return { ...act, invite: 'f'.repeat(32) as InviteId };
    return act;
  };
  rights.add = ({ entry, body }: AclEntry) => add({ entry, body: { ...body, acts: body.acts.map(unlimited) } });
};
