/**
 * CRC-32 (IEEE 802.3, reflected), eight bytes a step: finds damage of a medium, never malice. Each change of up to 32 bits
 * in a row is found, any other is missed once in 2^32.
 */

const tables = (): readonly Uint32Array[] => {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
  const all = [first];
  for (let step = 1; step < 8; step++) {
    const before = all[step - 1] as Uint32Array;
    all.push(before.map((rest) => (rest >>> 8) ^ (first[rest & 255] as number)));
  }
  return all;
};
const [T0, T1, T2, T3, T4, T5, T6, T7] = tables() as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];
const at = (values: Uint32Array | Uint8Array, index: number): number => values[index] as number;

/** `before`: the checksum of what stands before these bytes. */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  let sum = ~before;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24);
    const four = sum ^ low;
    sum =
      at(T7, four & 255) ^
      at(T6, (four >>> 8) & 255) ^
      at(T5, (four >>> 16) & 255) ^
      at(T4, four >>> 24) ^
      at(T3, at(bytes, i + 4)) ^
      at(T2, at(bytes, i + 5)) ^
      at(T1, at(bytes, i + 6)) ^
      at(T0, at(bytes, i + 7));
  }
  for (; i < bytes.length; i++) sum = (sum >>> 8) ^ at(T0, (sum ^ at(bytes, i)) & 255);
  return ~sum >>> 0;
};
