/** Images in the private file system of a browser, through a worker. */
import { afterEach, expect, test } from 'vitest';
import type { Images } from '../../src/ports';
import { imagesContract } from '../contract/images.suite';

const workers: Worker[] = [];
let made = 0;
const opened = async (profile: string) => {
  const worker = new Worker(new URL('./images.worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  const waiting = new Map<number, (value: unknown) => void>();
  worker.onmessage = ({ data }) => waiting.get(data.id)?.(data.value);
  const call = <T>(name: string, ...args: readonly unknown[]): Promise<T> =>
    new Promise((done) => {
      const id = waiting.size;
      waiting.set(id, done as (value: unknown) => void);
      worker.postMessage({ id, name, args });
    });
  if (!(await call('open', profile))) throw new Error('no private file system');
  const images: Images = {
    load: (name) => call('load', name),
    save: (name, bytes) => call('save', name, bytes),
    remove: (name) => call('remove', name),
    list: () => call('list'),
  };
  return { images, call };
};
const freshProfile = (): string => `images ${Date.now()} ${made++}`.replaceAll(' ', '-');
afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate();
});

imagesContract('the private file system', async () => {
  const profile = freshProfile();
  return async () => (await opened(profile)).images;
});

test('[IM1] one that was not written to its end is none: the former one is there, and the next save clears it away', async () => {
  const { images, call } = await opened(freshProfile());
  await images.save('a', Uint8Array.of(1));
  await call('cut', 'a', 7, Uint8Array.of(2));
  expect(await images.load('a')).toEqual(Uint8Array.of(1));
  await images.save('a', Uint8Array.of(3));
  expect(await images.load('a')).toEqual(Uint8Array.of(3));
  await call('cut', 'b', 1, Uint8Array.of(2));
  expect(await images.load('b')).toBeUndefined();
  await call('erase');
  expect(await images.list()).toEqual([]);
});
