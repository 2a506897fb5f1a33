/**
 * Short names for the ends of logs, for one round between two nodes: 5 bytes for a log, 3 for how it ends. Drawn by HalfSipHash with
 * a key of both nonces of the link, so that nobody who is not on it can make two logs share a name.
 */
import { concat, fromHex } from '../../base/bytes';
import { type Codec, encode, fixed, hexId, u32, varint } from '../../base/codec';
import { hash } from '../../base/hash';
import type { Tip } from '../journal/log';
import type { EntryId, LogId, SpaceId } from '../op/ids';
import type { Draw, Item } from './sketch';

export type Line = Tip & { readonly log: LogId };
export type RoundKey = readonly [number, number, number, number, number, number, number, number];

/** `nonces`: those of the link, lower first. */
export const roundKey = (nonces: readonly [Uint8Array, Uint8Array], space: SpaceId, round: number): RoundKey => {
  const bytes = hash('lgos/sketch/1', ...nonces, fromHex(space), encode(u32, round));
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  return Array.from({ length: 8 }, (_, i) => view.getUint32(i * 4, true)) as unknown as RoundKey;
};

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
/** HalfSipHash-2-4 with 64 bits out, of whole words. */
const halfSip = (k0: number, k1: number, words: readonly number[]): readonly [number, number] => {
  let [v0, v1, v2, v3] = [k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1];
  v1 ^= 0xee;
  const round = (): void => {
    v0 = (v0 + v1) | 0;
    v1 = rotated(v1, 5) ^ v0;
    v0 = rotated(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotated(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotated(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotated(v1, 13) ^ v2;
    v2 = rotated(v2, 16);
  };
  const take = (word: number): void => {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  for (const word of words) take(word);
  take(((words.length * 4) & 255) << 24);
  v2 ^= 0xee;
  for (let i = 0; i < 4; i++) round();
  const first = (v1 ^ v3) >>> 0;
  v1 ^= 0xdd;
  for (let i = 0; i < 4; i++) round();
  return [first, (v1 ^ v3) >>> 0];
};

const words = (hex: string): number[] =>
  Array.from({ length: hex.length / 8 }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));

/** As text, to look it up by. */
export type LogName = string;
/** How a log ends. `head` is empty where nothing is held of it. */
export type NamedTip = { readonly name: LogName; readonly length: number; readonly head: Uint8Array<ArrayBuffer> };
const nameCodec = hexId<LogName>(5);
const headCodec = fixed(6);
export const namedTipCodec: Codec<NamedTip> = {
  write: (writer, { name, length, head }) => {
    nameCodec.write(writer, name);
    varint.write(writer, length);
    if (length > 0) headCodec.write(writer, head);
  },
  read: (reader) => {
    const name = nameCodec.read(reader);
    const length = varint.read(reader);
    return { name, length, head: length > 0 ? headCodec.read(reader) : new Uint8Array() };
  },
};
export const nameOf = ([high, low]: Item): LogName => (high * 256 + low).toString(16).padStart(10, '0');

/** What is drawn in one round. */
export const drawWith = (key: RoundKey) => {
  const draw: Draw = { check: (item) => halfSip(key[4], key[5], item)[0] };
  const head = (id: EntryId): readonly [number, number] => halfSip(key[6], key[7], words(id));
  return {
    ...draw,
    item: ({ log, length, head: id }: Line): Item => {
      const [high, low] = halfSip(key[0], key[1], words(log));
      const [state] = halfSip(key[2], key[3], [length >>> 0, Math.floor(length / 2 ** 32), ...words(id)]);
      return [high, low & 0xff, state & 0xffffff];
    },
    /** 6 bytes. */
    head: (id: EntryId): Uint8Array<ArrayBuffer> => concat(...head(id).map((word) => encode(u32, word))).slice(2),
  };
};
export type RoundDraw = ReturnType<typeof drawWith>;
