/**
 * Collects the ops of one command and sorts them into drafts: one for each shard and class, none above what an entry
 * holds. It decides where an op belongs; it seals, sends and authorises nothing.
 * Rules: values are canonical JSON; of several writes of a field the last is kept; a node made here can be written here.
 * What a command asks of nodes that do not exist, or of a type in the wrong place, is a bug of the command: throws.
 */
import { assert } from '../../base/assert';
import { encode } from '../../base/codec';
import type { Value } from '../../vm/graph/engine';
import { orderBetween } from '../../vm/graph/order';
import { updateWriting } from '../../vm/graph/written';
import { MAX_OPS, MAX_OPS_BYTES, type Op, type OpId, opCodec } from '../../vm/op/body';
import type { EntryClass } from '../../vm/op/entry';
import { contentShardOf, type NodeId, outlineShardOf, type ShardId, type SpaceId } from '../../vm/op/ids';
import type { TypeRule, View, Writer } from '../schema/define';
import { canonicalJson } from '../schema/json';
import { SETTING } from '../schema/system';
import { settingsOf } from './settings';

export type Draft = { readonly shard: ShardId; readonly class: EntryClass; readonly ops: readonly Op[] };
export type WriterFacts = {
  readonly view: Pick<View, 'me' | 'graph' | 'spaceOf'>;
  typeRule(type: string): TypeRule | undefined;
  /** A fresh id of this device; the counter is never used again, also when the draft is thrown away. */
  nextNode(space: SpaceId): { readonly node: NodeId; readonly counter: number };
  /** A twin of a document that nobody has written through: its number, and the Yjs client that follows from it. */
  nextTwin(document: NodeId): { readonly n: number; readonly client: number };
};
export type DraftWriter = Writer & {
  /** Space -> drafts in the order in which the command first wrote to each shard. */
  drafts(): ReadonlyMap<SpaceId, readonly Draft[]>;
};

/** Where the ops about a node go. */
type Home = {
  readonly space: SpaceId;
  readonly shard: ShardId;
  readonly class: EntryClass;
  /** The node, where what is written about it is an entry of its own. */
  readonly alone?: NodeId | undefined;
};
type Box = { op: Op };
type Pile = Home & { boxes: Box[]; readonly fields: Map<string, Box> };

