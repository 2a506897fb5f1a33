/** What waits by key: in the order in which it came, each once, whatever is put and taken in between. */
import { expect, it } from 'vitest';
import { KeyedQueue } from '../../src/base/queue';
import { seededRandom } from '../../src/base/random';

it('gives what a plain map gives, first come first served', () => {
  const random = seededRandom(5);
  const queue = new KeyedQueue<number, number>();
  const plain = new Map<number, number>();
  let taken = 0;
  for (let i = 0; i < 20_000; i++) {
    if (random.below(5) < (i % 4_000 < 2_000 ? 3 : 2)) {
      const key = random.below(300);
      queue.set(key, i);
      plain.set(key, i);
    } else {
      const [first] = plain;
      if (first) plain.delete(first[0]);
      expect(queue.take()).toEqual(first);
      if (first) taken++;
    }
    expect(queue.size).toBe(plain.size);
  }
  expect(taken).toBeGreaterThan(5_000);
  expect(new KeyedQueue().take()).toBeUndefined();
});
