/** What the statistics of a connection say of its way; real ones: tests/browser/rtc.test.ts. */
import { expect, it } from 'vitest';
import { routeOf } from '../../src/platform/browser/route';

const report = (local: string, remote: string, chosenBy: 'transport' | 'pair' = 'transport') => [
  ...(chosenBy === 'transport' ? [{ id: 'T', type: 'transport', selectedCandidatePairId: 'P' }] : []),
  { id: 'O', type: 'candidate-pair', localCandidateId: 'H', remoteCandidateId: 'H', selected: false },
  { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R', selected: chosenBy === 'pair' },
  { id: 'H', type: 'local-candidate', candidateType: 'host' },
  { id: 'L', type: 'local-candidate', candidateType: local },
  { id: 'R', type: 'remote-candidate', candidateType: remote },
];

it.each(['transport', 'pair'] as const)('[RO1] the chosen pair says it, named by its %s', (chosenBy) => {
  const of = (local: string, remote: string) => routeOf(report(local, remote, chosenBy));
  expect(of('host', 'host')).toBe('host');
  expect(of('host', 'prflx')).toBe('host');
  for (const [local, remote] of [
    ['srflx', 'host'],
    ['prflx', 'host'],
    ['host', 'srflx'],
    ['srflx', 'prflx'],
  ] as const)
    expect(of(local, remote)).toBe('nat');
  for (const other of ['host', 'srflx', 'prflx', 'relay']) {
    expect(of('relay', other)).toBe('turn');
    expect(of(other, 'relay')).toBe('turn');
  }
});

it('[RO1] where no pair is named, or not what it is of, nothing is said', () => {
  expect(routeOf([])).toBeUndefined();
  expect(routeOf(report('host', 'host').slice(1))).toBeUndefined();
  expect(routeOf(report('host', 'host').slice(0, 4))).toBeUndefined();
});
