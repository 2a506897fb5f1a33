/** Invitations between live nodes: what a link leads to, codes, requests and their answers, links that are over. */
import { afterEach, expect, test } from 'vitest';
import { toBase64Url, toHex } from '../../../src/base/bytes';
import type { InviteRow, JoinRow, KernelApi, RequestRow } from '../../../src/bridge/messages';
import { CODE_MS, MAX_WRONG } from '../../../src/os/kernel/codes';
import { codeTopicOf, readCode, writeCode } from '../../../src/os/rights/code';
import { readLink } from '../../../src/os/rights/invite';
import { systemClock } from '../../../src/platform/clock';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { leapingClock, skewedClock } from '../../support/clocks';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const invites = (node: KernelApi, spaceId: string): Promise<readonly InviteRow[]> =>
  node.query('os.invites', { spaceId }) as Promise<readonly InviteRow[]>;
const requests = (node: KernelApi, spaceId: string): Promise<readonly RequestRow[]> =>
  node.query('os.requests', { spaceId }) as Promise<readonly RequestRow[]>;
const joining = async (node: KernelApi): Promise<JoinRow | undefined> =>
  ((await node.query('os.join', {})) as readonly JoinRow[])[0];

/** Asks by the link, and is where it waits for the answer. */
const asks = async (node: KernelApi, url: string): Promise<void> => {
  void node.join(url, { timeoutMs: 600_000 }).catch(() => {});
  await until(async () => (await joining(node))?.step === 'waitingForApproval', 'it waits');
};

/** A founder with a space that the beacon keeps. */
const team = async () => {
  const a = await fleet.tab('a', { direct: false });
  await a.setName('Anna');
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  return { a, space };
};

test('a link leads to what was shared, and says who invites', async () => {
  fleet = await createFleet();
  const { a, space } = await team();
  const { id: documentId } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
  const { url, inviteId } = await a.invite(space, { role: 'member', object: documentId as string });
  const b = await fleet.tab('b', { direct: false });
  expect(await b.readInvite(`Come in!\n${url}\nAnna`)).toMatchObject({
    spaceId: space,
    title: 'Team',
    from: 'Anna',
    object: { id: documentId, kind: 'document', title: 'Plan' },
  });
  await b.join(url, { timeoutMs: 30_000 });
  expect(await invites(a, space)).toMatchObject([{ id: inviteId, object: { id: documentId } }]);
  await expect(a.invite(space, { role: 'member', object: '0'.repeat(32) })).rejects.toMatchObject({ type: 'notFound' });
  await expect(a.invite(space, { role: 'owner' })).rejects.toMatchObject({ type: 'notAllowed' });
  await expect(a.invite(space, { role: 'member', uses: -1 })).rejects.toMatchObject({ type: 'badArguments' });
});

test('who may invite follows the roles and the rule of the space', async () => {
  fleet = await createFleet();
  const { a, space } = await team();
  const b = await fleet.tab('b', { direct: false });
  await b.join((await a.invite(space, { role: 'member' })).url, { timeoutMs: 30_000 });
  expect(await a.query('os.mayInvite', { spaceId: space })).toEqual({ roles: ['guest', 'member', 'admin'], why: null });
  expect(await b.query('os.mayInvite', { spaceId: space })).toEqual({ roles: [], why: 'policy' });
  await expect(b.invite(space, { role: 'guest' })).rejects.toMatchObject({ type: 'notAllowed' });
  await a.run('os.setPolicy', { spaceId: space, key: 'invite', value: 'member' });
  await until(async () => {
    const may = (await b.query('os.mayInvite', { spaceId: space })) as { roles: readonly string[] };
    return may.roles.join() === 'guest';
  }, 'Members invite Guests');
  const { url } = await b.invite(space, { role: 'guest' });
  const c = await fleet.tab('c', { direct: false });
  await c.join(url, { timeoutMs: 30_000 });
  await until(async () => (await a.members(space)).length === 3, 'the guest is in');
});

