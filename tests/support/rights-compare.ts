/**
 * Random histories of grants, removals and content by people who each know a part, given to the real resolution and to the
 * model beside it; and the attacks that no history may allow. `rules` and `weak` take one defence from either.
 */
import { type SeededRandom, seededRandom } from '../../src/base/random';
import { type Act, ROLES } from '../../src/os/rights/acl';
import { type Rules, SOUND } from '../../src/os/rights/layers';
import { type Past, union } from '../../src/os/rights/past';
import { type Resolution, resolve } from '../../src/os/rights/resolution';
import { accepted, standingAt } from '../../src/os/rights/verdict';
import { type Item, inOrder, MEMBER, wordsOf } from '../../src/os/rights/words';
import type { DeviceId, EntryId, LogId, UserId } from '../../src/vm/op/ids';
import { type Modelled, model, type Weak, type Word } from './rights-model';

const PEOPLE = ['O', 'A', 'B', 'C', 'D', 'E'];
const CREATOR = 'O';
const [NONE, GUEST, ADMIN, OWNER] = [0, 1, 3, 4];

export const historyOf = (random: SeededRandom): Word[] => {
  const all: Word[] = [];
  const knows = new Map(PEOPLE.map((person) => [person, new Set<number>()]));
  const own = new Map<string, number>();
  const known = (person: string): Set<number> => knows.get(person) as Set<number>;
  const say = (author: string, kind: Word['kind'], subject: string, rank = NONE): void => {
    const seen = [...known(author)].map((id) => all[id - 1] as Word);
    const words = seen.filter((word) => word.kind !== 'data');
    const cites = words.map(({ id }) => id).filter((id) => !words.some((word) => word.cites.includes(id)));
    const last = own.get(author);
    if (last !== undefined && kind !== 'data' && !cites.includes(last)) cites.push(last);
    const cut =
      kind === 'data'
        ? new Set<number>()
        : new Set(seen.filter((word) => word.kind === 'data' && word.author === subject).map(({ id }) => id));
    const id = all.length + 1;
    all.push({ id, author, kind, subject, rank, cites, cut });
    known(author).add(id);
    if (kind !== 'data') own.set(author, id);
  };
  const learn = (person: string, from: string): void => {
    for (const id of known(from)) known(person).add(id);
  };
  say('O', 'grant', 'A', ADMIN);
  say('O', 'grant', 'B', ADMIN);
  say('O', 'grant', 'C', MEMBER);
  if (random.below(2) === 0) say('O', 'grant', 'B', OWNER);
  if (random.below(10) < 3) say('O', 'grant', 'C', OWNER);
  for (const person of PEOPLE) learn(person, 'O');
  const steps = 10 + random.below(14);
  for (let step = 0; step < steps; step++) {
    const author = PEOPLE[random.below(5)] as string;
    const subject = random.pick(PEOPLE);
    const chance = random.below(100);
    if (chance < 35) learn(author, subject);
    else if (chance < 55) say(author, 'data', author);
    else if (chance < 75) say(author, 'revoke', subject);
    else if (author !== subject)
      say(author, 'grant', subject, [GUEST, MEMBER, MEMBER, ADMIN, OWNER][random.below(5)] as number);
  }
  return all;
};

// --- The real resolution over such a history ---------------------------------------------------------------------

const padded = (id: number): string => String(id).padStart(6, '0');
const logOf = (word: Word): LogId => word.author as LogId;

