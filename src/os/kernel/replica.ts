/**
 * What this node holds of one space: its logs, rights, keys and graph. State and questions about it; what changes it is
 * the door (`admit.ts`) alone.
 */

import { concat, fromHex, toHex } from '../../base/bytes';
import { encode, u64 } from '../../base/codec';
import { hash } from '../../base/hash';
import type { ChangeSet, Engine, FoldEntry } from '../../vm/graph/engine';
import { createFold } from '../../vm/graph/fold';
import { Journal } from '../../vm/journal/journal';
import { EntryLog } from '../../vm/journal/log';
import { Waiting } from '../../vm/journal/waiting';
import type { Op } from '../../vm/op/body';
import type { Entry } from '../../vm/op/entry';
import {
  aclShardOf,
  type DeviceId,
  type EntryId,
  type EpochId,
  type LogId,
  metaShardOf,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type UserId,
} from '../../vm/op/ids';
import { shardKeyOf } from '../../vm/op/seal';
import type { Role } from '../rights/acl';
import { askedOf } from '../rights/authorize';
import { tipsOf, writingEpoch } from '../rights/epochs';
import { mergedShardKey, type PartName, partName } from '../rights/keyring';
import { createRights, type Rights } from '../rights/resolve';
import type { KernelContext } from './context';

/** Why an admitted entry is not in the graph: its key is not known, its author was removed, a payload is on its way. */
export type Unfolded = 'noKey' | 'held' | 'needsBlob' | 'void';
export type Receipt = { readonly hlc: number; readonly at: number; readonly heights: ReadonlyMap<LogId, number> };

export class Replica {
  readonly rights: Rights;
  readonly journal: Journal;
  readonly waiting = new Waiting();
  readonly logs = new Map<LogId, EntryLog>();
  readonly entries = new Map<EntryId, Entry>();
  /** Decrypted ops of entries, kept so that the graph can be built again when rights change. */
  readonly ops = new Map<EntryId, readonly Op[]>();
  /** How each readable entry was judged when the graph was built. */
  readonly judged = new Map<EntryId, Role | 'held'>();
  readonly unfolded = new Map<EntryId, Unfolded>();
  /** Signed and sound, but from the future: one a log. */
  readonly parked = new Map<LogId, Entry>();
  /** Entries of a shard that no other entry of it builds on. */
  readonly frontiers = new Map<ShardId, Set<EntryId>>();
  readonly durable = new Map<LogId, number>();
  /** By device and shard: what each has stated to hold. */
  readonly receipts = new Map<DeviceId, Map<ShardId, Receipt>>();
  keys = new Map<EpochId, Uint8Array>();
  /** Of single parts, where the epoch's own key is not known. */
  parts = new Map<PartName, Uint8Array>();
  /** Ids under which several epochs were written under at once -> those epochs. */
  merged: ReadonlyMap<EpochId, readonly EpochId[]> = new Map();
  /** How many entries each epoch has. */
  readonly entriesUnder = new Map<EpochId, number>();
  /** Of ours, shown here before they can be sealed: they wait for a key. */
  readonly provisional = new Map<EntryId, FoldEntry>();
  engine: Engine;
  readonly acl: ShardId;
  readonly meta: ShardId;
  readonly outline: ShardId;

  constructor(
    private readonly context: KernelContext,
    readonly id: SpaceId,
  ) {
    this.rights = createRights(id);
    this.journal = new Journal(context.ports.storage, id);
    this.engine = createFold(context.rules);
    this.acl = aclShardOf(id);
    this.meta = metaShardOf(id);
    this.outline = outlineShardOf(id);
  }

  log(id: LogId): EntryLog {
    let log = this.logs.get(id);
    if (!log) {
      log = new EntryLog(id);
      this.logs.set(id, log);
    }
    return log;
  }

  get readable(): boolean {
    return this.keys.size > 0 || this.parts.size > 0;
  }
  /** Everything in the space can be read, not parts alone. */
  get readableWhole(): boolean {
    return this.keys.size > 0;
  }

