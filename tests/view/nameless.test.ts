/** People who gave no name: named on the page, in the language of whoever reads. */
import { afterEach, expect, test } from 'vitest';
import type { KernelClient } from '../../src/bridge/client';
import { speak } from '../../src/view/kit/i18n';
import { named, naming } from '../../src/view/kit/nameless';

afterEach(() => speak('en'));

const ann = { userId: '1f'.repeat(32), name: 'Ann', hue: 1 };
const nobody = { userId: '3f9a'.repeat(16), name: '', hue: 2 };

test('whoever has no name is a newcomer in the language that is spoken, however deep in an answer', async () => {
  const answer = [{ id: 'm', author: nobody, reactions: [{ people: [ann, nobody] }] }];
  expect(named(answer)).toEqual([
    {
      id: 'm',
      author: { ...nobody, name: 'Newcomer 3F9A' },
      reactions: [{ people: [ann, { ...nobody, name: 'Newcomer 3F9A' }] }],
    },
  ]);
  await speak('ru');
  expect(named(answer)[0]?.author.name).toBe('Новичок 3F9A');
  expect(answer[0]?.author.name, 'what the kernel said stays').toBe('');
});

test('what did not change is the same object, and so is an answer where everybody has a name', () => {
  const all = [{ author: ann }, { author: nobody }];
  expect(named(all)).toBe(named(all));
  expect(named(all)[0]).toBe(all[0]);
  const more = [...all, { author: nobody }];
  expect(named(more)[1]).toBe(named(all)[1]);
  const whole = [{ author: ann, bytes: new Uint8Array(2) }];
  expect(named(whole)).toBe(whole);
  // A beacon without a name is nobody.
  const beacon = { deviceId: 'b', name: '' };
  expect(named(beacon)).toBe(beacon);
});

test('every way in which an answer comes to a page names people', async () => {
  const rows = [nobody];
  const heard: unknown[] = [];
  const client = naming({
    store: () => ({ subscribe: () => () => {}, getSnapshot: () => rows, getRefusal: () => undefined }),
    query: async () => rows,
    watch: (_name: string, _args: unknown, emit: (answer: unknown) => void) => emit(rows),
    openDocument: async (_id: string, events: { presence(rows: unknown): void }) => events.presence(rows),
  } as unknown as KernelClient);
  heard.push(client.store('a').getSnapshot(), await client.query('a', {}));
  client.watch('a', {}, (answer) => heard.push(answer));
  await client.openDocument('d', { updated() {}, refused() {}, presence: (answer) => heard.push(answer) });
  expect(heard).toEqual(Array.from({ length: 4 }, () => [{ ...nobody, name: 'Newcomer 3F9A' }]));
});
