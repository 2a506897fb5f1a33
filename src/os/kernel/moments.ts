/**
 * Moments that watched queries wait for, such as the end of a snooze: when network time passes one, whoever asked is told. A
 * moment that nobody waits for any more comes all the same, once.
 */
import type { KernelContext } from './context';

/** Clocks are set and machines sleep: it is looked at least so often while a moment lies ahead. */
const LOOK_MS = 30_000;
/** More are not waited for; the nearest are. */
const MAX_MOMENTS = 2_000;

export class Moments {
  readonly #ahead = new Set<number>();
  #cancel: () => void = () => {};
  #next = Number.POSITIVE_INFINITY;

  constructor(
    private readonly context: () => Pick<KernelContext, 'ports' | 'time'>,
    private readonly came: (at: number) => void,
  ) {}

  passed(at: number): boolean {
    if (at <= this.context().time.now()) return true;
    if (!Number.isFinite(at) || this.#ahead.has(at)) return false;
    this.#ahead.add(at);
    if (this.#ahead.size > MAX_MOMENTS) this.#ahead.delete(Math.max(...this.#ahead));
    if (at < this.#next) this.#arm();
    return false;
  }
  stop(): void {
    this.#cancel();
    this.#ahead.clear();
  }

  #arm(): void {
    this.#cancel();
    this.#next = Math.min(...this.#ahead);
    if (this.#next === Number.POSITIVE_INFINITY) return;
    const wait = Math.min(LOOK_MS, Math.max(1, Math.ceil(this.#next - this.context().time.now())));
    this.#cancel = this.context().ports.clock.after(wait, () => this.#look());
  }
  #look(): void {
    const now = this.context().time.now();
    const over = [...this.#ahead].filter((at) => at <= now);
    for (const at of over) this.#ahead.delete(at);
    this.#arm();
    for (const at of over) this.came(at);
  }
}
