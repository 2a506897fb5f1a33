/** Earlier states against folding from nothing: at any moment, in any order of arrival, in slices and with what comes late. */
import { describe, expect, it } from 'vitest';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import { Pasts } from '../../../src/os/kernel/pasts';
import type { Space } from '../../../src/os/kernel/space';
import { graphModule } from '../../../src/platform/engine';
import type { Engine, FoldEntry } from '../../../src/vm/graph/engine';
import type { Op } from '../../../src/vm/op/body';
import { type Hlc, hlcOf } from '../../../src/vm/op/clock';
import { createFold } from '../../support/fold/fold';
import { Device, OPEN, OUTLINE, SPACE, typingHistory } from '../../vm/graph/world';

const graph = graphModule();

/** A clock that runs what is due when it is told to. */
const handClock = () => {
  let due: (() => void)[] = [];
  return {
    now: () => 0,
    after: (_ms: number, run: () => void) => {
      due.push(run);
      return () => {};
    },
    /** Gives whether anything ran. */
    turn: (): boolean => {
      const now = due;
      due = [];
      for (const run of now) run();
      return now.length > 0;
    },
  };
};

/** What the pasts see of a space that holds these entries: as they are after admission. */
const holding = () => {
  const users = new Map<string, string>();
  const ops = new Map<string, readonly Op[]>();
  /** Whether bodies are in memory. */
  const memory = { has: true, openings: 0 };
  const contentOf = (id: string) => {
    const said = ops.get(id) ?? [];
    return { ops: said, text: said.some(({ type }) => type === 'textUpdate') };
  };
  const replica = {
    bases: new Map(),
    baseRound: 0,
    opened: ({ id }: { id: string }) => (memory.has ? contentOf(id) : undefined),
    open: async ({ id }: { id: string }) => {
      memory.openings++;
      return contentOf(id);
    },
    entries: new Map<string, unknown>(),
    judged: new Map<string, string>(),
    rights: { userOf: (device: string) => users.get(device) },
    engine: createFold(OPEN),
  };
  const space = { id: SPACE, replica } as unknown as Space;
  const admit = (entries: readonly FoldEntry[]): void => {
    for (const entry of entries) {
      const { id, log, ops: said, role, author, ...header } = entry;
      users.set(entry.device, author);
      replica.entries.set(id, { id, log, header });
      ops.set(id, said);
      replica.judged.set(id, role);
    }
    replica.engine.apply(entries);
  };
  return { space, admit, memory };
};
const shuffled = <T>(random: SeededRandom, items: readonly T[]): readonly T[] => {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
};
const hashOf = (engine: Engine): string => Buffer.from(engine.stateHash([]).space).toString('hex');
const fromNothing = (entries: readonly FoldEntry[], at: Hlc): Engine => {
  const engine = createFold(OPEN);
  engine.apply(entries.filter((entry) => entry.hlc <= at));
  return engine;
};

/** A document that several type into, and a tree that they move about. */
const historyOf = (seed: number): readonly FoldEntry[] => {
  const typed = typingHistory(seed, 40).entries;
  const random = seededRandom(seed);
  const device = new Device('mover', 'member');
  const births = Array.from({ length: 6 }, () => device.born('Document'));
  const moved: FoldEntry[] = births.map((birth, i) => device.write([birth], 2 + i));
  for (let i = 0; i < 30; i++) {
    const node = random.pick(births).node;
    const parent = random.below(3) === 0 ? '' : random.pick(births).node;
    const roll = random.below(4);
    moved.push(
      device.write(
        [
          roll === 0
            ? { type: 'nodeDel', node }
            : roll === 1
              ? { type: 'fieldSet', node, key: 'title', value: `"t${i}"` }
              : { type: 'move', node, parent, order: `a${i}` },
        ],
        10 + i,
        { shard: OUTLINE },
      ),
    );
  }
  return [...typed, ...moved];
};

