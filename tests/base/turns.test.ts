import { expect, test } from 'vitest';
import { Turns } from '../../src/base/turns';

/** All are asked for at once; gives in which order they had their turn. */
const orderOf = async (...names: readonly string[]): Promise<string> => {
  const turns = new Turns();
  const order: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    order.push(name);
    await Promise.resolve();
  };
  await Promise.all(names.map((name) => turns.take(work(name), name.startsWith('p'))));
  return order.join(' ');
};

test('one has its turn after the other, and what is patient comes after what is not', async () => {
  expect(await orderOf('p1', 'a', 'p2', 'b')).toBe('a b p1 p2');
});

test('what is patient has a turn after eight others, so that none waits for ever', async () => {
  expect(await orderOf('p1', 'p2', ...'abcdefghijkl')).toBe('a b c d e f g h p1 i j k l p2');
});

test('no two are at work at once, and none begins before it was asked for', async () => {
  const turns = new Turns();
  let atWork = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++atWork);
    await Promise.resolve();
    atWork--;
  };
  const all = [turns.take(work), turns.take(work, true), turns.take(work)];
  expect(atWork).toBe(0);
  await Promise.all(all);
  expect(most).toBe(1);
});

test('what fails tells whoever asked for it, and the next one has its turn', async () => {
  const turns = new Turns();
  const failed = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
