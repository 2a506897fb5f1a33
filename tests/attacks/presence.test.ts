/** Words about who is here and where their cursor is, in the name of others. */
import { expect, test } from 'vitest';
import { concat, utf8 } from '../../src/base/bytes';
import { encode } from '../../src/base/codec';
import { Names } from '../../src/os/kernel/names';
import { EVERYWHERE, Presence } from '../../src/os/kernel/presence';
import type { Identity } from '../../src/os/rights/identity';
import { hlcOf } from '../../src/vm/op/clock';
import type { DeviceId } from '../../src/vm/op/ids';
import { ephemeralCodec } from '../../src/vm/sync/messages';
import { crypto, newPerson, random } from '../support/insider';
import { counted, type Stage, stage } from '../support/stage';
import { credulous, type Weaken } from '../support/weak';

/** A word that `signer` signs and says is `device`'s. */
const wordOf = async ({ tab, key }: Stage, signer: Identity, device: DeviceId, state: unknown, at = Date.now()) => {
  const sealing = tab.space.replica.writingKey(tab.space.replica.outline);
  if (!sealing) throw new Error(`The tab has no key for ${key.epoch}`);
  const nonce = random.bytes(12);
  const plain = utf8(JSON.stringify(state));
  const sealed = await crypto.seal(sealing.key, nonce, plain, utf8(`lgos/ephemeral/1${EVERYWHERE}`));
  const hlc = hlcOf(at);
  const unsigned = {
    container: EVERYWHERE,
    device,
    epoch: sealing.epoch,
    hlc,
    nonce,
    sealed,
    signature: new Uint8Array(64),
  };
  const signed = concat(utf8('lgos/ephemeral/1\0'), encode(ephemeralCodec, unsigned));
  return encode(ephemeralCodec, { ...unsigned, signature: await crypto.sign(signer.key.handle, signed) });
};
const play = async (weaken?: Weaken) => {
  const scene = await stage(weaken);
  const { tab, people } = scene;
  const presence = new Presence(
    tab.context,
    () => {},
    () => {},
    new Names(),
  );
  const shown = () => presence.in(tab.space, EVERYWHERE).map(({ device, state }) => [device, state]);
  const hear = async (payload: Uint8Array): Promise<void> => presence.received(tab.space, payload);
  return { scene, people, presence, shown, hear, tab };
};

test("[T47] a cursor in another's name is not shown; with signatures unchecked it is", async () => {
  const { scene, people, presence, shown, hear, tab } = await play();
  const own = await wordOf(scene, people.member, people.member.device, { at: 1 });
  await hear(own);
  expect(shown()).toEqual([[people.member.device, { at: 1 }]]);
  await hear(await wordOf(scene, people.member, people.admin.device, { at: 2 }));
  for (let i = 0; i < own.length; i += 3) {
    const damaged = Uint8Array.from(own);
    damaged[i] = (damaged[i] as number) ^ 1;
    await hear(damaged);
  }
  expect(shown()).toEqual([[people.member.device, { at: 1 }]]);
  expect(counted(tab, /refused\.forgedPresence/)).toBeGreaterThan(10);
  presence.close();

  const weak = await play(credulous);
  await weak.hear(await wordOf(weak.scene, weak.people.member, weak.people.admin.device, { at: 2 }));
  expect(weak.shown()).toEqual([[weak.people.admin.device, { at: 2 }]]);
  weak.presence.close();
});

test('[T47] whoever was removed or never in is nowhere, also with the key of the space; where all are taken for members they are', async () => {
  const { scene, people, presence, shown, hear } = await play();
  const stranger = await newPerson();
  for (const who of [people.none, stranger]) await hear(await wordOf(scene, who, who.device, { at: 3 }));
  expect(shown()).toEqual([]);
  presence.close();

  const weak = await play(({ space }) => {
    Object.assign(space.replica.rights, { userOf: () => 'f'.repeat(64), role: () => 'member' });
  });
  await weak.hear(await wordOf(weak.scene, stranger, stranger.device, { at: 3 }));
  expect(weak.shown()).toEqual([[stranger.device, { at: 3 }]]);
  weak.presence.close();
});

test('[T47] an older word does not come back after a later one', async () => {
  const { scene, people, presence, shown, hear } = await play();
  const first = await wordOf(scene, people.member, people.member.device, { at: 1 });
  await hear(await wordOf(scene, people.member, people.member.device, { at: 2 }, Date.now() + 1_000));
  await hear(first);
  expect(shown()).toEqual([[people.member.device, { at: 2 }]]);
  presence.close();
});
