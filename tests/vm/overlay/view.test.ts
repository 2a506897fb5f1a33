/** The view: who becomes neighbour, and who does not however they try. Each attack is run with its defence off as well. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import type { DeviceId } from '../../../src/vm/op/ids';
import { rankOf, saltOf } from '../../../src/vm/overlay/rank';
import { VIEW_RULES, View, type ViewOutput, type ViewRules } from '../../../src/vm/overlay/view';

const idOf = (n: number): DeviceId => n.toString(16).padStart(64, '0') as DeviceId;
const RANDOM = (): number => 0.5;
const peer = (n: number, rank: number, user = `u${n}`) => ({ device: idOf(n), user, rank });
const named = (outputs: readonly ViewOutput[], type: ViewOutput['type']): readonly DeviceId[] =>
  outputs.flatMap((output) => (output.type === type ? [output.device] : []));
/** It links, and both sides say yes. */
const join = (view: View, n: number, rank: number, now = 0, user = `u${n}`): readonly ViewOutput[] => [
  ...view.met(peer(n, rank, user), true, now),
  ...view.said(idOf(n), true, now, 0.5),
];
/** Eight neighbours that came by themselves, of ranks 0.3 to 0.37. */
const fullView = (rules: Partial<ViewRules> = {}): View => {
  const view = new View({ ...VIEW_RULES, ...rules });
  for (let n = 1; n <= 8; n++) join(view, n, 0.29 + n / 100);
  return view;
};

describe('rank', () => {
  test('[OV1] both ends reckon the same rank, another salt gives another one, and nobody ranks well with many', () => {
    const key = new Uint8Array(32).fill(7);
    const salt = saltOf(key, 0);
    expect(rankOf(salt, idOf(1), idOf(2))).toBe(rankOf(salt, idOf(2), idOf(1)));
    expect(saltOf(key, 8 * 86_400_000)).not.toEqual(salt);
    expect(rankOf(saltOf(new Uint8Array(32), 0), idOf(1), idOf(2))).not.toBe(rankOf(salt, idOf(1), idOf(2)));
    const ranks = Array.from({ length: 400 }, (_, n) => rankOf(salt, idOf(7), idOf(n + 10)));
    expect(Math.min(...ranks)).toBeGreaterThanOrEqual(0);
    expect(ranks.filter((rank) => rank < 0.1).length).toBeLessThan(70);
    expect(ranks.filter((rank) => rank < 0.5).length).toBeGreaterThan(150);
  });
});

