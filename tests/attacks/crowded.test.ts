/** A beacon all of whose places somebody takes. */
import { afterEach, expect, test } from 'vitest';
import { MAX_LINKS } from '../../src/os/kernel/network';
import { whoGivesWay } from '../../src/os/kernel/yielding';
import { BEACON_URL, createFleet, until } from '../support/fleet';
import { newPerson, RawLink } from '../support/insider';

const { beacon: places } = MAX_LINKS;
afterEach(() => {
  Object.assign(MAX_LINKS, { beacon: places });
});

test('[PL1] whoever takes all places of a beacon leaves a fair share to whoever comes from elsewhere, and no member goes; where each comes from a network of its own who comes later stays out', async () => {
  Object.assign(MAX_LINKS, { beacon: 8 });
  const fleet = await createFleet();
  const member = await fleet.tab('member');
  await until(() => fleet.beacon.hosted().length === 1, 'its space is kept');
  const come = async (name: string): Promise<RawLink> => {
    const link = new RawLink(fleet.network.transport(name), BEACON_URL, await newPerson());
    await until(() => link.ready ?? link.closed, 'a link');
    return link;
  };
  const flood = async (network: (i: number) => string): Promise<readonly RawLink[]> => {
    const links: RawLink[] = [];
    for (let i = 0; i < 12; i++) links.push(await come(`${network(i)}/${i}`));
    return links;
  };
  const open = (links: readonly RawLink[]): number => links.filter(({ closed }) => closed === undefined).length;
  const closings = () => fleet.beacon.stats()['refused.tooManyLinks'];

  const first = await flood((i) => `flood ${i % 2}`);
  await until(() => open(first) === 7, 'all places are taken');
  const late = [await come('home'), await come('office')];
  const again = await flood((i) => `flood ${i % 2}`);
  await until(() => open([...first, ...again]) === 5, 'they have the rest');
  expect(open(late)).toBe(2);
  expect(closings()).toBe(12 + 12 + 2 - 7);

  for (const link of [...first, ...again, ...late]) link.close();
  const apart = await flood((i) => `flood ${i}`);
  await until(() => open(apart) === 7, 'all places are taken again');
  const out = await come('home');
  await until(() => out.closed, 'there is none for it');
  const { id } = await member.createSpace({ title: 'Still there', kind: 'team' });
  await until(() => fleet.beacon.hosted().includes(id as never), 'the member is linked');
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

test('[PL2] of one network strangers who have been there go first, then whoever came last, members last', () => {
  const linkOf = (name: string, i: number) => ({ name, openedAt: i * 1_000, options: { network: name[0] } });
  const gives = (text: string, now: number): string => {
    const [first = '', ...others] = text.split(' ');
    const links = [linkOf(first, 0), ...others.map((name, i) => linkOf(name, i + 1))] as const;
    return whoGivesWay([...links], now, ({ name }) => name.endsWith('m')).name;
  };
  expect(gives('a1 b1 a2m b2 b3m', 5_000)).toBe('b2');
  expect(gives('a1 b1 b2 b3m', 40_000)).toBe('b2');
  expect(gives('a1 b1 b2 b3', 32_500)).toBe('b2');
  expect(gives('a1m b1m b2m', 40_000)).toBe('b2m');
  // As many of each: strangers who have been there make room for whoever comes.
  expect(gives('a1m b1 c1', 31_500)).toBe('b1');
  expect(gives('a1m b1m c1', 40_000)).toBe('c1');
});
