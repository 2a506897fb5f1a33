/**
 * Rights that end by themselves: when network time passes the end of one, whoever looks at that space is told, as after
 * any other change of rights. Whether a right holds at a time is answered by the rights; here is only when to ask again.
 */
import type { KernelContext } from './context';
import type { Space } from './space';

/** Clocks are set and machines sleep: it is looked at least so often while an end lies ahead. */
const LOOK_MS = 30_000;

export class Endings {
  #cancel: () => void = () => {};
  #seen: number;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'time'>,
    private readonly spaces: () => Iterable<Space>,
    private readonly ended: (space: Space) => void,
  ) {
    this.#seen = context.time.now();
  }

  /** Rights changed, or time did. */
  look(): void {
    this.#cancel();
    const now = this.context.time.now();
    let next = Number.POSITIVE_INFINITY;
    const over: Space[] = [];
    for (const space of this.spaces()) {
      const ends = endsIn(space);
      if (ends.some((end) => end < now && end >= this.#seen)) over.push(space);
      next = Math.min(next, ...ends.filter((end) => end >= now));
    }
    this.#seen = now;
    if (next < Number.POSITIVE_INFINITY) {
      // The right holds through its last millisecond.
      const wait = Math.min(LOOK_MS, Math.max(1, Math.ceil(next - now) + 1));
      this.#cancel = this.context.ports.clock.after(wait, () => this.look());
    }
    for (const space of over) this.ended(space);
  }

  stop(): void {
    this.#cancel();
  }
}

const endsIn = ({ replica: { rights } }: Space): readonly number[] =>
  [...rights.members().keys()].flatMap((user) => rights.right(user).limits.notAfter ?? []);
