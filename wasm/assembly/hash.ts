/**
 * SHA-256, BLAKE3 (hash mode, any length in and out) and the checksum of an image (XXH64). Checked against the
 * published vectors and against the library that the rest of the project uses.
 */

import { copy, copy32 } from './heap';

// --- SHA-256 -------------------------------------------------------------------------------------------------

const K: u32 = <u32>memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const IV: u32 = <u32>memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const W: u32 = <u32>memory.data(256, 16);
const TAIL: u32 = <u32>memory.data(128, 16);
const STATE: u32 = <u32>memory.data(32, 16);

function shaBlock(at: u32): void {
  for (let i: u32 = 0; i < 64; i += 4) store<u32>(W + i, bswap<u32>(load<u32>(at + i)));
  for (let i: u32 = 64; i < 256; i += 4) {
    const x = load<u32>(W + i - 60);
    const y = load<u32>(W + i - 8);
    const s0 = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
    const s1 = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
    store<u32>(W + i, load<u32>(W + i - 64) + s0 + load<u32>(W + i - 28) + s1);
  }
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  for (let i: u32 = 0; i < 256; i += 4) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + load<u32>(K + i) + load<u32>(W + i);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(STATE, load<u32>(STATE) + a);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
  store<u32>(STATE, load<u32>(STATE, 20) + f, 20);
  store<u32>(STATE, load<u32>(STATE, 24) + g, 24);
  store<u32>(STATE, load<u32>(STATE, 28) + h, 28);
}

/** The state after a first block, which many messages share: 32 bytes to `to`. */
export function begun(at: u32, to: u32): void {
  copy32(STATE, IV);
  shaBlock(at);
  copy32(to, STATE);
}
/** Of a message of 88 bytes, whose first block has led to `state`, and whose last 24 bytes are at `at`. */
export function ended88(state: u32, at: u32, to: u32): void {
  copy32(STATE, state);
  memory.fill(TAIL, 0, 64);
  copy(TAIL, at, 24);
  store<u8>(TAIL + 24, 0x80);
  store<u64>(TAIL + 56, bswap<u64>(88 << 3));
  shaBlock(TAIL);
  for (let i: u32 = 0; i < 32; i += 4) store<u32>(to + i, bswap<u32>(load<u32>(STATE + i)));
}

/** 32 bytes to `to`. */
export function sha256(at: u32, length: u32, to: u32): void {
  copy32(STATE, IV);
  let offset: u32 = 0;
  for (; offset + 64 <= length; offset += 64) shaBlock(at + offset);
  const rest = length - offset;
  memory.fill(TAIL, 0, 128);
  copy(TAIL, at + offset, rest);
  store<u8>(TAIL + rest, 0x80);
  const end: u32 = rest < 56 ? 64 : 128;
  store<u64>(TAIL + end - 8, bswap<u64>(<u64>length << 3));
  shaBlock(TAIL);
  if (end == 128) shaBlock(TAIL + 64);
  for (let i: u32 = 0; i < 32; i += 4) store<u32>(to + i, bswap<u32>(load<u32>(STATE + i)));
}

// --- BLAKE3 --------------------------------------------------------------------------------------------------

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;

const OUTPUT: u32 = <u32>memory.data(64, 16);
/** Chaining values of finished subtrees: 54 of 32 bytes cover any length. */
const TREE: u32 = <u32>memory.data(54 * 32, 16);
/** What the root is made of: chaining value, block, block length, flags. */
const ROOT_CV: u32 = <u32>memory.data(32, 16);
const ROOT_BLOCK: u32 = <u32>memory.data(64, 16);
let rootLength: u32 = 0;
let rootFlags: u32 = 0;

