/**
 * A space with many members, made at once: signed by the real keys of every one of them as if they had joined by links, and put away
 * as the journal that each of them would hold. No node has to be let in by another, and what is the same on all disks is there
 * once.
 */

import { ok } from '../src/base/result';
import { MAX_WRAPS } from '../src/os/kernel/lending';
import { wrapKey } from '../src/os/rights/keyring';
import { memoryStorage } from '../src/platform/memory/storage';
import { memoryVault } from '../src/platform/memory/vault';
import type { Random, Storage, Table, Vault, Write } from '../src/ports';
import { Journal } from '../src/vm/journal/journal';
import type { Op } from '../src/vm/op/body';
import type { Entry } from '../src/vm/op/entry';
import type { DeviceId, NodeId, SpaceId } from '../src/vm/op/ids';
import { type Author, foundSpace, type Hands, makeInvite, newPerson } from './author';
import { shareRights } from './shared-rights';

/** What one member's device has on its disk. */
export type Disk = { readonly device: DeviceId; readonly storage: Storage; readonly vault: Vault };
export type Founded = {
  readonly space: SpaceId;
  readonly channel: NodeId;
  readonly disks: readonly Disk[];
  readonly entries: number;
  /** For a beacon: it holds the space. */
  newDisk(): Storage;
};

/** By one link: the rights let no more than 200 people in by it within an hour. */
const LET_IN = 100;

/**
 * `beacons`: devices that keep the space, and where. `randomOf`: chance of one member. `keeps: false`: the disks keep nothing that
 * comes later, for nodes that are never started again.
 */
export const foundMany = async (
  members: number,
  hands: Hands,
  randomOf: (member: number) => Random,
  beacons: readonly { readonly device: DeviceId; readonly url: string }[],
  keeps: boolean,
): Promise<Founded> => {
  const vaults = Array.from({ length: members }, () => memoryVault());
  const person = (member: number) => newPerson(vaults[member] as Vault, { ...hands, random: randomOf(member) });
  const { id: space, author, entries, key, outline } = await foundSpace(await person(0), hands);
  const rights: Entry[] = [...entries];
  const last = (): Entry => rights.at(-1) as Entry;
  const authors: Author[] = [author];
  if (beacons.length > 0)
    rights.push(
      await author.act(
        [last().id],
        beacons.map(({ device, url }) => ({ type: 'relay', device, url, name: 'Beacon' })),
      ),
    );
  const invite = async (): Promise<Awaited<ReturnType<typeof makeInvite>>> => {
    const made = await makeInvite(author, [last().id], key, { role: 'member', uses: LET_IN });
    rights.push(made.entry);
    return made;
  };
  let invited = await invite();
  while (authors.length < members) {
    if (authors.length % LET_IN === 0) invited = await invite();
    const joined = await invited.join(await person(authors.length), [last().id]);
    rights.push(joined.entry);
    authors.push(joined.author);
  }
  // Else the founder would give it to them all as soon as it runs, and each would look at what everybody got.
  const wraps = await Promise.all(
    authors
      .slice(1)
      .map(({ me: { user, keyring } }) => wrapKey(hands.crypto, space, key.key, { user, keyring: keyring.publicKey })),
  );
  const given = wraps.flatMap((wrap) => (wrap ? [{ type: 'wrap', epoch: key.epoch, wrap } as const] : []));
  for (let i = 0; i < given.length; i += MAX_WRAPS)
    rights.push(await author.act([last().id], given.slice(i, i + MAX_WRAPS)));
  const set = (node: NodeId, name: string, value: string): Op => ({
    type: 'fieldSet',
    node,
    key: name,
    value: JSON.stringify(value),
  });
  const named = author.newNode('Space');
  const channel = author.newNode('Channel');
  const outlined = await author.data(
    outline,
    'content',
    [
      named.op,
      set(named.node, 'title', 'Simulated'),
      channel.op,
      set(channel.node, 'title', 'all'),
      { type: 'move', node: channel.node, parent: '', order: 'm000000V' },
    ],
    key,
    { aclRef: last().id },
  );
  const all = [...rights, outlined];
  shareRights(space, rights);

  const common = memoryStorage();
  const journal = new Journal(common, space);
  await journal.load();
  const written = await journal.append(all, 'strict');
  if (!written.ok) throw new Error(written.error.message);
  await journal.stop();
  await common.write([{ table: 'local', key: `space/${space}`, value: Uint8Array.of(1) }], 'strict');
  const disks = await Promise.all(
    vaults.map(async (vault, member): Promise<Disk> => {
      await vault.put(`epoch/${space}/${key.epoch}`, key.key);
      const { device } = (authors[member] as Author).me;
      return { device, vault, storage: keeps ? layered(common) : writeOnly(common) };
    }),
  );
  return { space, channel: channel.node, disks, entries: all.length, newDisk: () => layered(common) };
};

/** What lies in `common`, and above it what was written since. */
const layered = (common: Storage): Storage => {
  const above = memoryStorage();
  /** Rows of `common` that are gone, or covered. */
  const covered = new Set<string>();
  const nameOf = (table: Table, key: string): string => `${table}/${key}`;
  return {
    write: (writes, durability) => {
      for (const { table, key } of writes) covered.add(nameOf(table, key));
      return above.write(writes, durability);
    },
    read: async (table, key) => (covered.has(nameOf(table, key)) ? above.read(table, key) : common.read(table, key)),
    list: async (table, prefix, after, limit = Number.POSITIVE_INFINITY) => {
      const below = (await common.list(table, prefix, after)).filter(({ key }) => !covered.has(nameOf(table, key)));
      return [...below, ...(await above.list(table, prefix, after))]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit);
    },
    keys: async (table, prefix) => {
      const below = (await common.keys(table, prefix)).filter((key) => !covered.has(nameOf(table, key)));
      return [...below, ...(await above.keys(table, prefix))].sort();
    },
    usage: () => above.usage(),
    close: async () => {},
  };
};

/** A disk that keeps nothing: reads answer with what lay there before. */
const writeOnly = (common: Storage): Storage => ({
  ...common,
  write: async (_writes: readonly Write[]) => ok(undefined),
  close: async () => {},
});
