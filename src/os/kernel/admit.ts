/**
 * The one door. Whatever is to become part of a space passes here: own, remote, loaded, imported. First, outside any
 * turn: form, signature, certificates, decryption. Then one turn without an await: chain, rights, journal, graph.
 *
 * AD1 nothing is folded that was not authorised, and nothing is authorised under rights that are not held here.
 * AD2 an entry waits for its ancestors; one from more than a minute ahead of network time is parked, never refused.
 * AD3 a refusal is for good and equal on all nodes; what may still change is held, not refused.
 * AD4 of a device that contradicts itself both entries are kept, so that the order of arrival decides nothing.
 */
import { decode } from '../../base/codec';
import { openBlob } from '../../vm/blob/chunk';
import { getBlob } from '../../vm/blob/store';
import type { ForkProof } from '../../vm/journal/log';
import { ancestorsOf } from '../../vm/journal/waiting';
import type { Op } from '../../vm/op/body';
import { opCodec } from '../../vm/op/body';
import { type CheckpointBody, checkpointBodyCodec } from '../../vm/op/checkpoint';
import { MAX_AHEAD_MS } from '../../vm/op/clock';
import { type Entry, isSealed } from '../../vm/op/entry';
import { type EraseBody, eraseBodyCodec } from '../../vm/op/erase';
import { type EntryId, ZERO_ENTRY, ZERO_EPOCH } from '../../vm/op/ids';
import { openBody, verifyEntry } from '../../vm/op/seal';
import { type AclBody, aclBodyCodec } from '../rights/acl';
import { authorize } from '../rights/authorize';
import { readFork, verifyFork } from '../rights/fork';
import { verifyCertificate, verifyDisowned, verifyVouch } from '../rights/identity';
import { joinProofBytes } from '../rights/invite';
import { certificatesIn } from '../rights/resolve';
import type { KernelContext } from './context';
import { isErasable } from './erasable';
import type { Replica } from './replica';

/** A proven entry and what it opened to. */
export type Prepared = {
  readonly entry: Entry;
  readonly acl?: AclBody;
  readonly erase?: EraseBody;
  readonly checkpoint?: CheckpointBody;
  readonly ops?: readonly Op[];
  readonly unfolded?: 'noKey' | 'needsBlob' | 'void';
  readonly needs?: readonly string[];
};
export type Admission =
  /** `fork`: it contradicts another entry of its device, and both are kept. */
  | { readonly type: 'admitted'; readonly aclChanged: boolean; readonly fork: ForkProof | undefined }
  | { readonly type: 'known' | 'parked' }
  | { readonly type: 'waiting'; readonly missing: readonly EntryId[] }
  | { readonly type: 'refused'; readonly reason: string };

const refused = (context: KernelContext, reason: string): Admission => {
  context.count(`refused.${reason}`);
  return { type: 'refused', reason };
};

const MAX_PARKED_PER_DEVICE = 64;
const CLEAR_KINDS = new Set(['acl', 'epoch', 'genesis']);

/** Stateless checks; `trusted` skips the signature of what this node wrote to its own journal. */
export const prepare = async (
  context: KernelContext,
  replica: Replica,
  entry: Entry,
  trusted = false,
): Promise<Prepared | Admission> => {
  const { crypto } = context.ports;
  const { header } = entry;
  if (header.space !== replica.id) return refused(context, 'otherSpace');
  if (replica.entries.has(entry.id)) return { type: 'known' };
  if (!trusted && !(await verifyEntry(crypto, entry))) return refused(context, 'badSignature');
  if (CLEAR_KINDS.has(header.kind)) return prepareAcl(context, replica, entry);
  if (header.kind === 'erase') return prepareErase(context, replica, entry);
  if (header.kind === 'checkpoint') return prepareCheckpoint(context, replica, entry);
  if (!isSealed(entry)) return refused(context, 'unknownKind');
  return prepareData(context, replica, entry);
};

