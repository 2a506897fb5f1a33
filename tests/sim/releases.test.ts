/** Nodes of an earlier kernel and of this one in one space, small and large: all come to the same, and nobody loses a byte. */
import { afterEach, expect, test } from 'vitest';
import { openRun } from '../../lab/run';
import { SCENARIO } from '../../lab/scenario';
import { fromBase64Url } from '../../src/base/bytes';
import type { KernelApi } from '../../src/bridge/messages';
import { memoryVault } from '../../src/platform/memory/vault';
import { cheapCrypto } from '../network/crypto';
import { loadRelease } from '../network/release';
import { crowd, LATER } from '../support/crowd';
import { converged, createFleet, until } from '../support/fleet';
import { newPerson } from '../support/insider';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});
const EARLIER = await loadRelease(new URL('../releases/2.0-flooding/kernel.mjs', import.meta.url));

test('[T74] in a small space old and new nodes write, read and come to one state; an op of the future is kept and passed on by both', async () => {
  for (const bringing of ['old', 'new'] as const) {
    fleet = await createFleet();
    const vaults = { old: memoryVault(), new: memoryVault() };
    const owner = await newPerson(vaults[bringing]);
    const { bundle, space, channel } = await crowd(2, 1, 3, { futures: true, owner });
    const a = await fleet.tab('old', { release: EARLIER, vault: vaults.old });
    const b = await fleet.tab('new', { vault: vaults.new });
    const [first, second] = bringing === 'old' ? [a, b] : [b, a];
    await first.importBundle(fromBase64Url(bundle) as Uint8Array);
    const { url } = await first.invite(space, { role: 'member' });
    await second.join(url, { timeoutMs: 30_000 });
    await a.run('chat.send', { channelId: channel, text: 'from the old one' });
    await b.run('chat.send', { channelId: channel, text: 'from the new one' });
    await converged([a, b], space);
    expect(await a.heads(space)).toEqual(await b.heads(space));
    const bodies = async (kernel: KernelApi) => Buffer.from(await kernel.exportSpace(space, { keys: 'none' } as never));
    // What neither knows lies in both, and leaves again as it was signed.
    const futures = [await bodies(a), await bodies(b)];
    expect(futures[0]?.length).toBe(futures[1]?.length);
    await fleet.stop();
  }
});

test('[T74] entries of a kind of the future go by a blind beacon to somebody who joins, lie in everybody as they were signed, and say nothing', async () => {
  fleet = await createFleet();
  const vault = memoryVault();
  const owner = await newPerson(vault);
  const { bundle, space, channel } = await crowd(2, 1, 3, { later: true, owner });
  const a = await fleet.tab('a', { vault });
  await a.importBundle(fromBase64Url(bundle) as Uint8Array);
  const b = await fleet.tab('b');
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await b.run('chat.send', { channelId: channel, text: 'after them' });
  await converged([a, b], space);
  expect(await a.heads(space)).toEqual(await b.heads(space));
  const out = await Promise.all([a, b].map((kernel) => kernel.exportSpace(space, { keys: 'none' } as never)));
  expect(out[0]?.length).toBe(out[1]?.length);
  const said = JSON.stringify(await b.query('chat.messages', { channelId: channel }));
  expect(said).toContain('after them');
  expect(said).not.toContain(LATER);
});

test('[T74] a kernel that takes a kind it does not know for malformed ends the link over it, and never has what is there', async () => {
  fleet = await createFleet();
  const vault = memoryVault();
  const { bundle, space } = await crowd(2, 1, 3, { later: true, owner: await newPerson(vault) });
  const a = await fleet.tab('a', { vault });
  await a.importBundle(fromBase64Url(bundle) as Uint8Array);
  const { url } = await a.invite(space, { role: 'member' });
  const old = await fleet.tab('old', { release: EARLIER });
  void old.join(url, { timeoutMs: 30_000 }).catch(() => {});
  await until(() => fleet?.closings.get('badEntry'), 'a link that was ended');
  const heads = async (kernel: KernelApi) => kernel.heads(space).catch(() => undefined);
  expect(await heads(old)).not.toEqual(await heads(a));
});

test('[T74] in a large space of old and new nodes everybody gets every entry', async () => {
  const scenario = { ...SCENARIO, nodes: 12, older: 1 / 3, crypto: 'cheap', seed: 4 } as const;
  const run = await openRun(scenario, {
    crypto: cheapCrypto,
    settle: () => new Promise((done) => setImmediate(done)),
    earlier: EARLIER.createKernel,
  });
  run.arm(1_000);
  await run.pass(12_000);
  for (const node of run.fleet.nodes.slice(0, 6)) {
    run.write(node);
    await run.pass(500);
  }
  await run.pass(10_000);
  const hashes = await Promise.all(run.fleet.nodes.map(({ kernel }) => kernel?.stateHash(run.fleet.founded.space)));
  expect(new Set(hashes).size).toBe(1);
  expect(run.outcome(13)).toMatchObject({ nodes: 12, written: 6, complete: 1, delivery: { reached: 1, whole: 1 } });
  const overlay = run.recorder.kinds;
  expect(overlay.has('ihave')).toBe(true);
  await run.fleet.stop();
  expect(run.fleet.faults).toEqual([]);
});
