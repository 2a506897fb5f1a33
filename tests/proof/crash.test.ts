/** A journal and a tab crashed 1,000 times, and a beacon 100 times: nothing saved or receipted is lost, nobody counts a fork. */
import { expect, test } from 'vitest';
import { crashBeacon, crashTab } from '../support/crash';
import { crashJournal } from '../support/journal-crash';

test('[DU1] a thousand crashes of a tab under load', async () => {
  const total = new Map<string, number>();
  const add = (name: string, count: number) => total.set(name, (total.get(name) ?? 0) + count);
  for (let batch = 0; batch < 5; batch++) {
    const runs = await Promise.all(Array.from({ length: 10 }, (_, seed) => crashTab(1_000 + batch * 10 + seed, 20)));
    for (const run of runs) {
      expect(run).toMatchObject({ lost: [], faults: [], forks: 0 });
      for (const each of ['saved', 'receipted', 'dropped', 'away'] as const) add(each, run[each]);
      for (const [name, count] of run.shortcuts) add(name, count);
    }
  }
  console.log(JSON.stringify(Object.fromEntries(total)));
  expect(total.get('compacted')).toBeGreaterThan(0);
  for (const name of ['imagesDamaged', 'checkpointsFalse', 'basesVoid']) expect(total.get(name), name).toBe(0);
});

test('[DU2] a hundred crashes of a beacon', async () => {
  for (let batch = 0; batch < 5; batch++) {
    const runs = await Promise.all([1, 2, 3, 4].map((seed) => crashBeacon(2_000 + batch * 4 + seed, 5)));
    for (const run of runs) expect(run).toMatchObject({ lost: [], faults: [], forks: 0 });
  }
});

test('[DU3] a thousand crashes of a journal that folds, moves old records over, replaces entries and runs full', async () => {
  for (let seed = 3_001; seed <= 3_200; seed++) expect(await crashJournal(seed, 5)).toMatchObject({ faults: [] });
});
