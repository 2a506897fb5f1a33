/** Two browsers that have no way to each other: no addresses that work, no TURN, no beacon. A colleague is linked to both. */
import { agree, ask, expect, invite, join, opened, type Page, SPACE, startTeam, test, texts } from './support';

/** Pages that run this take no description of each other's, so no connection between them ever opens. */
const cannotConnect = (): void => {
  const mark = '\r\ns=apart\r\n';
  const { prototype } = RTCPeerConnection;
  const read = Object.getOwnPropertyDescriptor(prototype, 'localDescription')?.get;
  Object.defineProperty(prototype, 'localDescription', {
    get(this: RTCPeerConnection) {
      const own = read?.call(this) as RTCSessionDescription | null;
      return own && { type: own.type, sdp: own.sdp.replace(/\r\ns=[^\r]*\r\n/, mark) };
    },
  });
  const { setRemoteDescription } = prototype;
  prototype.setRemoteDescription = function (this: RTCPeerConnection, description) {
    if (description.sdp?.includes(mark)) return Promise.reject(new Error('No way'));
    return Reflect.apply(setRemoteDescription, this, [description]);
  };
};
const paths = async (page: Page): Promise<readonly string[]> =>
  (await ask(page, 'peers')).filter(({ kind }) => kind === 'tab').map(({ path }) => path);

test('two who cannot connect meet in a space of their own through a colleague, who is named and cannot read it', async ({
  host,
  person,
}) => {
  const signaling = await host({ args: ['--only', 'signaling'] });
  const beacon = await host({
    args: ['--only', 'beacon'],
    environment: { LGOS_SIGNALING: `ws://localhost:${signaling.port}/signal` },
  });
  const { a: anna, spaceId: team } = await startTeam(person, beacon.url);
  const link = await invite(anna.page);
  const pages: Page[] = [];
  for (const name of ['Boris', 'Clara']) {
    const { context, page } = await person(beacon.url, { name });
    await context.addInitScript(cannotConnect);
    await page.reload();
    await opened(page);
    await join(page, link, SPACE);
    pages.push(page);
  }
  const [boris, clara] = pages as [Page, Page];
  await agree(team, anna.page, boris, clara);
  for (const page of pages) await expect.poll(async () => (await paths(page)).includes('direct')).toBe(true);
  await beacon.kill();

  const { id: spaceId } = await ask(boris, 'createSpace', { title: 'Two of us', kind: 'team' });
  const { id: channelId } = (await ask(boris, 'run', 'chat.createChannel', { spaceId, title: 'here' })) as {
    id: string;
  };
  const { url } = await ask(boris, 'invite', spaceId, { role: 'member' });
  await ask(clara, 'join', url, { timeoutMs: 60_000 });
  await ask(clara, 'run', 'chat.send', { channelId, text: 'Through Anna' });
  await expect.poll(() => texts(boris, channelId)).toEqual(['Through Anna']);
  for (const page of pages)
    await expect.poll(async () => (await paths(page)).toSorted()).toEqual(['circuit', 'direct']);
  const annas = (await ask(anna.page, 'me')).deviceId;
  const between = (await ask(boris, 'peers')).filter(({ path }) => path === 'circuit').map(({ via }) => via);
  expect(between).toEqual([annas]);
  await agree(spaceId, boris, clara);

  for (const page of [boris, anna.page])
    await page.evaluate(() => {
      location.hash = '/settings/network';
    });
  await expect(boris.getByText('through Anna, who cannot read it')).toBeVisible();
  await expect(
    anna.page.getByText(/^For others who cannot connect, this device carried .* 1 connection now\.$/),
  ).toBeVisible();
});
