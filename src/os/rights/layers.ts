/**
 * The role of a person from all the words about them, in layers: their own leave, then each Owner from the most senior
 * down, then all Admins at once, then those who pass on a right of their own. A later layer is heard only where it saw
 * what was decided, or where it removes somebody whom its author could remove.
 *
 * RL1 a word overrides the decision that it had seen; one that the decision had seen is past.
 * RL2 of concurrent words a grant is not heard, and a removal holds as far as its author's competence goes: so nobody who
 *     is removed comes back by a grant that did not know of it, and an Admin never unseats whom an Owner has just raised.
 * RL3 of several last words of one author, and among Admins, the removal holds, else the lowest role.
 * RL4 a right that was passed on lives no longer and reaches no further than the right it came from.
 * RL5 a ban is lifted by somebody of the banner's rank only, and never by a link.
 * RL6 a link names nobody: beside a concurrent word about the person, a join by it does not count.
 */
import type { UserId } from '../../vm/op/ids';
import { has, type Past } from './past';
import { ADMIN, aboutOneself, before, type Item, inOrder, type Limits, MEMBER, NONE, OWNER, type Word } from './words';

/** On what an entry stands: the rank it acts at; of Owners, the place in the order of seniority. */
export type Authority = { readonly level: number; readonly seniority: number };
/** `word`: what decided it; `undefined` for the creator and for strangers. */
export type Decision = { readonly rank: number; readonly word: Word | undefined };
export type Right = Decision & { readonly limits: Limits; readonly chain: readonly Word[] };

/** What the layers are decided from. Grows while authority is being settled. */
export type Settled = {
  readonly creator: UserId;
  readonly owners: readonly UserId[];
  /** In the order of `inOrder`. */
  readonly words: (subject: UserId) => readonly Word[];
  readonly authority: (item: Item) => Authority | undefined;
  readonly rules: Rules;
};
/** Which words are looked at: those of entries in `past` (all when absent), that `only` lets through. */
export type View = { readonly past?: Past; readonly only?: (word: Word) => boolean };

/** Each is a defence; tests switch one off to see the harm. */
export type Rules = {
  readonly cuts: boolean;
  readonly layers: boolean;
  readonly adminsKeepToTheirRank: boolean;
  readonly seniority: boolean;
  readonly removalsWin: boolean;
  readonly leaveFirst: boolean;
  readonly onlyEffective: boolean;
  readonly presentRole: boolean;
  readonly ownersSettleTargets: boolean;
  readonly countedUses: boolean;
  readonly boundedJoins: boolean;
  readonly linksGiveWay: boolean;
  readonly newcomersWait: boolean;
};
export const SOUND: Rules = {
  cuts: true,
  layers: true,
  adminsKeepToTheirRank: true,
  seniority: true,
  removalsWin: true,
  leaveFirst: true,
  onlyEffective: true,
  presentRole: true,
  ownersSettleTargets: true,
  countedUses: true,
  boundedJoins: true,
  linksGiveWay: true,
  newcomersWait: true,
};

export const seniorityOf = (owners: readonly UserId[], user: UserId): number => {
  const place = owners.indexOf(user);
  return place < 0 ? Number.POSITIVE_INFINITY : place;
};

/** That no other of them has seen. `words` as in `Settled`: none comes before one that it has seen. */
const lasting = (words: readonly Word[]): Word[] => {
  const last: Word[] = [];
  // Who has seen a word that is seen itself has been seen by one of those.
  for (const word of words.toReversed()) if (!last.some((later) => before(word, later))) last.push(word);
  return last.reverse();
};
const weakestFirst = (a: Word, b: Word): number => a.rank - b.rank || inOrder(a.item, b.item);
/** RL3 of one author, and RL6. */
const strictest = (words: readonly Word[], rules: Rules): Word | undefined => {
  const last = lasting(words);
  const removals = last.filter(({ type }) => type === 'revoke');
  const named = rules.linksGiveWay ? last.filter(({ type }) => type !== 'join') : last;
  return [removals, named, last].find(({ length }) => length > 0)?.sort(weakestFirst)[0];
};

/** By everybody's words; a step down gives nobody more than they would have without it, whatever it had not seen. */
export const decide = (settled: Settled, subject: UserId, view: View = {}): Decision => {
  const decision = layered(settled, subject, view);
  const stepped = settled.words(subject).some((word) => isStepDown(word) && settled.authority(word.item) !== undefined);
  const rest = stepped ? layered(settled, subject, unstepped(view)) : undefined;
  return rest?.word && rest.rank <= decision.rank ? rest : decision;
};
const isStepDown = (word: Word): boolean => aboutOneself(word) && word.rank > NONE;
const unstepped = ({ past, only }: View): View => ({
  ...(past && { past }),
  only: (word) => !isStepDown(word) && (!only || only(word)),
});

