import { expect, test } from 'vitest';
import { onceOf } from '../../src/base/once';

test('what follows from an object is made once for it, also where it is nothing', () => {
  const asked: string[] = [];
  const nameOf = onceOf(({ name }: { name: string }) => {
    asked.push(name);
    return name === 'nobody' ? undefined : name;
  });
  const [ann, nobody] = [{ name: 'ann' }, { name: 'nobody' }];
  expect([nameOf(ann), nameOf(ann), nameOf({ name: 'ann' })]).toEqual(['ann', 'ann', 'ann']);
  expect([nameOf(nobody), nameOf(nobody)]).toEqual([undefined, undefined]);
  expect(asked).toEqual(['ann', 'ann', 'nobody']);
});
