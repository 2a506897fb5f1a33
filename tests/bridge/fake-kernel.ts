/** A kernel in a box for tests of the bridge: it records calls, and the test emits answers and document updates. */
import { CALL_NAMES } from '../../src/bridge/calls';
import type { DocumentEvents, KernelApi, Refusal, RowsEdit } from '../../src/bridge/messages';

export type FakeKernel = KernelApi & {
  readonly calls: { name: string; args: unknown[] }[];
  readonly watches: {
    name: string;
    args: unknown;
    emit(answer: unknown, edit?: RowsEdit): void;
    failed(refusal: Refusal): void;
    stopped: boolean;
  }[];
  readonly documents: {
    id: string;
    events: DocumentEvents;
    pushed: Uint8Array[];
    presence: unknown[];
    closed: boolean;
  }[];
  /** What a call gives; by default `{ did: name }`. */
  answer: (name: string, args: unknown[]) => unknown;
};

export const fakeKernel = (): FakeKernel => {
  const calls: FakeKernel['calls'] = [];
  const watches: FakeKernel['watches'] = [];
  const documents: FakeKernel['documents'] = [];
  const fake = {
    calls,
    watches,
    documents,
    answer: (name: string, _args: unknown[]): unknown => ({ did: name }),
    watch: (
      name: string,
      args: unknown,
      emit: (answer: unknown, edit?: RowsEdit) => void,
      failed?: (refusal: Refusal) => void,
    ) => {
      const entry = { name, args, emit, failed: failed ?? (() => undefined), stopped: false };
      watches.push(entry);
      return () => {
        entry.stopped = true;
      };
    },
    openDocument: async (id: string, events: DocumentEvents) => {
      const entry = { id, events, pushed: [] as Uint8Array[], presence: [] as unknown[], closed: false };
      documents.push(entry);
      return {
        clientId: documents.length,
        state: Uint8Array.of(documents.length),
        push: (update: Uint8Array) => void entry.pushed.push(update),
        setPresence: (state: unknown) => void entry.presence.push(state),
        close: () => {
          entry.closed = true;
        },
      };
    },
    stop: async () => undefined,
  };
  for (const name of CALL_NAMES) {
    Object.assign(fake, {
      [name]: async (...args: unknown[]) => {
        calls.push({ name, args });
        return fake.answer(name, args);
      },
    });
  }
  return fake as unknown as FakeKernel;
};
