/**
 * Sees to it that what is shared with people who may read single objects can be found by them: covers are written and kept
 * up to date, and names are told, by whichever member's node wakes first. What a cover says is in `covers.ts`.
 */
import type { ShardId, SpaceId } from '../../vm/op/ids';
import { mayRead } from '../rights/epochs';
import type { Commands } from './commands';
import type { KernelContext } from './context';
import { coversDue, profileParts } from './covers';
import type { Space } from './space';

const WAIT_MS = 300;
const SPREAD_MS = 2_700;

export class Sharing {
  readonly #due = new Set<SpaceId>();
  readonly #working = new Map<SpaceId, Promise<void>>();
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly commands: Pick<Commands, 'writeCover' | 'isNamedIn' | 'writeProfileIn'>,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  /** This person shared something now. Settles when it can be found. */
  now(space: Space): Promise<void> {
    const before = this.#working.get(space.id) ?? Promise.resolve();
    const work = before.then(() => this.#tend(space));
    this.#working.set(
      space.id,
      work.catch((fault) => this.context.ports.log('notCovered', { message: String(fault) })),
    );
    return work;
  }

  /** Rights or the outline changed: after a pause by chance, lest all members do the same. */
  soon(space: Space): void {
    if (this.#due.has(space.id) || this.#stopped || !this.context.identity) return;
    this.#due.add(space.id);
    const chance = (this.context.ports.random.bytes(1)[0] ?? 0) / 255;
    this.context.ports.clock.after(WAIT_MS + chance * SPREAD_MS, () => {
      this.#due.delete(space.id);
      if (!this.#stopped && this.#isDue(space)) void this.now(space).catch(() => {});
    });
  }

  /** Who reads and writes everything. */
  #mayCover(space: Space): boolean {
    const { identity, time } = this.context;
    const { rights } = space.replica;
    if (!identity || space.waitsForKey || !space.replica.currentEpoch()) return false;
    const role = rights.role(identity.user, time.now());
    return role !== 'none' && role !== 'guest' && mayRead(rights, identity.user, time.now()) === 'all';
  }
  #isDue(space: Space): boolean {
    const now = this.context.time.now();
    if (this.#mayCover(space) && coversDue(space, now).length > 0) return true;
    return this.#partsForName(space).length > 0;
  }
  /** Where this person's name is not told as it is now. */
  #partsForName(space: Space): readonly ShardId[] {
    if (!space.replica.holdsCurrent || space.waitsForKey) return [];
    const parts = profileParts(this.context, space, this.context.time.now());
    return parts.filter((shard) => !this.commands.isNamedIn(space, shard));
  }

  async #tend(space: Space): Promise<void> {
    if (this.#stopped) return;
    if (this.#mayCover(space))
      for (const due of coversDue(space, this.context.time.now())) await this.commands.writeCover(space, due);
    for (const shard of this.#partsForName(space)) await this.commands.writeProfileIn(space, shard);
  }
}
