/**
 * Which pieces of a blob somebody holds or asks for: piece 0 is the manifest, piece i + 1 is chunk i. On the wire a bit for
 * each, the lowest of the first byte first, and no byte of zeros at the end. It knows no bytes of blobs.
 */
import { type Codec, DecodeError, blob as sized } from '../../base/codec';
import { MAX_CHUNKS } from './chunk';

export type Pieces = ReadonlySet<number>;

export const MANIFEST = 0;
const MAX_PIECES = MAX_CHUNKS + 1;
const bits = sized(Math.ceil(MAX_PIECES / 8));

export const piecesCodec: Codec<Pieces> = {
  write: (writer, pieces) => {
    const bytes = new Uint8Array(Math.ceil((Math.max(-1, ...pieces) + 1) / 8));
    for (const piece of pieces) bytes[piece >> 3] = (bytes[piece >> 3] as number) | (1 << (piece & 7));
    bits.write(writer, bytes);
  },
  read: (reader) => {
    const bytes = bits.read(reader);
    if (bytes.at(-1) === 0) throw new DecodeError('pieces end in nothing');
    const pieces = new Set<number>();
    for (let piece = 0; piece < bytes.length * 8; piece++)
      if (((bytes[piece >> 3] as number) >> (piece & 7)) & 1) pieces.add(piece);
    if (bytes.length > 0 && Math.max(...pieces) >= MAX_PIECES) throw new DecodeError('more pieces than a blob has');
    return pieces;
  },
};
