/**
 * The history of an object as people ask about it: what was changed, by whom, on which device and when; what it was at any
 * moment; and bringing that back as a new change. Nothing is rewritten.
 */
import { isHex, toBase64Url } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { HistoryRow, ObjectName, Refusal, StateAnswer, UndoLeft } from '../../bridge/messages';
import type { Engine, GraphNode, HistoryItem } from '../../vm/graph/engine';
import { type Hlc, msOf } from '../../vm/op/clock';
import { contentShardOf, type NodeId, type SpaceId } from '../../vm/op/ids';
import type { Draft } from '../graph/writer';
import {
  type App,
  DONE,
  deed,
  defineApp,
  mayRestore,
  notAllowed,
  notFound,
  notPossible,
  type Outcome,
  query,
  type TypeRule,
  type View,
  type Writer,
} from '../schema/define';
import type { Documents } from './documents';
import { nameOf } from './objects';
import { type Pasts, pastTopic } from './pasts';
import { differenceTo, keysOf, momentAsked, partsAbout, writeBack } from './restoring';
import { isPastAway, SHELF } from './shelf';
import type { Space } from './space';
import type { Committed, Deeds, TextStep } from './undoing';

const PAGE = 100;
const MAX_PAGE = 500;
/** A pause between two edits of one person that ends a row. */
const PAUSE_MS = 10 * 60_000;

export type HistoryFacts = {
  space(id: SpaceId): Space | undefined;
  pasts(): Pasts;
  documents(): Pick<Documents, 'revise'>;
  typeRule(type: string): TypeRule | undefined;
  /** Settles when what an object was at a moment can be told; rejects with a refusal. */
  changesHere(space: Space, object: NodeId, at: Hlc): Promise<void>;
  drafts(work: (write: Writer) => void): ReadonlyMap<SpaceId, readonly Draft[]>;
  commit(drafts: ReadonlyMap<SpaceId, readonly Draft[]>): Promise<Committed>;
  record(session: string, command: string, deeds: Deeds): string | undefined;
};

// --- What happened ---------------------------------------------------------------------------------------------------

type Found = { readonly space: Space; readonly node: GraphNode };
type Told = { first: HistoryItem; last: HistoryItem; changes: number; readonly before?: string | undefined };

/** Oldest first. Typing of one person on one device is told together while they make no long pause, whoever types beside. */
const toldOf = (items: readonly HistoryItem[]): readonly Told[] => {
  const told: Told[] = [];
  const typing = new Map<string, Told>();
  const held = new Map<string, string | undefined>();
  for (const item of items) {
    if (item.type === 'text') {
      const key = `${item.author} ${item.device}`;
      const open = typing.get(key);
      if (open && msOf(item.hlc) - msOf(open.last.hlc) <= PAUSE_MS) {
        open.last = item;
        open.changes++;
        continue;
      }
      const row: Told = { first: item, last: item, changes: 1 };
      typing.set(key, row);
      told.push(row);
      continue;
    }
    const { key = '' } = item;
    told.push({ first: item, last: item, changes: 1, before: item.type === 'field' ? held.get(key) : undefined });
    // What lost against a value written without knowledge of it was never what others went on from.
    if (item.type === 'field' && (item.won || !item.concurrent)) held.set(key, item.json);
  }
  return told.sort((a, b) => a.last.hlc - b.last.hlc);
};

const rowOf = (view: View, space: SpaceId, graph: Engine, { first, last, changes, before }: Told): HistoryRow => {
  const { type, key, json } = last;
  const named = (id: string): ObjectName => {
    const node = graph.node(id as NodeId);
    return node ? nameOf(node) : { id, title: '', kind: 'unknown' };
  };
  const tied = type === 'linked' || type === 'unlinked';
  const to: unknown = tied && json !== undefined ? JSON.parse(json) : undefined;
  return {
    id: first.op,
    entry: last.entry,
    at: msOf(last.hlc),
    author: view.person(space, last.author),
    deviceId: last.device,
    kind: type,
    lost: last.concurrent === true && last.won !== true,
    ...(key === undefined || type === 'moved' ? {} : { key }),
    ...(json === undefined || tied ? {} : { value: JSON.parse(json) }),
    ...(before === undefined ? {} : { before: JSON.parse(before) }),
    ...(type === 'moved' ? { target: key ? named(key) : null } : {}),
    ...(typeof to === 'string' ? { target: named(to) } : {}),
    ...(type === 'text' ? { from: msOf(first.hlc), changes } : {}),
  };
};

