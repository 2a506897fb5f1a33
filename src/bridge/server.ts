/**
 * The kernel's end of the bridge. One `serveKernel` for a kernel, one `serve(port)` for each page that holds it.
 *
 * It must not know tabs, workers or storage. Rules kept here:
 * [BR3] A write with a known command id is not done again: it gets the answer of the first time, also from an earlier leader.
 * [BR4] Live answers go at most once a frame, and never before the page has seen the last batch: a page that sleeps holds one
 *       batch, and on waking gets the latest answer only.
 * [BR5] All that a page makes us keep is bounded, and gone when it stops being served.
 */
import { type Endpoint, expose } from 'comlink';
import {
  type Answer,
  asRefusal,
  CALLS,
  isCallName,
  type LiveItem,
  refusalOf,
  type Seen,
  type ToKernel,
  type ToPage,
} from './calls';
import type { KernelApi, OpenDocument, Refusal, RowsEdit } from './messages';
import { diff, type Patch } from './patch';
import { openLane, type Port } from './port';

/** Runs once: soon, and at least about a frame (16 ms) after what it ran before. */
export type Schedule = (run: () => void) => void;
export type ServerOptions = {
  readonly schedule?: Schedule;
  /** Command ids answered under earlier leaders of this profile. */
  readonly seen?: Seen;
};
export type KernelServer = {
  /** Answers this page until the returned function is called. */
  serve(port: Port): () => void;
};

const KEPT_ANSWERS = 1_000;
const MAX_WATCHES = 1_000;
const MAX_DOCUMENTS = 64;
/** Openings and failures that wait for the page; beyond it, it must first see what it asked for. */
const MAX_EVENTS = 4_096;
/** Updates of one document that wait for the page; beyond it the twin is told to open anew. */
const MAX_WAITING_UPDATES = 1_000;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** Edits of one answer, and rows in them, that wait for the page; beyond it, what was sent is compared with what holds. */
const MAX_WAITING_EDITS = 32;
const MAX_WAITING_ROWS = 10_000;

const FRAME_MS = 16;
/** The first after a pause goes at once: waiting for more would only make it late. */
const frames = (): Schedule => {
  let last = Number.NEGATIVE_INFINITY;
  return (run) => {
    const wait = Math.min(FRAME_MS, Math.max(0, last + FRAME_MS - performance.now()));
    setTimeout(() => {
      last = performance.now();
      run();
    }, wait);
  };
};

const tooMany = (what: string): Refusal =>
  refusalOf('tooMany', `This page has too many ${what} open.`, 'Nothing was lost.', 'Close some, or reload the page.');
const tooSlow = refusalOf(
  'tooSlow',
  'This page fell behind the changes of the document.',
  'All changes are kept.',
  'The document is opened again.',
);

/** Writes by command id, so that each is done once. Bounded: the oldest id is forgotten first. */
const dedupe = (seen: Seen | undefined) => {
  const answers = new Map<string, Promise<Answer>>();
  const first = async (commandId: string, work: () => Promise<Answer>): Promise<Answer> => {
    const before = await seen?.get(commandId);
    if (before) return before;
    const answer = await work();
    // A refused write changed nothing and may be tried again by the next leader.
    if ('value' in answer) await seen?.put(commandId, answer);
    return answer;
  };
  return (commandId: string, work: () => Promise<Answer>): Promise<Answer> => {
    const known = answers.get(commandId);
    if (known) return known;
    const answer = first(commandId, work).catch((fault): Answer => ({ refused: asRefusal(fault) }));
    answers.set(commandId, answer);
    const [oldest] = answers.keys();
    if (answers.size > KEPT_ANSWERS && oldest !== undefined) answers.delete(oldest);
    return answer;
  };
};

let sessions = 0;
const nextSession = (): string => `${++sessions}-${Math.random().toString(36).slice(2)}`;

type Watch = {
  stop: () => void;
  sent: unknown;
  latest: unknown;
  changed: boolean;
  /** What leads from `sent` to `latest`, where the kernel told of each step. */
  edits: RowsEdit[] | undefined;
};
type Document = {
  open: OpenDocument | undefined;
  closed: boolean;
  updates: Uint8Array[];
  bytes: number;
  presence: readonly unknown[] | undefined;
};
const NOTHING = Symbol('nothing sent yet');

const patchOf = ({ sent, latest, edits }: Watch): Patch | undefined => {
  if (sent === NOTHING) return { type: 'whole', answer: latest };
  return edits && edits.length > 0 ? { type: 'rows', edits } : diff(sent, latest);
};
const rowsIn = (edits: readonly RowsEdit[]): number =>
  edits.reduce((sum, edit) => edit.reduce((rows, { put }) => rows + put.length, sum), 0);

