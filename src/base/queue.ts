/**
 * What waits, by key, each once, first come first served. A `Map` alone would do, but finding its first entry walks over all
 * that were taken before it until it is rebuilt: with hundreds of thousands that is most of the work. It knows no time.
 */
export class KeyedQueue<K, V> {
  readonly #waiting = new Map<K, V>();
  #next = this.#waiting.entries();

  get size(): number {
    return this.#waiting.size;
  }
  /** One that waits keeps its place. */
  set(key: K, value: V): void {
    this.#waiting.set(key, value);
  }
  take(): readonly [K, V] | undefined {
    if (this.#waiting.size === 0) return undefined;
    let next = this.#next.next();
    if (next.done) {
      // An iterator that came to the end stays there.
      this.#next = this.#waiting.entries();
      next = this.#next.next();
    }
    const [key] = next.value as [K, V];
    this.#waiting.delete(key);
    return next.value;
  }
}
