/**
 * An independent model of how rights resolve, written over plain sets and slow on purpose: the real resolution is compared
 * with it over random histories. One entry is one word here, people have no devices, and there are no links. `weak` takes
 * one defence away, to see that the comparisons and the attacks notice.
 */
export type Weak =
  | 'cuts'
  | 'layers'
  | 'adminsKeepToTheirRank'
  | 'seniority'
  | 'removalsWin'
  | 'leaveFirst'
  | 'onlyEffective'
  | 'presentRole'
  | 'ownersSettleTargets';
export type Word = {
  readonly id: number;
  readonly author: string;
  readonly kind: 'grant' | 'revoke' | 'data';
  readonly subject: string;
  /** 0 for a removal and for data. */
  readonly rank: number;
  readonly cites: readonly number[];
  /** Data of the subject that a grant or removal accepts. */
  readonly cut: ReadonlySet<number>;
};
const [NONE, , MEMBER, ADMIN, OWNER] = [0, 1, 2, 3, 4] as const;

export type Modelled = {
  readonly roles: ReadonlyMap<string, number>;
  readonly standing: readonly number[];
  readonly levels: ReadonlyMap<number, number>;
  readonly owners: readonly string[];
  readonly shown: readonly number[];
};

/** `all` in an order in which each word comes after those it cites; ties are broken by that order's `id`. */
export const model = (all: readonly Word[], creator: string, weak?: Weak): Modelled => {
  const sound = (defence: Weak): boolean => weak !== defence;
  const byId = new Map(all.map((word) => [word.id, word]));
  const pasts = new Map<number, Set<number>>();
  for (const { id, cites } of [...all].sort((a, b) => a.id - b.id)) {
    const past = new Set<number>();
    for (const cited of cites) {
      if (!byId.has(cited)) continue;
      past.add(cited);
      for (const earlier of pasts.get(cited) ?? []) past.add(earlier);
    }
    pasts.set(id, past);
  }
  const pastOf = ({ id }: Word): Set<number> => pasts.get(id) ?? new Set();
  const before = (a: Word, b: Word): boolean => pastOf(b).has(a.id);
  const words = all.filter(({ kind }) => kind !== 'data').sort((a, b) => a.id - b.id);
  const levels = new Map<number, number>();
  const owners = [creator];
  const place = (person: string): number => (owners.includes(person) ? owners.indexOf(person) : 1e9);
  const levelOf = (word: Word): number => levels.get(word.id) ?? NONE;
  const isOwn = (word: Word): boolean => word.author === word.subject;
  const byOwner = (word: Word): boolean => levelOf(word) === OWNER || isOwn(word);

  const last = (some: readonly Word[]): Word[] => some.filter((word) => !some.some((next) => before(word, next)));
  const strictest = (some: readonly Word[]): Word | undefined => {
    const maxima = last(some);
    const removals = maxima.filter(({ kind }) => kind === 'revoke');
    return (removals.length > 0 ? removals : maxima).sort((a, b) => a.rank - b.rank || a.id - b.id)[0];
  };
  const roleOf = (person: string, past?: ReadonlySet<number>, only: (word: Word) => boolean = () => true): number => {
    const about = words.filter(
      (word) => word.subject === person && levels.has(word.id) && (!past || past.has(word.id)) && only(word),
    );
    let by: Word | undefined;
    let rank: number = person === creator ? OWNER : NONE;
    const leave = strictest(about.filter(isOwn));
    if (leave) [by, rank] = [leave, NONE];
    const hear = (word: Word | undefined): void => {
      if (!word) return;
      if (!by || before(by, word)) {
        [by, rank] = [word, word.rank];
        return;
      }
      if (before(word, by) || !sound('removalsWin') || word.kind !== 'revoke' || rank === NONE) return;
      const competent = levelOf(word) === OWNER ? rank < OWNER || place(word.author) < place(person) : rank < ADMIN;
      if (competent) [by, rank] = [word, NONE];
    };
    const others = about.filter((word) => !isOwn(word));
    if (!sound('layers')) {
      others.forEach(hear);
      return rank;
    }
    for (const owner of owners)
      hear(strictest(others.filter((word) => word.author === owner && levelOf(word) === OWNER)));
    if (rank >= ADMIN) return rank;
    const decided = by;
    const live = others.filter((word) => {
      if (levelOf(word) !== ADMIN || (decided && before(word, decided))) return false;
      return !decided || before(decided, word) || (word.kind === 'revoke' && rank > NONE);
    });
    const grants = live.filter(({ kind }) => kind === 'grant');
    if (live.some((word) => word.kind === 'revoke' && !grants.some((grant) => before(word, grant)))) return NONE;
    return Math.min(...last(grants).map((grant) => grant.rank), grants.length > 0 ? OWNER : rank);
  };
  const effective = (word: Word, rank: number, only?: (word: Word) => boolean): boolean =>
    !sound('onlyEffective') ||
    roleOf(word.subject, new Set(words.filter((other) => !before(word, other)).map(({ id }) => id)), only) < rank;

  const evaluate = (person: string, level: number): void => {
    for (const word of words) {
      if (word.author !== person || levels.has(word.id)) continue;
      const about = words.filter((other) => other.subject === person && levels.has(other.id));
      const grants = about.filter(
        (other) => other.kind === 'grant' && other.rank >= level && before(other, word) && levelOf(other) === OWNER,
      );
      if (grants.length === 0 && !(person === creator && level === OWNER)) continue;
      const removals = about.filter(
        (other) =>
          other !== word &&
          other.rank < level &&
          (isOwn(other) || (levelOf(other) === OWNER && (level < OWNER || place(other.author) < place(person)))) &&
          effective(other, level, byOwner),
      );
      const bound = removals.some((removal) => {
        if ((!sound('cuts') || before(word, removal)) && !before(removal, word)) return false;
        return !grants.some((grant) => before(removal, grant) && before(grant, word));
      });
      if (bound) continue;
      const now = roleOf(
        word.subject,
        pastOf(word),
        level === OWNER || sound('ownersSettleTargets') ? byOwner : undefined,
      );
      let allowed: boolean;
      if (isOwn(word)) allowed = word.kind === 'revoke';
      else if (level === OWNER) {
        allowed = !sound('seniority') || now < OWNER || place(person) < place(word.subject);
        if (word.rank === OWNER && place(word.subject) <= place(person)) allowed = false;
      } else allowed = (!sound('adminsKeepToTheirRank') || now < ADMIN) && word.rank < ADMIN;
      if (allowed) levels.set(word.id, level);
    }
  };
  if (sound('leaveFirst'))
    for (const word of words) if (isOwn(word) && word.kind === 'revoke') levels.set(word.id, NONE);
  for (const owner of owners) {
    evaluate(owner, OWNER);
    for (const word of words)
      if (word.author === owner && levelOf(word) === OWNER && word.rank === OWNER && !owners.includes(word.subject))
        owners.push(word.subject);
  }
  const admins = words.filter((word) => levels.has(word.id) && word.rank >= ADMIN).map(({ subject }) => subject);
  for (const admin of [...new Set(admins)].sort()) evaluate(admin, ADMIN);

  const shown = all.filter((data) => {
    if (data.kind !== 'data' || roleOf(data.author, pastOf(data)) < MEMBER) return false;
    const about = words.filter((word) => word.subject === data.author && levels.has(word.id));
    const unseen = about.filter((word) => !pastOf(data).has(word.id));
    const refusedBy = (word: Word): boolean => sound('cuts') && !word.cut.has(data.id);
    if (sound('presentRole') && roleOf(data.author) < MEMBER) {
      const lastWords = unseen.filter(
        (word) => !about.some((next) => next.author === word.author && before(word, next)),
      );
      if (lastWords.some((word) => !word.cut.has(data.id))) return false;
    }
    const regranted = (word: Word): boolean =>
      about.some(
        (grant) => grant.kind === 'grant' && grant.rank >= MEMBER && before(word, grant) && pastOf(data).has(grant.id),
      );
    return !unseen.some((word) => word.rank < MEMBER && effective(word, MEMBER) && refusedBy(word) && !regranted(word));
  });
  const people = new Set([creator, ...words.map(({ subject }) => subject)]);
  return {
    roles: new Map([...people].sort().map((person) => [person, roleOf(person)])),
    standing: [...levels.keys()].sort((a, b) => a - b),
    levels,
    owners,
    shown: shown.map(({ id }) => id),
  };
};
