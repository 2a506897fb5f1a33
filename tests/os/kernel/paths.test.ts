/** Which way a node is reached. Whole kernels: tests/sim/paths.test.ts. */
import { expect, it } from 'vitest';
import { linkPath, neighboursOf } from '../../../src/os/kernel/paths';
import type { DeviceId } from '../../../src/vm/op/ids';

it('a link says what its channel is, who is at its end, and what was measured of its way', () => {
  const tab = { kind: 'tab', medium: 'direct' } as const;
  const beacon = { kind: 'beacon', medium: 'direct' } as const;
  expect(linkPath({ ...tab, route: undefined })).toBe('direct');
  expect(linkPath({ ...tab, route: 'host' })).toBe('direct');
  expect(linkPath({ ...tab, route: 'nat' })).toBe('nat');
  expect(linkPath({ ...tab, route: 'turn' })).toBe('turn');
  expect(linkPath({ ...beacon, route: 'nat' })).toBe('beaconRtc');
  expect(linkPath({ ...beacon, route: 'turn' })).toBe('turn');
  expect(linkPath({ ...beacon, medium: 'relayed', route: undefined })).toBe('beacon');
});

it('whoever is heard and not linked is behind the linked neighbour that passed it on, and nobody once that is gone', () => {
  const [a, b, c] = ['a', 'b', 'c'] as unknown as readonly [DeviceId, DeviceId, DeviceId];
  const heard = [
    { device: a, via: a },
    { device: b, via: a },
    { device: c, via: b },
  ];
  expect([...neighboursOf(heard, (device) => device === a)]).toEqual([[b, a]]);
  expect([...neighboursOf(heard, () => false)], 'their own link fell').toEqual([]);
});
