/** Tabs with real workers, locks and channels; several "tabs" on one page, each with its own worker. */
import { afterEach, describe, expect, it } from 'vitest';
import { connectClient, type KernelClient } from '../../src/bridge/client';
import { openTab } from '../../src/platform/browser/tab';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

let profiles = 0;
const newProfile = () => `test-${Date.now()}-${++profiles}`;
const open = async (profile: string, links: 'any' | 'relay' = 'any') => {
  const roles: string[] = [];
  let worker: Worker | undefined;
  const client: KernelClient = await openTab({
    profile,
    links,
    connect: (port) => connectClient(port),
    startWorker: () => {
      worker = new Worker(new URL('./fake.worker.ts', import.meta.url), { type: 'module' });
      return worker;
    },
    told: (role) => roles.push(role),
  });
  const die = () => worker?.terminate();
  cleanups.push(die);
  return { client, roles, die };
};
const leaderOf = async (client: KernelClient) => (await client.me()).deviceId;

describe('tabs of a profile in a browser', () => {
  it('[LE1] two tabs have one kernel, two profiles have two', async () => {
    const profile = newProfile();
    const boots: { profile: string; rtc: boolean }[] = [];
    const hear = new BroadcastChannel('test/boots');
    hear.onmessage = ({ data }) => boots.push(data);
    cleanups.push(() => hear.close());
    const first = await open(profile);
    const second = await open(profile);
    const other = await open(newProfile(), 'relay');
    expect([first.roles, second.roles, other.roles]).toEqual([['leading'], ['following'], ['leading']]);
    expect(await leaderOf(second.client)).toBe(await leaderOf(first.client));
    expect(await leaderOf(other.client)).not.toBe(await leaderOf(first.client));
    expect(boots.map((boot) => boot.rtc)).toEqual([true, false]);
  });

  it('[LE2] the leading tab dies: the other one writes, is watched anew, and gets the answer it waited for', async () => {
    const profile = newProfile();
    const first = await open(profile);
    const second = await open(profile);
    const third = await open(profile);
    const old = await leaderOf(first.client);
    const leaders: string[] = [];
    const watched = new Promise<void>((resolve) => {
      second.client.watch('who', {}, (answer) => {
        const { leader } = answer as { leader: string };
        if (leaders.at(-1) !== leader) leaders.push(leader);
        if (leaders.length === 2) resolve();
      });
    });
    const waiting = third.client.run('chat.send', { unless: old });
    // Both have reached the first leader before it dies: it answers a later call of the same port.
    await Promise.all([second.client.me(), third.client.me()]);
    while (leaders.length === 0) await second.client.me();
    first.die();
    const { leader } = (await waiting) as { leader: string };
    await watched;
    expect(leader).not.toBe(old);
    expect(leaders).toEqual([old, leader]);
    expect([await leaderOf(second.client), await leaderOf(third.client)]).toEqual([leader, leader]);
    expect([second.roles.includes('leading'), third.roles.includes('leading')].filter(Boolean).length).toBe(1);
  });

  it('refuses a profile whose name is not allowed, in words', async () => {
    await expect(open('a/b')).rejects.toMatchObject({
      type: 'noKernel',
      safe: expect.any(String),
      next: expect.any(String),
    });
  });
});
