/** Golden vectors in Node; and the ids once more from nothing but SHA-256, as somebody would who only has the documents. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { webCrypto } from '../../src/platform/webcrypto';
import entries from './entries.json';
import { writeVectors } from './generate';
import ids from './ids.json';
import { vectorSuite } from './vectors.suite';

if (process.env.LGOS_VECTORS === 'write') it('writes the vectors', writeVectors);
else vectorSuite('WebCrypto in Node', webCrypto());

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const big = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
};
/** H(domain, parts) of docs/protocol/entry.md. */
const H = (domain: string, ...parts: readonly Buffer[]): string =>
  createHash('sha256').update(`${domain}\0`).update(Buffer.concat(parts)).digest('hex');

describe('the documents alone', () => {
  it('derive every id', () => {
    const { user, space, node, contentShard, log, nextIncarnation, epoch, block, yjsClient } = ids;
    expect(H('lgos/user/1', hex(H('lgos/root/1', Buffer.from(user.rootPub))), hex(user.nonce))).toBe(user.id);
    expect(
      H('lgos/space/1', hex(space.creator), hex(space.device), Buffer.from([1]), hex(space.nonce)),
      'kind team is 1',
    ).toBe(space.id);
    for (const [name, shard] of [
      ['acl', ids.aclShard],
      ['meta', ids.metaShard],
      ['outline', ids.outlineShard],
    ] as const)
      expect(H(`lgos/shard/${name}/1`, hex(shard.space)).slice(0, 32), name).toBe(shard.id);
    expect(H('lgos/node/1', hex(node.space), hex(node.device), big(0, 4), big(node.counter, 8)).slice(0, 32)).toBe(
      node.id,
    );
    expect(H('lgos/shard/1', hex(contentShard.space), hex(contentShard.container), big(0, 4)).slice(0, 32)).toBe(
      contentShard.id,
    );
    for (const of of [log, nextIncarnation])
      expect(H('lgos/log/1', hex(of.space), hex(of.shard), hex(of.device), big(of.incarnation, 4))).toBe(of.id);
    expect(H('lgos/epoch/1', hex(epoch.space), hex(epoch.key), hex(epoch.nonce)).slice(0, 32)).toBe(epoch.id);
    expect(H('lgos/block/1', hex(block.document), Buffer.from(block.blockId)).slice(0, 32)).toBe(block.id);
    const client = BigInt(
      `0x${H('lgos/yid/1', hex(yjsClient.device), hex(yjsClient.document), big(yjsClient.n, 8)).slice(0, 14)}`,
    );
    expect(Number(client & (2n ** 53n - 1n))).toBe(yjsClient.id);
  });

  it.each([entries.clear, entries.sealed])('lay out an entry and its id ($id)', (recorded) => {
    const header = hex(recorded.header);
    const deps = header.readUInt8(184);
    expect(H('lgos/entry/1', header)).toBe(recorded.id);
    expect(header.length).toBe(185 + 32 * deps + 36);
    const body = hex(recorded.body);
    expect(header.readUInt32BE(185 + 32 * deps)).toBe(body.length);
    expect(createHash('sha256').update(body).digest('hex')).toBe(header.subarray(-32).toString('hex'));
    // The body's length again, as a varint, stands between signature and body.
    const length = recorded.entry.slice(recorded.header.length + recorded.signature.length, -recorded.body.length);
    expect(recorded.entry).toBe(recorded.header + recorded.signature + length + recorded.body);
    expect(hex(length).reduceRight((value, byte) => value * 128 + (byte & 127), 0)).toBe(body.length);
  });
});
