/**
 * The page's end of the bridge: a kernel as seen by views. The kernel behind the port may change (another tab takes over):
 * each `hello` begins a session, in which all that is open is asked for again.
 *
 * It must not know workers or tabs. Rules kept here:
 * [BR6] A call is answered once: unanswered ones are sent again in the next session under the same command id.
 * [BR7] One subscription for a query and its arguments, however many watch it; an unchanged part is the same object.
 * [BR8] A document does not outlive its session: its twin is refused with `leaderChanged` and opened anew.
 */
import { type Endpoint, wrap } from 'comlink';
import {
  type Answer,
  CALL_NAMES,
  type CallName,
  isRefusal,
  type LiveItem,
  refusalOf,
  type ToKernel,
  type ToPage,
} from './calls';
import type { DocumentEvents, KernelApi, KernelCalls, OpenDocument, PresenceRow, Refusal } from './messages';
import { applyPatch, share } from './patch';
import { type Lane, openLane, type Port } from './port';

export { share };

/** For `useSyncExternalStore`. The answer is `undefined` until the first one came; `refusal` is set when it failed. */
export type AnswerStore = {
  subscribe(changed: () => void): () => void;
  getSnapshot(): unknown;
  getRefusal(): Refusal | undefined;
};
export type KernelClient = KernelApi & {
  /** Of this page: what it can take back is its own. */
  readonly session: string;
  /** The same store for the same name and arguments while anybody uses it; let go 1 s after the last one left. */
  store(name: string, args?: unknown): AnswerStore;
  /** Hears every refusal that a call or a live query of this page met, once more besides its own rejection. */
  onRefusal(listen: (refusal: Refusal, call: string) => void): () => void;
};
export type ClientOptions = {
  /** Runs once after `ms`; gives the function that cancels it. */
  readonly after?: (ms: number, run: () => void) => () => void;
  readonly commandId?: () => string;
};

const MAX_UNANSWERED = 1_000;
const RELEASE_MS = 1_000;

const afterTimer = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

const STOPPED = refusalOf(
  'stopped',
  'This page no longer talks to LGOS.',
  'All that was saved is kept.',
  'Reload the page.',
);
const BUSY = refusalOf(
  'busy',
  'Too many things are waiting for an answer.',
  'Nothing of this one was done.',
  'Wait a moment and try again.',
);
const LEADER_CHANGED = refusalOf(
  'leaderChanged',
  'Another tab of this browser took over.',
  'All that was saved is kept.',
  'The document is opened again.',
);

/** Equal arguments give equal text, whatever the order of their keys. */
const keyOf = (name: string, args: unknown): string =>
  `${name} ${JSON.stringify(args, (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )}`;

type Call = { name: CallName; args: readonly unknown[]; resolve(value: unknown): void; reject(refusal: Refusal): void };
type Listener = { emit(answer: unknown): void; failed?: ((refusal: Refusal) => void) | undefined };
type Subscription = {
  id: number;
  name: string;
  args: unknown;
  listeners: Set<Listener>;
  answer: unknown;
  answered: boolean;
  refusal: Refusal | undefined;
  cancelRelease: (() => void) | undefined;
  store: AnswerStore;
};
type Twin = {
  documentId: string;
  events: DocumentEvents;
  opened: boolean;
  resolve(open: OpenDocument): void;
  reject(refusal: Refusal): void;
};
type Remote = { call(commandId: string, name: string, args: readonly unknown[]): Promise<Answer> };

