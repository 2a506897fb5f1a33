/**
 * Proof that a device signed two histories: two headers of one place of one log with their signatures, without bodies.
 * It proves itself, whoever shows it: nobody but the holder of the device's key can make one.
 */

import { fromHex } from '../../base/bytes';
import { type Codec, decode, encode, fixed, record } from '../../base/codec';
import type { Crypto } from '../../ports';
import { type Entry, entryIdOf, type Header, headerCodec, signedBytesOf } from '../../vm/op/entry';
import { type EntryId, logIdOf, type SpaceId, ZERO_ENTRY } from '../../vm/op/ids';
import type { ActOf } from './acl';
import type { CutPlace } from './cuts';
import { has } from './past';
import type { Item } from './words';

/** One of the two. `cited`: the rights entry that it is or that it acts under. */
export type Claim = {
  readonly id: EntryId;
  readonly header: Header;
  readonly signature: Uint8Array;
  readonly cited: EntryId;
};
export type Fork = { readonly first: Claim; readonly second: Claim };

const claimCodec: Codec<Pick<Entry, 'header' | 'signature'>> = record({ header: headerCodec, signature: fixed(64) });

/** `cut`: what the reporter holds of the device's logs, each branch. */
export const forkAct = (a: Entry, b: Entry, cut: readonly CutPlace[]): ActOf<'fork'> => {
  const [first, second] = a.id < b.id ? [a, b] : [b, a];
  return {
    type: 'fork',
    device: a.header.device,
    first: encode(claimCodec, first),
    second: encode(claimCodec, second),
    cut,
  };
};

const claims = new WeakMap<object, readonly Claim[]>();
/** What decodes of the two. */
export const claimsOf = (act: ActOf<'fork'>): readonly Claim[] => {
  const known = claims.get(act);
  if (known) return known;
  const read = [act.first, act.second].flatMap((bytes): Claim[] => {
    const decoded = decode(claimCodec, bytes);
    if (!decoded.ok) return [];
    const { header, signature } = decoded.value;
    const id = entryIdOf(header);
    return [{ id, header, signature, cited: header.aclRef === ZERO_ENTRY ? id : header.aclRef }];
  });
  claims.set(act, read);
  return read;
};

/** By form: two headers of the device in one place of this space, the lower id first. `undefined`: it proves nothing. */
export const readFork = (space: SpaceId, act: ActOf<'fork'>): Fork | undefined => {
  const [first, second] = claimsOf(act);
  if (!first || !second || first.id >= second.id || first.header.seq !== second.header.seq) return undefined;
  const both = [first, second];
  if (both.some(({ header }) => header.space !== space || header.device !== act.device)) return undefined;
  const [one, other] = both.map(({ header }) => logIdOf(space, header.shard, header.device, header.incarnation));
  return one === other ? { first, second } : undefined;
};

export const verifyFork = async (crypto: Crypto, { first, second }: Fork): Promise<boolean> => {
  for (const { id, header, signature } of [first, second])
    if (!(await crypto.verify(fromHex(header.device), signedBytesOf(id), signature))) return false;
  return true;
};

// --- Clearings ---------------------------------------------------------------------------------------------

export const clearingsOf = (items: readonly Item[]): readonly Item[] =>
  items.filter(({ acts }) => acts.some(({ type }) => type === 'clear'));

/** Whether a clearing is about this fork: the device had not known of it when it signed both. */
export const lifts = (clear: Item, fork: ActOf<'fork'>, items: readonly Item[]): boolean =>
  clear.acts.some((act) => act.type === 'clear' && act.device === fork.device) &&
  !claimsOf(fork).some(({ cited }) => {
    const known = items.find(({ id }) => id === cited);
    return known !== undefined && (known === clear || has(known.past, clear.index));
  });
