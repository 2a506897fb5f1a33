/**
 * The engine's module as TypeScript sees it: its calls, its memory, and how ids and texts are read out of it. What was
 * read of an interned text is remembered, for addresses never change their meaning. Must not know what a node is.
 */
import { fromUtf8, toHex, utf8, writeHex } from '../../../base/bytes';
import type { GraphModule } from '../../../ports';
import type { NodeId } from '../../op/ids';
import type { SchemaRules, Writable } from '../engine';
import { isCanonicalJson } from '../field';

/** An address in the module's memory; 0 names nothing. */
export type Address = number;
/** Addresses and numbers are 32 bits; `hlc` and such are doubles. */
type To = (...args: readonly number[]) => number;
type Do = (...args: readonly number[]) => void;
export type Calls = {
  readonly init: (limit: number, seed: bigint) => void;
  readonly checksum: (length: number) => bigint;
  readonly xxh64: (at: Address, length: number) => bigint;
} & Readonly<
  Record<
    | ('setSpace' | 'space' | 'input' | 'used' | 'head' | 'makeRoom' | 'adopt' | 'rulesHold' | 'ingest' | 'plain')
    | ('changed' | 'changedFrom' | 'turned' | 'born' | 'reborn' | 'texts' | 'out' | 'hexOf')
    | ('nodeCount' | 'fieldCount' | 'edgeCount' | 'entryCount' | 'opCount')
    | ('findNode' | 'nodeAt' | 'findStr' | 'strOf' | 'strAt' | 'strSize' | 'hangs')
    | ('bornIn' | 'typeOf' | 'updatedAt' | 'openDeletions' | 'firstIn' | 'nextOfType' | 'nextOfShard')
    | (
        | 'cellOf'
        | 'firstCell'
        | 'nextCell'
        | 'cellKey'
        | 'cellEntry'
        | 'cellValue'
        | 'cellIndex'
        | 'valueAt'
        | 'valueSize'
      )
    | ('findEntry' | 'logOf' | 'seqOf')
    | (
        | 'hlcOf'
        | 'bornOn'
        | 'incarnationOf'
        | 'counterOf'
        | 'shardNameOf'
        | 'deviceOf'
        | 'authorOf'
        | 'opEntry'
        | 'opIndex'
        | 'opA'
        | 'opB'
      )
    | ('edgeEntry' | 'edgeIndex' | 'edgeSource' | 'edgeRelation' | 'edgeTarget' | 'edgeValue')
    | ('shardName' | 'shardRoot' | 'hashSome'),
    To
  >
> &
  Readonly<
    Record<
      | ('begin' | 'changedTypes' | 'markText' | 'setPlace' | 'takeMoves' | 'losers' | 'history' | 'deletions')
      | ('edgesFrom' | 'edgesTo' | 'edgeHistory' | 'hashState' | 'hashText'),
      Do
    >
  >;

/** The kinds of interned texts. */
export const TYPE = 2;
export const TARGET = 3;
export const SHARD = 4;
export const NAME = 5;

const WRITABLE: readonly Writable[] = ['author', 'members', 'admins'];
const MAX_REMEMBERED = 50_000;
export class Native {
  readonly calls: Calls;
  readonly #memory: { readonly buffer: ArrayBuffer };
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  readonly #texts = new Map<Address, string>();
  readonly #hexes = new Map<Address, string>();
  /** By kind; 0 for what nobody named. */
  readonly #names: Map<string, Address>[] = [];
  #unnamed: { readonly names: Map<string, Address>; readonly text: string }[] = [];

  constructor(module: GraphModule, rules: SchemaRules) {
    const instance = module.instantiate({
      canonical: (at, length) => (isCanonicalJson(this.textAt(at, length)) ? 1 : 0),
      rule: (what, a, b) => WRITABLE.indexOf(this.#ask(rules, what, a, b)),
    });
    this.calls = instance.calls as Calls;
    this.#memory = instance.memory;
  }
  #ask(rules: SchemaRules, what: number, a: Address, b: Address): Writable {
    if (what === 0) return rules.field(this.text(a), this.text(b));
    return what === 1 ? rules.deletion(this.text(a)) : rules.relation(this.text(a));
  }

