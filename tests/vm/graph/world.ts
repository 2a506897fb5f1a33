/** People with devices who write entries into the logs of one space, for the tests of the graph. */
import * as Y from 'yjs';
import { toHex, utf8 } from '../../../src/base/bytes';
import { sha256 } from '../../../src/base/hash';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import type { FoldEntry, Role, SchemaRules } from '../../../src/vm/graph/engine';
import { prepareDoc } from '../../../src/vm/graph/text';
import type { Op } from '../../../src/vm/op/body';
import { type Hlc, hlcOf } from '../../../src/vm/op/clock';
import {
  contentShardOf,
  type DeviceId,
  type EntryId,
  type LogId,
  logIdOf,
  type NodeId,
  nodeIdOf,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type UserId,
  yjsClientIdOf,
} from '../../../src/vm/op/ids';

export const digest = (name: string): string => toHex(sha256(utf8(name)));
export const SPACE = digest('space') as SpaceId;
export const OUTLINE = outlineShardOf(SPACE);
export const OPEN: SchemaRules = { field: () => 'members', deletion: () => 'members', relation: () => 'members' };

export const person = (name: string): UserId => digest(`person ${name}`) as UserId;

export class Device {
  readonly id: DeviceId;
  readonly user: UserId;
  #counter = 0;
  readonly #heads = new Map<ShardId, { seq: number; hlc: number; id: EntryId }>();

  constructor(
    readonly name: string,
    readonly role: Role = 'member',
    user = name,
  ) {
    this.id = digest(`device ${name}`) as DeviceId;
    this.user = person(user);
  }
  /** The next node's op; its id is `op.node`. */
  born(nodeType = 'Task'): Extract<Op, { type: 'nodeNew' }> {
    const counter = this.#counter++;
    return { type: 'nodeNew', node: nodeIdOf(SPACE, this.id, 0, counter), nodeType, counter };
  }
  head(shard: ShardId): EntryId | undefined {
    return this.#heads.get(shard)?.id;
  }
  /** `knowing`: entries of others seen by then. The stamp is `ms`, or later where the log already is. */
  write(
    ops: readonly Op[],
    ms: number,
    { shard = OUTLINE, knowing = [] as readonly FoldEntry[], role = this.role } = {},
  ): FoldEntry {
    const head = this.#heads.get(shard);
    const hlc = [...(head ? [head.hlc] : []), ...knowing.map((entry) => entry.hlc)].reduce(
      (least, seen) => Math.max(least, seen + 1 / 2048),
      ms,
    );
    const seq = head ? head.seq + 1 : 0;
    const id = digest(
      `${this.name} ${shard} ${seq} ${hlc} ${JSON.stringify(ops, (_, v) => (v instanceof Uint8Array ? toHex(v) : v))}`,
    ) as EntryId;
    this.#heads.set(shard, { seq, hlc, id });
    return {
      id,
      log: logIdOf(SPACE, shard, this.id, 0) as LogId,
      space: SPACE,
      shard,
      seq,
      device: this.id,
      incarnation: 0,
      author: this.user,
      role,
      hlc: (hlcOf(0) + hlc) as Hlc,
      deps: knowing.map((entry) => entry.id),
      ops,
    };
  }
  /** Starts the log of `shard` again at `seq`: what a cloned profile does. */
  forkAt(shard: ShardId, entry: FoldEntry): void {
    this.#heads.set(shard, { seq: entry.seq - 1, hlc: entry.hlc - 1, id: entry.id });
  }
}

/** A page's twin of a document: edits become ops. */
export class Twin {
  readonly doc = prepareDoc(new Y.Doc());
  readonly shard: ShardId;
  #updates: Uint8Array[] = [];