export const connectClient = (port: Port, options: ClientOptions = {}): KernelClient => {
  const after = options.after ?? afterTimer;
  const newCommandId = options.commandId ?? randomId;
  const live = openLane(port, 'live');
  const unanswered = new Map<string, Call>();
  const byKey = new Map<string, Subscription>();
  const byId = new Map<number, Subscription>();
  const twins = new Map<number, Twin>();
  const refusalListeners = new Set<(refusal: Refusal, call: string) => void>();
  let session: string | undefined;
  let calls: { lane: Lane; remote: Remote } | undefined;
  let ids = 0;
  let stopped = false;

  const post = (message: ToKernel): void => {
    if (session !== undefined || message.type === 'knock') live.postMessage(message);
  };
  const tellRefusal = (refusal: Refusal, call: string): void => {
    for (const listen of refusalListeners) listen(refusal, call);
  };

  // --- Calls

  const settle = (commandId: string, answer: Answer): void => {
    const call = unanswered.get(commandId);
    if (!call) return;
    unanswered.delete(commandId);
    if ('value' in answer) return call.resolve(answer.value);
    call.reject(answer.refused);
    tellRefusal(answer.refused, call.name);
  };
  const sendCall = (commandId: string, call: Call): void => {
    calls?.remote.call(commandId, call.name, call.args).then(
      (answer) => settle(commandId, answer),
      (fault) =>
        settle(commandId, {
          refused: isRefusal(fault)
            ? fault
            : refusalOf('internal', String(fault), 'All that was saved is kept.', 'Try again.'),
        }),
    );
  };
  const callKernel = (name: CallName, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (stopped) return reject(STOPPED);
      if (unanswered.size >= MAX_UNANSWERED) return reject(BUSY);
      const call = { name, args, resolve, reject };
      const commandId = newCommandId();
      unanswered.set(commandId, call);
      sendCall(commandId, call);
    });

  // --- Live answers

  const release = (key: string, subscription: Subscription): void => {
    if (subscription.listeners.size > 0 || byKey.get(key) !== subscription) return;
    byKey.delete(key);
    byId.delete(subscription.id);
    post({ type: 'unwatch', id: subscription.id });
  };
  const scheduleRelease = (key: string, subscription: Subscription): void => {
    subscription.cancelRelease?.();
    subscription.cancelRelease = after(RELEASE_MS, () => release(key, subscription));
  };
  const ask = ({ id, name, args }: Subscription): void => post({ type: 'watch', id, name, args });
  const listen = (key: string, subscription: Subscription, listener: Listener): (() => void) => {
    subscription.cancelRelease?.();
    subscription.listeners.add(listener);
    return () => {
      if (subscription.listeners.delete(listener) && subscription.listeners.size === 0)
        scheduleRelease(key, subscription);
    };
  };
  const obtain = (name: string, args: unknown): readonly [string, Subscription] => {
    const key = keyOf(name, args);
    const known = byKey.get(key);
    if (known) return [key, known];
    const subscription: Subscription = {
      id: ++ids,
      name,
      args,
      listeners: new Set(),
      answer: undefined,
      answered: false,
      refusal: undefined,
      cancelRelease: undefined,
      store: {
        // By key, not by this subscription: a store that somebody kept past its release still follows the query.
        subscribe: (changed) => listen(...obtain(name, args), { emit: changed, failed: changed }),
        getSnapshot: () => (byKey.get(key) ?? subscription).answer,
        getRefusal: () => (byKey.get(key) ?? subscription).refusal,
      },
    };
    byKey.set(key, subscription);
    byId.set(subscription.id, subscription);
    ask(subscription);
    scheduleRelease(key, subscription);
    return [key, subscription];
  };
  const watch: KernelApi['watch'] = (name, args, emit, failed) => {
    if (stopped) {
      failed?.(STOPPED);
      return () => undefined;
    }
    const [key, subscription] = obtain(name, args);
    const stop = listen(key, subscription, { emit, failed });
    if (subscription.refusal) failed?.(subscription.refusal);
    else if (subscription.answered) emit(subscription.answer);
    return stop;
  };

  // --- Documents

  const openDocument = (documentId: string, events: DocumentEvents): Promise<OpenDocument> =>
    new Promise((resolve, reject) => {
      if (stopped) return reject(STOPPED);
      const id = ++ids;
      twins.set(id, { documentId, events, opened: false, resolve, reject });
      post({ type: 'open', id, documentId });
    });
  const openedTwin = (id: number, twin: Twin, clientId: number, state: Uint8Array): void => {
    if (session === undefined) return;
    const own = session;
    twin.opened = true;
    const isOpen = (): boolean => twins.get(id) === twin;
    twin.resolve({
      clientId,
      state,
      push: (update) => isOpen() && post({ type: 'push', id, session: own, update }),
      setPresence: (value) => isOpen() && post({ type: 'presence', id, session: own, state: value }),
      close: () => {
        if (twins.delete(id)) post({ type: 'close', id });
      },
    });
  };
  const refuseTwin = (id: number, twin: Twin, refusal: Refusal): void => {
    twins.delete(id);
    if (twin.opened) twin.events.refused(refusal);
    else twin.reject(refusal);
  };

  // --- What comes in

  const takeAnswer = (subscription: Subscription, item: Extract<LiveItem, { type: 'answer' }>): void => {
    const answer = applyPatch(subscription.answer, item.patch);
    const changed =
      !subscription.answered || subscription.refusal !== undefined || !Object.is(answer, subscription.answer);
    subscription.answer = answer;
    subscription.answered = true;
    subscription.refusal = undefined;
    if (changed) for (const listener of [...subscription.listeners]) listener.emit(answer);
  };
  const take = (item: LiveItem): void => {
    const subscription = byId.get(item.id);
    const twin = twins.get(item.id);
    if (item.type === 'answer' && subscription) takeAnswer(subscription, item);
    if (item.type === 'failed' && subscription) {
      subscription.refusal = item.refusal;
      for (const listener of [...subscription.listeners]) listener.failed?.(item.refusal);
      tellRefusal(item.refusal, subscription.name);
    }
    if (!twin) return;
    if (item.type === 'opened') openedTwin(item.id, twin, item.clientId, item.state);
    if (item.type === 'updated') twin.events.updated(item.update);
    if (item.type === 'presence') twin.events.presence(item.rows as readonly PresenceRow[]);
    if (item.type === 'refused') refuseTwin(item.id, twin, item.refusal);
  };
  const begin = (next: string): void => {
    if (next === session) return;
    session = next;
    calls?.lane.close();
    const lane = openLane(port, 'calls');
    calls = { lane, remote: wrap<Remote>(lane as unknown as Endpoint) as unknown as Remote };
    for (const [commandId, call] of unanswered) sendCall(commandId, call);
    for (const subscription of byId.values()) ask(subscription);
    for (const [id, twin] of [...twins]) {
      if (twin.opened) refuseTwin(id, twin, LEADER_CHANGED);
      else post({ type: 'open', id, documentId: twin.documentId });
    }
  };
  live.addEventListener('message', (event) => {
    const message = event.data as ToPage;
    if (message.type === 'hello') return begin(message.session);
    if (message.session !== session) return;
    post({ type: 'seen', session: message.session, batch: message.batch });
    for (const item of message.items) take(item);
  });
  port.start?.();
  post({ type: 'knock' });

  const own = newCommandId();
  const methods = Object.fromEntries(CALL_NAMES.map((name) => [name, (...args: unknown[]) => callKernel(name, args)]));
  return {
    ...(methods as unknown as KernelCalls),
    session: own,
    run: (name, args, as = own) => callKernel('run', [name, args, as]) as ReturnType<KernelCalls['run']>,
    watch,
    openDocument,
    store: (name, args = {}) => obtain(name, args)[1].store,
    onRefusal: (hear) => {
      refusalListeners.add(hear);
      return () => void refusalListeners.delete(hear);
    },
    /** Leaves the kernel, which other tabs may hold: only this page's subscriptions, documents and calls end. */
    stop: async () => {
      if (stopped) return;
      stopped = true;
      for (const id of byId.keys()) post({ type: 'unwatch', id });
      for (const [id, twin] of [...twins]) {
        post({ type: 'close', id });
        refuseTwin(id, twin, STOPPED);
      }
      for (const subscription of byId.values()) subscription.cancelRelease?.();
      byId.clear();
      byKey.clear();
      for (const call of unanswered.values()) call.reject(STOPPED);
      unanswered.clear();
      calls?.lane.close();
      live.close();
    },
  };
};
