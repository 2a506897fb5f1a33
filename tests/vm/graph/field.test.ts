// @vitest-environment node
/**
 * The field rule against gun itself: `Gun.on.put`, gun's own way in, which runs its HAM and writes its graph. One
 * instance with no peers, no storage, no network: `gun/src/root` without the adapters.
 */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { type Candidate, compare, isCanonicalJson } from '../../../src/vm/graph/field';
import { hlcOf } from '../../../src/vm/op/clock';
import type { EntryId } from '../../../src/vm/op/ids';
import { digest } from './world';

type GunGraph = Record<string, Record<string, unknown> & { _: { '>': Record<string, number> } }>;
type GunMessage = { '#': string; put: Record<string, unknown>; $: unknown; _: () => void };
type GunRoot = {
  (options: object): { _: { graph: GunGraph } };
  on: { put(message: GunMessage): void };
  log: { off?: boolean };
};

const loadGun = (): GunRoot => {
  const log = console.log;
  console.log = () => {};
  try {
    return createRequire(import.meta.url)('gun/src/root') as GunRoot;
  } finally {
    console.log = log;
  }
};

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  9,
  10,
  1e21,
  0.1,
  '',
  'a',
  'b',
  'two',
  'one',
  'null',
  '9',
  'é',
  '\u{1f600}',
  '\uffff',
  '"',
  '\\',
  '\u0001',
  { '#': 'soul' },
  { '#': 'other' },
];

describe('the field rule', () => {
  it('[T16] [FI1] agrees with gun on 100,000 random sequences of writes, equal states included', () => {
    const Gun = loadGun();
    const gun = Gun({});
    const random = seededRandom(7);
    let ties = 0;
    for (let run = 0; run < 100_000; run++) {
      const soul = `s${run % 1000}-${run}`;
      let winner: Candidate | undefined;
      const length = 2 + random.below(6);
      for (let i = 0; i < length; i++) {
        const hlc = hlcOf(1_700_000_000_000 + random.below(3), random.below(2));
        const value = random.pick(VALUES);
        const write: Candidate = { hlc, json: JSON.stringify(value), entry: `${i}` as EntryId, index: 0 };
        if (winner && winner.hlc === hlc && winner.json !== write.json) ties++;
        if (!winner || compare(write, winner) > 0) winner = write;
        Gun.on.put({
          '#': `${run}.${i}`,
          put: { [soul]: { _: { '#': soul, '>': { field: hlc } }, field: value } },
          $: gun,
          _: () => {},
        });
      }
      const kept = gun._.graph[soul];
      if (JSON.stringify(kept?.field) !== winner?.json || kept?._['>'].field !== winner?.hlc) {
        expect.fail(`run ${run}: gun keeps ${JSON.stringify(kept)}, we keep ${JSON.stringify(winner)}`);
      }
      delete gun._.graph[soul];
    }
    expect(ties).toBeGreaterThan(50_000);
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
