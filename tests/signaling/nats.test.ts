/** What a NATS server, or anybody who may speak at it, does to the bus: it carries on, or is away, and costs nobody anything else. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Bus } from '../../signaling/bus';
import { LIMITS, type LobbyOutput, lobbyStep, openLobby } from '../../signaling/lobby';
import { natsBus } from '../../signaling/nats';
import { until } from '../support/fleet';

const RANDOM = new Uint8Array(32).fill(5);
let server: Server;
let bus: Bus | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  await bus?.close().catch(() => {});
  bus = undefined;
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** As much of a NATS server as a client needs. `say`: to whoever listens; `knows`: whether it lets clients in. */
const serve = async () => {
  const heard: string[] = [];
  const state = { knows: true, refused: 0 };
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.write('INFO {"server_id":"x","version":"2.9.0","max_payload":1048576,"headers":true,"proto":1}\r\n');
    socket.on('data', (bytes) => {
      for (const line of bytes.toString('latin1').split('\r\n')) {
        if (line !== '') heard.push(line);
        if (line.startsWith('CONNECT') && !state.knows) {
          state.refused++;
          socket.end("-ERR 'Authorization Violation'\r\n");
        } else if (line.startsWith('PING')) socket.write('PONG\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const got: string[] = [];
  const open = natsBus(`nats://127.0.0.1:${(server.address() as AddressInfo).port}`, 20);
  bus = await open((text) => void got.push(text));
  bus.listen('room');
  const sidOf = (): string | undefined => heard.flatMap((line) => /^SUB \S+ (\S+)$/.exec(line)?.[1] ?? []).at(-1);
  const sid = await until(sidOf, 'a subscription');
  const raw = (said: string | Buffer): void => {
    for (const socket of sockets) socket.write(said);
  };
  const say = (payload: string, subject = 'lgos.signaling.x'): void => {
    raw(`MSG ${subject} ${sid} ${Buffer.byteLength(payload)}\r\n`);
    raw(`${payload}\r\n`);
  };
  return { bus, got, heard, state, say };
};

test('[LO5] what is too large for any signaling process, or of no letters, or of another prefix, is a stranger’s text and costs nothing', async () => {
  const { bus, got, say } = await serve();
  let lobby = openLobby(7, LIMITS, true);
  say('x'.repeat(1_000_000));
  say('\u0000\ufffd');
  say('{"type":"publish","topic":"room","data":1}', 'another.prefix');
  say('{"type":"publish","topic":"room","data":2}');
  await until(() => got.at(-1)?.includes('2'), 'the last one');
  expect(bus.stats()).toMatchObject({ heard: 3, tooLarge: 1 });
  const sent: LobbyOutput[] = [];
  for (const input of [
    { type: 'opened', socket: '1', address: 'a', network: 'a', now: 0 } as const,
    {
      type: 'received',
      socket: '1',
      text: '{"type":"subscribe","topics":["room"]}',
      bytes: 40,
      random: RANDOM,
      now: 0,
    } as const,
    ...got.map((text) => ({ type: 'heard', text, random: RANDOM }) as const),
  ]) {
    const [next, outputs] = lobbyStep(lobby, input);
    lobby = next;
    sent.push(...outputs.filter(({ type }) => type === 'send'));
  }
  expect(sent).toHaveLength(2);
  expect(lobby.refused.notFromLobby).toBe(1);
});

test('[SB2] a NATS server that knows nobody for a while is away: listeners come and go meanwhile, and are heard when it is back', async () => {
  const { bus, heard, state, got, say } = await serve();
  state.knows = false;
  for (const socket of sockets) socket.destroy();
  // Twice in a row the client library would take for an answer.
  await until(() => state.refused >= 4, 'refused over and over');
  bus.listen('later');
  bus.leave('later');
  bus.send('room', 'lost');
  expect(bus.stats()).toMatchObject({ up: 0, dropped: 1 });
  state.knows = true;
  heard.length = 0;
  await until(() => bus.stats().up === 1 && heard.some((line) => line.startsWith('SUB ')), 'it is back');
  say('again');
  await until(() => got.includes('again'), 'heard again');
});
