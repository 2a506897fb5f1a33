/** Random histories of a rights log: the outcome of the model, the same rights in every causal order, nobody who is out changes others. */
import { expect, test } from 'vitest';
import { checkHistories, checkWide } from '../support/rights';
import { compare } from '../support/rights-compare';

const HOUR = 3_600_000;

test(
  '[T29] 1,000,000 random histories: the verdicts of the model, and no attack succeeds',
  () => {
    let attacks = 0;
    let content = 0;
    for (let from = 1_000_001; from <= 2_000_000; from += 10_000) {
      const { histories: _, attacks: tried, content: judged, ...broken } = compare(from, 10_000);
      attacks += tried;
      content += judged;
      for (const [check, seeds] of Object.entries(broken)) expect([check, seeds]).toEqual([check, []]);
    }
    console.log(`${attacks} attacks, ${content} content entries`);
  },
  6 * HOUR,
);

test(
  '[RI1] 20,000 random histories in every causal order',
  () => {
    expect(checkHistories(10_000, 20_000)).toEqual({ histories: 20_000, different: [], broken: [] });
  },
  6 * HOUR,
);

test(
  '[RI1] 3,000 histories with all that can be signed: one outcome in every order',
  () => {
    const { chains, suspended, bans, ...found } = checkWide(10_000, 3_000);
    console.log(`${chains} rights that were passed on, ${suspended} suspended devices, ${bans} bans`);
    expect(found).toEqual({ histories: 3_000, different: [], broken: [] });
  },
  6 * HOUR,
);
