/** Which bodies a question is about. */
import { expect, test } from 'vitest';
import type { EntryLog } from '../../../src/vm/journal/log';
import { drawRange, prove } from '../../../src/vm/replica/possession';
import { MAX_ASKED } from '../../../src/vm/sync/messages';

type Body = { readonly bytes: number; readonly shelved?: boolean };
/** What of a log is read here. */
const logOf = (id: string, bodies: readonly Body[]): EntryLog => {
  const entries = bodies.map(({ bytes, shelved }) => ({ body: new Uint8Array(bytes), ...(shelved && { shelved }) }));
  return { id, slice: (from: number, to: number) => entries.slice(from, to) } as unknown as EntryLog;
};
const many = (count: number, body: Body): readonly Body[] => Array.from({ length: count }, () => body);
const nonces = Array.from({ length: 400 }, (_, i) => Uint8Array.of(i >> 8, i & 255));

test('[PO1] the same nonce asks for the same bodies, all that is claimed is asked for by some nonce, and nothing else', () => {
  const [a, b] = [logOf('a', many(40, { bytes: 10 })), logOf('b', many(20, { bytes: 10 }))];
  const claims = [
    { log: a, length: 30 },
    { log: b, length: 20 },
  ];
  const asked = new Set<string>();
  for (const nonce of nonces) {
    const range = drawRange(nonce, claims);
    expect(range).toEqual(drawRange(nonce, claims));
    const { log, from, count } = range as NonNullable<typeof range>;
    expect(count).toBeLessThanOrEqual(MAX_ASKED);
    for (let place = from; place < from + count; place++) asked.add(`${log} ${place}`);
  }
  expect(asked.size).toBe(50);
  expect(asked.has('a 30')).toBe(false);
});

test('[PO1] at most 64 KiB, bodies that are here alone, and no question where there is none', () => {
  const large = logOf('large', many(20, { bytes: 20_000 }));
  for (const nonce of nonces) {
    const range = drawRange(nonce, [{ log: large, length: 20 }]);
    expect(range?.count).toBeLessThanOrEqual(3);
  }
  expect(
    prove(nonces[0] as Uint8Array, 'ab' as never, large, { log: 'large' as never, from: 0, count: 4 }),
  ).toBeUndefined();
  const some = logOf('some', [{ bytes: 9 }, { bytes: 9, shelved: true }, { bytes: 9 }]);
  for (const nonce of nonces) {
    const range = drawRange(nonce, [{ log: some, length: 3 }]);
    if (range) expect([0, 2]).toContain(range.from);
    if (range) expect(range.count).toBe(1);
  }
  const away = logOf('away', many(5, { bytes: 9, shelved: true }));
  expect(drawRange(nonces[0] as Uint8Array, [{ log: away, length: 5 }])).toBeUndefined();
  expect(drawRange(nonces[0] as Uint8Array, [])).toBeUndefined();
});