test('[PK2] [SC1] a short code brings the link to who says it right; wrong ones are counted, and the fifth ends it', async () => {
  fleet = await createFleet();
  const { a, space } = await team();
  const { url, inviteId } = await a.invite(space, { role: 'member' });
  const { code } = (await a.run('os.showCode', { spaceId: space, inviteId })) as { code: string };
  expect(await a.run('os.showCode', { spaceId: space, inviteId })).toEqual({ code });
  let patient = true;
  const clock = systemClock();
  const after: typeof clock.after = (ms, run) => clock.after(patient ? ms : Math.min(ms, 500), run);
  const b = await fleet.tab('b', { direct: false, clock: { ...clock, after } });
  expect(await b.run('os.readCode', { code: code.toLowerCase().replace('-', ' ') })).toEqual({ url });
  await expect(
    b.run('os.readCode', { code: code.replace(/.$/, (c) => (c === '0' ? '1' : '0')) }),
  ).rejects.toMatchObject({ type: 'badCode' });

  const right = readCode(code);
  if (!right.ok) throw new Error('unread');
  const guess = (n: number): string =>
    writeCode({ room: right.value.room, secret: `${'BCDFG'[n]}${right.value.secret.slice(1).replace(/./, 'Q')}` });
  for (let n = 0; n < MAX_WRONG; n++) {
    await expect(b.run('os.readCode', { code: guess(n) })).rejects.toMatchObject({ type: 'wrongCode' });
    const [row] = await invites(a, space);
    expect(row?.code?.triesLeft).toBe(n + 1 < MAX_WRONG ? MAX_WRONG - n - 1 : undefined);
  }
  // Nobody answers: there is nothing to wait for.
  patient = false;
  await expect(b.run('os.readCode', { code })).rejects.toMatchObject({ type: 'noAnswer' });
  patient = true;
  // The link itself is as good as before, and so is a new code.
  const again = (await a.run('os.showCode', { spaceId: space, inviteId })) as { code: string };
  expect(again.code).not.toBe(code);
  expect(await b.run('os.readCode', { code: again.code })).toEqual({ url });
});

test('a code ends after an hour, with its invite, and when it is hidden', async () => {
  fleet = await createFleet();
  const clock = skewedClock();
  const a = await fleet.tab('a', { direct: false, clock });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { inviteId } = await a.invite(space, { role: 'member', expiresInMs: 9e8 });
  const shown = async (): Promise<string | undefined> => (await invites(a, space))[0]?.code?.text;
  await a.run('os.showCode', { spaceId: space, inviteId });
  expect(await shown()).toBeDefined();
  await a.run('os.hideCode', { inviteId });
  expect(await shown()).toBeUndefined();
  await a.run('os.showCode', { spaceId: space, inviteId });
  clock.set(CODE_MS + 1);
  expect(await shown()).toBeUndefined();
  await a.run('os.showCode', { spaceId: space, inviteId });
  await a.revokeInvite(space, inviteId);
  await until(async () => (await shown()) === undefined, 'gone with its invite');
  await expect(a.run('os.showCode', { spaceId: space, inviteId })).rejects.toMatchObject({ type: 'notFound' });
});

test('[T41] nothing of a link or a code that is read goes through signaling or a relay in clear', async () => {
  fleet = await createFleet();
  const { a, space } = await team();
  const { url, inviteId } = await a.invite(space, { role: 'member' });
  const { code } = (await a.run('os.showCode', { spaceId: space, inviteId })) as { code: string };
  const heard: string[] = [];
  const b = await fleet.tab('b', { direct: true, spy: (bytes) => heard.push(bytes) });
  await b.run('os.readCode', { code });
  await b.join(url, { timeoutMs: 30_000 });
  const link = readLink(url);
  const said = readCode(code);
  if (!link.ok || !said.ok) throw new Error('unread');
  const { secret } = link.value;
  const payload = url.split('#/join/')[1] as string;
  const shapes = [
    toHex(secret),
    toBase64Url(secret),
    btoa(String.fromCharCode(...secret)),
    payload,
    code,
    said.value.secret,
  ];
  expect(heard.length).toBeGreaterThan(10);
  for (const shape of shapes) expect(heard.filter((text) => text.includes(shape))).toEqual([]);
  // What was recorded is all: the room of the code is in it.
  expect(heard.some((text) => text.includes(codeTopicOf(said.value.room)))).toBe(true);
});

