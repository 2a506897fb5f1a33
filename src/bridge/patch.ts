/**
 * Patches: how an answer travels when most of it is what the page has already. Rows (objects with their own `id`) travel
 * as edits of the list: what came or changed, and where what moved stood before. Of an object with rows in it only those parts
 * travel that changed. Everything else travels whole.
 *
 * [BR1] `applyPatch(a, diff(a, b))` equals `b`. [BR2] What did not change is the same object afterwards, at any depth.
 * [BR9] An edit that the kernel told is sent as it is: neither end looks at rows that it does not name.
 */
import { applySplices, longestRise, type Put, type Splice, spliceBuilder } from '../base/splice';

type Row = { readonly id: string };
export type Patch =
  | { readonly type: 'whole'; readonly answer: unknown }
  /** Each edit of what the one before it gave. */
  | { readonly type: 'rows'; readonly edits: readonly (readonly Splice<unknown>[])[] }
  /** Of an object, those that changed by name. */
  | { readonly type: 'parts'; readonly parts: readonly (readonly [name: string, patch: Patch])[] };

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
  if (!before || !after) {
    if (Object.is(share(previous, next), previous)) return undefined;
    return (isPlain(previous) && isPlain(next) && partsOf(previous, next)) || { type: 'whole', answer: next };
  }
  const edit = editOf([...before.values()], [...after.values()]);
  return edit.length === 0 ? undefined : { type: 'rows', edits: [edit] };
};

/** `undefined` where an object of other parts came, or none of them is saved by it. */
const partsOf = (previous: Record<string, unknown>, next: Record<string, unknown>): Patch | undefined => {
  const names = Object.keys(next);
  if (names.length !== Object.keys(previous).length || !names.every((name) => Object.hasOwn(previous, name)))
    return undefined;
  if (!names.some((name) => Array.isArray(previous[name]) && rowsById(previous[name]))) return undefined;
  const parts = names.flatMap((name) => {
    const patch = diff(previous[name], next[name]);
    return patch ? [[name, patch] as const] : [];
  });
  return { type: 'parts', parts };
};

const editOf = (before: readonly Row[], after: readonly Row[]): readonly Splice<unknown>[] => {
  const placeById = new Map(before.map((row, place) => [row.id, place]));
  const places = after.map((row) => placeById.get(row.id));
  const known = places.flatMap((place, i) => (place === undefined ? [] : [{ place, i }]));
  // Of what is in both, what need not be said to have moved.
  const stays = new Set(longestRise(known.map(({ place }) => place)).map((at) => known[at]?.i));
  const edit = spliceBuilder<unknown>();
  let done = 0;
  after.forEach((row, i) => {
    const from = places[i];
    const old = from === undefined ? undefined : before[from];
    const isSame = old !== undefined && Object.is(share(old, row), old);
    if (from !== undefined && stays.has(i)) {
      edit.drop(from - done);
      done = from + 1;
      if (isSame) {
        edit.keep(1);
        return;
      }
      edit.drop(1);
    }
    edit.put({ ...(from === undefined ? {} : { from }), ...(isSame ? {} : { item: row }) } as Put<unknown>);
  });
  edit.drop(before.length - done);
  return edit.splices();
};

/** The next answer. Throws when the patch does not fit `previous`: both ends are ours, so that is a bug. */
export const applyPatch = (previous: unknown, patch: Patch): unknown => {
  if (patch.type === 'whole') return share(previous, patch.answer);
  if (patch.type === 'parts') {
    if (!isPlain(previous)) throw new Error('Broken invariant: parts of an answer that is no object');
    const parts = patch.parts.map(([name, part]) => [name, applyPatch(previous[name], part)] as const);
    return Object.fromEntries([...Object.entries(previous), ...parts]);
  }
  if (!Array.isArray(previous)) throw new Error('Broken invariant: an edit of rows for an answer without rows');
  return patch.edits.reduce<readonly unknown[]>((rows, edit) => applySplices(rows, edit, share), previous);
};
