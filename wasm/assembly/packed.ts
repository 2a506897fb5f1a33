/**
 * Packed values and places of nodes, written out as the text that they stand for (docs/protocol/entry.md). Whole numbers and
 * digits only: no double is formatted here. The text lies in the list TEXT until the next one is written.
 */
import { copy, get, H_TEXT, room } from './heap';

/** Where text of `size` bytes may be written. */
function begin(size: u32): u32 {
  room(H_TEXT, size);
  return get(H_TEXT);
}
/** Where the text stands that was written last. */
export function written(): u32 { return get(H_TEXT); }

/** At least `least` digits; gives where they end. */
function digits(to: u32, value: u64, least: u32): u32 {
  let count: u32 = 1;
  for (let rest = value / 10; rest > 0; rest /= 10) count++;
  if (count < least) count = least;
  for (let i = count; i > 0; i--, value /= 10) store<u8>(to + i - 1, 48 + <u32>(value % 10));
  return to + count;
}
/** Each of these gives the length of its text. */
export function writeWhole(value: u64): u32 {
  const to = begin(32);
  return digits(to, value, 1) - to;
}
/** `form`: twice the digits after the point, and 1 where it is below zero. */
export function writeDecimal(form: u32, value: u64): u32 {
  const to = begin(64);
  const from = to + (form & 1);
  if (form & 1) store<u8>(to, 45);
  const scale = form >> 1;
  let end = digits(from, value, scale + 1);
  if (scale > 0) {
    for (let i = end; i > end - scale; i--) store<u8>(i, load<u8>(i - 1));
    store<u8>(end - scale, 46);
    end++;
  }
  return end - to;
}
export function writeQuoted(text: u32, length: u32): u32 {
  const to = begin(length + 2);
  store<u8>(to, 34);
  copy(to + 1, text, length);
  store<u8>(to + length + 1, 34);
  return length + 2;
}
/** Lower-case, of 16 bytes. */
export function writeHex(id: u32): u32 {
  const to = begin(32);
  for (let i: u32 = 0; i < 16; i++) {
    const byte: u32 = load<u8>(id + i);
    const high = byte >> 4;
    const low = byte & 15;
    store<u8>(to + (i << 1), high + (high < 10 ? 48 : 87));
    store<u8>(to + (i << 1) + 1, low + (low < 10 ? 48 : 87));
  }
  return 32;
}