const layered = (settled: Settled, subject: UserId, view: View): Decision => {
  const { owners, creator } = settled;
  const { past, only } = view;
  const words = settled
    .words(subject)
    .filter(
      (word) =>
        settled.authority(word.item) !== undefined &&
        word.type !== 'genesis' &&
        (!past || has(past, word.item.index)) &&
        (!only || only(word)),
    );
  const levelOf = (word: Word): number => settled.authority(word.item)?.level ?? NONE;
  let decision: Decision = { rank: subject === creator ? OWNER : NONE, word: undefined };
  if (words.length === 0) return decision;

  const couldRemove = (word: Word, rank: number): boolean =>
    levelOf(word) === OWNER
      ? rank < OWNER || seniorityOf(owners, word.author) < seniorityOf(owners, subject)
      : rank < ADMIN;
  const mayFollow = (word: Word): boolean => {
    const banned = decision.word?.ban ? decision.word : undefined;
    return !banned || word.type === 'revoke' || (word.type !== 'join' && levelOf(word) >= levelOf(banned));
  };
  /** RL6. */
  const givesWay = (link: Word, word: Word): boolean =>
    settled.rules.linksGiveWay && link.type === 'join' && word.type === 'grant' && !before(word, link);
  const hear = (word: Word | undefined): void => {
    if (!word) return;
    if (!decision.word || before(decision.word, word) || givesWay(decision.word, word)) {
      if (mayFollow(word)) decision = { rank: word.rank, word };
      return;
    }
    if (before(word, decision.word) || !settled.rules.removalsWin) return;
    if (word.type === 'revoke' && decision.rank > NONE && couldRemove(word, decision.rank))
      decision = { rank: NONE, word };
  };

  const own = strictest(words.filter(aboutOneself), settled.rules);
  // Nobody raises themselves: a step down gives at most what one had.
  if (own) {
    const had = own.type === 'revoke' ? NONE : decide(settled, subject, { past: own.item.past }).rank;
    decision = { rank: Math.min(own.rank, had), word: own };
  }
  const others = words.filter((word) => !aboutOneself(word));
  if (!settled.rules.layers) {
    for (const word of others) hear(word);
    return decision;
  }
  for (const owner of owners)
    hear(
      strictest(
        others.filter((word) => word.author === owner && levelOf(word) === OWNER),
        settled.rules,
      ),
    );

  if (decision.rank < ADMIN) {
    const decided = decision.word;
    const live = others.filter(
      (word) =>
        levelOf(word) === ADMIN &&
        (!decided ||
          before(decided, word) ||
          (!before(word, decided) && word.type === 'revoke' && decision.rank > NONE)) &&
        mayFollow(word),
    );
    const grants = lasting(live.filter(({ type }) => type !== 'revoke'));
    const removals = live.filter((word) => word.type === 'revoke' && !grants.some((later) => before(word, later)));
    const word = lasting(removals).sort(weakestFirst)[0] ?? grants.sort(weakestFirst)[0];
    if (word) decision = { rank: word.rank, word };
  }
  return decision;
};

const NOBODY: Right = {
  rank: NONE,
  word: undefined,
  limits: { shards: undefined, notAfter: undefined, delegate: 0 },
  chain: [],
};

/** RL4: the narrower of two. */
const attenuate = (a: Limits, b: Limits): Limits => ({
  shards: a.shards && b.shards ? a.shards.filter((shard) => b.shards?.includes(shard)) : (a.shards ?? b.shards),
  notAfter:
    a.notAfter === undefined || b.notAfter === undefined
      ? (a.notAfter ?? b.notAfter)
      : Math.min(a.notAfter, b.notAfter),
  delegate: Math.min(a.delegate - 1, b.delegate),
});
/** What both allow: whoever steps down keeps the limits of the right they had. */
const common = (a: Limits, b: Limits): Limits => ({ ...attenuate(a, b), delegate: Math.min(a.delegate, b.delegate) });

/** Said by a Member or Guest: they give only what was given to them. */
const isPassedOn = (authority: Authority | undefined): boolean =>
  authority !== undefined && authority.level > NONE && authority.level <= MEMBER;

/** The role with its limits and the chain of words it rests on, also where it was passed on by somebody below an Admin. */
export const rightOf = (settled: Settled, subject: UserId, view: View = {}, asked: readonly UserId[] = []): Right => {
  const decision = decide(settled, subject, view);
  const { word } = decision;
  const free = word === undefined ? subject !== settled.creator : aboutOneself(word) && word.rank === NONE;
  if (!free) {
    const own = word?.limits ?? NOBODY.limits;
    const limits =
      word && isStepDown(word) ? common(own, rightOf(settled, subject, unstepped(view), asked).limits) : own;
    return { ...decision, limits, chain: word ? [word] : [] };
  }
  const passed = strictest(
    settled
      .words(subject)
      .filter(
        (other) =>
          isPassedOn(settled.authority(other.item)) &&
          !aboutOneself(other) &&
          (!view.past || has(view.past, other.item.index)) &&
          (!view.only || view.only(other)) &&
          (!word || before(word, other)),
      ),
    settled.rules,
  );
  if (!passed || passed.type === 'revoke' || asked.includes(passed.author)) return { ...NOBODY, word: passed ?? word };
  const source = rightOf(settled, passed.author, view, [...asked, subject]);
  return {
    rank: Math.min(source.rank, passed.rank),
    word: passed,
    limits: attenuate(source.limits, passed.limits),
    chain: [...source.chain, passed],
  };
};
