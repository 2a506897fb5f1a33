import { expect, test } from 'vitest';
import { Serial } from '../../src/base/serial';

/** All are asked for at once; gives in which order they had their turn. */
const orderOf = async (...names: readonly string[]): Promise<string> => {
  const serial = new Serial();
  const order: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    order.push(name);
    await Promise.resolve();
  };
  await Promise.all(names.map((name) => serial.run(work(name), name.startsWith('p'))));
  return order.join(' ');
};

test('one has its turn after the other, and what is patient comes after what is not', async () => {
  expect(await orderOf('p1', 'a', 'p2', 'b')).toBe('a b p1 p2');
});

test('what is patient has a turn after eight others, so that none waits for ever', async () => {
  expect(await orderOf('p1', 'p2', ...'abcdefghijkl')).toBe('a b c d e f g h p1 i j k l p2');
});

test('no two are at work at once, and none begins before it was asked for', async () => {
  const serial = new Serial();
  let atWork = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++atWork);
    await Promise.resolve();
    atWork--;
  };
  const all = [serial.run(work), serial.run(work, true), serial.run(work)];
  expect(atWork).toBe(0);
  await Promise.all(all);
  expect(most).toBe(1);
});

test('what fails tells whoever asked for it, and the next one has its turn', async () => {
  const serial = new Serial();
  const failed = serial.run(() => Promise.reject(new Error('no')));
  const next = serial.run(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
