/**
 * Live queries. A watch remembers what its last run read; it runs again only when some of that changed, and tells its
 * subscribers only when the answer did. A query that can follow changes is not run again: it takes each change in.
 * Watches of one name and arguments share one run. It knows no query by name.
 * Rules: unchanged rows keep their identity; a fault in one query or subscriber never silences another; bounded.
 */
import { ok, type Result } from '../../base/result';
import { applySplices } from '../../base/splice';
import type { RowsEdit } from '../../bridge/messages';
import type { ChangeSet } from '../../vm/graph/engine';
import type { SpaceId } from '../../vm/op/ids';
import { type Followed, type Refusal, refusal, type View } from '../schema/define';
import { canonicalJson } from '../schema/json';
import { type Reads, readsOf, recordReads, topics, touchedBy, withoutTexts } from './query';
import { settingKeys } from './settings';
import { shareRows } from './share';

export const MAX_WATCHES = 1_000;

export type LiveOptions = {
  /** Runs one query; pure. Checks the arguments, which are hostile. */
  run(name: string, args: unknown, view: View): Result<unknown, Refusal>;
  /** The same answer as one that keeps itself up; `undefined` where there is none, or the query has to be run. */
  follow?(name: string, args: unknown, view: View): Followed | undefined;
  /** Its answer tells nothing of texts. */
  isTextless?(name: string): boolean;
  /** The view as it is now. */
  view(): View;
  /** Called when a flush is wanted and none is pending; runs it soon, not at once. */
  schedule(flush: () => void): void;
  /** A query or a subscriber threw: a bug of ours. The others still get their turn. */
  faulted(fault: unknown): void;
};

export type Live = {
  /** Emits before it returns, then whenever the answer changed. Gives the function that stops it. */
  watch(name: string, args: unknown, emit: Subscriber['emit'], failed?: (refusal: Refusal) => void): () => void;
  /** The graph of a space took in entries; those of the personal space also touch the settings they set. */
  changed(space: SpaceId, changes: ChangeSet): void;
  /** Something outside the graphs changed; see `topics` in query.ts. */
  touched(topic: string): void;
  /** Runs what is due. */
  flush(): void;
  /** Distinct queries kept alive, for `stats()`. */
  size(): number;
};

type Subscriber = {
  /** `edit`: from the answer emitted before. */
  readonly emit: (answer: unknown, edit?: RowsEdit) => void;
  readonly failed?: (refusal: Refusal) => void;
};
type Watch = {
  readonly name: string;
  readonly args: unknown;
  readonly subscribers: Set<Subscriber>;
  reads: Reads;
  follow: Followed | undefined;
  answer: Result<unknown, Refusal>;
  dirty: boolean;
};

export const createLive = (options: LiveOptions): Live => {
  const watches = new Map<string, Watch>();
  let subscriptions = 0;
  let pending = false;

  const evaluate = (name: string, args: unknown): Pick<Watch, 'reads' | 'follow' | 'answer'> => {
    const now = options.view();
    const follow = options.follow?.(name, args, now);
    if (follow) return { follow, answer: ok(follow.answer), reads: readsOf(topics.graph(follow.space)) };
    const { view, reads } = recordReads(now);
    return { follow, answer: options.run(name, args, view), reads };
  };

  const tell = (subscriber: Subscriber, answer: Result<unknown, Refusal>, edit?: RowsEdit): void => {
    if (!answer.ok) subscriber.failed?.(answer.error);
    else if (edit) subscriber.emit(answer.value, edit);
    else subscriber.emit(answer.value);
  };

  /** Brings the watch up to date; gives the edit of its rows where it knows, `same` when nothing is new. */
  const renew = (watch: Watch): RowsEdit | 'same' | undefined => {
    const advance = watch.follow?.advance();
    if (watch.follow && !advance) return 'same';
    if (advance?.edit && watch.answer.ok) {
      watch.answer = ok(applySplices(watch.answer.value as readonly unknown[], advance.edit));
      return advance.edit;
    }
    const next = advance ? { ...watch, answer: ok(advance.answer) } : evaluate(watch.name, watch.args);
    watch.reads = next.reads;
    watch.follow = next.follow;
    const shared = shareRows(watch.answer, next.answer) as Result<unknown, Refusal>;
    if (shared === watch.answer) return 'same';
    watch.answer = shared;
    return undefined;
  };

  const rerun = (watch: Watch): void => {
    watch.dirty = false;
    let edit: RowsEdit | undefined;
    try {
      const renewed = renew(watch);
      if (renewed === 'same') return;
      edit = renewed;
    } catch (fault) {
      // What it kept may be half-way: at the next change of its space it begins anew.
      if (watch.follow) watch.reads = readsOf(topics.graph(watch.follow.space), watch.follow.space);
      watch.follow = undefined;
      options.faulted(fault);
      return;
    }
    for (const subscriber of [...watch.subscribers]) {
      // An earlier subscriber may have stopped this one.
      if (!watch.subscribers.has(subscriber)) continue;
      try {
        tell(subscriber, watch.answer, edit);
      } catch (fault) {
        options.faulted(fault);
      }
    }
  };

  const flush = (): void => {
    pending = false;
    for (const watch of [...watches.values()]) if (watch.dirty && watch.subscribers.size > 0) rerun(watch);
  };

  const markWhere = (concerns: (watch: Watch) => boolean): void => {
    let marked = false;
    for (const watch of watches.values()) {
      // One that follows hears every change, however many wait.
      if (watch.dirty && !watch.follow) continue;
      if (!concerns(watch) || watch.dirty) continue;
      watch.dirty = true;
      marked = true;
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
      const bare = withoutTexts(changes);
      markWhere(({ name, reads, follow }) => {
        if (follow) return follow.space === space && follow.changed(changes);
        const seen = options.isTextless?.(name) ? bare : changes;
        return touchedBy(reads, space, seen, engine) || keys.some((key) => reads.topics.has(topics.personal(key)));
      });
    },
    touched: (topic) => markWhere(({ reads }) => reads.topics.has(topic)),
    flush,
    size: () => watches.size,
  };
};

const NOTHING_WATCHED = 'Nothing is watched.';
