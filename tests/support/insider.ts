/**
 * People with real keys who sign what they like, and nodes that must withstand them: a `Space` behind the one door, of a
 * tab or of a blind beacon, without a network. `RawLink` speaks frames to a live kernel after a sound handshake.
 */
import { decode, encode } from '../../src/base/codec';
import { apps } from '../../src/domain/index';
import { createContext, type KernelContext } from '../../src/os/kernel/context';
import { SILENT, Space } from '../../src/os/kernel/space';
import { NetworkTime } from '../../src/os/kernel/time';
import { type AclBody, type Act, aclBodyCodec, type Role } from '../../src/os/rights/acl';
import { type Identity, loadDevice, loadIdentity } from '../../src/os/rights/identity';
import { inviteIdOf, inviteKeyOf, joinProofBytes, sealKeysToLink } from '../../src/os/rights/invite';
import { makeEpoch } from '../../src/os/rights/keyring';
import { createRegistry, schemaRules } from '../../src/os/schema/registry';
import { systemClock } from '../../src/platform/clock';
import { webDeflate } from '../../src/platform/deflate';
import { graphModule } from '../../src/platform/engine';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import type { Channel, Clock, Crypto, Ports, Random, Transport, Vault } from '../../src/ports';
import { creditCodec } from '../../src/vm/net/flow';
import { emptyReassembly, type FrameType, fragment, type Message, reassemble } from '../../src/vm/net/frame';
import {
  type HandshakeState,
  handshakeStart,
  handshakeStep,
  type ReadyLink,
  saltedSpace,
} from '../../src/vm/net/handshake';
import type { Op } from '../../src/vm/op/body';
import { type CheckpointBody, checkpointBodyCodec } from '../../src/vm/op/checkpoint';
import { type Hlc, hlcOf } from '../../src/vm/op/clock';
import { type Entry, type EntryClass, type EntryKind, encodeEntry } from '../../src/vm/op/entry';
import { type EraseBody, eraseBodyCodec } from '../../src/vm/op/erase';
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
} from '../../src/vm/op/ids';
import type { BirthName } from '../../src/vm/op/names';
import { type HeaderDraft, sealEntry, shardKeyOf, signEntry } from '../../src/vm/op/seal';
import { rootCodec } from '../../src/vm/sync/messages';

export const crypto = webCrypto();
export const random = webRandom();

/** What insiders sign with, and the time they take it to be. */
export type Hands = {
  readonly crypto: Crypto;
  readonly random: Random;
  now(): number;
  /** After everything that anybody here signed, so that who cites it is later. */
  tick(): Hlc;
};
let latest = 0;
const HANDS: Hands = {
  crypto,
  random,
  now: () => Date.now(),
  tick: () => {
    latest = Math.max(Date.now(), latest + 1);
    return hlcOf(latest);
  },
};

export const newPerson = async (vault: Vault = memoryVault(), hands: Hands = HANDS): Promise<Identity> =>
  loadIdentity(hands.crypto, hands.random, vault, hands.now());

/** What a node signed by its own clock is heard: whoever cites it now is later. */
export const heard = (entry: Entry): void => {
  latest = Math.max(latest, Math.ceil(entry.header.hlc));
};

