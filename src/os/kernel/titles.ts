/**
 * What things are called: the titles of all that stands in the outline of a space, folded for the palette, so that a letter costs
 * one look at each. Made when somebody first asks, and kept up from what changes. Knows types only by how they are searched;
 * tells nothing that the asking view could not read anyway.
 */
import { fits, foldName, Leading } from '../../base/called';
import type { PlaceRow } from '../../bridge/messages';
import type { ChangeSet, Engine, GraphNode } from '../../vm/graph/engine';
import { msOf } from '../../vm/op/clock';
import type { NodeId, SpaceId } from '../../vm/op/ids';
import { type App, defineApp, query, textField } from '../schema/define';
import type { Registry } from '../schema/registry';
import { withCovers } from './covers';
import { placeRow, recentIn } from './places';
import type { Space } from './space';

/** Touched when something is called otherwise, is new, or went. */
const TITLES = 'titles';

const ROWS = 50;
/** Changes of more than that at once are not followed: all is read anew when somebody asks. */
const MANY = 500;

type Title = { readonly row: PlaceRow; readonly folded: string; readonly at: number };
type Readable = Pick<Space, 'id' | 'replica'>;

export class Titles {
  readonly #bySpace = new Map<SpaceId, { readonly of: Engine; readonly titles: Map<NodeId, Title> }>();

  constructor(
    private readonly registry: Pick<Registry, 'searched'>,
    private readonly touched: (topic: string) => void,
  ) {}

  of(space: Readable): Iterable<Title> {
    const { engine } = space.replica;
    const known = this.#bySpace.get(space.id);
    if (known?.of === engine) return known.titles.values();
    const titles = new Map<NodeId, Title>();
    const graph = withCovers(space);
    for (const [type, { home, rule }] of this.registry.searched()) {
      if (home !== 'outline' || rule.title === undefined) continue;
      for (const node of graph.nodesOfType(type)) {
        const title = this.#titleOf(space.id, node);
        if (title) titles.set(node.id, title);
      }
    }
    this.#bySpace.set(space.id, { of: engine, titles });
    return titles.values();
  }
  /** `changes` as covers show them. */
  folded(space: Readable, { nodes, types }: ChangeSet): void {
    const known = this.#bySpace.get(space.id);
    if (!known) return;
    if (known.of !== space.replica.engine || nodes.size > MANY) {
      this.#bySpace.delete(space.id);
      return this.touched(TITLES);
    }
    const searched = this.registry.searched();
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
    const searched = node && this.registry.searched().get(node.type);
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
