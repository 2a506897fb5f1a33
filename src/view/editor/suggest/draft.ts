/**
 * A person's own draft of a document they propose changes to. The draft is a document of the page alone: nothing typed in
 * it reaches the document itself. What differs from the document is kept as suggestions, a while after typing stops.
 *
 * SG1 a draft writes suggestions and never the document.
 * SG2 when the document goes on, the draft goes on with it: other blocks follow, changes of the same block are merged where
 *     they touch different words; where they clash, the document's words show and the suggestion stays, marked as stale.
 * SG3 a suggestion that was declined, withdrawn or accepted elsewhere leaves the draft.
 */
import type { Editor } from '@tiptap/core';
import { Fragment, type Node, type Schema } from '@tiptap/pm/model';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import type { SuggestionRow } from '../../../bridge/messages';
import {
  type Change,
  changesOf,
  idOf,
  placesIn,
  readChange,
  spotOf,
  standingOf,
  withChanges,
  writeChange,
} from './change';
import { takeCursor } from './notes';

/** Typing is kept this long after it stops, in milliseconds. */
const PAUSE = 500;

/** Where suggestions are kept; `false` or `undefined` when it was refused, which the person was told. */
export type Keeper = {
  suggest(change: Change): Promise<string | undefined>;
  alter(id: string, change: Change): Promise<boolean>;
  withdraw(id: string): Promise<boolean>;
};

/** `confirmed`: the graph has shown it, so that its absence means that it is gone. */
type Kept = { readonly change: Change; readonly text: string; readonly confirmed: boolean };

const textOf = (change: Change): string => JSON.stringify(writeChange(change));

/** The same proposal, gone on: it shares a block with the earlier one, or is put in at the same place. */
const isSame = (a: Change, b: Change): boolean => {
  if (a.parent !== b.parent) return false;
  const ids = new Set(a.base.map(idOf));
  if (b.base.some((node) => ids.has(idOf(node)))) return true;
  const proposed = new Set(a.proposed.map(idOf).filter((id) => id !== ''));
  return (
    b.proposed.some((node) => proposed.has(idOf(node))) || (a.base.length + b.base.length === 0 && a.after === b.after)
  );
};

/** The document as it is, for a draft: blocks without an id get one that follows from their place. */
export function namedBlocks(doc: Node): Node {
  let count = 0;
  const named = (node: Node): Node => {
    const children: Node[] = [];
    node.forEach((child) => {
      children.push(child.isBlock ? named(child) : child);
    });
    const content = node.isTextblock || node.isLeaf ? node.content : Fragment.from(children);
    if (!('blockId' in node.attrs) || idOf(node) !== '') return node.copy(content);
    return node.type.create({ ...node.attrs, blockId: `n${count++}` }, content, node.marks);
  };
  return named(doc);
}

export class Draft {
  #base: Node;
  readonly #kept = new Map<string, Kept>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> = Promise.resolve();
  #ended = false;
  /** What was refused, as text: not tried again until it changes. */
  readonly #refused = new Set<string>();

  constructor(
    private readonly editor: Editor,
    base: Node,
    rows: readonly SuggestionRow[],
    private readonly keeper: Keeper,
    private readonly changed: () => void,
  ) {
    this.#base = base;
    this.#learn(rows);
    this.#show(withChanges(base, this.#fresh()));
    editor.on('update', this.#typed);
  }

  get base(): Node {
    return this.#base;
  }
  get schema(): Schema {
    return this.editor.schema;
  }
  /** The suggestion that keeps a change; '' while none does. */
  readonly idOf = (change: Change): string => {
    for (const [id, kept] of this.#kept) if (isSame(kept.change, change)) return id;
    return '';
  };

  #typed = ({ transaction }: { transaction: { getMeta(key: unknown): unknown } }): void => {
    if (transaction.getMeta(ySyncPluginKey) !== undefined) return;
    this.#later();
  };
  #later(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE);
  }

