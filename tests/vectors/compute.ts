/**
 * Computes every golden vector anew, from the fixtures. What is compared with the recorded files is plain data: byte
 * arrays as lower-case hex, absent fields left out. Where a case has a codec, its bytes must read back to its input.
 */
import * as Y from 'yjs';
import { fromHex, toHex, utf8 } from '../../src/base/bytes';
import { type Codec, DecodeError, encode, u16, u64, varint } from '../../src/base/codec';
import { hash, sha256 } from '../../src/base/hash';
import { type Act, aclBodyCodec, actCodec, certificateCodec } from '../../src/os/rights/acl';
import { codeTopicOf, writeCode } from '../../src/os/rights/code';
import { greetCodec } from '../../src/os/rights/greet';
import { verifyCertificate } from '../../src/os/rights/identity';
import {
  greetProofBytes,
  inviteIdOf,
  inviteKeyOf,
  inviteRoomKeyOf,
  joinProofBytes,
  type LinkKeys,
  openKeysWithLink,
  readLink,
  sealKeysToLink,
  writeLink,
} from '../../src/os/rights/invite';
import { makeEpoch, partName, unwrapKey } from '../../src/os/rights/keyring';
import {
  commitmentOf,
  digitsOf,
  linkingCodec,
  linkingTopicOf,
  linkingTranscript,
  writeLinkingCode,
  writeLinkingUrl,
} from '../../src/os/rights/linking';
import { mapToCurve } from '../../src/os/rights/pake';
import { phraseOf } from '../../src/os/rights/phrase';
import { founderOf, keyringSeedOf, rootPairOf, userNonceOf } from '../../src/os/rights/seed';
import type { Crypto } from '../../src/ports';
import { openBlob, sealBlob } from '../../src/vm/blob/chunk';
import type { FoldEntry } from '../../src/vm/graph/engine';
import { partsOf, readPart, type Survey } from '../../src/vm/graph/snapshot';
import { encodeIndex, indexKeyOf, runsOf, segmentKeyOf } from '../../src/vm/journal/places';
import { encodeSegment, slotOf } from '../../src/vm/journal/segment';
import { CircuitSeal, type CircuitWord, circuitCodec } from '../../src/vm/net/circuit';
import { creditCodec } from '../../src/vm/net/flow';
import { fragment } from '../../src/vm/net/frame';
import { authCodec, type Hello, helloCodec, linkTranscript, saltedSpace } from '../../src/vm/net/handshake';
import { challengeBytesOf, inboxTopicOf, topicsOf } from '../../src/vm/net/rendezvous';
import { openSignal, publishText, type SessionId, type SignalMessage, sealSignal } from '../../src/vm/net/signal';
import { bodyCodec, type Op, opCodec, opIdOf } from '../../src/vm/op/body';
import { type CheckpointBody, checkpointBodyCodec } from '../../src/vm/op/checkpoint';
import { hlcCodec, hlcOf } from '../../src/vm/op/clock';
import { type Entry, encodeEntry, encodeKept, headerCodec, shelvedOf, stubOf } from '../../src/vm/op/entry';
import { eraseBodyCodec } from '../../src/vm/op/erase';
import type { NodeId } from '../../src/vm/op/ids';
import {
  aclShardOf,
  type BlobId,
  blockNodeIdOf,
  checkpointsShardOf,
  type DeviceId,
  type EntryId,
  erasuresShardOf,
  type LogId,
  logIdOf,
  metaShardOf,
  nodeIdOf,
  outlineShardOf,
  type ShardId,
  userIdOf,
  yjsClientIdOf,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../../src/vm/op/ids';
import type { BirthName } from '../../src/vm/op/names';
import { packedValue } from '../../src/vm/op/packed';
import { sealEntry, shardKeyOf, signEntry, verifyEntry } from '../../src/vm/op/seal';
import { decodeBody, encodeBody } from '../../src/vm/op/tables';
import { digestOf, signBlobReceipt, verifyBlobReceipt } from '../../src/vm/replica/blob-receipt';
import { makeReceipt, verifyReceipt } from '../../src/vm/replica/receipt';
import { heldDigest, signSpaceReceipt, verifySpaceReceipt } from '../../src/vm/replica/space-receipt';
import {
  blobAskCodec,
  blobChunkCodec,
  blobHaveCodec,
  blobReceiptCodec,
  entriesCodec,
  ephemeralCodec,
  holdCodec,
  hostAnswerCodec,
  hostCodec,
  lookCodec,
  possessCodec,
  possessionCodec,
  rangeCodec,
  receiptCodec,
  rootCodec,
  shortVectorCodec,
  sketchAskCodec,
  sketchCodec,
  spaceReceiptAskCodec,
  spaceReceiptCodec,
  vectorCodec,
  wantCodec,
} from '../../src/vm/sync/messages';
import { drawWith, nameOf, roundKey } from '../../src/vm/sync/names';
import { symbolsOf } from '../../src/vm/sync/sketch';
import { openBody } from '../support/open';
import { signatureCases } from './edwards';
import { bytesOf, fixedRandom, makeWorld, NOW, ROOT, type World } from './fixtures';

/** Data as it stands in a vector file. */
export const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item: unknown) =>
      item instanceof Uint8Array ? toHex(item) : item instanceof Set ? [...item] : item,
    ) ?? 'null',
  );

