/**
 * A value in a body of the second form: canonical JSON text, shorter where it is a plain text or a plain number. What comes
 * out is the very text that went in, and each text has one encoding. Byte table: docs/protocol/entry.md.
 * Must not know what the value is of.
 */
import { fromUtf8, utf8 } from '../../base/bytes';
import { type Codec, DecodeError } from '../../base/codec';
import { type JsonText, MAX_BODY } from './body';

/** The low two bits of the first number; the rest of it is a length, the number itself, or scale and sign. */
const TEXT = 0;
const PLAIN = 1;
const WHOLE = 2;
const DECIMAL = 3;

/** Fifteen digits name a double that no shorter decimal names, so such text is what JSON writes. */
const MAX_DIGITS = 15;
const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/;
const DECIMAL_NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d*[1-9]))?$/;
/** Between the quotes: nothing that JSON writes as an escape, nor half a surrogate pair. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that JSON escapes
const PLAIN_TEXT = /^"[^"\\\u0000-\u001f\p{Surrogate}]*"$/u;

type Decimal = { readonly digits: number; readonly scale: number; readonly isNegative: boolean };
/** `undefined`: no number that is written with few digits and without an exponent, or a whole one from 0 on. */
const decimalOf = (json: JsonText): Decimal | undefined => {
  if (json.length > MAX_DIGITS + 2) return undefined;
  const [, sign = '', whole = '', fraction = ''] = DECIMAL_NUMBER.exec(json) ?? [];
  if (whole === '' || whole.length + fraction.length > MAX_DIGITS) return undefined;
  if (fraction === '' && (sign === '' || whole === '0')) return undefined;
  // Below a millionth it is written with an exponent.
  if (/^0{6}/.test(fraction) && whole === '0') return undefined;
  return { digits: Number(whole + fraction), scale: fraction.length, isNegative: sign !== '' };
};
const textOf = ({ digits, scale, isNegative }: Decimal): JsonText => {
  const text = String(digits).padStart(scale + 1, '0');
  const point = text.length - scale;
  return `${isNegative ? '-' : ''}${text.slice(0, point)}${scale > 0 ? '.' : ''}${text.slice(point)}`;
};
const isWhole = (json: JsonText): boolean => json.length <= MAX_DIGITS && WHOLE_NUMBER.test(json);

export const packedValue: Codec<JsonText> = {
  write: (writer, json) => {
    if (isWhole(json)) return writer.varint(Number(json) * 4 + WHOLE);
    const decimal = decimalOf(json);
    if (decimal) {
      writer.varint((decimal.scale * 2 + (decimal.isNegative ? 1 : 0)) * 4 + DECIMAL);
      return writer.varint(decimal.digits);
    }
    const isPlain = PLAIN_TEXT.test(json);
    const bytes = utf8(isPlain ? json.slice(1, -1) : json);
    if (bytes.length > MAX_BODY) throw new Error(`${bytes.length} bytes, at most ${MAX_BODY}`);
    writer.varint(bytes.length * 4 + (isPlain ? PLAIN : TEXT));
    writer.raw(bytes);
  },
  read: (reader) => {
    const head = reader.varint();
    const rest = Math.floor(head / 4);
    if (head % 4 === WHOLE) {
      const json = String(rest);
      if (!isWhole(json)) throw new DecodeError('a whole number of too many digits');
      return json;
    }
    if (head % 4 === DECIMAL) {
      if (rest > MAX_DIGITS * 2 + 1) throw new DecodeError('a number of too many digits');
      const decimal = { digits: reader.varint(), scale: Math.floor(rest / 2), isNegative: rest % 2 === 1 };
      const json = textOf(decimal);
      const again = decimalOf(json);
      if (again?.digits !== decimal.digits || again.scale !== decimal.scale)
        throw new DecodeError('a number not in its shortest form');
      return json;
    }
    if (rest > MAX_BODY) throw new DecodeError(`${rest} bytes, at most ${MAX_BODY}`);
    const text = textIn(reader.raw(rest));
    const json = head % 4 === PLAIN ? `"${text}"` : text;
    if (PLAIN_TEXT.test(json) !== (head % 4 === PLAIN) || isWhole(json) || decimalOf(json))
      throw new DecodeError('a value not in its shortest form');
    return json;
  },
};

const textIn = (bytes: Uint8Array): string => {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new DecodeError('not UTF-8');
  }
};
