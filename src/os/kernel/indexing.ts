/**
 * The indexes of the spaces that somebody asks questions of: made at the first question, filled in slices between other work, kept
 * up from what the graph takes in, and thrown away with the graph they were made of.
 */
import type { ChangeSet, Engine } from '../../vm/graph/engine';
import type { SpaceId } from '../../vm/op/ids';
import type { FollowSource } from '../graph/follow';
import { Indexes } from '../graph/indexes';
import { COVER } from '../schema/system';
import type { KernelContext } from './context';
import { withCovers } from './covers';
import type { Space } from './space';
import { positionIn } from './view';

/** Nodes taken in at once: a few milliseconds. */
const SLICE = 500;

type Kept = { readonly engine: Engine; readonly graph: Engine; readonly indexes: Indexes };

export class Indexing {
  readonly #kept = new Map<SpaceId, Kept>();

  constructor(
    private readonly context: () => Pick<KernelContext, 'registry' | 'ports' | 'identity'>,
    private readonly isHeld: (space: SpaceId) => boolean,
    /** What could not be told for want of them can be now. */
    private readonly made: (space: SpaceId) => void,
  ) {}

  /** `undefined` for a space that cannot be read. */
  source(space: Space): FollowSource | undefined {
    if (!space.replica.readable) return undefined;
    const kept = this.#of(space);
    const indexes = kept.indexes.ready ? kept.indexes : undefined;
    return { source: { space: space.id, engine: kept.graph, indexes }, of: kept };
  }

  /** What stands for closed parts comes and goes with its covers, whose changes do not tell of it: then all begins anew. */
  folded(space: Space, changes: ChangeSet): void {
    const kept = this.#kept.get(space.id);
    if (!kept) return;
    if (kept.engine !== space.replica.engine || changes.types.has(COVER)) this.#kept.delete(space.id);
    else this.#changed(space.id, kept, changes);
  }

  #changed(space: SpaceId, kept: Kept, changes: ChangeSet): void {
    const wasReady = kept.indexes.ready;
    kept.indexes.changed(changes.nodes);
    // Too much for the next question to wait for.
    if (wasReady && !kept.indexes.ready) this.#build(space, kept);
  }

  #of(space: Space): Kept {
    const { engine } = space.replica;
    const known = this.#kept.get(space.id);
    if (known?.engine === engine) return known;
    const graph = withCovers(space);
    const types = this.context().registry.applicationTypes();
    const indexes = new Indexes(graph, types, (entry) => positionIn(space, entry), this.context().identity?.user);
    const kept = { engine, graph, indexes };
    this.#kept.set(space.id, kept);
    this.#build(space.id, kept);
    return kept;
  }

  #build(space: SpaceId, kept: Kept): void {
    if (this.#kept.get(space) !== kept || !this.isHeld(space)) return;
    if (kept.indexes.build(SLICE)) this.made(space);
    else void this.context().ports.clock.after(0, () => this.#build(space, kept));
  }
}