// @ts-ignore: decorator
@inline function rotate(value: v128, by: i32): v128 {
  return v128.or(v128.shr<u32>(value, by), v128.shl<u32>(value, 32 - by));
}
// @ts-ignore: decorator
@inline function rotate16(value: v128): v128 {
  return v128.shuffle<u8>(value, value, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}
// @ts-ignore: decorator
@inline function rotate8(value: v128): v128 {
  return v128.shuffle<u8>(value, value, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

/**
 * The state as four rows: columns are mixed side by side, then the diagonals by turning three rows. The message is
 * kept in the order in which a round takes it, so that one permutation leads from each round to the next.
 */
function compress(cv: u32, block: u32, counter: u64, length: u32, flags: u32, out: u32, wide: bool): void {
  const low = v128.load(cv);
  const high = v128.load(cv, 16);
  let a = low;
  let b = high;
  let c = v128.load(IV);
  let d = i32x4.splat(<i32>counter);
  d = i32x4.replace_lane(d, 1, <i32>(counter >> 32));
  d = i32x4.replace_lane(d, 2, <i32>length);
  d = i32x4.replace_lane(d, 3, <i32>flags);
  let m0 = v128.load(block);
  let m1 = v128.load(block, 16);
  let m2 = v128.load(block, 32);
  let m3 = v128.load(block, 48);
  let t0 = v128.shuffle<u32>(m0, m1, 0, 2, 4, 6);
  let t1 = v128.shuffle<u32>(m0, m1, 1, 3, 5, 7);
  let t2 = v128.shuffle<u32>(m2, m3, 6, 0, 2, 4);
  let t3 = v128.shuffle<u32>(m2, m3, 7, 1, 3, 5);
  for (let round = 0; ; round++) {
    a = i32x4.add(i32x4.add(a, b), t0);
    d = rotate16(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = rotate(v128.xor(b, c), 12);
    a = i32x4.add(i32x4.add(a, b), t1);
    d = rotate8(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = rotate(v128.xor(b, c), 7);
    a = v128.shuffle<u32>(a, a, 3, 0, 1, 2);
    d = v128.shuffle<u32>(d, d, 2, 3, 0, 1);
    c = v128.shuffle<u32>(c, c, 1, 2, 3, 0);
    a = i32x4.add(i32x4.add(a, b), t2);
    d = rotate16(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = rotate(v128.xor(b, c), 12);
    a = i32x4.add(i32x4.add(a, b), t3);
    d = rotate8(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = rotate(v128.xor(b, c), 7);
    a = v128.shuffle<u32>(a, a, 1, 2, 3, 0);
    d = v128.shuffle<u32>(d, d, 2, 3, 0, 1);
    c = v128.shuffle<u32>(c, c, 3, 0, 1, 2);
    if (round == 6) break;
    m0 = t0;
    m1 = t1;
    m2 = t2;
    m3 = t3;
    t0 = v128.shuffle<u32>(m0, m1, 1, 5, 7, 2);
    t1 = v128.shuffle<u32>(v128.shuffle<u32>(m0, m2, 3, 6, 0, 0), m3, 0, 1, 2, 7);
    t2 = v128.shuffle<u32>(v128.shuffle<u32>(m3, m1, 0, 4, 1, 1), m2, 0, 1, 7, 2);
    t3 = v128.shuffle<u32>(v128.shuffle<u32>(m2, m3, 1, 6, 0, 0), m1, 0, 1, 6, 2);
  }
  v128.store(out, v128.xor(a, c));
  v128.store(out, v128.xor(b, d), 16);
  if (!wide) return;
  v128.store(out, v128.xor(c, low), 32);
  v128.store(out, v128.xor(d, high), 48);
}

/** All of one chunk but its last block; leaves that block in ROOT_BLOCK and the chaining value in ROOT_CV. */
function chunk(at: u32, length: u32, counter: u64): void {
  copy32(ROOT_CV, IV);
  let flags = CHUNK_START;
  let offset: u32 = 0;
  for (; length - offset > 64; offset += 64) {
    compress(ROOT_CV, at + offset, counter, 64, flags, ROOT_CV, false);
    flags = 0;
  }
  rootLength = length - offset;
  rootFlags = flags | CHUNK_END;
  memory.fill(ROOT_BLOCK, 0, 64);
  copy(ROOT_BLOCK, at + offset, rootLength);
}

/** `outLength` bytes to `to`. */
export function blake3(at: u32, length: u32, to: u32, outLength: u32): void {
  let chunks: u32 = 0;
  let offset: u32 = 0;
  let depth: u32 = 0;
  for (; length - offset > 1024; offset += 1024) {
    chunk(at + offset, 1024, chunks);
    const cv = TREE + depth * 32;
    compress(ROOT_CV, ROOT_BLOCK, chunks, rootLength, rootFlags, cv, false);
    depth++;
    chunks++;
    for (let total = chunks; (total & 1) == 0; total >>= 1) {
      depth--;
      compress(IV, TREE + (depth - 1) * 32, 0, 64, PARENT, TREE + (depth - 1) * 32, false);
    }
  }
  chunk(at + offset, length - offset, chunks);
  let counter: u64 = chunks;
  while (depth > 0) {
    compress(ROOT_CV, ROOT_BLOCK, counter, rootLength, rootFlags, OUTPUT, false);
    depth--;
    copy32(ROOT_BLOCK, TREE + depth * 32);
    copy32(ROOT_BLOCK + 32, OUTPUT);
    copy32(ROOT_CV, IV);
    rootLength = 64;
    rootFlags = PARENT;
    counter = 0;
  }
  // The root: a chunk of its own counts from 0 as well.
  for (let done: u32 = 0, n: u64 = 0; done < outLength; done += 64, n++) {
    if (outLength - done >= 64) {
      compress(ROOT_CV, ROOT_BLOCK, n, rootLength, rootFlags | ROOT, to + done, true);
    } else {
      compress(ROOT_CV, ROOT_BLOCK, n, rootLength, rootFlags | ROOT, OUTPUT, true);
      memory.copy(to + done, OUTPUT, outLength - done);
    }
  }
}

// --- XXH64 ---------------------------------------------------------------------------------------------------

const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;
const P5: u64 = 0x27d4eb2f165667c5;
// @ts-ignore: decorator
@inline function step(lane: u64, word: u64): u64 { return rotl<u64>(lane + word * P2, 31) * P1; }
// @ts-ignore: decorator
@inline function join(h: u64, lane: u64): u64 { return (h ^ step(0, lane)) * P1 + P4; }

export function checksum(at: u32, length: u32): u64 {
  let i: u32 = at;
  const end: u32 = at + length;
  let h: u64;
  if (length >= 32) {
    let a: u64 = P1 + P2;
    let b: u64 = P2;
    let c: u64 = 0;
    let d: u64 = 0 - P1;
    for (; end - i >= 32; i += 32) {
      a = step(a, load<u64>(i));
      b = step(b, load<u64>(i, 8));
      c = step(c, load<u64>(i, 16));
      d = step(d, load<u64>(i, 24));
    }
    h = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
    h = join(join(join(join(h, a), b), c), d);
  } else h = P5;
  h += length;
  for (; end - i >= 8; i += 8) h = rotl<u64>(h ^ step(0, load<u64>(i)), 27) * P1 + P4;
  if (end - i >= 4) {
    h = rotl<u64>(h ^ (<u64>load<u32>(i) * P1), 23) * P2 + P3;
    i += 4;
  }
  for (; i < end; i++) h = rotl<u64>(h ^ (<u64>load<u8>(i) * P5), 11) * P1;
  h = (h ^ (h >> 33)) * P2;
  h = (h ^ (h >> 29)) * P3;
  return h ^ (h >> 32);
}
