/** Answers about what was: history, earlier states, what can be undone. */
import type { ObjectName, Person } from './words';

/**
 * `os.history` {id, limit?, before?}: newest first, rows; `before` is the id of the last row that is known. Typing of one person
 * on one device without a long pause is one row: `changes` of them, from `from` until `at`.
 */
export type HistoryRow = {
  readonly id: string;
  /** Of the signed entry, the last of several; `os.stateAt` and `os.restore` take it. */
  readonly entry: string;
  readonly at: number;
  readonly author: Person;
  readonly deviceId: string;
  readonly kind: 'created' | 'field' | 'deleted' | 'restored' | 'moved' | 'linked' | 'unlinked' | 'text' | 'erased';
  readonly key?: string;
  readonly value?: unknown;
  /** What a field held before; absent where it was never set. */
  readonly before?: unknown;
  /** Where it was moved to (null: the top), what it was linked to. */
  readonly target?: ObjectName | null;
  readonly from?: number;
  readonly changes?: number;
  /** Whose words were erased in it for good. */
  readonly of?: Person;
  /** A field write that lost against one made at the same time: `os.restoreValue` {id, key, entry} brings it back. */
  readonly lost: boolean;
};

/**
 * `os.stateAt` {id, at | entry}: an object as it was; null when not here. `ready`: while false, the state is still being built, and
 * the rest says nothing yet. `made`: it was there by then. `document`: its text as Yjs V2, base64url, where asked for.
 */
export type StateAnswer = {
  readonly id: string;
  readonly at: number;
  readonly ready: boolean;
  readonly made: boolean;
  readonly deleted: boolean;
  readonly object: ObjectName;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly place: ObjectName | null;
  readonly relations: readonly {
    readonly id: string;
    readonly relation: string;
    readonly to: string;
    readonly value: unknown;
  }[];
  readonly text: string;
  readonly document?: string;
  /** What `os.restore` would change: keys of fields, `parent`, `relations`, `text`, `deleted`. */
  readonly differs: readonly string[];
  readonly mayRestore: boolean;
};

/** `os.moments` {spaceId}: from when until when a space has changes, and up to 200 moments spread over them; null when not here. */
export type MomentsAnswer = {
  readonly from: number;
  readonly to: number;
  readonly changes: number;
  readonly moments: readonly number[];
};

/** One step that can be taken back or done again: what was done, to what; `objects`: to how many. */
export type UndoStep = {
  readonly id: string;
  readonly command: string;
  readonly did: 'created' | 'field' | 'deleted' | 'restored' | 'moved' | 'linked' | 'unlinked';
  readonly key?: string;
  readonly object: ObjectName;
  readonly objects: number;
};

/** `os.undoable` {session?} */
export type UndoAnswer = { readonly undo: UndoStep | null; readonly redo: UndoStep | null };

/**
 * What `os.undo` left as it is, in its `left` as JSON. `changed`: somebody wrote it anew; `removed`: somebody removed it; `worked`:
 * somebody has worked on it since; `gone`: where it was is gone; `notAllowed`: this person may not write it.
 */
export type UndoLeft = {
  readonly why: 'changed' | 'removed' | 'worked' | 'gone' | 'notAllowed';
  readonly key?: string;
  readonly object: ObjectName;
};

/** `os.trash` {spaceId, kind?, limit?}: rows, the last removed first. `title`: '' where what was said is not shown to this person. */
export type TrashRow = {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  /** What it lies in; null for what stands in the outline. */
  readonly within: ObjectName | null;
  readonly by: Person;
  readonly at: number;
  readonly mayRestore: boolean;
};
