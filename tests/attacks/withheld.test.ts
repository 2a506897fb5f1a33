/** A Member who may make a new key, because a device of theirs was lost, and makes one that nobody can write under. */
import { expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes';
import type { Wrap } from '../../src/os/rights/acl';
import { makeEpoch, wrapKey } from '../../src/os/rights/keyring';
import type { DeviceId } from '../../src/vm/op/ids';
import { crypto, random } from '../support/insider';
import { company, type Keeper, meet } from '../support/keepers';

type Kind = 'none' | 'false' | 'true';

/** `by` disowns a device that nobody has seen, with a new epoch whose wraps for `people` are such. */
const renew = async (by: Keeper, people: readonly Keeper[], kind: Kind): Promise<void> => {
  const device = toHex(random.bytes(32)) as DeviceId;
  const all = people.map(({ me }) => ({ user: me.user, keyring: me.keyring.publicKey }));
  const { act, key } = await makeEpoch(crypto, random, by.space.id, kind === 'true' ? all : [], []);
  if (kind === 'true') by.space.replica.keys.set(act.epoch, key);
  const wraps =
    kind === 'false'
      ? await Promise.all(all.map((to) => wrapKey(crypto, by.space.id, random.bytes(32), to)))
      : act.wraps;
  await by.act(
    { type: 'revokeDevice', user: by.user, device, cut: [], signature: await by.me.disowns(device) },
    { ...act, wraps: wraps as Wrap[] },
  );
};

test.each<Kind>(['none', 'false'])(
  '[EP4] a Member who makes a key and gives %s to the others stops nobody: an Admin makes the next',
  async (kind) => {
    const { owner, others } = await company(['admin', 'member', 'member']);
    const [admin, member, bystander] = others as [Keeper, Keeper, Keeper];
    const all = [owner, admin, member, bystander];
    await bystander.write('before');
    await renew(member, all, kind);
    await meet(...all);
    expect(admin.space.replica.currentEpoch()).toBeUndefined();
    expect(await admin.tend()).toBeGreaterThan(0);
    await meet(...all);
    await bystander.write('after');
    await meet(...all);
    expect(owner.titles()).toEqual(['after', 'before']);
    for (const each of all) await each.tend();
    await meet(...all);
    for (const each of all) expect(await each.tend()).toBe(0);
  },
  20_000,
);

test('[EP4] more keys at once than can be written under are followed by one', async () => {
  const { owner, others } = await company(Array.from({ length: 9 }, () => 'member' as const));
  const all = [owner, ...others];
  for (const each of others) await renew(each, all, 'true');
  await meet(...all);
  expect(owner.space.replica.writingEpoch()).toBeUndefined();
  expect(await owner.tend()).toBeGreaterThan(0);
  await meet(...all);
  await (others[0] as Keeper).write('after');
  await meet(...all);
  expect(owner.titles()).toEqual(['after']);
});
