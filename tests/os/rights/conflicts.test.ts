/** What is told of decisions made apart: the named cases, in both orders of arrival, and when it is told no more. */
import { describe, expect, test } from 'vitest';
import { type Act, type Role, rankOf } from '../../../src/os/rights/acl';
import { type Conflict, conflictsIn } from '../../../src/os/rights/conflicts';
import { type AclEntry, createRights, type Rights } from '../../../src/os/rights/resolve';
import { type SpaceId, spaceIdOf } from '../../../src/vm/op/ids';
import { type Actor, actorOf, unsigned } from '../../support/histories';

const NONCE = new Uint8Array(32);
const grant = ({ user }: Actor, role: Role, notAfter?: number): Act => ({
  type: 'grant',
  user,
  role,
  notAfter,
  cut: [],
  certificate: undefined,
});
const revoke = ({ user }: Actor): Act => ({ type: 'revoke', user, cut: [] });

/** The creator makes people of each name what they are; everybody knows of it. */
const scene = (roles: Readonly<Record<string, Role>>) => {
  const first = actorOf('creator', undefined);
  const space: SpaceId = spaceIdOf(first.user, first.device, 'team', NONCE);
  const creator = actorOf('creator', space);
  const people: Record<string, Actor> = { creator };
  const entries: AclEntry[] = [];
  let time = 1_000;
  const sign = (by: Actor, heads: readonly AclEntry[], ...acts: readonly Act[]): AclEntry => {
    time += 1_000;
    const cited = heads.map(({ entry }) => entry.id);
    return unsigned(space, by, time, by.seq++, { version: 1, heads: cited, acts });
  };
  const { certificate } = creator;
  let last = sign(creator, [], { type: 'genesis', kind: 'team', nonce: NONCE, roomKey: NONCE, certificate });
  entries.push(last);
  for (const [name, role] of Object.entries(roles)) {
    const actor = actorOf(name, space);
    people[name] = actor;
    last = sign(creator, [last], grant(actor, role));
    entries.push(last);
    const named = sign(actor, [last], { type: 'certify', certificate: actor.certificate });
    entries.push(named);
    last = named;
  }
  const rightsOf = (items: readonly AclEntry[]): Rights => {
    const rights = createRights(space);
    for (const item of [...entries, ...items]) expect(rights.add(item), item.body.acts[0]?.type).toBe(true);
    return rights;
  };
  const nameOf = (user: string): string => Object.entries(people).find(([, actor]) => actor.user === user)?.[0] ?? '?';
  const told = ({ kind, subject, sides }: Conflict) => ({
    kind,
    subject: nameOf(subject),
    sides: sides
      .map(
        ({ by, about, did, rank, counts }) =>
          `${nameOf(by)} ${did}${did === 'role' ? ` ${rank}` : ''} ${nameOf(about)}${counts ? '' : ', void'}`,
      )
      .sort(),
  });
  /** The same in both orders. */
  const tell = (...items: readonly AclEntry[]) => {
    const orders = [items, [...items].reverse()].filter(
      (order) =>
        order === items ||
        items.every(({ body }) => body.heads.every((head) => !items.some(({ entry }) => entry.id === head))),
    );
    const answers = orders.map((order) => {
      const rights = rightsOf(order);
      const role = (name: string): string => rights.role((people[name] as Actor).user);
      return { told: conflictsIn(rights).map(told), ids: conflictsIn(rights).map(({ id }) => id), role };
    });
    const [answer] = answers;
    for (const other of answers) expect(other.ids).toEqual(answer?.ids);
    return answer as NonNullable<typeof answer>;
  };
  return { people: people as Record<string, Actor>, last, sign, tell };
};

