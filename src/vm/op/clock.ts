/**
 * Hybrid logical clock. A stamp is one double, `ms + counter / 2048`: exact until the year 2109, and a valid gun
 * state. On the wire: 48 bits of milliseconds, 16 of counter (below 2048).
 */

import type { Brand } from '../../base/brand';
import { type Codec, DecodeError } from '../../base/codec';

export type Hlc = Brand<number, 'Hlc'>;

const COUNTERS = 2048;
/** An entry this far ahead of network time is parked: kept, not folded, not forwarded. In milliseconds. */
export const MAX_AHEAD_MS = 60_000;

export const hlcOf = (ms: number, counter = 0): Hlc => (ms + counter / COUNTERS) as Hlc;
export const msOf = (hlc: Hlc): number => Math.floor(hlc);

/** The least stamp that is not before `ms` and is after `last`. */
export const nextHlc = (ms: number, last: Hlc): Hlc => {
  const wall = hlcOf(Math.floor(ms));
  return wall > last ? wall : ((last + 1 / COUNTERS) as Hlc);
};

export const hlcCodec: Codec<Hlc> = {
  write: (writer, value) => {
    writer.uint(msOf(value), 6);
    writer.uint(Math.round((value - msOf(value)) * COUNTERS), 2);
  },
  read: (reader) => {
    const ms = reader.uint(6);
    const counter = reader.uint(2);
    if (counter >= COUNTERS) throw new DecodeError('clock counter above 2047');
    if (ms >= 2 ** 42) throw new DecodeError('time beyond 2109');
    return hlcOf(ms, counter);
  },
};
