/** Signaling as a service: 5,000 sockets on one process, junk beside honest clients, two processes over a real NATS server. Needs `nats-server`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { isBuilt } from '../../beacon/stamp.mjs';
import { natsBus } from '../../signaling/nats';
import { busContract } from '../contract/bus.suite';
import { until } from '../support/fleet';

const SOCKETS = 5_000;
const HONEST = 200;
const MAIN = new URL('../../dist/beacon/main.js', import.meta.url).pathname;
const NATS_PORT = 4_322;
const NATS = `nats://127.0.0.1:${NATS_PORT}`;

const children: ChildProcess[] = [];
const data = mkdtempSync(join(tmpdir(), 'lgos-signaling-'));
let nats: ChildProcess;
const startNats = async (): Promise<ChildProcess> => {
  const child = spawn('nats-server', ['--addr', '127.0.0.1', '--port', `${NATS_PORT}`]);
  children.push(child);
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  await until(async () => said.includes('Server is ready'), 'NATS');
  return child;
};
const startSignaling = async (...args: string[]) => {
  const child = spawn(process.execPath, [MAIN, '--only', 'signaling', ...args], {
    env: { ...process.env, LGOS_PORT: '0', LGOS_DATA: data },
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      said += bytes;
    });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(said);
    return /localhost:(\d+)\n/.test(said);
  }, 'signaling');
  const port = Number(/localhost:(\d+)\n/.exec(said)?.[1]);
  const metrics = async (): Promise<Readonly<Record<string, number>>> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Object.fromEntries(
      text.split('\n').flatMap((line) => (line ? [[line.split(' ')[0], Number(line.split(' ')[1])]] : [])),
    );
  };
  return { child, port, metrics };
};
type Server = Awaited<ReturnType<typeof startSignaling>>;

/** Each from an address of its own, as a proxy on this machine would tell. */
const connect = async ({ port }: Server, i: number, topics: readonly string[]) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/signal`, {
    headers: { 'x-forwarded-for': `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` },
    perMessageDeflate: false,
  });
  socket.on('error', () => {});
  const waiting: ((text: string) => void)[] = [];
  const heard: string[] = [];
  socket.on('message', (bytes) => {
    const text = String(bytes);
    if (text === '{"type":"pong"}') waiting.shift()?.(text);
    else heard.push(text);
  });
  await once(socket, 'open');
  if (topics.length > 0) socket.send(JSON.stringify({ type: 'subscribe', topics }));
  /** Round trip in ms. */
  const ping = async (): Promise<number> => {
    const began = performance.now();
    const answered = new Promise((done) => waiting.push(done));
    socket.send('{"type":"ping"}');
    await answered;
    return performance.now() - began;
  };
  return { socket, heard, ping };
};
const percentile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] as number;
const pings = async (clients: readonly { ping(): Promise<number> }[]): Promise<readonly number[]> => {
  const all: number[] = [];
  for (const client of clients) all.push(await client.ping());
  return all;
};

beforeAll(async () => {
  expect(isBuilt(), 'npm run build comes first').toBe(true);
  try {
    execFileSync('nats-server', ['--version']);
  } catch {
    throw new Error('This proof needs the program nats-server on the path (in Debian the package nats-server).');
  }
  nats = await startNats();
}, 30_000);
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

busContract('NATS', natsBus(NATS));

test('[SB2] NATS goes and comes back: each process serves its own meanwhile, and they are one again', async () => {
  const [one, other] = [await startSignaling('--bus', NATS), await startSignaling('--bus', NATS)];
  const [a, b, near] = await Promise.all([
    connect(one, 1, ['room']),
    connect(other, 2, ['room']),
    connect(one, 3, ['room']),
  ]);
  const say = (data: string): void => a.socket.send(JSON.stringify({ type: 'publish', topic: 'room', data }));
  const has = (client: typeof b, data: string): boolean => client.heard.some((text) => text.includes(data));
  await until(async () => {
    say('first');
    return has(b, 'first');
  }, 'over NATS');
  nats.kill('SIGKILL');
  await until(async () => (await one.metrics()).lgos_signaling_bus_up === 0, 'known to be away');
  say('alone');
  await until(async () => has(near, 'alone'), 'heard beside it');
  expect((await one.metrics()).lgos_signaling_bus_dropped).toBe(1);
  nats = await startNats();
  await until(async () => {
    say('again');
    return has(b, 'again');
  }, 'over NATS again');
  expect(has(b, 'alone')).toBe(false);
  for (const { child } of [one, other]) child.kill('SIGTERM');
}, 120_000);

describe('[T67] one process', () => {
  test(`takes ${SOCKETS} sockets, and junk from half of them leaves the honest served and memory bounded`, async () => {
    const server = await startSignaling();
    const empty = await server.metrics();
    const clients: Awaited<ReturnType<typeof connect>>[] = [];
    for (let i = 0; i < SOCKETS; i += 100)
      clients.push(
        ...(await Promise.all(
          Array.from({ length: 100 }, (_, j) => connect(server, i + j, [`room ${(i + j) % 500}`, `inbox ${i + j}`])),
        )),
      );
    const full = await server.metrics();
    expect(full.lgos_signaling_sockets).toBe(SOCKETS);
    const calm = await pings(clients.slice(0, HONEST));
    const each = (name: string): number => (Number(full[name]) - Number(empty[name])) / SOCKETS;
    console.log(
      `${SOCKETS} sockets: ${(each('lgos_process_heapBytes') / 1024).toFixed(1)} KiB heap and ${(each('lgos_process_rssBytes') / 1024).toFixed(1)} KiB resident a socket; ping p50 ${percentile(calm, 0.5).toFixed(1)}, p95 ${percentile(calm, 0.95).toFixed(1)} ms`,
    );

    // None of the honest listens to that room: whoever knows a room is one of its own.
    const junk = [
      '{',
      'x'.repeat(20_000),
      JSON.stringify({ type: 'publish', topic: 'room 400', data: 'y'.repeat(15_000) }),
      '[]',
      '{"type":"subscribe","topics":["a","a"]}',
    ];
    const hostile = clients.slice(SOCKETS / 2);
    let sent = 0;
    let isOver = false;
    const flooding = (async () => {
      for (let round = 0; !isOver; round++) {
        for (const [i, { socket }] of hostile.entries()) {
          if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > 100_000) continue;
          socket.send(junk[(i + round) % junk.length] as string);
          sent++;
        }
        await new Promise((done) => setImmediate(done));
      }
    })();
    const during = await pings(clients.slice(0, HONEST));
    isOver = true;
    await flooding;
    const after = await server.metrics();
    const refused = Object.entries(after).filter(
      ([name, count]) => name.startsWith('lgos_signaling_refused') && count > 0,
    );
    console.log(
      `${sent} junk messages from ${hostile.length} sockets; honest ping p50 ${percentile(during, 0.5).toFixed(1)}, p95 ${percentile(during, 0.95).toFixed(1)} ms; resident ${(Number(full.lgos_process_rssBytes) / 2 ** 20).toFixed(0)} to ${(Number(after.lgos_process_rssBytes) / 2 ** 20).toFixed(0)} MiB; refused ${refused.map(([name, count]) => `${name.slice(23)} ${count}`).join(', ')}`,
    );
    expect(clients.slice(0, HONEST).every(({ socket }) => socket.readyState === WebSocket.OPEN)).toBe(true);
    expect(refused.length).toBeGreaterThan(3);
    expect(Number(after.lgos_process_rssBytes)).toBeLessThan(2 * Number(full.lgos_process_rssBytes) + 64 * 2 ** 20);
    for (const { socket } of clients) socket.terminate();
    await until(async () => (await server.metrics()).lgos_signaling_sockets === 0, 'all gone');
    const gone = await server.metrics();
    expect([gone.lgos_signaling_topics, gone.lgos_signaling_devices]).toEqual([0, 0]);
  }, 300_000);
});