const prepareAcl = async (context: KernelContext, replica: Replica, entry: Entry): Promise<Prepared | Admission> => {
  const { crypto } = context.ports;
  const { header } = entry;
  const body = decode(aclBodyCodec, entry.body);
  if (!body.ok || body.value.version !== 1) return refused(context, 'badRightsBody');
  if (
    header.shard !== replica.acl ||
    header.class !== 'system' ||
    header.epoch !== ZERO_EPOCH ||
    header.aclRef !== ZERO_ENTRY
  ) {
    return refused(context, 'badRightsHeader');
  }
  for (const certificate of certificatesIn(body.value)) {
    if (!(await verifyCertificate(crypto, certificate))) return refused(context, 'badCertificate');
  }
  for (const act of body.value.acts) {
    if (act.type === 'fork') {
      const fork = readFork(replica.id, act);
      if (!fork || !(await verifyFork(crypto, fork))) return refused(context, 'badForkProof');
    }
    if (act.type === 'revokeDevice') {
      const known = [...certificatesIn(body.value), ...replica.rights.certificatesOf(act.user)];
      const root = known.find(({ user }) => user === act.user)?.rootPub;
      // The person may be among the ancestors that are missing.
      if (root === undefined && !body.value.heads.every((head) => replica.rights.has(head))) continue;
      const sound = root !== undefined && (await verifyDisowned(crypto, root, act.user, act.device, act.signature));
      if (!sound) return refused(context, 'badDeviceRevocation');
    }
    if (act.type === 'confirm') {
      const user = certificatesIn(body.value)[0]?.user ?? replica.rights.userOf(header.device);
      if (user === undefined && !body.value.heads.every((head) => replica.rights.has(head))) continue;
      if (user === undefined || !(await verifyVouch(crypto, user, act))) return refused(context, 'badVouch');
    }
    if (act.type !== 'join') continue;
    const proof = joinProofBytes(replica.id, act.invite, act.certificate.user, act.certificate.device);
    // While ancestors are missing the invite may be among them: the proof is checked when they have come.
    if (!body.value.heads.every((head) => replica.rights.has(head))) continue;
    const key = replica.rights.inviteKeyAt(act.invite, body.value.heads);
    if (!key) return refused(context, 'unknownInvite');
    if (!(await crypto.verify(key, proof, act.proof))) return refused(context, 'badJoinProof');
  }
  return { entry, acl: body.value };
};

const prepareErase = (context: KernelContext, replica: Replica, entry: Entry): Prepared | Admission => {
  const { header } = entry;
  const body = decode(eraseBodyCodec, entry.body);
  if (!body.ok) return refused(context, 'badErasure');
  if (header.shard !== replica.erasures || header.class !== 'personal' || header.epoch !== ZERO_EPOCH)
    return refused(context, 'badErasureHeader');
  return { entry, erase: body.value };
};

const prepareCheckpoint = (context: KernelContext, replica: Replica, entry: Entry): Prepared | Admission => {
  const { header } = entry;
  const body = decode(checkpointBodyCodec, entry.body);
  if (!body.ok) return refused(context, 'badCheckpoint');
  if (header.shard !== replica.checkpoints || header.class !== 'content' || header.epoch !== ZERO_EPOCH)
    return refused(context, 'badCheckpointHeader');
  // So that a confirmation waits for what it confirms.
  if (body.value.type === 'confirm' && !header.deps.includes(body.value.of)) return refused(context, 'badCheckpoint');
  return { entry, checkpoint: body.value };
};

export const prepareData = async (context: KernelContext, replica: Replica, entry: Entry): Promise<Prepared> => {
  if (context.kind === 'beacon' || entry.erasedBy !== undefined || entry.shelved) return { entry };
  const key = replica.shardKey(entry.header.epoch, entry.header.shard);
  if (!key) return { entry, unfolded: 'noKey' };
  const opened = await openBody(context.ports.crypto, key, entry);
  if (!opened.ok) {
    context.count('bodyVoid');
    return { entry, unfolded: 'void' };
  }
  const ops: Op[] = [];
  if (entry.header.kind === 'erasable' && opened.value.some(({ type }) => type === 'large'))
    return { entry, unfolded: 'void' };
  for (const op of opened.value) {
    if (op.type !== 'large') {
      ops.push(op);
      continue;
    }
    const blob = await getBlob(context.ports.storage, op.blob);
    if (!blob.ok)
      return {
        entry,
        unfolded: 'needsBlob',
        needs: opened.value.flatMap((it) => (it.type === 'large' ? [it.blob] : [])),
      };
    const plain = await openBlob(context.ports.crypto, blob.value, op.key);
    const inner = plain.ok ? decode(opCodec, plain.value) : plain;
    if (!inner.ok || inner.value.type === 'large') return { entry, unfolded: 'void' };
    ops.push(inner.value);
  }
  return fits(context, entry, ops) ? { entry, ops } : { entry, unfolded: 'void' };
};

/**
 * The ops must be of the class that the header declared, or a Guest could write content as a comment; and an erasable entry
 * holds only what may be taken out again (ER2).
 */
const fits = (context: KernelContext, entry: Entry, ops: readonly Op[]): boolean =>
  (entry.header.kind !== 'erasable' || ops.every((op) => isErasable(op, context.registry.typeRule))) &&
  ops.every((op) => {
    if (op.type === 'textUpdate' || op.type === 'move') return entry.header.class === 'content';
    if (op.type !== 'nodeNew') return true;
    return (context.registry.typeRule(op.nodeType)?.class ?? 'content') === entry.header.class;
  });

