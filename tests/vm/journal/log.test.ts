import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { EntryLog } from '../../../src/vm/journal/log';
import { hlcOf } from '../../../src/vm/op/clock';
import type { Entry } from '../../../src/vm/op/entry';
import { chainOf, deviceNamed, entryOf, idNamed } from './entries';

const chain = chainOf(40);
const at = (seq: number) => chain[seq] as Entry;
const logOf = (length: number): EntryLog => {
  const log = new EntryLog(at(0).log);
  for (const entry of chain.slice(0, length))
    expect(log.append(entry)).toEqual({ ok: true, value: { fork: undefined } });
  return log;
};

describe('a log', () => {
  it('takes a chain from 0 without gaps and knows its head', () => {
    const log = logOf(5);
    expect([log.length, log.headId, log.headTime]).toEqual([5, at(4).id, at(4).header.hlc]);
    expect(log.slice(1, 3)).toEqual([at(1), at(2)]);
    expect(log.at(9)).toBeUndefined();
  });

  it('names the missing range at a gap', () => {
    expect(logOf(2).append(at(7))).toEqual({ ok: false, error: { type: 'gap', from: 2, to: 7 } });
  });

  it('calls the same entry a duplicate, also under another signature', () => {
    const log = logOf(3);
    expect(log.append(at(1))).toEqual({ ok: false, error: { type: 'duplicate' } });
    expect(log.append({ ...at(1), signature: new Uint8Array(64) })).toEqual({
      ok: false,
      error: { type: 'duplicate' },
    });
  });

  it('[LG1] keeps both branches of a fork and gives two entries as evidence', () => {
    const log = logOf(3);
    const other = entryOf({ seq: 1, prev: at(0).id, body: Uint8Array.of(2) });
    const more = entryOf({ seq: 2, prev: other.id, body: Uint8Array.of(2) });
    expect(log.append(more)).toEqual({ ok: false, error: { type: 'badPrev', prev: other.id } });
    expect(log.append(other)).toEqual({ ok: true, value: { fork: { a: at(1), b: other } } });
    expect([log.length, log.size, log.forkedAt, log.headId]).toEqual([3, 4, 1, at(2).id]);
    expect(log.append(more).ok).toBe(true);
    expect(log.slice(1)).toEqual(expect.arrayContaining([at(1), at(2), other, more]));
    expect(log.leadsTo(other, more.id, 3)).toBe(true);
    expect(log.leadsTo(other, at(2).id, 3)).toBe(false);
    expect(log.leadsTo(at(0), more.id, 3)).toBe(true);
    expect(log.leadsTo(more, other.id, 2), 'it comes after').toBe(false);
  });

  it('refuses another predecessor and names it', () => {
    const prev = idNamed('elsewhere');
    expect(logOf(3).append(entryOf({ seq: 3, prev }))).toEqual({ ok: false, error: { type: 'badPrev', prev } });
  });

  it('refuses a time that is not after its predecessor', () => {
    const log = logOf(3);
    for (const hlc of [at(2).header.hlc, hlcOf(5)]) {
      expect(log.append(entryOf({ seq: 3, prev: at(2).id, hlc }))).toEqual({
        ok: false,
        error: { type: 'clockBackwards', after: at(2).id },
      });
    }
  });

  it('refuses a time that is not after what it depends on', () => {
    const dep = entryOf({ device: deviceNamed('two'), hlc: hlcOf(9000) });
    const log = logOf(3);
    const early = entryOf({ seq: 3, prev: at(2).id, deps: [dep.id], hlc: hlcOf(9000) });
    expect(log.append(early, [dep])).toEqual({ ok: false, error: { type: 'clockBackwards', after: dep.id } });
    expect(log.append(entryOf({ seq: 3, prev: at(2).id, deps: [dep.id], hlc: hlcOf(9000, 1) }), [dep]).ok).toBe(true);
  });

  it('an entry of another log is a bug of the caller', () => {
    expect(() => logOf(1).append(entryOf({ device: deviceNamed('two') }))).toThrow(/invariant/);
  });

  it('[LG2] two that were given other parts of one tree tell each other what they lack, and end up equal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_000), fc.nat(3)), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat(3)),
        (grown, coins) => {
          const tree = [entryOf({ hlc: hlcOf(1) }), entryOf({ hlc: hlcOf(2), body: Uint8Array.of(9) })];
          for (const [i, [pick, body]] of grown.entries()) {
            // Mostly further on, now and then from anywhere.
            const after = (pick % 4 > 0 ? tree.at(-1) : tree[pick % tree.length]) as Entry;
            const seq = after.header.seq + 1;
            tree.push(entryOf({ seq, prev: after.id, hlc: hlcOf(10 + i), body: Uint8Array.of(body) }));
          }
          const [a, b] = [new EntryLog(at(0).log), new EntryLog(at(0).log)];
          const whole = new EntryLog(at(0).log);
          for (const entry of tree) {
            whole.append(entry);
            const coin = coins.next().value;
            if (coin < 3) a.append(entry);
            if (coin > 0) b.append(entry);
          }
          for (let round = 0; round < 3; round++) {
            expect(toHex(a.root) === toHex(b.root)).toBe(JSON.stringify(a.tips) === JSON.stringify(b.tips));
            for (const entry of b.lackedBy(a.tips)) a.append(entry);
            for (const entry of a.lackedBy(b.tips)) b.append(entry);
          }
          expect(toHex(a.root)).toBe(toHex(b.root));
          const union = new Set([...a.slice(0), ...b.slice(0)].map(({ id }) => id));
          expect(a.tips).toEqual(b.tips);
          expect([a.size, b.size]).toEqual([union.size, union.size]);
          expect([a.headId, a.forkedAt]).toEqual([b.headId, b.forkedAt]);
          expect(a.lackedBy(b.tips)).toEqual([]);
          expect(whole.size).toBe(new Set(tree.map(({ id }) => id)).size);
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });

  it('whatever is offered in whatever order, holds a valid prefix and changes only on ok', () => {
    const forks = chain.map(({ header: { seq, prev } }) => entryOf({ seq, prev, body: Uint8Array.of(9) }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(39), fc.boolean()), { maxLength: 200 }), (offers) => {
        const log = new EntryLog(at(0).log);
        for (const [seq, forked] of offers) {
          const entry = (forked ? forks[seq] : chain[seq]) as Entry;
          const before = log.length;
          const size = log.size;
          const checked = log.check(entry);
          const result = log.append(entry);
          expect(result).toEqual(checked);
          expect(log.size).toBe(size + (result.ok ? 1 : 0));
          if (result.ok && result.value.fork) {
            const { a, b } = result.value.fork;
            expect([b.log, b.header.seq, b.id === a.id]).toEqual([a.log, a.header.seq, false]);
          }
          if (!result.ok && result.error.type === 'gap')
            expect([result.error.from, result.error.to]).toEqual([before, seq]);
        }
        for (let seq = 1; seq < log.length; seq++) {
          expect(log.at(seq)?.header.prev).toBe(log.at(seq - 1)?.id);
          expect(log.at(seq)?.header.seq).toBe(seq);
        }
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('takes the whole chain in the end, however often the offers are shuffled and repeated', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(chain, { minLength: 40, maxLength: 40 }), (shuffled) => {
        const log = new EntryLog(at(0).log);
        let rounds = 0;
        while (log.length < 40 && rounds++ < 40) for (const entry of shuffled) log.append(entry);
        expect(log.slice(0)).toEqual(chain);
      }),
      { numRuns: 30, seed: 2 },
    );
  });
});