describe('the gate', () => {
  test('[OV2] while there is room, everybody is a neighbour', () => {
    const view = fullView();
    expect(view.neighbours).toHaveLength(8);
    expect(view.others(0)).toBe(8);
  });

  test('[OV3] a full view takes nobody but for a rank well below its worst, and then that one goes', () => {
    const view = fullView();
    expect(view.asked(peer(20, 0.36), 0)).toBe(true); // as a guest
    expect(named(join(view, 20, 0.36), 'neighbour')).toEqual([]);
    const outputs = join(view, 21, 0.37 * 0.8 - 0.01);
    expect(named(outputs, 'leave')).toEqual([idOf(8)]);
    expect(view.isNeighbour(idOf(21))).toBe(true);
    expect(view.neighbours).toHaveLength(8);
  });

  test('[OV12] while links are scarce four neighbours are enough and guests are turned away; while there are none, everybody', () => {
    const dialled = (room: View['room']): number => {
      const view = new View();
      view.room = room;
      for (let n = 1; n <= 20; n++) view.heard({ ...peer(n, n / 100), at: 0, via: undefined }, 0);
      for (let now = 0; now < 20_000; now += 1_000)
        for (const { device } of view.tick(now, () => 0.99).filter(({ type }) => type === 'dial')) {
          const n = Number.parseInt(device, 16);
          join(view, n, n / 100, now);
        }
      return view.neighbours.length;
    };
    expect([dialled('wide'), dialled('scarce'), dialled('none')]).toEqual([8, 4, 0]);
    const view = fullView();
    view.room = 'scarce';
    expect(view.asked(peer(20, 0.36), 0)).toBe(false);
    expect(view.asked(peer(20, 0.1), 0)).toBe(true);
    expect(named(join(view, 20, 0.1), 'leave')).toHaveLength(1);
    view.room = 'none';
    expect(view.asked(peer(21, 0.01), 0)).toBe(false);
    expect(view.neighbours).toHaveLength(8);
  });

  test('[T49] whoever dials without end gets no place by it; without the gate they do', () => {
    const press = (view: View): number => {
      const random = seededRandom(1);
      // Insiders of ordinary ranks, each trying again and again.
      const ranks = Array.from({ length: 40 }, () => 0.3 + 0.7 * random.next());
      for (let round = 0; round < 20; round++)
        for (const [i, rank] of ranks.entries()) {
          const now = round * 5_000 + i;
          if (view.asked(peer(100 + i, rank), now)) join(view, 100 + i, rank, now);
          view.tick(now, RANDOM);
        }
      return view.neighbours.filter((device) => device >= idOf(100)).length;
    };
    expect(press(fullView())).toBe(0);
    expect(press(fullView({ hysteresis: Number.POSITIVE_INFINITY }))).toBeGreaterThan(2);
  });

  test('[OV11] of guests there are two at a time, and not for ever', () => {
    const view = fullView();
    expect([1, 2, 3].map((n) => view.asked(peer(30 + n, 0.9), 0))).toEqual([true, true, false]);
    for (const n of [31, 32]) view.met(peer(n, 0.9), true, 10);
    expect(named(view.met(peer(33, 0.9), true, 10), 'leave')).toEqual([idOf(33)]);
    expect(named(view.tick(44_000, RANDOM), 'leave')).toEqual([]);
    expect(named(view.tick(46_000, RANDOM), 'leave')).toEqual([idOf(31), idOf(32)]);
  });

  test('[OV3] who was taken and does not take us is no neighbour', () => {
    const view = new View();
    view.met(peer(1, 0.1), true, 0);
    expect(view.neighbours).toEqual([]);
    view.said(idOf(1), false, 0, 0.5);
    expect(view.neighbours).toEqual([]);
  });

  test('[OV4] of one user one device is a neighbour; without the quota all are', () => {
    const count = (rules: Partial<ViewRules>): number => {
      const view = new View({ ...VIEW_RULES, ...rules });
      for (let n = 1; n <= 6; n++) join(view, n, 0.5 - n / 100, 0, 'same');
      return view.neighbours.length;
    };
    expect(count({})).toBe(1);
    expect(count({ neighboursOfUser: 8 })).toBe(6);
  });

  test('[OV4] whoever comes takes no place of those that we chose, while they are half of the view', () => {
    const view = new View();
    for (let n = 1; n <= 4; n++) {
      view.heard({ ...peer(n, 0.5 + n / 100), at: 0 }, 0);
      const dialled = named([...view.tick(n, RANDOM), ...view.tick(n, RANDOM)], 'dial');
      for (const device of dialled) join(view, Number.parseInt(device, 16), 0.5 + n / 100);
    }
    for (let n = 11; n <= 14; n++) join(view, n, 0.6);
    for (let n = 21; n <= 60; n++) join(view, n, 0.001 + n / 10_000);
    expect([1, 2, 3, 4].filter((n) => view.isNeighbour(idOf(n)))).toEqual([1, 2, 3, 4]);
  });
});

