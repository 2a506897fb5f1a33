import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes';
import { memoryStorage } from '../../src/platform/memory/storage';
import { openSeen } from '../../workers/answers';

describe('answers kept for the next leader', () => {
  it('[BR3] gives an answer back after the storage was opened again, refusals too', async () => {
    const storage = memoryStorage();
    const seen = await openSeen(storage);
    const refused = { refused: { type: 'denied', message: 'No.', safe: 'Nothing changed.', next: 'Ask.' } };
    await seen.put('a', { value: { id: 'n1' } });
    await seen.put('b', refused);
    await seen.put('c', { value: undefined });
    const again = await openSeen(storage);
    expect([await again.get('a'), await again.get('b'), await again.get('c'), await again.get('d')]).toEqual([
      { value: { id: 'n1' } },
      refused,
      { value: undefined },
      undefined,
    ]);
  });

  it('[BR5] keeps the last thousand and no more, over any number of openings', async () => {
    const storage = memoryStorage();
    for (let round = 0; round < 3; round++) {
      const seen = await openSeen(storage);
      for (let i = 0; i < 500; i++) await seen.put(`${round}-${i}`, { value: i });
    }
    const seen = await openSeen(storage);
    expect((await storage.list('outbox', '')).length).toBe(1_000);
    expect([await seen.get('0-499'), await seen.get('1-0'), await seen.get('2-499')]).toEqual([
      undefined,
      { value: 0 },
      { value: 499 },
    ]);
  });

  it('passes over rows that are not its own', async () => {
    const storage = memoryStorage();
    const rows = ['not json', '{}', '[]', 'null', '{"commandId":"x","turn":1,"answer":{"refused":{"type":"t"}}}'];
    await storage.write(
      rows.map((text, index) => ({ table: 'outbox' as const, key: `answer/${index}`, value: utf8(text) })),
      'strict',
    );
    const seen = await openSeen(storage);
    expect(await seen.get('x')).toBeUndefined();
    await seen.put('y', { value: 1 });
    expect(await seen.get('y')).toEqual({ value: 1 });
  });
});
