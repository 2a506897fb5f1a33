/**
 * `os.search`: what was written, by words and by who, where, what and when. Answers only what is in the graphs as the asking
 * view sees them now: what was removed, held or is somebody else's is looked up before it is shown.
 */
import { isHex } from '../../base/bytes';
import { namelessName } from '../../base/called';
import type { BacklinksAnswer, SearchAnswer, SearchRow } from '../../bridge/messages';
import type { GraphNode } from '../../vm/graph/engine';
import type { NodeId, SpaceId, UserId } from '../../vm/op/ids';
import { isBlocked } from '../schema/blocking';
import { type App, defineApp, query, textField, type View } from '../schema/define';
import type { Registry } from '../schema/registry';
import { findIn } from '../search/find';
import type { Item } from '../search/index';
import { isEmpty, MAX_QUESTION, type Question, readQuestion } from '../search/question';
import { rangesIn, snippetOf } from '../search/snippet';
import { foldWord, stemOf, wordsOf } from '../search/words';
import { contentOf, SEARCH, type Search } from './search';

const PAGE = 20;
const MAX_PAGE = 100;
/** Hits that turn out not to be shown are made up for so often. */
const ROUNDS = 8;

const optional = { optional: true } as const;
const id = { type: 'id', ...optional } as const;
const number = { type: 'number', ...optional } as const;

type SearchFacts = {
  search(): Search;
  registry(): Registry;
  /** Of the space itself. */
  title(space: SpaceId): string;
  /** ms */
  now(): number;
};

const NOTHING_ASKED = readQuestion('', { now: 0, offset: 0 });

/** What one question needs to know of names, each looked up once. */
type Names = {
  /** Whether what it lies in is there. */
  stands(item: Item): boolean;
  fits(item: Item, question: Question): boolean;
};

export const searchApp = (facts: SearchFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      backlinks: query({
        describes: `What refers to an object: answers, links in messages and documents, relations; the newest first, at most ${MAX_PAGE}. Comments on it are not told here.`,
        args: { id: { type: 'id' } },
        run: (view, { id: object }): BacklinksAnswer => {
          const search = facts.search();
          view.note(SEARCH);
          search.refresh();
          const rows = [...search.ties.sourcesOf(object)].flatMap((source) => {
            const found = search.index.find(source)?.item;
            const row = found && rowOf(view, facts, found, NOTHING_ASKED, 0);
            if (!row || row.objectId === object || isBlocked(view, row.author.userId)) return [];
            const links = view.graph(found.space as SpaceId)?.blocks(found.id as NodeId) ?? [];
            const link = links.find(({ target }) => target?.includes(object));
            return [{ ...row, block: link?.blockId ?? row.block }];
          });
          const sorted = rows.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
          return { rows: sorted.slice(0, MAX_PAGE), indexing: search.progress };
        },
      }),
      search: query({
        describes:
          'What was written, by words, the best and newest first; `text` may narrow too (from: in: type: app: before: after:).',
        args: {
          text: { type: 'text', max: MAX_QUESTION },
          spaceId: id,
          /** A channel or document. */
          within: id,
          author: id,
          app: { type: 'text', max: 40, ...optional },
          type: { type: 'text', max: 40, ...optional },
          after: number,
          before: number,
          limit: number,
          skip: number,
          /** Minutes from UTC to where the person is. */
          offset: number,
          /** What whoever asks calls people without a name. */
          nameless: { type: 'text', max: 40, ...optional },
        },
        run: (view, args): SearchAnswer => {
          const search = facts.search();
          view.note(SEARCH);
          search.refresh();
          const asked = readQuestion(args.text, { now: facts.now(), offset: args.offset ?? 0 });
          const question: Question = {
            ...asked,
            after: Math.max(asked.after ?? Number.NEGATIVE_INFINITY, args.after ?? Number.NEGATIVE_INFINITY),
            before: Math.min(asked.before ?? Number.POSITIVE_INFINITY, args.before ?? Number.POSITIVE_INFINITY),
          };
          const narrowed = [args.spaceId, args.within, args.author, args.app, args.type, args.after, args.before];
          if (isEmpty(asked) && narrowed.every((value) => value === undefined))
            return { rows: [], more: false, indexing: search.progress, filters: asked.filters };
          const spaces = new Set<string>(view.spaces.filter((space) => view.graph(space) !== undefined));
          const names = namesIn(view, facts, args.nameless ?? '');
          const blocked = new Map<string, boolean>();
          const isHidden = (author: string): boolean => {
            const known = blocked.get(author) ?? isBlocked(view, author);
            blocked.set(author, known);
            return known;
          };
          const accepts = (item: Item): boolean =>
            spaces.has(item.space) &&
            (args.spaceId === undefined || item.space === args.spaceId) &&
            (args.within === undefined || item.within === args.within) &&
            (args.author === undefined || item.author === args.author) &&
            (args.type === undefined || isType(facts.registry(), item.type, args.type)) &&
            (args.app === undefined || facts.registry().searched().get(item.type)?.app === args.app) &&
            names.stands(item) &&
            names.fits(item, question) &&
            !isHidden(item.author);
          const weigh = (item: Item): number => search.ties.weightOf(item.id);
          const limit = Math.max(1, Math.min(MAX_PAGE, Math.floor(args.limit ?? PAGE)));
          const wanted = Math.max(0, Math.floor(args.skip ?? 0)) + limit + 1;
          const rows: SearchRow[] = [];
          for (let round = 0, skip = 0; round < ROUNDS && rows.length < wanted; round++) {
            const size = wanted - rows.length;
            const hits = findIn(search.index, question, { accepts, weigh, now: facts.now(), skip, limit: size });
            for (const { item, best } of hits) {
              const row = rowOf(view, facts, item, question, best);
              if (row) rows.push(row);
            }
            skip += size;
            if (hits.length < size) break;
          }
          return {
            rows: rows.slice(wanted - limit - 1, wanted - 1),
            more: rows.length >= wanted,
            indexing: search.progress,
            filters: asked.filters,
          };
        },
      }),
    },
  });