export type Case = { readonly name: string; readonly input: unknown; readonly bytes: string };
/** How the bytes of a case are read again; not part of the files. */
export const codecs = new Map<string, Codec<unknown>>();
const coded = <T>(file: string, name: string, codec: Codec<T>, value: T): Case => {
  codecs.set(`${file}/${name}`, codec as Codec<unknown>);
  return { name, input: plain(value), bytes: toHex(encode(codec, value)) };
};
const text = (bytes: Uint8Array): string => toHex(bytes);

const entryId = (name: string): EntryId => toHex(bytesOf(name)) as EntryId;
const zeros = new Uint8Array(64);

const ids = (world: World) => ({
  user: { rootPub: ROOT.pub, nonce: text(world.userNonce), id: world.user },
  space: {
    creator: world.user,
    device: world.deviceId,
    kind: 'team',
    nonce: text(world.spaceNonce),
    id: world.space,
  },
  aclShard: { space: world.space, id: aclShardOf(world.space) },
  metaShard: { space: world.space, id: metaShardOf(world.space) },
  outlineShard: { space: world.space, id: outlineShardOf(world.space) },
  erasuresShard: { space: world.space, id: erasuresShardOf(world.space) },
  checkpointsShard: { space: world.space, id: checkpointsShardOf(world.space) },
  node: { space: world.space, device: world.deviceId, incarnation: 0, counter: 7, id: world.node },
  contentShard: { space: world.space, container: world.node, part: 0, id: world.shard },
  log: { space: world.space, shard: world.shard, device: world.deviceId, incarnation: 0, id: world.log },
  nextIncarnation: {
    space: world.space,
    shard: world.shard,
    device: world.deviceId,
    incarnation: 1,
    id: logIdOf(world.space, world.shard, world.deviceId, 1),
  },
  epoch: { space: world.space, key: text(world.epochKey), nonce: text(world.epochNonce), id: world.epoch },
  block: { document: world.node, blockId: 'b-1', id: blockNodeIdOf(world.node, 'b-1') },
  yjsClient: {
    device: world.deviceId,
    document: world.node,
    n: 0x123456789abc,
    id: yjsClientIdOf(world.deviceId, world.node, 0x123456789abc),
  },
});

const numbers = () => [
  ...[0, 1, 127, 128, 300, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER].map((value) =>
    coded('numbers', `varint ${value}`, varint, value),
  ),
  coded('numbers', 'u16 258', u16, 258),
  coded('numbers', 'u64 2^53 - 1', u64, Number.MAX_SAFE_INTEGER),
  ...(
    [
      [0, 0],
      [1, 1],
      [NOW, 0],
      [NOW, 2047],
      [2 ** 42 - 1, 2047],
    ] as const
  ).map(([ms, counter]) => coded('numbers', `hlc ${ms} + ${counter}/2048`, hlcCodec, hlcOf(ms, counter))),
];

export const opsOf = ({ node, shard }: World): Readonly<Record<string, Op>> => {
  const other = shard as unknown as typeof node;
  return {
    nodeNew: { type: 'nodeNew', node, nodeType: 'Message', counter: 7 },
    fieldSet: { type: 'fieldSet', node, key: 'text', value: '"Привет 👋"' },
    edgeAdd: { type: 'edgeAdd', from: node, relation: 'depends_on', to: other, value: 'null' },
    edgeDel: { type: 'edgeDel', tags: [opIdOf(entryId('edge'), 0), opIdOf(entryId('edge'), 255)] },
    nodeDel: { type: 'nodeDel', node },
    nodeRestore: { type: 'nodeRestore', node, deletions: [opIdOf(entryId('deletion'), 3)] },
    moveIntoFolder: { type: 'move', node, parent: other, order: 'a0' },
    moveToTop: { type: 'move', node, parent: '', order: 'Zz' },
    textUpdate: { type: 'textUpdate', document: node, n: 0x123456789abc, update: Uint8Array.of(0, 0, 1, 2, 3) },
    large: { type: 'large', blob: toHex(bytesOf('blob')) as BlobId, size: 155_000, key: bytesOf('blob key') },
    unknown: { type: 'unknown', kind: 200, bytes: Uint8Array.of(9, 9, 9) },
  };
};
/** Nodes of another device, and under what it made them. */
const othersOf = ({ space }: World): ReadonlyMap<NodeId, BirthName> => {
  const device = text(bytesOf('another device')) as DeviceId;
  return new Map(
    [3, 4, 9, 300].map((counter) => [
      nodeIdOf(space, device, 2, counter),
      { device, incarnation: 2, counter } satisfies BirthName,
    ]),
  );
};
/** Bodies of the second form, of the device and space of this world. */
const secondFormOf = (world: World): Codec<readonly Op[]> => {
  const origin = { space: world.space, device: world.deviceId, incarnation: 0 };
  const others = othersOf(world);
  return {
    write: (writer, ops) => writer.raw(encodeBody(ops, origin, (node) => others.get(node))),
    read: (reader) => {
      const read = decodeBody(reader.raw(reader.left), origin);
      if (!read.ok) throw new DecodeError(read.error.message);
      return read.value;
    },
  };
};
/** One of each way to write a value. */
const VALUES = [
  '"plain"',
  '"a \\"quote\\""',
  '""',
  '0',
  '31',
  '1790000000000',
  '-7',
  '123456.789',
  '-0.05',
  '1e-7',
  'true',
];
const ops = (world: World) => [
  ...Object.entries(opsOf(world)).map(([name, op]) => coded('ops', name, opCodec, op)),
  coded('ops', 'body', bodyCodec, [opsOf(world).nodeNew as Op, opsOf(world).fieldSet as Op]),
  coded('ops', 'body of the second form', secondFormOf(world), [
    opsOf(world).nodeNew as Op,
    opsOf(world).fieldSet as Op,
  ]),
  coded('ops', 'every op in a body of the second form', secondFormOf(world), Object.values(opsOf(world))),
  coded(
    'ops',
    'nodes of another device in a body of the second form',
    secondFormOf(world),
    [...othersOf(world).keys()].map((node): Op => ({ type: 'fieldSet', node, key: 'rank', value: '5' })),
  ),
  ...VALUES.map((json) => coded('ops', `packed ${json}`, packedValue, json)),
];

