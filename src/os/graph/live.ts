/**
 * Live queries. A watch remembers what its last run read; it runs again only when some of that changed, and tells its
 * subscribers only when the answer did. Watches of one name and arguments share one run. It knows no query by name.
 * Rules: unchanged rows keep their identity; a fault in one query or subscriber never silences another; bounded.
 */
import type { Result } from '../../base/result';
import type { ChangeSet } from '../../vm/graph/engine';
import type { SpaceId } from '../../vm/op/ids';
import { type Refusal, refusal, type View } from '../schema/define';
import { canonicalJson } from '../schema/json';
import { type Reads, recordReads, topics, touchedBy } from './query';
import { settingKeys } from './settings';

export const MAX_WATCHES = 1_000;

export type LiveOptions = {
  /** Runs one query; pure. Checks the arguments, which are hostile. */
  run(name: string, args: unknown, view: View): Result<unknown, Refusal>;
  /** The view as it is now. */
  view(): View;
  /** Called when a flush is wanted and none is pending; runs it soon, not at once. */
  schedule(flush: () => void): void;
  /** A query or a subscriber threw: a bug of ours. The others still get their turn. */
  faulted(fault: unknown): void;
};

export type Live = {
  /** Emits before it returns, then whenever the answer changed. Gives the function that stops it. */
  watch(name: string, args: unknown, emit: (answer: unknown) => void, failed?: (refusal: Refusal) => void): () => void;
  /** The graph of a space took in entries; those of the personal space also touch the settings they set. */
  changed(space: SpaceId, changes: ChangeSet): void;
  /** Something outside the graphs changed; see `topics` in query.ts. */
  touched(topic: string): void;
  /** Runs what is due. */
  flush(): void;
  /** Distinct queries kept alive, for `stats()`. */
  size(): number;
};

type Subscriber = { readonly emit: (answer: unknown) => void; readonly failed?: (refusal: Refusal) => void };
type Watch = {
  readonly name: string;
  readonly args: unknown;
  readonly subscribers: Set<Subscriber>;
  reads: Reads;
  answer: Result<unknown, Refusal>;
  dirty: boolean;
};

export const createLive = (options: LiveOptions): Live => {
  const watches = new Map<string, Watch>();
  let subscriptions = 0;
  let pending = false;

  const evaluate = (name: string, args: unknown): Pick<Watch, 'reads' | 'answer'> => {
    const { view, reads } = recordReads(options.view());
    return { answer: options.run(name, args, view), reads };
  };

  const tell = (subscriber: Subscriber, answer: Result<unknown, Refusal>): void => {
    if (answer.ok) subscriber.emit(answer.value);
    else subscriber.failed?.(answer.error);
  };

  const rerun = (watch: Watch): void => {
    watch.dirty = false;
    try {
      const { answer, reads } = evaluate(watch.name, watch.args);
      watch.reads = reads;
      const shared = shareRows(watch.answer, answer) as Result<unknown, Refusal>;
      if (shared === watch.answer) return;
      watch.answer = shared;
    } catch (fault) {
      options.faulted(fault);
      return;
    }
    for (const subscriber of [...watch.subscribers]) {
      // An earlier subscriber may have stopped this one.
      if (!watch.subscribers.has(subscriber)) continue;
      try {
        tell(subscriber, watch.answer);
      } catch (fault) {
        options.faulted(fault);
      }
    }
  };

  const flush = (): void => {
    pending = false;
    for (const watch of [...watches.values()]) if (watch.dirty && watch.subscribers.size > 0) rerun(watch);
  };

  const markWhere = (concerns: (reads: Reads) => boolean): void => {
    let marked = false;
    for (const watch of watches.values()) {
      if (!watch.dirty && concerns(watch.reads)) {
        watch.dirty = true;
        marked = true;
      }
    }
    if (!marked || pending) return;
    pending = true;
    options.schedule(flush);
  };

  return {
    watch(name, args, emit, failed) {
      const text = canonicalJson(args ?? {});
      if (!text.ok) {
        failed?.(refusal('badArguments', `${name}: ${text.error.message}.`, NOTHING_WATCHED, 'Correct the arguments.'));
        return () => {};
      }
      if (subscriptions >= MAX_WATCHES) {
        failed?.(
          refusal('tooManyWatches', `More than ${MAX_WATCHES} live queries.`, NOTHING_WATCHED, 'Stop some of them.'),
        );
        return () => {};
      }
      const key = `${name} ${text.value}`;
      const known = watches.get(key);
      const watch: Watch = known ?? {
        name,
        args: JSON.parse(text.value),
        subscribers: new Set(),
        dirty: false,
        ...evaluate(name, JSON.parse(text.value)),
      };
      watches.set(key, watch);
      if (watch.dirty) rerun(watch);
      const subscriber: Subscriber = failed ? { emit, failed } : { emit };
      watch.subscribers.add(subscriber);
      subscriptions++;
      const stop = (): void => {
        if (!watch.subscribers.delete(subscriber)) return;
        subscriptions--;
        if (watch.subscribers.size === 0 && watches.get(key) === watch) watches.delete(key);
      };
      tell(subscriber, watch.answer);
      return stop;
    },
    changed: (space, changes) => {
      const view = options.view();
      const engine = view.graph(space);
      const keys = engine && space === view.me.personalSpace ? settingKeys(engine, changes.nodes) : [];
      markWhere(
        (reads) =>
          touchedBy(reads, space, changes, engine) || keys.some((key) => reads.topics.has(topics.personal(key))),
      );
    },
    touched: (topic) => markWhere((reads) => reads.topics.has(topic)),
    flush,
    size: () => watches.size,
  };
};

const NOTHING_WATCHED = 'Nothing is watched.';

const isRow = (value: unknown): value is { readonly id: string } =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';

/**
 * `next` with every part that equals its counterpart in `previous` replaced by that very object; `previous` itself when
 * nothing differs. Rows are matched by `id`, other items by place.
 */
export const shareRows = (previous: unknown, next: unknown): unknown => {
  if (Object.is(previous, next)) return previous;
  if (typeof previous !== 'object' || typeof next !== 'object' || previous === null || next === null) return next;
  if (Array.isArray(previous) && Array.isArray(next)) return shareList(previous, next);
  if (Array.isArray(previous) || Array.isArray(next)) return next;
  return shareRecord(previous as Record<string, unknown>, next as Record<string, unknown>);
};

const shareList = (previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] => {
  const rowsById = new Map<string, unknown>();
  for (const row of previous) if (isRow(row)) rowsById.set(row.id, row);
  const shared = next.map((item, i) => shareRows(isRow(item) ? rowsById.get(item.id) : previous[i], item));
  return shared.length === previous.length && shared.every((item, i) => item === previous[i]) ? previous : shared;
};

const shareRecord = (previous: Record<string, unknown>, next: Record<string, unknown>): Record<string, unknown> => {
  const keys = Object.keys(next);
  const shared = Object.fromEntries(keys.map((key) => [key, shareRows(own(previous, key), next[key])]));
  const same = keys.length === Object.keys(previous).length && keys.every((key) => Object.hasOwn(previous, key));
  return same && keys.every((key) => Object.is(shared[key], previous[key])) ? previous : shared;
};
const own = (record: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;
