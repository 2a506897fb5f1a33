/**
 * What rights entries say about people's roles, one word at a time: a grant, a join by an open link (the word is the
 * inviter's), a removal, a leave. Everything else that an entry does hangs on the authority that these words give.
 */
import type { DeviceId, EntryId, InviteId, ShardId, UserId } from '../../vm/op/ids';
import { type Act, type ActOf, rankOf } from './acl';
import { type Cut, cutOf, NO_CUT } from './cuts';
import { has, type Past } from './past';

/** Ranks, as numbers: 0 is nobody. */
export const NONE = 0;
export const GUEST = 1;
export const MEMBER = 2;
export const ADMIN = 3;
export const OWNER = 4;

/** How a right is narrowed. `shards`: only these; `notAfter`: ms, until then; `delegate`: how often it may be passed on. */
export type Limits = {
  readonly shards: readonly ShardId[] | undefined;
  readonly notAfter: number | undefined;
  readonly delegate: number;
};

/** An entry of the rights log whose form, signatures, certificates and join proof were checked. */
export type Item = {
  readonly id: EntryId;
  /** Number of arrival: what `Past` counts in. */
  readonly index: number;
  readonly hlc: number;
  readonly device: DeviceId;
  readonly user: UserId;
  readonly acts: readonly Act[];
  readonly past: Past;
  readonly words: readonly Word[];
};
export type Offer = { readonly item: Item; readonly act: ActOf<'invite'> };

export type Word = {
  readonly item: Item;
  readonly place: number;
  /** Whose word it is: of a join, the inviter's. */
  readonly author: UserId;
  readonly subject: UserId;
  readonly rank: number;
  readonly type: 'grant' | 'revoke' | 'join' | 'genesis';
  readonly ban: boolean;
  readonly cut: Cut;
  readonly limits: Limits;
  readonly offer: Offer | undefined;
};

/** Causally: of two words in one entry the later corrects the first. */
export const before = (a: Word, b: Word): boolean =>
  a.item === b.item ? a.place < b.place : has(b.item.past, a.item.index);

/** By time and id: after all that it cites, and equal on all nodes. */
export const inOrder = (a: Item, b: Item): number => a.hlc - b.hlc || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export const aboutOneself = (word: Word): boolean => word.author === word.subject && word.type !== 'genesis';
export const lowers = (word: Word, rank: number): boolean => word.rank < rank;

const UNLIMITED: Limits = { shards: undefined, notAfter: undefined, delegate: 0 };

export const limitsIn = (acts: readonly Act[], notAfter: number | undefined): Limits => {
  const within = acts.find((act): act is ActOf<'within'> => act.type === 'within');
  if (!within && notAfter === undefined) return UNLIMITED;
  const shards = within && within.shards.length > 0 ? within.shards : undefined;
  return { shards, notAfter, delegate: within?.delegate ?? 0 };
};

/** `offerOf`: the invite of that id which the entry cites, if it does. */
export const wordsOf = (
  item: Omit<Item, 'words'>,
  offerOf: (invite: InviteId, past: Past) => Offer | undefined,
): Item => {
  const words: Word[] = [];
  const made = { ...item, words };
  for (const [place, act] of item.acts.entries()) {
    const word = (subject: UserId, type: Word['type'], more: Partial<Word> = {}): void => {
      words.push({
        item: made,
        place,
        author: item.user,
        subject,
        rank: NONE,
        type,
        ban: false,
        cut: NO_CUT,
        limits: UNLIMITED,
        offer: undefined,
        ...more,
      });
    };
    const cut = 'cut' in act ? cutOf(act.cut) : NO_CUT;
    if (act.type === 'genesis') word(item.user, 'genesis', { rank: OWNER });
    if (act.type === 'grant')
      word(act.user, 'grant', { rank: rankOf(act.role), cut, limits: limitsIn(item.acts, act.notAfter) });
    if (act.type === 'revoke') {
      const ban = item.acts.some((other) => other.type === 'ban' && other.user === act.user);
      word(act.user, 'revoke', { cut, ban });
    }
    if (act.type === 'leave') word(act.user, 'revoke', { cut });
    const offer = act.type === 'join' ? offerOf(act.invite, item.past) : undefined;
    if (act.type === 'join' && offer && !offer.act.confirm) {
      const limits = limitsIn(offer.item.acts, undefined);
      word(item.user, 'join', { author: offer.item.user, rank: rankOf(offer.act.role), limits, offer });
    }
  }
  return made;
};