const described = (entry: Entry) => ({
  id: entry.id,
  log: entry.log,
  header: text(encode(headerCodec, entry.header)),
  signature: text(entry.signature),
  body: text(entry.body),
  entry: text(encodeEntry(entry)),
});

export const clearEntry = (crypto: Crypto, world: World): Promise<Entry> =>
  signEntry(
    crypto,
    world.device.handle,
    {
      version: 1,
      suite: 1,
      class: 'system',
      kind: 'genesis',
      space: world.space,
      shard: aclShardOf(world.space),
      device: world.deviceId,
      incarnation: 0,
      seq: 0,
      prev: ZERO_ENTRY,
      hlc: hlcOf(NOW),
      aclRef: ZERO_ENTRY,
      epoch: ZERO_EPOCH,
      deps: [],
    },
    encode(aclBodyCodec, { version: 1, heads: [], acts: [actsOf(world).genesis as Act] }),
  );
const eraseEntry = async (crypto: Crypto, world: World, { id, header }: Entry): Promise<Entry> =>
  signEntry(
    crypto,
    world.device.handle,
    {
      version: 1,
      suite: 1,
      class: 'personal',
      kind: 'erase',
      space: world.space,
      shard: erasuresShardOf(world.space),
      device: world.deviceId,
      incarnation: 0,
      seq: 0,
      prev: ZERO_ENTRY,
      hlc: world.hlc,
      aclRef: header.aclRef,
      epoch: ZERO_EPOCH,
      deps: [],
    },
    encode(eraseBodyCodec, {
      version: 1,
      shard: world.shard,
      object: world.node,
      within: world.node,
      entries: [id, entryId('another')].sort(),
    }),
  );
const checkpointEntry = async (
  crypto: Crypto,
  world: World,
  body: CheckpointBody,
  deps: readonly EntryId[] = [],
): Promise<Entry> =>
  signEntry(
    crypto,
    world.device.handle,
    {
      version: 1,
      suite: 1,
      class: 'content',
      kind: 'checkpoint',
      space: world.space,
      shard: checkpointsShardOf(world.space),
      device: world.deviceId,
      incarnation: 0,
      seq: 0,
      prev: ZERO_ENTRY,
      hlc: world.hlc,
      aclRef: entryId('rights'),
      epoch: ZERO_EPOCH,
      deps,
    },
    encode(checkpointBodyCodec, body),
  );
const stateOf = (world: World): CheckpointBody => ({
  type: 'state',
  rights: [entryId('rights')],
  erasures: [{ log: world.log, length: 2, head: entryId('erasure') }],
  shards: [
    {
      shard: world.shard,
      reach: [{ log: world.log, length: 300, head: entryId('head') }],
      root: bytesOf('root'),
      epoch: world.epoch,
      salt: bytesOf('salt').slice(0, 16),
      parts: [{ blob: text(bytesOf('blob')) as never, size: 70_000, digest: bytesOf('digest') }],
    },
  ],
});
export const sealedEntry = async (crypto: Crypto, world: World, kind: 'data' | 'erasable' = 'data'): Promise<Entry> =>
  sealEntry(
    crypto,
    world.device.handle,
    shardKeyOf(world.epochKey, world.shard),
    {
      version: 1,
      suite: 1,
      class: 'content',
      kind,
      space: world.space,
      shard: world.shard,
      device: world.deviceId,
      incarnation: 0,
      seq: 4,
      prev: entryId('previous'),
      hlc: world.hlc,
      aclRef: (await clearEntry(crypto, world)).id,
      epoch: world.epoch,
      deps: [entryId('dep a'), entryId('dep b')].sort(),
    },
    [opsOf(world).nodeNew as Op, opsOf(world).fieldSet as Op],
  );