  constructor(
    readonly device: Device,
    readonly document: NodeId,
    readonly n = 1,
  ) {
    this.shard = contentShardOf(SPACE, document);
    this.doc.clientID = yjsClientIdOf(device.id, document, n);
    this.doc.on('updateV2', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'remote') this.#updates.push(update);
    });
  }
  receive(updates: readonly Uint8Array[]): void {
    for (const update of updates) Y.applyUpdateV2(this.doc, update, 'remote');
  }
  /** The ops of all edits since the last call. */
  ops(edit: (fragment: Y.XmlFragment, doc: Y.Doc) => void): Extract<Op, { type: 'textUpdate' }>[] {
    this.doc.transact(() => edit(this.doc.getXmlFragment('default'), this.doc));
    const updates = this.#updates;
    this.#updates = [];
    return updates.map((update) => ({ type: 'textUpdate', document: this.document, n: this.n, update }));
  }
}

export const paragraph = (text: string, attributes: Record<string, string> = {}): Y.XmlElement => {
  const element = new Y.XmlElement('paragraph');
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.insert(0, [new Y.XmlText(text)]);
  return element;
};

/** A random edit of the kinds an editor makes: typing, deleting, formatting, splitting and removing blocks. */
export const randomEdit =
  (random: SeededRandom) =>
  (fragment: Y.XmlFragment): void => {
    const blocks = fragment.toArray() as Y.XmlElement[];
    const roll = random.below(10);
    if (blocks.length === 0 || roll === 0) {
      fragment.insert(random.below(blocks.length + 1), [paragraph(`p${random.below(100)}`)]);
      return;
    }
    let block = random.pick(blocks);
    if (roll === 9 && block.nodeName === 'paragraph') {
      if (random.below(3) > 0) block.setAttribute('align', random.pick(['left', 'right']));
      else {
        const list = new Y.XmlElement('bulletList');
        list.insert(0, [paragraph('one'), paragraph('two')]);
        fragment.insert(random.below(blocks.length + 1), [list]);
      }
      return;
    }
    if (block.nodeName === 'bulletList') {
      const items = block.toArray() as Y.XmlElement[];
      const grows = items.length === 0 || random.below(4) === 0;
      if (grows) block.insert(random.below(items.length + 1), [paragraph('item')]);
      else if (random.below(4) === 0) block.delete(random.below(items.length), 1);
      block = (block.toArray()[0] as Y.XmlElement | undefined) ?? block;
      if (block.nodeName === 'bulletList') return;
    }
    if (roll === 1 && blocks.length > 1) {
      fragment.delete(random.below(blocks.length), 1);
      return;
    }
    let text = block.get(0) as Y.XmlText | undefined;
    if (!(text instanceof Y.XmlText)) {
      text = new Y.XmlText('x');
      block.insert(0, [text]);
    }
    const length = text.length;
    const at = random.below(length + 1);
    if (roll < 6) text.insert(at, 'abcdefgh'.slice(0, 1 + random.below(8)));
    else if (roll < 8) text.delete(at, Math.min(length - at, 1 + random.below(4)));
    else
      text.format(at, Math.min(length - at, 1 + random.below(5)), {
        [random.pick(['bold', 'italic'])]: random.pick([true, null]),
      });
  };

/** Entries of several devices typing into one document, each seeing the others now and then. */
export const typingHistory = (seed: number, steps: number, people = 3) => {
  const random = seededRandom(seed);
  const devices = Array.from({ length: people }, (_, i) => new Device(`d${i}`));
  const birth = (devices[0] as Device).born('Document');
  const entries = [(devices[0] as Device).write([birth], 1)];
  const twins = devices.map((device) => new Twin(device, birth.node));
  const seen = twins.map(() => 0);
  const log: FoldEntry[] = [];
  for (let step = 0; step < steps; step++) {
    const who = random.below(people);
    const twin = twins[who] as Twin;
    if (random.below(3) === 0) {
      for (; (seen[who] as number) < log.length; seen[who] = (seen[who] as number) + 1) {
        const entry = log[seen[who] as number] as FoldEntry;
        if (entry.device !== twin.device.id)
          twin.receive(entry.ops.flatMap((op) => (op.type === 'textUpdate' ? [op.update] : [])));
      }
    }
    const ops = twin.ops(randomEdit(random));
    if (ops.length > 0) log.push(twin.device.write(ops, 10 + step, { shard: twin.shard }));
  }
  return { document: birth.node, entries: [...entries, ...log], twins, random };
};