/** Signs entries of one device with its real keys, sound or not: every field of the header can be given. */
export class Author {
  readonly #heads = new Map<LogId, { seq: number; prev: EntryId; hlc: Hlc }>();
  /** About as high as a kernel draws it. */
  #counter = 2 ** 45;
  constructor(
    readonly me: Identity,
    readonly space: SpaceId,
    readonly hands: Hands = HANDS,
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

export type Held = {
  readonly space: Space;
  readonly context: KernelContext;
  /** What it would have passed on, each time. */
  readonly passedOn: readonly Entry[];
  /** Says of each what became of it. */
  receive(...entries: Entry[]): Promise<readonly string[]>;
};

/** A space held by a tab of `me`, or by a beacon; nothing leaves it. */
export const holdSpace = async (
  id: SpaceId,
  me?: Identity,
  clock: Clock = systemClock(),
  disk: Partial<Pick<Ports, 'vault' | 'storage' | 'images'>> = {},
  /** What an image showed, before the rest of the journal was read. */
  shown: (space: Space) => void = () => {},
): Promise<Held> => {
  const ports: Ports = {
    clock,
    random,
    crypto,
    deflate: webDeflate(),
    vault: memoryVault(),
    storage: memoryStorage(),
    ...disk,
    transport: {} as Transport,
    graph: graphModule(),
    log: () => {},
  };
  const context = createContext({
    ports,
    kind: me ? 'tab' : 'beacon',
    device: me ?? (await loadDevice(crypto, random, ports.vault)),
    identity: me,
    registry: createRegistry(apps),
    rules: schemaRules(apps),
    time: new NetworkTime(clock),
  });
  const passedOn: Entry[] = [];
  const space = new Space(context, id, {
    ...SILENT,
    spread: (_space, entry) => {
      passedOn.push(entry);
    },
  });
  if (disk.images && (await space.showImage())) shown(space);
  const loaded = await space.load();
  if (!loaded.ok) throw new Error('not loaded');
  return {
    space,
    context,
    passedOn,
    receive: async (...entries) =>
      (await space.receive(entries.map(encodeEntry), undefined)).map((admission) =>
        admission.type === 'refused' ? `refused ${admission.reason}` : admission.type,
      ),
  };
};

/** A founded space as its creator signs it: genesis, first epoch; `invite` lets anybody in with a role. */
export const foundSpace = async (owner: Identity, hands: Hands = HANDS) => {
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

/** A link to a live kernel with a sound handshake; after that it says whatever it is told to. */
export class RawLink {
  #channel: Channel<Uint8Array>;
  #handshake: HandshakeState | undefined;
  #reassembly = emptyReassembly;
  closed: string | undefined;
  ready: ReadyLink | undefined;
  readonly received: Message[] = [];

  constructor(
    transport: Transport,
    url: string,
    readonly me: Pick<Identity, 'device' | 'key'>,
    readonly options: { shake?: boolean } = {},
  ) {
    this.#channel = transport.dialLink(url, {
      opened: (binding) => {
        if (options.shake === false) return;
        const [state, outputs] = handshakeStart({
          device: me.device,
          kind: 'tab',
          features: [1],
          nonce: random.bytes(32),
          time: Date.now(),
          spaces: [],
          binding,
        });
        this.#handshake = state;
        for (const output of outputs) if (output.type === 'send') this.send(output.frame, output.payload);
      },
      received: (frame) => this.#heard(frame),
      drained: () => {},
      closed: (reason) => {
        this.closed = reason;
      },
    });
  }
  raw(frame: Uint8Array): void {
    this.#channel.send(frame);
  }
  close(): void {
    this.#channel.close();
  }
  send(type: FrameType, payload: Uint8Array, space = 0): void {
    const frames = fragment({ type, traffic: 'live', space, payload });
    if (frames.ok) for (const frame of frames.value) this.raw(frame);
  }
  /** Opens a space on the link under our index 1. */
  root(space: SpaceId, index = 1): void {
    const { nonces } = this.ready as ReadyLink;
    this.send('root', encode(rootCodec, { index, salted: saltedSpace(...nonces, space), digest: new Uint8Array(32) }));
  }
  #heard(frame: Uint8Array): void {
    const [state, result] = reassemble(this.#reassembly, frame, Date.now());
    this.#reassembly = state;
    if (result.type !== 'message') return;
    const { message } = result;
    if (this.received.length < 10_000) this.received.push(message);
    if (message.type === 'hello') this.#step({ type: 'helloReceived', payload: message.payload });
    else if (message.type === 'auth') this.#step({ type: 'authReceived', payload: message.payload });
    else if (this.ready && message.payload.length > 1_000)
      this.send('credit', encode(creditCodec, { live: 0, bulk: 0 }));
  }
  #step(input: Parameters<typeof handshakeStep>[1]): void {
    if (!this.#handshake) return;
    const [state, outputs] = handshakeStep(this.#handshake, input);
    this.#handshake = state;
    for (const output of outputs) {
      if (output.type === 'send') this.send(output.frame, output.payload);
      else if (output.type === 'sign')
        void crypto
          .sign(this.me.key.handle, output.message)
          .then((signature) => this.#step({ type: 'signed', signature }));
      else if (output.type === 'verify') this.#step({ type: 'verified', valid: true });
      else if (output.type === 'ready') this.ready = output.link;
    }
  }
}