const entries = async (crypto: Crypto, world: World) => {
  const [clear, sealed] = [await clearEntry(crypto, world), await sealedEntry(crypto, world)];
  const shardKey = shardKeyOf(world.epochKey, world.shard);
  const opened = await openBody(crypto, shardKey, sealed);
  const erasable = await sealedEntry(crypto, world, 'erasable');
  const erase = await eraseEntry(crypto, world, erasable);
  const state = await checkpointEntry(crypto, world, stateOf(world));
  const confirm: CheckpointBody = {
    type: 'confirm',
    of: state.id,
    shards: [{ shard: world.shard, root: bytesOf('root') }],
  };
  return {
    checkpoint: described(state),
    confirmation: described(await checkpointEntry(crypto, world, confirm, [state.id])),
    keys: {
      deviceSeed: text(bytesOf('device')),
      devicePublicKey: world.deviceId,
      epochKey: text(world.epochKey),
      shardKey: text(shardKey),
    },
    erase: { ...described(erase), verifies: await verifyEntry(crypto, erase) },
    eraseFile: coded('entries/eraseFile', 'body', eraseBodyCodec, {
      version: 2,
      shard: world.shard,
      object: world.node,
      within: world.node,
      entries: [entryId('another')],
      blobs: [toHex(bytesOf('blob')) as BlobId],
    }),
    erasable: described(erasable),
    stub: described(stubOf(erasable, erase.id)),
    clear: { ...described(clear), verifies: await verifyEntry(crypto, clear) },
    sealed: {
      ...described(sealed),
      nonce: text(sealed.body.subarray(0, 12)),
      verifies: await verifyEntry(crypto, sealed),
      opensTo: plain(opened.ok ? opened.value : opened.error),
    },
  };
};

export const actsOf = (world: World): Readonly<Record<Act['type'], Act>> => {
  const { certificate, user, other } = world;
  const cut = [
    { log: world.log, seq: 41, head: entryId('cut') },
    { log: world.log, seq: 3 },
  ];
  const invite = inviteIdOf(world.secret);
  const wrap = { user, ephemeral: bytesOf('ephemeral'), sealed: new Uint8Array(48).fill(7) };
  return {
    genesis: { type: 'genesis', kind: 'team', nonce: world.spaceNonce, roomKey: world.roomKey, certificate },
    certify: { type: 'certify', certificate },
    grant: { type: 'grant', user: other, role: 'member', notAfter: NOW, cut, certificate: undefined },
    revoke: { type: 'revoke', user: other, cut },
    invite: {
      type: 'invite',
      invite,
      key: bytesOf('invite key'),
      role: 'guest',
      uses: 10,
      notAfter: NOW,
      confirm: false,
      sealedKeys: Uint8Array.of(1, 2, 3),
    },
    revokeInvite: { type: 'revokeInvite', invite },
    join: { type: 'join', invite, certificate, proof: new Uint8Array(64).fill(5) },
    relay: {
      type: 'relay',
      device: toHex(bytesOf('beacon')) as DeviceId,
      url: 'wss://beacon.example/link',
      name: 'Office',
    },
    unrelay: { type: 'unrelay', device: toHex(bytesOf('beacon')) as DeviceId },
    leave: { type: 'leave', user, cut },
    epoch: {
      type: 'epoch',
      epoch: world.epoch,
      nonce: world.epochNonce as Uint8Array<ArrayBuffer>,
      roomKey: world.roomKey,
      previous: [{ epoch: world.epoch, sealedKey: new Uint8Array(60).fill(6) }],
      wraps: [wrap],
    },
    wrap: { type: 'wrap', epoch: world.epoch, wrap },
    within: { type: 'within', shards: [world.shard], delegate: 1 },
    ban: { type: 'ban', user: other },
    adopt: { type: 'adopt', user: other, cut },
    revokeDevice: {
      type: 'revokeDevice',
      user,
      device: toHex(bytesOf('lost device')) as DeviceId,
      cut,
      signature: new Uint8Array(64).fill(4),
    },
    fork: {
      type: 'fork',
      device: toHex(bytesOf('lost device')) as DeviceId,
      first: Uint8Array.of(1, 2),
      second: Uint8Array.of(1, 3),
      cut,
    },
    clear: { type: 'clear', device: toHex(bytesOf('lost device')) as DeviceId },
    policy: { type: 'policy', key: 'history', value: 'fromJoin' },
    badKey: { type: 'badKey', epoch: world.epoch, user },
    wrapPart: { type: 'wrapPart', epoch: world.epoch, shard: world.shard, wrap },
    confirm: {
      type: 'confirm',
      device: toHex(bytesOf('new device')) as DeviceId,
      by: world.deviceId,
      signature: new Uint8Array(64).fill(3),
    },
    notice: { type: 'notice', device: toHex(bytesOf('new device')) as DeviceId },
    veto: { type: 'veto', device: toHex(bytesOf('new device')) as DeviceId, cut },
  };
};
const rights = async (crypto: Crypto, world: World) => {
  const acts = actsOf(world);
  return {
    certificate: coded('rights/certificate', 'certificate', certificateCodec, world.certificate),
    certificateVerifies: await verifyCertificate(crypto, world.certificate),
    acts: Object.entries(acts).map(([name, act]) => coded('rights/acts', name, actCodec, act)),
    body: coded('rights/body', 'body', aclBodyCodec, {
      version: 1,
      heads: [entryId('head a'), entryId('head b')].sort(),
      acts: [acts.revoke, acts.revokeInvite],
    }),
  };
};

