/**
 * The one door. Whatever is to become part of a space passes here: own, remote, loaded, imported. First, outside any
 * turn: form, signature, certificates, decryption. Then one turn without an await: chain, rights, journal, graph.
 *
 * AD1 nothing is folded that was not authorised, and nothing is authorised under rights that are not held here.
 * AD2 an entry waits for its ancestors; one from more than a minute ahead of network time is parked, never refused.
 * AD3 a refusal is for good and equal on all nodes; what may still change is held, not refused.
 * AD4 of a device that contradicts itself both entries are kept, so that the order of arrival decides nothing.
 * AD5 a graph whose memory is full refuses nothing of others: it is kept and passed on, not shown; and no state hash is given.
 * AD6 an entry of a kind that is not known here is judged by its header and the rights of its author alone. It is kept and passed
 *     on like any, and has no effect.
 */
import { decode } from '../../base/codec';
import type { ForkProof } from '../../vm/journal/log';
import { ancestorsOf } from '../../vm/journal/waiting';
import { type CheckpointBody, checkpointBodyCodec } from '../../vm/op/checkpoint';
import { MAX_AHEAD_MS } from '../../vm/op/clock';
import { type Entry, isSealed } from '../../vm/op/entry';
import { type EraseBody, eraseBodyCodec } from '../../vm/op/erase';
import { type EntryId, ZERO_ENTRY, ZERO_EPOCH } from '../../vm/op/ids';
import { type AclBody, aclBodyCodec } from '../rights/acl';
import { authorize } from '../rights/authorize';
import { readFork, verifyFork } from '../rights/fork';
import { verifyCertificate, verifyDisowned, verifyVouch } from '../rights/identity';
import { joinProofBytes } from '../rights/invite';
import { certificatesIn } from '../rights/resolve';
import { type Opened, openContent } from './bodies';
import type { KernelContext } from './context';
import type { Replica } from './replica';

/** A proven entry and what it opened to. `opened`: left out where it is opened later, with others. */
export type Prepared = {
  readonly entry: Entry;
  readonly acl?: AclBody;
  readonly erase?: EraseBody;
  readonly checkpoint?: CheckpointBody;
  readonly opened?: Opened;
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

/**
 * Stateless checks, without the signature, which the caller has checked, or this node's own journal vouches for. `opened`: what
 * it was opened to before; `later`: it is not opened.
 */
export const prepare = async (
  context: KernelContext,
  replica: Replica,
  entry: Entry,
  { opened, later = false }: { readonly opened?: Opened | undefined; readonly later?: boolean } = {},
): Promise<Prepared | Admission> => {
  const { header } = entry;
  if (header.space !== replica.id) return refused(context, 'otherSpace');
  if (replica.entries.has(entry.id)) return { type: 'known' };
  if (CLEAR_KINDS.has(header.kind)) return prepareAcl(context, replica, entry);
  if (header.kind === 'erase') return prepareErase(context, replica, entry);
  if (header.kind === 'checkpoint') return prepareCheckpoint(context, replica, entry);
  if (later || !isSealed(entry)) return { entry };
  return { entry, opened: opened ?? (await openContent(context, replica, entry)) };
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

/**
 * The turn. Synchronous; what it changes in the graph is told with the next flush. `timely`: not parked, our own or admitted
 * before. `later`: it is judged and opened with all others, when they are here (`Replica.build`).
 */
export const admit = (
  context: KernelContext,
  replica: Replica,
  prepared: Prepared,
  options: { timely?: boolean; later?: boolean } = {},
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
  keep(replica, kept, before);
  const { fork } = checked.value;
  if (fork) context.count('forks');
  if (prepared.acl) return { type: 'admitted', aclChanged: true, fork };
  if (prepared.erase) {
    replica.frontiers.advance(entry);
    replica.erasing.add(entry, prepared.erase);
    return { type: 'admitted', aclChanged: false, fork };
  }
  if (prepared.checkpoint) {
    replica.frontiers.advance(entry);
    replica.checkpointed.add(entry, prepared.checkpoint);
    return { type: 'admitted', aclChanged: false, fork };
  }
  if (!options.later && context.kind === 'tab') replica.judging.noted(kept);
  if (!isSealed(entry)) return { type: 'admitted', aclChanged: false, fork };
  if (kept.shelved) replica.away(kept);
  else if (kept.erasedBy !== undefined) replica.takeErased(kept, options.later);
  else if (prepared.opened) replica.take(kept, prepared.opened);
  return { type: 'admitted', aclChanged: false, fork };
};

/** It has its place in its log, after what it cites and depends on. */
export const keep = (replica: Replica, entry: Entry, before: readonly Entry[]): void => {
  const { epoch } = entry.header;
  replica.log(entry.log).append(entry, before);
  replica.entries.set(entry.id, entry);
  replica.entriesUnder.set(epoch, (replica.entriesUnder.get(epoch) ?? 0) + 1);
  replica.parked.delete(entry.log);
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
