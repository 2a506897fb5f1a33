/**
 * Possession: whether a device has the bodies that it stated to hold. It is asked for a hash over bodies that a nonce picks. That proves
 * that it has them, or can fetch them within the time of an answer; not that nobody lent them, nor that they are the only copy.
 *
 * It knows neither time nor links. Rules kept here:
 * PO1 which bodies are asked for follows from the nonce over all that the device claims and we hold; at most 64 KiB of them.
 * PO2 the answer is over the nonce, the device that answers and the bodies: what another one answered proves nothing.
 * PO3 twice in a row without a right answer, and its word is set aside until it answers again; once is forgotten by a right answer.
 */
import { concat, equalBytes, fromHex } from '../../base/bytes';
import { hash } from '../../base/hash';
import type { EntryLog } from '../journal/log';
import type { Entry } from '../op/entry';
import type { DeviceId, LogId } from '../op/ids';
import { MAX_ASKED } from '../sync/messages';

/** Whoever answers says so in the handshake. */
export const POSSESSION = 8;
const MAX_ASKED_BYTES = 64 * 1024;
/** Places that a nonce is good for, where bodies are not here either. */
const DRAWS = 8;

/** Its body is on this device. */
export const isWhole = ({ erasedBy, shelved }: Entry): boolean => erasedBy === undefined && !shelved;

/** A log, and how much of it is claimed. */
type Claim = { readonly log: EntryLog; readonly length: number };
export type Range = { readonly log: LogId; readonly from: number; readonly count: number };

const fraction = (bytes: Uint8Array): number =>
  bytes.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48;

/** PO1. `undefined` where nothing that is claimed is here. */
export const drawRange = (nonce: Uint8Array, claims: readonly Claim[]): Range | undefined => {
  const total = claims.reduce((sum, { length }) => sum + length, 0);
  for (let draw = 0; draw < DRAWS; draw++) {
    let place = Math.floor(fraction(hash('lgos/possession-place/1', nonce, Uint8Array.of(draw))) * total);
    for (const { log, length } of claims) {
      if (place >= length) {
        place -= length;
        continue;
      }
      const entries = wholeFrom(log.slice(place, Math.min(length, place + MAX_ASKED)));
      if (entries.length > 0) return { log: log.id, from: place, count: entries.length };
      break;
    }
  }
  return undefined;
};
const wholeFrom = (entries: readonly Entry[]): readonly Entry[] => {
  let bytes = 0;
  const end = entries.findIndex((entry) => {
    bytes += entry.body.length;
    return !isWhole(entry) || bytes > MAX_ASKED_BYTES;
  });
  return end < 0 ? entries : entries.slice(0, end);
};

/** PO2. `undefined` where some of it is not here, or it is more than may be asked for. */
export const prove = (
  nonce: Uint8Array,
  device: DeviceId,
  log: EntryLog | undefined,
  { from, count }: Range,
): Uint8Array<ArrayBuffer> | undefined => {
  const entries = log?.slice(from, from + Math.min(count, MAX_ASKED)) ?? [];
  if (entries.length !== count || count === 0 || wholeFrom(entries).length !== count) return undefined;
  return hash('lgos/possession/1', nonce, fromHex(device), concat(...entries.map(({ body }) => body)));
};
export const isProof = (proof: Uint8Array, expected: Uint8Array | undefined): boolean =>
  expected !== undefined && equalBytes(proof, expected);

/** What is known of a device in a space. `kept`: it says that its browser does not clear what it keeps. */
export type Standing = { readonly failed: number; readonly provedAt: number; readonly kept: boolean };
const FAILURES = 2;
export const UNPROVED: Standing = { failed: 0, provedAt: 0, kept: false };
export const failed = (standing: Standing): Standing => ({
  ...standing,
  failed: Math.min(FAILURES, standing.failed + 1),
});
export const proved = (at: number, kept: boolean): Standing => ({ failed: 0, provedAt: at, kept });
/** PO3. */
export const isDoubted = ({ failed }: Standing): boolean => failed >= FAILURES;
