/**
 * A space that has been used for long, made at once: channels with messages, documents in folders, and later changes of their
 * titles, sealed by four members as real entries. It is written into the storage and the vault of a node, which then opens it
 * as its own; others join it from there. Seeded, so that each run has the same.
 */
import * as Y from 'yjs';
import { seededRandom } from '../../src/base/random';
import { apps } from '../../src/domain/index';
import { createKernel, type KernelOptions } from '../../src/os/kernel/kernel';
import { systemClock } from '../../src/platform/clock';
import { discover } from '../../src/platform/discovery';
import { graphModule } from '../../src/platform/engine';
import { memoryNetwork } from '../../src/platform/memory/network';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { nodeTransport } from '../../src/platform/node/transport';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import type { Images, Storage, Transport, Vault } from '../../src/ports';
import { editText } from '../../src/vm/graph/edit';
import { Journal } from '../../src/vm/journal/journal';
import { MAX_OPS, type Op } from '../../src/vm/op/body';
import type { Entry } from '../../src/vm/op/entry';
import { contentShardOf, type NodeId, type ShardId, yjsClientIdOf } from '../../src/vm/op/ids';
import { type Author, foundSpace, makeInvite, newPerson } from '../support/insider';

export { openFileImages } from '../../src/platform/node/images';
export { openLmdbStorage } from '../../src/platform/node/lmdb';
export { openFileVault } from '../../src/platform/node/vault';
export { memoryStorage, memoryVault };

/** How much there is. `alone`: messages of the first channel that are entries of their own, as people write them. */
export type Plan = {
  readonly channels: number;
  readonly messages: number;
  readonly alone: number;
  readonly documents: number;
  /** Later changes of titles. */
  readonly changes: number;
};
export type Seeded = {
  readonly space: string;
  /** The first is the longest. */
  readonly channels: readonly string[];
  readonly documents: readonly string[];
  readonly entries: number;
  readonly ops: number;
  readonly objects: number;
  /** Of the journal. */
  readonly bytes: number;
};

/** What is said last in the first channel. */
export const LAST = 'The last message of all';
const MEMBERS = 4;
const FOLDER_OF = 100;
const AT_ONCE = 64;
const EMPTY = Y.encodeStateAsUpdateV2(new Y.Doc());

const WORDS =
  'buoy northern shore harbour light keeper tide chart rope anchor signal fog weather crew watch log compass course depth beacon storm sail repair list morning boat engine fuel island stone bridge letter plan meeting answer question report idea small large late early found lost новый берег маяк ветер лодка карта вопрос ответ список'.split(
    ' ',
  );

/** About so many ops, always in the same parts: eight in ten are of messages, two change titles. */
export const planOf = (ops: number): Plan => ({
  channels: Math.max(2, Math.round(ops / 50_000)),
  messages: Math.round(ops * 0.39),
  alone: Math.round(ops / 100),
  documents: Math.max(2, Math.round(ops / 200)),
  changes: Math.round(ops * 0.2),
});

