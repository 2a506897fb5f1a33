/**
 * What each page of this device can take back: its own steps, the last first, and again those that it took back. In memory
 * only, so it ends with the kernel. How a step is taken back is decided in `os/graph/undo.ts`; it is written as a new change,
 * by the same way as every command, so that rights and others' replicas judge it like any other.
 */
import { setLatest } from '../../base/latest';
import { err, ok } from '../../base/result';
import type { Refusal, UndoAnswer, UndoLeft, UndoStep } from '../../bridge/messages';
import type { Engine } from '../../vm/graph/engine';
import type { NodeId, SpaceId } from '../../vm/op/ids';
import { type Change, type Left, nodeOfChange, wayBack } from '../graph/undo';
import type { Draft } from '../graph/writer';
import { type App, deed, defineApp, type Outcome, query, refusal, type View } from '../schema/define';
import type { KernelContext } from './context';
import { nameOf } from './objects';

export const MAX_STEPS = 100;
const MAX_SESSIONS = 64;
/** Steps that keep what a document was: it may be large. */
const MAX_TEXTS = 10;
/** Of one answer. */
const MAX_LEFT = 20;

/** The text of a document that a step changed: how to put back what it replaced, as far as it stands. */
export type TextStep = {
  readonly space: SpaceId;
  readonly document: NodeId;
  /** Gives the way back, and how many blocks others have changed since. */
  back(): Promise<{ readonly redo: TextStep; readonly left: number }>;
};
export type Deeds = { readonly changes: readonly Change[]; readonly texts?: readonly TextStep[] };
type Step = Deeds & { readonly id: string; readonly label: Omit<UndoStep, 'id'> };
type Stack = { undo: Step[]; redo: Step[] };

/** What was written of drafts, and the first reason why something was not. */
export type Committed = { readonly changes: readonly Change[]; readonly fault: Refusal | undefined };
export type UndoingParts = {
  view(): View;
  commit(drafts: ReadonlyMap<SpaceId, readonly Draft[]>): Promise<Committed>;
  /** What can be taken back in a session changed. */
  changed(session: string): void;
};

export const undoTopic = (session: string): string => `undo/${session}`;

export class Undoing {
  readonly #stacks = new Map<string, Stack>();
  #turn: Promise<unknown> = Promise.resolve();
  #steps = 0;
  /** The graph that each space had when its steps were looked at. */
  readonly #engines = new Map<SpaceId, Engine>();
  /** Steps of an earlier kernel are not mistaken for ours. */
  readonly #boot: string;

  constructor(
    context: Pick<KernelContext, 'ports'>,
    private readonly parts: UndoingParts,
  ) {
    this.#boot = context.ports.random.bytes(4).join('-');
  }

  #stack(session: string): Stack {
    const stack = this.#stacks.get(session) ?? { undo: [], redo: [] };
    setLatest(this.#stacks, session, stack, MAX_SESSIONS);
    return stack;
  }

  /** Keeps what was done; gives the step that `os.undo` takes back, where there is anything to take back. */
  record(session: string, command: string, deeds: Deeds): string | undefined {
    if (deeds.changes.length === 0 && !deeds.texts?.length) return undefined;
    const step: Step = { ...deeds, id: `${this.#boot}.${this.#steps++}`, label: this.#labelOf(command, deeds) };
    const stack = this.#stack(session);
    stack.undo = withinBounds([...stack.undo, step]);
    stack.redo = [];
    this.parts.changed(session);
    return step.id;
  }

  #labelOf(command: string, { changes, texts = [] }: Deeds): Omit<UndoStep, 'id'> {
    const [first] = changes;
    const view = this.parts.view();
    const [text] = texts;
    const [space, id] = first ? [first.space, nodeOfChange(first)] : [text?.space, text?.document];
    const node = space && id ? view.graph(space)?.node(id) : undefined;
    const nodes = new Set([...changes.map(nodeOfChange), ...texts.map(({ document }) => document)]);
    return {
      command,
      did: text ? 'restored' : (first?.type ?? 'field'),
      ...(first?.type === 'field' && !text ? { key: first.key } : {}),
      object: node ? nameOf(node) : { id: id ?? '', title: '', kind: 'unknown' },
      objects: nodes.size,
    };
  }

  answer(session: string): UndoAnswer {
    const stack = this.#stacks.get(session);
    const last = (steps: readonly Step[] | undefined): UndoStep | null => {
      const step = steps?.at(-1);
      return step ? { id: step.id, ...step.label } : null;
    };
    return { undo: last(stack?.undo), redo: last(stack?.redo) };
  }

