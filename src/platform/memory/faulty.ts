/**
 * A disk that can lose power. Finished writes are visible at once, but only a finished `strict` write makes itself and
 * everything before it durable; a crash takes the rest, or all but a random beginning of it. A write in flight at the
 * crash is lost or kept whole, and its promise never settles: the process that waited for it is gone.
 * Killing a browser proves nothing about durability, because the operating system keeps its writes; this does.
 */
import type { SeededRandom } from '../../base/random';
import { err, ok, type Result } from '../../base/result';
import type { Durability, Storage, StorageError, Write } from '../../ports';
import { copyWrites } from '../rows';
import { Image } from './storage';

type InFlight = {
  readonly writes: readonly Write[];
  readonly durability: Durability;
  readonly done: (result: Result<void, StorageError>) => void;
};

export type FaultyStorage = {
  /** A handle on what is there now. Handles from before a crash are dead: nothing they are asked ever settles. */
  open(): Storage;
  /** `unsynced`: exactly what was never synced is lost. `torn`: a random beginning of it survives. */
  crash(kind: 'unsynced' | 'torn'): void;
  /** The next `count` writes to finish fail so, and write nothing. */
  failNext(type: StorageError['type'], count?: number): void;
  /** While held, writes stay in flight until `step` or `release`. */
  hold(): void;
  release(): void;
  /** Finishes the oldest write in flight; false when there is none. */
  step(): boolean;
  readonly inFlight: number;
  /** Finished writes that a crash would take. */
  readonly unsynced: number;
};

/** A write takes 1 to 8 turns of the microtask queue, drawn from `random`. */
export const faultyStorage = (random: SeededRandom): FaultyStorage => {
  const durable = new Image();
  let visible = new Image();
  let unsynced: (readonly Write[])[] = [];
  let inFlight: InFlight[] = [];
  let life = 0;
  let held = false;
  let pumping = false;
  const failures: StorageError['type'][] = [];

  const step = (): boolean => {
    const next = inFlight.shift();
    if (!next) return false;
    const failure = failures.shift();
    if (failure) {
      next.done(err({ type: failure, message: 'injected' }));
      return true;
    }
    visible.apply(next.writes);
    unsynced.push(next.writes);
    if (next.durability === 'strict') {
      for (const writes of unsynced) durable.apply(writes);
      unsynced = [];
    }
    next.done(ok(undefined));
    return true;
  };
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    while (inFlight.length > 0 && !held) {
      const started = life;
      for (let turns = 1 + random.below(8); turns > 0; turns--) await Promise.resolve();
      if (started === life && !held) step();
    }
    pumping = false;
  };
  const settlesIn = <T>(born: number, value: () => T): Promise<T> =>
    born === life ? Promise.resolve(value()) : new Promise<T>(() => {});

  return {
    open: () => {
      const born = life;
      let closed = false;
      return {
        write: (writes, durability) => {
          const copied = copyWrites(writes);
          return new Promise((done) => {
            if (born !== life) return;
            if (closed) return done(err({ type: 'failed', message: 'the storage is closed' }));
            inFlight.push({ writes: copied, durability, done });
            void pump();
          });
        },
        read: (table, key) => settlesIn(born, () => visible.read(table, key)),
        list: (table, prefix, after, limit) => settlesIn(born, () => visible.list(table, prefix, after, limit)),
        keys: (table, prefix) => settlesIn(born, () => visible.keys(table, prefix)),
        usage: () => settlesIn(born, () => ({ used: visible.used() })),
        close: async () => {
          closed = true;
        },
      };
    },
    crash: (kind) => {
      const atRisk = [...unsynced, ...inFlight.map(({ writes }) => writes)];
      const kept = kind === 'torn' ? random.below(atRisk.length + 1) : 0;
      for (const writes of atRisk.slice(0, kept)) durable.apply(writes);
      visible = durable.copy();
      unsynced = [];
      inFlight = [];
      failures.length = 0;
      life++;
    },
    failNext: (type, count = 1) => {
      for (let i = 0; i < count; i++) failures.push(type);
    },
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      void pump();
    },
    step,
    get inFlight() {
      return inFlight.length;
    },
    get unsynced() {
      return unsynced.length;
    },
  };
};
