/**
 * Patches: how an answer travels when most of it is what the page has already. Rows (objects with their own `id`) travel
 * as the changed rows and one splice of the order; everything else travels whole.
 *
 * [BR1] `applyPatch(a, diff(a, b))` equals `b`. [BR2] What did not change is the same object afterwards, at any depth.
 */
type Row = { readonly id: string };
export type Patch =
  | { readonly type: 'whole'; readonly answer: unknown }
  | {
      readonly type: 'rows';
      /** Rows that are new or differ. */
      readonly upserts: readonly Row[];
      /** In the order of ids: at `at`, `drop` ids go and `ids` come. */
      readonly at: number;
      readonly drop: number;
      readonly ids: readonly string[];
    };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const rowsById = (answer: unknown): Map<string, Row> | undefined => {
  if (!Array.isArray(answer)) return undefined;
  const rows = new Map<string, Row>();
  for (const row of answer) {
    if (!isPlain(row) || typeof row.id !== 'string' || rows.has(row.id)) return undefined;
    rows.set(row.id, row as Row);
  }
  return rows;
};

/** Gives `next` with every part that equals its counterpart in `previous` replaced by that very part. */
export const share = (previous: unknown, next: unknown): unknown => {
  if (Object.is(previous, next)) return previous;
  if (Array.isArray(previous) && Array.isArray(next)) {
    const byId = rowsById(previous);
    const shared = next.map((item, index) =>
      share((isPlain(item) && byId?.get(item.id as string)) || previous[index], item),
    );
    return shared.length === previous.length && shared.every((item, index) => Object.is(item, previous[index]))
      ? previous
      : shared;
  }
  if (previous instanceof Uint8Array && next instanceof Uint8Array) {
    return previous.length === next.length && previous.every((byte, index) => byte === next[index]) ? previous : next;
  }
  if (!isPlain(previous) || !isPlain(next)) return next;
  const keys = Object.keys(next);
  const shared = Object.fromEntries(keys.map((key) => [key, share(previous[key], next[key])]));
  const same =
    keys.length === Object.keys(previous).length &&
    keys.every((key) => key in previous && Object.is(shared[key], previous[key]));
  return same ? previous : shared;
};

/** `undefined` when nothing changed. Rows that are the same object are taken to be unchanged. */
export const diff = (previous: unknown, next: unknown): Patch | undefined => {
  if (Object.is(previous, next)) return undefined;
  const before = rowsById(previous);
  const after = rowsById(next);
  if (!before || !after)
    return Object.is(share(previous, next), previous) ? undefined : { type: 'whole', answer: next };
  const upserts = [...after.values()].filter((row) => {
    const old = before.get(row.id);
    return old === undefined || !Object.is(share(old, row), old);
  });
  const from = [...before.keys()];
  const to = [...after.keys()];
  let at = 0;
  while (at < from.length && at < to.length && from[at] === to[at]) at++;
  let tail = 0;
  while (tail < from.length - at && tail < to.length - at && from[from.length - 1 - tail] === to[to.length - 1 - tail])
    tail++;
  const drop = from.length - at - tail;
  const ids = to.slice(at, to.length - tail);
  if (upserts.length === 0 && drop === 0 && ids.length === 0) return undefined;
  return { type: 'rows', upserts, at, drop, ids };
};

/** The next answer. Throws when the patch does not fit `previous`: both ends are ours, so that is a bug. */
export const applyPatch = (previous: unknown, patch: Patch): unknown => {
  if (patch.type === 'whole') return share(previous, patch.answer);
  const rows = rowsById(previous);
  if (!rows) throw new Error('Broken invariant: a patch of rows for an answer without rows');
  const order = [...rows.keys()];
  order.splice(patch.at, patch.drop, ...patch.ids);
  for (const row of patch.upserts) rows.set(row.id, share(rows.get(row.id), row) as Row);
  return order.map((id) => {
    const row = rows.get(id);
    if (!row) throw new Error(`Broken invariant: a patch names the row ${id}, which is not here`);
    return row;
  });
};