describe('whom it dials', () => {
  test('[OV5] presence that is stale is not dialled, nor one of the future; without expiry the dead are', () => {
    const dialled = (rules: Partial<ViewRules>): number => {
      const view = new View({ ...VIEW_RULES, ...rules });
      view.heard({ ...peer(1, 0.1), at: 0 }, 40_000);
      view.heard({ ...peer(2, 0.1), at: 900_000 }, 40_000);
      view.heard({ ...peer(3, 0.2), at: 39_000 }, 40_000);
      return named(view.tick(40_000, RANDOM), 'dial').length;
    };
    expect(dialled({})).toBe(1);
    expect(dialled({ freshMs: 1e9 })).toBe(2);
  });

  test('[T51] [OV6] of what one peer tells of strangers four are believed a minute; without the limit it fills the view', () => {
    const share = (rules: Partial<ViewRules>): number => {
      const view = new View({ ...VIEW_RULES, ...rules });
      for (let n = 1; n <= 30; n++) view.heard({ ...peer(n, n / 100), at: 0 }, 0);
      for (let n = 100; n < 400; n++) view.heard({ ...peer(n, 0.0001 * n), at: 1, via: idOf(99) }, 1);
      const known = [...view.known(1)];
      return known.filter(({ device }) => device < idOf(99)).length / known.length;
    };
    expect(share({})).toBeGreaterThan(0.7);
    expect(share({ believed: 1_000 })).toBeLessThan(0.5);
  });

  test('[OV7] of one user four devices are known', () => {
    const view = new View();
    for (let n = 1; n <= 30; n++) view.heard({ ...peer(n, 0.5, 'same'), at: 0 }, 0);
    expect([...view.known(0)]).toHaveLength(4);
  });

  test('[OV8] three dials at once, two within a second; who failed is left alone for longer each time', () => {
    const view = new View();
    for (let n = 1; n <= 9; n++) view.heard({ ...peer(n, n / 10), at: 0 }, 0);
    expect(named(view.tick(0, RANDOM), 'dial')).toEqual([idOf(1), idOf(2)]);
    expect(named(view.tick(1_000, RANDOM), 'dial')).toEqual([idOf(3)]);
    expect(named(view.tick(2_000, RANDOM), 'dial')).toEqual([]);
    view.lost(idOf(1), 2_000, 0.5);
    expect(named(view.tick(3_000, RANDOM), 'dial')).toEqual([idOf(4)]);
    const alone = new View();
    const dialledAt: number[] = [];
    for (let now = 0; now < 600_000; now += 1_000) {
      alone.heard({ ...peer(1, 0.1), at: now }, now);
      if (named(alone.tick(now, RANDOM), 'dial').length > 0) {
        dialledAt.push(now);
        alone.lost(idOf(1), now, 0.5);
      }
    }
    const pauses = dialledAt.slice(1).map((at, i) => at - (dialledAt[i] as number));
    expect(pauses.length).toBeGreaterThan(2);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBeGreaterThanOrEqual(30_000);
  });

  test('[OV8] neighbours of the last run are dialled first and keep their places', () => {
    const view = new View(VIEW_RULES, [idOf(9)]);
    for (let n = 1; n <= 9; n++) view.heard({ ...peer(n, n / 10), at: 0 }, 0);
    expect(named(view.tick(0, RANDOM), 'dial')[0]).toBe(idOf(9));
    join(view, 9, 0.9);
    for (let n = 21; n <= 60; n++) join(view, n, n / 1_000);
    expect(view.isNeighbour(idOf(9))).toBe(true);
    expect(view.anchors).toContain(idOf(9));
  });

  test('[OV10] somebody by lot is linked each minute, is no neighbour, and is left again', () => {
    const view = fullView();
    let felt = 0;
    for (let now = 0; now < 300_000; now += 1_000) {
      view.heard({ ...peer(50, 0.99), at: now }, now);
      const outputs = view.tick(now, RANDOM);
      // None of those that came was chosen: it looks for some of its own, in vain.
      if (outputs.some((output) => output.type === 'dial' && output.why === 'view')) view.lost(idOf(50), now, 0.5);
      if (outputs.some((output) => output.type === 'dial' && output.why === 'feel')) {
        felt++;
        expect(view.met(peer(50, 0.99), true, now)).toEqual([{ type: 'say', device: idOf(50), taken: false }]);
      }
    }
    expect(felt).toBeGreaterThanOrEqual(3);
    expect(view.isNeighbour(idOf(50))).toBe(false);
  });
});

describe('blame', () => {
  test('[OV9] who broke four promises within ten minutes is left and stays out, for longer each time', () => {
    const view = fullView();
    for (let i = 0; i < 3; i++) expect(view.fault(idOf(1), 'promise', i)).toEqual([]);
    expect(named(view.fault(idOf(1), 'promise', 3), 'leave')).toEqual([idOf(1)]);
    expect(view.asked(peer(1, 0.01), 59_000)).toBe(false);
    expect(view.asked(peer(1, 0.01), 61_000)).toBe(true);
    view.fault(idOf(1), 'invalid', 61_000);
    expect(view.asked(peer(1, 0.01), 61_000 + 119_000)).toBe(false);
    expect(view.asked(peer(1, 0.01), 61_000 + 121_000)).toBe(true);
  });

  test('[OV9] faults that lie far apart are forgiven, and a fault makes a rank worse', () => {
    const view = fullView();
    for (let i = 0; i < 10; i++) expect(view.fault(idOf(2), 'rate', i * 400_000)).toEqual([]);
    const blamed = fullView();
    for (const at of [0, 1]) blamed.fault(idOf(1), 'promise', at);
    // The best of all ranks, but five times as bad now: the worst of them.
    expect(named(join(blamed, 40, 0.29), 'leave')).toEqual([idOf(1)]);
  });
});
