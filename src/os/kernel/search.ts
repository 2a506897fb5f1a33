/**
 * Feeds the full-text index from the graphs: notes what changed, and takes it in later, in slices between other work. What is
 * still due and little is taken in before an answer, so that what was just written is found. The index lives in memory and is
 * built anew at each start. It decides nothing about rights: the graphs hold only what this person may read.
 *
 * GW1 while somebody is at work it goes on in small slices with long rests; it never stops (GW2).
 */
import { KeyedQueue } from '../../base/queue';
import { readable } from '../../base/reference';
import type { ChangeSet, Engine, GraphNode } from '../../vm/graph/engine';
import { msOf } from '../../vm/op/clock';
import { contentShardOf, type NodeId, type ShardId, type SpaceId } from '../../vm/op/ids';
import { textField } from '../schema/define';
import type { Searched } from '../schema/registry';
import { COVER } from '../schema/system';
import { type Content, SearchIndex } from '../search/index';
import type { KernelContext } from './context';
import { coveredChanges, withCovers } from './covers';
import type { Space } from './space';
import { Ties, targetsOf } from './ties';

/** Touched when the index took something in. */
export const SEARCH = 'search';

/** After a change, so that typing is taken in once; after a start, which has better things to do. */
const SOON_MS = 500;
const START_MS = 1_500;
/** Between slices, at least and at most. */
const GAP_MS = 12;
const MOST_MS = 200;
/** UTF-16 units in one slice; what looking at an object costs; bytes of lists that are merged in one. */
const SLICE = 20_000;
const LOOK = 40;
const MERGE = 60_000;
/** Of a text that is read anew, so much counts as one unit. */
const READING = 8;
/** While somebody is at work: of a slice this part, and so many times the rest. */
const GIVEN = 1 / 5;
const LONGER = 4;
/** While much is due, those who watch hear of every so many slices. */
const TELL = 16;
/** So many are taken in before an answer. */
const FEW = 64;

type Readable = Pick<Space, 'id' | 'replica'>;
type Progress = { readonly done: number; readonly total: number };

