/** Bodies with tables: what goes in comes out, in one encoding, and nothing hostile does harm. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../src/base/bytes';
import { decode, encode, Reader, varint } from '../../../src/base/codec';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import { webCrypto } from '../../../src/platform/webcrypto';
import { isCanonicalJson } from '../../../src/vm/graph/field';
import { bodyCodec, MAX_BODY, MAX_OPS, MAX_OPS_BYTES, type Op, opCodec, opIdOf } from '../../../src/vm/op/body';
import { decodeEntry } from '../../../src/vm/op/entry';
import { type DeviceId, type EntryId, type NodeId, nodeIdOf } from '../../../src/vm/op/ids';
import { type BirthName, idsOf, nodeTableCodec } from '../../../src/vm/op/names';
import { packedValue } from '../../../src/vm/op/packed';
import { shardKeyOf } from '../../../src/vm/op/seal';
import { decodeBody, encodeBody, opsIn, readBody } from '../../../src/vm/op/tables';
import { hasBody, randomHistory, randomJson } from '../../support/graph-histories';
import { openBody } from '../../support/open';
import { opsOf } from '../../vectors/compute';
import { bytesOf, makeWorld } from '../../vectors/fixtures';

const crypto = webCrypto();
const world = await makeWorld(crypto);
const origin = { space: world.space, device: world.deviceId, incarnation: 0 };
const others = Array.from({ length: 5 }, (_, i) => toHex(bytesOf(`device ${i}`)) as DeviceId);
const known = new Map<NodeId, BirthName>();
for (const [i, device] of [world.deviceId, ...others].entries())
  for (let counter = 0; counter < 40; counter++) {
    const birth = { device, incarnation: i % 2, counter: counter ** 4 * (i === 3 ? 2 ** 30 : 1) };
    known.set(nodeIdOf(world.space, device, birth.incarnation, birth.counter), birth);
  }
const told = (node: NodeId): BirthName | undefined => known.get(node);
const strangers = Array.from({ length: 20 }, (_, i) => toHex(bytesOf(`node ${i}`).slice(0, 16)) as NodeId);
const nodes = [...known.keys(), ...strangers];

const randomOp = (random: SeededRandom): Op => {
  const node = random.pick(nodes);
  const other = random.pick(nodes);
  const ops = Object.values(opsOf(world));
  const drawn = random.pick(ops);
  const birth = known.get(node);
  switch (drawn.type) {
    case 'nodeNew':
      return { ...drawn, node, nodeType: random.pick(['Task', 'Message', '']), counter: birth?.counter ?? 5 };
    case 'fieldSet':
      return { ...drawn, node, key: random.pick(['title', 'rank', '']), value: randomJson(random) };
    case 'edgeAdd':
      return { ...drawn, from: node, to: random.pick([other, 'somebody', '']), value: randomJson(random) };
    case 'move':
      return { ...drawn, node, parent: random.pick([other, '']) };
    case 'textUpdate':
      return { ...drawn, document: node };
    case 'nodeDel':
    case 'nodeRestore':
      return { ...drawn, node };
    default:
      return drawn;
  }
};
/** Lone surrogates are not written to any wire. */
const isText = (op: Op): boolean => !('value' in op) || !/\p{Surrogate}/u.test(op.value);
const randomOps = (random: SeededRandom, most: number): readonly Op[] =>
  Array.from({ length: random.below(most + 1) }, () => randomOp(random)).filter(isText);

/** The births that a body itself tells. */
const toldBy = (body: Uint8Array): ((node: NodeId) => BirthName | undefined) => {
  const reader = new Reader(body);
  reader.varint();
  reader.varint();
  const table = nodeTableCodec.read(reader);
  const ids = idsOf(table, origin);
  const births = [
    ...table.own.map((counter) => ({ device: origin.device, incarnation: origin.incarnation, counter })),
    ...table.groups.flatMap(({ device, incarnation, counters }) =>
      counters.map((counter) => ({ device, incarnation, counter })),
    ),
  ];
  const byNode = new Map(births.map((birth, i) => [ids[i] as NodeId, birth]));
  return (node) => byNode.get(node);
};

