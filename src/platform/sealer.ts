/**
 * How a locked profile hides one row: its key behind a tag, its value under AES-256-GCM. It must not know where rows lie.
 *
 * [LK1] No key meets a nonce twice, however often a row is written, and also when a copy of the profile writes on: each sealing
 *       draws 28 random bytes and counts nothing. 16 of them derive a key for this one sealing, 12 are its nonce.
 * [LK2] What is sealed opens at its own place only: the table and the key of the row are part of it.
 */
import { concat, toHex, utf8 } from '../base/bytes';
import { deriveKey, hmacSha256 } from '../base/hash';
import type { Crypto, Random } from '../ports';

export type Sealer = {
  /** 32 hex digits: the same for the same place under the same profile key, and telling nothing without it. */
  tagOf(place: string): string;
  seal(place: string, plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** `undefined`: damaged, of another place, or under another key. */
  open(place: string, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Overwrites the keys; nothing can be sealed or opened after it. */
  forget(): void;
};

const FORMAT = 1;
const SALT = 16;
const NONCE = 12;
const HEAD = 1 + SALT + NONCE;
const NO_SALT = new Uint8Array();

/** `profileKey`: 32 random bytes, kept by the caller. */
export const createSealer = (crypto: Crypto, random: Random, profileKey: Uint8Array): Sealer => {
  const rows = deriveKey(profileKey, NO_SALT, 'lgos/lock/rows/1');
  const tags = deriveKey(profileKey, NO_SALT, 'lgos/lock/tags/1');
  let forgotten = false;
  const known = (): void => {
    if (forgotten) throw new Error('The profile is locked');
  };
  const placed = (place: string): Uint8Array => utf8(`lgos/lock/place/1\0${place}`);
  return {
    tagOf: (place) => {
      known();
      return toHex(hmacSha256(tags, utf8(place)).subarray(0, 16));
    },
    seal: async (place, plain) => {
      known();
      const salt = random.bytes(SALT);
      const nonce = random.bytes(NONCE);
      const sealed = await crypto.seal(hmacSha256(rows, salt), nonce, plain, placed(place));
      return concat(Uint8Array.of(FORMAT), salt, nonce, sealed);
    },
    open: async (place, sealed) => {
      known();
      if (sealed[0] !== FORMAT || sealed.length < HEAD) return undefined;
      const key = hmacSha256(rows, sealed.subarray(1, 1 + SALT));
      return crypto.open(key, sealed.subarray(1 + SALT, HEAD), sealed.subarray(HEAD), placed(place));
    },
    forget: () => {
      forgotten = true;
      rows.fill(0);
      tags.fill(0);
    },
  };
};