/** What was erased in a channel or document: nothing of it is left but who erased whose words, and when. */
const erasedIn = (view: View, { space, node }: Found) =>
  view
    .erased(space.id, contentShardOf(space.id, node.id))
    .filter(({ within }) => within === node.id)
    .flatMap((erased) => {
      const header = space.replica.entries.get(erased.entry)?.header;
      const row = (device: string): HistoryRow => ({
        id: erased.entry,
        entry: erased.entry,
        at: erased.at,
        author: view.person(space.id, erased.by),
        deviceId: device,
        kind: 'erased',
        of: view.person(space.id, erased.author),
        lost: false,
      });
      return header ? [{ id: erased.entry as string, hlc: header.hlc, row: () => row(header.device) }] : [];
    });

// --- What it was -----------------------------------------------------------------------------------------------------

const nothing = (found: Found, at: number): StateAnswer => ({
  id: found.node.id,
  at,
  ready: true,
  made: false,
  deleted: false,
  object: nameOf(found.node),
  fields: {},
  place: null,
  relations: [],
  text: '',
  differs: [],
  mayRestore: false,
});

const textStep = (
  documents: Pick<Documents, 'revise'>,
  space: Space,
  document: NodeId,
  before: Uint8Array,
  after: Uint8Array,
): TextStep => ({
  space: space.id,
  document,
  back: async () => {
    const done = await documents.revise(space, document, { from: after, to: before });
    return { redo: textStep(documents, space, document, done.before, done.after), left: done.left };
  },
});

const id = { type: 'id' } as const;
const moment = { at: { type: 'number', optional: true }, entry: { ...id, optional: true } } as const;
const noMoment = notPossible('noMoment', 'There is no such moment in its history.', 'Take one of os.history.');

