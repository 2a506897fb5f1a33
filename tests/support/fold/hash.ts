/**
 * The hash of a state: an additive LtHash a shard, so that an item goes in or out at the same cost at any size and
 * in any order. 1,024 lanes of 16 bits, filled from BLAKE3; the shard's hash is SHA-256 over the lanes.
 * What is added is one digest an owner (a node, an edge, a document) over all its items: filling the lanes costs fifty
 * times what hashing a line does. An owner is hashed anew only after it changed.
 */
import { blake3 } from '@noble/hashes/blake3.js';
import { concat, fromHex, toHex, utf8 } from '../../../src/base/bytes';
import { hash } from '../../../src/base/hash';
import type { StateHash } from '../../../src/vm/graph/engine';
import type { EntryId, ShardId } from '../../../src/vm/op/ids';

const LANES = 1024;
/** One line of the state as a list of texts. Numbers stay out: their text is not the same in every engine. */
export type HashItem = readonly string[];

const digestOf = (items: readonly HashItem[]): string =>
  toHex(blake3(utf8(`lgos/items/1\0${JSON.stringify(items.map((item) => JSON.stringify(item)).sort())}`)));
const lanesOf = (digest: string): DataView => {
  const bytes = blake3(fromHex(digest), { dkLen: LANES * 2 });
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
};

export class ShardHashes {
  readonly #lanesByShard = new Map<ShardId, Uint16Array>();
  readonly #ownedByOwner = new Map<string, { readonly shard: ShardId; readonly digest: string }>();

  #add(shard: ShardId, digest: string, sign: 1 | -1): void {
    const lanes = this.#lanesByShard.get(shard) ?? new Uint16Array(LANES);
    this.#lanesByShard.set(shard, lanes);
    const item = lanesOf(digest);
    for (let i = 0; i < LANES; i++) lanes[i] = (lanes[i] as number) + sign * item.getUint16(i * 2, true);
  }

  /** Replaces all items of `owner`; their order does not count. */
  set(owner: string, shard: ShardId, items: readonly HashItem[]): void {
    const was = this.#ownedByOwner.get(owner);
    const digest = items.length > 0 ? digestOf(items) : undefined;
    if (was?.digest === digest && was?.shard === shard) return;
    if (was) this.#add(was.shard, was.digest, -1);
    this.#ownedByOwner.delete(owner);
    if (digest === undefined) return;
    this.#add(shard, digest, 1);
    this.#ownedByOwner.set(owner, { shard, digest });
  }

  /** A shard whose items all left hashes as one that never had any, and is not listed. */
  state(aclIds: readonly EntryId[]): StateHash {
    const shards = new Map<ShardId, Uint8Array>();
    for (const shard of [...this.#lanesByShard.keys()].sort()) {
      const lanes = this.#lanesByShard.get(shard) as Uint16Array;
      if (lanes.every((lane) => lane === 0)) continue;
      const bytes = new DataView(new ArrayBuffer(LANES * 2));
      for (const [i, lane] of lanes.entries()) bytes.setUint16(i * 2, lane, true);
      shards.set(shard, hash('lgos/state/shard/1', new Uint8Array(bytes.buffer)));
    }
    const acl = [...new Set(aclIds)].sort().map((id) => fromHex(id));
    const roots = [...shards].map(([shard, root]) => concat(fromHex(shard), root));
    const space = hash('lgos/state/space/1', hash('lgos/state/shards/1', ...roots), hash('lgos/state/acl/1', ...acl));
    return { space, shards };
  }
}