const keys = async (crypto: Crypto, world: World) => {
  const people = [{ user: world.user, keyring: world.keyring.publicKey }];
  const previous = [{ epoch: world.epoch, key: world.epochKey }];
  const made = await makeEpoch(crypto, fixedRandom('epoch'), world.space, people, previous);
  const [wrap] = made.act.wraps;
  const unwrapped = wrap && (await unwrapKey(crypto, world.keyring, world.space, wrap));
  return {
    space: world.space,
    keyringSeed: text(bytesOf('keyring')),
    keyringPublicKey: text(world.keyring.publicKey),
    key: text(made.key),
    act: coded('keys/act', 'epoch', actCodec, made.act),
    unwrapsTo: unwrapped && text(unwrapped),
  };
};

/** A person from a seed, and what two devices agree on. */
const identity = async (crypto: Crypto) => {
  const seed = bytesOf('seed').slice(0, 16);
  const root = rootPairOf(seed);
  const user = userIdOf(root.pub, userNonceOf(seed));
  const founder = await founderOf(crypto, seed, user);
  const keyrings = await Promise.all([0, 1].map((at) => crypto.agreementKey(keyringSeedOf(seed, at))));
  const attempt = bytesOf('attempt').slice(0, 16);
  const sideOf = (name: string) => ({
    device: toHex(bytesOf(`${name} device`)) as DeviceId,
    ephemeral: bytesOf(`${name} ephemeral`),
    nonce: bytesOf(`${name} nonce`),
  });
  const transcript = linkingTranscript(attempt, sideOf('old'), sideOf('new'));
  const secret = bytesOf('link secret').slice(0, 10);
  return {
    seed: text(seed),
    phrase: phraseOf(seed),
    root: { ...root },
    user,
    keyrings: keyrings.map(({ publicKey }) => text(publicKey)),
    founder: { device: founder.device, nonce: text(founder.nonce), roomKey: text(founder.roomKey) },
    personalSpace: founder.space,
    linking: {
      secret: text(secret),
      code: writeLinkingCode(secret),
      url: writeLinkingUrl('https://lgos.example', { secret, signaling: ['wss://signal.example/signal'] }),
      topic: linkingTopicOf(secret),
      attempt: text(attempt),
      commitment: text(commitmentOf(attempt, sideOf('new'))),
      transcript: text(transcript),
      digits: digitsOf(transcript),
      hello: coded('identity/linking/hello', 'hello', linkingCodec, {
        type: 'hello',
        attempt,
        commitment: commitmentOf(attempt, sideOf('new')),
      }),
      answer: coded('identity/linking/answer', 'answer', linkingCodec, {
        type: 'answer',
        attempt,
        ...sideOf('old'),
        name: 'Chrome, Linux',
      }),
    },
  };
};

/** As keys were sealed to links before a link could give parts alone. */
const SEALED_1 =
  'f73427c8ed678f18568c336c41e9d72752f114c34c9c1786b8b1bf64f1a39e2eeb34bae58c349f328ac4dc14c00de0de449d0f04bc7f66a01ea4da2d804d4c06de19b116217ae98dda24dbb1d5d2';

/** As links were written before they told of what was shared. */
const LINK_1 =
  'https://lgos.example/#/join/AdEBHjeqFTD_Vp4hbqJzh7JfsuCWqrB2LbwtCPU9hLQdCTWBTMWnSs9W0X84bctwvNnI9I8U0KjQutC-0LvQsCDCtyBTY2hvb2wBAAAAAaDEUGwAARl3c3M6Ly9iZWFjb24uZXhhbXBsZS9saW5rc4VfsXWOOs_P6FqaBjdOmJhmI4DOP9sT7yBwsieJ66EBG3dzczovL3NpZ25hbC5leGFtcGxlL3NpZ25hbA';

