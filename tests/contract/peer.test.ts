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
/** Two beacons: each has a port of its own. */
const [one, two] = await Promise.all(
  [await freePort(), await freePort()].map((port) => openNodeRtc({ port, address: '127.0.0.1' })),
);
if (one?.ok && two?.ok) {
  peerContract('node-datachannel', (polite, events) => (polite ? one : two).value.createPeer(polite, events));

  it('a UDP port that is taken is told as such', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const opened = await openNodeRtc({ port, address: '127.0.0.1' });
    expect(opened).toEqual({ ok: false, error: `UDP port ${port} is taken by another program` });
    socket.close();
  });
} else {
  const reason = [one, two].flatMap((opened) => (opened && !opened.ok ? [opened.error] : [])).join('; ');
  it.skip(`node-datachannel: ${reason}`, () => undefined);
}
