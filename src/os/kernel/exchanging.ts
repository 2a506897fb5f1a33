/** Queries and commands about spaces as files: how an export goes, and spaces that only a file brought here. */
import { err } from '../../base/result';
import type { ExportedObject, ExportingAnswer, ImportingAnswer, MissingFilesAnswer } from '../../bridge/messages';
import type { Engine, GraphNode } from '../../vm/graph/engine';
import { msOf } from '../../vm/op/clock';
import type { BlobId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, DONE, deed, defineApp, notFound, query, type View } from '../schema/define';
import type { Registry } from '../schema/registry';
import type { Exchange } from './exchange';
import type { Exporting } from './exporting';
import { MAX_FILE } from './files';
import { blobOf } from './named-blobs';
import type { Space } from './space';

/** Touched when an export moved. */
export const EXCHANGE = 'exchange';

type ExchangingFacts = {
  exchange(): Pick<Exchange, 'importAnswer' | 'stopImport'>;
  exporting(): Pick<Exporting, 'answer' | 'stop'>;
  space(id: SpaceId): Space | undefined;
  registry(): Registry;
  /** Brings a file here. */
  wish(space: Space, blob: BlobId, size: number): Promise<void>;
  /** Of all applications, and the system's own. */
  types(): readonly string[];
  /** Whether there was such an archive, and it is gone. */
  removeArchive(space: SpaceId): Promise<boolean>;
};

const PAGE = 500;

/** Of the files that objects of a space name, those that are not on this device; removed objects name none. */
const missingIn = (view: View, { space, registry }: ExchangingFacts, id: SpaceId): ReadonlyMap<BlobId, number> => {
  const graph = view.graph(id);
  const missing = new Map<BlobId, number>();
  if (!graph) return missing;
  for (const [type, { blob }] of registry().applicationTypes())
    for (const node of blob === undefined ? [] : graph.nodesOfType(type)) {
      const named = node.deleted ? undefined : blobOf(registry(), node);
      const size = node.field('size');
      if (named && !space(id)?.blobs.has(named))
        missing.set(named, typeof size === 'number' && size >= 0 && size <= MAX_FILE ? Math.floor(size) : MAX_FILE);
    }
  return missing;
};

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
          facts.exporting().stop();
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
      fetchFiles: deed({
        describes:
          'Brings all files of a space to this device that `os.missingFiles` counts, as `os.fetchFile` does one.',
        args: { spaceId: { type: 'id' } },
        perform: async (view, { spaceId }) => {
          const space = facts.space(spaceId as SpaceId);
          if (!space || !view.graph(space.id)) return err(notFound('space'));
          for (const [blob, size] of missingIn(view, facts, space.id)) await facts.wish(space, blob, size);
          return DONE;
        },
      }),
      removeArchive: deed({
        describes: 'Removes a space from this device that a file brought here and that you are not in.',
        args: { spaceId: { type: 'id' } },
        // Its files go only where no other space stands on them.
        everywhere: true,
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
      missingFiles: query({
        describes: 'How many of the files of a space are not on this device, and their size in bytes as it was stated.',
        args: { spaceId: { type: 'id' } },
        run: (view, { spaceId }): MissingFilesAnswer => {
          view.note(topics.states(spaceId as SpaceId));
          const missing = missingIn(view, facts, spaceId as SpaceId);
          const coming = facts.space(spaceId as SpaceId)?.blobs.coming;
          return {
            files: missing.size,
            bytes: [...missing.values()].reduce((sum, size) => sum + size, 0),
            coming: [...missing.keys()].filter((blob) => coming?.get(blob)?.wished === true).length,
          };
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
          return facts.exporting().answer;
        },
      }),
    },
  });