const invites = async (crypto: Crypto, world: World) => {
  const key = await inviteKeyOf(crypto, world.secret);
  const link = {
    space: world.space,
    secret: world.secret as Uint8Array<ArrayBuffer>,
    title: 'Школа · School',
    kind: 'team' as const,
    confirm: false,
    expires: NOW,
    beacons: [{ url: 'wss://beacon.example/link', device: toHex(bytesOf('beacon')) as DeviceId }],
    signaling: ['wss://signal.example/signal'],
    from: 'Анна',
    object: { id: '0d'.repeat(16) as NodeId, kind: 'document' as const, title: 'Plan' },
  };
  const url = writeLink('https://lgos.example', link);
  const read = readLink(url);
  const first = readLink(LINK_1);
  const id = inviteIdOf(world.secret);
  const epochKeys = {
    epochs: new Map([[world.epoch, world.epochKey]]),
    parts: new Map([[partName(world.epoch, world.shard), shardKeyOf(world.epochKey, world.shard)]]),
  };
  const described = ({ epochs, parts }: LinkKeys) => plain({ epochs: [...epochs], parts: [...parts] });
  const sealed = await sealKeysToLink(crypto, fixedRandom('link'), world.space, world.secret, epochKeys);
  const opened = await openKeysWithLink(crypto, world.space, world.secret, sealed);
  return {
    link: plain(link),
    url,
    reads: plain(read.ok ? read.value : read.error),
    urlOfVersion1: LINK_1,
    readsVersion1: plain(first.ok ? first.value : first.error),
    code: {
      text: writeCode({ room: '01AB', secret: 'Z0H1K' }),
      topic: codeTopicOf('01AB'),
      point: text(mapToCurve(bytesOf('point'))),
    },
    invite: id,
    key: text(key.publicKey),
    roomKey: text(inviteRoomKeyOf(world.secret)),
    joinProofBytes: text(joinProofBytes(world.space, id, world.user, world.deviceId)),
    greetProofBytes: text(greetProofBytes(world.space, id, utf8('transcript'))),
    sealedKeys: text(sealed),
    opensTo: described(opened),
    sealedKeysOfVersion1: SEALED_1,
    version1OpensTo: described(await openKeysWithLink(crypto, world.space, world.secret, fromHex(SEALED_1))),
    greetings: [
      coded('invites/greetings', 'invite', greetCodec, {
        type: 'invite',
        index: 3,
        salted: '0f'.repeat(16),
        invite: id,
        proof: zeros.slice().fill(4),
      }),
      coded('invites/greetings', 'refused', greetCodec, {
        type: 'refused',
        index: 3,
        salted: '0f'.repeat(16),
        reason: 'revoked',
      }),
      coded('invites/greetings', 'device', greetCodec, {
        type: 'device',
        index: 3,
        salted: '0f'.repeat(16),
        certificate: world.certificate,
      }),
    ],
  };
};

const sync = async (crypto: Crypto, world: World) => {
  const entry = encodeEntry(await clearEntry(crypto, world));
  const heights = new Map([[world.log, 4]]);
  const receipt = await makeReceipt(
    crypto,
    world.device.handle,
    world.deviceId,
    world.space,
    world.shard,
    world.hlc,
    heights,
  );
  const { log, node, space, epoch, hlc, deviceId } = world;
  const blob = toHex(bytesOf('blob')) as BlobId;
  const of = { space, device: deviceId, hlc, anew: true, more: false, digest: digestOf([blob]), blobs: [blob] };
  const blobReceipt = await signBlobReceipt(crypto, world.device.handle, of);
  const spaceReceipt = await signSpaceReceipt(crypto, world.device.handle, space, deviceId, {
    ...{ hlc, anew: false, more: false },
    digest: heldDigest(new Map([[world.shard, heights]])),
    shards: [{ shard: world.shard, logs: [{ log, length: 5 }] }],
  });
  const line = { log, length: 5, head: entryId('head a') };
  const draw = drawWith(roundKey([bytesOf('nonce a'), bytesOf('nonce b')], space, 1));
  const item = draw.item(line);
  const at = 'sync/messages';
  return {
    spaceReceiptVerifies: await verifySpaceReceipt(crypto, space, deviceId, spaceReceipt),
    receiptVerifies: await verifyReceipt(crypto, receipt),
    blobReceiptVerifies: await verifyBlobReceipt(crypto, blobReceipt),
    messages: [
      coded(at, 'root', rootCodec, { index: 1, salted: '0f'.repeat(16), digest: bytesOf('digest') }),
      coded(at, 'vector', vectorCodec, {
        answer: false,
        rightsOnly: true,
        logs: [{ log, length: 5, head: entryId('head a') }],
      }),
      coded(at, 'sketch', sketchCodec, { round: 1, from: 0, symbols: symbolsOf([item], draw, 0, 3) }),
      coded(at, 'sketchAsk', sketchAskCodec, { round: 1, from: 72 }),
      coded(at, 'shortVector', shortVectorCodec, {
        ...{ round: 1, answer: false },
        logs: [
          { name: nameOf(item), length: line.length, head: draw.head(line.head) },
          { name: '0102030405', length: 0, head: new Uint8Array() },
        ],
      }),
      coded(at, 'range', rangeCodec, {
        ...{ answer: true, from: '00'.repeat(32) as LogId, to: 'ff'.repeat(32) as LogId },
        logs: [line],
      }),
      coded(at, 'entries', entriesCodec, [entry]),
      coded(at, 'want', wantCodec, [entryId('wanted')]),
      coded(at, 'hold', holdCodec, { held: true }),
      coded(at, 'look', lookCodec, [world.shard, toHex(bytesOf('shard b')).slice(0, 32) as ShardId]),
      coded(at, 'receipt', receiptCodec, receipt),
      coded(at, 'blobReceipt', blobReceiptCodec, blobReceipt),
      coded(at, 'spaceReceipt', spaceReceiptCodec, spaceReceipt),
      coded(at, 'spaceReceiptAsk', spaceReceiptAskCodec, { since: hlc }),
      coded(at, 'possess', possessCodec, { nonce: bytesOf('nonce'), log, from: 300, count: 2 }),
      coded(at, 'possession', possessionCodec, { nonce: bytesOf('nonce'), kept: true, proof: bytesOf('proof') }),
      coded(at, 'ephemeral', ephemeralCodec, {
        container: node,
        device: deviceId,
        epoch,
        hlc,
        nonce: bytesOf('nonce').slice(0, 12),
        sealed: Uint8Array.of(1, 2, 3),
        signature: zeros.slice().fill(4),
      }),
      coded(at, 'host', hostCodec, { space, joinCode: 'ABCD-EFGH', rights: [entry] }),
      coded(at, 'hostAnswer', hostAnswerCodec, { space, accepted: false, reason: 'quota' }),
      coded(at, 'blobHave', blobHaveCodec, [
        { blob, size: 100_000, whole: true, pieces: new Set<number>() },
        { blob, size: 700_000, whole: false, pieces: new Set([0, 1, 9]) },
      ]),
      coded(at, 'blobAsk', blobAskCodec, { blob, urgent: true, pieces: new Set([0, 2]) }),
      coded(at, 'blobChunk', blobChunkCodec, { blob, index: 1, bytes: Uint8Array.of(1, 2, 3) }),
    ],
    emptyDigest: text(hash('lgos/root/1')),
  };
};

