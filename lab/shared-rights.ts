/**
 * What kernels of one process would each make for themselves of the same rights log, they share: its entries as they are decoded,
 * which nobody changes, taken in at a start without the looks that were taken when the space was founded; and what they come to.
 *
 * What a rights log comes to is a function of its entries, and a kernel that starts works it out entry by entry: the square of the
 * members, for each of the members. Here the kernels of one process share what one of them found, until an entry comes that was not
 * in the common log: then a kernel goes on with rights of its own. Nothing that they answer differs.
 */
import { ok } from '../src/base/result';
import { keep } from '../src/os/kernel/admit';
import { Space } from '../src/os/kernel/space';
import { type AclEntry, createRights, type Rights } from '../src/os/rights/resolve';
import { Journal } from '../src/vm/journal/journal';
import type { Entry } from '../src/vm/op/entry';
import type { EntryId, SpaceId } from '../src/vm/op/ids';
import { bodyOf } from './author';

type Common = {
  readonly rights: Rights;
  readonly items: readonly AclEntry[];
  readonly ids: ReadonlySet<EntryId>;
};
const commonBySpace = new Map<SpaceId, Common>();

const lend = (rights: Rights, common: Common): void => {
  const own = { ...rights };
  const add: Rights['add'] = (item) => {
    if (common.rights.has(item.entry.id)) return true;
    for (const each of common.items) own.add(each);
    Object.assign(rights, own);
    return own.add(item);
  };
  Object.assign(rights, common.rights, { add } satisfies Partial<Rights>);
};

const { load } = Space.prototype;
Space.prototype.load = function (this: Space) {
  const common = commonBySpace.get(this.id);
  if (common) {
    lend(this.replica.rights, common);
    for (const { entry, body } of common.items) {
      const cited = body.heads.map((id) => this.replica.entries.get(id) as Entry);
      keep(this.replica, entry, cited);
      this.replica.markDurable(entry);
    }
  }
  return load.call(this);
};

const { load: loadJournal } = Journal.prototype;
Journal.prototype.load = async function (this: Journal, how) {
  const loaded = await loadJournal.call(this, how);
  const common = commonBySpace.get(this.space)?.ids;
  if (!loaded.ok || !common) return loaded;
  return ok({ ...loaded.value, entries: loaded.value.entries.filter(({ id }) => !common.has(id)) });
};

/** `entries`: the rights log of a space as every node of this process has it. */
export const shareRights = (space: SpaceId, entries: readonly Entry[]): void => {
  const items = entries.map((entry): AclEntry => ({ entry, body: bodyOf(entry) }));
  const rights = createRights(space);
  for (const item of items) if (!rights.add(item)) throw new Error('A founded space whose rights do not stand');
  commonBySpace.set(space, { rights, items, ids: new Set(entries.map(({ id }) => id)) });
};
/** Nobody of it runs any more. */
export const unshareRights = (space: SpaceId): void => void commonBySpace.delete(space);
