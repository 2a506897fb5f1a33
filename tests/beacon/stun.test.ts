/** The beacon's STUN: its bytes, its silence, and a real socket. A browser's own use of it: tests/e2e/paths.spec.ts. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { answerTo } from '../../beacon/stun';
import { openStun, type Stun } from '../../beacon/stun-socket';
import { seededRandom } from '../../src/base/random';

/** The transaction of RFC 5769, whose sample answers have these addresses. */
const TRANSACTION = 'b7e7a701bc34d686fa87dfae';
const request = (attributes = '', length = attributes.length / 2): Uint8Array =>
  Buffer.from(`0001${length.toString(16).padStart(4, '0')}2112a442${TRANSACTION}${attributes}`, 'hex');
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

it('[SN1] says where a request came from, in the bytes of the samples of RFC 5769', () => {
  const header = (bytes: string): string => `0101${bytes}2112a442${TRANSACTION}`;
  const v4 = `${header('000c')}002000080001a147e112a643`;
  expect(hex(answerTo(request(), { address: '192.0.2.1', port: 32_853 }))).toBe(v4);
  expect(hex(answerTo(request(), { address: '::ffff:192.0.2.1', port: 32_853 }))).toBe(v4);
  const v6 = `${header('0018')}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`;
  const address = '2001:db8:1234:5678:11:2233:4455:6677';
  expect(hex(answerTo(request(), { address, port: 32_853 }))).toBe(v6);
  expect(hex(answerTo(request(), { address: 'fe80::1%eth0', port: 1 })).length).toBe(88);
});

it('[SN1] [SN2] answers nothing else, nor its own answers, and never with more than 44 bytes', () => {
  const from = { address: '192.0.2.1', port: 1 };
  const software = '802200046c676f73';
  expect(hex(answerTo(request(software), from))).toBe(hex(answerTo(request(), from)));
  const answer = answerTo(request(), from) as Uint8Array;
  const silent = [
    answer,
    new Uint8Array(),
    request().subarray(0, 19),
    request('', 4),
    request(`${software}00`),
    request('0006000461626364'),
    request('80220008abcd0000'),
    request('8022ffff'),
    Buffer.concat([Buffer.from('0002', 'hex'), request().subarray(2)]),
    Buffer.concat([request().subarray(0, 4), Buffer.alloc(4), request().subarray(8)]),
    request('80220000'.repeat(200)),
  ];
  for (const datagram of silent) expect(hex(answerTo(datagram, from))).toBe('');
  const random = seededRandom(5);
  for (let i = 0; i < 5_000; i++) {
    const bytes = Uint8Array.from(request(software.repeat(random.below(3))));
    for (let n = random.below(4); n > 0; n--) bytes[random.below(bytes.length)] = random.below(256);
    expect(answerTo(bytes.subarray(0, random.below(bytes.length + 1)), from)?.length ?? 0).toBeLessThanOrEqual(44);
  }
});

let stun: Stun | undefined;
let client: Socket | undefined;
afterEach(async () => {
  client?.close();
  client = undefined;
  await stun?.close();
});

it('[SN1] answers nothing that came from port 0: to send there throws, and would end the beacon', () => {
  expect(hex(answerTo(request(), { address: '192.0.2.1', port: 0 }))).toBe('');
});

it('[SN3] answers a client at its own address, and a flood with no more than its share until time goes on', async () => {
  let now = 0;
  stun = await openStun(0, '127.0.0.1', () => now);
  const server = stun;
  client = createSocket('udp4').bind(0, '127.0.0.1');
  await once(client, 'listening');
  const own = client;
  const heard: Uint8Array[] = [];
  own.on('message', (answer) => heard.push(answer));
  /** One after the other, so that no buffer overflows, until the server has seen them all. */
  const ask = async (times: number): Promise<void> => {
    const seen = () => Object.values(server.stats()).reduce((sum, count) => sum + count, 0);
    for (let i = 0; i < times; i++) {
      const before = seen();
      own.send(request(), server.port, '127.0.0.1');
      while (seen() === before) await new Promise((next) => setImmediate(next));
    }
  };
  await ask(100);
  expect(server.stats()).toEqual({ answered: 20, ignored: 0, overRate: 80 });
  now = 1_000;
  await ask(10);
  expect(server.stats()).toEqual({ answered: 25, ignored: 0, overRate: 85 });
  while (heard.length < 25) await new Promise((next) => setImmediate(next));
  expect(hex(heard[0])).toBe(hex(answerTo(request(), own.address())));
});

it('a port that is taken is told as such', async () => {
  stun = await openStun(0, '127.0.0.1');
  await expect(openStun(stun.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
