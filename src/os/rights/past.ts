/** Sets of rights entries, by their number of arrival: what each had seen when it was signed. */
export type Past = Uint32Array;

export const NOTHING: Past = new Uint32Array(1);

export const has = (past: Past, index: number): boolean => ((past[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;

export const union = (sets: readonly Past[], ...more: readonly number[]): Past => {
  const size = Math.max(1, ...sets.map((set) => set.length), ...more.map((index) => (index >>> 5) + 1));
  const past = new Uint32Array(size);
  for (const set of sets) for (let i = 0; i < set.length; i++) past[i] = (past[i] as number) | (set[i] as number);
  for (const index of more) past[index >>> 5] = (past[index >>> 5] as number) | (1 << (index & 31));
  return past;
};

/** How many entries are in it. */
export const sizeOf = (past: Past): number => {
  let size = 0;
  for (let word of past) for (; word !== 0; word &= word - 1) size++;
  return size;
};