  /** Own suggestions that the draft has not heard of; gives the changes among them. */
  #learn(rows: readonly SuggestionRow[]): readonly Change[] {
    const learned: Change[] = [];
    for (const row of rows) {
      if (!row.mine || row.decided) continue;
      const change = readChange(row, this.schema);
      const known = this.#kept.get(row.id);
      if (!change || known?.confirmed) continue;
      this.#kept.set(row.id, { change: known?.change ?? change, text: known?.text ?? textOf(change), confirmed: true });
      if (!known) learned.push(change);
    }
    return learned;
  }
  /** Those of the kept that fit the document as it is. */
  #fresh(): readonly Change[] {
    return [...this.#kept.values()].map(({ change }) => change);
  }

  /** The graph's suggestions changed. */
  suggestions(rows: readonly SuggestionRow[]): void {
    const open = new Map(rows.filter((row) => row.mine).map((row) => [row.id, row.decided === null]));
    const left: Change[] = [];
    for (const [id, { change, confirmed }] of [...this.#kept]) {
      if (open.get(id) === true || (!confirmed && !open.has(id))) continue;
      this.#kept.delete(id);
      left.push(change);
    }
    const learned = this.#learn(rows);
    if (left.length > 0 || learned.length > 0) {
      const stays = changesOf(this.#base, this.editor.state.doc).filter(
        (change) => !left.some((other) => isSame(other, change)),
      );
      const added = learned.filter((change) => !stays.some((other) => isSame(other, change)));
      this.#show(withChanges(this.#base, [...stays, ...added]));
    }
    this.changed();
  }

  /** The document went on. */
  documentChanged(base: Node): void {
    if (this.#ended || base.eq(this.#base)) return;
    const places = placesIn(base);
    const changes = changesOf(this.#base, this.editor.state.doc);
    const lost = changes.filter((change) => {
      const { type } = standingOf(change, base, places);
      return type === 'clash' || type === 'gone';
    });
    // What cannot go along is kept first as it was typed: a suggestion that says it is stale, not lost words.
    if (lost.length > 0) this.#keep(lost);
    this.#base = base;
    this.#show(withChanges(base, changes));
    this.#later();
    this.changed();
  }

  /** Makes the draft read `next`, touching only what differs, so that the cursor stays where it is. */
  #show(next: Node): void {
    takeCursor(this.editor.view);
    const { state, view } = this.editor;
    const { tr } = state;
    const places = placesIn(state.doc);
    const steps = changesOf(state.doc, next)
      .flatMap((change) => {
        const spot = spotOf(change, state.doc, places);
        return spot ? [{ change, spot }] : [];
      })
      .sort((a, b) => b.spot.from - a.spot.from);
    for (const { change, spot } of steps) {
      const [was, is] = [change.base[0], change.proposed[0]];
      const inside = change.base.length === 1 && change.proposed.length === 1 && was?.isTextblock && is?.isTextblock;
      const start =
        inside && was && is && was.hasMarkup(is.type, is.attrs) ? was.content.findDiffStart(is.content) : null;
      const end = start === null || !was || !is ? null : was.content.findDiffEnd(is.content);
      if (start === null || end === null || !is) {
        tr.replaceWith(spot.from, spot.to, [...change.proposed]);
        continue;
      }
      const overlap = Math.max(0, start - Math.min(end.a, end.b));
      tr.replaceWith(spot.from + 1 + start, spot.from + 1 + end.a + overlap, is.content.cut(start, end.b + overlap));
    }
    // Documents without a block, or whose blocks share their ids, are put in whole.
    if (!tr.doc.eq(next)) tr.replaceWith(0, tr.doc.content.size, next.content);
    if (!tr.docChanged) return;
    // The meta tells the keeper of block ids that this was not typed here.
    view.dispatch(tr.setMeta(ySyncPluginKey, { isChangeOrigin: true }).setMeta('addToHistory', false));
  }

  /** Keeps what differs now. Settles when all is kept or refused. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#ended) this.#keep(changesOf(this.#base, this.editor.state.doc), true);
    return this.#saving;
  }

  /** `all`: what is kept and not among them was taken back. */
  #keep(changes: readonly Change[], all = false): void {
    const base = this.#base;
    this.#saving = this.#saving.then(async () => {
      const left = new Map(this.#kept);
      for (const change of changes) {
        const found = [...left].find(([, kept]) => isSame(kept.change, change));
        const text = textOf(change);
        if (this.#refused.has(text)) continue;
        if (!found) {
          const id = await this.keeper.suggest(change);
          if (id === undefined) this.#refused.add(text);
          else this.#kept.set(id, { change, text, confirmed: this.#kept.get(id)?.confirmed ?? false });
          continue;
        }
        const [id, kept] = found;
        left.delete(id);
        if (kept.text === text) continue;
        if (await this.keeper.alter(id, change)) this.#kept.set(id, { ...kept, change, text });
        else this.#refused.add(text);
      }
      const places = placesIn(base);
      for (const [id, { change }] of all ? left : []) {
        const { type } = standingOf(change, base, places);
        // A stale one is withdrawn by hand only; one that has landed is being accepted.
        if (type === 'clash' || type === 'gone' || type === 'landed') continue;
        if (await this.keeper.withdraw(id)) this.#kept.delete(id);
      }
      if (!this.#ended) this.changed();
    });
  }

  /** Keeps what was typed last, and listens no more. */
  close(): void {
    if (this.#ended) return;
    void this.flush();
    this.#ended = true;
    this.editor.off('update', this.#typed);
  }
}