  /** The epoch to write under, as the rights log has it, whether its key is known or not. */
  writingEpoch(): EpochId | undefined {
    const generation = this.rights.generation();
    if (this.#writing?.generation !== generation)
      this.#writing = { generation, epoch: writingEpoch(this.id, tipsOf(this.rights)) };
    return this.#writing.epoch;
  }
  #writing: { readonly generation: number; readonly epoch: EpochId | undefined } | undefined;
  /** The epoch to write under, where its whole key is known. */
  currentEpoch(): EpochId | undefined {
    const epoch = this.writingEpoch();
    const all = epoch && (this.merged.get(epoch) ?? [epoch]);
    return all?.every((each) => this.keys.has(each)) ? epoch : undefined;
  }
  /** The key of a part of the space under an epoch. Of several at once it takes the keys of all (EP1). */
  shardKey(epoch: EpochId, shard: ShardId): Uint8Array | undefined {
    const together = this.merged.get(epoch);
    if (together) {
      const keys = together.map((each) => this.shardKey(each, shard));
      return keys.every((key) => key !== undefined) ? mergedShardKey(epoch, keys) : undefined;
    }
    const key = this.keys.get(epoch);
    return key ? shardKeyOf(key, shard) : this.parts.get(partName(epoch, shard));
  }
  /** What to seal under in this part; `undefined` while its key is not known. */
  writingKey(shard: ShardId): { readonly epoch: EpochId; readonly key: Uint8Array } | undefined {
    const epoch = this.writingEpoch();
    const key = epoch && this.shardKey(epoch, shard);
    return epoch && key ? { epoch, key } : undefined;
  }
  /** Something that is written now can be read. */
  get holdsCurrent(): boolean {
    if (this.currentEpoch()) return true;
    const tips = tipsOf(this.rights).map(({ act }) => act.epoch);
    const parts = [...this.parts.keys()];
    return tips.length > 0 && tips.every((epoch) => parts.some((name) => name.startsWith(`${epoch}/`)));
  }
  /** Epochs under which something was written in this part. */
  epochsUsed(shard: ShardId): ReadonlySet<EpochId> {
    const used = new Set<EpochId>();
    for (const { head, id } of this.logs.values()) {
      if (head?.header.shard !== shard) continue;
      for (const { header } of this.log(id).slice(0))
        for (const epoch of this.merged.get(header.epoch) ?? [header.epoch]) used.add(epoch);
    }
    return used;
  }

  /** The head of the rights log to act under: the latest whose past lets `user` act. */
  aclRefFor(user: UserId): EntryId | undefined {
    return [...this.rights.heads()]
      .filter((head) => this.rights.roleAt(user, head) !== 'none')
      .sort((a, b) => (this.entries.get(b)?.header.hlc ?? 0) - (this.entries.get(a)?.header.hlc ?? 0))[0];
  }

  /** Whether an entry that is here would be shown now and was not, or the other way round, or under another role. */
  judgedOtherwise(): boolean {
    for (const [id, ops] of this.ops) {
      const entry = ops && this.entries.get(id);
      if (!entry || !this.judged.has(id)) continue;
      const verdict = this.rights.judge(askedOf(entry, this));
      if (this.judged.get(id) !== (verdict.type === 'allowed' ? verdict.role : 'held')) return true;
    }
    return false;
  }

  /** What the fold is given for an entry that may be shown; `undefined` otherwise, with the reason noted. */
  toFold(entry: Entry): FoldEntry | undefined {
    const ops = this.ops.get(entry.id);
    if (!ops) return undefined;
    const { header } = entry;
    const verdict = this.rights.judge(askedOf(entry, this));
    this.judged.set(entry.id, verdict.type === 'allowed' ? verdict.role : 'held');
    if (verdict.type !== 'allowed') {
      this.unfolded.set(entry.id, 'held');
      return undefined;
    }
    this.unfolded.delete(entry.id);
    return {
      id: entry.id,
      log: entry.log,
      space: this.id,
      shard: header.shard,
      seq: header.seq,
      device: header.device,
      incarnation: header.incarnation,
      author: verdict.user,
      role: verdict.role,
      hlc: header.hlc,
      deps: header.deps,
      ops,
    };
  }

  /** Builds the graph anew: the rights changed what counts. Gives everything as changed. */
  rebuild(): ChangeSet {
    this.engine = createFold(this.context.rules);
    const fold: FoldEntry[] = [];
    for (const entry of this.entries.values()) {
      const item = entry.header.kind === 'data' ? this.toFold(entry) : undefined;
      if (item) fold.push(item);
    }
    fold.push(...this.provisional.values());
    const changes = this.engine.apply(fold);
    return { ...changes, rebuilt: new Set(changes.documents.keys()) };
  }

  frontier(shard: ShardId): Set<EntryId> {
    let frontier = this.frontiers.get(shard);
    if (!frontier) {
      frontier = new Set();
      this.frontiers.set(shard, frontier);
    }
    return frontier;
  }

  /** Log -> number of entries held, for reconciliation. */
  vector(only?: (shard: ShardId) => boolean): Map<LogId, number> {
    const vector = new Map<LogId, number>();
    for (const [id, log] of this.logs) {
      const shard = log.head?.header.shard;
      if (shard && (!only || only(shard))) vector.set(id, log.length);
    }
    return vector;
  }

  /** 32 bytes over the sorted (log, length, head): equal exactly when two nodes hold the same. */
  digest(): Uint8Array<ArrayBuffer> {
    const parts = [...this.logs.values()]
      .filter((log) => log.length > 0)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .flatMap((log) => [fromHex(log.id), encode(u64, log.length), fromHex(log.headId)]);
    return hash('lgos/root/1', concat(...parts));
  }

  stateHash(): string {
    return toHex(this.engine.stateHash([...this.rights.ids()].sort()).space);
  }

  /** How many beacons and other devices have stated that they hold this entry. */
  holders(entry: Entry): { beacons: number; devices: number } {
    let beacons = 0;
    let devices = 0;
    for (const [device, shards] of this.receipts) {
      if (device === this.context.device.device) continue;
      const height = shards.get(entry.header.shard)?.heights.get(entry.log);
      if (height === undefined || height < entry.header.seq) continue;
      if (this.rights.relays().has(device)) beacons++;
      else devices++;
    }
    return { beacons, devices };
  }
  isDurable(entry: Entry): boolean {
    return (this.durable.get(entry.log) ?? -1) >= entry.header.seq;
  }
}