/** The turn. Synchronous; what it changes in the graph is told with the next flush. `timely`: not parked, our own or admitted before. */
export const admit = (
  context: KernelContext,
  replica: Replica,
  prepared: Prepared,
  options: { timely?: boolean } = {},
): Admission => {
  const { entry } = prepared;
  const { header } = entry;
  if (replica.entries.has(entry.id)) return { type: 'known' };
  // What came without its body, and is not in our own journal so, must have been erased by an entry that is here.
  if (entry.erasedBy !== undefined && !replica.isDurable(entry) && !replica.erasing.mayLackBody(entry))
    return refused(context, 'notErased');
  const missing = [...ancestorsOf(entry), ...(prepared.acl?.heads ?? [])].filter((id) => !replica.entries.has(id));
  if (missing.length > 0) {
    const dropped = replica.waiting.waitFor(entry, missing).length;
    if (dropped > 0) context.count('waitingDropped', dropped);
    return { type: 'waiting', missing };
  }
  if (!options.timely && header.hlc > limitOf(context, replica, prepared)) return park(context, replica, entry);
  const before = [...header.deps, ...(prepared.acl?.heads ?? [])].map((id) => replica.entries.get(id) as Entry);
  if (header.deps.some((dep) => replica.entries.get(dep)?.header.shard !== header.shard))
    return refused(context, 'foreignDep');
  const log = replica.log(entry.log);
  const checked = log.check(entry, before);
  if (!checked.ok) return refused(context, checked.error.type);

  if (prepared.acl) {
    const suspended = replica.rights.suspensions(header.device).some(({ cleared }) => !cleared);
    if (!replica.rights.add({ entry, body: prepared.acl }))
      return refused(context, suspended ? 'deviceSuspended' : 'rightsNotAllowed');
  } else {
    const about = prepared.checkpoint?.shards.map(({ shard }) => shard) ?? [prepared.erase?.shard];
    for (const shard of about) {
      const judged = authorize(replica.rights, replica, entry, shard);
      if (!judged.ok) return refused(context, judged.error.type);
    }
  }
  const kept = replica.keptOf(entry);
  log.append(kept, before);
  replica.entries.set(entry.id, kept);
  replica.entriesUnder.set(header.epoch, (replica.entriesUnder.get(header.epoch) ?? 0) + 1);
  replica.parked.delete(entry.log);
  const frontier = replica.frontier(header.shard);
  for (const covered of [header.prev, ...header.deps, ...(prepared.acl?.heads ?? [])]) frontier.delete(covered);
  frontier.add(entry.id);
  const { fork } = checked.value;
  if (fork) context.count('forks');
  if (prepared.acl) return { type: 'admitted', aclChanged: true, fork };
  if (prepared.erase) {
    replica.erasing.add(entry, prepared.erase);
    return { type: 'admitted', aclChanged: false, fork };
  }
  if (prepared.checkpoint) {
    replica.checkpointed.add(entry, prepared.checkpoint);
    return { type: 'admitted', aclChanged: false, fork };
  }
  replica.noted(kept);
  if (kept.shelved) replica.away(kept);
  else if (kept.erasedBy === undefined) foldPrepared(replica, prepared);
  else {
    // Lacking until it is settled.
    replica.unfolded.set(kept.id, 'lacking');
    const { changes } = replica.settleErasures([kept.id]);
    if (changes) replica.changed(changes);
  }
  return { type: 'admitted', aclChanged: false, fork };
};

/** The caller sees to it that the graph is told of, by a flush. */
export const foldPrepared = (replica: Replica, prepared: Prepared): void => {
  if (prepared.unfolded) replica.unfolded.set(prepared.entry.id, prepared.unfolded);
  if (!prepared.ops) return;
  replica.ops.set(prepared.entry.id, prepared.ops);
  const item = replica.toFold(prepared.entry);
  if (item) replica.queue(item);
};

/**
 * How far ahead an entry may be. A rights entry must be after all that it cites; where a clock was set back since, what it
 * cites lies ahead, and rights must not stand still until then.
 */
const limitOf = (context: KernelContext, replica: Replica, { acl }: Prepared): number => {
  const cited = (acl?.heads ?? []).map((id) => replica.entries.get(id)?.header.hlc ?? 0);
  return Math.max(context.time.now(), ...cited) + MAX_AHEAD_MS;
};

const park = (context: KernelContext, replica: Replica, entry: Entry): Admission => {
  const ofDevice = [...replica.parked.values()].filter((other) => other.header.device === entry.header.device).length;
  const first = replica.parked.get(entry.log);
  if ((!first && ofDevice >= MAX_PARKED_PER_DEVICE) || (first && first.header.seq <= entry.header.seq))
    return refused(context, 'futureFull');
  replica.parked.set(entry.log, entry);
  context.count('parked');
  return { type: 'parked' };
};
