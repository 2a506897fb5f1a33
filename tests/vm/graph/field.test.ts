// @vitest-environment node
/** The field rule, and the engine that has it, against gun itself. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { type Candidate, compare, isCanonicalJson } from '../../../src/vm/graph/field';
import { hlcOf } from '../../../src/vm/op/clock';
import type { EntryId } from '../../../src/vm/op/ids';
import { compareWithGun, gunOf, someWrites, VALUES } from '../../support/gun';
import { digest } from './world';

describe('the field rule', () => {
  it('[T16] [FI1] agrees with gun on 30,000 random sequences of writes, equal states included', () => {
    const gun = gunOf('rule');
    const random = seededRandom(7);
    let ties = 0;
    for (let run = 0; run < 30_000; run++) {
      let winner: Candidate | undefined;
      for (const [i, { value, hlc }] of someWrites(random).entries()) {
        const write: Candidate = { hlc, json: JSON.stringify(value), entry: `${i}` as EntryId, index: 0 };
        if (winner && winner.hlc === hlc && winner.json !== write.json) ties++;
        if (!winner || compare(write, winner) > 0) winner = write;
        gun.write(`s${run}`, value, hlc);
      }
      const [kept, ours] = [gun.take(`s${run}`), `[${winner?.json},${winner?.hlc}]`];
      if (kept !== ours) expect.fail(`run ${run}: gun keeps ${kept}, we keep ${ours}`);
    }
    expect(ties).toBeGreaterThan(15_000);
  });

  it('[T16] [FI1] the engine agrees with gun on 4,000, delivered in any order', () => {
    expect(compareWithGun(11, 4_000)).toBeUndefined();
  });

  it("[FI2] gun's tie rules: lexical text, null above any text, string < number < false < null < true < link", () => {
    const at = (value: unknown, entry = 'b'): Candidate => ({
      hlc: hlcOf(5),
      json: JSON.stringify(value),
      entry: entry as EntryId,
      index: 0,
    });
    const rising = ['one', 'two', 10, 9, false, null, true, { '#': 'x' }];
    for (let i = 1; i < rising.length; i++)
      expect(compare(at(rising[i]), at(rising[i - 1])), `${rising[i]}`).toBeGreaterThan(0);
    expect(compare(at(1, 'a'), at(1, 'b'))).toBeGreaterThan(0);
    expect(compare({ ...at(1), hlc: hlcOf(6) }, at(true))).toBeGreaterThan(0);
    expect(compare({ ...at(1), hlc: hlcOf(5, 1) }, at(true))).toBeGreaterThan(0);
  });

  it('[FI3] is a strict order: of two different writes exactly one wins, and winning is transitive', () => {
    const random = seededRandom(3);
    const any = (): Candidate => ({
      hlc: hlcOf(random.below(2)),
      json: JSON.stringify(random.pick(VALUES)),
      entry: digest(`${random.below(3)}`) as EntryId,
      index: random.below(2),
    });
    for (let i = 0; i < 20_000; i++) {
      const [a, b, c] = [any(), any(), any()];
      expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
      if (compare(a, b) > 0 && compare(b, c) > 0) expect(compare(a, c)).toBeGreaterThan(0);
    }
  });

  it('[FI4] every value gun knows is canonical as JSON.stringify writes it', () => {
    for (const value of VALUES) expect(isCanonicalJson(JSON.stringify(value))).toBe(true);
  });
});
