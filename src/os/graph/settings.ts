/**
 * A person's own settings: one node of type Setting for each key, in the outline of their personal space.
 * Two devices may make a node for one key at the same time; the one whose value was set last counts, for reading and for
 * the next write, so that the devices agree. It knows no key by name.
 */
import type { ChangeSet, Engine, GraphNode, Value } from '../../vm/graph/engine';
import type { NodeId } from '../../vm/op/ids';
import { SETTING } from '../schema/system';

export type Setting = { readonly node: GraphNode; readonly value: Value };

/** Key -> what holds; a key is missing when nothing was set. */
export const settingsOf = (engine: Engine): ReadonlyMap<string, Setting> => {
  const settings = new Map<string, Setting>();
  for (const node of engine.nodesOfType(SETTING)) {
    const key = node.field('key');
    const state = node.fieldState('value');
    if (typeof key !== 'string' || !state || node.deleted) continue;
    const other = settings.get(key)?.node;
    if (!other || isLater(node, other)) settings.set(key, { node, value: state.value });
  }
  return settings;
};

/**
 * The settings of a graph, kept up node by node, because a person has one for each thing that they sorted; it has to be told of
 * all that the graph takes in.
 */
export class KeptSettings {
  #engine: Engine | undefined;
  readonly #settings = new Map<string, Setting>();
  readonly #keys = new Map<NodeId, string>();
  /** Of a key that several devices made a node for. */
  readonly #nodes = new Map<string, Set<NodeId>>();

  of(engine: Engine): ReadonlyMap<string, Setting> {
    if (this.#engine !== engine) {
      this.#engine = engine;
      for (const kept of [this.#settings, this.#keys, this.#nodes]) kept.clear();
      for (const { id } of engine.nodesOfType(SETTING)) this.#look(engine, id);
    }
    return this.#settings;
  }
  folded(changes: ChangeSet): void {
    if (this.#engine && changes.types.has(SETTING)) for (const id of changes.nodes) this.#look(this.#engine, id);
  }

  #look(engine: Engine, id: NodeId): void {
    const before = this.#keys.get(id);
    const node = engine.node(id);
    const named = node?.type === SETTING ? node.field('key') : undefined;
    const key = typeof named === 'string' ? named : undefined;
    if (before !== key) {
      if (before !== undefined) this.#nodes.get(before)?.delete(id);
      if (key === undefined) this.#keys.delete(id);
      else this.#keys.set(id, key);
      if (key !== undefined) this.#nodes.set(key, (this.#nodes.get(key) ?? new Set()).add(id));
    }
    for (const each of new Set([before, key])) if (each !== undefined) this.#choose(engine, each);
  }
  #choose(engine: Engine, key: string): void {
    this.#settings.delete(key);
    for (const id of this.#nodes.get(key) ?? []) {
      const node = engine.node(id);
      const state = node?.fieldState('value');
      const other = this.#settings.get(key)?.node;
      if (!node || !state || node.deleted || (other && !isLater(node, other))) continue;
      this.#settings.set(key, { node, value: state.value });
    }
  }
}

/** The keys of the settings among these nodes. */
export const settingKeys = (engine: Engine, nodes: Iterable<NodeId>): readonly string[] =>
  [...nodes].flatMap((id) => {
    const node = engine.node(id);
    const key = node?.type === SETTING ? node.field('key') : undefined;
    return typeof key === 'string' ? [key] : [];
  });

const isLater = (a: GraphNode, b: GraphNode): boolean => {
  const [left, right] = [a.fieldState('value')?.hlc ?? 0, b.fieldState('value')?.hlc ?? 0];
  return left === right ? a.id > b.id : left > right;
};
