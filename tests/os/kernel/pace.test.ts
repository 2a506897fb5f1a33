import { describe, expect, it } from 'vitest';
import { Calm } from '../../../src/os/kernel/calm';
import { Ended, Pace } from '../../../src/os/kernel/pace';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { Ports } from '../../../src/ports';

/** Work of many steps, each of which takes `stepMs`; tells when each one began. */
const working = (stepMs: number) => {
  const clock = virtualClock(1_000);
  let spent = 0;
  // Work takes time by itself, which virtual time does not.
  const now = () => clock.now() + spent;
  const ports = { clock: { ...clock, now } } as unknown as Ports;
  const calm = new Calm(ports.clock);
  const began: number[] = [];
  const work = async (steps: number): Promise<void> => {
    const pace = new Pace({ ports, calm });
    for (let step = 0; step < steps; step++) {
      began.push(now());
      spent += stepMs;
      await pace.rest();
    }
  };
  return { clock, calm, began, work };
};

describe('work that nobody waits for', () => {
  it('[GW1] gives way to whoever is at work, and goes on once they are not', async () => {
    const { clock, calm, began, work } = working(1);
    void work(100);
    await clock.advance(0);
    const free = began.length;
    expect(free).toBeGreaterThan(4);
    calm.stirred();
    await clock.advance(20);
    const then = began.length;
    for (let key = 0; key < 50; key++) {
      await clock.advance(100);
      calm.stirred();
    }
    expect(began.length).toBe(then);
    await clock.advance(1_900);
    expect(began.length).toBe(then);
    await clock.advance(10_000);
    expect(began).toHaveLength(100);
  });

  it('[GW1] rests after some steps for longer than they took, so that a key between them waits for few', async () => {
    const { clock, began, work } = working(5);
    void work(40);
    await clock.advance(60_000);
    expect(began).toHaveLength(40);
    for (let i = 2; i < began.length; i += 2)
      expect((began[i] as number) - (began[i - 1] as number)).toBeGreaterThanOrEqual(20);
  });

  it('[GW3] ends in its rest when it is ended, without time going on, and does not go on after', async () => {
    const { clock, calm } = working(1);
    const pace = new Pace({ ports: { clock } as unknown as Ports, calm });
    calm.stirred();
    const resting = pace.rest();
    pace.end();
    await expect(resting).rejects.toThrow(Ended);
    await expect(pace.rest()).rejects.toThrow(Ended);
  });

  it('[GW2] is not starved by somebody who never rests', async () => {
    const { clock, calm, began, work } = working(5);
    void work(40);
    for (let key = 0; key < 900; key++) {
      calm.stirred();
      await clock.advance(100);
    }
    expect(began).toHaveLength(40);
  });

  it('[GW1] gives way as long again once it was calm', async () => {
    const { clock, calm, began, work } = working(5);
    void work(400);
    for (let round = 0; round < 3; round++) {
      calm.stirred();
      await clock.advance(100);
      const then = began.length;
      for (let key = 0; key < 300; key++) {
        calm.stirred();
        await clock.advance(100);
      }
      expect(began.length, `round ${round}`).toBe(then);
      await clock.advance(3_000);
      expect(began.length, `round ${round}`).toBeGreaterThan(then);
    }
  });

  it('[GW2] is stopped by no clock that was set back', async () => {
    let now = 1_000_000;
    const waits: number[] = [];
    const after = (ms: number, run: () => void): (() => void) => {
      waits.push(ms);
      run();
      return () => {};
    };
    const ports = { clock: { now: () => now, after } } as unknown as Ports;
    const calm = new Calm(ports.clock);
    const pace = new Pace({ ports, calm });
    calm.stirred();
    now = 1_000;
    await pace.rest();
    expect(waits).toEqual([200]);
  });
});
