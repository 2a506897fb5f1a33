/** Beacons that an Admin names or takes away, and what members' nodes do about it by themselves. */
import { expect, test } from 'vitest';
import { Beacons } from '../../src/os/kernel/beacons';
import { Network } from '../../src/os/kernel/network';
import { Reach } from '../../src/os/kernel/reach';
import type { Stating } from '../../src/os/kernel/stating';
import { Tenancy } from '../../src/os/kernel/tenancy';
import type { Channel } from '../../src/ports';
import type { Entry } from '../../src/vm/op/entry';
import type { DeviceId } from '../../src/vm/op/ids';
import { nodeOf, take, testClock } from '../support/halves';
import { type Held, heard } from '../support/insider';
import { stage } from '../support/stage';

const deviceOf = (n: number) => n.toString(16).padStart(64, '0') as DeviceId;
const named = (n: number) => ({ device: deviceOf(n), url: `wss://b${n}.example/link`, name: `b${n}` });

/** A tab with links that never open. */
const dialling = ({ context, space }: Held) => {
  const dialled: string[] = [];
  const channel = { send: () => {}, close: () => {} } as unknown as Channel<Uint8Array>;
  const dialLink = (url: string): Channel<Uint8Array> => {
    dialled.push(url);
    return channel;
  };
  Object.assign(context.ports, { transport: { dialLink } });
  const spaces = new Map([[space.id, space]]);
  const stating = { due: () => {} } as unknown as Stating;
  const network = new Network(context, spaces, stating, { unlinked: () => {} } as never);
  const beacons = new Beacons(context, network);
  const parts = { transport: context.ports.transport, network, beacons, spaces } as never;
  const reach = new Reach(parts, { kind: 'tab', links: 'relay' });
  beacons.setOnline(true);
  return { network, reach, dialled, channel };
};

test('[HO1] an Admin who names beacons by the hundred takes neither the beacons of other spaces nor the links between tabs', async () => {
  const here = await stage();
  const clock = testClock();
  const node = await nodeOf(here, 'member', clock);
  const { network, reach, dialled, channel } = dialling(node);
  const acts = Array.from({ length: 60 }, (_, n) => ({ type: 'relay', ...named(n) }) as const);
  await take(node, [await here.authors.admin.act([here.head], acts)]);
  expect(node.space.replica.rights.relays().size).toBe(60);
  reach.knowRelays(node.space);
  expect(dialled.length).toBe(8);
  // One that another space needs.
  reach.know(named(99));
  expect(dialled.at(-1)).toBe(named(99).url);
  // As many between tabs as without them.
  for (let i = 0; i < 40; i++) network.open({ path: 'direct' }, () => channel);
  expect([...network.links].filter(({ options }) => options.path === 'direct').length).toBe(32);
  network.close();
});

test('[HO2] what was taken back is not granted again, and what does not count is granted once', async () => {
  const here = await stage();
  const clock = testClock();
  for (const takesBack of [true, false]) {
    const node = await nodeOf(here, 'owner', clock);
    const { rights } = node.space.replica;
    const beacon = named(1);
    const link = { ready: { device: beacon.device, kind: 'beacon' }, send: () => true };
    const network = { links: new Set([link]), session: () => undefined } as never;
    const facts = { spaces: new Map(), view: { personal: () => undefined }, beacon, isSeeking: () => false };
    const tenancy = new Tenancy(node.context, network, facts, () => {});
    const { act } = node.space;
    let signed = 0;
    node.space.act = async (...args) => {
      signed++;
      if (signed > 20) throw new Error('without end');
      const done = await act.apply(node.space, args);
      tenancy.rightsChanged(node.space);
      return done;
    };
    if (takesBack) {
      tenancy.rightsChanged(node.space);
      await clock.advance(10);
      expect(rights.relays().has(beacon.device)).toBe(true);
      const granted = [...node.space.replica.entries.values()].at(-1) as Entry;
      heard(granted);
      await take(node, [await here.authors.admin.act([granted.id], [{ type: 'unrelay', device: beacon.device }])]);
      expect(rights.relays().has(beacon.device)).toBe(false);
    } else rights.relays = () => new Map();
    // Also after a start.
    const again = new Tenancy(node.context, network, facts, () => {});
    for (const one of takesBack ? [tenancy, again] : [tenancy])
      for (let i = 0; i < 5; i++) {
        one.rightsChanged(node.space);
        await clock.advance(10);
      }
    expect(signed).toBe(1);
  }
});