describe('conflicts', () => {
  test('[CF1] case 4: a removal and a concurrent extension: out, and both words are told', () => {
    const { people, last, sign, tell } = scene({ adam: 'admin', x: 'member' });
    const { creator, adam, x } = people as Record<'creator' | 'adam' | 'x', Actor>;
    const removal = sign(adam, [last], revoke(x));
    const extension = sign(creator, [last], grant(x, 'member', 9_000_000));
    const { told, role } = tell(removal, extension);
    expect(role('x')).toBe('none');
    expect(told).toEqual([
      { kind: 'different', subject: 'x', sides: ['adam removed x', `creator role ${rankOf('member')} x`] },
    ]);
    // Whoever knew of both has spoken: no more is told.
    const again = sign(creator, [removal, extension], grant(x, 'member'));
    expect(tell(removal, extension, again).told).toEqual([]);
    expect(tell(removal, extension, again).role('x')).toBe('member');
    // A word that knew of one of them alone answers nothing.
    const half = sign(creator, [extension], grant(x, 'guest'));
    expect(tell(removal, extension, half).told.map(({ kind }) => kind)).toEqual(['different', 'different']);
  });

  test('[CF1] case 5: an Admin removes whom an Owner makes an Admin: in, and both words are told', () => {
    const { people, last, sign, tell } = scene({ adam: 'admin', x: 'member' });
    const { creator, adam, x } = people as Record<'creator' | 'adam' | 'x', Actor>;
    const { told, role } = tell(sign(adam, [last], revoke(x)), sign(creator, [last], grant(x, 'admin')));
    expect(role('x')).toBe('admin');
    expect(told).toEqual([
      { kind: 'different', subject: 'x', sides: ['adam removed x', `creator role ${rankOf('admin')} x`] },
    ]);
  });

  test('[CF1] two Admins give one person different roles; the same role twice is no conflict', () => {
    const { people, last, sign, tell } = scene({ adam: 'admin', bea: 'admin', x: 'member', y: 'member' });
    const { adam, bea, x, y } = people as Record<'adam' | 'bea' | 'x' | 'y', Actor>;
    const first = sign(adam, [last], grant(x, 'guest'), grant(y, 'guest'));
    const second = sign(bea, [last], grant(x, 'member', 9_000_000), grant(y, 'guest'));
    expect(tell(first, second).told).toEqual([
      {
        kind: 'different',
        subject: 'x',
        sides: [`adam role ${rankOf('guest')} x`, `bea role ${rankOf('member')} x`],
      },
    ]);
    expect(tell(sign(adam, [last], revoke(x)), sign(bea, [last], revoke(x))).told).toEqual([]);
  });

  test('[CF2] cases 2 and 3: two who removed each other, of whom one had been demoted meanwhile', () => {
    const { people, last, sign, tell } = scene({ adam: 'admin', x: 'member' });
    const { creator, adam, x } = people as Record<'creator' | 'adam' | 'x', Actor>;
    const removal = sign(adam, [last], revoke(x));
    const swap = sign(creator, [last], grant(adam, 'member'), grant(x, 'admin'));
    const back = sign(x, [swap], revoke(adam));
    const { told, role } = tell(removal, swap, back);
    expect([role('adam'), role('x')]).toEqual(['none', 'admin']);
    expect(told.filter(({ kind }) => kind === 'mutual')).toEqual([
      { kind: 'mutual', subject: 'adam', sides: ['adam removed x, void', 'x removed adam'] },
    ]);
    // Not told once more as a word that does not count.
    expect(told.filter(({ kind }) => kind === 'void')).toEqual([]);
    // An Owner who knew of it all ends it.
    const end = sign(creator, [removal, back], grant(adam, 'member'), grant(x, 'member'));
    expect(tell(removal, swap, back, end).told).toEqual([]);
  });

  test('[CF3] what an Admin decided after being removed, unknowing, is told as not counting', () => {
    const { people, last, sign, tell } = scene({ adam: 'admin', x: 'member' });
    const { creator, adam, x } = people as Record<'creator' | 'adam' | 'x', Actor>;
    const out = sign(creator, [last], revoke(adam));
    const word = sign(adam, [last], grant(x, 'guest'));
    const { told, role } = tell(out, word);
    expect(role('x')).toBe('member');
    expect(told).toEqual([{ kind: 'void', subject: 'x', sides: [`adam role ${rankOf('guest')} x, void`] }]);
  });

  test('one decision after the other, and what people decide about themselves, is no conflict', () => {
    const { people, last, sign, tell } = scene({ adam: 'admin', x: 'member' });
    const { creator, adam, x } = people as Record<'creator' | 'adam' | 'x', Actor>;
    const removal = sign(adam, [last], revoke(x));
    expect(tell(removal, sign(creator, [removal], grant(x, 'member'))).told).toEqual([]);
    const leave = sign(x, [last], { type: 'leave', user: x.user, cut: [] });
    expect(tell(leave, sign(creator, [last], grant(x, 'admin'))).told).toEqual([]);
  });
});
