import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  agree,
  ask,
  CHANNEL,
  chip,
  expect,
  invite,
  join,
  onBeacon,
  open,
  openPage,
  type Page,
  SPACE,
  said,
  say,
  startTeam,
  test,
  texts,
} from './support';

const links = async (page: Page): Promise<readonly string[]> =>
  (await ask(page, 'peers')).filter(({ kind }) => kind === 'tab').map(({ path }) => path);

test('edits flow over the direct link when signaling and then the beacon are killed; a beacon that returns catches up', async ({
  host,
  person,
}) => {
  const signaling = await host({ args: ['--only', 'signaling'] });
  const only = {
    args: ['--only', 'beacon'],
    environment: { LGOS_SIGNALING: `ws://localhost:${signaling.port}/signal` },
  };
  const beacon = await host(only);
  const { a, spaceId, channelId } = await startTeam(person, beacon.url);
  const link = await invite(a.page);
  const b = await person(beacon.url, { name: 'Boris' });
  await join(b.page, link, SPACE);
  await open(b.page, CHANNEL);
  for (const { page } of [a, b]) await expect.poll(() => links(page)).toEqual(['direct']);
  await onBeacon(a.page, spaceId);
  const metrics = async (): Promise<string> => (await fetch(`${beacon.url}/metrics`)).text();
  await expect.poll(metrics, 'pages ask the STUN of their beacon').toMatch(/^lgos_stun_answered [1-9]/m);
  expect(await metrics()).toMatch(/^lgos_stun_ignored 0$/m);

  await signaling.kill();
  await say(a.page, 'Without signaling');
  await expect(said(b.page, 'Without signaling')).toBeVisible();
  await onBeacon(a.page, spaceId);

  await beacon.kill();
  for (const { page } of [a, b]) await expect(chip(page)).toHaveText('Island of 2 nodes');
  await say(a.page, 'Alone, says Anna');
  await say(b.page, 'Alone, says Boris');
  await expect(said(b.page, 'Alone, says Anna')).toBeVisible();
  await expect(said(a.page, 'Alone, says Boris')).toBeVisible();
  await agree(spaceId, a.page, b.page);

  await b.page.close();
  await say(a.page, 'Said when Boris had gone');
  await host({ ...only, data: beacon.data, port: beacon.port });
  // Some seconds after a person joined they are given the keys in an entry of their own.
  await expect
    .poll(async () => (await ask(a.page, 'query', 'os.audit', { spaceId })) as readonly { kind: string }[])
    .toContainEqual(expect.objectContaining({ kind: 'keysGiven' }));
  await onBeacon(a.page, spaceId);
  await expect(chip(a.page)).toHaveText('Safe to close');
  const hash = await ask(a.page, 'stateHash', spaceId);
  await a.context.close();

  // Only the beacon is left: what it gives is all that there was.
  const { page } = await openPage(b.context, `${beacon.url}/#/s/${spaceId}/c/${channelId}`);
  await expect(said(page, 'Said when Boris had gone')).toBeVisible();
  await expect.poll(() => ask(page, 'stateHash', spaceId)).toBe(hash);
  await page.close();
  const c = await person(beacon.url);
  await join(c.page, link, SPACE);
  await expect
    .poll(() => texts(c.page, channelId))
    .toEqual(['Without signaling', 'Alone, says Anna', 'Alone, says Boris', 'Said when Boris had gone']);
});

test('with ?links=relay on both sides the beacon carries everything', async ({ host, person }) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url, { query: '/?links=relay' });
  const link = await invite(a.page);
  const b = await person(url, { name: 'Boris', query: '/?links=relay' });
  await join(b.page, `${url}/?links=relay${new URL(link).hash}`, SPACE);
  await open(b.page, CHANNEL);
  await say(a.page, 'Through the beacon');
  await expect(said(b.page, 'Through the beacon')).toBeVisible();
  await say(b.page, 'And back');
  await expect(said(a.page, 'And back')).toBeVisible();
  for (const { page } of [a, b]) await expect.poll(() => links(page)).toEqual(['relayed']);
  await agree(spaceId, a.page, b.page);
});

test('a beacon with a UDP port is reached by WebRTC, and by the WebSocket again when it has none', async ({
  host,
  person,
}) => {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(() => closed()));
  const beacon = await host({ environment: { LGOS_RTC_PORT: String(port), LGOS_STUN_PORT: 'off' } });
  test.skip(beacon.complained().includes('WebRTC at the beacon is off'), beacon.complained());
  const { a, spaceId, channelId } = await startTeam(person, beacon.url);
  const toBeacon = async (page: Page) =>
    (await ask(page, 'peers')).filter(({ kind }) => kind === 'beacon').map(({ path }) => path);
  await expect.poll(() => toBeacon(a.page)).toEqual(['beaconRtc']);
  await ask(a.page, 'run', 'chat.send', { channelId, text: 'Over UDP' });
  await onBeacon(a.page, spaceId);
  const metrics = await (await fetch(`${beacon.url}/metrics`)).text();
  expect(metrics).toMatch(/^lgos_rtc_peers 1$/m);
  expect(metrics).toMatch(/^lgos_beacon_links 0$/m);

  await beacon.stop();
  await host({ data: beacon.data, port: beacon.port });
  await expect.poll(() => toBeacon(a.page)).toEqual(['beacon']);
  await ask(a.page, 'run', 'chat.send', { channelId, text: 'Over TCP' });
  await onBeacon(a.page, spaceId);
});
