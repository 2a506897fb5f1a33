/** A channel of 100,000 messages: a jump to the 500th, scrolling across the borders of its window while others write, and back. */
import { expect, test } from 'vitest';
import { channel } from '../bench/channel.mjs';

type Row = { readonly what: string; readonly value: number; readonly unit: string };
const MESSAGES = Number(process.env.LGOS_MESSAGES ?? 100_000);

test('what is read moves by the wheel alone, however long the channel is', async () => {
  const rows = (await channel({ messages: MESSAGES })) as readonly Row[];
  for (const row of rows) console.log(JSON.stringify(row));
  const strayed = rows.find(({ what }) => what.includes('strays'));
  expect(strayed).toMatchObject({ unit: 'px', notches: 180 });
  expect(strayed?.value).toBeLessThanOrEqual(1);
});
