/**
 * People who sign by themselves what a kernel would sign for them: spaces are founded, links made and joined at once, sound or not. It
 * knows no network and no door.
 */
import { decode, encode } from '../src/base/codec';
import { type AclBody, type Act, aclBodyCodec, type Role } from '../src/os/rights/acl';
import { type Identity, loadIdentity } from '../src/os/rights/identity';
import { inviteIdOf, inviteKeyOf, joinProofBytes, sealKeysToLink } from '../src/os/rights/invite';
import { makeEpoch } from '../src/os/rights/keyring';
import type { Crypto, Random, Vault } from '../src/ports';
import type { Op } from '../src/vm/op/body';
import { type CheckpointBody, checkpointBodyCodec } from '../src/vm/op/checkpoint';
import type { Hlc } from '../src/vm/op/clock';
import type { Entry, EntryClass, EntryKind } from '../src/vm/op/entry';
import { type EraseBody, eraseBodyCodec } from '../src/vm/op/erase';
import {
  aclShardOf,
  checkpointsShardOf,
  type EntryId,
  type EpochId,
  erasuresShardOf,
  type LogId,
  logIdOf,
  type NodeId,
  nodeIdOf,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  spaceIdOf,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../src/vm/op/ids';
import type { BirthName } from '../src/vm/op/names';
import { type HeaderDraft, sealEntry, shardKeyOf, signEntry } from '../src/vm/op/seal';

/** What they sign with, and the time they take it to be. */
export type Hands = {
  readonly crypto: Crypto;
  readonly random: Random;
  now(): number;
  /** After everything that anybody here signed, so that who cites it is later. */
  tick(): Hlc;
};

export const newPerson = async (vault: Vault, hands: Hands): Promise<Identity> =>
  loadIdentity(hands.crypto, hands.random, vault, hands.now());

/** Signs entries of one device with its real keys, sound or not: every field of the header can be given. */
export class Author {
  readonly #heads = new Map<LogId, { seq: number; prev: EntryId; hlc: Hlc }>();
  /** About as high as a kernel draws it. */
  #counter = 2 ** 45;
  constructor(
    readonly me: Identity,
    readonly space: SpaceId,
    readonly hands: Hands,
  ) {}

  async #sign(
    shard: ShardId,
    entryClass: EntryClass,
    kind: EntryKind,
    fields: Partial<HeaderDraft>,
    seal: (draft: HeaderDraft) => Promise<Entry>,
  ): Promise<Entry> {
    const incarnation = fields.incarnation ?? 0;
    const log = logIdOf(this.space, shard, this.me.device, incarnation);
    const head = this.#heads.get(log);
    const draft: HeaderDraft = {
      version: 1,
      suite: 1,
      class: entryClass,
      kind,
      space: this.space,
      shard,
      device: this.me.device,
      incarnation,
      seq: head ? head.seq + 1 : 0,
      prev: head?.prev ?? ZERO_ENTRY,
      hlc: this.hands.tick(),
      aclRef: ZERO_ENTRY,
      epoch: ZERO_EPOCH,
      deps: [],
      ...fields,
    };
    const entry = await seal(draft);
    this.#heads.set(log, { seq: draft.seq, prev: entry.id, hlc: draft.hlc });
    return entry;
  }
  /** Forgets that the last entries of these logs were signed: refused, they must not leave a gap. */
  forget(entry: Entry): void {
    const { seq, prev, hlc } = entry.header;
    if (seq === 0) this.#heads.delete(entry.log);
    else this.#heads.set(entry.log, { seq: seq - 1, prev, hlc });
  }
  act(heads: readonly EntryId[], acts: readonly Act[], fields: Partial<HeaderDraft> = {}): Promise<Entry> {
    const body = encode(aclBodyCodec, { version: 1, heads, acts });
    const kind = acts[0]?.type === 'genesis' ? 'genesis' : 'acl';
    return this.#sign(aclShardOf(this.space), 'system', kind, fields, (draft) =>
      signEntry(this.hands.crypto, this.me.key.handle, draft, body),
    );
  }
  data(
    shard: ShardId,
    entryClass: EntryClass,
    ops: readonly Op[],
    key: { epoch: EpochId; key: Uint8Array },
    fields: Partial<HeaderDraft>,
    told?: (node: NodeId) => BirthName | undefined,
  ): Promise<Entry> {
    return this.#sign(shard, entryClass, 'data', { epoch: key.epoch, ...fields }, (draft) =>
      sealEntry(this.hands.crypto, this.me.key.handle, shardKeyOf(key.key, draft.shard), draft, ops, told),
    );
  }
  erase(body: EraseBody, fields: Partial<HeaderDraft>): Promise<Entry> {
    return this.#sign(erasuresShardOf(this.space), 'personal', 'erase', fields, (draft) =>
      signEntry(this.hands.crypto, this.me.key.handle, draft, encode(eraseBodyCodec, body)),
    );
  }
  checkpoint(body: CheckpointBody, fields: Partial<HeaderDraft>): Promise<Entry> {
    return this.#sign(checkpointsShardOf(this.space), 'content', 'checkpoint', fields, (draft) =>
      signEntry(this.hands.crypto, this.me.key.handle, draft, encode(checkpointBodyCodec, body)),
    );
  }
  newNode(nodeType: string, incarnation = 0): { node: NodeId; op: Op } {
    const counter = this.#counter++;
    const node = nodeIdOf(this.space, this.me.device, incarnation, counter);
    return { node, op: { type: 'nodeNew', node, nodeType, counter } };
  }
}

