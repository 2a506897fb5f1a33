/** A seeded generator (xorshift128) for simulations and tests. Not for secrets: those come from the `Random` port. */
export type SeededRandom = {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  bytes(length: number): Uint8Array<ArrayBuffer>;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
};

export const seededRandom = (seed: number): SeededRandom => {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 0xb7e15162 | 0];
  const step = (): number => {
    let t = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    t ^= t >>> 8;
    d = d ^ (d >>> 19) ^ t;
    return d >>> 0;
  };
  for (let i = 0; i < 16; i++) step();
  const below = (bound: number): number => Math.floor((step() / 0x100000000) * bound);
  return {
    next: () => step() / 0x100000000,
    below,
    bytes: (length) => Uint8Array.from({ length }, () => step() & 0xff),
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    shuffle: (items) => {
      const mixed = [...items];
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [mixed[i], mixed[j]] = [mixed[j] as (typeof mixed)[number], mixed[i] as (typeof mixed)[number]];
      }
      return mixed;
    },
  };
};