describe('a body with tables', () => {
  it('[BD2] gives back the ops that went in, whatever is known of births, and has one encoding', () => {
    for (let seed = 1; seed <= 120; seed++) {
      const random = seededRandom(seed);
      const ops = randomOps(random, seed % 10 === 0 ? MAX_OPS : 12);
      for (const tell of [told, () => undefined]) {
        const body = encodeBody(ops, origin, tell);
        expect(decodeBody(body, origin), `seed ${seed}`).toEqual({ ok: true, value: ops });
        expect(toHex(encodeBody(ops, origin, toldBy(body)))).toBe(toHex(body));
        expect(opsIn(body)).toBe(ops.length);
      }
    }
  });

  it('[BD2] read from altered bytes is malformed, or has no other encoding', () => {
    let taken = 0;
    for (let seed = 1; seed <= 1_500; seed++) {
      const random = seededRandom(seed);
      const altered = encodeBody(randomOps(random, 6), origin, told).slice();
      if (altered.length === 0) continue;
      for (let n = 1 + random.below(3); n > 0; n--) altered[random.below(altered.length)] = random.below(256);
      const read = decodeBody(altered, origin);
      if (!read.ok || new Reader(altered).varint() !== 257) continue;
      taken++;
      expect(toHex(encodeBody(read.value, origin, toldBy(altered))), `seed ${seed}`).toBe(toHex(altered));
    }
    expect(taken).toBeGreaterThan(100);
  });

  it('[BD3] read from any bytes ends, and never throws', () => {
    const anything = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(anything, (bytes) => {
        readBody(concat(encode(varint, 257), bytes));
        readBody(bytes);
      }),
      { numRuns: 3_000 },
    );
    const body = encodeBody(Object.values(opsOf(world)), origin);
    for (let length = 0; length < body.length; length++) expect(readBody(body.subarray(0, length)).ok).toBe(false);
    expect(readBody(concat(body, new Uint8Array(1))).ok).toBe(false);
  });

  const many = (count: number) => encode(varint, count);
  const bytes = (...values: number[]) => Uint8Array.from(values);
  it.each<[string, Uint8Array, RegExp]>([
    ['more than 256 ops', concat(many(257), many(257), new Uint8Array(600)), /at most 256/],
    ['more ops than bytes', concat(many(257), many(200), bytes(0, 0, 0, 0)), /at most 256/],
    ['more than 512 nodes', concat(many(257), many(1), many(513), new Uint8Array(600)), /at most 512/],
    ['more than 128 devices', concat(many(257), many(1), many(0), many(129), new Uint8Array(600)), /at most 128/],
    ['a counter above 2^53', concat(many(257), many(1), many(2), many(2 ** 53 - 1), many(1), bytes(0, 0)), /2\^53/],
    [
      'a device for three nodes',
      concat(many(257), many(1), bytes(0, 1), new Uint8Array(32), bytes(0, 3, 1, 0, 0, 0)),
      /few nodes/,
    ],
    ['a node that nobody uses', concat(many(257), many(0), bytes(1, 9, 0, 0, 0)), /not used/],
    ['a shape that nobody uses', concat(many(257), many(1), bytes(0, 0, 0, 1, 6)), /early|names no node|used/],
    ['a shape before its turn', concat(many(257), many(1), bytes(1, 9, 0, 0, 1, 6), bytes(1, 0)), /order/],
    ['a place in no table', concat(many(257), many(1), bytes(1, 9, 0, 0, 1, 6), bytes(0, 1)), /names no node/],
  ])('[BD3] with %s is malformed', (_, body, why) => {
    const read = readBody(body);
    expect(read.ok ? 'taken' : read.error.message).toMatch(why);
  });

  it('[BD1] of the first form, as the last release sealed it, opens to the same ops', async () => {
    const recorded = decodeEntry(fromHex(SEALED_BEFORE));
    expect(recorded.ok).toBe(true);
    if (!recorded.ok) return;
    const opened = await openBody(crypto, shardKeyOf(world.epochKey, world.shard), recorded.value);
    expect(opened).toEqual({ ok: true, value: [opsOf(world).nodeNew, opsOf(world).fieldSet] });
  });

  it('[BD1] is refused by whoever knows the first form alone, so that nobody takes it for other ops', () => {
    for (const count of [0, 1, MAX_OPS])
      expect(decode(bodyCodec, encodeBody(Array(count).fill(opsOf(world).nodeDel), origin)).ok).toBe(false);
  });

  it('[BD1] holds what histories hold, of ops that were forged too', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { entries, births } = randomHistory(seed, 12, seed % 8 === 0);
      for (const entry of entries.filter(hasBody)) {
        const body = encodeBody(entry.ops, entry, (node) => births.get(node));
        expect(decodeBody(body, entry), `seed ${seed}`).toEqual({ ok: true, value: entry.ops });
      }
    }
  });

  it('of ops that together fit the first form fits too', () => {
    const tag = opIdOf(toHex(bytesOf('tag')) as EntryId, 200);
    const worst: readonly ((i: number) => Op)[] = [
      (i) => ({ type: 'fieldSet', node: strangers[i % 20] as NodeId, key: `key ${i}`, value: `"${'x'.repeat(i)}\\n"` }),
      (i) => ({ type: 'unknown', kind: 1_000 + i, bytes: new Uint8Array(i) }),
      (i) => ({ type: 'edgeDel', tags: Array(i % 8).fill(tag) }),
      (i) => ({ type: 'edgeAdd', from: world.node, relation: `${i}`, to: `${i}`.padStart(200), value: 'null' }),
    ];
    for (const make of worst) {
      const ops: Op[] = [];
      let size = 0;
      for (let i = 0; ops.length < MAX_OPS; i++) {
        const op = make(i);
        size += encode(opCodec, op).length;
        if (size > MAX_OPS_BYTES) break;
        ops.push(op);
      }
      expect(encodeBody(ops, origin).length).toBeLessThanOrEqual(MAX_BODY);
    }
  });
});

