/** Entries: one encoding, one id, and nothing that was altered is ever taken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/base/bytes';
import { decode, encode } from '../../../src/base/codec';
import { sha256 } from '../../../src/base/hash';
import { webCrypto } from '../../../src/platform/webcrypto';
import { bodyCodec, MAX_BODY, type Op, opCodec, opIdOf } from '../../../src/vm/op/body';
import { hlcCodec, hlcOf, nextHlc } from '../../../src/vm/op/clock';
import {
  decodeEntry,
  decodeKept,
  type Entry,
  encodeEntry,
  encodeKept,
  entryIdOf,
  type Header,
  shelvedOf,
} from '../../../src/vm/op/entry';
import { type EntryId, ZERO_ENTRY } from '../../../src/vm/op/ids';
import { sealEntry, shardKeyOf, signEntry, verifyEntry } from '../../../src/vm/op/seal';
import { openBody } from '../../support/open';
import { clearEntry, opsOf, sealedEntry } from '../../vectors/compute';
import { bytesOf, makeWorld } from '../../vectors/fixtures';

const crypto = webCrypto();
const world = await makeWorld(crypto);
const clear = await clearEntry(crypto, world);
const sealed = await sealedEntry(crypto, world);
const shardKey = shardKeyOf(world.epochKey, world.shard);
const draftOf = ({ header }: Entry): Omit<Header, 'bodyLength' | 'bodyHash'> => {
  const { bodyLength: _length, bodyHash: _hash, ...draft } = header;
  return draft;
};
/** Signed again, as whoever holds the device key could. */
const resigned = (header: Partial<Header>): Promise<Entry> =>
  signEntry(crypto, world.device.handle, { ...draftOf(sealed), ...header }, sealed.body);

describe('an entry', () => {
  it.each([
    ['clear', clear],
    ['sealed', sealed],
  ] as const)('reads back, verifies, and has the id of its header (%s)', async (_, entry) => {
    const decoded = decodeEntry(encodeEntry(entry));
    expect(decoded.ok && decoded.value).toEqual(entry);
    expect(await verifyEntry(crypto, entry)).toBe(true);
    expect(entryIdOf(entry.header)).toBe(entry.id);
  });

  it.each([
    ['clear', clear],
    ['sealed', sealed],
  ] as const)('with any one byte changed in any of three ways is refused (%s)', async (_, entry) => {
    const bytes = encodeEntry(entry);
    let decodable = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x80, 0xff]) {
        const altered = bytes.slice();
        altered[at] = (altered[at] as number) ^ mask;
        const decoded = decodeEntry(altered);
        if (!decoded.ok) continue;
        decodable++;
        expect(await verifyEntry(crypto, decoded.value), `byte ${at}, mask ${mask}`).toBe(false);
      }
    }
    expect(decodable, 'the signature is what refuses most of them').toBeGreaterThan(200);
  });

  it('cut or lengthened anywhere is malformed', () => {
    const bytes = encodeEntry(sealed);
    for (let length = 0; length < bytes.length; length++) expect(decodeEntry(bytes.subarray(0, length)).ok).toBe(false);
    expect(decodeEntry(concat(bytes, new Uint8Array(1))).ok).toBe(false);
  });

  it('any bytes decode to their one entry, or to nothing, and never throw', () => {
    const bytes = encodeEntry(sealed);
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc
        .array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
        .map((edits) => {
          const altered = bytes.slice();
          for (const [at, byte] of edits) altered[at] = byte;
          return altered;
        }),
    );
    fc.assert(
      fc.property(hostile, (altered) => {
        const decoded = decodeEntry(altered);
        if (decoded.ok) expect(toHex(encodeEntry(decoded.value))).toBe(toHex(altered));
      }),
      { numRuns: 3_000 },
    );
  });

  const sorted = [...sealed.header.deps] as EntryId[];
  it.each<[string, Partial<Header>, RegExp]>([
    ['another version', { version: 2 }, /version 2/],
    ['another suite', { suite: 2 }, /suite 2/],
    ['dependencies out of order', { deps: [...sorted].reverse() }, /sorted/],
    ['a dependency twice', { deps: [sorted[0] as EntryId, sorted[0] as EntryId] }, /sorted/],
    ['a predecessor at 0', { seq: 0 }, /prev/],
    ['no predecessor after 0', { prev: ZERO_ENTRY }, /prev/],
  ])('that its own device signed is malformed with %s', async (_, header, why) => {
    const decoded = decodeEntry(encodeEntry(await resigned(header)));
    expect(decoded.ok ? 'taken' : decoded.error.message).toMatch(why);
  });

  it('whose body is not the hashed one, or not as long as it says, is malformed', () => {
    const other = { ...sealed, body: sealed.body.map((byte) => byte ^ 1) };
    expect(decodeEntry(encodeEntry(other)).ok).toBe(false);
    const shorter = sealed.body.subarray(1);
    const header = { ...sealed.header, bodyHash: sha256(shorter) };
    expect(decodeEntry(encodeEntry({ ...sealed, header, body: shorter })).ok).toBe(false);
  });

  it('[PR1] without a body that others hold reads back from the disk, is never sent and never received', async () => {
    const shelved = shelvedOf(sealed);
    const kept = encodeKept(shelved);
    const decoded = decodeKept(kept);
    expect(decoded.ok && decoded.value).toEqual(shelved);
    expect(await verifyEntry(crypto, shelved)).toBe(true);
    expect(() => encodeEntry(shelved)).toThrow(/not sent/);
    expect(decodeEntry(kept).ok).toBe(false);
    for (const entry of [clear, sealed]) {
      const whole = decodeKept(encodeKept(entry));
      expect(whole.ok && whole.value).toEqual(entry);
    }
    // What everybody must be able to read is never put elsewhere.
    expect(decodeKept(encodeKept(shelvedOf(clear))).ok).toBe(false);
  });

  it('is void under another device, whoever signed it', async () => {
    const stranger = await crypto.signingKey(bytesOf('stranger'));
    const forged = await signEntry(crypto, stranger.handle, draftOf(sealed), sealed.body);
    expect(forged.id).toBe(sealed.id);
    expect(await verifyEntry(crypto, forged)).toBe(false);
  });
});