  /** The whole memory; not to be kept, for it moves when it grows. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }
  get #u32(): Uint32Array {
    if (this.#words.buffer !== this.#memory.buffer) this.#words = new Uint32Array(this.#memory.buffer);
    return this.#words;
  }
  get reserved(): number {
    return this.#memory.buffer.byteLength;
  }

  // --- Reading -----------------------------------------------------------------------------------------------

  textAt(at: Address, length: number): string {
    const { bytes } = this;
    if (length > 32) return fromUtf8(bytes.subarray(at, at + length));
    let text = '';
    for (let i = at; i < at + length; i++) {
      const byte = bytes[i] as number;
      if (byte > 127) return fromUtf8(bytes.subarray(at, at + length));
      text += String.fromCharCode(byte);
    }
    return text;
  }
  hexAt(at: Address, length: number): string {
    return toHex(this.bytes.subarray(at, at + length));
  }
  #remembered(known: Map<Address, string>, at: Address, read: () => string): string {
    const found = known.get(at);
    if (found !== undefined) return found;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const text = read();
    known.set(at, text);
    return text;
  }
  /** Of an interned text. */
  text(str: Address): string {
    return this.#remembered(this.#texts, str, () => this.textAt(this.calls.strAt(str), this.calls.strSize(str)));
  }
  /** Of an interned id. */
  id<Id extends string>(str: Address): Id {
    return this.#remembered(this.#hexes, str, () => this.hexAt(this.calls.strAt(str), this.calls.strSize(str))) as Id;
  }
  /** Of an entry or a node: its first bytes are its id. */
  ownId<Id extends string>(record: Address, length: 16 | 32): Id {
    return this.#remembered(this.#hexes, record, () => this.hexAt(record, length)) as Id;
  }
  value(value: Address): string {
    return this.textAt(this.calls.valueAt(value), this.calls.valueSize(value));
  }
  /** A copy of a list, for the next call may change it. */
  list(list: Address): Uint32Array {
    const words = this.#u32;
    const from = (words[list >> 2] as number) >> 2;
    return words.slice(from, from + (words[(list >> 2) + 1] as number));
  }

  lengthOf(list: Address): number {
    return this.#u32[(list >> 2) + 1] as number;
  }
  /** The ids of nodes. */
  ids(nodes: Uint32Array): readonly NodeId[] {
    const count = nodes.length;
    if (count === 0) return [];
    const at = this.calls.input(count * 4);
    this.#u32.set(nodes, at >> 2);
    const from = this.calls.hexOf(at, count);
    const text = fromUtf8(this.bytes.subarray(from, from + count * 32));
    return Array.from({ length: count }, (_, i) => text.slice(i * 32, i * 32 + 32) as NodeId);
  }

  // --- Asking ------------------------------------------------------------------------------------------------

  /** Puts bytes where the module reads them; valid until the next call. */
  put(bytes: Uint8Array): Address {
    const at = this.calls.input(bytes.length);
    this.bytes.set(bytes, at);
    return at;
  }
  /** 0 where nobody ever named it. */
  node(id: string): Address {
    const at = this.calls.input(16);
    return writeHex(id, this.bytes, at, 16) ? this.calls.findNode(at) : 0;
  }
  /** Taken in, or only named by others; 0 where nobody ever named it. */
  entry(id: string): Address {
    const at = this.calls.input(32);
    return writeHex(id, this.bytes, at, 32) ? this.calls.findEntry(at) : 0;
  }
  str(kind: number, bytes: Uint8Array): Address {
    return this.calls.findStr(kind, this.put(bytes), bytes.length);
  }
  /** Of a type, a field's key or a relation. */
  name(kind: number, text: string): Address {
    let names = this.#names[kind];
    if (!names) {
      names = new Map();
      this.#names[kind] = names;
    }
    const known = names.get(text);
    if (known !== undefined) return known;
    const found = this.str(kind, utf8(text));
    if (names.size >= MAX_REMEMBERED) names.clear();
    names.set(text, found);
    if (found === 0) this.#unnamed.push({ names, text });
    return found;
  }
  /** Something was taken in: what nobody had named may be named now. */
  learned(): void {
    for (const { names, text } of this.#unnamed) names.delete(text);
    this.#unnamed = [];
  }
}