export class Search {
  index = new SearchIndex();
  readonly #due = new KeyedQueue<NodeId, SpaceId>();
  #putting: Generator<number, void> | undefined;
  #most = 0;
  #slices = 0;
  #timer: (() => void) | undefined;
  #started = false;
  readonly #engines = new Map<SpaceId, Engine>();
  /** Shard -> what it belongs to, and the objects of the outline that are in there. */
  readonly #places = new Map<ShardId, NodeId>();
  readonly #placed = new Set<NodeId>();
  /** What lies in something that is not here yet. */
  readonly #homeless = new Map<NodeId, SpaceId>();
  readonly ties: Ties;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'registry' | 'kind' | 'calm'>,
    private readonly spaces: () => ReadonlyMap<SpaceId, Readable>,
    private readonly changed: () => void,
  ) {
    this.ties = new Ties(context, changed);
  }

  /** What was loaded is taken in from now on. */
  start(): void {
    this.#started = true;
    this.#later(START_MS);
    this.ties.start();
  }
  stop(): void {
    this.#started = false;
    this.ties.stop();
    this.#timer?.();
    this.#timer = undefined;
  }

  /** Its graph came whole: all that is searched in it is due. */
  began({ id, replica }: Readable): void {
    const { engine } = replica;
    this.#engines.set(id, engine);
    for (const type of this.context.registry.searched().keys())
      for (const node of engine.idsOfType(type)) this.#due.set(node, id);
    this.#most = Math.max(this.#most, this.#due.size);
    if (this.#due.size > 0) this.#later(SOON_MS);
  }
  folded(space: Readable, given: ChangeSet): void {
    if (this.context.kind === 'beacon') return;
    const { engine, outline } = space.replica;
    // A graph built anew does not tell what is not in it any more.
    const before = this.#engines.get(space.id);
    this.#engines.set(space.id, engine);
    if (before && before !== engine) this.#allOf(space.id);
    const changes = coveredChanges(space, given);
    for (const ids of [changes.nodes, changes.documents.keys(), changes.rebuilt]) {
      for (const id of ids) {
        const type = engine.node(id)?.type;
        if (type === undefined || this.#searched(type)) this.#due.set(id, space.id);
      }
    }
    const placed = changes.types.has(COVER) || [...changes.nodes].some((id) => engine.node(id)?.shard === outline);
    if (placed && this.#homeless.size > 0) {
      for (const [id, of] of this.#homeless) this.#due.set(id, of);
      this.#homeless.clear();
    }
    this.#most = Math.max(this.#most, this.#due.size);
    if (this.#due.size > 0) this.#later(SOON_MS);
  }

  /** A space is not held here any more. */
  dropped(space: SpaceId): void {
    this.#engines.delete(space);
    this.#allOf(space);
    if (this.#due.size > 0) this.#later(SOON_MS);
  }

  /** Before an answer: what is little is taken in at once. */
  refresh(): void {
    if (this.#due.size > FEW) return;
    if (this.#due.size === 0 && !this.#putting) return;
    this.#work(SLICE);
    this.changed();
  }
  /** While much is still due. */
  get progress(): Progress | null {
    return this.#due.size > FEW ? { done: this.#most - this.#due.size, total: this.#most } : null;
  }
  get figures(): Record<string, number> {
    return { searchObjects: this.index.size, searchBytes: this.index.bytes, searchDue: this.#due.size };
  }

  // --- Slices --------------------------------------------------------------------------------------------------

  #later(ms: number): void {
    if (!this.#started || this.#timer) return;
    this.#timer = this.context.ports.clock.after(ms, () => {
      this.#timer = undefined;
      this.#slice();
    });
  }
  #slice(): void {
    const { clock } = this.context.ports;
    const began = clock.now();
    const due = this.#due.size > 0 || this.#putting !== undefined;
    // What is little is what was just written, and is found soon.
    const gives = this.#due.size > FEW && this.context.calm.inMs > 0;
    const part = gives ? GIVEN : 1;
    if (due) {
      this.#work(SLICE * part);
      this.#slices = (this.#slices + 1) % TELL;
      if (this.#due.size <= FEW || this.#slices === 0) this.changed();
    }
    const more = this.#due.size > 0 || this.#putting !== undefined;
    const merges = !more && this.index.tend(MERGE * part);
    if (this.index.worn) this.#renew();
    // Half of the time at most: somebody may be about to type.
    const rest = Math.max(GAP_MS, Math.abs(clock.now() - began)) * (gives ? LONGER : 1);
    if (more || merges) this.#later(Math.min(MOST_MS, rest));
  }
  #work(budget: number): void {
    const graphs = new Map<SpaceId, Engine | undefined>();
    for (let spent = 0; spent < budget; spent += LOOK) {
      const next = this.#putting?.next();
      if (next && !next.done) {
        spent += next.value;
        continue;
      }
      this.#putting = undefined;
      const due = this.#due.take();
      if (!due) break;
      const [id, spaceId] = due;
      if (!graphs.has(spaceId)) graphs.set(spaceId, this.#graphOf(spaceId));
      spent += this.#look(id, spaceId, graphs.get(spaceId));
    }
    if (this.#due.size === 0) this.#most = 0;
  }
  #graphOf(id: SpaceId): Engine | undefined {
    const space = this.spaces().get(id);
    return space?.replica.readable ? withCovers(space) : undefined;
  }

  /** Most of the index is of the past. */
  #renew(): void {
    const old = this.index;
    this.index = new SearchIndex();
    this.#putting = undefined;
    for (const id of old.ids()) this.#due.set(id as NodeId, old.find(id)?.item.space as SpaceId);
    this.#most = this.#due.size;
    this.#later(GAP_MS);
  }
  #allOf(space: SpaceId): void {
    for (const id of this.index.ids())
      if (this.index.find(id)?.item.space === space) this.#due.set(id as NodeId, space);
  }

  // --- Objects -------------------------------------------------------------------------------------------------

  #searched(type: string): Searched | undefined {
    return this.context.registry.searched().get(type);
  }

  /** Begins to take in what an object is now; gives what looking at it cost. */
  #look(id: NodeId, space: SpaceId, graph: Engine | undefined): number {
    const node = graph?.node(id);
    const searched = node && this.#searched(node.type);
    if (!graph || !node || node.deleted || !searched) {
      this.index.remove(id);
      this.ties.put(id);
      return 0;
    }
    this.ties.put(id, targetsOf(graph, node));
    const within = searched.home === 'outline' ? id : this.#placeOf(space, node.shard, graph);
    if (within === undefined) {
      this.#homeless.set(id, space);
      this.index.remove(id);
      return 0;
    }
    // A message is as old as its first word, a document as its last.
    const at = msOf(searched.home === 'outline' ? node.updatedAt : node.createdAt);
    const item = { id, space, type: node.type, author: node.author, within, at };
    const content = contentOf(graph, node, searched);
    this.#putting = this.index.put(item, content);
    return content.text.length / READING;
  }

  /** What a content shard belongs to; looked for among the objects of the outline that were not there before. */
  #placeOf(space: SpaceId, shard: ShardId, graph: Engine): NodeId | undefined {
    const known = this.#places.get(shard);
    if (known) return known;
    for (const [type, { home }] of this.context.registry.searched()) {
      if (home !== 'outline') continue;
      for (const { id } of graph.nodesOfType(type)) {
        if (this.#placed.has(id)) continue;
        this.#placed.add(id);
        this.#places.set(contentShardOf(space, id), id);
      }
    }
    return this.#places.get(shard);
  }
}

/** What is searched in a node, as it is now. */
export const contentOf = (graph: Engine, node: GraphNode, { rule }: Searched): Content => ({
  title: rule.title === undefined ? '' : textField(node, rule.title),
  text: rule.document
    ? graph.documentText(node.id)
    : rule.text === undefined
      ? ''
      : unmarked(readable(textField(node, rule.text))),
});

/** Signs that make words bold, struck, code or a quote are not read, and not shown in a snippet. */
const unmarked = (text: string): string => text.replace(/\*\*|~~|`+|^> ?/gm, '');