export type Resolved = {
  readonly roles: ReadonlyMap<string, number>;
  readonly standing: readonly number[];
  readonly levels: ReadonlyMap<number, number>;
  readonly owners: readonly string[];
  readonly shown: readonly number[];
};
export const resolved = (all: readonly Word[], arrival: readonly Word[], rules: Rules = SOUND): Resolved => {
  const seqOf = new Map<number, number>();
  const counts = new Map<string, number>();
  for (const word of all) {
    if (word.kind !== 'data') continue;
    const seq = counts.get(word.author) ?? 0;
    seqOf.set(word.id, seq);
    counts.set(word.author, seq + 1);
  }
  const genesis = wordsOf(
    {
      id: padded(0) as EntryId,
      index: 0,
      hlc: 0,
      device: CREATOR as DeviceId,
      user: CREATOR as UserId,
      acts: [{ type: 'genesis' } as Act],
      past: new Uint32Array(1),
    },
    () => undefined,
  );
  const place = new Map(arrival.filter(({ kind }) => kind !== 'data').map(({ id }, i) => [id, i + 1]));
  const pasts = new Map<number, Past>();
  const numbers = new Map<number, readonly number[]>();
  for (const word of all) {
    const cited = word.cites.filter((id) => place.has(id));
    pasts.set(
      word.id,
      union(
        cited.map((id) => pasts.get(id) as Past),
        0,
        ...cited.map((id) => place.get(id) as number),
      ),
    );
    numbers.set(word.id, cited);
  }
  const items: Item[] = [genesis];
  for (const word of all) {
    if (word.kind === 'data') continue;
    const heights = new Map<LogId, number>();
    for (const id of word.cut)
      heights.set(word.subject as LogId, Math.max(heights.get(word.subject as LogId) ?? -1, seqOf.get(id) as number));
    const cut = [...heights].map(([log, seq]) => ({ log, seq }));
    const user = word.subject as UserId;
    const act: Act =
      word.kind === 'grant'
        ? {
            type: 'grant',
            user,
            role: ROLES[word.rank - 1] as 'guest',
            notAfter: undefined,
            cut,
            certificate: undefined,
          }
        : word.author === word.subject
          ? { type: 'leave', user, cut }
          : { type: 'revoke', user, cut };
    items.push(
      wordsOf(
        {
          id: padded(word.id) as EntryId,
          index: place.get(word.id) as number,
          hlc: word.id,
          device: word.author as DeviceId,
          user: word.author as UserId,
          acts: [act],
          past: pasts.get(word.id) as Past,
        },
        () => undefined,
      ),
    );
  }
  items.sort(inOrder);
  const resolution: Resolution = resolve(items, (device) => device as unknown as UserId, rules);
  const people = new Set([CREATOR, ...all.filter(({ kind }) => kind !== 'data').map(({ subject }) => subject)]);
  const standing = items.filter((item) => item !== genesis && resolution.authority(item));
  return {
    roles: new Map([...people].sort().map((person) => [person, resolution.right(person as UserId).rank])),
    standing: standing.map(({ hlc }) => hlc),
    levels: new Map(standing.map((item) => [item.hlc, resolution.authority(item)?.level ?? 0])),
    owners: resolution.owners,
    shown: all
      .filter((word) => {
        if (word.kind !== 'data') return false;
        const standingThere = standingAt(resolution, word.author as UserId, pasts.get(word.id) as Past, MEMBER);
        return (
          standingThere.right.rank >= MEMBER &&
          accepted(resolution, standingThere, { log: logOf(word), seq: seqOf.get(word.id) as number })
        );
      })
      .map(({ id }) => id),
  };
};

const text = (result: Modelled | Resolved): string =>
  JSON.stringify([[...result.roles], result.standing, result.owners, result.shown]);
const rolesText = (roles: ReadonlyMap<string, number>, of: ReadonlyMap<string, number>): string =>
  JSON.stringify([...roles].filter(([person]) => of.has(person)));

// --- What must hold of every history --------------------------------------------------------------------------------

export type Found = {
  histories: number;
  attacks: number;
  content: number;
  different: number[];
  order: number[];
  escalation: number[];
  seniority: number[];
  adminsAlone: number[];
  backdated: number[];
  backdatedContent: number[];
  cameBack: number[];
};

/** Of each check the seeds that break it. `weaken`: the same defence off in both. */
export const compare = (from: number, count: number, weaken?: Weak): Found => {
  const found: Found = {
    histories: count,
    attacks: 0,
    content: 0,
    different: [],
    order: [],
    escalation: [],
    seniority: [],
    adminsAlone: [],
    backdated: [],
    backdatedContent: [],
    cameBack: [],
  };
  const rules: Rules = weaken ? { ...SOUND, [weaken]: false } : SOUND;
  for (let seed = from; seed < from + count; seed++) {
    const random = seededRandom(seed);
    const all = historyOf(random);
    const real = resolved(all, all, rules);
    found.content += all.filter(({ kind }) => kind === 'data').length;
    if (text(real) !== text(model(all, CREATOR, weaken))) found.different.push(seed);
    if (text(resolved(all, random.shuffle(all), rules)) !== text(real)) found.order.push(seed);
    const standing = all.filter(({ id }) => real.standing.includes(id));
    check(found, seed, all, standing, real, rules);
    attack(found, seed, random, all, standing, real, rules);
  }
  return found;
};

