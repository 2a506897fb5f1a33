/**
 * What people see and do about invitations: who may invite, the invites of a space with all that became of them, the
 * queue of those who ask, short codes. It decides nothing about who is in.
 */
import { isHex } from '../../base/bytes';
import { err, ok } from '../../base/result';
import type { InviteRow, MayInviteAnswer, RequestRow } from '../../bridge/messages';
import { msOf } from '../../vm/op/clock';
import type { InviteId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { rankOf } from '../rights/acl';
import type { InviteState } from '../rights/resolve';
import { type App, deed, defineApp, notFound, query, type View } from '../schema/define';
import type { Codes } from './codes';
import type { Invites } from './invites';
import { nameOfPart } from './objects';
import type { Space } from './space';

export type InvitationFacts = {
  space(id: SpaceId): Space | undefined;
  invites(): Pick<Invites, 'mayInvite' | 'url' | 'landing'>;
  codes(): Pick<Codes, 'give' | 'of' | 'stop' | 'ask'>;
  /** Network time, ms. */
  now(): number;
};

/** Touched when a code was made, tried or ended. */
export const CODES = 'codes';
const HOUR = 3_600_000;
/** So many people by one link within an hour are worth a word to those who rule. */
const HASTY = 20;
const MAX_REQUESTS = 200;
const id = { type: 'id' } as const;

export const invitationsApp = (facts: InvitationFacts): App => {
  const known = (view: View, text: string): Space | undefined => {
    const space = isHex(text, 32) ? facts.space(text as SpaceId) : undefined;
    view.note(topics.spaces);
    if (space) view.note(topics.rights(space.id));
    return space;
  };
  const found = (spaceId: string, inviteId: string): { space: Space; invite: InviteState } | undefined => {
    const space = isHex(spaceId, 32) ? facts.space(spaceId as SpaceId) : undefined;
    const invite = space?.replica.rights.invites().get(inviteId as InviteId);
    return space && invite ? { space, invite } : undefined;
  };
  const mayRevoke = (view: View, space: Space, invite: InviteState): boolean =>
    invite.by === view.me.userId
      ? view.role(space.id) !== 'none'
      : rankOf(view.role(space.id)) > Math.max(rankOf(invite.role), rankOf('member'));

  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      showCode: deed({
        describes:
          'Gives an invite of this device a short code to say aloud; it answers while this device runs, for an hour.',
        args: { spaceId: id, inviteId: id },
        perform: async (_view, { spaceId, inviteId }) => {
          if (!found(spaceId, inviteId)) return err(notFound('invite'));
          const given = facts.codes().give(spaceId as SpaceId, inviteId as InviteId);
          return given.ok ? ok({ code: given.value.text }) : given;
        },
      }),
      hideCode: deed({
        describes: 'Ends the short code of an invite; its link still works.',
        args: { inviteId: id },
        perform: async (_view, { inviteId }) => {
          facts.codes().stop(inviteId as InviteId);
          return ok({});
        },
      }),
      readCode: deed({
        describes: 'Gets the link behind a short code from the device that shows it.',
        args: { code: { type: 'text', max: 40 } },
        perform: async (_view, { code }) => {
          const link = await facts.codes().ask(code);
          return link.ok ? ok({ url: link.value }) : link;
        },
      }),
    },
    queries: {
      mayInvite: query({
        describes: 'Which roles this person may give by invites to a space, or why none.',
        args: { spaceId: id },
        run: (view, args): MayInviteAnswer => {
          const space = known(view, args.spaceId);
          return space ? facts.invites().mayInvite(space) : { roles: [], why: 'notIn' };
        },
      }),
      invites: query({
        describes: 'Invites of a space, the newest first, and what became of them.',
        args: { spaceId: id },
        run: (view, args): readonly InviteRow[] => {
          const space = known(view, args.spaceId);
          view.note(CODES);
          view.note(topics.graph(args.spaceId as SpaceId));
          if (!space) return [];
          const { rights } = space.replica;
          const waiting = countBy(rights.requests().map(({ invite }) => invite));
          const since = facts.now() - HOUR;
          const lately = countBy(
            rights.history().flatMap(({ item, counts }) => {
              const [act] = item.acts;
              return counts && act?.type === 'join' && item.hlc > since ? [act.invite] : [];
            }),
          );
          return [...rights.invites()].reverse().map(([invite, state]) => {
            const url = facts.invites().url(space.id, invite);
            const code = facts.codes().of(invite);
            const landing = facts.invites().landing(invite);
            return {
              id: invite,
              role: state.role,
              uses: state.uses,
              used: state.used,
              expiresAt: state.notAfter,
              confirm: state.confirm,
              revoked: state.revoked,
              by: view.person(space.id, state.by),
              mine: state.by === view.me.userId,
              waiting: waiting.get(invite) ?? 0,
              lastHour: lately.get(invite) ?? 0,
              hasty: (lately.get(invite) ?? 0) >= HASTY,
              parts: state.limits.shards?.map((shard) => nameOfPart(space, shard)) ?? null,
              passes: state.limits.delegate,
              mayRevoke: mayRevoke(view, space, state),
              ...(landing ? { object: { id: landing.id, title: landing.title, kind: landing.kind } } : {}),
              ...(code ? { code } : {}),
              ...(url ? { url } : {}),
            };
          });
        },
      }),
      requests: query({
        describes: 'People who wait to be let in, at most 200.',
        args: { spaceId: id },
        run: (view, args): readonly RequestRow[] => {
          const space = known(view, args.spaceId);
          if (!space) return [];
          const { rights } = space.replica;
          return rights
            .requests()
            .slice(0, MAX_REQUESTS)
            .map((request) => {
              const invite = rights.invites().get(request.invite);
              return {
                id: request.entry,
                userId: request.user,
                name: view.person(space.id, request.user).name,
                role: request.role,
                at: msOf(request.hlc as never),
                inviteId: request.invite,
                by: invite ? view.person(space.id, invite.by) : null,
                usedUp: invite !== undefined && invite.used >= invite.uses,
              };
            });
        },
      }),
    },
  });
};

const countBy = <T>(items: readonly T[]): ReadonlyMap<T, number> => {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
};
