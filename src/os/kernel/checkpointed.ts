/**
 * The checkpoints of one space: who stated which state, who confirmed it, and which of them a newcomer may open from before
 * the history has come. It reads no content and no bytes of snapshots.
 *
 * CK4 a checkpoint is signed by Members and above, about parts that they may write to; anybody's is kept that was allowed
 *     where it stood, with and without keys. It changes nothing in the graph.
 * CK5 one is believed where two people stated the same root, one of them an Owner or Admin; the Owner alone where nobody
 *     else may write. Their rights are asked by all that is known.
 * CK6 one is void for a part in which something was erased that it did not know of: its snapshot goes.
 */

import { toHex } from '../../base/bytes';
import type { CheckpointBody, Covered, Reach, StateBody } from '../../vm/op/checkpoint';
import type { Entry } from '../../vm/op/entry';
import type { BlobId, EntryId, ShardId, UserId } from '../../vm/op/ids';
import { type Role, rankOf } from '../rights/acl';
import type { Rights, Verdict } from '../rights/resolve';

/** A state of one part, as somebody stated it. */
export type Stated = {
  readonly entry: Entry;
  readonly body: StateBody;
  readonly covered: Covered;
  /** All who say so by rights that hold, whoever stated it first. */
  readonly signers: readonly UserId[];
};
type Confirmation = { readonly entry: Entry; readonly roots: ReadonlyMap<ShardId, string> };

type CheckpointedParts = {
  readonly rights: Pick<Rights, 'members' | 'generation'>;
  now(): number;
  /** How many erasures there are, whether they count or not. */
  erased(): number;
  /** Erasures that count, in a part. */
  erasures(shard: ShardId): readonly Entry[];
  /** By all that is known. */
  judge(entry: Entry, shard: ShardId): Verdict;
};

export class Checkpointed {
  readonly #states = new Map<EntryId, { readonly entry: Entry; readonly body: StateBody }>();
  readonly #statesByShard = new Map<ShardId, EntryId[]>();
  readonly #confirmations = new Map<EntryId, Confirmation[]>();

  /** What this device came to the same as. */
  readonly #verified = new Set<string>();
  readonly #false = new Map<string, Stated>();

  constructor(private readonly parts: CheckpointedParts) {}

  #added = 0;
  add(entry: Entry, body: CheckpointBody): void {
    this.#added++;
    if (body.type === 'confirm') {
      const roots = new Map(body.shards.map(({ shard, root }) => [shard, toHex(root)]));
      this.#confirmations.set(body.of, [...(this.#confirmations.get(body.of) ?? []), { entry, roots }]);
      return;
    }
    this.#states.set(entry.id, { entry, body });
    for (const { shard, parts } of body.shards) {
      this.#statesByShard.set(shard, [...(this.#statesByShard.get(shard) ?? []), entry.id]);
      for (const { blob } of parts) this.#parts.add(blob);
    }
  }

  /** Whether this device came to the same; `undefined` where it has not looked, or cannot. */
  isVerified(stated: Stated): boolean | undefined {
    if (this.#false.has(nameOf(stated))) return false;
    return this.#verified.has(nameOf(stated)) || undefined;
  }
  verify(stated: Stated, same: boolean): void {
    this.#added++;
    if (same) this.#verified.add(nameOf(stated));
    else this.#false.set(nameOf(stated), stated);
  }
  /** CK10: what was signed and the history does not give. */
  get falseStates(): readonly Stated[] {
    return [...this.#false.values()];
  }

  /** Whether it is part of a snapshot, as far as is known. */
  names(blob: BlobId): boolean {
    return this.#parts.has(blob);
  }
  readonly #parts = new Set<BlobId>();

  get shards(): Iterable<ShardId> {
    return this.#statesByShard.keys();
  }
  /** All statements about a part that are not void, and not known to be false, the latest first. */
  of(shard: ShardId): readonly Stated[] {
    const erasures = this.parts.erasures(shard);
    const found = (this.#statesByShard.get(shard) ?? []).flatMap((id): readonly Stated[] => {
      const { entry, body } = this.#states.get(id) as { entry: Entry; body: StateBody };
      const covered = body.shards.find((each) => each.shard === shard) as Covered;
      if (erasures.some((erase) => !reaches(body.erasures, erase))) return [];
      const stated = { entry, body, covered, signers: this.#signersOf(entry, covered) };
      return this.#false.has(nameOf(stated)) ? [] : [stated];
    });
    return found.sort((a, b) => b.entry.header.hlc - a.entry.header.hlc || (a.entry.id < b.entry.id ? -1 : 1));
  }
  /** CK5: the latest that may be believed. */
  believed(shard: ShardId): Stated | undefined {
    const roles = this.parts.rights.members(this.parts.now());
    return this.of(shard).find(({ signers }) => isBelieved(signers, roles));
  }
  /** Parts of snapshots that nobody needs: of what is void, and of what a later one that is believed took the place of. */
  get needless(): ReadonlySet<BlobId> {
    const stamp = `${this.parts.rights.generation()} ${this.#added} ${this.parts.erased()}`;
    if (this.#needless?.stamp !== stamp) this.#needless = { stamp, blobs: this.#findNeedless() };
    return this.#needless.blobs;
  }
  #needless: { readonly stamp: string; readonly blobs: ReadonlySet<BlobId> } | undefined;
  #findNeedless(): ReadonlySet<BlobId> {
    const needed = new Set<BlobId>();
    const needless = new Set<BlobId>();
    for (const shard of this.shards) {
      const believed = this.believed(shard);
      for (const stated of this.of(shard)) {
        const older = believed && stated.entry.header.hlc < believed.entry.header.hlc;
        if (!older) for (const { blob } of stated.covered.parts) needed.add(blob);
      }
    }
    for (const { body } of this.#states.values())
      for (const { parts } of body.shards) for (const { blob } of parts) if (!needed.has(blob)) needless.add(blob);
    return needless;
  }

  #signersOf(entry: Entry, { shard, root }: Covered): readonly UserId[] {
    const same = toHex(root);
    const confirming = (this.#confirmations.get(entry.id) ?? []).filter(({ roots }) => roots.get(shard) === same);
    const signers = new Set<UserId>();
    for (const signed of [entry, ...confirming.map((each) => each.entry)]) {
      const verdict = this.parts.judge(signed, shard);
      if (verdict.type === 'allowed') signers.add(verdict.user);
    }
    return [...signers];
  }
}

const nameOf = ({ entry, covered }: Stated): string => `${entry.id} ${covered.shard}`;

const isBelieved = (signers: readonly UserId[], roles: ReadonlyMap<UserId, Role>): boolean => {
  const rank = (user: UserId): number => rankOf(roles.get(user) ?? 'guest');
  const writers = [...roles].filter(([, role]) => rankOf(role) >= rankOf('member'));
  const able = signers.filter((user) => rank(user) >= rankOf('member'));
  if (writers.length === 1 && able.length === 1) return roles.get(able[0] as UserId) === 'owner';
  return able.length >= 2 && able.some((user) => rank(user) >= rankOf('admin'));
};

/** Whether an entry lies within. Of logs that go on in one way only. */
const reaches = (reach: readonly Reach[], { log, header }: Pick<Entry, 'log' | 'header'>): boolean =>
  reach.some((each) => each.log === log && header.seq < each.length);