describe('a sealed body', () => {
  it('opens to its ops, under its own epoch and shard key only', async () => {
    expect(await openBody(crypto, shardKey, sealed)).toEqual({
      ok: true,
      value: [opsOf(world).nodeNew, opsOf(world).fieldSet],
    });
    for (const key of [
      shardKeyOf(world.epochKey, world.outline),
      shardKeyOf(bytesOf('another epoch'), world.shard),
      world.epochKey,
    ])
      expect((await openBody(crypto, key, sealed)).ok).toBe(false);
  });

  it('is bound to every field of its header: moved under another one it does not open', async () => {
    const moves: Partial<Header>[] = [
      { class: 'annotation' },
      { space: '11'.repeat(32) as Header['space'] },
      { shard: '11'.repeat(16) as Header['shard'] },
      { incarnation: 1 },
      { seq: 5 },
      { prev: '11'.repeat(32) as EntryId },
      { hlc: hlcOf(1) },
      { aclRef: '11'.repeat(32) as EntryId },
      { epoch: '11'.repeat(16) as Header['epoch'] },
      { deps: [] },
    ];
    for (const move of moves) {
      const moved = await resigned(move);
      expect(await verifyEntry(crypto, moved)).toBe(true);
      expect((await openBody(crypto, shardKey, moved)).ok, Object.keys(move).join()).toBe(false);
    }
  });

  it('never uses one nonce for two texts or two places, and the same for the same', async () => {
    const seal = (draft: Partial<Header>, ops: readonly Op[]) =>
      sealEntry(crypto, world.device.handle, shardKey, { ...draftOf(sealed), ...draft }, ops);
    const ops = [opsOf(world).nodeDel as Op];
    const nonces = new Set<string>();
    for (const entry of [
      await seal({}, ops),
      await seal({}, [...ops, ...ops]),
      await seal({ seq: 9 }, ops),
      await seal({ hlc: hlcOf(5) }, ops),
      await seal({ incarnation: 3 }, ops),
    ])
      nonces.add(toHex(entry.body.subarray(0, 12)));
    expect(nonces.size).toBe(5);
    expect((await seal({}, ops)).id).toBe((await seal({}, ops)).id);
  });

  it('of the right key that holds no ops is malformed, and one shorter than its seal too', async () => {
    const short = await signEntry(crypto, world.device.handle, draftOf(sealed), new Uint8Array(27));
    const opened = await openBody(crypto, shardKey, short);
    expect(opened.ok ? 'opened' : opened.error.type).toBe('malformed');
  });

  it('of more than 64 KiB is a bug of whoever seals it', async () => {
    const update = new Uint8Array(MAX_BODY);
    const op: Op = { type: 'textUpdate', document: world.node, n: 1, update };
    await expect(sealEntry(crypto, world.device.handle, shardKey, draftOf(sealed), [op])).rejects.toThrow(/at most/);
  });
});

