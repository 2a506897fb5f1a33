/**
 * What people decided about each other without knowing of it, for those who can decide again. The rights have settled it
 * already, equally on all nodes; here is only what is worth telling, and only until somebody has spoken who knew of both.
 *
 * CF1 `different`: two people said different things about one person at once. One of them holds.
 * CF2 `mutual`: two lowered or removed each other at once.
 * CF3 `void`: a decision that does not count, because its author had lost the right to it meanwhile.
 */
import type { EntryId, UserId } from '../../vm/op/ids';
import { has } from './past';
import type { Rights } from './resolve';
import { aboutOneself, before, type Item, NONE, type Word } from './words';

/** One side of a conflict. `counts`: the rights follow it where nothing stronger was said. */
export type Side = {
  readonly by: UserId;
  readonly about: UserId;
  readonly did: 'removed' | 'banned' | 'role';
  /** 0 to 4, as in `rankOf`. */
  readonly rank: number;
  readonly until: number | undefined;
  readonly at: number;
  readonly entry: EntryId;
  readonly counts: boolean;
};
export type Conflict = {
  /** Equal on all nodes: 32 hex characters. */
  readonly id: string;
  readonly kind: 'different' | 'mutual' | 'void';
  /** Whom it is about; of `mutual`, whoever of the two is out or lower now. */
  readonly subject: UserId;
  readonly sides: readonly Side[];
};

/** Words of one person that are compared at most, the newest; more are no news. */
const MAX_WORDS = 64;
/** Conflicts told of at most, the newest. */
const MAX_CONFLICTS = 50;

type Spoken = { readonly word: Word; readonly counts: boolean };

/** Newest first. */
export const conflictsIn = (rights: Pick<Rights, 'history' | 'right'>): readonly Conflict[] => {
  const about = new Map<UserId, Spoken[]>();
  for (const { item, counts } of rights.history()) {
    for (const word of item.words) {
      if (word.type === 'genesis' || word.type === 'join' || aboutOneself(word)) continue;
      about.set(word.subject, [...(about.get(word.subject) ?? []), { word, counts }].slice(-MAX_WORDS));
    }
  }
  const found = new Map<string, Conflict>();
  const add = (kind: Conflict['kind'], subject: UserId, ...spoken: readonly Spoken[]): void => {
    const id = idOf(spoken.map(({ word }) => word.item.id));
    if (!found.has(id)) found.set(id, { id, kind, subject, sides: spoken.map(sideOf) });
  };
  for (const [subject, words] of about) {
    // CF2 first: it says more than that one of the two does not count.
    for (const mine of words) {
      for (const theirs of about.get(mine.word.author) ?? []) {
        if (theirs.word.author !== subject || !concurrent(mine.word, theirs.word)) continue;
        if (!lowering(mine, words) || !lowering(theirs, about.get(mine.word.author) ?? [])) continue;
        if (answered([mine, theirs], [...words, ...(about.get(mine.word.author) ?? [])])) continue;
        const lower = rights.right(subject).rank <= rights.right(mine.word.author).rank;
        add('mutual', lower ? subject : mine.word.author, mine, theirs);
      }
    }
    for (const [place, one] of words.entries()) {
      if (!one.counts) {
        if (!answered([one], words) && ![...found.values()].some((other) => names(other, one)))
          add('void', subject, one);
        continue;
      }
      for (const other of words.slice(place + 1)) {
        if (!other.counts || one.word.author === other.word.author || same(one.word, other.word)) continue;
        if (concurrent(one.word, other.word) && !answered([one, other], words)) add('different', subject, one, other);
      }
    }
  }
  return [...found.values()].sort((a, b) => latest(b) - latest(a) || (a.id < b.id ? -1 : 1)).slice(0, MAX_CONFLICTS);
};

const concurrent = (a: Word, b: Word): boolean => a.item !== b.item && !before(a, b) && !before(b, a);
/** Somebody who knew of all of it has decided since, with effect. */
const answered = (spoken: readonly Spoken[], words: readonly Spoken[]): boolean =>
  words.some(({ word, counts }) => counts && spoken.every((one) => knew(word.item, one.word.item)));
const knew = (later: Item, earlier: Item): boolean => has(later.past, earlier.index);

const same = (a: Word, b: Word): boolean =>
  a.rank === b.rank && a.ban === b.ban && a.limits.notAfter === b.limits.notAfter && scopeOf(a) === scopeOf(b);
const scopeOf = ({ limits }: Word): string => (limits.shards ? [...limits.shards].sort().join() : '');

/** A removal, or less than the last word that its author had seen. */
const lowering = ({ word }: Spoken, words: readonly Spoken[]): boolean => {
  if (word.rank === NONE) return true;
  const seen = words.filter((other) => other.counts && before(other.word, word));
  return (seen.at(-1)?.word.rank ?? NONE) > word.rank;
};
const names = (conflict: Conflict, { word }: Spoken): boolean =>
  conflict.sides.some(({ entry, about }) => entry === word.item.id && about === word.subject);

const sideOf = ({ word, counts }: Spoken): Side => ({
  by: word.author,
  about: word.subject,
  did: word.type === 'revoke' ? (word.ban ? 'banned' : 'removed') : 'role',
  rank: word.rank,
  until: word.limits.notAfter,
  at: Math.floor(word.item.hlc),
  entry: word.item.id,
  counts,
});
const latest = ({ sides }: Conflict): number => Math.max(...sides.map(({ at }) => at));
const idOf = (entries: readonly EntryId[]): string => {
  const [first = '', second = first] = [...entries].sort();
  return `${first.slice(0, 16)}${second.slice(-16)}`;
};