const serveLive = (kernel: KernelApi, port: Port, schedule: Schedule): (() => void) => {
  const lane = openLane(port, 'live');
  const session = nextSession();
  const watches = new Map<number, Watch>();
  const documents = new Map<number, Document>();
  const events: LiveItem[] = [];
  let stopped = false;
  let batch = 0;
  let seenBatch = 0;
  let scheduled = false;

  const post = (message: ToPage): void => lane.postMessage(message);
  const collect = (): LiveItem[] => {
    const items = events.splice(0);
    for (const [id, watch] of watches) {
      if (!watch.changed) continue;
      watch.changed = false;
      const patch = patchOf(watch);
      watch.sent = watch.latest;
      watch.edits = [];
      if (patch) items.push({ type: 'answer', id, patch });
    }
    for (const [id, document] of documents) {
      if (!document.open) continue;
      for (const update of document.updates.splice(0)) items.push({ type: 'updated', id, update });
      document.bytes = 0;
      if (document.presence) items.push({ type: 'presence', id, rows: document.presence });
      document.presence = undefined;
    }
    return items;
  };
  const flush = (): void => {
    scheduled = false;
    if (stopped || seenBatch !== batch) return;
    const items = collect();
    if (items.length > 0) post({ type: 'batch', session, batch: ++batch, items });
  };
  const wake = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    schedule(flush);
  };
  const tell = (item: LiveItem): void => {
    events.push(item);
    wake();
  };

  const unwatch = (id: number): void => {
    watches.get(id)?.stop();
    watches.delete(id);
  };
  const watch = (id: number, name: string, args: unknown): void => {
    unwatch(id);
    if (watches.size >= MAX_WATCHES) return tell({ type: 'failed', id, refusal: tooMany('live queries') });
    const entry: Watch = { stop: () => undefined, sent: NOTHING, latest: undefined, changed: false, edits: undefined };
    watches.set(id, entry);
    const current = (): boolean => watches.get(id) === entry;
    const emit = (answer: unknown, edit?: RowsEdit): void => {
      if (!current()) return;
      if (!edit || !entry.edits) entry.edits = undefined;
      else if (entry.edits.length >= MAX_WAITING_EDITS || rowsIn(entry.edits) > MAX_WAITING_ROWS)
        entry.edits = undefined;
      else entry.edits.push(edit);
      entry.latest = answer;
      entry.changed = true;
      wake();
    };
    const failed = (refusal: Refusal): void => {
      if (!current()) return;
      watches.delete(id);
      tell({ type: 'failed', id, refusal: asRefusal(refusal) });
    };
    try {
      const stop = kernel.watch(name, args, emit, failed);
      if (current()) entry.stop = stop;
      else stop();
    } catch (fault) {
      failed(asRefusal(fault));
    }
  };

  const closeDocument = (id: number): void => {
    const document = documents.get(id);
    if (!document) return;
    documents.delete(id);
    document.closed = true;
    document.open?.close();
  };
  const refuseDocument = (id: number, refusal: Refusal): void => {
    if (!documents.has(id)) return;
    closeDocument(id);
    tell({ type: 'refused', id, refusal });
  };
  const openDocument = async (id: number, documentId: string): Promise<void> => {
    closeDocument(id);
    if (documents.size >= MAX_DOCUMENTS) return tell({ type: 'refused', id, refusal: tooMany('documents') });
    const document: Document = { open: undefined, closed: false, updates: [], bytes: 0, presence: undefined };
    documents.set(id, document);
    try {
      const open = await kernel.openDocument(documentId, {
        updated: (update) => {
          if (document.closed) return;
          document.updates.push(update);
          document.bytes += update.length;
          const behind = document.updates.length > MAX_WAITING_UPDATES || document.bytes > MAX_WAITING_BYTES;
          if (behind) refuseDocument(id, tooSlow);
          else wake();
        },
        presence: (rows) => {
          if (document.closed) return;
          document.presence = rows;
          wake();
        },
        refused: (refusal) => {
          if (!document.closed) refuseDocument(id, asRefusal(refusal));
        },
      });
      if (document.closed) return open.close();
      document.open = open;
      tell({ type: 'opened', id, clientId: open.clientId, state: open.state });
    } catch (fault) {
      if (!document.closed) refuseDocument(id, asRefusal(fault));
    }
  };

  const greet = (): void => post({ type: 'hello', session });
  const receive = (message: ToKernel): void => {
    if (events.length >= MAX_EVENTS && (message.type === 'watch' || message.type === 'open')) return;
    switch (message.type) {
      case 'knock':
        return greet();
      case 'watch':
        return watch(message.id, message.name, message.args);
      case 'unwatch':
        return unwatch(message.id);
      case 'open':
        return void openDocument(message.id, message.documentId);
      case 'push':
        if (message.session === session) documents.get(message.id)?.open?.push(message.update);
        return;
      case 'presence':
        if (message.session === session) documents.get(message.id)?.open?.setPresence(message.state);
        return;
      case 'close':
        return closeDocument(message.id);
      case 'seen':
        if (message.session !== session || message.batch !== batch) return;
        seenBatch = batch;
        if (events.length > 0 || [...watches.values()].some((one) => one.changed) || documents.size > 0) wake();
        return;
    }
  };
  lane.addEventListener('message', (event) => receive(event.data as ToKernel));
  greet();
  return () => {
    if (stopped) return;
    stopped = true;
    lane.close();
    for (const id of [...watches.keys()]) unwatch(id);
    for (const id of [...documents.keys()]) closeDocument(id);
  };
};

export const serveKernel = (kernel: KernelApi, options: ServerOptions = {}): KernelServer => {
  const once = dedupe(options.seen);
  const call = async (commandId: unknown, name: unknown, args: unknown): Promise<Answer> => {
    if (!isCallName(name) || !Array.isArray(args) || typeof commandId !== 'string') {
      return {
        refused: refusalOf('unknownCall', `There is no call ${String(name)}.`, 'Nothing was done.', 'Reload the page.'),
      };
    }
    const work = async (): Promise<Answer> => {
      try {
        return { value: await (kernel[name] as (...values: unknown[]) => Promise<unknown>)(...args) };
      } catch (fault) {
        return { refused: asRefusal(fault) };
      }
    };
    return CALLS[name] === 'write' ? once(commandId, work) : work();
  };
  return {
    serve: (port) => {
      const lane = openLane(port, 'calls');
      expose(Object.freeze(Object.assign(Object.create(null), { call })), lane as unknown as Endpoint);
      const stopLive = serveLive(kernel, port, options.schedule ?? frames());
      port.start?.();
      return () => {
        lane.close();
        stopLive();
      };
    },
  };
};