export const bodyOf = (entry: Entry): AclBody => {
  const body = decode(aclBodyCodec, entry.body);
  if (!body.ok) throw new Error(body.error.message);
  return body.value;
};

/** A founded space as its creator signs it: genesis, first epoch; `invite` lets anybody in with a role. */
export const foundSpace = async (owner: Identity, hands: Hands) => {
  const { crypto, random } = hands;
  const nonce = random.bytes(32);
  const id = spaceIdOf(owner.user, owner.device, 'team', nonce);
  const author = new Author(owner, id, hands);
  const genesis = await author.act(
    [],
    [{ type: 'genesis', kind: 'team', nonce, roomKey: random.bytes(32), certificate: owner.certificate }],
  );
  const made = await makeEpoch(crypto, random, id, [{ user: owner.user, keyring: owner.keyring.publicKey }], []);
  const epoch = await author.act([genesis.id], [made.act]);
  const key = { epoch: made.act.epoch, key: made.key };
  return { id, author, entries: [genesis, epoch], key, outline: outlineShardOf(id) };
};

export const makeInvite = async (
  author: Author,
  heads: readonly EntryId[],
  key: { epoch: EpochId; key: Uint8Array },
  options: { role: Role; uses?: number; notAfter?: number; confirm?: boolean },
) => {
  const { crypto, random, now } = author.hands;
  const secret = random.bytes(20);
  const invite = inviteIdOf(secret);
  const pair = await inviteKeyOf(crypto, secret);
  const entry = await author.act(heads, [
    {
      type: 'invite',
      invite,
      key: pair.publicKey,
      role: options.role,
      uses: options.uses ?? 1,
      notAfter: options.notAfter ?? now() + 3_600_000,
      confirm: options.confirm ?? false,
      sealedKeys: options.confirm
        ? new Uint8Array()
        : await sealKeysToLink(crypto, random, author.space, secret, {
            epochs: new Map([[key.epoch, key.key]]),
            parts: new Map(),
          }),
    },
  ]);
  const join = async (
    person: Identity,
    cites: readonly EntryId[],
    fields: Partial<HeaderDraft> = {},
    forge: { proofBy?: Uint8Array; certificate?: Identity['certificate'] } = {},
  ) => {
    const by = new Author(person, author.space, author.hands);
    const signer = await inviteKeyOf(crypto, forge.proofBy ?? secret);
    const proof = await crypto.sign(signer.handle, joinProofBytes(author.space, invite, person.user, person.device));
    const joined = await by.act(
      cites,
      [{ type: 'join', invite, certificate: forge.certificate ?? person.certificate, proof }],
      fields,
    );
    return { author: by, entry: joined };
  };
  return { secret, invite, entry, join };
};
