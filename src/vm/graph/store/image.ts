/**
 * The whole state of an engine as bytes: the module's memory as it lies there, then the documents. A header tells the
 * lengths and the build; a checksum over everything comes first. It finds damage, not forgery: images never leave the device.
 *
 *     checksum 8 | magic 4 | memory length 4 | build 16 (hex text) | memory | documents
 */
import { concat, utf8 } from '../../../base/bytes';
import { decode, encode } from '../../../base/codec';
import { err, ok, type Result } from '../../../base/result';
import type { GraphModule } from '../../../ports';
import type { ImageError, SchemaRules } from '../engine';
import { Native } from './native';
import { type KeptTexts, textsCodec } from './texts';

const MAGIC = 0x4c47494d;
const HEADER = 8 + 4 + 4 + 16;
const BUILD = 16;

export const saveImage = (native: Native, build: string, texts: KeptTexts): Uint8Array<ArrayBuffer> => {
  const { calls } = native;
  const tail = encode(textsCodec, texts);
  // Before the length is read: the input lies inside the state, and may grow it.
  calls.input(HEADER - 8 + tail.length);
  const length = calls.used();
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint32(8, MAGIC);
  view.setUint32(12, length);
  header.set(utf8(build).subarray(0, BUILD), 16);
  const rest = concat(header.subarray(8), tail);
  const restSum = calls.xxh64(native.put(rest), rest.length);
  view.setBigUint64(0, joined(calls.checksum(length), restSum));
  const head = calls.head();
  return concat(header, native.bytes.subarray(head, head + length), tail);
};

export const loadImage = (
  module: GraphModule,
  rules: SchemaRules,
  limit: number,
  image: Uint8Array,
): Result<{ readonly native: Native; readonly texts: KeptTexts }, ImageError> => {
  const damaged = (message: string) => err({ type: 'damaged' as const, message });
  const other = (message: string) => err({ type: 'other' as const, message });
  if (image.length < HEADER) return damaged('too short');
  const header = new DataView(image.buffer, image.byteOffset, HEADER);
  const length = header.getUint32(12);
  if (header.getUint32(8) !== MAGIC || length > image.length - HEADER) return damaged('not an image');
  if (length > limit / 2) return damaged('larger than any that is made');
  const build = image.subarray(16, 16 + BUILD);
  if (
    utf8(module.id)
      .subarray(0, BUILD)
      .some((byte, i) => byte !== build[i])
  )
    return other('of another build');

  const native = new Native(module, rules);
  const { calls } = native;
  const rest = concat(image.subarray(8, HEADER), image.subarray(HEADER + length));
  const head = calls.makeRoom(length + rest.length, limit);
  native.bytes.set(image.subarray(HEADER, HEADER + length), head);
  native.bytes.set(rest, head + length);
  const sum = joined(calls.checksum(length), calls.xxh64(head + length, rest.length));
  if (sum !== header.getBigUint64(0)) return damaged('the checksum is another');
  // What lies above the state is taken to be empty.
  native.bytes.fill(0, head + length, head + length + rest.length);
  if (!calls.adopt(length, limit)) return other('of another layout');
  if (!calls.rulesHold()) return other('who may do what is decided otherwise now');
  const texts = decode(textsCodec, rest.subarray(HEADER - 8));
  return texts.ok ? ok({ native, texts: texts.value }) : damaged(texts.error.message);
};

const joined = (memory: bigint, rest: bigint): bigint => BigInt.asUintN(64, memory * 31n + rest);
