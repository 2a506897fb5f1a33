/**
 * Binding requests of STUN (RFC 8489): from which address somebody's packets come. Pure; it knows no socket, no rate and nobody.
 *
 * Rules kept here: [SN1] only a well-formed binding request without attributes that must be understood is answered, by the one
 * address that it came from; all else, answers too, gets nothing: two servers never talk to each other. Nor does what came from
 * port 0, to which nothing can be sent.
 * [SN2] An answer is the shortest there is: 32 bytes, 44 for IPv6, whatever was asked. It never repeats what was sent.
 */
import { addressBytes } from './address';

const HEADER = 20;
const COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
/** Attributes from here on may be ignored by whoever does not know them. */
const OPTIONAL = 0x8000;
const MAX_REQUEST = 548;

const isPlainRequest = (request: DataView): boolean => {
  const bytes = request.byteLength;
  if (bytes < HEADER || bytes > MAX_REQUEST || bytes % 4 !== 0) return false;
  if (request.getUint16(0) !== BINDING_REQUEST || request.getUint32(4) !== COOKIE) return false;
  if (request.getUint16(2) !== bytes - HEADER) return false;
  for (let at = HEADER; at < bytes; ) {
    if (request.getUint16(at) < OPTIONAL) return false;
    at += 4 + Math.ceil(request.getUint16(at + 2) / 4) * 4;
    if (at > bytes) return false;
  }
  return true;
};

/** The answer to a datagram from this address, or none. */
export const answerTo = (datagram: Uint8Array, from: { readonly address: string; readonly port: number }) => {
  const request = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const address = addressBytes(from.address);
  if (!isPlainRequest(request) || !address || from.port === 0) return undefined;
  const answer = new Uint8Array(HEADER + 8 + address.length);
  const view = new DataView(answer.buffer);
  view.setUint16(0, BINDING_SUCCESS);
  view.setUint16(2, answer.length - HEADER);
  answer.set(datagram.subarray(4, HEADER), 4);
  view.setUint16(HEADER, XOR_MAPPED_ADDRESS);
  view.setUint16(HEADER + 2, 4 + address.length);
  view.setUint16(HEADER + 4, address.length === 4 ? 1 : 2);
  view.setUint16(HEADER + 6, from.port ^ (COOKIE >>> 16));
  // The address is veiled by the cookie and the transaction, so that no router on the way "mends" it.
  for (const [index, byte] of address.entries()) answer[HEADER + 8 + index] = byte ^ (answer[4 + index] as number);
  return answer;
};