export const historyApp = (facts: HistoryFacts): App => {
  const find = (view: View, text: string): Found | undefined => {
    const holding = isHex(text, 16) ? view.spaceOf(text as NodeId) : undefined;
    const space = holding && facts.space(holding);
    const node = holding && view.graph(holding)?.node(text as NodeId);
    return space && node ? { space, node } : undefined;
  };

  /** Without a moment: lifts the removal. */
  const lift = (view: View, found: Found): Result<ReadonlyMap<SpaceId, readonly Draft[]>, Refusal> => {
    if (!mayRestore(view, { space: found.space.id, node: found.node }))
      return err(notAllowed('Somebody else removed it.', 'Ask them, or an Admin, to restore it.'));
    return ok(facts.drafts((write) => write.restore(found.node.id)));
  };

  const goBack = async (
    view: View,
    { space, node }: Found,
    args: { readonly at?: number; readonly entry?: string; readonly only?: unknown },
    session: string,
  ): Promise<Outcome> => {
    const at = momentAsked(space, args);
    if (at === undefined) return err(noMoment);
    // What is compared with half a text differs in everything.
    try {
      await facts.changesHere(space, node.id, at);
    } catch (why) {
      return err(why as Refusal);
    }
    const past = await facts.pasts().settled(space, at, partsAbout(space, node));
    const only = Array.isArray(args.only) ? new Set(args.only.map(String)) : undefined;
    const difference = differenceTo(view, space, node, past, facts.typeRule(node.type), only);
    if (!difference) return err(notPossible('notMade', 'It was not there yet.', 'Choose a later moment.'));
    const keys = keysOf(difference);
    if (keys.length === 0 && difference.closed.length > 0)
      return err(notAllowed('You may not write what would change.', 'Ask an Owner or Admin of the space.'));
    const drafts = facts.drafts((write) => writeBack(write, node, difference));
    const { changes, fault } = await facts.commit(drafts);
    const texts: TextStep[] = [];
    if (difference.text && !fault) {
      const done = await facts.documents().revise(space, node.id, { to: past.documentUpdate(node.id) });
      texts.push(textStep(facts.documents(), space, node.id, done.before, done.after));
    }
    const step = facts.record(session, 'os.restore', { changes, texts });
    if (fault) return err(fault);
    const left = difference.closed.map(({ key, why }): UndoLeft => ({ why, key, object: nameOf(node) }));
    return ok({
      done: String(keys.length),
      ...(step === undefined ? {} : { step }),
      ...(left.length > 0 ? { left: JSON.stringify(left) } : {}),
    });
  };

  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      restore: deed({
        describes:
          'Brings something removed back; with `at` (ms) or `entry`, an earlier state of any object, as a new change: all of it that you may write, or `only` some (keys of fields, text, parent, relations, deleted).',
        args: { id, ...moment, only: { type: 'json', max: 4_000, optional: true } },
        perform: async (view, args, _now, session) => {
          const found = find(view, args.id);
          if (!found) return err(notFound('object'));
          if (args.at !== undefined || args.entry !== undefined) return goBack(view, found, args, session);
          const drafts = lift(view, found);
          if (!drafts.ok) return drafts;
          const { changes, fault } = await facts.commit(drafts.value);
          const step = facts.record(session, 'os.restore', { changes });
          if (fault) return err(fault);
          return step === undefined ? DONE : ok({ step });
        },
      }),
    },
    queries: {
      history: query({
        describes: `The changes of an object, the newest first: \`limit\` of them (${PAGE} unless told, at most ${MAX_PAGE}), those before the row \`before\`. Typing of one person is told together.`,
        args: { id, limit: { type: 'number', optional: true }, before: { type: 'text', max: 80, optional: true } },
        run: (view, { id: asked, limit = PAGE, before }): readonly HistoryRow[] => {
          const found = find(view, asked);
          const graph = found && view.graph(found.space.id);
          if (!found || !graph) return [];
          const told = toldOf(graph.history(found.node.id)).map((each) => ({
            id: each.first.op as string,
            hlc: each.last.hlc,
            row: () => rowOf(view, found.space.id, graph, each),
          }));
          const all = [...told, ...erasedIn(view, found)].sort((a, b) => b.hlc - a.hlc || (a.id < b.id ? 1 : -1));
          const start = before === undefined ? 0 : all.findIndex((each) => each.id === before) + 1;
          if (before !== undefined && start === 0) return [];
          const size = Math.max(1, Math.min(MAX_PAGE, Math.floor(limit)));
          return all.slice(start, start + size).map((each) => each.row());
        },
      }),
      stateAt: query({
        describes:
          'An object as it was at a moment, `at` (ms) or that of an `entry`: fields, place, relations, text, and how it differs from now.',
        args: { id, ...moment, document: { type: 'flag', optional: true } },
        changesOf: (args) => args.id,
        run: (view, args): StateAnswer | null => {
          const found = find(view, args.id);
          const at = found && momentAsked(found.space, args);
          if (!found || at === undefined) return null;
          const { space, node } = found;
          view.note(pastTopic(space.id));
          view.note(SHELF);
          if (isPastAway(space, node.id, at)) return { ...nothing(found, msOf(at)), ready: false };
          const past = facts.pasts().at(space, at, partsAbout(space, node));
          if (!past.ready) return { ...nothing(found, msOf(at)), ready: false };
          const was = past.engine.node(node.id);
          const difference = was && differenceTo(view, space, node, past.engine, facts.typeRule(node.type));
          if (!was || !difference) return nothing(found, msOf(at));
          const above = was.parent === '' ? undefined : past.engine.node(was.parent);
          const differs = [...new Set([...keysOf(difference), ...difference.closed.map(({ key }) => key)])];
          return {
            id: node.id,
            at: msOf(at),
            ready: true,
            made: true,
            deleted: was.deleted,
            object: nameOf(was),
            fields: Object.fromEntries(was.keys().map((key) => [key, was.field(key)])),
            place: above ? nameOf(above) : null,
            relations: past.engine
              .edgesFrom(node.id)
              .map(({ tag, relation, to, value }) => ({ id: tag, relation, to, value })),
            text: past.engine.documentText(node.id),
            ...(args.document ? { document: toBase64Url(past.engine.documentUpdate(node.id)) } : {}),
            differs,
            mayRestore: keysOf(difference).length > 0,
          };
        },
      }),
    },
  });
};
