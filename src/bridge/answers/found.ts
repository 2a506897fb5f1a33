/** Answers to questions and searches, and how lists of rows change. */
import type { Person } from './words';

/**
 * `os.search` {text, ...}. `objectId`: what to open, in `place`; `line`: of a document, `block`: of what it is about. Ranges are
 * pairs of UTF-16 places in the title and in the snippet. `at`: ms.
 */
export type SearchRow = {
  readonly id: string;
  readonly spaceId: string;
  readonly objectId: string;
  readonly app: string;
  readonly type: string;
  readonly title: string;
  readonly titleRanges: readonly (readonly [number, number])[];
  readonly snippet: string;
  readonly ranges: readonly (readonly [number, number])[];
  readonly author: Person;
  readonly at: number;
  readonly place: { readonly id: string; readonly title: string; readonly type: string };
  readonly line: number | null;
  readonly block: string | null;
};

/** Words of a question that narrow it, and where they stand in it. */
export type SearchFilter = {
  readonly by: 'from' | 'in' | 'type' | 'app' | 'before' | 'after';
  readonly value: string;
  readonly from: number;
  readonly to: number;
};

/** `indexing`: while much of what is here is not searched yet. */
export type SearchAnswer = {
  readonly rows: readonly SearchRow[];
  readonly more: boolean;
  readonly indexing: { readonly done: number; readonly total: number } | null;
  readonly filters: readonly SearchFilter[];
};

/** `os.backlinks` {id}: the newest first. */
export type BacklinksAnswer = Pick<SearchAnswer, 'rows' | 'indexing'>;

/** A row of `os.find`. `fields`: those that are set, of the ones asked for. Times in ms. */
export type FoundRow = {
  readonly id: string;
  readonly type: string;
  readonly author: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Where it stands in a tree, when it stands under something. */
  readonly parent?: string;
  readonly removed?: true;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** A group of `os.find`: `id` is the value as JSON; null where it is not set. */
export type GroupRow = { readonly id: string; readonly value: unknown; readonly count: number };

/** An object as it is called now. `title`: of a message, its first words. `place`: the channel or document that it lies in, or itself. */
export type NamedObject = {
  readonly kind: 'object';
  readonly id: string;
  readonly spaceId: string;
  readonly type: string;
  readonly title: string;
  readonly icon: string;
  readonly removed: boolean;
  readonly place: { readonly id: string; readonly title: string; readonly type: string } | null;
  /** Of what has no title. */
  readonly author: Person | null;
};
/** `os.named` {spaceId, id} */
export type NamedAnswer =
  | (Person & { readonly kind: 'person'; readonly you: boolean; readonly member: boolean })
  | NamedObject;
/** `os.card` {spaceId, id}: an object as a card. `by`: who wrote last, and when (ms); `text`: its first lines. */
export type CardAnswer = {
  readonly object: NamedObject;
  readonly by: Person;
  readonly at: number;
  readonly text: string;
};
/** `os.candidates` {spaceId, text, kind?, limit?}: rows. `kind`: title (no people) or object (messages too). */
export type NameRow = (Person & { readonly id: string; readonly kind: 'person' }) | NamedObject;

/** An edit of rows (`base/splice`): how an answer came from the one emitted before it. */
export type RowsEdit = readonly {
  readonly at: number;
  readonly drop: number;
  readonly put: readonly { readonly from?: number; readonly item?: unknown }[];
}[];
