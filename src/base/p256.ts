/**
 * Points of P-256 from their scalars. WebCrypto signs with a key whose point it is given and not every engine computes
 * one, so that is all this does: it signs and agrees nothing.
 */
import { p256 } from '@noble/curves/nist.js';

/** A scalar of 32 bytes, 1 to the order less 1. */
export const isP256Scalar = (bytes: Uint8Array): boolean => bytes.length === 32 && p256.utils.isValidSecretKey(bytes);

/** Both coordinates of the public point, 32 bytes each. Throws where `scalar` is none. */
export const p256Point = (scalar: Uint8Array): { readonly x: Uint8Array; readonly y: Uint8Array } => {
  const point = p256.getPublicKey(scalar, false);
  return { x: point.slice(1, 33), y: point.slice(33, 65) };
};
