/** One history through the present engine and through the fold it must equal, step by step. */
import { graphModule } from '../../src/platform/engine';
import type { FoldEntry, SchemaRules } from '../../src/vm/graph/engine';
import { createStore, type FoldItem, type GraphStore, openStore } from '../../src/vm/graph/store/store';
import type { NodeId } from '../../src/vm/op/ids';
import type { BirthName } from '../../src/vm/op/names';
import { createFold } from './fold/fold';
import {
  bodyOf,
  changesOf,
  deliveries,
  firstBodyOf,
  hasBody,
  RULES,
  randomHistory,
  readingOf,
  Twins,
} from './graph-histories';

export type Compared = {
  readonly seed: number;
  /** What differs, both ways; nothing where all is well. */
  readonly differs?: readonly [what: string, fold: unknown, store: unknown];
  readonly reloads: number;
};

const MODULE = graphModule();
export const newStore = (): GraphStore => createStore(MODULE, RULES);
export const reopened = (store: GraphStore): GraphStore => {
  const opened = openStore(MODULE, RULES, store.save());
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

export const compareEngines = (seed: number, steps: number, texts = seed % 8 === 0): Compared => {
  const history = randomHistory(seed, steps, texts);
  const { random } = history;
  const fold = createFold(RULES);
  let store = newStore();
  let reloads = 0;
  const [ofFold, ofStore] = [new Twins(), new Twins()];
  const inSomeForm = (entry: FoldEntry): FoldItem =>
    random.below(3) === 0 ? firstBodyOf(entry) : bodyOf(entry, (node) => told(node));
  const told = (node: NodeId): BirthName | undefined => (random.below(4) > 0 ? history.births.get(node) : undefined);
  const differs = (what: string, a: unknown, b: unknown): Compared | undefined =>
    JSON.stringify(a) === JSON.stringify(b) ? undefined : { seed, differs: [what, a, b], reloads };
  for (const batch of deliveries(history)) {
    const wire = random.below(2) === 0 && batch.every(hasBody);
    const expected = fold.apply(batch);
    const changes = wire ? store.ingest(batch.map(inSomeForm)) : store.apply(batch);
    const rebuilt = new Set([...expected.rebuilt, ...changes.rebuilt]);
    ofFold.tell(fold, expected);
    ofStore.tell(store, changes);
    const wrong = differs('changes', changesOf(expected, rebuilt), changesOf(changes, rebuilt));
    if (wrong) return wrong;
    const roll = random.below(12);
    if (roll === 0) {
      const hashes = differs('hash', [...fold.stateHash([]).space], [...store.stateHash([]).space]);
      if (hashes) return hashes;
    }
    if (roll === 1) {
      store = reopened(store);
      reloads++;
    }
  }
  const reading = readingOf(fold, history);
  return (
    differs('twins', ofFold.texts(), ofStore.texts()) ??
    differs('reading', reading, readingOf(store, history)) ??
    (seed % 4 === 0 ? differs('reading of an image', reading, readingOf(reopened(store), history)) : undefined) ?? {
      seed,
      reloads,
    }
  );
};
/** The engine as the kernel has it. */
export const createEngine = (rules: SchemaRules): GraphStore => createStore(MODULE, rules);
