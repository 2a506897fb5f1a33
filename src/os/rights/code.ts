/**
 * The short code of an invite, for saying aloud: ten letters and digits. Four name a room of a signaling server, five are a
 * secret that never leaves the two people, one finds slips of the tongue. Whoever types it asks in that room, and the
 * device that made the invite answers with the link, sealed by what both agreed on (`pake.ts`). Formats: docs/protocol/invite.md.
 */
import { toHex, utf8 } from '../../base/bytes';
import { blob, fixed, record, tagged, type ValueOf } from '../../base/codec';
import { hash } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { Random } from '../../ports';

/** Crockford's base 32: no I, L, O, U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ROOM = 4;
const SECRET = 5;
const LENGTH = ROOM + SECRET + 1;

/** `room`: everybody may know it; `secret`: 25 bits. */
export type Code = { readonly room: string; readonly secret: string };
export type CodeError = { readonly type: 'badCode'; readonly message: string };

/** Of the field of 32: finds each single slip and each two neighbours in the wrong order. */
const checkOf = (text: string): string => {
  let sum = 0;
  for (const letter of text) {
    const doubled = sum << 1;
    sum = (doubled & 32 ? doubled ^ 0b100101 : doubled) ^ LETTERS.indexOf(letter);
  }
  // Once more, so that the last letter is not its own check.
  const doubled = sum << 1;
  return LETTERS[doubled & 32 ? doubled ^ 0b100101 : doubled] as string;
};

export const newCode = (random: Random): Code => {
  const text = [...random.bytes(ROOM + SECRET)].map((byte) => LETTERS[byte & 31]).join('');
  return { room: text.slice(0, ROOM), secret: text.slice(ROOM) };
};
/** In two groups of five. */
export const writeCode = ({ room, secret }: Code): string => {
  const text = room + secret;
  const all = text + checkOf(text);
  return `${all.slice(0, LENGTH / 2)}-${all.slice(LENGTH / 2)}`;
};

/** As typed or dictated: any case, blanks and dashes, O for 0, I and L for 1. */
const plain = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
export const readCode = (typed: string): Result<Code, CodeError> => {
  const text = plain(typed);
  if (text.length !== LENGTH || ![...text].every((letter) => LETTERS.includes(letter)))
    return err({ type: 'badCode', message: `A code has ${LENGTH} letters and digits.` });
  const body = text.slice(0, -1);
  if (checkOf(body) !== text.at(-1)) return err({ type: 'badCode', message: 'There is a slip in this code.' });
  return ok({ room: body.slice(0, ROOM), secret: body.slice(ROOM) });
};

/** Of signaling. Everybody who knows the room can listen there; nothing that is said there helps them. */
export const codeTopicOf = (room: string): string => toHex(hash('lgos/code-room/1', utf8(room)));

const exchange = { sid: fixed(16), answer: fixed(16) };
/** `sid`: of who asks; `answer`: of who answers. Points and proofs as in `pake.ts`. */
export const codeMessageCodec = tagged({
  ask: [1, record({ sid: fixed(16), point: fixed(32) })],
  answer: [2, record({ ...exchange, point: fixed(32) })],
  proof: [3, record({ ...exchange, proof: fixed(32) })],
  gift: [4, record({ ...exchange, nonce: fixed(12), sealed: blob(10 * 1024) })],
  /** The proof was wrong, or the code is over. Nobody vouches for it. */
  no: [5, record(exchange)],
});
export type CodeMessage = ValueOf<typeof codeMessageCodec>;
