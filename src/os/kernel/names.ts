/**
 * What the people of each space call themselves, so that asking for one costs one look however many there are: read once from
 * the profiles of a space, and kept up from those that change. It must not know who is asked about, nor who may ask.
 */
import type { Person } from '../../bridge/messages';
import type { ChangeSet, Engine } from '../../vm/graph/engine';
import type { NodeId, SpaceId, UserId } from '../../vm/op/ids';
import { PROFILE } from '../schema/system';
import type { Space } from './space';
import { personOf } from './view';

type Readable = Pick<Space, 'id'> & { readonly replica: Pick<Space['replica'], 'engine'> };
type Profile = { readonly user: UserId; readonly name: string; readonly at: number };
type Kept = {
  readonly of: Engine;
  readonly profiles: Map<NodeId, Profile>;
  readonly byUser: Map<UserId, Set<NodeId>>;
  /** Those that were asked for since they changed. */
  readonly people: Map<UserId, Person>;
};

export class Names {
  readonly #bySpace = new Map<SpaceId, Kept>();
  /** Profiles that were read. */
  read = 0;

  person(space: Readable | undefined, user: UserId): Person {
    if (!space) return personOf(user, []);
    const kept = this.#keptOf(space);
    let person = kept.people.get(user);
    if (!person) {
      const own = [...(kept.byUser.get(user) ?? [])].flatMap((id) => kept.profiles.get(id) ?? []);
      person = personOf(user, own);
      kept.people.set(user, person);
    }
    return person;
  }
  folded(space: Readable, { nodes, types }: ChangeSet): void {
    const kept = this.#bySpace.get(space.id);
    if (!kept || !types.has(PROFILE)) return;
    if (kept.of !== space.replica.engine) this.dropped(space.id);
    else for (const id of nodes) this.#look(kept, id);
  }
  dropped(space: SpaceId): void {
    this.#bySpace.delete(space);
  }

  #keptOf({ id, replica: { engine } }: Readable): Kept {
    const known = this.#bySpace.get(id);
    if (known?.of === engine) return known;
    const kept: Kept = { of: engine, profiles: new Map(), byUser: new Map(), people: new Map() };
    for (const node of engine.idsOfType(PROFILE)) this.#look(kept, node);
    this.#bySpace.set(id, kept);
    return kept;
  }
  #look({ of, profiles, byUser, people }: Kept, id: NodeId): void {
    const before = profiles.get(id);
    const node = of.node(id);
    if (!before && node?.type !== PROFILE) return;
    this.read += 1;
    if (before) {
      profiles.delete(id);
      byUser.get(before.user)?.delete(id);
      people.delete(before.user);
    }
    const name = node && !node.deleted ? node.field('name') : undefined;
    if (!node || typeof name !== 'string' || name.trim() === '') return;
    profiles.set(id, { user: node.author, name, at: node.updatedAt });
    const own = byUser.get(node.author) ?? new Set();
    byUser.set(node.author, own.add(id));
    people.delete(node.author);
  }
}
