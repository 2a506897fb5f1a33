/** Golden vectors on one Crypto adapter: the same files in Node and in a real browser. */
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes';
import { decode, encode } from '../../src/base/codec';
import type { Crypto } from '../../src/ports';
import { decodeEntry } from '../../src/vm/op/entry';
import { type Case, codecs, computeVectors, plain } from './compute';
import ed25519 from './ed25519.json';
import type { SignatureCase } from './edwards';
import entries from './entries.json';
import identity from './identity.json';
import ids from './ids.json';
import invites from './invites.json';
import keys from './keys.json';
import links from './links.json';
import numbers from './numbers.json';
import ops from './ops.json';
import rights from './rights.json';
import signaling from './signaling.json';
import storage from './storage.json';
import sync from './sync.json';

export const RECORDED: Readonly<Record<string, unknown>> = {
  identity,
  ids,
  numbers,
  ops,
  entries,
  rights,
  keys,
  invites,
  sync,
  links,
  signaling,
  storage,
  ed25519,
};

/** Cases of a recorded file, wherever they stand in it, with the place that names their codec. */
const casesIn = (value: unknown, place: string): readonly (readonly [string, Case])[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => casesIn(item, place));
  const fields = value as Record<string, unknown>;
  if (typeof fields.bytes === 'string' && 'input' in fields && typeof fields.name === 'string')
    return [[`${place}/${fields.name}`, value as Case]];
  return Object.entries(fields).flatMap(([name, item]) => casesIn(item, `${place}/${name}`));
};

export const vectorSuite = (name: string, crypto: Crypto): void => {
  describe(`golden vectors: ${name}`, () => {
    it('every file is what the code computes, and there is no other', async () => {
      const computed = await computeVectors(crypto);
      expect(Object.keys(computed).sort()).toEqual(Object.keys(RECORDED).sort());
      for (const [file, recorded] of Object.entries(RECORDED)) expect(computed[file], file).toEqual(recorded);
    });

    it('every recorded encoding reads back to its input, and to nothing when cut or lengthened', async () => {
      await computeVectors(crypto);
      const cases = Object.entries(RECORDED).flatMap(([file, value]) => casesIn(value, file));
      expect(cases.map(([place]) => place).sort()).toEqual([...codecs.keys()].sort());
      for (const [place, { input, bytes }] of cases) {
        const codec = codecs.get(place);
        if (!codec) throw new Error(`No codec reads ${place}`);
        const read = decode(codec, fromHex(bytes));
        expect(read.ok && plain(read.value), place).toEqual(input);
        if (read.ok) expect(encode(codec, read.value), place).toEqual(fromHex(bytes));
        for (const other of [`${bytes}00`, bytes.slice(0, -2)])
          expect(decode(codec, fromHex(other)).ok, `${place}: ${other.length / 2} bytes`).toBe(false);
      }
    });

    it('the recorded entries decode to their recorded ids', () => {
      for (const recorded of [entries.clear, entries.sealed]) {
        const decoded = decodeEntry(fromHex(recorded.entry));
        expect(decoded.ok && [decoded.value.id, decoded.value.log]).toEqual([recorded.id, recorded.log]);
      }
    });

    it.each(ed25519 as readonly SignatureCase[])('[T4] [T5] Ed25519 acceptance: $name', async (item) => {
      const verdict = await crypto.verify(fromHex(item.publicKey), fromHex(item.message), fromHex(item.signature));
      expect(verdict, item.why).toBe(item.accepted);
    });
  });
};
