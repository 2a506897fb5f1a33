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

/** The settings of a graph, kept while none of them changes; it has to be told of all that the graph takes in. */
export class KeptSettings {
  #kept: { readonly engine: Engine; readonly settings: ReadonlyMap<string, Setting> } | undefined;

  of(engine: Engine): ReadonlyMap<string, Setting> {
    if (this.#kept?.engine !== engine) this.#kept = { engine, settings: settingsOf(engine) };
    return this.#kept.settings;
  }
  folded(changes: ChangeSet): void {
    if (changes.types.has(SETTING)) this.#kept = undefined;
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
