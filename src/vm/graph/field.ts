/**
 * The rule for a field with several writes, identical to gun's HAM: the higher state wins; at equal states the
 * larger JSON text by UTF-16 code units; at equal text the smaller entry id is named as its author. Pure.
 */
import type { JsonText } from '../op/body';
import type { Hlc } from '../op/clock';
import type { EntryId } from '../op/ids';
import type { Value } from './engine';

const MAX_DEPTH = 32;

export type Candidate = { readonly hlc: Hlc; readonly json: JsonText; readonly entry: EntryId; readonly index: number };

/** Above 0 when `a` wins over `b`. 0 only for one and the same op. */
export const compare = (a: Candidate, b: Candidate): number => {
  if (a.hlc !== b.hlc) return a.hlc - b.hlc;
  if (a.json !== b.json) return a.json < b.json ? -1 : 1;
  if (a.entry !== b.entry) return a.entry < b.entry ? 1 : -1;
  return b.index - a.index;
};

/** Brackets outside of strings; bounded so that no reader's stack decides what a value is. */
const tooDeep = (json: string): boolean => {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (inText) {
      if (char === '\\') i++;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '[' || char === '{') {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === ']' || char === '}') depth--;
  }
  return false;
};

/** Only text that `JSON.stringify` would write is a value; anything else would give two texts for one value. */
export const isCanonicalJson = (json: JsonText): boolean => {
  if (tooDeep(json)) return false;
  try {
    return JSON.stringify(JSON.parse(json)) === json;
  } catch {
    return false;
  }
};

/** Of text that passed `isCanonicalJson`. */
export const parseValue = (json: JsonText): Value => JSON.parse(json) as Value;
