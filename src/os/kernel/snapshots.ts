/**
 * The state of one part of a space at some places of its logs: computed from its entries and nothing else, put away sealed,
 * and opened. Whoever has the same entries comes to the same root and the same bytes. It decides nothing about whom to believe.
 *
 * CK7 a root is of the entries that are named, as they count by the rights that are known, and of no others.
 */
import { concat, equalBytes } from '../../base/bytes';
import { deriveKey, sha256 } from '../../base/hash';
import type { Deflate } from '../../ports';
import { openBlob, sealBlob } from '../../vm/blob/chunk';
import { getBlob, putBlob } from '../../vm/blob/store';
import type { FoldEntry } from '../../vm/graph/engine';
import { partsOf, readInSteps, readPart, Survey } from '../../vm/graph/snapshot';
import { createStore } from '../../vm/graph/store/store';
import { type Covered, MAX_SNAPSHOT_PART, MAX_SNAPSHOT_PARTS, type Reach } from '../../vm/op/checkpoint';
import { type Entry, isSealed } from '../../vm/op/entry';
import type { BlobId, ShardId } from '../../vm/op/ids';
import { coveredOps, isWithin } from './bases';
import { type Content, openContent, opsOf } from './bodies';
import type { KernelContext } from './context';
import type { Replica } from './replica';

/** Entries, and bytes of their bodies, opened and folded in one go. */
const SLICE = 64;
const SLICE_BYTES = 16 * 1024;
/** Entries of a snapshot that is tried. */
const TRIED = 32;

/** What the logs of each part hold now, or of one, in one look at all; `forked` where one of them goes on in several ways. */
export const reachesOf = (replica: Replica, only?: ShardId): ReadonlyMap<ShardId, readonly Reach[] | 'forked'> => {
  const reaches = new Map<ShardId, Reach[] | 'forked'>();
  for (const [log, { head, headId, length, forked }] of replica.logs) {
    const shard = head?.header.shard;
    if (shard === undefined || (only !== undefined && shard !== only)) continue;
    const reach = reaches.get(shard) ?? [];
    if (reach !== 'forked') reach.push({ log, length, head: headId });
    reaches.set(shard, forked ? 'forked' : reach);
  }
  for (const reach of reaches.values()) if (reach !== 'forked') reach.sort((a, b) => (a.log < b.log ? -1 : 1));
  return reaches;
};
/** Of one part; `undefined` where one goes on in several ways, or there is none. */
export const reachOf = (replica: Replica, shard: ShardId): readonly Reach[] | undefined => {
  const reach = reachesOf(replica, shard).get(shard);
  return reach === 'forked' ? undefined : reach;
};
/** All that is named is here, on logs that go on in one way up to there. */
export const hasReach = (replica: Replica, reach: readonly Reach[]): boolean =>
  reach.every(({ log, length, head }) => {
    const held = replica.logs.get(log);
    return held !== undefined && held.length >= length && held.forkedAt >= length && held.at(length - 1)?.id === head;
  });

/** As the graph is given it. `unknown`: it cannot be read here. `none`: it says nothing. */
export const foldOf = async (
  context: KernelContext,
  replica: Replica,
  entry: Entry,
): Promise<FoldEntry | 'none' | 'unknown'> => {
  if (!isSealed(entry)) return 'none';
  const why = replica.unfolded.get(entry.id);
  // Another key of the part may open what this one did not.
  if (why === 'void') return replica.isSureOf(entry.id) ? 'none' : 'unknown';
  if (why !== undefined && why !== 'held') return 'unknown';
  const base = entry.shelved && replica.baseOf(entry);
  const content: Content | undefined = base
    ? { ops: coveredOps(base, entry.id), text: true }
    : (replica.opened(entry) ?? (await openContent(context, replica, entry)).content);
  if (!content) return 'unknown';
  const verdict = replica.judging.judge(entry);
  const hollow = verdict.type !== 'allowed';
  const author = hollow ? replica.rights.userOf(entry.header.device) : verdict.user;
  if (!author || (hollow && !content.text)) return 'none';
  const ops = opsOf(content, entry.header);
  const { id, log, header } = entry;
  const { shard, seq, device, incarnation, hlc, prev, deps } = header;
  const role = hollow ? 'guest' : verdict.role;
  return { id, log, space: replica.id, shard, seq, device, incarnation, author, role, hollow, hlc, prev, deps, ops };
};

/** `firm`: nothing of it counts, or not, by when it came to light: that others may know otherwise. */
type State = {
  readonly firm: boolean;
  readonly root: Uint8Array<ArrayBuffer>;
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
};

