/** Numbers in a row that grows: what a plain array holds in a tenth of the memory. No checks; callers stay in range. */
class Column<A extends Int32Array | Float64Array | Uint16Array | Uint8Array> {
  length = 0;
  constructor(
    public all: A,
    private readonly larger: (length: number) => A,
  ) {}

  push(value: number): number {
    if (this.length === this.all.length) {
      const next = this.larger(Math.max(64, this.length * 2));
      next.set(this.all as never);
      this.all = next;
    }
    this.all[this.length] = value;
    return this.length++;
  }
  at(place: number): number {
    return this.all[place] as number;
  }
  /** As long as needed and no longer. */
  trimmed(): A {
    return this.all.slice(0, this.length) as A;
  }
}

export const ints = (): Column<Int32Array> => new Column(new Int32Array(0), (length) => new Int32Array(length));
export const shorts = (): Column<Uint16Array> => new Column(new Uint16Array(0), (length) => new Uint16Array(length));
export const bytes = (): Column<Uint8Array> => new Column(new Uint8Array(0), (length) => new Uint8Array(length));

/** Seven bits a byte, the low ones first. */
export const pushVarint = (into: { push(value: number): number }, value: number): void => {
  let rest = value;
  while (rest > 127) {
    into.push((rest & 127) | 128);
    rest >>>= 7;
  }
  into.push(rest);
};
