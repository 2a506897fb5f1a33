import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { OpenBus } from '../../signaling/bus';
import { type Signaling, serveSignaling } from '../../signaling/server';
import { toBase64Url, toHex } from '../../src/base/bytes';
import { webCrypto } from '../../src/platform/webcrypto';
import { challengeBytesOf } from '../../src/vm/net/rendezvous';
import { readServerText } from '../../src/vm/net/signal';
import { until } from '../support/fleet';
import { memoryBus } from './memory-bus';

/** The server that y-webrtc brings. */
const STOCK = fileURLToPath(new URL('../../node_modules/y-webrtc/bin/server.js', import.meta.url));

type Process = { readonly signaling: Signaling; readonly server: Server; readonly url: string };
const running: Process[] = [];
const begin = async (bus?: OpenBus): Promise<Process> => {
  const signaling = await serveSignaling({ verify: webCrypto().verify, ...(bus ? { bus } : {}) });
  const server = createServer().on('upgrade', signaling.upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const begun = { signaling, server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
  running.push(begun);
  return begun;
};
afterEach(async () => {
  for (const { signaling, server } of running.splice(0)) {
    await signaling.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A socket whose messages are awaited one by one. */
const connect = async ({ url }: Process) => {
  const socket = new WebSocket(url);
  const messages: string[] = [];
  let wake = (): void => {};
  socket.on('message', (data) => {
    messages.push(String(data));
    wake();
  });
  socket.on('error', () => {});
  await once(socket, 'open');
  return {
    socket,
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: async (): Promise<string> => {
      while (messages.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return messages.shift() as string;
    },
    closed: once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) })),
  };
};

describe('the protocol of y-webrtc', () => {
  test('[LO1] two clients that speak as WebrtcProvider does hear announce, offer and answer', async () => {
    const process = await begin();
    const [a, b] = [await connect(process), await connect(process)];
    for (const client of [a, b]) {
      client.send({ type: 'subscribe', topics: ['my-room'] });
      client.send({ type: 'ping' });
      expect(JSON.parse(await client.next())).toEqual({ type: 'pong' });
    }
    const said = [
      { from: 'a', type: 'announce' },
      { to: 'a', from: 'b', type: 'signal', token: 1.5, signal: { type: 'offer', sdp: 'v=0\r\n' } },
      { to: 'b', from: 'a', type: 'signal', signal: { type: 'answer', sdp: 'v=0\r\n' } },
    ];
    for (const [i, data] of said.entries()) {
      (i === 1 ? b : a).send({ type: 'publish', topic: 'my-room', data });
      const expected = { type: 'publish', topic: 'my-room', data, clients: 2 };
      expect(JSON.parse(await a.next())).toEqual(expected);
      expect(JSON.parse(await b.next())).toEqual(expected);
    }
  });
});

describe('over real sockets', () => {
  test('[LO4] a device proves its key; another signature is shown the door', async () => {
    const process = await begin();
    const crypto = webCrypto();
    const key = await crypto.signingKey(new Uint8Array(32).fill(4));
    const nonce = new Uint8Array(16).fill(9);
    const answerTo = async (text: string, spoil: number) => {
      const challenge = readServerText(text);
      if (challenge?.type !== 'challenge') throw new Error(text);
      const signature = await crypto.sign(key.handle, challengeBytesOf(key.publicKey, nonce, challenge.nonce));
      signature[0] = (signature[0] ?? 0) ^ spoil;
      return JSON.stringify({ type: 'answer', signature: toBase64Url(signature) });
    };
    const device = toHex(key.publicKey);
    const hello = JSON.stringify({ type: 'hello', device, nonce: toBase64Url(nonce) });
    const honest = await connect(process);
    honest.send(hello);
    honest.send(await answerTo(await honest.next(), 0));
    expect(JSON.parse(await honest.next())).toEqual({ type: 'welcome', device });
    const liar = await connect(process);
    liar.send(hello);
    liar.send(await answerTo(await liar.next(), 1));
    expect(await liar.closed).toEqual({ code: 1008, reason: 'badSignature' });
    expect(process.signaling.stats()).toMatchObject({ 'refused.badSignature': 1, devices: 1 });
  });

  test('[LO3] a frame above 16 KiB never reaches the lobby, and is counted', async () => {
    const process = await begin();
    const client = await connect(process);
    client.send('x'.repeat(17 * 1024));
    expect((await client.closed).code).toBe(1009);
    expect(process.signaling.stats()).toMatchObject({ 'refused.oversizedFrame': 1, 'refused.notJson': 0 });
  });

  test('[LO3] a flooding socket is closed while its neighbour is served', async () => {
    const process = await begin();
    const [flood, calm] = [await connect(process), await connect(process)];
    for (let i = 0; i < 300; i++) flood.send({ type: 'publish', topic: 't' });
    expect(await flood.closed).toEqual({ code: 1008, reason: 'misbehaving' });
    calm.send({ type: 'ping' });
    expect(JSON.parse(await calm.next())).toEqual({ type: 'pong' });
    expect(process.signaling.stats().sockets).toBe(1);
  });

  test('[LO3] garbage gets a refusal with its reason, and the socket goes on', async () => {
    const process = await begin();
    const client = await connect(process);
    client.send('{');
    expect(JSON.parse(await client.next())).toEqual({ type: 'refused', reason: 'notJson' });
    client.socket.send(Buffer.from([1, 2, 3]));
    expect(JSON.parse(await client.next())).toEqual({ type: 'refused', reason: 'binary' });
    client.send({ type: 'ping' });
    expect(JSON.parse(await client.next())).toEqual({ type: 'pong' });
  });

  test('[LO5] two processes on one bus are one place to meet', async () => {
    const bus = memoryBus();
    const [one, other] = [await begin(bus), await begin(bus)];
    const [a, b] = [await connect(one), await connect(other)];
    for (const client of [a, b]) {
      client.send({ type: 'subscribe', topics: ['room'] });
      client.send({ type: 'ping' });
      await client.next();
    }
    a.send({ type: 'publish', topic: 'room', data: 'hello' });
    const expected = { type: 'publish', topic: 'room', data: 'hello', clients: 1 };
    expect([JSON.parse(await a.next()), JSON.parse(await b.next())]).toEqual([expected, expected]);
    a.socket.close();
    await until(async () => one.signaling.stats()['bus.topics'] === 0);
    expect(other.signaling.stats()).toMatchObject({ 'bus.topics': 1, published: 0, delivered: 1 });
  });

  test('a process that is to stop parts from everybody, and takes nobody any more', async () => {
    const process = await begin();
    const clients = [];
    for (let i = 0; i < 60; i++) clients.push(await connect(process));
    await process.signaling.drain();
    const farewells = await Promise.all(clients.map(({ closed }) => closed));
    expect(new Set(farewells.map(({ code }) => code))).toEqual(new Set([1001]));
    const late = new WebSocket(process.url);
    expect(String((await once(late, 'error'))[0])).toMatch('503');
  });
});

test('[T69] [LO2] a text that is no JSON ends the server that y-webrtc comes with; here it is refused, and the socket goes on', async () => {
  const here = await connect(await begin());
  here.send('{');
  expect(JSON.parse(await here.next())).toEqual({ type: 'refused', reason: 'notJson' });
  here.send({ type: 'ping' });
  expect(JSON.parse(await here.next())).toEqual({ type: 'pong' });
  here.socket.terminate();
  const folder = mkdtempSync(join(tmpdir(), 'lgos-y-webrtc-'));
  const path = join(folder, 'socket');
  const stock = spawn(process.execPath, [STOCK], {
    env: { ...process.env, PORT: path },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(stock, 'exit');
  try {
    // It prints a line once it listens; its socket's file is there a moment before, and refuses.
    await once(stock.stdout, 'data');
    const socket = new WebSocket(`ws+unix:${path}:/`);
    socket.on('error', () => {});
    await once(socket, 'open');
    socket.send('{');
    expect((await ended)[0]).toBe(1);
  } finally {
    stock.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