describe('ops', () => {
  it('of an unknown kind are kept byte for byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 2 ** 40 }), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
        const op: Op = { type: 'unknown', kind, bytes };
        const read = decode(bodyCodec, encode(bodyCodec, [op, opsOf(world).nodeDel as Op]));
        expect(read.ok && read.value).toEqual([op, opsOf(world).nodeDel]);
      }),
    );
  });

  it('of a known kind with bytes left over, or too few, are malformed, not unknown', () => {
    for (const op of Object.values(opsOf(world))) {
      if (op.type === 'unknown') continue;
      const bytes = encode(opCodec, op);
      const longer = concat(bytes.subarray(0, 1), Uint8Array.of((bytes[1] as number) + 1), bytes.subarray(2), [
        0,
      ] as unknown as Uint8Array);
      const shorter = concat(bytes.subarray(0, 1), Uint8Array.of((bytes[1] as number) - 1), bytes.subarray(2, -1));
      expect(bytes[1], 'a length of one byte').toBeLessThan(128);
      for (const hostile of [longer, shorter]) expect(decode(opCodec, hostile).ok, op.type).toBe(false);
    }
  });

  it('number at most 256 in a body', () => {
    const many = Array.from({ length: 257 }, () => `0610${'00'.repeat(16)}`).join('');
    expect(decode(bodyCodec, fromHex(`8102${many}`)).ok).toBe(false);
    expect(decode(bodyCodec, fromHex(`8002${many.slice(36)}`)).ok).toBe(true);
  });

  it('are named by entry and place, and only by those', () => {
    const tag = encode(opCodec, { type: 'edgeDel', tags: [opIdOf(sealed.id, 255)] });
    tag.set([0x80, 0x02], tag.length - 2);
    expect(decode(opCodec, tag).ok, 'index 256').toBe(false);
  });
});

describe('the hybrid clock', () => {
  it('is exact on the wire and in memory for every stamp until 2109, in order', () => {
    const stamp = fc.tuple(fc.integer({ min: 0, max: 2 ** 42 - 1 }), fc.integer({ min: 0, max: 2047 }));
    fc.assert(
      fc.property(stamp, stamp, ([ms, counter], [ms2, counter2]) => {
        const [a, b] = [hlcOf(ms, counter), hlcOf(ms2, counter2)];
        const bytes = encode(hlcCodec, a);
        expect(decode(hlcCodec, bytes)).toEqual({ ok: true, value: a });
        expect(toHex(bytes)).toBe(ms.toString(16).padStart(12, '0') + counter.toString(16).padStart(4, '0'));
        expect(Math.sign(a - b)).toBe(Math.sign(ms - ms2 || counter - counter2));
      }),
    );
    expect(decode(hlcCodec, fromHex('0000000000000800')).ok).toBe(false);
    expect(decode(hlcCodec, fromHex('0400000000000000')).ok).toBe(false);
  });

  it('the next stamp is after the last one and not before the wall, also when the counter runs over', () => {
    expect(nextHlc(5_000.9, hlcOf(4_000, 9))).toBe(hlcOf(5_000));
    expect(nextHlc(5_000, hlcOf(5_000, 0))).toBe(hlcOf(5_000, 1));
    expect(nextHlc(1, hlcOf(5_000, 2047))).toBe(hlcOf(5_001, 0));
  });
});
