/** Spaces with documents, held by several nodes of which some let go of text. */
import { Receipts } from '../../src/os/kernel/receipts';
import { idsOf, type Part, partsOfText, textOf, textTypes } from '../../src/os/kernel/shelf';
import { SILENT, Space } from '../../src/os/kernel/space';
import type { Clock, Storage } from '../../src/ports';
import type { Op } from '../../src/vm/op/body';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, encodeEntry } from '../../src/vm/op/entry';
import {
  contentShardOf,
  type DeviceId,
  type EntryId,
  type NodeId,
  type ShardId,
  yjsClientIdOf,
} from '../../src/vm/op/ids';
import { type Author, type Held, holdSpace } from './insider';
import { type Stage, stage } from './stage';

/** A node that can start again from its disk. */
export class Node {
  private constructor(
    readonly stage: Stage,
    readonly held: Held,
    public space: Space,
  ) {}
  static async of(here: Stage, me: Stage['people']['owner'], clock?: Clock): Promise<Node> {
    const held = await holdSpace(here.id, me, clock);
    held.space.replica.keys.set(here.key.epoch, here.key.key);
    return new Node(here, held, held.space);
  }
  get replica(): Space['replica'] {
    return this.space.replica;
  }
  get device(): DeviceId {
    return this.held.context.device.device;
  }
  async take(...entries: readonly Entry[]): Promise<void> {
    for (let i = 0; i < entries.length; i += 64)
      await this.space.receive(entries.slice(i, i + 64).map(encodeEntry), undefined);
  }
  /** What it lacks, in the order in which a link sends it. */
  async catchUp(all: readonly Entry[]): Promise<void> {
    const place = ({ header }: Entry): number =>
      header.shard === this.replica.acl ? 0 : header.shard === this.replica.erasures ? 1 : 2;
    const lacking = all.filter(({ id }) => !this.replica.entries.has(id));
    await this.take(...lacking.sort((a, b) => place(a) - place(b)));
  }
  /** From the disk, or from another that is put in its place. */
  async restart(storage: Storage = this.held.context.ports.storage): Promise<void> {
    Object.assign(this.held.context.ports, { storage });
    this.space = new Space(this.held.context, this.stage.id, SILENT);
    this.space.knowKeys(new Map([[this.stage.key.epoch, this.stage.key.key]]), new Map());
    const loaded = await this.space.load();
    if (!loaded.ok) throw new Error('not loaded');
  }
  part(document: NodeId): Part | undefined {
    const [part] = partsOfText(this.space, textTypes(this.held.context.registry), new Set([document]));
    return part && textOf(this.space, part);
  }
  /** Whoever holds it elsewhere is not asked. */
  async letGo(document: NodeId): Promise<number> {
    return this.space.shelve(() => idsOf([this.part(document)].filter((part) => part !== undefined)));
  }
  /** The same with its single changes. */
  async compact(document: NodeId): Promise<number> {
    return this.space.compact(() => this.part(document));
  }
  /** Asks for what is away; `holder` gives what it has of it. */
  async bringBack(shard: ShardId, holder: Node): Promise<void> {
    this.replica.want(shard);
    const ids = [...(this.replica.shelved.get(shard) ?? [])];
    const bodies = ids.flatMap((id) => holder.replica.entries.get(id) ?? []).filter(({ shelved }) => !shelved);
    await this.take(...bodies);
  }
  holds(id: EntryId): boolean {
    return (this.replica.entries.get(id)?.body.length ?? 0) > 0;
  }
  /** What it would state now about a part, and how that comes to another. */
  claim(shard: ShardId): (to: Node, at?: number) => void {
    const heights = [...(this.replica.heldHeights(new Set([shard])).get(shard) ?? [])];
    const hlc = hlcOf(++claimed);
    return (to) => {
      new Receipts(to.held.context).keep(to.space, {
        space: this.stage.id,
        shard,
        device: this.device,
        hlc,
        heights: heights.map(([log, seq]) => ({ log, seq })),
        signature: new Uint8Array(64),
      });
    };
  }
}
let claimed = 1_000_000;

/** A stage whose Member made documents; entries so far, and what writes into them. */
export const desk = async (documents: number) => {
  const here = await stage();
  const { authors, tab } = here;
  const ids: NodeId[] = [];
  for (let i = 0; i < documents; i++) {
    const { node, op } = authors.member.newNode('Document');
    const title: Op = { type: 'fieldSet', node, key: 'title', value: JSON.stringify(`Plan ${i}`) };
    await here.give(await here.write(authors.member, [op, title]));
    ids.push(node);
  }
  const history = (): readonly Entry[] => [...tab.space.replica.entries.values()];
  const shardOf = (document: NodeId): ShardId => contentShardOf(here.id, document);
  /** An entry of text, made on what the tab shows; everybody on the stage has it. */
  const type = async (author: Author, document: NodeId, insert: string): Promise<Entry> => {
    const client = yjsClientIdOf(author.me.device, document, 1);
    const update = tab.space.replica.engine.textEdit(document, { index: 0, insert }, client);
    if (!update.ok) throw new Error(update.error.message);
    const op: Op = { type: 'textUpdate', document, n: 1, update: update.value };
    const entry = await here.write(author, [op], { shard: shardOf(document) });
    await here.give(entry);
    return entry;
  };
  const comment = async (author: Author, document: NodeId, text: string): Promise<Entry> => {
    const { node, op } = author.newNode('Comment');
    const set: Op = { type: 'fieldSet', node, key: 'text', value: JSON.stringify(text) };
    const fields = { shard: shardOf(document), kind: 'erasable', class: 'annotation' } as const;
    const entry = await here.write(author, [op, set], fields);
    await here.give(entry);
    return entry;
  };
  const erase = async (author: Author, document: NodeId, entry: Entry): Promise<Entry> => {
    const body = { version: 1, shard: shardOf(document), object: document, within: document, entries: [entry.id] };
    const mark = await author.erase(body, { aclRef: here.head });
    await here.give(mark);
    return mark;
  };
  return { here, documents: ids as readonly NodeId[], history, shardOf, type, comment, erase };
};
