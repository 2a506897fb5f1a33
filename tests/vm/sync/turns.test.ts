import { describe, expect, test } from 'vitest';
import { TURN_RULES, Turns } from '../../../src/vm/sync/turns';

type Peer = 'a' | 'b' | 'c' | 'd';
const ALL: readonly Peer[] = ['a', 'b', 'c', 'd'];
const FULL = { fresh: 48_000, isFull: true };
const REPEATED = { fresh: 0, isFull: true };

/** Who is held, by what was said so far. */
const worldOf = (rules: ConstructorParameters<typeof Turns>[0] = TURN_RULES, peers = ALL) => {
  const turns = new Turns<Peer>(rules);
  const held = new Set<Peer>();
  const asked: Peer[] = [];
  let now = 1_000;
  const perform = (outputs: ReturnType<Turns<Peer>['tick']>): void => {
    for (const { type, peer } of outputs) {
      if (type === 'hold') held.add(peer);
      else held.delete(peer);
      if (type === 'ask') asked.push(peer);
    }
  };
  return {
    turns,
    held,
    asked,
    came: (peer: Peer, what: { fresh: number; isFull: boolean }) => perform(turns.came(peer, what, peers, now)),
    gone: (peer: Peer) =>
      perform(
        turns.gone(
          peer,
          peers.filter((other) => other !== peer),
          now,
        ),
      ),
    /** Each `everyMs` who is not held does what it does. */
    run: (ms: number, does: Partial<Record<Peer, () => void>> = {}, everyMs = 100) => {
      for (const end = now + ms; now < end; ) {
        now += everyMs;
        while (turns.wakeAt <= now) perform(turns.tick(peers, now, 0));
        for (const peer of peers) if (!held.has(peer)) does[peer]?.();
      }
    },
  };
};

describe('turns', () => {
  test('[TN1] whoever first brings much gives, and all others are held until all was given', () => {
    const { turns, held, asked, came } = worldOf();
    came('a', { fresh: 900, isFull: false });
    came('b', REPEATED);
    expect([turns.giver, held.size]).toEqual([undefined, 0]);
    came('c', FULL);
    expect([turns.giver, [...held]]).toEqual(['c', ['a', 'b', 'd']]);
    came('a', FULL);
    expect(turns.giver).toBe('c');
    came('c', { fresh: 10, isFull: false });
    expect([turns.giver, held.size, asked]).toEqual([undefined, 0, []]);
    // It has given what it had; whoever has more is next.
    came('c', FULL);
    expect(turns.giver).toBeUndefined();
    came('b', FULL);
    expect(turns.giver).toBe('b');
  });

  test('[TN2] after three seconds of silence, or with the link, all others are asked at once', () => {
    for (const end of ['silence', 'repeats', 'link'] as const) {
      const { turns, held, asked, came, gone, run } = worldOf();
      came('a', FULL);
      run(2_900, end === 'repeats' ? { a: () => came('a', REPEATED) } : {});
      expect([held.size, asked]).toEqual([3, []]);
      if (end === 'link') gone('a');
      else run(100);
      expect([turns.giver, held.size, asked]).toEqual([undefined, 0, ['b', 'c', 'd']]);
      came('a', FULL);
      expect(turns.giver).toBe(end === 'link' ? 'a' : undefined);
    }
  });

  test('[TN2] no turn is longer than a minute, and the next one is of somebody else', () => {
    const { turns, came, run } = worldOf();
    came('a', FULL);
    run(59_900, { a: () => came('a', FULL) });
    expect(turns.giver).toBe('a');
    run(100, { a: () => came('a', FULL), b: () => came('b', FULL) });
    expect(turns.giver).toBe('b');
  });

  /** One who lets a full message through each 2.9 s, and another who has it all. */
  const trickled = (rules?: ConstructorParameters<typeof Turns>[0]): number => {
    const { came, run } = worldOf(rules, ['a', 'b']);
    let [given, at] = [0, 0];
    came('a', FULL);
    run(
      30_000,
      {
        a: () => {
          if (++at % 29 === 0) came('a', FULL);
        },
        b: () => {
          given++;
          came('b', FULL);
        },
      },
      100,
    );
    return given;
  };
  test('[TN3] whoever lets it trickle loses the turn to whoever gives more; without the trial it does not', () => {
    expect(trickled()).toBeGreaterThan(240);
    expect(trickled({ ...TURN_RULES, trialMs: Number.POSITIVE_INFINITY })).toBe(0);
  });

  test('[TN3] who is asked as well and brings what has come already, or nothing, is held again, and asked ever less often', () => {
    const { turns, held, asked, came, run } = worldOf();
    came('a', FULL);
    run(50_000, { a: () => came('a', FULL), b: () => came('b', REPEATED), c: () => {}, d: () => came('d', REPEATED) });
    expect(turns.giver).toBe('a');
    expect([...held].sort()).toEqual(['b', 'c', 'd']);
    expect(asked).toEqual(['b', 'c', 'd']);
  });
});