test('a refusal is told to whoever asked, also when they were away; asking again needs the link', async () => {
  const clock = leapingClock();
  fleet = await createFleet(1, { clock });
  const { a, space } = await team();
  const { url } = await a.invite(space, { role: 'member', confirm: true, uses: 5 });
  const storage = memoryStorage();
  const vault = memoryVault();
  const b = await fleet.tab('b', { direct: false, storage, vault });
  await asks(b, url);
  const request = await until(async () => (await requests(a, space))[0], 'the request');
  await b.stop();
  expect(request).toMatchObject({ usedUp: false, by: { name: 'Anna' } });
  expect((await invites(a, space))[0]).toMatchObject({ waiting: 1, used: 0 });
  await a.run('os.refuse', { spaceId: space, requestId: request?.id });
  await until(async () => (await requests(a, space)).length === 0, 'no request');

  const back = await fleet.tab('back', { direct: false, storage, vault });
  await until(async () => (await joining(back))?.why === 'refused', 'the refusal is told');
  const again = expect(back.join(url, { timeoutMs: 60_000 })).rejects.toMatchObject({ type: 'joinRefused' });
  await clock.leap(60_000);
  await again;
  expect(await requests(a, space)).toEqual([]);
});

test('a request outlives a restart, is made once, and is let in without anybody asking again', async () => {
  fleet = await createFleet();
  const { a, space } = await team();
  const { url } = await a.invite(space, { role: 'member', confirm: true, uses: 1 });
  const storage = memoryStorage();
  const vault = memoryVault();
  const b = await fleet.tab('b', { direct: false, storage, vault });
  await b.setName('Boris');
  await asks(b, url);
  await until(async () => (await requests(a, space)).length === 1, 'the request');
  await b.stop();
  const back = await fleet.tab('back', { direct: false, storage, vault });
  await until(async () => (await joining(back))?.step === 'waitingForApproval', 'still waiting');
  expect((await requests(a, space)).length).toBe(1);
  // Somebody else asks by the same link of one use.
  const c = await fleet.tab('c', { direct: false });
  await asks(c, url);
  await until(async () => (await requests(a, space)).length === 2, 'two requests');
  await a.admit(space, (await requests(a, space))[0]?.id as string);
  await until(async () => (await a.members(space)).some(({ name }) => name === 'Boris'), 'in, with their name');
  expect((await invites(a, space))[0]).toMatchObject({ used: 1, waiting: 1 });
  const [left] = await requests(a, space);
  expect(left?.usedUp).toBe(true);
  await expect(a.admit(space, left?.id as string)).rejects.toMatchObject({ type: 'usedUp' });
  await until(async () => (await joining(c))?.why === 'used', 'told that it is used up');
});

test('whoever follows a revoked link is told so, and gets nothing of the rights log', async () => {
  fleet = await createFleet();
  const { a, space } = await team();
  const { url, inviteId } = await a.invite(space, { role: 'member' });
  await a.revokeInvite(space, inviteId);
  await until(async () => (await a.durability(space)).safe, 'the beacon knows');
  const b = await fleet.tab('b', { direct: false });
  await expect(b.join(url, { timeoutMs: 12_000 })).rejects.toMatchObject({ type: 'joinRevoked' });
  expect(Object.keys(await b.heads(space))).toEqual([]);
});