const check = (
  found: Found,
  seed: number,
  all: readonly Word[],
  standing: readonly Word[],
  real: Resolved,
  rules: Rules,
): void => {
  const levelOf = (word: Word): number => real.levels.get(word.id) ?? NONE;
  const pastOf = pastsOf(all);
  for (const [person, rank] of real.roles) {
    if (rank === NONE || person === CREATOR) continue;
    const about = standing.filter(({ subject }) => subject === person);
    const backed = about.some(
      (word) => word.kind === 'grant' && word.rank === rank && levelOf(word) > (rank === OWNER ? ADMIN : rank),
    );
    if (!backed) found.escalation.push(seed);
    // Whoever is in despite a removal was granted something that it had not seen.
    for (const removal of about.filter(({ kind }) => kind === 'revoke'))
      if (!about.some((word) => word.kind === 'grant' && !pastOf(removal).has(word.id))) found.cameBack.push(seed);
  }
  // Without all that juniors and others signed a senior is no less an Owner.
  for (const [place, owner] of real.owners.entries()) {
    const heard = [...real.owners.slice(0, place), owner];
    const without = only(all, (word) => word.kind === 'data' || heard.includes(word.author));
    const roles = resolved(without, without, rules).roles;
    if ((roles.get(owner) ?? NONE) === OWNER && real.roles.get(owner) !== OWNER) found.seniority.push(seed);
  }
  // Admins do not decide who is Admin or Owner.
  const byAdmins = new Set(standing.filter((word) => levelOf(word) === ADMIN).map(({ id }) => id));
  const without = only(all, ({ id }) => !byAdmins.has(id));
  const roles = resolved(without, without, rules).roles;
  for (const [person, rank] of real.roles) {
    const other = roles.get(person) ?? (person === CREATOR ? OWNER : NONE);
    const left = all.some(({ id, subject, author }) => byAdmins.has(id) && subject === author && subject === person);
    if (Math.max(rank, other) >= ADMIN && rank !== other && !left) found.adminsAlone.push(seed);
  }
};

/** Somebody who was removed signs four things, citing what they like, also beside what they had signed before. */
const attack = (
  found: Found,
  seed: number,
  random: SeededRandom,
  all: readonly Word[],
  standing: readonly Word[],
  real: Resolved,
  rules: Rules,
): void => {
  for (const attacker of ['A', 'B', 'C', 'D']) {
    const removed = standing.some(
      (word) => word.kind === 'revoke' && word.subject === attacker && word.author !== attacker,
    );
    if (real.roles.get(attacker) !== NONE || !removed) continue;
    found.attacks++;
    const forged: Word[] = [];
    for (let i = 0; i < 4; i++) {
      const mine = [...all, ...forged].filter((word) => word.author === attacker && word.kind !== 'data');
      const cites = all.filter((word) => word.kind !== 'data' && random.below(4) === 0).map(({ id }) => id);
      if (mine.length > 0) cites.push(random.pick(mine).id);
      const kind = random.pick(['grant', 'revoke', 'data'] as const);
      const subject = kind === 'data' ? attacker : random.pick(PEOPLE);
      const rank = kind === 'grant' ? random.pick([GUEST, MEMBER, ADMIN, OWNER]) : NONE;
      if (subject === attacker && kind !== 'data') continue;
      const id = all.length + forged.length + 1;
      forged.push({ id, author: attacker, kind, subject, rank, cites: [...new Set(cites)], cut: new Set() });
    }
    const after = resolved([...all, ...forged], [...all, ...forged], rules);
    const genuine = after.shown.filter((id) => id <= all.length);
    if (
      rolesText(after.roles, real.roles) !== rolesText(real.roles, real.roles) ||
      genuine.join() !== real.shown.join()
    )
      found.backdated.push(seed);
    if (after.shown.some((id) => id > all.length)) found.backdatedContent.push(seed);
  }
};

const pastsOf = (all: readonly Word[]): ((word: Word) => ReadonlySet<number>) => {
  const pasts = new Map<number, Set<number>>();
  for (const { id, cites } of all)
    pasts.set(id, new Set(cites.flatMap((cited) => [cited, ...(pasts.get(cited) ?? [])])));
  return ({ id }) => pasts.get(id) ?? new Set();
};
/** The part of a history that `keep` lets through, what it cites made direct. */
const only = (all: readonly Word[], keep: (word: Word) => boolean): Word[] => {
  const pastOf = pastsOf(all);
  const kept = new Set(all.filter(keep).map(({ id }) => id));
  return all.filter(keep).map((word) => ({ ...word, cites: [...pastOf(word)].filter((id) => kept.has(id)) }));
};
