/** Keeps what did not change of an answer the same object, so that whoever compares by identity sees what did. */

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