const links = (world: World) => {
  const hello = (device: DeviceId, kind: Hello['kind'], nonce: string): Hello => ({
    major: 2,
    minor: 0,
    features: [1, 4],
    device,
    kind,
    nonce: bytesOf(nonce),
    time: NOW,
  });
  const own = hello(world.deviceId, 'tab', 'nonce a');
  const other = hello(toHex(bytesOf('beacon')) as DeviceId, 'beacon', 'nonce b');
  const salted = saltedSpace(own.nonce, other.nonce, world.space);
  const framed = (traffic: 'live' | 'bulk', length: number) => {
    const frames = fragment({ type: 'entry', traffic, space: 258, payload: new Uint8Array(length).fill(0xab) });
    return frames.ok ? frames.value.map((frame) => ({ head: text(frame.subarray(0, 8)), bytes: frame.length })) : [];
  };
  return {
    hello: coded('links/hello', 'hello', helloCodec, own),
    otherHello: coded('links/otherHello', 'hello', helloCodec, other),
    auth: coded('links/auth', 'auth', authCodec, { signature: zeros.slice().fill(4), spaces: [salted] }),
    credit: coded('links/credit', 'credit', creditCodec, { live: 65_536, bulk: 0 }),
    salted,
    binding: text(utf8('binding')),
    transcript: text(linkTranscript(utf8('binding'), own, other, [salted])),
    otherTranscript: text(linkTranscript(utf8('binding'), other, own, [])),
    frames: { one: framed('live', 10), many: framed('bulk', 40_000) },
  };
};

const circuits = async (crypto: Crypto, world: World) => {
  const id = '0c'.repeat(8);
  const other = toHex(bytesOf('beacon')) as DeviceId;
  const [asking, accepting] = [
    await crypto.agreementKey(bytesOf('asking')),
    await crypto.agreementKey(bytesOf('accepting')),
  ];
  const ends = { id, asker: world.deviceId, accepter: other };
  const asker = await CircuitSeal.agree(crypto, asking, accepting.publicKey, ends, true);
  const accepter = await CircuitSeal.agree(crypto, accepting, asking.publicKey, ends, false);
  if (!asker || !accepter) throw new Error('The keys of the circuit do not agree');
  const first = await asker.seal(utf8('first'));
  const second = await asker.seal(utf8('second'));
  const back = await accepter.seal(utf8('back'));
  const word = (said: CircuitWord) => coded('links/circuit/words', said.type, circuitCodec, said);
  return {
    words: [
      word({ type: 'ask', id, device: other, key: asking.publicKey }),
      word({ type: 'offer', id, device: world.deviceId, key: asking.publicKey }),
      word({ type: 'accept', id, key: accepting.publicKey }),
      word({ type: 'data', id, sealed: first }),
      word({ type: 'close', id, why: 'full' }),
    ],
    binding: text(asker.binding),
    sealed: [first, second, back].map(text),
    opensTo: [await accepter.open(first), await accepter.open(second), await asker.open(back)].map((message) =>
      message ? text(message) : null,
    ),
  };
};

