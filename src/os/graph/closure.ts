/**
 * Which nodes lie under one in the tree, or reach one by relations, kept up as the graph changes. Each member holds on to one
 * support: the root, or a member nearer to it; so the supports form a tree, and only what hung on a broken one is looked at
 * anew. Cost: what changed, and what came or went with it. Rule: only what stands (is not deleted) is a member.
 */
import type { Engine, NodeId } from '../schema/define';

export type Path =
  /** All under a node, at any depth. */
  | { readonly type: 'under'; readonly root: string }
  /** Nodes with this relation to the root (`to`), or that the root has it to (`from`); `through` others also. */
  | { readonly type: 'to' | 'from'; readonly root: string; readonly relation: string; readonly through: boolean };

type Reading = Pick<Engine, 'node' | 'children' | 'edgesFrom' | 'edgesTo'>;

export class Closure {
  /** Member -> its support. */
  readonly #supports = new Map<string, string>();
  readonly #supported = new Map<string, Set<string>>();

  constructor(
    readonly engine: Reading,
    readonly path: Path,
  ) {
    this.#grow(this.#farther(path.root).filter((id) => this.#tryJoin(id)));
  }

  has(id: string): boolean {
    return this.#supports.has(id);
  }
  get size(): number {
    return this.#supports.size;
  }
  members(): Iterable<string> {
    return this.#supports.keys();
  }

  /** Takes a change in; gives the nodes that came in or fell out. */
  changed(nodes: Iterable<string>, edges: Iterable<string>): ReadonlySet<string> {
    const suspects = new Set(nodes);
    if (this.path.type !== 'under') {
      for (const id of edges) {
        suspects.add(id);
        if (this.path.type === 'to') continue;
        for (const held of this.#supported.get(id) ?? []) suspects.add(held);
        if (id === this.path.root || this.has(id)) for (const next of this.#farther(id)) suspects.add(next);
      }
    }
    const gone = new Set<string>();
    for (const id of suspects) if (this.has(id) && !this.#isSupported(id)) this.#fell(id, gone);
    const came = this.#grow([...suspects, ...gone].filter((id) => this.#tryJoin(id)));
    const flipped = new Set([...gone].filter((id) => !this.has(id)));
    for (const id of came) if (!gone.has(id)) flipped.add(id);
    return flipped;
  }

  #fell(first: string, gone: Set<string>): void {
    const open = [first];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (gone.has(id)) continue;
      gone.add(id);
      const support = this.#supports.get(id) as string;
      this.#supports.delete(id);
      const siblings = this.#supported.get(support);
      siblings?.delete(id);
      if (siblings?.size === 0) this.#supported.delete(support);
      open.push(...(this.#supported.get(id) ?? []));
    }
  }

  #isSupported(id: string): boolean {
    const support = this.#supports.get(id) as string;
    return this.#stands(id) && (support === this.path.root || this.has(support)) && this.#nearer(id).includes(support);
  }

  #stands(id: string): boolean {
    const node = this.engine.node(id as NodeId);
    return node !== undefined && !node.deleted;
  }

  /** Joins where something supports it. */
  #tryJoin(id: string): boolean {
    if (this.has(id) || !this.#stands(id)) return false;
    const support = this.#nearer(id).find((next) => next === this.path.root || (this.#goesOn && this.has(next)));
    if (support === undefined) return false;
    this.#join(id, support);
    return true;
  }
  #join(id: string, support: string): void {
    this.#supports.set(id, support);
    const siblings = this.#supported.get(support);
    if (siblings) siblings.add(id);
    else this.#supported.set(support, new Set([id]));
  }

  /** Those that joined, and all that joins through them. */
  #grow(joined: readonly string[]): ReadonlySet<string> {
    const came = new Set(joined);
    if (!this.#goesOn) return came;
    const open = [...joined];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const next of this.#farther(id)) {
        if (this.has(next) || !this.#stands(next)) continue;
        this.#join(next, id);
        came.add(next);
        open.push(next);
      }
    }
    return came;
  }

  get #goesOn(): boolean {
    return this.path.type === 'under' || this.path.through;
  }
  /** One step towards the root. */
  #nearer(id: string): readonly string[] {
    const { engine, path } = this;
    if (path.type === 'under') return [engine.node(id as NodeId)?.parent ?? ''];
    if (path.type === 'to') return engine.edgesFrom(id as NodeId, path.relation).map((edge) => edge.to);
    return engine.edgesTo(id, path.relation).map((edge) => edge.from);
  }
  /** One step away from it. */
  #farther(id: string): readonly string[] {
    const { engine, path } = this;
    if (path.type === 'under') return engine.children(id as NodeId).map((child) => child.id);
    if (path.type === 'to') return engine.edgesTo(id, path.relation).map((edge) => edge.from);
    return engine.edgesFrom(id as NodeId, path.relation).map((edge) => edge.to);
  }
}
