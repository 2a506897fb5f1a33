/**
 * Why somebody may do something, or what is missing: the chain of signed words a right rests on, back to the founder, and
 * the first link that is not there. Codes and ids only; words for people are the views'. It decides nothing: the door
 * (`authorize.ts`) does, from the same resolution.
 */
import type { DeviceId, EntryId, ShardId, UserId } from '../../vm/op/ids';
import { type Role, rankOf } from './acl';
import type { Right } from './layers';
import { has } from './past';
import { LEAST, type Rights } from './resolve';
import { covers } from './verdict';
import { ADMIN, aboutOneself, GUEST, type Item, MEMBER, NONE, OWNER, type Word } from './words';

/** `share`: invite people. `people`: change roles and remove. `rules`: the policies of the space. */
export const ACTIONS = ['read', 'comment', 'edit', 'share', 'people', 'rules'] as const;
export type Action = (typeof ACTIONS)[number];
export const isAction = (text: unknown): text is Action => (ACTIONS as readonly unknown[]).includes(text);

/** One signed word of a chain. `until`: ms, of a right that ends. `parts`: absent where it holds for the whole space. */
export type Link = {
  readonly code: 'founded' | 'granted' | 'joined' | 'passedOn' | 'stepped';
  readonly entry: EntryId;
  readonly at: number;
  readonly by: UserId;
  readonly device: DeviceId;
  readonly to: UserId;
  readonly role: Role;
  readonly until: number | undefined;
  readonly parts: readonly ShardId[] | undefined;
  /** How often it may be passed on. */
  readonly passes: number;
};

/** The first link that is missing. `needs`: the least role. `entry`: what decided it, where something did. */
export type Missing =
  | { readonly code: 'stranger' | 'asking' | 'outside' }
  | {
      readonly code: 'removed' | 'banned' | 'left';
      readonly by: UserId;
      readonly at: number;
      readonly entry: EntryId;
    }
  | { readonly code: 'ended'; readonly at: number }
  /** The device has no say yet (ND3). */
  | { readonly code: 'waiting'; readonly at: number }
  | { readonly code: 'role'; readonly role: Role; readonly needs: Role }
  | {
      readonly code: 'policy';
      readonly role: Role;
      readonly needs: Role;
      readonly key: string;
      readonly by: UserId;
      readonly at: number;
      readonly entry: EntryId;
    }
  | {
      readonly code: 'device';
      readonly by: UserId;
      readonly at: number;
      readonly entry: EntryId;
      readonly forked: boolean;
    };
export type Explanation = {
  readonly action: Action;
  readonly allowed: boolean;
  readonly role: Role | 'none';
  readonly until: number | undefined;
  readonly parts: readonly ShardId[] | undefined;
  readonly chain: readonly Link[];
  readonly missing: Missing | undefined;
};

/** `shard`: the part of the object asked about; absent for the space. `now`: network time, ms. */
export type Question = {
  readonly user: UserId;
  readonly action: Action;
  readonly shard?: ShardId | undefined;
  readonly device?: DeviceId | undefined;
  /** Until when the device has no say, network time in ms. */
  readonly waits?: number | undefined;
  readonly now: number;
};
export type Asked = Pick<Rights, 'right' | 'rightAt' | 'creator' | 'policy' | 'history' | 'requests' | 'suspensions'>;

const roleOf = (rank: number): Role => (['guest', 'guest', 'member', 'admin', 'owner'] as const)[rank] ?? 'owner';
const msOf = (hlc: number): number => Math.floor(hlc);

// --- The chain ---------------------------------------------------------------------------------------------------

const linkOf = (word: Word, code: Link['code']): Link => ({
  code,
  entry: word.item.id,
  at: msOf(word.item.hlc),
  by: word.author,
  device: word.item.device,
  to: word.subject,
  role: roleOf(word.rank),
  until: word.limits.notAfter,
  parts: word.limits.shards,
  passes: word.limits.delegate,
});

const foundedBy = (rights: Asked): Link[] => {
  const first = rights.history()[0]?.item;
  if (!first) return [];
  const { id, hlc, user, device } = first;
  return [
    {
      code: 'founded',
      entry: id,
      at: msOf(hlc),
      by: user,
      device,
      to: user,
      role: 'owner',
      until: undefined,
      parts: undefined,
      passes: 0,
    },
  ];
};

/** What the author of a word stood on where they said it. */
const rightBefore = (rights: Asked, word: Word): Right | undefined => {
  // Whoever comes by a link comes by the word of its maker, where the link was made.
  if (!aboutOneself(word)) return rights.rightAt(word.author, (word.offer ?? word).item.id);
  // A step down: what stood before it is what the last entry about them, in its past, knew.
  const earlier = rights
    .history()
    .findLast(
      ({ item }) =>
        item !== word.item &&
        has(word.item.past, item.index) &&
        item.words.some(({ subject }) => subject === word.subject),
    );
  return earlier && rights.rightAt(word.subject, earlier.item.id);
};