export const createWriter = ({ view, typeRule, nextNode, nextTwin }: WriterFacts): DraftWriter => {
  const piles = new Map<string, Pile>();
  const made = new Map<NodeId, Home>();
  const madeSettings = new Map<string, NodeId>();
  let settings: ReturnType<typeof settingsOf> | undefined;
  /** The order of what was last put at the end of a parent here, which the graph does not show yet. */
  const lastOrders = new Map<string, string>();

  const put = ({ space, shard, class: entryClass, alone }: Home, op: Op): void => {
    const key = `${space}/${shard}/${entryClass}/${alone ?? ''}`;
    let pile = piles.get(key);
    if (!pile) {
      pile = { space, shard, class: entryClass, boxes: [], fields: new Map() };
      piles.set(key, pile);
    }
    const field = op.type === 'fieldSet' ? `${op.node}/${op.key}` : undefined;
    const earlier = field === undefined ? undefined : pile.fields.get(field);
    if (earlier) {
      earlier.op = op;
      return;
    }
    const box: Box = { op };
    pile.boxes.push(box);
    if (field !== undefined) pile.fields.set(field, box);
  };

  const ruleOf = (type: string): TypeRule => {
    const rule = typeRule(type);
    assert(rule, `no application declares the type ${type}`);
    return rule;
  };
  const aloneOf = (type: string, node: NodeId): Pick<Home, 'alone'> => (ruleOf(type).erasable ? { alone: node } : {});
  const nodeOf = (id: NodeId) => {
    const space = view.spaceOf(id);
    const node = space === undefined ? undefined : view.graph(space)?.node(id);
    return space !== undefined && node ? { space, node } : undefined;
  };
  const homeOf = (id: NodeId): Home => {
    const own = made.get(id);
    if (own) return own;
    const found = nodeOf(id);
    assert(found, `a command writes to the unknown node ${id}`);
    return {
      space: found.space,
      shard: found.node.shard,
      class: ruleOf(found.node.type).class,
      ...aloneOf(found.node.type, id),
    };
  };

  const shardOf = (space: SpaceId, { container, beside }: { container?: NodeId; beside?: NodeId }): ShardId => {
    if (container !== undefined) return contentShardOf(space, container);
    return beside === undefined ? outlineShardOf(space) : homeOf(beside).shard;
  };

  const orderAtEnd = (space: SpaceId, parent: NodeId | '', node: NodeId): string => {
    const key = `${space}/${parent}`;
    const last = lastOrders.get(key) ?? view.graph(space)?.children(parent).at(-1)?.order ?? '';
    const order = orderBetween(last, '', node.slice(0, 4));
    lastOrders.set(key, order);
    return order;
  };

  const writer: Writer = {
    create(space, type, fields, place = {}) {
      const rule = ruleOf(type);
      const inside = place.container !== undefined || place.beside !== undefined;
      assert((rule.home === 'container') === inside, `${type} belongs in its ${rule.home}`);
      assert(rule.home === 'outline' || place.parent === undefined, `${type} stands in no tree`);
      const shard = shardOf(space, place);
      const { node, counter } = nextNode(space);
      const home: Home = { space, shard, class: rule.class, ...aloneOf(type, node) };
      made.set(node, home);
      put(home, { type: 'nodeNew', node, nodeType: type, counter });
      if (place.parent !== undefined) {
        const order = place.order ?? orderAtEnd(space, place.parent, node);
        put(home, { type: 'move', node, parent: place.parent, order });
      }
      for (const [key, value] of Object.entries(fields)) writer.set(node, key, value);
      return node;
    },
    set: (node, key, value) => put(homeOf(node), { type: 'fieldSet', node, key, value: textOf(value) }),
    link: (from, relation, to, value = true) =>
      put(homeOf(from), { type: 'edgeAdd', from, relation, to, value: textOf(value) }),
    unlink(from, relation, to) {
      const home = homeOf(from);
      for (const pile of piles.values()) {
        pile.boxes = pile.boxes.filter(
          ({ op }) => !(op.type === 'edgeAdd' && op.from === from && op.relation === relation && op.to === to),
        );
      }
      const edges = view.graph(home.space)?.edgesFrom(from, relation) ?? [];
      const tags = edges.filter((edge) => edge.to === to).map((edge) => edge.tag);
      for (const part of partsOf(tags)) put(home, { type: 'edgeDel', tags: part });
    },
    move(node, parent, order) {
      const home = homeOf(node);
      assert(home.shard === outlineShardOf(home.space), 'only what stands in the outline is moved');
      put(home, { type: 'move', node, parent, order });
    },
    remove: (node) => put(homeOf(node), { type: 'nodeDel', node }),
    restore(node) {
      const home = homeOf(node);
      for (const part of partsOf(nodeOf(node)?.node.deletions ?? [])) {
        put(home, { type: 'nodeRestore', node, deletions: part });
      }
    },
    fill(document, content) {
      const { space } = homeOf(document);
      if (content.length === 0) return;
      const { n, client } = nextTwin(document);
      const update = updateWriting(content, client);
      put(
        { space, shard: contentShardOf(space, document), class: 'content' },
        { type: 'textUpdate', document, n, update },
      );
    },
    setPersonal(key, value) {
      const space = view.me.personalSpace;
      const graph = view.graph(space);
      // Nothing that is written here is in the graph before all of it is.
      settings ??= graph && settingsOf(graph);
      const known = madeSettings.get(key) ?? settings?.get(key)?.node.id;
      if (known !== undefined) writer.set(known, 'value', value);
      else madeSettings.set(key, writer.create(space, SETTING, { key, value }));
    },
  };

  return {
    ...writer,
    drafts() {
      const drafts = new Map<SpaceId, Draft[]>();
      for (const { space, shard, class: entryClass, boxes } of piles.values()) {
        const parts = split(boxes.map(({ op }) => op)).map((part): Draft => ({ shard, class: entryClass, ops: part }));
        if (parts.length > 0) drafts.set(space, [...(drafts.get(space) ?? []), ...parts]);
      }
      return drafts;
    },
  };
};

const textOf = (value: Value): string => {
  const text = canonicalJson(value);
  assert(text.ok, `a command writes what is not JSON: ${text.ok ? '' : text.error.message}`);
  return text.value;
};

/** Room for tags of 34 bytes each in one op, with all that surrounds them. */
const TAGS_AN_OP = 200;
const partsOf = (tags: readonly OpId[]): readonly (readonly OpId[])[] =>
  Array.from({ length: Math.ceil(tags.length / TAGS_AN_OP) }, (_, i) =>
    tags.slice(i * TAGS_AN_OP, (i + 1) * TAGS_AN_OP),
  );

/** In order, so that each part holds at most `MAX_OPS` ops and fits a body. An op too large for one stands alone. */
export const split = (ops: readonly Op[]): readonly (readonly Op[])[] => {
  const parts: Op[][] = [];
  let part: Op[] = [];
  let size = 0;
  for (const op of ops) {
    const length = encode(opCodec, op).length;
    if (part.length > 0 && (part.length === MAX_OPS || size + length > MAX_OPS_BYTES)) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(op);
    size += length;
  }
  if (part.length > 0) parts.push(part);
  return parts;
};