describe('earlier states', () => {
  it('[PA1] [PA2] are the fold of all entries until then, whatever the order of arrival', () => {
    const clock = handClock();
    for (let seed = 1; seed <= 5; seed++) {
      const random = seededRandom(seed * 31);
      const entries = historyOf(seed);
      const { space, admit } = holding();
      admit(shuffled(random, entries));
      const pasts = new Pasts({ ports: { clock, graph } as never, rules: OPEN }, () => {});
      for (let i = 0; i < 5; i++) {
        const at = hlcOf(random.below(60));
        const past = pasts.at(space, at);
        expect(past.ready).toBe(true);
        expect(hashOf(past.engine), `seed ${seed} at ${at}`).toBe(hashOf(fromNothing(entries, at)));
      }
      expect(pasts.size).toBeLessThanOrEqual(6);
    }
  });

  it('[PA2] take in what comes late and is as old, and nothing that is newer', () => {
    const clock = handClock();
    for (let seed = 1; seed <= 4; seed++) {
      const entries = shuffled(seededRandom(seed), historyOf(100 + seed));
      const half = Math.floor(entries.length / 2);
      const at = hlcOf(25);
      const { space, admit } = holding();
      let told = 0;
      const pasts = new Pasts({ ports: { clock, graph } as never, rules: OPEN }, () => told++);
      admit(entries.slice(0, half));
      const { engine } = pasts.at(space, at);
      admit(entries.slice(half));
      pasts.folded(space);
      clock.turn();
      expect(told).toBe(1);
      expect(pasts.at(space, at).engine).toBe(engine);
      expect(hashOf(engine), `seed ${seed}`).toBe(hashOf(fromNothing(entries, at)));
    }
  });

  it('[PA3] many entries are folded in slices, and somebody waits for the whole', async () => {
    const clock = handClock();
    const device = new Device('many');
    const entries = Array.from({ length: 2_300 }, (_, i) => device.write([device.born()], 1 + i));
    const { space, admit } = holding();
    admit(entries);
    const pasts = new Pasts({ ports: { clock, graph } as never, rules: OPEN }, () => {});
    const at = hlcOf(2_200);
    expect(pasts.at(space, at)).toMatchObject({ ready: false, done: 0, total: 2_200 });
    let whole: Engine | undefined;
    const waited = pasts.settled(space, at).then((engine) => {
      whole = engine;
    });
    let turns = 0;
    while (clock.turn()) turns++;
    await waited;
    expect(turns).toBeGreaterThan(2);
    expect(whole && hashOf(whole)).toBe(hashOf(fromNothing(entries, at)));
    pasts.drop(space);
    expect(pasts.size).toBe(0);
  });

  it('[PA3] what is not in memory is opened, each once, before it is folded', async () => {
    const clock = handClock();
    const entries = historyOf(7);
    const { space, admit, memory } = holding();
    memory.has = false;
    const half = Math.floor(entries.length / 2);
    admit(entries.slice(0, half));
    const pasts = new Pasts({ ports: { clock, graph } as never, rules: OPEN }, () => {});
    const at = hlcOf(1_000);
    const settled = async () => {
      let whole: Engine | undefined;
      void pasts.settled(space, at).then((engine) => {
        whole = engine;
      });
      while (!whole) {
        clock.turn();
        await new Promise(setImmediate);
      }
      return whole;
    };
    expect(pasts.at(space, at)).toMatchObject({ ready: false, done: 0 });
    expect(hashOf(await settled())).toBe(hashOf(fromNothing(entries.slice(0, half), at)));
    admit(entries.slice(half));
    pasts.folded(space);
    clock.turn();
    expect(hashOf(await settled())).toBe(hashOf(fromNothing(entries, at)));
    expect(memory.openings).toBe(entries.length);
  });

  it('[PA2] are built anew when other entries count', () => {
    const { space, admit } = holding();
    admit(historyOf(3));
    const pasts = new Pasts({ ports: { clock: handClock(), graph } as never, rules: OPEN }, () => {});
    const { engine } = pasts.at(space, hlcOf(30));
    (space.replica as { engine: Engine }).engine = createFold(OPEN);
    expect(pasts.at(space, hlcOf(30)).engine).not.toBe(engine);
  });

  it('[PA4] what people called themselves is read once for each state, and again when something older comes', () => {
    const clock = handClock();
    const { space, admit } = holding();
    const people = Array.from({ length: 20 }, (_, i) => new Device(`person${i}`, 'member'));
    const profiles = people.map((person) => person.born('Profile'));
    const called = (i: number, name: string, ms: number): FoldEntry => {
      const { node } = profiles[i] as Extract<Op, { type: 'nodeNew' }>;
      return (people[i] as Device).write([{ type: 'fieldSet', node, key: 'name', value: `"${name}"` }], ms);
    };
    admit(people.map((person, i) => person.write([profiles[i] as Op], 1)));
    admit(people.map((_, i) => called(i, `then ${i}`, 10)));
    const pasts = new Pasts({ ports: { clock, graph } as never, rules: OPEN }, () => {});
    const at = hlcOf(15);
    const asked = (): { readonly names: readonly string[]; readonly read: number } => {
      const { engine, names } = pasts.at(space, at);
      const seen = people.map(({ user }) => names.person({ id: SPACE, replica: { engine } as never }, user).name);
      return { names: seen, read: names.read };
    };
    const then = people.map((_, i) => `then ${i}`);
    const first = pasts.at(space, at).names;
    expect(asked()).toEqual({ names: then, read: 20 });
    expect(asked()).toEqual({ names: then, read: 20 });
    admit([called(0, 'newer', 20)]);
    pasts.folded(space);
    clock.turn();
    expect(asked()).toEqual({ names: then, read: 20 });
    expect(pasts.at(space, at).names).toBe(first);
    admit([called(1, 'late', 12)]);
    pasts.folded(space);
    clock.turn();
    expect(asked()).toEqual({ names: then.with(1, 'late'), read: 20 });
    expect(first.read).toBe(20);
    expect(pasts.at(space, at).names).not.toBe(first);
  });
});
