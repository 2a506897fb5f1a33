/** Synchronous hashing. Every use carries a domain string, so that one hash can never pass for another. */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from './bytes';

export const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => nobleSha256(bytes) as Uint8Array<ArrayBuffer>;

/** `H(domain ‖ parts)`, 32 bytes. The domain is ASCII and ends with a zero byte, parts are of fixed width. */
export const hash = (domain: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  sha256(concat(utf8(`${domain}\0`), ...parts));

/** The first 16 bytes of `hash`. */
export const hash128 = (domain: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  hash(domain, ...parts).slice(0, 16);

export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> =>
  hmac(nobleSha256, key, message) as Uint8Array<ArrayBuffer>;

/** 20 bytes. Only where a protocol of others demands it; as an HMAC it still stands. */
export const hmacSha1 = (key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> =>
  hmac(sha1, key, message) as Uint8Array<ArrayBuffer>;

/** HKDF-SHA-256; `info` names the purpose, `length` in bytes. */
export const deriveKey = (key: Uint8Array, salt: Uint8Array, info: string, length = 32): Uint8Array<ArrayBuffer> =>
  hkdf(nobleSha256, key, salt, utf8(info), length) as Uint8Array<ArrayBuffer>;
