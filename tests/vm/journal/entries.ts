/** Entries for tests of logs and journals: sound in form, hash and chain, with a signature that nobody checks here. */
import { toHex, utf8 } from '../../../src/base/bytes';
import { hash, sha256 } from '../../../src/base/hash';
import { type Hlc, hlcOf } from '../../../src/vm/op/clock';
import { type Entry, entryIdOf, type Header } from '../../../src/vm/op/entry';
import {
  type DeviceId,
  type EntryId,
  logIdOf,
  type ShardId,
  type SpaceId,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../../../src/vm/op/ids';

export const spaceNamed = (name: string): SpaceId => toHex(hash('test/space', utf8(name))) as SpaceId;
export const deviceNamed = (name: string): DeviceId => toHex(hash('test/device', utf8(name))) as DeviceId;
export const idNamed = (name: string): EntryId => toHex(hash('test/entry', utf8(name))) as EntryId;
const SHARD = '5a'.repeat(16) as ShardId;
export const SPACE = spaceNamed('home');

export type Draft = Partial<Pick<Header, 'deps' | 'aclRef' | 'incarnation' | 'space'>> & {
  readonly device?: DeviceId;
  readonly seq?: number;
  readonly prev?: EntryId;
  readonly hlc?: Hlc;
  readonly body?: Uint8Array;
};

export const entryOf = ({ body = Uint8Array.of(1), ...draft }: Draft): Entry => {
  const seq = draft.seq ?? 0;
  const header: Header = {
    version: 1,
    suite: 1,
    class: 'content',
    kind: 'data',
    space: SPACE,
    shard: SHARD,
    device: deviceNamed('one'),
    incarnation: 0,
    seq,
    prev: ZERO_ENTRY,
    hlc: hlcOf(1000 + seq),
    aclRef: ZERO_ENTRY,
    epoch: ZERO_EPOCH,
    deps: [],
    ...draft,
    bodyLength: body.length,
    bodyHash: sha256(body),
  };
  const log = logIdOf(header.space, header.shard, header.device, header.incarnation);
  return { id: entryIdOf(header), log, header, body, signature: new Uint8Array(64).fill(seq & 255) };
};

/** A log of `length` entries, each naming the one before. */
export const chainOf = (length: number, draft: Draft = {}): Entry[] => {
  const chain: Entry[] = [];
  for (let seq = 0; seq < length; seq++) chain.push(entryOf({ ...draft, seq, prev: chain.at(-1)?.id ?? ZERO_ENTRY }));
  return chain;
};