/** `undefined` for what is not there any more, or not for this view. */
const rowOf = (view: View, facts: SearchFacts, item: Item, question: Question, best: number): SearchRow | undefined => {
  const space = item.space as SpaceId;
  const graph = view.graph(space);
  const node = graph?.node(item.id as NodeId);
  const searched = node && facts.registry().searched().get(node.type);
  const place = graph?.node(item.within as NodeId);
  if (!graph || !node || node.deleted || !searched || !place || place.deleted) return undefined;
  const { title, text } = contentOf(graph, node, searched);
  const { rule } = searched;
  const snippet = snippetOf(text, question, best);
  const about = rule.about === undefined ? '' : textField(node, rule.about);
  const block = rule.block === undefined ? '' : textField(node, rule.block);
  const kindOf = (of: GraphNode): string => facts.registry().searched().get(of.type)?.rule.names[0] ?? '';
  return {
    id: item.id,
    spaceId: space,
    objectId: isHex(about, 16) ? about : item.id,
    app: searched.app,
    type: rule.names[0] as string,
    title,
    titleRanges: rangesIn(title, question),
    snippet: snippet.text,
    ranges: snippet.ranges,
    author: view.person(space, node.author),
    at: item.at,
    place: { id: place.id, title: textField(place, 'title'), type: kindOf(place) },
    line: rule.document ? snippet.line : null,
    block: block === '' ? null : block,
  };
};

const isType = (registry: Registry, type: string, asked: string): boolean => {
  const word = stemOf(foldWord(asked));
  return (registry.searched().get(type)?.rule.names ?? []).some((name) => stemOf(foldWord(name)) === word);
};

const isOfApp = (registry: Registry, type: string, asked: string): boolean => {
  const searched = registry.searched().get(type);
  const word = stemOf(foldWord(asked));
  return searched !== undefined && [searched.app, ...searched.called].some((name) => stemOf(foldWord(name)) === word);
};

const namesIn = (view: View, facts: SearchFacts, nameless: string): Names => {
  const known = new Map<string, boolean>();
  const once = (key: string, look: () => boolean): boolean => {
    const fits = known.get(key) ?? look();
    known.set(key, fits);
    return fits;
  };
  return {
    stands: ({ space, within }) =>
      once(`s ${within}`, () => view.graph(space as SpaceId)?.node(within as NodeId)?.deleted === false),
    fits: (item, { narrowed }) =>
      narrowed.type.every((asked) =>
        once(`t ${asked} ${item.type}`, () => isType(facts.registry(), item.type, asked)),
      ) &&
      narrowed.app.every((asked) =>
        once(`a ${asked} ${item.type}`, () => isOfApp(facts.registry(), item.type, asked)),
      ) &&
      narrowed.from.every((asked) =>
        once(`f ${asked} ${item.space} ${item.author}`, () => {
          if (ME.has(foldWord(asked))) return item.author === view.me.userId;
          const { name, userId } = view.person(item.space as SpaceId, item.author as UserId);
          return isCalled(name || namelessName(nameless, userId), asked);
        }),
      ) &&
      narrowed.in.every((asked) =>
        once(`i ${asked} ${item.within}`, () => {
          const place = view.graph(item.space as SpaceId)?.node(item.within as NodeId);
          const title = place === undefined ? '' : textField(place, 'title');
          return isCalled(title, asked) || isCalled(facts.title(item.space as SpaceId), asked);
        }),
      ),
  };
};
const ME = new Set(['me', 'я', 'меня']);

/** Every word asked for begins a word of the name. */
const isCalled = (name: string, asked: string): boolean => {
  const words = wordsOf(name);
  return wordsOf(asked).every(({ text }) => words.some((word) => word.text.startsWith(text)));
};
