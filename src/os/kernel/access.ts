/**
 * Access as people ask about it: why somebody may do something, who reads an object, which rules hold and who set them,
 * and what a space looks like to somebody else. Rights are read from the rights log; the one thing written is a rule.
 */
import { isHex } from '../../base/bytes';
import { byName } from '../../base/called';
import { err, type Result } from '../../base/result';
import type {
  AccessAction,
  AccessRow,
  ActionAnswer,
  ExplainAnswer,
  GrantLink,
  MissingLink,
  PolicyKey,
  PolicyRow,
  Refusal,
  Role,
  ValueAnswer,
} from '../../bridge/messages';
import { msOf } from '../../vm/op/clock';
import type { DeviceId, NodeId, ShardId, SpaceId, UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import type { Act } from '../rights/acl';
import { UNSET } from '../rights/defaults';
import {
  ACTIONS,
  type Asked,
  explain,
  isAction,
  type Link,
  type Missing,
  missingFor,
  ruleSetter,
} from '../rights/explain';
import { waitsUntil } from '../rights/may';
import { isPolicy, POLICIES } from '../rights/policy';
import { type App, DONE, deed, defineApp, type GraphNode, notFound, query, refusal, type View } from '../schema/define';
import { auditQuery } from './audit';
import { nameOf, nameOfPart, partOf } from './objects';
import type { Space } from './space';
import { askedAs, seenAs, stanceOf } from './stance';

export type AccessFacts = {
  space(id: SpaceId): Space | undefined;
  /** Network time, ms. */
  now(): number;
  device(): DeviceId;
  /** Any query, under a view. */
  answer(name: string, args: unknown, view: View): Result<unknown, Refusal>;
};

/** A space, or an object in one; `part` is what rights say about it. */
type Target = { readonly space: Space; readonly node?: GraphNode; readonly part?: ShardId };

const id = { type: 'id' } as const;
const KEYS = Object.keys(POLICIES) as readonly PolicyKey[];
const OF_OBJECTS: readonly PolicyKey[] = ['content', 'annotation'];

const targetOf = (facts: AccessFacts, view: View, asked: string): Target | undefined => {
  view.note(topics.spaces);
  const whole = isHex(asked, 32) ? facts.space(asked as SpaceId) : undefined;
  const holding = isHex(asked, 16) ? view.spaceOf(asked as NodeId) : undefined;
  const space = whole ?? (holding && facts.space(holding));
  if (!space) return undefined;
  view.note(topics.rights(space.id));
  if (whole) return { space };
  const node = view.graph(space.id)?.node(asked as NodeId);
  return node && { space, node, part: partOf(space, node) };
};

// --- Why -----------------------------------------------------------------------------------------------------------

const linkRow = (view: View, space: Space, link: Link): GrantLink => ({
  id: link.entry,
  code: link.code,
  at: link.at,
  by: view.person(space.id, link.by),
  deviceId: link.device,
  to: view.person(space.id, link.to),
  role: link.role,
  until: link.until ?? null,
  parts: link.parts?.map((part) => nameOfPart(space, part)) ?? null,
  passes: link.passes,
});

const missingRow = (view: View, space: Space, missing: Missing): MissingLink => {
  const { code } = missing;
  switch (code) {
    case 'ended':
    case 'waiting':
      return { code, at: missing.at };
    case 'role':
      return { code, role: missing.role, needs: missing.needs };
    case 'policy': {
      const { by, at, entry, role, needs, key } = missing;
      return { code, by: view.person(space.id, by), at, entry, role, needs, own: key.includes(':') };
    }
    case 'device': {
      const { by, at, entry, forked } = missing;
      return { code, by: view.person(space.id, by), at, entry, forked };
    }
    case 'removed':
    case 'banned':
    case 'left':
      return { code, by: view.person(space.id, missing.by), at: missing.at, entry: missing.entry };
    default:
      return { code };
  }
};

const explained = (
  facts: AccessFacts,
  view: View,
  target: Target,
  user: UserId,
  actions: readonly AccessAction[],
): ExplainAnswer => {
  const { space, node, part } = target;
  const rights: Asked = askedAs(view, space.replica.rights, user);
  const mine = rights === space.replica.rights && space.replica.rights.userOf(facts.device()) === user;
  const waits = mine ? waitsUntil(space.replica.rights, facts.device(), facts.now()) : undefined;
  const answers = actions.map((action) => ({
    action,
    answer: explain(rights, { user, action, shard: part, waits, now: facts.now() }),
  }));
  const first = (answers[0] ?? { answer: explain(rights, { user, action: 'read', now: facts.now() }) }).answer;
  return {
    person: view.person(space.id, user),
    spaceId: space.id,
    object: node ? nameOf(node) : null,
    role: first.role,
    until: first.until ?? null,
    parts: first.parts?.map((shard) => nameOfPart(space, shard)) ?? null,
    chain: first.chain.map((link) => linkRow(view, space, link)),
    actions: answers.map(
      ({ action, answer }): ActionAnswer => ({
        id: action,
        allowed: answer.allowed,
        missing: answer.missing ? missingRow(view, space, answer.missing) : null,
      }),
    ),
  };
};

const latestOf = (view: View, { space, node }: Target, key?: string, block?: string): ValueAnswer | null => {
  const graph = view.graph(space.id);
  if (!graph || !node) return null;
  const items = block
    ? graph.textHistory(node.id, block as NodeId)
    : graph.history(node.id).filter((item) => key === undefined || (item.type === 'field' && item.key === key));
  const held = items.filter((item) => item.type !== 'field' || item.won !== false);
  const last = [...(held.length > 0 ? held : items)].sort((a, b) => b.hlc - a.hlc || (a.op < b.op ? 1 : -1))[0];
  if (!last) return null;
  return {
    entry: last.entry,
    at: msOf(last.hlc),
    author: view.person(space.id, last.author),
    deviceId: last.device,
    kind: last.type,
    ...(last.key === undefined ? {} : { key: last.key }),
    ...(last.json === undefined ? {} : { value: JSON.parse(last.json) }),
    changes: items.length,
  };
};

const readersOf = (facts: AccessFacts, view: View, target: Target): readonly AccessRow[] => {
  const { space, part } = target;
  const { rights } = space.replica;
  const now = facts.now();
  const founding = rights.history()[0]?.item;
  const rank = (role: Role): number => ['guest', 'member', 'admin', 'owner'].indexOf(role);
  return [...rights.members(now)]
    .flatMap(([user, role]): AccessRow[] => {
      const right = rights.right(user);
      const may = ACTIONS.filter((action) => !missingFor(rights, right, { user, action, shard: part, now }));
      if (!may.includes('read')) return [];
      const { word, limits } = right;
      return [
        {
          ...view.person(space.id, user),
          id: user,
          you: user === view.me.userId,
          role,
          since: msOf((word?.item ?? founding)?.hlc as never),
          until: limits.notAfter ?? null,
          by: view.person(space.id, word?.author ?? user),
          whole: limits.shards === undefined,
          may,
        },
      ];
    })
    .sort((a, b) => rank(b.role) - rank(a.role) || byName(a, b) || (a.id < b.id ? -1 : 1));
};

// --- Rules ---------------------------------------------------------------------------------------------------------

const keyFor = (key: string, part: ShardId | undefined): string => (part ? `${key}:${part}` : key);

const policyRows = (view: View, { space, part }: Target): readonly PolicyRow[] => {
  const { rights } = space.replica;
  return (part ? OF_OBJECTS : KEYS).map((key) => {
    const own = rights.policy(keyFor(key, part));
    const setter = own === undefined ? undefined : ruleSetter(rights, keyFor(key, part), own);
    return {
      id: keyFor(key, part),
      key,
      value: own ?? rights.policy(key) ?? UNSET[key],
      choices: POLICIES[key],
      set: setter ? { by: view.person(space.id, setter.user), at: msOf(setter.hlc as never) } : null,
    };
  });
};

/**
 * What an Owner signs to set a rule. A rule on who annotates is about what people say of things: names of people are
 * annotations of the outline, and everybody keeps theirs.
 */
const policyActs = (space: Space, key: string, value: string, part?: ShardId): readonly Act[] => {
  const act = (name: string, to: string): Act => ({ type: 'policy', key: name, value: to });
  const names = keyFor('annotation', space.replica.outline);
  const exempt = key === 'annotation' && !part && space.replica.rights.policy(names) !== 'guest';
  return [act(keyFor(key, part), value), ...(exempt ? [act(names, 'guest')] : [])];
};

const NOTHING = 'Nothing was changed.';

// --- As an application ------------------------------------------------------------------------------------------------

export const accessApp = (facts: AccessFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      setPolicy: deed({
        describes: 'Sets a rule of a space, or of one object of it with `id`; Owners only. See os.policies.',
        args: {
          spaceId: id,
          key: { type: 'text', max: 20 },
          value: { type: 'text', max: 20 },
          id: { type: 'id', optional: true },
        },
        perform: async (view, args, now) => {
          const target = targetOf(facts, view, args.id ?? args.spaceId);
          if (!target || target.space.id !== args.spaceId) return err(notFound(args.id ? 'object' : 'space'));
          const { space, part } = target;
          if (!isPolicy(keyFor(args.key, part), args.value))
            return err(refusal('badArguments', 'There is no such rule or value.', NOTHING, 'See os.policies.'));
          const { rights } = space.replica;
          if (!explain(rights, { user: view.me.userId, action: 'rules', now }).allowed)
            return err(
              refusal('notAllowed', 'Only Owners set the rules of a space.', NOTHING, 'Ask an Owner of the space.'),
            );
          if (rights.policy(keyFor(args.key, part)) === args.value) return DONE;
          const signed = await space.act('acl', policyActs(space, args.key, args.value, part));
          return signed.ok ? DONE : signed;
        },
      }),
    },
    queries: {
      explain: query({
        describes: 'Why somebody (you unless told) may do something with a space or object, or why not.',
        args: { id, userId: { type: 'id', optional: true }, action: { type: 'text', max: 20, optional: true } },
        run: (view, args): ExplainAnswer | null => {
          const target = targetOf(facts, view, args.id);
          if (!target || (args.action !== undefined && !isAction(args.action))) return null;
          const actions = isAction(args.action) ? [args.action] : ACTIONS;
          return explained(facts, view, target, (args.userId ?? view.me.userId) as UserId, actions);
        },
      }),
      value: query({
        describes:
          'The change that set a field (`key`), wrote a block, or last changed an object: author, device, time.',
        args: { id, key: { type: 'text', max: 200, optional: true }, block: { type: 'id', optional: true } },
        run: (view, args): ValueAnswer | null => {
          const target = targetOf(facts, view, args.id);
          return target ? latestOf(view, target, args.key, args.block) : null;
        },
      }),
      access: query({
        describes: 'Who reads a space or object: role, since when, until when, and what else they may do.',
        args: { id },
        run: (view, args): readonly AccessRow[] => {
          const target = targetOf(facts, view, args.id);
          return target ? readersOf(facts, view, target) : [];
        },
      }),
      policies: query({
        describes: 'The rules of a space, or of one object of it with `id`: values, choices, who set them.',
        args: { spaceId: id, id: { type: 'id', optional: true } },
        run: (view, args): readonly PolicyRow[] => {
          const target = targetOf(facts, view, args.id ?? args.spaceId);
          return target?.space.id === args.spaceId ? policyRows(view, target) : [];
        },
      }),
      audit: auditQuery(facts),
      viewAs: query({
        describes:
          'What another query answers to a Guest, or to the person `userId`; with `id`, to a Guest of that object.',
        args: {
          spaceId: id,
          userId: { type: 'id', optional: true },
          id: { type: 'id', optional: true },
          name: { type: 'text', max: 100 },
          args: { type: 'json', max: 20_000 },
        },
        run: (view, args): unknown => {
          const target = targetOf(facts, view, args.id ?? args.spaceId);
          if (!target || args.name === 'os.viewAs') return null;
          const { space, part } = target;
          const stance = stanceOf(space, args.userId as UserId | undefined, part, facts.now());
          const answer = facts.answer(args.name, args.args, seenAs(view, stance));
          return answer.ok ? answer.value : null;
        },
      }),
    },
  });
