/** A rights log in memory, without keys or signatures: people by name who sign acts, each citing all that is known. */
import { toHex, utf8 } from '../../src/base/bytes';
import { sha256 } from '../../src/base/hash';
import type { Act, ActOf, Certificate, Role } from '../../src/os/rights/acl';
import type { CutPlace } from '../../src/os/rights/cuts';
import { forkAct } from '../../src/os/rights/fork';
import { type Rules, SOUND } from '../../src/os/rights/layers';
import { type AclEntry, createRights, type Rights } from '../../src/os/rights/resolve';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, entryIdOf, type Header } from '../../src/vm/op/entry';
import {
  type DeviceId,
  type EntryId,
  type InviteId,
  type ShardId,
  type SpaceId,
  type SpaceKind,
  spaceIdOf,
  type UserId,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../../src/vm/op/ids';

const hex = (name: string): string => toHex(sha256(utf8(name)));
export const userOf = (name: string): UserId => hex(`user ${name}`) as UserId;
export const deviceOf = (name: string): DeviceId => hex(`device ${name}`) as DeviceId;
export const shardOf = (name: string): ShardId => hex(`shard ${name}`).slice(0, 32) as ShardId;
export const inviteOf = (name: string): InviteId => hex(`invite ${name}`).slice(0, 32) as InviteId;

export const certificateOf = (name: string): Certificate => ({
  user: userOf(name),
  rootPub: name,
  userNonce: new Uint8Array(32),
  device: deviceOf(name),
  keyring: new Uint8Array(32),
  createdAt: 0,
  signature: new Uint8Array(64),
});
export const certify = (name: string): ActOf<'certify'> => ({ type: 'certify', certificate: certificateOf(name) });
export const disown = (user: string, device: string): ActOf<'revokeDevice'> => ({
  type: 'revokeDevice',
  user: userOf(user),
  device: deviceOf(device),
  cut: [],
  signature: new Uint8Array(64),
});
export const grant = (to: string, role: Role, notAfter?: number): ActOf<'grant'> => ({
  type: 'grant',
  user: userOf(to),
  role,
  notAfter,
  cut: [],
  certificate: undefined,
});
export const revoke = (of: string): ActOf<'revoke'> => ({ type: 'revoke', user: userOf(of), cut: [] });
export const leave = (name: string, cut: ActOf<'leave'>['cut'] = []): ActOf<'leave'> => ({
  type: 'leave',
  user: userOf(name),
  cut,
});
export const within = (shards: readonly string[], delegate = 0): ActOf<'within'> => ({
  type: 'within',
  shards: shards.map(shardOf),
  delegate,
});
export const invited = (name: string, role: Role, more: Partial<ActOf<'invite'>> = {}): ActOf<'invite'> => ({
  type: 'invite',
  invite: inviteOf(name),
  key: new Uint8Array(32),
  role,
  uses: 1,
  notAfter: 1_000_000,
  confirm: false,
  sealedKeys: new Uint8Array(),
  ...more,
});
export const joined = (invite: string, who: string): ActOf<'join'> => ({
  type: 'join',
  invite: inviteOf(invite),
  certificate: certificateOf(who),
  proof: new Uint8Array(64),
});

export type RightsLog = {
  readonly rights: Rights;
  readonly space: SpaceId;
  /** Signs at a time (ms); `after` instead of all heads. Gives the id, or fails where it may not be added. */
  say(by: string, at: number, acts: readonly Act[], after?: readonly EntryId[]): EntryId;
  /** All that was signed and taken, in order. */
  said(): readonly AclEntry[];
  /** Proof that this person's device signed two histories, acting under `cites` (one of all heads). */
  forkOf(who: string, cites?: EntryId, cut?: readonly CutPlace[]): ActOf<'fork'>;
  /** The same, where it is to be refused. */
  refused(by: string, at: number, acts: readonly Act[]): boolean;
};

/** Founded by `founder` at time 1. `rules`: with one defence off. `named`: what its genesis says besides. */
export const rightsLog = (
  founder = 'Anna',
  kind: SpaceKind = 'team',
  rules: Rules = SOUND,
  named: readonly Act[] = [],
): RightsLog => {
  const nonce = new Uint8Array(32);
  const space = spaceIdOf(userOf(founder), deviceOf(founder), kind, nonce);
  const rights = createRights(space, rules);
  const taken: AclEntry[] = [];
  let count = 0;
  const add = (by: string, at: number, acts: readonly Act[], after: readonly EntryId[]) => {
    const id = hex(`entry ${count++}`) as EntryId;
    const header = { device: deviceOf(by), hlc: at };
    const item: AclEntry = { entry: { id, header } as Entry, body: { version: 1, heads: after, acts } };
    const added = rights.add(item);
    if (added) taken.push(item);
    return { id, added };
  };
  const say: RightsLog['say'] = (by, at, acts, after = rights.heads()) => {
    const { id, added } = add(by, at, acts, after);
    if (!added) throw new Error(`${by} may not: ${acts.map(({ type }) => type)}`);
    return id;
  };
  say(
    founder,
    1,
    [{ type: 'genesis', kind, nonce, roomKey: new Uint8Array(32), certificate: certificateOf(founder) }, ...named],
    [],
  );
  const forkOf: RightsLog['forkOf'] = (who, cites = rights.heads()[0] as EntryId, cut = []) => {
    const [a, b] = [1, 2].map((fill): Entry => {
      const header: Header = {
        version: 1,
        suite: 1,
        class: 'content',
        kind: 'data',
        space,
        shard: shardOf('plan'),
        device: deviceOf(who),
        incarnation: 0,
        seq: 0,
        prev: ZERO_ENTRY,
        hlc: hlcOf(count + fill),
        aclRef: cites,
        epoch: ZERO_EPOCH,
        deps: [],
        bodyLength: 0,
        bodyHash: new Uint8Array(32),
      };
      return { id: entryIdOf(header), header, signature: new Uint8Array(64) } as Entry;
    });
    return forkAct(a as Entry, b as Entry, cut);
  };
  return {
    rights,
    space,
    say,
    said: () => taken,
    forkOf,
    refused: (by, at, acts) => !add(by, at, acts, rights.heads()).added,
  };
};

/** Anna's log with these people in it by her word, each with a device that is known. Times from 2 on. */
export const teamLog = (people: Readonly<Record<string, Role>>, rules: Rules = SOUND): RightsLog => {
  const log = rightsLog('Anna', 'team', rules);
  let at = 2;
  for (const [name, role] of Object.entries(people)) {
    log.say('Anna', at++, [grant(name, role)]);
    log.say(name, at++, [certify(name)]);
  }
  return log;
};
