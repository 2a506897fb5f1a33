/**
 * What happens when the storage is full: everybody is told, nothing new is begun, and what is not stored yet is tried again
 * until there is room. It decides nothing about entries: those that wait keep their order in the journal of their space.
 */
import type { SyncAnswer } from '../../bridge/messages';
import type { KernelContext } from './context';
import type { Space } from './space';

const RETRY_MS = 3_000;

export class Room {
  readonly #waiting = new Set<Space>();
  #usage: { readonly used: number; readonly quota: number | null } | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly spaces: () => Iterable<Space>,
    /** There is no room, there is room again, or more is known of it. */
    private readonly changed: () => void,
  ) {}

  get isFull(): boolean {
    return this.#waiting.size > 0;
  }
  /** What takes the room; `undefined` while there is some. */
  answer(): SyncAnswer['noRoom'] {
    if (!this.isFull) return undefined;
    const spaces = [...this.spaces()].map(({ id, bytes }) => ({ spaceId: id, bytes }));
    return {
      used: this.#usage?.used ?? null,
      quota: this.#usage?.quota ?? null,
      spaces: spaces.sort((a, b) => b.bytes - a.bytes),
    };
  }

  /** A journal found no room, or wrote what had waited for it. */
  told(space: Space, full: boolean): void {
    const before = this.isFull;
    if (full) this.#waiting.add(space);
    else this.#waiting.delete(space);
    if (this.isFull !== before) {
      this.context.ports.log(this.isFull ? 'storageFull' : 'storageHasRoom');
      this.changed();
    }
    if (this.isFull && !this.#cancel) this.#wait();
  }
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #wait(): void {
    if (this.#stopped) return;
    void this.#measure();
    this.#cancel = this.context.ports.clock.after(RETRY_MS, () => {
      this.#cancel = undefined;
      void this.#retry();
    });
  }
  async #retry(): Promise<void> {
    for (const space of this.#waiting) if (!(await space.replica.journal.retry())) break;
    if (this.isFull && !this.#cancel) this.#wait();
  }
  async #measure(): Promise<void> {
    try {
      const { used, quota } = await this.context.ports.storage.usage();
      this.#usage = { used, quota: quota ?? null };
      this.changed();
    } catch {
      // A storage that cannot say how full it is takes nothing away from what is known.
    }
  }
}