/** From the founder down to the word that gives `user` their role; empty for a stranger. Ended rights keep theirs. */
const linksOf = (rights: Asked, user: UserId, right: Right, seen: ReadonlySet<Word> = new Set()): readonly Link[] => {
  if (right.rank === NONE) return [];
  const [first, ...passed] = right.chain.length > 0 ? right.chain : right.word ? [right.word] : [];
  if (!first) return user === rights.creator() ? foundedBy(rights) : [];
  if (seen.has(first)) return [];
  const before = rightBefore(rights, first);
  const authority = before ? linksOf(rights, first.author, before, new Set([...seen, first])) : [];
  const code = first.type === 'join' ? 'joined' : aboutOneself(first) ? 'stepped' : 'granted';
  return [...authority, linkOf(first, code), ...passed.map((word) => linkOf(word, 'passedOn'))];
};

// --- What is missing ---------------------------------------------------------------------------------------------

const CLASS = { comment: 'annotation', edit: 'content' } as const;
const NEEDED: Readonly<Record<Action, number>> = {
  read: GUEST,
  comment: LEAST.annotation,
  edit: LEAST.content,
  share: ADMIN,
  people: ADMIN,
  rules: OWNER,
};

/** Whoever set a rule to the value that it has. */
export const ruleSetter = (rights: Pick<Rights, 'history'>, key: string, value: string): Item | undefined =>
  rights
    .history()
    .findLast(
      ({ item, counts }) =>
        counts && item.acts.some((act) => act.type === 'policy' && act.key === key && act.value === value),
    )?.item;

/** The rule that holds for an action, the object's own before the space's. */
export const ruleOf = (
  rights: Pick<Rights, 'policy'>,
  action: 'comment' | 'edit',
  shard: ShardId | undefined,
): { readonly key: string; readonly value: Role } | undefined => {
  const name = CLASS[action];
  for (const key of shard ? [`${name}:${shard}`, name] : [name]) {
    const value = rights.policy(key);
    if (value !== undefined) return { key, value: value as Role };
  }
  return undefined;
};

const outOf = (rights: Asked, user: UserId, right: Right): Missing => {
  const { word } = right;
  if (rights.requests().some((request) => request.user === user)) return { code: 'asking' };
  if (word?.type !== 'revoke') return { code: 'stranger' };
  const code = aboutOneself(word) ? 'left' : word.ban ? 'banned' : 'removed';
  return { code, by: word.author, at: msOf(word.item.hlc), entry: word.item.id };
};

/** The first thing that keeps somebody from it; `undefined` when they may. `right`: theirs. */
export const missingFor = (rights: Asked, right: Right, question: Question): Missing | undefined => {
  const { user, action, shard, device, waits, now } = question;
  if (right.rank === NONE) return outOf(rights, user, right);
  const { notAfter, shards, delegate } = right.limits;
  if (notAfter !== undefined && notAfter < now) return { code: 'ended', at: notAfter };
  const inPart = shard !== undefined && covers(right, shard);
  // Whoever has a part of the space reads the space: that part of it.
  if (shards && !inPart && !(action === 'read' && shard === undefined)) return { code: 'outside' };
  const needed = NEEDED[action];
  const passesOn =
    action === 'share' && (delegate > 0 || (right.rank >= MEMBER && rights.policy('invite') === 'member'));
  if (right.rank < needed && !passesOn) return { code: 'role', role: roleOf(right.rank), needs: roleOf(needed) };
  if (action === 'comment' || action === 'edit') {
    const rule = ruleOf(rights, action, shard);
    const setter = rule && rankOf(rule.value) > right.rank ? ruleSetter(rights, rule.key, rule.value) : undefined;
    if (rule && setter)
      return {
        code: 'policy',
        role: roleOf(right.rank),
        needs: rule.value,
        key: rule.key,
        by: setter.user,
        at: msOf(setter.hlc),
        entry: setter.id,
      };
  }
  if (waits !== undefined && (action === 'share' || action === 'people' || action === 'rules'))
    return { code: 'waiting', at: waits };
  return device && action !== 'read' ? standingSuspension(rights, device) : undefined;
};

const standingSuspension = (rights: Asked, device: DeviceId): Missing | undefined => {
  const found = rights.suspensions(device).find(({ cleared }) => cleared === undefined);
  if (!found) return undefined;
  const { item, by, type } = found;
  return { code: 'device', by, at: msOf(item.hlc), entry: item.id, forked: type === 'forked' };
};

/** Pure and equal on all nodes that hold the same rights, for the same `now`. */
export const explain = (rights: Asked, question: Question): Explanation => {
  const right = rights.right(question.user);
  const missing = missingFor(rights, right, question);
  const out = right.rank === NONE || (right.limits.notAfter !== undefined && right.limits.notAfter < question.now);
  return {
    action: question.action,
    allowed: missing === undefined,
    role: out ? 'none' : roleOf(right.rank),
    until: right.limits.notAfter,
    parts: right.limits.shards,
    chain: linksOf(rights, question.user, right),
    missing,
  };
};
