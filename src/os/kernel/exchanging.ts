/** Queries and commands about spaces as files: how an export goes, and spaces that only a file brought here. */
import { err } from '../../base/result';
import type { ExportedObject, ExportingAnswer, ImportingAnswer } from '../../bridge/messages';
import type { Engine, GraphNode } from '../../vm/graph/engine';
import { msOf } from '../../vm/op/clock';
import type { SpaceId } from '../../vm/op/ids';
import { type App, DONE, deed, defineApp, notFound, query } from '../schema/define';
import type { Exchange } from './exchange';

/** Touched when an export moved. */
export const EXCHANGE = 'exchange';

type ExchangingFacts = {
  exchange(): Pick<Exchange, 'answer' | 'stopExport' | 'importAnswer' | 'stopImport'>;
  /** Of all applications, and the system's own. */
  types(): readonly string[];
  /** Whether there was such an archive, and it is gone. */
  removeArchive(space: SpaceId): Promise<boolean>;
};

const PAGE = 500;

/** All there is to know of an object, as plain values. */
const objectOf = (graph: Engine, node: GraphNode): ExportedObject => ({
  id: node.id,
  type: node.type,
  author: node.author,
  createdAt: msOf(node.createdAt),
  updatedAt: msOf(node.updatedAt),
  ...(node.parent === '' ? {} : { parent: node.parent }),
  ...(node.order === '' ? {} : { order: node.order }),
  ...(node.deleted ? { removed: true } : {}),
  fields: Object.fromEntries(node.keys().map((key) => [key, node.field(key) ?? null])),
  relations: graph.edgesFrom(node.id).map(({ relation, to, value }) => ({ relation, to, value })),
});

export const exchangeApp = (facts: ExchangingFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      stopExport: deed({
        describes: 'Stops the export that os.exporting tells of.',
        args: {},
        perform: async () => {
          facts.exchange().stopExport();
          return DONE;
        },
      }),
      stopImport: deed({
        describes: 'Stops the import that os.importing tells of; of a space that was not here nothing is kept.',
        args: {},
        perform: async () => {
          facts.exchange().stopImport();
          return DONE;
        },
      }),
      removeArchive: deed({
        describes: 'Removes a space from this device that a file brought here and that you are not in.',
        args: { spaceId: { type: 'id' } },
        perform: async (_view, { spaceId }) =>
          (await facts.removeArchive(spaceId as SpaceId)) ? DONE : err(notFound('archive')),
      }),
    },
    queries: {
      objects: query({
        describes: `All objects of a space with all that is set in them, by id, ${PAGE} at a time: those after \`after\`.`,
        args: { spaceId: { type: 'id' }, after: { type: 'id', optional: true } },
        run: (view, { spaceId, after = '' }): readonly ExportedObject[] => {
          const graph = view.graph(spaceId as SpaceId);
          if (!graph) return [];
          const ids = facts.types().flatMap((type) => [...graph.nodesOfType(type)].map(({ id }) => id));
          const page = ids.filter((id) => id > after).sort();
          return page.slice(0, PAGE).flatMap((id) => {
            const node = graph.node(id);
            return node ? [objectOf(graph, node)] : [];
          });
        },
      }),
      importing: query({
        describes: 'How far the import of a file is; null while none is.',
        args: {},
        run: (view): ImportingAnswer => {
          view.note(EXCHANGE);
          return facts.exchange().importAnswer;
        },
      }),
      exporting: query({
        describes: 'The space that is being exported, and how far that is; null while none is.',
        args: {},
        run: (view): ExportingAnswer => {
          view.note(EXCHANGE);
          return facts.exchange().answer;
        },
      }),
    },
  });