  /**
   * What is not there any more, erased for one, is forgotten with all that it held and was called. Nothing leaves a graph but by
   * another in its place.
   */
  folded(space: SpaceId, engine: Engine): void {
    if (this.#engines.get(space) === engine) return;
    this.#engines.set(space, engine);
    const graph = this.parts.view().graph(space);
    const left = (step: Step): Step[] => {
      const isGone = (change: Change): boolean =>
        change.space === space && graph?.node(nodeOfChange(change) as NodeId) === undefined;
      if (!step.changes.some(isGone)) return [step];
      const changes = step.changes.filter((change) => !isGone(change));
      if (changes.length === 0 && !step.texts?.length) return [];
      const deeds = { changes, texts: step.texts ?? [] };
      return [{ ...deeds, id: step.id, label: this.#labelOf(step.label.command, deeds) }];
    };
    for (const [session, stack] of this.#stacks) {
      stack.undo = stack.undo.flatMap(left);
      stack.redo = stack.redo.flatMap(left);
      this.parts.changed(session);
    }
  }

  undo(session: string, id?: string): Promise<Outcome> {
    return this.#inTurn(() => this.#take(session, 'undo', id));
  }
  redo(session: string): Promise<Outcome> {
    return this.#inTurn(() => this.#take(session, 'redo'));
  }
  #inTurn(work: () => Promise<Outcome>): Promise<Outcome> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Whatever comes of it, the step is off its stack: what stands in its way will not go away by trying again. */
  async #take(session: string, from: 'undo' | 'redo', id?: string): Promise<Outcome> {
    const stack = this.#stack(session);
    const step = id === undefined ? stack[from].at(-1) : stack[from].find((each) => each.id === id);
    if (!step) return err(nothingTo(from));
    stack[from] = stack[from].filter((each) => each !== step);
    this.parts.changed(session);
    const view = this.parts.view();
    const facts = { graph: (space: SpaceId) => view.graph(space), me: view.me.userId };
    const { drafts, left } = wayBack(step.changes, facts);
    const { changes, fault } = await this.parts.commit(drafts);
    const texts: TextStep[] = [];
    const rows: UndoLeft[] = left.map((each) => this.#leftRow(view, step.changes, each));
    for (const text of step.texts ?? []) {
      const back = await text.back();
      texts.push(back.redo);
      const node = view.graph(text.space)?.node(text.document);
      if (back.left > 0 && node) rows.push({ why: 'changed', key: 'text', object: nameOf(node) });
    }
    if (changes.length > 0 || texts.length > 0) {
      const to = from === 'undo' ? 'redo' : 'undo';
      stack[to] = withinBounds([...stack[to], { ...step, changes, texts }]);
      this.parts.changed(session);
    }
    if (fault) return err(fault);
    return ok({
      step: step.id,
      done: String(changes.length + texts.length),
      ...(rows.length > 0 ? { left: JSON.stringify(rows.slice(0, MAX_LEFT)) } : {}),
    });
  }

  #leftRow(view: View, changes: readonly Change[], { why, node, key }: Left): UndoLeft {
    const space = changes.find((change) => nodeOfChange(change) === node)?.space;
    const found = space && view.graph(space)?.node(node);
    const object = found ? nameOf(found) : { id: node, title: '', kind: 'unknown' };
    return { why, object, ...(key === undefined ? {} : { key }) };
  }
}

const withinBounds = (steps: readonly Step[]): Step[] => {
  const kept = steps.slice(-MAX_STEPS);
  const withText = kept.filter(({ texts }) => texts?.length).slice(0, -MAX_TEXTS);
  return kept.filter((step) => !withText.includes(step));
};

const nothingTo = (from: 'undo' | 'redo'): Refusal =>
  refusal(
    from === 'undo' ? 'nothingToUndo' : 'nothingToRedo',
    from === 'undo' ? 'There is nothing to undo here.' : 'There is nothing to redo here.',
    'Nothing was changed.',
    'What was done on other devices, or before the page was loaded, is in the history of each object.',
  );

export const undoApp = (undoing: () => Undoing): App => {
  const own = { type: 'text', max: 100, optional: true } as const;
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      undo: deed({
        describes:
          'Takes back the last step of this page, or `step`, as a new change; what others have changed since stays as it is. Gives {step, done, left?}.',
        args: { step: own },
        perform: (_view, { step }, _now, session) => undoing().undo(session, step),
      }),
      redo: deed({
        describes: 'Does again what os.undo took back last, as far as it can be. Gives {step, done, left?}.',
        args: {},
        perform: (_view, _args, _now, session) => undoing().redo(session),
      }),
    },
    queries: {
      undoable: query({
        describes: 'The last step that os.undo takes back, and that os.redo does again; of a page, its `session`.',
        args: { session: own },
        run: (view, { session = '' }): UndoAnswer => {
          view.note(undoTopic(session));
          return undoing().answer(session);
        },
      }),
    },
  });
};