/** `undefined` where something of it cannot be read here, or what counts changed meanwhile. `snapshot`: with its parts. */
export const stateOf = async (
  context: KernelContext,
  replica: Replica,
  shard: ShardId,
  reach: readonly Reach[],
  { pause, snapshot }: { readonly pause: () => Promise<void>; readonly snapshot: boolean },
): Promise<State | undefined> => {
  if (!hasReach(replica, reach)) return undefined;
  const generation = replica.rights.generation();
  const erased = erasedIn(replica, shard);
  const { baseRound } = replica;
  const engine = createStore(context.ports.graph, context.rules);
  const base = replica.bases.get(shard);
  // What it covers cannot be told apart again.
  if (base && !isWithin(base, replica, reach)) return undefined;
  if (base) engine.layBase(base.document, base.text);
  const folded: FoldEntry[] = [];
  let firm = true;
  for (const { log, length } of reach) {
    for (const slice of slicesOf(replica.log(log).slice(0, length))) {
      firm &&= slice.every((entry) => !isSealed(entry) || !hangsOnTime(replica, entry));
      const items = await Promise.all(slice.map((entry) => foldOf(context, replica, entry)));
      const fold: FoldEntry[] = [];
      for (const item of items) {
        if (item === 'unknown') return undefined;
        if (item !== 'none') fold.push(item);
      }
      engine.apply(fold);
      folded.push(...fold);
      await pause();
    }
  }
  while (engine.digestSome()) await pause();
  const root = engine.stateHash([]).shards.get(shard)?.slice() ?? new Uint8Array(32);
  let parts: State['parts'] = [];
  if (snapshot) {
    const making = partsOf(folded, new Survey(engine));
    let step = making.next();
    for (; !step.done; step = making.next()) await pause();
    parts = step.value;
    if (parts.length > MAX_SNAPSHOT_PARTS || parts.some(({ length }) => length > MAX_SNAPSHOT_PART)) return undefined;
    // Only what gives the state again is put away.
    const again = createStore(context.ports.graph, context.rules);
    for (const part of parts) {
      const reading = readInSteps(part, replica.id, shard);
      let read = reading.next();
      for (; !read.done; read = reading.next()) await pause();
      if (!read.value.ok) return undefined;
      for (let from = 0; from < read.value.value.length; from += TRIED) {
        again.apply(read.value.value.slice(from, from + TRIED));
        await pause();
      }
    }
    while (again.digestSome()) await pause();
    if (!equalBytes(again.stateHash([]).shards.get(shard) ?? new Uint8Array(32), root)) return undefined;
  }
  if (engine.takeLostBases().length > 0) return undefined;
  const same =
    replica.rights.generation() === generation &&
    replica.baseRound === baseRound &&
    erasedIn(replica, shard) === erased;
  return same && hasReach(replica, reach) ? { root, parts, firm } : undefined;
};
/** At least one entry each. */
const slicesOf = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const slices: Entry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const last = slices.at(-1);
    if (last && last.length < SLICE && bytes + entry.header.bodyLength <= SLICE_BYTES) last.push(entry);
    else {
      slices.push([entry]);
      bytes = 0;
    }
    bytes += entry.header.bodyLength;
  }
  return slices;
};
/** It counts, or not, by when it came to light. */
const hangsOnTime = (replica: Replica, entry: Entry): boolean => {
  const verdict = replica.judging.judge(entry);
  return verdict.type === 'allowed'
    ? verdict.until !== undefined
    : verdict.type === 'held' && verdict.reason === 'late';
};
const erasedIn = (replica: Replica, shard: ShardId): string =>
  replica.erasing
    .erasures(shard)
    .map(({ entry }) => entry.id)
    .join();

const partKey = (shardKey: Uint8Array, salt: Uint8Array): Uint8Array<ArrayBuffer> =>
  deriveKey(shardKey, salt, 'lgos/snapshot/2');

/** A part is deflated where it is no larger than that, and than so many times what comes of it. */
const MAX_INFLATED = 8 * 1024 * 1024;
const MAX_RATIO = 8;
const mayInflate = (size: number, deflated: number): boolean => size <= MAX_INFLATED && size <= deflated * MAX_RATIO;
/** What is sealed of a part: 0 and the part, or 1 and the part deflated. */
const packed = async (deflate: Deflate | undefined, part: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
  const small = part.length <= MAX_INFLATED ? await deflate?.deflate(part, part.length) : undefined;
  return small && mayInflate(part.length, small.length) ? concat(DEFLATED, small) : concat(PLAIN, part);
};
const [PLAIN, DEFLATED] = [new Uint8Array([0]), new Uint8Array([1])];
const unpacked = async (
  deflate: Deflate | undefined,
  bytes: Uint8Array,
  size: number,
): Promise<Uint8Array | undefined> => {
  const inside = bytes.subarray(1);
  if (bytes[0] === 0) return inside;
  return bytes[0] === 1 && mayInflate(size, inside.length) ? deflate?.inflate(inside, size) : undefined;
};

/** Puts the parts into the storage. `undefined` where there is no room. */
export const putParts = async (
  { ports: { crypto, random, storage, deflate } }: KernelContext,
  parts: State['parts'],
  shardKey: Uint8Array,
  pause: () => Promise<void>,
): Promise<Pick<Covered, 'salt' | 'parts'> | undefined> => {
  const salt = random.bytes(16);
  const key = partKey(shardKey, salt);
  const put: Covered['parts'][number][] = [];
  for (const part of parts) {
    const blob = await sealBlob(crypto, await packed(deflate, part), key, random.bytes(16));
    if (!blob.ok || !(await putBlob(storage, blob.value, 'relaxed')).ok) return undefined;
    put.push({ blob: blob.value.id, size: part.length, digest: sha256(part) });
    await pause();
  }
  return { salt, parts: put };
};

/** What one part holds. `absent`: not here yet. `bad`: not what was signed. */
export const openPart = async (
  { ports: { crypto, storage, deflate } }: KernelContext,
  replica: Replica,
  { shard, epoch, salt, parts }: Covered,
  blob: BlobId,
): Promise<readonly FoldEntry[] | 'absent' | 'bad'> => {
  const shardKey = replica.shardKey(epoch, shard);
  const stated = parts.find((part) => part.blob === blob);
  const sealed = await getBlob(storage, blob);
  if (!shardKey || !stated || !sealed.ok) return 'absent';
  const opened = await openBlob(crypto, sealed.value, partKey(shardKey, salt));
  const part = opened.ok ? await unpacked(deflate, opened.value, stated.size) : undefined;
  if (!part || part.length !== stated.size || !equalBytes(sha256(part), stated.digest)) return 'bad';
  const read = readPart(part, replica.id, shard);
  return read.ok ? read.value : 'bad';
};