describe('a packed value', () => {
  it('is the very text that went in, and no longer than it with its length', () => {
    const random = seededRandom(11);
    for (let i = 0; i < 10_000; i++) {
      const json = randomJson(random);
      if (/\p{Surrogate}/u.test(json)) continue;
      const packed = encode(packedValue, json);
      expect(decode(packedValue, packed)).toEqual({ ok: true, value: json });
      const { length } = utf8(json);
      expect(packed.length, json).toBeLessThanOrEqual(length + encode(varint, length * 4).length);
    }
  });

  it('read from any bytes is malformed, or has no other encoding; what was packed as more than text is canonical', () => {
    const random = seededRandom(12);
    let taken = 0;
    for (let i = 0; i < 15_000; i++) {
      const bytes = Uint8Array.from({ length: 1 + random.below(12) }, () => random.below(random.below(2) ? 256 : 64));
      const read = decode(packedValue, bytes);
      if (!read.ok) continue;
      taken++;
      expect(toHex(encode(packedValue, read.value))).toBe(toHex(bytes));
      if ((bytes[0] as number) % 4 > 0) expect(isCanonicalJson(read.value), read.value).toBe(true);
    }
    expect(taken).toBeGreaterThan(500);
  });
});

/** Of `tests/vectors/entries.json` as it was before there was a second form. */
const SEALED_BEFORE = [
  '01010000d1011e37aa1530ff569e216ea27387b25fb2e096aab0762dbc2d08f53d84b41d55f0fc5a35ae99aa052110063af4',
  'e210d10117b782b686d05b9ce4e093f0060f5c1e84fd23b2b1c010053cea634dd1e900000000000000000000000434f6ec1b',
  'a2196659a21fcf0399cf1b6bd63c8d17d11e338f1937b067110e765e01a0c4506c000003b1a744fd1e0e1d6e33cf8e71b4d9',
  'b8137a754d0abdf047708a88b40040ec5622b19c69cb8d91dfc990379e95fd2aec770226139d8fec724b01bcc24509ab3c4f',
  '3eb2e4934d9589c5a1091c10ad1a4b4e02302ec9f2f093426a8cb924bfdf4a9d1f696a594290e374fdb07b39a06d231f5c00',
  '00006a4ad0893216afe342133e8db5202552df5e12a6a495c00016d8265e7f25f34d185fdcdcc0ed07aa378fbccdcffc02e1',
  '418ec73d8f54a3e599536047d0bde8de3383373896838c627eaac0ae6dc6970416ad1d9ac945b5abe2f16e624f52fa7c026a',
  '5493d4eacf8d74b204d5135ec4f813301c0955da5c3df6efa54b1fff83734ef11fcded8507d3343b3114de2eaa1b090171c5',
  '30725cbdeb751bc077909407fecaca225b3cfafc5aefb195f40c36f30e6c39fa793d36be7a27683904d17afd719bda430e3b',
  'e04bda1a5b45',
].join('');
