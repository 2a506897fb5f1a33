/**
 * People who gave no name yet. A kernel says that there is none; here, where its answers come to the page, each such person gets
 * a name in the language that is spoken, so that every view shows the same one. It must not know what is asked. An answer
 * without such people is the same object, and so is an answer that did not change.
 */

import { namelessName } from '../../base/called';
import type { AnswerStore, KernelClient } from '../../bridge/client';
import { spoken, t } from './i18n';
import type { Language } from './preferences';

/** By what the kernel answered. */
const known = new Map<Language, WeakMap<object, unknown>>();

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** What the kernel answered, with a name for everybody. */
export function named<T>(answer: T): T {
  if (typeof answer !== 'object' || answer === null || (!Array.isArray(answer) && !isPlain(answer))) return answer;
  const memory = known.get(spoken()) ?? new WeakMap<object, unknown>();
  known.set(spoken(), memory);
  if (memory.has(answer)) return memory.get(answer) as T;
  const said = Array.isArray(answer) ? rowsOf(answer) : recordOf(answer as Readonly<Record<string, unknown>>);
  memory.set(answer, said);
  return said as T;
}

const rowsOf = (rows: readonly unknown[]): readonly unknown[] => {
  let said: unknown[] | undefined;
  rows.forEach((row, at) => {
    const now = named(row);
    if (Object.is(now, row)) return;
    said ??= [...rows];
    said[at] = now;
  });
  return said ?? rows;
};

const recordOf = (record: Readonly<Record<string, unknown>>): unknown => {
  let said: Record<string, unknown> | undefined;
  for (const key of Object.keys(record)) {
    const now = named(record[key]);
    if (Object.is(now, record[key])) continue;
    said ??= { ...record };
    said[key] = now;
  }
  const { userId, name } = record;
  if (name === '' && typeof userId === 'string' && userId !== '')
    return { ...(said ?? record), name: namelessName(t('nameless'), userId) };
  return said ?? record;
};

/** The same client, whose answers name everybody. */
export const naming = (client: KernelClient): KernelClient => ({
  ...client,
  store: (name, args) => {
    const store = client.store(name, args);
    const said: AnswerStore = { ...store, getSnapshot: () => named(store.getSnapshot()) };
    return said;
  },
  query: async (name, args) => named(await client.query(name, args)),
  watch: (name, args, emit, failed) => client.watch(name, args, (answer) => emit(named(answer)), failed),
  openDocument: (documentId, events) =>
    client.openDocument(documentId, { ...events, presence: (rows) => events.presence(named(rows)) }),
});
