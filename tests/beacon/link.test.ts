import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { LINK_SERVER_OPTIONS, type NodeTransport, nodeTransport } from '../../src/platform/node/transport';
import type { Channel, ChannelEvents } from '../../src/ports';

/** Events as a list that can be awaited. */
const recorder = <Message>() => {
  const seen: { type: string; value?: unknown }[] = [];
  let wake = (): void => {};
  const push = (type: string, value?: unknown) => {
    seen.push({ type, value });
    wake();
  };
  const events: ChannelEvents<Message> = {
    opened: (binding) => push('opened', binding.length),
    received: (message) => push('received', message),
    drained: () => push('drained'),
    closed: (reason) => push('closed', reason),
  };
  const until = async (type: string, count = 1) => {
    while (seen.filter((event) => event.type === type).length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return seen.filter((event) => event.type === type)[count - 1]?.value;
  };
  return { events, seen, until };
};

let server: Server;
let transport: NodeTransport;
let url: string;
let accepted: WebSocket[];

beforeEach(async () => {
  transport = nodeTransport();
  accepted = [];
  const links = new WebSocketServer(LINK_SERVER_OPTIONS);
  server = createServer().on('upgrade', (request, socket, head) =>
    links.handleUpgrade(request, socket, head, (link) => {
      accepted.push(link);
      transport.accept(link, { local: request.url === '/local', network: 'here' });
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const linked = async (path = '/link') => {
  const far = recorder<Uint8Array>();
  let farChannel: Channel<Uint8Array> | undefined;
  transport.listen?.((channel) => {
    farChannel = channel;
    return far.events;
  });
  const near = recorder<Uint8Array>();
  const channel = transport.dialLink(url + path, near.events);
  await Promise.all([near.until('opened'), far.until('opened')]);
  return { near, far, channel, farChannel: farChannel as Channel<Uint8Array> };
};

describe('links over WebSocket', () => {
  test('whole messages go both ways, in order, and a close is told once on both sides', async () => {
    const { near, far, channel, farChannel } = await linked();
    for (let i = 0; i < 50; i++) channel.send(Uint8Array.of(i));
    await far.until('received', 50);
    expect(far.seen.filter(({ type }) => type === 'received').map(({ value }) => (value as Uint8Array)[0])).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    farChannel.send(new Uint8Array(64 * 1024).fill(7));
    expect(await near.until('received')).toEqual(new Uint8Array(64 * 1024).fill(7));
    expect(transport.links()).toBe(2);
    channel.close();
    channel.close();
    await Promise.all([near.until('closed'), far.until('closed')]);
    channel.send(Uint8Array.of(1));
    expect(near.seen.filter(({ type }) => type === 'closed')).toHaveLength(1);
    expect(transport.links()).toBe(0);
  });

  test('what is sent and not yet on the wire is counted, and its end is told', async () => {
    const { near, far, channel } = await linked();
    (accepted[0] as WebSocket).pause();
    let sent = 0;
    while (channel.buffered() < 256 * 1024) {
      channel.send(new Uint8Array(32 * 1024));
      sent++;
    }
    expect(near.seen.some(({ type }) => type === 'drained')).toBe(false);
    (accepted[0] as WebSocket).resume();
    await near.until('drained');
    expect(channel.buffered()).toBeLessThan(64 * 1024);
    await far.until('received', sent);
  });

  test('a reader that stands still is cut off before it fills the memory', async () => {
    const { near, channel } = await linked();
    (accepted[0] as WebSocket).pause();
    for (let i = 0; i < 2_000 && channel.buffered() <= 9 * 1024 * 1024; i++) channel.send(new Uint8Array(64 * 1024));
    await near.until('closed');
    expect(channel.buffered()).toBeLessThan(9 * 1024 * 1024);
  });

  test('a text frame or one above 64 KiB ends the link', async () => {
    for (const message of ['text', new Uint8Array(64 * 1024 + 1)]) {
      const far = recorder<Uint8Array>();
      transport.listen?.(() => far.events);
      const client = new WebSocket(`${url}/link`);
      client.on('error', () => {});
      await once(client, 'open');
      client.send(message);
      await far.until('closed');
      expect(far.seen.some(({ type }) => type === 'received')).toBe(false);
    }
  });

  test('a link that never opens, or has no address, closes once and does not throw', async () => {
    for (const bad of ['ws://127.0.0.1:1/link', 'nonsense', 'https://[']) {
      const { events, seen, until } = recorder<Uint8Array>();
      transport.dialLink(bad, events);
      await until('closed');
      expect(seen.map(({ type }) => type)).toEqual(['closed']);
    }
  });

  test('a link that comes before anybody listens is sent away', async () => {
    const { events, until } = recorder<Uint8Array>();
    transport.dialLink(`${url}/link`, events);
    expect(await until('closed')).toBe('not ready');
  });

  test('only a link from a page of this machine is local', async () => {
    const near = await linked('/local');
    expect(transport.isLocal(near.farChannel)).toBe(true);
    const far = await linked('/link');
    expect(transport.isLocal(far.farChannel)).toBe(false);
  });

  test('signaling carries text alone', async () => {
    const { events, until } = recorder<string>();
    const echo = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    echo.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary || String(data) === 'binary' })),
    );
    await once(echo, 'listening');
    const channel = transport.dialSignaling(`ws://127.0.0.1:${(echo.address() as AddressInfo).port}`, events);
    await until('opened');
    channel.send('привет');
    expect(await until('received')).toBe('привет');
    channel.send('binary');
    expect(await until('closed')).toBeDefined();
    echo.close();
  });
});
