/** What moved over the links of the fake client, and the neighbours of its large space. */
import type { NeighbourhoodRow, TrafficAnswer } from '../../src/bridge/messages';

const SLOT = 10_000;
const counted = (messages: number, bytes: number) => ({ messages, bytes });

export const trafficOf = (now: number, online: boolean): TrafficAnswer => ({
  slotMs: SLOT,
  slots: Array.from({ length: online ? 60 : 0 }, (_, n) => ({
    at: (Math.floor(now / SLOT) - 59 + n) * SLOT,
    sent: Math.round(6_000 * (1 + Math.sin(n / 4)) ** 2),
    received: Math.round(9_000 * (1 + Math.cos(n / 7)) ** 3),
  })),
  kinds: online
    ? [
        { kind: 'changes', sent: counted(214, 98_000), received: counted(1_320, 640_000) },
        { kind: 'files', sent: counted(12, 1_150_000), received: counted(96, 17_600_000) },
        { kind: 'receipts', sent: counted(88, 14_000), received: counted(91, 15_000) },
        { kind: 'link', sent: counted(700, 22_000), received: counted(690, 21_000) },
      ]
    : [],
  recipients: online
    ? [
        {
          deviceId: 'p2',
          kinds: [
            { kind: 'changes', ...counted(214, 98_000) },
            { kind: 'files', ...counted(12, 1_150_000) },
          ],
        },
        { deviceId: 'p0aa11bb22cc', kinds: [{ kind: 'changes', ...counted(180, 81_000) }] },
      ]
    : [],
  sends: Array.from({ length: online ? 30 : 0 }, (_, n) => ({
    id: `t${n}`,
    at: now - n * 40_000,
    deviceId: n % 3 === 0 ? 'p0aa11bb22cc' : 'p2',
    spaceId: 's1',
    title: 'Harbour',
    kind: n % 5 === 0 ? 'files' : n % 2 === 0 ? 'receipts' : 'changes',
    ...counted(1 + (n % 4), 312 * (1 + n)),
  })),
});

export const neighbourhoods: readonly NeighbourhoodRow[] = [
  {
    id: 's1',
    spaceId: 's1',
    title: 'Harbour',
    known: 31,
    neighbours: [
      { deviceId: 'p0aa11bb22cc', gets: 'entries' },
      { deviceId: 'p1', gets: 'announcements' },
      { deviceId: 'p3cc44dd55ee', gets: 'announcements' },
    ],
  },
];
