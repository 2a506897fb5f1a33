/**
 * The devices of one person among each other, in one space: which of them have a say about anybody's access. Whoever holds
 * the recovery phrase (or a key file) can name a new device at any time; what it may read and write is the person's, at
 * once. Power is not: it needs the word of an older device, or time in which older devices could have said no.
 *
 * ND1 the device with which a person came in has their say; so has each for which such a one vouched (`confirm`).
 * ND2 any other one waits `RESTORE_DELAY_MS`, from the later of its first entry and the first `notice` that an older device
 *     of the person, and the first that anybody else who was there before it, gave of it: so dating itself back is of no use
 *     wherever somebody sees it come.
 * ND3 until then what it does about people, devices, links and rules counts nowhere. It shows itself, takes part in the care
 *     for keys, and writes. It waits for nobody where all older devices were taken away.
 * ND4 a `veto` of an older device within that time ends it: what it did about rights is void, seen or not. No word that it
 *     says about an older device, before or after, changes that.
 * ND5 whoever came by the phrase alone is older than others who did only by what others saw of it, or where those knew of it.
 */
import type { DeviceId, UserId } from '../../vm/op/ids';
import type { Act, ActOf } from './acl';
import { has } from './past';
import { type Item, inOrder } from './words';

export const RESTORE_DELAY_MS = 48 * 3_600_000;

/** `until`: network time in ms from which it has its person's say; only of `waiting`. */
export type DeviceStanding = {
  readonly device: DeviceId;
  readonly user: UserId;
  readonly type: 'first' | 'confirmed' | 'waiting' | 'refused';
  /** Where it first showed itself. */
  readonly first: Item;
  readonly until: number;
  /** The veto, of `refused`; absent of what founds personal spaces, which never has a say. */
  readonly veto?: Word<'veto'> | undefined;
  /** Somebody else told when it came (ND5). */
  readonly seen: boolean;
};
type Word<Type extends Act['type']> = { readonly item: Item; readonly act: ActOf<Type> };

export type Newcomers = {
  /** `undefined`: the only device of its person, or nobody's. */
  readonly of: (device: DeviceId) => DeviceStanding | undefined;
  /** Whether the device had its person's say when it signed this. */
  readonly rules: (item: Item) => boolean;
  /** Whether the entry may count, as far as that goes. */
  readonly mayCount: (item: Item) => boolean;
  /** Words of an older device about newer ones: they count whatever else was said about that device's person. */
  readonly heard: (item: Item) => boolean;
  readonly vetoes: readonly Word<'veto'>[];
  readonly waiting: readonly DeviceStanding[];
};

/** What a newcomer may sign. */
const HARMLESS: ReadonlySet<Act['type']> = new Set([
  'genesis',
  'certify',
  'join',
  'epoch',
  'wrap',
  'wrapPart',
  'badKey',
  'fork',
  'confirm',
  'notice',
] as const);
export const needsSay = (acts: readonly Act[]): boolean => acts.some(({ type }) => !HARMLESS.has(type));

const ALL: Newcomers = {
  of: () => undefined,
  rules: () => true,
  mayCount: () => true,
  heard: ({ acts }) => acts.every(({ type }) => type === 'veto'),
  vetoes: [],
  waiting: [],
};
const isVeto = ({ acts }: Item): boolean => acts.some(({ type }) => type === 'veto');

