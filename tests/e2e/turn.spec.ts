/** A real TURN server: tabs that can reach each other in no other way, and credentials that it refuses. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join as pathOf } from 'node:path';
import {
  agree,
  ask,
  CHANNEL,
  expect,
  invite,
  join,
  newFolder,
  open,
  type Page,
  SPACE,
  said,
  say,
  startTeam,
  test,
} from './support';

const SECRET = 'a secret of this test';
const QUOTA = 12;
const isInstalled = spawnSync('turnserver', ['--version']).error === undefined;

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(() => closed()));
  return port;
};
let turn: ChildProcess | undefined;
const startTurn = async (): Promise<string> => {
  const port = await freePort();
  const folder = newFolder();
  turn = spawn('turnserver', [
    ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--log-file=stdout', '--simple-log'],
    ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--allow-loopback-peers'],
    ...['--use-auth-secret', `--static-auth-secret=${SECRET}`, '--realm=lgos', `--user-quota=${QUOTA}`],
    ...[`--userdb=${pathOf(folder, 'turndb')}`, `--pidfile=${pathOf(folder, 'pid')}`],
  ]);
  let printed = '';
  turn.stdout?.on('data', (text) => {
    printed += text;
  });
  turn.on('exit', (code) => {
    printed += `\nended with ${code}`;
  });
  await expect.poll(() => printed, 'coturn listens').toMatch(/DB connection success/);
  return `turn:127.0.0.1:${port}`;
};
test.afterEach(async () => {
  if (!turn || turn.exitCode !== null) return;
  const exit = once(turn, 'exit');
  turn.kill('SIGKILL');
  await exit;
});

const paths = async (page: Page): Promise<readonly string[]> =>
  (await ask(page, 'peers')).filter(({ kind }) => kind === 'tab').map(({ path }) => path);

const credentialOf = (username: string, secret = SECRET) => ({
  username,
  credential: createHmac('sha1', secret).update(username).digest('base64'),
});
type Tried = { readonly relays: number; readonly errors: readonly number[] };
/** What `times` connections get of the server at once, over it alone. */
const tried = (page: Page, urls: string, given: ReturnType<typeof credentialOf>, times = 1): Promise<Tried> =>
  page.evaluate(
    async ([server, count]) => {
      const errors: number[] = [];
      let relays = 0;
      const gathered = Array.from({ length: count }, async () => {
        const connection = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
        connection.createDataChannel('x');
        connection.addEventListener('icecandidateerror', ({ errorCode }) => errors.push(errorCode));
        connection.addEventListener('icecandidate', ({ candidate }) => {
          if (candidate?.type === 'relay') relays++;
        });
        const complete = new Promise<void>((done) => {
          connection.addEventListener('icegatheringstatechange', () => {
            if (connection.iceGatheringState === 'complete') done();
          });
        });
        await connection.setLocalDescription();
        await complete;
        return connection;
      });
      for (const connection of await Promise.all(gathered)) connection.close();
      return { relays, errors };
    },
    [{ urls, ...given }, times] as const,
  );

test('two who reach each other over TURN alone converge and see that it is so; it refuses the expired, the foreign and the greedy', async ({
  host,
  person,
}) => {
  test.skip(!isInstalled, 'coturn is missing, so no TURN was tried: install it (apt install coturn)');
  const url = await startTurn();
  const beacon = await host({ environment: { LGOS_TURN: url, LGOS_TURN_SECRET: SECRET } });
  const { a, spaceId } = await startTeam(person, beacon.url, { query: '/?links=turn' });
  const link = await invite(a.page);
  const b = await person(beacon.url, { name: 'Boris', query: '/?links=turn' });
  await join(b.page, `${beacon.url}/?links=turn${new URL(link).hash}`, SPACE);
  await open(b.page, CHANNEL);
  // A dial from before the credentials came may have to run out first, which takes 15 s.
  for (const { page } of [a, b]) await expect.poll(() => paths(page), { timeout: 45_000 }).toEqual(['turn']);
  await beacon.kill();
  await say(a.page, 'Over the relay');
  await expect(said(b.page, 'Over the relay')).toBeVisible();
  await say(b.page, 'And back');
  await expect(said(a.page, 'And back')).toBeVisible();
  await agree(spaceId, a.page, b.page);

  const inAnHour = Math.floor(Date.now() / 1_000) + 3_600;
  const sound = credentialOf(`${inAnHour}:somebody`);
  expect((await tried(a.page, url, sound)).relays).toBeGreaterThan(0);
  for (const bad of [
    credentialOf(`${inAnHour - 7_200}:somebody`),
    credentialOf(`${inAnHour}:somebody`, 'another secret'),
    { ...sound, username: `${inAnHour}:another` },
    { ...sound, username: `${inAnHour + 3_600}:somebody` },
  ])
    expect([bad.username, await tried(a.page, url, bad)]).toEqual([
      bad.username,
      { relays: 0, errors: expect.arrayContaining([401]) },
    ]);
  const greedy = await tried(a.page, url, credentialOf(`${inAnHour}:greedy`), 2 * QUOTA);
  expect(greedy.relays).toBeLessThanOrEqual(QUOTA);
  expect(greedy.errors).toContain(486);
});
