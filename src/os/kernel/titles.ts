/**
 * What things are called: the titles of all that stands in the outline of a space, folded for the palette, so that a letter costs
 * one look at each. Made after a start, in steps that give way, and kept up from what changes; who asks before waits for the rest.
 * Knows types only by how they are searched; tells nothing that the asking view could not read anyway.
 */
import { fits, foldName, Leading } from '../../base/called';
import type { PlaceRow } from '../../bridge/messages';
import type { ChangeSet, Engine, GraphNode } from '../../vm/graph/engine';
import { msOf } from '../../vm/op/clock';
import type { NodeId, SpaceId } from '../../vm/op/ids';
import { type App, defineApp, query, textField } from '../schema/define';
import type { Registry } from '../schema/registry';
import type { KernelContext } from './context';
import { withCovers } from './covers';
import { Ended, Pace } from './pace';
import { placeRow, recentIn } from './places';
import type { Space } from './space';

/** Touched when something is called otherwise, is new, or went. */
const TITLES = 'titles';

const ROWS = 50;
/** Changes of more than that at once are not followed: all is read anew when somebody asks. */
const MANY = 500;

/** After a start, which has better things to do; objects looked at in one step. */
const START_MS = 1_500;
const STEP = 50;

type Title = { readonly row: PlaceRow; readonly folded: string; readonly at: number };
type Readable = Pick<Space, 'id' | 'replica'>;
/** `due`: not looked at yet. */
type Kept = { readonly of: Engine; readonly titles: Map<NodeId, Title>; readonly due: NodeId[] };

export class Titles {
  readonly #bySpace = new Map<SpaceId, Kept>();
  #pace: Pace | undefined;
  #timer: (() => void) | undefined;
  #started = false;
  /** Something else became due while it was being made. */
  #again = false;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'calm'> & {
      readonly registry: Pick<Registry, 'searched'>;
    },
    private readonly spaces: () => ReadonlyMap<SpaceId, Readable>,
    private readonly touched: (topic: string) => void,
  ) {}

  /** From now on they are made before anybody asks. */
  start(): void {
    this.#started = true;
    this.#later();
  }
  stop(): void {
    this.#started = false;
    this.#timer?.();
    this.#timer = undefined;
    this.#pace?.end();
  }

  of(space: Readable): Iterable<Title> {
    const kept = this.#keptOf(space);
    this.#take(space, kept, kept.due.length);
    return kept.titles.values();
  }
  /** How many objects are still to be looked at. */
  due(space: Readable): number {
    return this.#keptOf(space).due.length;
  }

  #later(): void {
    this.#again = true;
    if (!this.#started || this.#timer) return;
    this.#timer = this.context.ports.clock.after(START_MS, () => {
      this.#again = false;
      void this.#make()
        .catch((fault: unknown) => {
          if (!(fault instanceof Ended)) this.context.ports.log('fault', { message: String(fault) });
        })
        .finally(() => {
          this.#timer = undefined;
          if (this.#again) this.#later();
        });
    });
  }
  async #make(): Promise<void> {
    const pace = new Pace(this.context);
    this.#pace = pace;
    for (const { id } of [...this.spaces().values()]) {
      for (;;) {
        await pace.rest();
        // It may have gone, or be another by now.
        const space = this.spaces().get(id);
        if (!space?.replica.readable) break;
        const kept = this.#keptOf(space);
        if (kept.due.length === 0) break;
        this.#take(space, kept, STEP);
      }
    }
  }
  #keptOf(space: Readable): Kept {
    const { engine } = space.replica;
    const known = this.#bySpace.get(space.id);
    if (known?.of === engine) return known;
    const graph = withCovers(space);
    const due: NodeId[] = [];
    for (const [type, { home, rule }] of this.context.registry.searched())
      if (home === 'outline' && rule.title !== undefined) due.push(...graph.idsOfType(type));
    const kept = { of: engine, titles: new Map(), due };
    this.#bySpace.set(space.id, kept);
    return kept;
  }
  #take(space: Readable, { titles, due }: Kept, most: number): void {
    if (due.length === 0) return;
    const graph = withCovers(space);
    for (const id of due.splice(-most)) {
      const title = this.#titleOf(space.id, graph.node(id));
      if (title) titles.set(id, title);
    }
  }
  /** `changes` as covers show them. */
  folded(space: Readable, { nodes, types }: ChangeSet): void {
    const known = this.#bySpace.get(space.id);
    if (!known) return this.#later();
    if (known.of !== space.replica.engine || nodes.size > MANY) {
      this.#bySpace.delete(space.id);
      this.#later();
      return this.touched(TITLES);
    }
    const searched = this.context.registry.searched();
    if (![...types].some((type) => searched.get(type)?.home === 'outline')) return;
    const graph = withCovers(space);
    let isOther = false;
    for (const id of nodes) {
      const before = known.titles.get(id);
      const now = this.#titleOf(space.id, graph.node(id));
      if (now) known.titles.set(id, now);
      else known.titles.delete(id);
      isOther ||= before?.row.title !== now?.row.title || before?.row.icon !== now?.row.icon;
    }
    if (isOther) this.touched(TITLES);
  }

  dropped(space: SpaceId): void {
    this.#bySpace.delete(space);
  }

  #titleOf(space: SpaceId, node: GraphNode | undefined): Title | undefined {
    const searched = node && this.context.registry.searched().get(node.type);
    if (!node || node.deleted || searched?.home !== 'outline' || searched.rule.title === undefined) return undefined;
    const title = textField(node, searched.rule.title);
    return { row: placeRow(space, node), folded: foldName(title.trim()), at: msOf(node.updatedAt) };
  }
}

type TitlesFacts = { titles(): Titles; space(id: SpaceId): Space | undefined };

export const titlesApp = (facts: TitlesFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      titles: query({
        describes: `Channels, documents and whatever else has a title, in all your spaces, by what they are called: of each kind the ${ROWS} that fit best, where you were last first, then the last changed.`,
        args: {
          text: { type: 'text', max: 200 },
          /** One kind alone. */
          kind: { type: 'text', max: 40, optional: true },
          /** What is called so that has no title. */
          untitled: { type: 'text', max: 40, optional: true },
        },
        run: (view, { text, kind, untitled = '' }): readonly PlaceRow[] => {
          view.note(TITLES);
          const words = foldName(text.trim());
          const nameless = fits(foldName(untitled), words);
          const recent = new Map<string, number>(recentIn(view).map((id, place) => [id, place]));
          type Hit = { readonly title: Title; readonly fit: number };
          const placeOf = ({ title: { row } }: Hit): number => recent.get(row.id) ?? recent.size;
          const compare = (a: Hit, b: Hit): number =>
            b.fit - a.fit ||
            placeOf(a) - placeOf(b) ||
            b.title.at - a.title.at ||
            (a.title.row.id < b.title.row.id ? -1 : 1);
          const best = new Map<string, Leading<Hit>>();
          for (const id of view.spaces) {
            const space = facts.space(id);
            if (!view.graph(id) || !space) continue;
            for (const title of facts.titles().of(space)) {
              const fit = title.folded === '' ? nameless : fits(title.folded, words);
              if (fit === 0 || (kind !== undefined && title.row.kind !== kind)) continue;
              let leading = best.get(title.row.kind);
              if (!leading) {
                leading = new Leading(compare, ROWS);
                best.set(title.row.kind, leading);
              }
              leading.add({ title, fit });
            }
          }
          return [...best.values()].flatMap(({ rows }) => rows.map(({ title }) => title.row));
        },
      }),
    },
  });