/** `items` in order, the genesis first. */
export const newcomersIn = (items: readonly Item[], waits = true): Newcomers => {
  const firsts = new Map<UserId, Map<DeviceId, Item>>();
  let several = false;
  for (const item of items) {
    const theirs = firsts.get(item.user);
    if (!theirs) firsts.set(item.user, new Map([[item.device, item]]));
    else if (!theirs.has(item.device)) {
      theirs.set(item.device, item);
      several = true;
    }
  }
  if (!several || !waits) return ALL;

  const words = new Map<Act['type'], Map<DeviceId, Word<'confirm' | 'notice' | 'veto' | 'revokeDevice'>[]>>();
  for (const item of items)
    for (const act of item.acts)
      if (act.type === 'confirm' || act.type === 'notice' || act.type === 'veto' || act.type === 'revokeDevice') {
        const about = words.get(act.type) ?? new Map<DeviceId, Word<typeof act.type>[]>();
        words.set(act.type, about);
        about.set(act.device, [...(about.get(act.device) ?? []), { item, act } as never]);
      }
  const wordsOn = <Type extends Act['type']>(type: Type, device: DeviceId): readonly Word<Type>[] =>
    (words.get(type)?.get(device) ?? []) as unknown as readonly Word<Type>[];

  const standings = new Map<DeviceId, DeviceStanding>();
  const orders = new Map<UserId, DeviceStanding[]>();
  const rules = (item: Item): boolean => {
    const standing = standings.get(item.device);
    if (!standing) return !orders.has(item.user);
    return standing.type === 'waiting' ? item.hlc >= standing.until : standing.type !== 'refused';
  };
  /** Whether `older`, by what it signed in `item`, has a word about the device that came with `first`. */
  const speaks = (older: DeviceStanding | undefined, item: Item, about: DeviceId, first: Item | undefined): boolean => {
    if (!older || older.type === 'refused' || older.device === about) return false;
    // ND5.
    const elder = older.type !== 'waiting' || older.seen || (first !== undefined && has(first.past, older.first.index));
    if (!elder || (older.type === 'waiting' && item.hlc < older.until)) return false;
    // Taken away by another one, which had not heard of it.
    return !wordsOn('revokeDevice', older.device).some(
      (taking) =>
        taking.item.user === older.user &&
        taking.item.device !== about &&
        isPlacedBefore(taking.item.device, about) &&
        rules(taking.item) &&
        taking.item !== item &&
        !has(taking.item.past, item.index),
    );
  };
  const isPlacedBefore = (device: DeviceId, about: DeviceId): boolean => {
    const standing = standings.get(device);
    const order = standing && orders.get(standing.user);
    if (!standing || !order) return false;
    const place = order.findIndex((other) => other.device === about);
    return place < 0 || order.indexOf(standing) < place;
  };

  const settle = (user: UserId, theirs: Map<DeviceId, Item>): void => {
    const order: DeviceStanding[] = [];
    orders.set(user, order);
    const place = (device: DeviceId, first: Item, rest: Omit<DeviceStanding, 'device' | 'user' | 'first'>): void => {
      const standing = { device, user, first, ...rest };
      standings.set(device, standing);
      order.push(standing);
      open.delete(device);
    };
    const open = new Map([...theirs].sort(([, a], [, b]) => inOrder(a, b)));
    const [genesis] = items as [Item];
    const named = genesis.user === user && genesis.acts.find((act) => act.type === 'confirm');
    // What founds a personal space follows from the phrase, so it is no device of anybody.
    if (named) place(genesis.device, genesis, { type: 'refused', until: 0, seen: true });
    const beginning = named ? named.device : firstOf(items, user, open);
    const first = open.get(beginning);
    if (first) place(beginning, first, { type: 'first', until: 0, seen: true });
    while (open.size > 0) {
      const confirmed = [...open].find(([device, came]) =>
        wordsOn('confirm', device).some(
          ({ item, act }) =>
            item.user === user &&
            standings.get(act.by)?.user === user &&
            speaks(standings.get(act.by), item, device, came),
        ),
      );
      if (confirmed) {
        place(...confirmed, { type: 'confirmed', until: 0, seen: true });
        continue;
      }
      const next = [...open]
        .map(([device, came]) => ({ device, came, ...sinceOf(user, device, came) }))
        .sort((a, b) => a.since - b.since || inOrder(a.came, b.came))[0];
      if (!next) return;
      const { device, came, since, seen } = next;
      const until = since + RESTORE_DELAY_MS;
      const veto = wordsOn('veto', device).find(
        ({ item }) =>
          item.user === user &&
          speaks(standings.get(item.device), item, device, came) &&
          (!has(item.past, came.index) || item.hlc < until),
      );
      const alone = !order.some((older) => isLive(older, device));
      if (veto) place(device, came, { type: 'refused', until, veto, seen });
      else place(device, came, { type: alone ? 'first' : 'waiting', until: alone ? 0 : until, seen });
    }
  };
  /** Not taken away by one that is older than `than`. */
  const isLive = (older: DeviceStanding, than: DeviceId): boolean =>
    older.type !== 'refused' &&
    !wordsOn('revokeDevice', older.device).some(
      ({ item }) => item.user === older.user && item.device !== than && standings.has(item.device) && rules(item),
    );
  /** ND2. */
  const sinceOf = (user: UserId, device: DeviceId, came: Item): { since: number; seen: boolean } => {
    let older = Number.POSITIVE_INFINITY;
    let others = Number.POSITIVE_INFINITY;
    for (const { item } of wordsOn('notice', device)) {
      if (item.user === user) {
        if (speaks(standings.get(item.device), item, device, came)) older = Math.min(older, item.hlc);
      } else if (!has(earliest(firsts.get(item.user)).past, came.index)) others = Math.min(others, item.hlc);
    }
    const told = [older, others].filter((at) => at !== Number.POSITIVE_INFINITY);
    return { since: Math.max(came.hlc, ...told), seen: others !== Number.POSITIVE_INFINITY };
  };

  for (const [user, theirs] of firsts) if (theirs.size > 1) settle(user, theirs);
  const heard = (item: Item): boolean => {
    const mine = standings.get(item.device);
    // The only device of a person, of one that has not come here yet.
    if (!orders.has(item.user)) return ALL.heard(item);
    return item.acts.every((act) => {
      if (act.type !== 'notice' && act.type !== 'veto') return false;
      const theirs = standings.get(act.device);
      if (theirs && (theirs.user !== item.user || !isPlacedBefore(item.device, act.device))) return false;
      return speaks(mine, item, act.device, theirs?.first);
    });
  };
  const all = [...standings.values()];
  const vetoes = all.flatMap(({ veto }) => veto ?? []);
  return {
    of: (device) => standings.get(device),
    rules,
    heard,
    mayCount: (item) => (isVeto(item) ? heard(item) : !needsSay(item.acts) || rules(item)),
    vetoes,
    waiting: all.filter(({ type }) => type === 'waiting'),
  };
};

const earliest = (theirs: ReadonlyMap<DeviceId, Item> | undefined): Item =>
  [...(theirs?.values() ?? [])].sort(inOrder)[0] as Item;

/**
 * With which device somebody came in. Where several came by a link of their own, whoever holds the phrase and the link may
 * have dated theirs back: it is the one that others built upon first.
 */
const firstOf = (items: readonly Item[], user: UserId, open: ReadonlyMap<DeviceId, Item>): DeviceId => {
  const [genesis] = items as [Item];
  if (genesis.user === user) return genesis.device;
  const joins = [...open].filter(([, { acts }]) => acts[0]?.type === 'join');
  const [only, other] = joins;
  if (!only || !other) return (only ?? ([...open][0] as [DeviceId, Item]))[0];
  const builtOn = items.find((item) => item.user !== user && joins.some(([, came]) => has(item.past, came.index)));
  return (joins.find(([, came]) => builtOn && has(builtOn.past, came.index)) ?? only)[0];
};
