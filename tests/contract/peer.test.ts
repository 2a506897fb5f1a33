/** Direct channels of memory and of Node; those of a browser: tests/browser/rtc.test.ts. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { systemClock } from '../../src/platform/clock';
import { memoryNetwork } from '../../src/platform/memory/network';
import { openNodeRtc } from '../../src/platform/node/rtc';
import { peerContract } from './peer.suite';

const network = memoryNetwork(systemClock(), seededRandom(1), { latencyMs: 1 });
let nodes = 0;
peerContract('memory', (polite, events) => {
  const create = network.transport(`node${nodes++}`).createPeer;
  if (!create) throw new Error('no direct channels');
  return create(polite, events);
});

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(() => closed()));
  return port;
};
const opening = async () => openNodeRtc({ port: await freePort(), address: '127.0.0.1' });
/**
 * A beacon at one port, and who calls it: each connection from a port of its own, as those of browsers are. The library tells what comes
 * to one port apart by where it is from, so a second connection between the same two addresses meets the end of the first.
 */
const one = await opening();
const callers = [await opening(), await opening(), await opening()].flatMap((opened) =>
  opened.ok ? [opened.value] : [],
);
if (one.ok && callers.length === 3) {
  peerContract('node-datachannel', (polite, events) => {
    const node = polite ? one.value : callers.shift();
    if (!node) throw new Error('one caller for each connection');
    return node.createPeer(polite, events);
  });

  it('a UDP port that is taken is told as such', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const opened = await openNodeRtc({ port, address: '127.0.0.1' });
    expect(opened).toEqual({ ok: false, error: `UDP port ${port} is taken by another program` });
    socket.close();
  });
} else {
  const reason = one.ok ? 'no ports' : one.error;
  it.skip(`node-datachannel: ${reason}`, () => undefined);
}
