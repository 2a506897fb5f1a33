/**
 * The queries and commands about people: who is in a space, until when, what each may do about whom and why not; who is
 * banned; where two people decided differently; who waits. Deciding is in `membership.ts` and the rights.
 */
import { isHex } from '../../base/bytes';
import { byName } from '../../base/called';
import { err } from '../../base/result';
import type { BannedRow, ConflictRow, PersonRow, Refusal } from '../../bridge/messages';
import type { DeviceId, SpaceId, UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { ROLES, type Role, rankOf } from '../rights/acl';
import { conflictsIn } from '../rights/conflicts';
import { mayDo, PERSON_ACTS, type PersonAct, ROLE_ACTS, type Standing, standingsIn, type Why } from '../rights/may';
import { isBlocked, setBlocked } from '../schema/blocking';
import {
  type App,
  command,
  DONE,
  deed,
  defineApp,
  isAdmin,
  type Outcome,
  query,
  refusal,
  type View,
} from '../schema/define';
import type { Membership } from './membership';
import { objectOf } from './parts';
import { unknownSpace, whyNot } from './refusals';
import type { Space } from './space';

export type PeopleFacts = {
  space(id: SpaceId): Space | undefined;
  membership(): Membership;
  /** Network time, ms. */
  now(): number;
  device(): DeviceId;
  online(): boolean;
  present(space: Space): readonly { readonly user: UserId }[];
};

const id = { type: 'id' } as const;
const text = { type: 'text', max: 20 } as const;
const conflictKey = (conflict: string): string => `conflict/${conflict}`;
const ROLE_NAMES = ['none', ...ROLES] as const;

const badRole = refusal(
  'badArguments',
  'A role is owner, admin, member or guest.',
  'Nothing was changed.',
  'Choose one of them.',
);
const roleOf = (name: string): Role => {
  if (!(ROLES as readonly string[]).includes(name)) throw badRole;
  return name as Role;
};

export const peopleApp = (facts: PeopleFacts): App => {
  const held = (view: View, spaceId: string): Space | undefined => {
    const space = isHex(spaceId, 32) ? facts.space(spaceId as SpaceId) : undefined;
    view.note(topics.spaces);
    if (space) view.note(topics.rights(space.id));
    return space;
  };
  /** Refusals are thrown by what does it, and values to whoever runs a command. */
  const doing = async (
    spaceId: string,
    what: (space: Space, membership: Membership) => Promise<void>,
  ): Promise<Outcome> => {
    const space = isHex(spaceId, 32) ? facts.space(spaceId as SpaceId) : undefined;
    if (!space) return err(unknownSpace);
    try {
      await what(space, facts.membership());
      return DONE;
    } catch (fault) {
      if (fault instanceof Error) throw fault;
      return err(fault as Refusal);
    }
  };
  const standings = (space: Space): ((user: UserId) => Standing) =>
    standingsIn(space.replica.rights, facts.now(), facts.device());
  const whys = (by: Standing, target: Standing): Partial<Record<PersonAct, Why>> =>
    Object.fromEntries(PERSON_ACTS.flatMap((act) => ((why) => (why ? [[act, why]] : []))(mayDo(by, act, target))));

  return defineApp({
    name: 'os',
    types: {},
    commands: {
      block: command({
        describes: 'Folds away what somebody writes, for yourself alone; nobody is told.',
        args: { userId: id },
        run: (view, write, { userId }) => {
          if (userId === view.me.userId) return err(whyNot('yourself'));
          setBlocked(write, userId, true);
          return DONE;
        },
      }),
      unblock: command({
        describes: 'Shows what somebody writes again.',
        args: { userId: id },
        run: (_view, write, { userId }) => {
          setBlocked(write, userId, false);
          return DONE;
        },
      }),
      dismissConflict: command({
        describes: 'Hides one row of os.conflicts, for yourself alone.',
        args: { conflictId: id },
        run: (_view, write, { conflictId }) => {
          write.setPersonal(conflictKey(conflictId), true);
          return DONE;
        },
      }),
    },
    deeds: {
      setRole: deed({
        describes:
          'Gives somebody a role, also who is out; `until`, network time in ms, when it ends by itself, 0 for no end.',
        args: { spaceId: id, userId: id, role: text, until: { type: 'number', optional: true } },
        perform: (_view, { spaceId, userId, role, until }) =>
          doing(spaceId, (space, membership) =>
            membership.setRole(space, userId as UserId, roleOf(role), until === undefined ? {} : { until }),
          ),
      }),
      stepDown: deed({
        describes: 'Takes a lower role than your own.',
        args: { spaceId: id, role: text },
        perform: (_view, { spaceId, role }) =>
          doing(spaceId, (space, membership) => membership.stepDown(space, roleOf(role))),
      }),
      handOver: deed({
        describes: 'Makes somebody an Owner and steps down yourself, to Admin unless told.',
        args: { spaceId: id, userId: id, role: { ...text, optional: true } },
        perform: (_view, { spaceId, userId, role }) =>
          doing(spaceId, (space, membership) => membership.handOver(space, userId as UserId, roleOf(role ?? 'admin'))),
      }),
      leave: deed({
        describes: 'Leaves a space.',
        args: { spaceId: id },
        perform: (_view, { spaceId }) => doing(spaceId, (space, membership) => membership.leave(space)),
      }),
      remove: deed({
        describes: 'Removes somebody, revokes open invites and changes the key.',
        args: { spaceId: id, userId: id },
        perform: (_view, { spaceId, userId }) =>
          doing(spaceId, (space, membership) => membership.remove(space, userId as UserId)),
      }),
      ban: deed({
        describes: 'Removes somebody so that no link brings them back.',
        args: { spaceId: id, userId: id },
        perform: (_view, { spaceId, userId }) =>
          doing(spaceId, (space, membership) => membership.ban(space, userId as UserId)),
      }),
      liftBan: deed({
        describes: 'Lets a banned person come by a link again: whoever has the role of who banned them, or above.',
        args: { spaceId: id, userId: id },
        perform: (_view, { spaceId, userId }) =>
          doing(spaceId, (space, membership) => membership.liftBan(space, userId as UserId)),
      }),
      admit: deed({
        describes: 'Lets in somebody who asked.',
        args: { spaceId: id, requestId: id },
        perform: (_view, { spaceId, requestId }) =>
          doing(spaceId, (space, membership) => membership.admit(space, requestId)),
      }),
      refuse: deed({
        describes: 'Does not let in somebody who asked; they may ask again.',
        args: { spaceId: id, requestId: id },
        perform: (_view, { spaceId, requestId }) =>
          doing(spaceId, (space, membership) => membership.refuse(space, requestId)),
      }),
    },
    queries: {
      people: query({
        describes: 'Who is in a space, until when and where, and what you may not do about each, with the reason.',
        args: { spaceId: id },
        run: (view, { spaceId }): readonly PersonRow[] => {
          const space = held(view, spaceId);
          if (!space) return [];
          view.note(topics.presence(space.id));
          view.note(topics.net);
          const { rights } = space.replica;
          const standing = standings(space);
          const me = standing(view.me.userId);
          const here = new Set(facts.present(space).map(({ user }) => user));
          return [...rights.members(facts.now())]
            .map(([user, role]): PersonRow => {
              const { limits } = rights.right(user);
              const you = user === view.me.userId;
              return {
                ...view.person(space.id, user),
                id: user,
                role,
                you,
                online: you ? facts.online() : here.has(user),
                until: limits.notAfter ?? null,
                parts: limits.shards?.map((shard) => titleIn(view, space, objectOf(space, shard))) ?? null,
                blocked: isBlocked(view, user),
                lastOwner: standing(user).lastOwner ?? false,
                why: whys(me, standing(user)),
              };
            })
            .sort((a, b) => Number(b.you) - Number(a.you) || byName(a, b));
        },
      }),
      banned: query({
        describes: 'Who is banned from a space, by whom, and whether you may lift it.',
        args: { spaceId: id },
        run: (view, { spaceId }): readonly BannedRow[] => {
          const space = held(view, spaceId);
          if (!space) return [];
          const { rights } = space.replica;
          const standing = standings(space);
          const me = standing(view.me.userId);
          const named = rights.history().flatMap(({ item }) => item.words.map(({ subject }) => subject));
          return [...new Set(named)].flatMap((user): BannedRow[] => {
            const target = standing(user);
            const { word } = rights.right(user);
            if (target.bannedBy === undefined || !word) return [];
            const by = view.person(space.id, word.author);
            const at = Math.floor(word.item.hlc);
            return [{ ...view.person(space.id, user), id: user, by, at, why: whys(me, target) }];
          });
        },
      }),
      conflicts: query({
        describes: 'Where people decided differently at the same time, what holds now and what you may do; for Admins.',
        args: { spaceId: id },
        run: (view, { spaceId }): readonly ConflictRow[] => {
          const space = held(view, spaceId);
          if (!space || !isAdmin(view.role(space.id))) return [];
          const { rights } = space.replica;
          const standing = standings(space);
          const me = standing(view.me.userId);
          const personOf = (user: UserId) => ({ ...view.person(space.id, user), role: standing(user).role });
          return conflictsIn(rights).flatMap((conflict): ConflictRow[] => {
            if (view.personal(conflictKey(conflict.id)) === true) return [];
            const target = standing(conflict.subject);
            const given = conflict.sides.filter(({ about }) => about === conflict.subject).map((side) => side.rank);
            // What somebody wanted to give; where nobody did, the role of most people.
            const rank = Math.max(0, ...given) || rankOf('member');
            // An Admin offers what an Admin may give.
            const offered = ROLE_NAMES[me.role === 'owner' ? rank : Math.min(rank, rankOf('member'))] as Role;
            return [
              {
                id: conflict.id,
                kind: conflict.kind,
                person: personOf(conflict.subject),
                sides: conflict.sides.map((side) => ({
                  by: personOf(side.by),
                  about: personOf(side.about),
                  did: side.did,
                  role: ROLE_NAMES[side.rank] ?? 'none',
                  until: side.until ?? null,
                  at: side.at,
                  counts: side.counts,
                })),
                offered,
                whyNotAdd: target.role === 'none' ? (mayDo(me, ROLE_ACTS[offered], target) ?? null) : 'inSpace',
                whyNotRemove: mayDo(me, 'remove', target) ?? null,
              },
            ];
          });
        },
      }),
    },
  });
};

const titleIn = (view: View, space: Space, node: ReturnType<typeof objectOf>): string => {
  const title = node === undefined ? undefined : view.graph(space.id)?.node(node)?.field('title');
  return typeof title === 'string' ? title : '';
};
