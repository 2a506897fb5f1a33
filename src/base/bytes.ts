/** Byte arrays: joining, comparing, and the texts we write them as (hex in memory and tests, base64url in links). */

export const concat = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
};

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Bytes that become text at once. */
const AT_ONCE = 64;
const codes = new Uint8Array(AT_ONCE * 2);

/** Made flat: a text that is put together from pieces costs its reader several times as much, and ids are made by the hundred thousand. */
export const toHex = (bytes: Uint8Array): string => {
  let text = '';
  for (let from = 0; from < bytes.length; from += AT_ONCE) {
    const end = Math.min(bytes.length, from + AT_ONCE);
    for (let i = from, at = 0; i < end; i++, at += 2) {
      const byte = bytes[i] as number;
      codes[at] = DIGITS[byte >> 4] as number;
      codes[at + 1] = DIGITS[byte & 15] as number;
    }
    text += String.fromCharCode.apply(null, codes.subarray(0, (end - from) * 2) as unknown as number[]);
  }
  return text;
};

export const isHex = (text: unknown, bytes: number): text is string =>
  typeof text === 'string' && text.length === bytes * 2 && /^[0-9a-f]*$/.test(text);

const NIBBLES = Int8Array.from({ length: 256 }, (_, code) =>
  code >= 48 && code < 58 ? code - 48 : code >= 97 && code < 103 ? code - 87 : -1,
);

/** Writes lower-case hex as bytes; false where it is none of this length. */
export const writeHex = (text: string, bytes: Uint8Array, at: number, length: number): boolean => {
  if (text.length !== length * 2) return false;
  let bad = 0;
  for (let i = 0, from = 0; i < length; i++, from += 2) {
    const first = text.charCodeAt(from);
    const second = text.charCodeAt(from + 1);
    const high = NIBBLES[first & 255] as number;
    const low = NIBBLES[second & 255] as number;
    bad |= high | low | -((first | second) >> 8);
    bytes[at + i] = (high << 4) | low;
  }
  return bad >= 0;
};
/** Lower-case hex only; throws on anything else, so check what comes from outside with `isHex` first. */
export const fromHex = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(text.length >> 1);
  if (!writeHex(text, bytes, 0, bytes.length)) throw new Error(`Not lower-case hex: ${text.slice(0, 16)}`);
  return bytes;
};

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const toBase64Url = (bytes: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64URL[(word >> 18) & 63];
    text += BASE64URL[(word >> 12) & 63];
    if (left > 1) text += BASE64URL[(word >> 6) & 63];
    if (left > 2) text += BASE64URL[word & 63];
  }
  return text;
};

/** `undefined` when the text is not base64url (no padding, no other alphabet). */
export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let offset = 0;
  for (const char of text) {
    const value = BASE64URL.indexOf(char);
    if (value < 0) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[offset++] = (word >> bits) & 0xff;
    }
  }
  return bytes;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;

/** Throws on bytes that are not UTF-8; inside a codec that becomes a decode error. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);