export const seedSpace = async (storage: Storage, vault: Vault, plan: Plan): Promise<Seeded> => {
  const random = seededRandom(7);
  const text = (words: number): string => Array.from({ length: words }, () => random.pick(WORDS)).join(' ');
  const owner = await newPerson(vault);
  const founded = await foundSpace(owner);
  const { id: space, key, outline } = founded;
  const rights: Entry[] = [...founded.entries];
  const last = (): Entry => rights.at(-1) as Entry;
  const invited = await makeInvite(founded.author, [last().id], key, { role: 'member', uses: MEMBERS });
  rights.push(invited.entry);
  const authors: Author[] = [founded.author];
  while (authors.length < MEMBERS) {
    const { author, entry } = await invited.join(await newPerson(), [last().id]);
    rights.push(entry);
    authors.push(author);
  }
  const under = { aclRef: last().id };

  const journal = new Journal(storage, space);
  await journal.load();
  let sealing: Entry[] = rights;
  let entries = 0;
  let ops = 0;
  const flush = async (): Promise<void> => {
    entries += sealing.length;
    const written = await journal.append(sealing, 'relaxed');
    if (!written.ok) throw new Error(written.error.message);
    sealing = [];
  };
  const write = async (by: Author, shard: ShardId, some: readonly Op[], erasable = false): Promise<void> => {
    const fields = erasable ? { ...under, kind: 'erasable' as const } : under;
    sealing.push(await by.data(shard, 'content', some, key, fields));
    ops += some.length;
    if (sealing.length >= AT_ONCE) await flush();
  };
  /** Ops of one shard, each person's in entries as full as they may be. */
  const piles = new Map<string, { by: Author; shard: ShardId; ops: Op[] }>();
  const put = async (by: Author, shard: ShardId, some: readonly Op[]): Promise<void> => {
    const name = `${shard}/${by.me.device}`;
    const pile = piles.get(name) ?? { by, shard, ops: [] };
    piles.set(name, pile);
    if (pile.ops.length + some.length > MAX_OPS) await write(by, shard, pile.ops.splice(0));
    pile.ops.push(...some);
  };
  const putAll = async (): Promise<void> => {
    for (const { by, shard, ops: left } of piles.values()) if (left.length > 0) await write(by, shard, left.splice(0));
  };
  const set = (node: NodeId, fieldKey: string, value: string): Op => ({
    type: 'fieldSet',
    node,
    key: fieldKey,
    value: JSON.stringify(value),
  });
  const placed = (
    by: Author,
    type: string,
    title: string,
    parent: NodeId | '',
    at: number,
  ): { node: NodeId; ops: Op[] } => {
    const { node, op } = by.newNode(type);
    const order = `m${at.toString(36).padStart(6, '0')}V`;
    return { node, ops: [op, set(node, 'title', title), { type: 'move', node, parent, order }] };
  };

  const named = placed(authors[0] as Author, 'Space', 'Many', '', 0);
  await write(authors[0] as Author, outline, named.ops.slice(0, 2));
  const channels: NodeId[] = [];
  for (let i = 0; i < plan.channels; i++) {
    const by = authors[i % MEMBERS] as Author;
    const made = placed(by, 'Channel', `Channel ${i + 1}`, '', i);
    await put(by, outline, made.ops);
    channels.push(made.node);
  }
  const documents: { readonly node: NodeId; readonly by: Author }[] = [];
  let folder: NodeId | '' = '';
  for (let i = 0; i < plan.documents; i++) {
    const by = authors[Math.floor(i / FOLDER_OF) % MEMBERS] as Author;
    if (i % FOLDER_OF === 0) {
      const made = placed(by, 'Folder', `Folder ${i / FOLDER_OF + 1}`, '', plan.channels + i);
      await put(by, outline, made.ops);
      folder = made.node;
    }
    const made = placed(by, 'Document', text(3), folder, i);
    await put(by, outline, made.ops);
    documents.push({ node: made.node, by });
  }
  await putAll();
  for (const { node, by } of documents) {
    const n = 1 + random.below(2 ** 30);
    const client = yjsClientIdOf(by.me.device, node, n);
    const update = editText(EMPTY, { index: 0, insert: text(30) }, client);
    if (!update.ok) throw new Error(update.error.message);
    await write(by, contentShardOf(space, node), [{ type: 'textUpdate', document: node, n, update: update.value }]);
  }
  const say = async (channel: NodeId, said: string, alone: boolean): Promise<void> => {
    const by = random.pick(authors);
    const { node, op } = by.newNode('Message');
    const both = [op, set(node, 'text', said)];
    const shard = contentShardOf(space, channel);
    await (alone ? write(by, shard, both, true) : put(by, shard, both));
  };
  const [first, ...others] = channels as [NodeId, ...NodeId[]];
  for (let i = 0; i < plan.messages - plan.alone; i++)
    await say(others.length > 0 ? random.pick(others) : first, text(4 + random.below(16)), false);
  await putAll();
  for (let i = 0; i < plan.changes; i++) {
    const { node } = random.pick(documents);
    await put(random.pick(authors), outline, [set(node, 'title', text(3))]);
  }
  await putAll();
  for (let i = 0; i < plan.alone; i++) await say(first, text(4 + random.below(16)), true);
  await say(first, LAST, true);
  await flush();
  await journal.stop();

  await vault.put(`epoch/${space}/${key.epoch}`, key.key);
  await storage.write([{ table: 'local', key: `space/${space}`, value: new Uint8Array([1]) }], 'strict');
  return {
    ...{ space, channels, documents: documents.map(({ node }) => node), entries, ops },
    objects: plan.channels + plan.messages + 1 + plan.documents + Math.ceil(plan.documents / FOLDER_OF),
    bytes: (await storage.list('journal', '')).reduce((sum, { value }) => sum + value.length, 0),
  };
};
/** The node that a space was seeded into: alone, or at a page's beacon, where others meet it. `images`: where it keeps them. */
export const openSeeded = async (
  storage: Storage,
  vault: Vault,
  { origin, images }: { readonly origin?: string; readonly images?: Images } = {},
) => {
  const transport: Transport = origin
    ? nodeTransport()
    : memoryNetwork(systemClock(), seededRandom(1)).transport('one');
  const found = origin ? await discover(origin, storage) : undefined;
  const ports = { clock: systemClock(), random: webRandom(), crypto: webCrypto(), graph: graphModule(), log: () => {} };
  return createKernel({ ...ports, ...(images ? { images } : {}), storage, vault, transport }, apps, {
    ...{ kind: 'tab', links: 'relay', origin: origin ?? 'http://localhost', version: '0', build: 'bench' },
    ...(found ? { signaling: found.signaling } : {}),
    ...(found?.beacon ? { beacon: found.beacon as NonNullable<KernelOptions['beacon']> } : {}),
  });
};
