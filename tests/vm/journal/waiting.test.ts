import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import {
  ancestorsOf,
  MAX_WAITING_BYTES,
  MAX_WAITING_BYTES_PER_DEVICE,
  MAX_WAITING_PER_DEVICE,
  Waiting,
} from '../../../src/vm/journal/waiting';
import type { Entry } from '../../../src/vm/op/entry';
import type { EntryId } from '../../../src/vm/op/ids';
import { chainOf, deviceNamed, entryOf, idNamed } from './entries';

describe('waiting entries', () => {
  it('names each ancestor once: predecessor, rights, dependencies, no zeros', () => {
    const [a, b] = [idNamed('a'), idNamed('b')];
    expect(ancestorsOf(entryOf({}))).toEqual([]);
    expect(ancestorsOf(entryOf({ seq: 1, prev: a, aclRef: b, deps: [a, b] }))).toEqual([a, b]);
  });

  it('releases an entry when the last of its ancestors comes, and not before', () => {
    const waiting = new Waiting();
    const entry = entryOf({ seq: 1 });
    expect(waiting.waitFor(entry, [idNamed('a'), idNamed('b')])).toEqual([]);
    expect(waiting.missing()).toEqual([idNamed('a'), idNamed('b')]);
    expect(waiting.released(idNamed('a'))).toEqual([]);
    expect(waiting.released(idNamed('c'))).toEqual([]);
    expect(waiting.released(idNamed('b'))).toEqual([entry]);
    expect([waiting.size, waiting.bytes, waiting.missing()]).toEqual([0, 0, []]);
  });

  it('asks only for ancestors that are not waiting themselves', () => {
    const waiting = new Waiting();
    const [first, second] = chainOf(3).slice(1) as [Entry, Entry];
    waiting.waitFor(first, [first.header.prev]);
    waiting.waitFor(second, [first.id]);
    expect(waiting.missing()).toEqual([first.header.prev]);
  });

  it('takes an entry once, and none that misses nothing', () => {
    const waiting = new Waiting();
    const entry = entryOf({ seq: 1 });
    waiting.waitFor(entry, [idNamed('a')]);
    waiting.waitFor(entry, [idNamed('b')]);
    waiting.waitFor(entryOf({ seq: 2 }), []);
    expect(waiting.size).toBe(1);
    expect(waiting.released(idNamed('a'))).toEqual([entry]);
  });

  it('drops the oldest of the device beyond 64 entries, and leaves other devices alone', () => {
    const waiting = new Waiting();
    const other = entryOf({ device: deviceNamed('two'), seq: 1 });
    waiting.waitFor(other, [idNamed('x')]);
    const entries = chainOf(MAX_WAITING_PER_DEVICE + 3);
    const dropped = entries.flatMap((entry) => waiting.waitFor(entry, [idNamed('x')]));
    expect(dropped).toEqual(entries.slice(0, 3));
    expect(waiting.released(idNamed('x'))).toEqual([other, ...entries.slice(3)]);
  });

  it('drops the oldest of the device beyond a mebibyte', () => {
    const waiting = new Waiting();
    const entries = chainOf(20, { body: new Uint8Array(64 * 1024) });
    const dropped = entries.flatMap((entry) => waiting.waitFor(entry, [idNamed('x')]));
    expect(dropped).toEqual(entries.slice(0, 5));
    expect(waiting.bytes).toBeLessThanOrEqual(MAX_WAITING_BYTES_PER_DEVICE);
  });

  it('drops the oldest of the space beyond 16 mebibytes, however many devices share it', () => {
    const waiting = new Waiting();
    const body = new Uint8Array(64 * 1024);
    const entries = Array.from({ length: 300 }, (_, i) =>
      entryOf({ device: deviceNamed(`d${i % 30}`), seq: 1 + Math.floor(i / 30), prev: idNamed(`p${i}`), body }),
    );
    const dropped = entries.flatMap((entry) => waiting.waitFor(entry, [entry.header.prev]));
    expect(dropped.length).toBe(300 - waiting.size);
    expect(dropped).toEqual(entries.slice(0, dropped.length));
    expect(waiting.bytes).toBeLessThanOrEqual(MAX_WAITING_BYTES);
    expect(waiting.bytes).toBeGreaterThan(MAX_WAITING_BYTES - 70_000);
  });

  it('in any order of arrival, admits all in an order where ancestors come first, and holds nothing at the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 60 }), (seed, count) => {
        const random = seededRandom(seed);
        const graph: Entry[] = [];
        for (let i = 0; i < count; i++) {
          const earlier = random
            .shuffle(graph)
            .slice(0, random.below(4))
            .map(({ id }) => id)
            .sort();
          graph.push(entryOf({ device: deviceNamed(`d${i % 5}`), seq: i, prev: idNamed('none'), deps: earlier }));
        }
        const waiting = new Waiting();
        const admitted = new Set<EntryId>();
        const admit = (entry: Entry): void => {
          for (const dep of entry.header.deps) expect(admitted.has(dep)).toBe(true);
          expect(admitted.has(entry.id)).toBe(false);
          admitted.add(entry.id);
          for (const ready of waiting.released(entry.id)) admit(ready);
        };
        for (const entry of random.shuffle(graph)) {
          const missing = entry.header.deps.filter((dep) => !admitted.has(dep));
          if (missing.length > 0) waiting.waitFor(entry, missing);
          else admit(entry);
        }
        expect(admitted.size).toBe(count);
        expect([waiting.size, waiting.bytes, waiting.missing()]).toEqual([0, 0, []]);
      }),
      { numRuns: 80, seed: 3 },
    );
  });
});
