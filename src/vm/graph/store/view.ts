/** A node, its fields and its edges as readers see them: read out of the module's memory when they are asked for. */
import { type OpId, opIdOf } from '../../op/body';
import type { Hlc } from '../../op/clock';
import type { DeviceId, EntryId, NodeId, ShardId, UserId } from '../../op/ids';
import type { Edge, FieldState, FieldVersion, GraphNode, Value } from '../engine';
import { parseValue } from '../field';
import type { Tree } from '../tree';
import { type Address, NAME, type Native } from './native';

const opIdAt = (native: Native, entry: Address, index: number): OpId => opIdOf(native.ownId<EntryId>(entry, 32), index);

const versionAt = (native: Native, entry: Address, value: Address): FieldVersion => ({
  json: native.value(value),
  hlc: native.calls.hlcOf(entry) as Hlc,
  entry: native.ownId<EntryId>(entry, 32),
  author: native.id<UserId>(native.calls.authorOf(entry)),
  device: native.id<DeviceId>(native.calls.deviceOf(entry)),
});

export const losersAt = (native: Native, cell: Address): readonly FieldVersion[] => {
  native.calls.losers(cell);
  const found = native.list(native.calls.out());
  const versions: FieldVersion[] = [];
  for (let i = 0; i < found.length; i += 2)
    versions.push(versionAt(native, found[i] as Address, found[i + 1] as Address));
  return versions;
};

export const edgeAt = (native: Native, edge: Address): Edge => {
  const { calls } = native;
  const entry = calls.edgeEntry(edge);
  return {
    tag: opIdAt(native, entry, calls.edgeIndex(edge)),
    shard: native.id<ShardId>(calls.shardNameOf(entry)),
    from: native.ownId<NodeId>(calls.edgeSource(edge), 16),
    relation: native.text(calls.edgeRelation(edge)),
    to: native.text(calls.edgeTarget(edge)),
    value: parseValue(native.value(calls.edgeValue(edge))),
    author: native.id<UserId>(calls.authorOf(entry)),
    hlc: calls.hlcOf(entry) as Hlc,
  };
};

/** What a view asks of the whole. */
export type Whole = {
  readonly native: Native;
  readonly tree: Tree;
  /** Whether a node is known and not deleted: only then may others hang under it. */
  stands(node: NodeId): boolean;
};

export class StoredNode implements GraphNode {
  readonly #whole: Whole;
  /** Values that were read, each with the address of the text it was read from. */
  #values: Map<string, { readonly of: Address; readonly is: Value }> | undefined;

  constructor(
    readonly id: NodeId,
    readonly address: Address,
    whole: Whole,
  ) {
    this.#whole = whole;
  }
  get #native(): Native {
    return this.#whole.native;
  }
  get #birth(): Address {
    return this.#native.calls.bornIn(this.address);
  }
  get type(): string {
    return this.#native.text(this.#native.calls.typeOf(this.address));
  }
  get shard(): ShardId {
    return this.#native.id(this.#native.calls.shardNameOf(this.#birth));
  }
  get author(): UserId {
    return this.#native.id(this.#native.calls.authorOf(this.#birth));
  }
  get createdAt(): Hlc {
    return this.#native.calls.hlcOf(this.#birth) as Hlc;
  }
  get createdBy(): EntryId {
    return this.#native.ownId(this.#birth, 32);
  }
  get deleted(): boolean {
    return this.#native.calls.openDeletions(this.address) > 0;
  }
  get deletions(): readonly OpId[] {
    if (!this.deleted) return [];
    const { calls } = this.#native;
    calls.deletions(this.address);
    const found = this.#native.list(calls.out());
    const ids: OpId[] = [];
    for (let i = 0; i < found.length; i += 2)
      ids.push(opIdAt(this.#native, found[i] as Address, found[i + 1] as number));
    return ids.sort();
  }
  get updatedAt(): Hlc {
    return this.#native.calls.updatedAt(this.address) as Hlc;
  }
  get parent(): NodeId | '' {
    const parent = this.#whole.tree.place(this.id)?.parent ?? '';
    return parent !== '' && this.#whole.stands(parent) ? parent : '';
  }
  get order(): string {
    return this.#whole.tree.place(this.id)?.order ?? '';
  }
  #cell(key: string): Address {
    const name = this.#native.name(NAME, key);
    return name === 0 ? 0 : this.#native.calls.cellOf(this.address, name);
  }
  #value(key: string, cell: Address): Value {
    const of = this.#native.calls.cellValue(cell);
    const known = this.#values?.get(key);
    if (known?.of === of) return known.is;
    const is = parseValue(this.#native.value(of));
    this.#values ??= new Map();
    this.#values.set(key, { of, is });
    return is;
  }
  field(key: string): Value | undefined {
    const cell = this.#cell(key);
    return cell === 0 ? undefined : this.#value(key, cell);
  }
  fieldState(key: string): FieldState | undefined {
    const cell = this.#cell(key);
    if (cell === 0) return undefined;
    const { calls } = this.#native;
    return {
      value: this.#value(key, cell),
      ...versionAt(this.#native, calls.cellEntry(cell), calls.cellValue(cell)),
      losers: losersAt(this.#native, cell),
    };
  }
  keys(): readonly string[] {
    const { calls } = this.#native;
    const keys: string[] = [];
    for (let cell = calls.firstCell(this.address); cell; cell = calls.nextCell(this.address, cell))
      if (calls.cellEntry(cell)) keys.push(this.#native.text(calls.cellKey(cell)));
    return keys.sort();
  }
}