const signaling = async (crypto: Crypto, world: World) => {
  const session = '0a'.repeat(16) as SessionId;
  const message: SignalMessage = {
    kind: 'signal',
    from: world.deviceId,
    session,
    count: 7,
    time: NOW,
    alone: true,
    to: toHex(bytesOf('beacon')) as DeviceId,
    toSession: '0b'.repeat(16) as SessionId,
    payload: '{"candidate":null}',
  };
  const sealed = await sealSignal(crypto, fixedRandom('signal'), world.device.handle, world.roomKey, message);
  const opened = await openSignal(crypto, world.roomKey, sealed);
  const topics = topicsOf(world.roomKey, NOW);
  return {
    roomKey: text(world.roomKey),
    now: NOW,
    topics,
    inboxTopic: inboxTopicOf(world.deviceId, session),
    challenge: text(challengeBytesOf(bytesOf('device'), bytesOf('client').slice(0, 16), bytesOf('server'))),
    message: plain(message),
    sealed: text(sealed),
    publish: publishText(topics[1], sealed),
    opensTo: plain(opened.ok ? opened.value : opened.error),
  };
};

/** One part of a snapshot: a node with a value, an op that shows no more before another, a whole text; and what is read of it. */
const snapshot = (world: World) => {
  const { node, shard, space, log, user } = world;
  const doc = new Y.Doc();
  doc.clientID = 7;
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText('golden')]);
  doc.getXmlFragment('default').insert(0, [paragraph]);
  const gone: Op = { type: 'unknown', kind: 0, bytes: new Uint8Array() };
  const entry = (seq: number, ops: readonly Op[]): FoldEntry => ({
    id: text(bytesOf(`snapshot entry ${seq}`)) as EntryId,
    ...{ log, space, shard, seq, ops, author: user, device: world.deviceId },
    incarnation: 0,
    role: seq === 0 ? 'owner' : 'member',
    hlc: hlcOf(NOW, seq),
    deps: [],
  });
  const entries = [
    entry(0, [
      { type: 'nodeNew', node, nodeType: 'Document', counter: 7 },
      { type: 'fieldSet', node, key: 'title', value: '"Plan"' },
    ]),
    entry(1, [gone, { type: 'fieldSet', node, key: 'icon', value: '"x"' }]),
    entry(2, [{ type: 'textUpdate', document: node, n: 0, update: Y.encodeStateAsUpdateV2(doc) }]),
  ];
  const making = partsOf(entries, { left: ({ ops }: FoldEntry) => ops } as unknown as Survey);
  let step = making.next();
  while (!step.done) step = making.next();
  const [part] = step.value as [Uint8Array];
  const read = readPart(part, space, shard);
  return { bytes: text(part), entries: read.ok && read.value.map(({ id, log: of, seq }) => ({ id, log: of, seq })) };
};

const storage = async (crypto: Crypto, world: World) => {
  const key = segmentKeyOf(world.space, 12);
  const written = [await clearEntry(crypto, world), await sealedEntry(crypto, world)];
  const slots = written.map(slotOf);
  const indexKey = indexKeyOf(world.space, 12);
  const small = await sealBlob(crypto, utf8('a small blob'), bytesOf('blob key'), bytesOf('blob seed'));
  const large = await sealBlob(crypto, new Uint8Array(100_000).fill(0x61), bytesOf('blob key'), bytesOf('blob seed'));
  const file = await sealBlob(crypto, utf8('a file'), bytesOf('blob key'), bytesOf('blob seed'), world.deviceId);
  if (!small.ok || !large.ok || !file.ok) throw new Error('A blob that should fit does not');
  const opened = await openBlob(crypto, small.value, bytesOf('blob key'));
  return {
    snapshot: snapshot(world),
    shelved: text(encodeKept(shelvedOf(await sealedEntry(crypto, world)))),
    segment: { key, entries: written.map(({ id }) => id), bytes: text(encodeSegment(key, slots)) },
    index: { key: indexKey, bytes: text(encodeIndex(indexKey, runsOf(slots))) },
    blob: {
      key: text(bytesOf('blob key')),
      seed: text(bytesOf('blob seed')),
      text: text(utf8('a small blob')),
      id: small.value.id,
      manifest: text(small.value.manifest),
      chunks: small.value.chunks.map(text),
      opensTo: opened.ok && text(opened.value),
    },
    file: { owner: world.deviceId, id: file.value.id, manifest: text(file.value.manifest) },
    twoChunks: {
      size: 100_000,
      id: large.value.id,
      manifest: text(large.value.manifest),
      chunks: large.value.chunks.map((chunk) => ({ bytes: chunk.length, sha256: text(sha256(chunk)) })),
    },
  };
};

/** All vectors, by the name of their file. */
export const computeVectors = async (crypto: Crypto): Promise<Readonly<Record<string, unknown>>> => {
  const world = await makeWorld(crypto);
  const all = {
    ids: ids(world),
    numbers: numbers(),
    ops: ops(world),
    entries: await entries(crypto, world),
    rights: await rights(crypto, world),
    keys: await keys(crypto, world),
    identity: await identity(crypto),
    invites: await invites(crypto, world),
    sync: await sync(crypto, world),
    links: { ...links(world), circuit: await circuits(crypto, world) },
    signaling: await signaling(crypto, world),
    storage: await storage(crypto, world),
    ed25519: signatureCases(),
  };
  return plain(all) as Record<string, unknown>;
};
