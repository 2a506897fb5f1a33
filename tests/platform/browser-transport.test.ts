/** The WebSocket half of the browser's transport, against a real server. The WebRTC half: tests/browser/rtc.test.ts. */
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { browserTransport } from '../../src/platform/browser/transport';
import type { ChannelEvents } from '../../src/ports';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});
const openSocket = (url: string) => {
  const socket = new WebSocket(url);
  // Node ends the process over an error that nobody hears; a browser tells it by `close` alone.
  socket.on('error', () => undefined);
  return socket as never;
};
const transport = browserTransport({ links: 'any', openSocket });

const serve = async (onSocket: (socket: WebSocket) => void): Promise<string> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', onSocket);
  cleanups.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/link`;
};
const listen = <Message>() => {
  const log: unknown[] = [];
  let told: (() => void)[] = [];
  const add = (item: unknown) => {
    log.push(item);
    for (const one of told.splice(0)) one();
  };
  const events: ChannelEvents<Message> = {
    opened: (binding) => add(['opened', binding.length]),
    received: (message) => add(['received', message]),
    drained: () => add(['drained']),
    closed: (reason) => add(['closed', reason]),
  };
  const until = async (met: () => boolean) => {
    while (!met()) await new Promise<void>((resolve) => told.push(resolve));
    told = [];
  };
  return { log, events, until };
};

describe('the transport of a browser, by WebSocket', () => {
  it('[TP2] opens without a binding, and carries what was sent before, in order', async () => {
    const url = await serve((socket) => socket.on('message', (data) => socket.send(data)));
    const { log, events, until } = listen<Uint8Array>();
    const channel = transport.dialLink(url, events);
    for (let i = 0; i < 3; i++) channel.send(Uint8Array.of(i));
    await until(() => log.length === 4);
    expect(log).toEqual([['opened', 0], ...[0, 1, 2].map((i) => ['received', Uint8Array.of(i)])]);
    channel.close();
    await until(() => log.length === 5);
  });

  it('[TP1] tells of its end once: closed here, by the other side, never reached, no address', async () => {
    const ended = async (make: (events: ChannelEvents<Uint8Array>) => void) => {
      const { log, events, until } = listen<Uint8Array>();
      make(events);
      const before = log.length;
      await until(() => log.some((item) => (item as string[])[0] === 'closed'));
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(before).toBe(0);
      expect(log.filter((item) => (item as string[])[0] === 'closed').length).toBe(1);
      return log.at(-1) as [string, string];
    };
    const url = await serve((socket) => socket.close(4001, 'go away'));
    expect(await ended((events) => transport.dialLink(url, events))).toEqual(['closed', 'go away']);
    expect(await ended((events) => transport.dialLink(url, events).close())).toEqual(['closed', 'closed here']);
    expect((await ended((events) => transport.dialLink('ws://127.0.0.1:1/link', events)))[1]).toMatch(/closed/);
    expect((await ended((events) => transport.dialLink('http://[', events)))[1]).toMatch(/no such address/);
  });

  it('closes a channel that receives the wrong kind or too much', async () => {
    for (const bad of ['text', new Uint8Array(65_537)]) {
      const url = await serve((socket) => socket.send(bad));
      const { log, events, until } = listen<Uint8Array>();
      transport.dialLink(url, events);
      await until(() => log.length === 2);
      expect(log[1]).toEqual(['closed', 'the other side sent a message of the wrong kind or size']);
    }
  });

  it('speaks text to a signaling server', async () => {
    const url = await serve((socket) => socket.on('message', (data) => socket.send(`${data}!`)));
    const { log, events, until } = listen<string>();
    transport.dialSignaling(url, events).send('{"type":"ping"}');
    await until(() => log.length === 2);
    expect(log[1]).toEqual(['received', '{"type":"ping"}!']);
  });

  it('[TP3] counts what waits, tells when it has drained, and ends a channel whose sender ignores it', async () => {
    const url = await serve(() => undefined);
    const { log, events, until } = listen<Uint8Array>();
    const channel = transport.dialLink(url, events);
    for (let i = 0; i < 64; i++) channel.send(new Uint8Array(16_384));
    expect(channel.buffered()).toBe(64 * 16_384);
    await until(() => log.length === 2);
    expect(log).toEqual([['opened', 0], ['drained']]);
    expect(channel.buffered()).toBeLessThanOrEqual(65_536);
    const flood = listen<Uint8Array>();
    const other = transport.dialLink(url, flood.events);
    for (let i = 0; i < 600; i++) other.send(new Uint8Array(16_384));
    await flood.until(() => flood.log.length === 1);
    expect(flood.log).toEqual([['closed', 'too much to send']]);
  });

  it('has no direct connections without a page for them, or when links go by relay', () => {
    const { port1 } = new MessageChannel();
    cleanups.push(() => port1.close());
    expect(transport.createPeer).toBeUndefined();
    expect(browserTransport({ links: 'relay', rtc: port1 }).createPeer).toBeUndefined();
    expect(browserTransport({ links: 'any', rtc: port1 }).createPeer).toBeTypeOf('function');
  });
});
