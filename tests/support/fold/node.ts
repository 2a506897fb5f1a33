/**
 * One node: every op that names it, and what they come to. Ops wait here for the NODE_NEW; who may do what is
 * decided from the node's author, type and shard, never from the order of arrival: when those change, all is folded anew.
 * Must not know other nodes, documents or edges.
 */

import type { FieldVersion, Role, SchemaRules, Value, Writable } from '../../../src/vm/graph/engine';
import { type Candidate, compare, isCanonicalJson, parseValue } from '../../../src/vm/graph/field';
import { type JsonText, type Op, type OpId, opIdOf } from '../../../src/vm/op/body';
import type { Hlc } from '../../../src/vm/op/clock';
import type { NodeId, ShardId, UserId } from '../../../src/vm/op/ids';
import type { Stamp } from './causal';

export type NodeOp =
  | Exclude<Op, { type: 'edgeAdd' | 'edgeDel' | 'textUpdate' | 'large' | 'unknown' }>
  | { readonly type: 'text' };
/** An op that names a node, and the entry that carries it. */
export type Mark = { readonly stamp: Stamp; readonly index: number; readonly op: NodeOp };
type Birth = Mark & { readonly op: { readonly type: 'nodeNew'; readonly nodeType: string } };
export type Write = Candidate & { readonly stamp: Stamp };
type Cell = { winner: Write; readonly writes: Write[]; value?: { readonly of: JsonText; readonly is: Value } };

export const compareMarks = (a: Mark, b: Mark): number =>
  a.stamp.hlc - b.stamp.hlc || (a.stamp.id < b.stamp.id ? -1 : a.stamp.id > b.stamp.id ? 1 : a.index - b.index);

export const isAdmin = (role: Role): boolean => role === 'owner' || role === 'admin';
export const mayWrite = (rule: Writable, stamp: Stamp, owner: UserId): boolean => {
  if (rule === 'author') return stamp.author === owner;
  if (rule === 'admins') return isAdmin(stamp.role);
  return stamp.role !== 'guest' || stamp.author === owner;
};

export const versionOf = (write: Write): FieldVersion => ({
  json: write.json,
  hlc: write.hlc,
  entry: write.entry,
  author: write.stamp.author,
  device: write.stamp.device,
});

/** What one op changed: `birth` calls for the node's moves and documents to be looked at again. */
export type Effect = 'birth' | 'deletion' | 'move' | 'changed' | 'nothing';

export class NodeState {
  birth: Birth | undefined;
  readonly marks: Mark[] = [];
  readonly cells = new Map<string, Cell>();
  readonly #deletions = new Map<OpId, Stamp>();
  readonly #restores = new Map<OpId, Stamp[]>();
  #open: readonly OpId[] = [];
  updatedAt = 0 as Hlc;

  constructor(
    readonly id: NodeId,
    readonly rules: SchemaRules,
  ) {}

  get author(): UserId | undefined {
    return this.birth?.stamp.author;
  }
  get shard(): ShardId | undefined {
    return this.birth?.stamp.shard;
  }
  /** Deletions that nobody lifted, sorted. */
  get deletions(): readonly OpId[] {
    return this.#open;
  }
  get deleted(): boolean {
    return this.#open.length > 0;
  }

  add(mark: Mark): Effect {
    this.marks.push(mark);
    if (mark.op.type === 'nodeNew') {
      if (this.birth && compareMarks(this.birth, mark) <= 0) return 'nothing';
      this.birth = mark as Birth;
      this.#refold();
      return 'birth';
    }
    return this.#fold(mark);
  }

  #refold(): void {
    this.cells.clear();
    this.#deletions.clear();
    this.#restores.clear();
    this.#open = [];
    this.updatedAt = 0 as Hlc;
    for (const mark of this.marks) this.#fold(mark);
  }

  /** Whether the op counts, by the node's author, type and shard. A document's text may stand in a shard of its own. */
  allows(mark: Mark): boolean {
    const { birth } = this;
    if (!birth) return false;
    const { stamp, op } = mark;
    if (op.type === 'nodeNew') return mark === birth;
    if (op.type === 'text') return true;
    if (stamp.shard !== birth.stamp.shard) return false;
    const owner = birth.stamp.author;
    const type = birth.op.nodeType;
    if (op.type === 'fieldSet')
      return mayWrite(this.rules.field(type, op.key), stamp, owner) && isCanonicalJson(op.value);
    if (op.type === 'move') return mayWrite(this.rules.field(type, 'parent'), stamp, owner);
    if (op.type === 'nodeDel') {
      const rule = this.rules.deletion(type);
      return mayWrite(rule, stamp, owner) || (rule === 'author' && isAdmin(stamp.role));
    }
    return true;
  }

  #fold(mark: Mark): Effect {
    if (!this.allows(mark)) return 'nothing';
    const { stamp, op, index } = mark;
    if (stamp.hlc > this.updatedAt) this.updatedAt = stamp.hlc;
    switch (op.type) {
      case 'nodeNew':
      case 'text':
        return 'changed';
      case 'move':
        return 'move';
      case 'fieldSet':
        this.#write(op.key, { stamp, index, hlc: stamp.hlc, json: op.value, entry: stamp.id });
        return 'changed';
      case 'nodeDel':
        this.#deletions.set(opIdOf(stamp.id, index), stamp);
        return this.#settle();
      case 'nodeRestore':
        for (const deletion of op.deletions) {
          const restores = this.#restores.get(deletion);
          if (restores) restores.push(stamp);
          else this.#restores.set(deletion, [stamp]);
        }
        return this.#settle();
    }
  }

  #write(key: string, write: Write): void {
    const cell = this.cells.get(key);
    if (!cell) {
      this.cells.set(key, { winner: write, writes: [write] });
      return;
    }
    cell.writes.push(write);
    if (compare(write, cell.winner) > 0) cell.winner = write;
  }

  /** A deletion is lifted by its own author or by an Admin. */
  #settle(): Effect {
    const was = this.deleted;
    this.#open = [...this.#deletions]
      .filter(([op, stamp]) => !this.#restores.get(op)?.some((by) => by.author === stamp.author || isAdmin(by.role)))
      .map(([op]) => op)
      .sort();
    return was === this.deleted ? 'changed' : 'deletion';
  }

  value(key: string): Value | undefined {
    const cell = this.cells.get(key);
    if (!cell) return undefined;
    const { json } = cell.winner;
    if (cell.value?.of !== json) cell.value = { of: json, is: parseValue(json) };
    return cell.value.is;
  }
}
