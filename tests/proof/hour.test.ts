/** An hour of two people in two browsers: what their pages and workers hold beyond the data does not grow. `LGOS_MINUTES`: fewer, `LGOS_PACE_MS`: faster, `LGOS_PICTURE`: a file to draw it into. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isBuilt } from '../../beacon/stamp.mjs';
import { drawHour, hour } from '../bench/hour.mjs';

const minutes = Number(process.env.LGOS_MINUTES ?? 60);
const pace = Number(process.env.LGOS_PACE_MS ?? 2_000);
/** Of the steps, those that a busy machine may keep from ending in time. */
const MISSED = 0.02;
/** What a heap swings by between two samples. */
const SWING_BYTES = 2_000_000;

type Sample = {
  readonly who: string;
  /** `last`: when both have stopped. `fresh`: after a load over the same data. */
  readonly minute: number | 'last' | 'fresh';
  readonly [figure: string]: number | string;
};
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

test('[MEM] an hour of use leaves nothing behind but what was written', {
  timeout: (minutes + 60) * 60_000,
}, async () => {
  expect(isBuilt(), 'npm run build comes first').toBe(true);
  const { samples, missed, faults } = (await hour({
    minutes,
    pace,
    told: (sample: Sample) => console.log(JSON.stringify(sample)),
  })) as { samples: readonly Sample[]; missed: readonly unknown[]; faults: readonly string[] };
  if (process.env.LGOS_PICTURE) writeFileSync(process.env.LGOS_PICTURE, drawHour(samples));
  console.log(JSON.stringify({ missed: missed.length }), JSON.stringify(missed.slice(0, 3)));
  expect(faults).toEqual([]);
  for (const who of ['Anna', 'Boris']) {
    const own = samples.filter((sample) => sample.who === who);
    const at = (minute: Sample['minute']): Sample => own.find((sample) => sample.minute === minute) as Sample;
    const numbered = own.filter(({ minute }) => typeof minute === 'number');
    const part = Math.max(1, Math.floor(numbered.length / 4));
    const grown = (figure: string): number => {
      const of = (some: readonly Sample[]): number => median(some.map((sample) => Number(sample[figure])));
      return of(numbered.slice(-part)) - of(numbered.slice(0, part));
    };
    const last = at('last');
    const fresh = at('fresh');
    expect(missed.length).toBeLessThan(Number(last.steps) * 2 * MISSED + 1);
    // What is drawn and what listens is the same in the same place.
    for (const figure of ['nodes', 'listeners']) expect(grown(figure), figure).toBeLessThan(50);
    for (const figure of ['documents', 'workers', 'sockets', 'peersAll', 'ports', 'pagePorts', 'liveQueries', 'links'])
      expect(grown(figure), figure).toBeLessThanOrEqual(0);
    // The page keeps no data.
    expect(grown('page') + grown('pageOutside') + grown('pageBuffers')).toBeLessThan(SWING_BYTES);
    // The worker holds what it would hold had it just been started over the same data.
    const held = (sample: Sample): number => Number(sample.worker) + Number(sample.workerBuffers) + Number(sample.wasm);
    expect(held(last) - held(fresh)).toBeLessThan(held(fresh) / 4 + SWING_BYTES);
  }
});
