/** A space that is larger than the memory of its graph: it is held whole, shown in part, and the person is told. */
import { afterEach, expect, test, vi } from 'vitest';
import { encodeEntry } from '../../../src/vm/op/entry';
import { counted, stage } from '../../support/stage';

const memory = vi.hoisted(() => ({ limit: undefined as number | undefined }));
vi.mock('../../../src/vm/graph/store/store', async (load) => {
  const sound = await load<typeof import('../../../src/vm/graph/store/store')>();
  const createStore: typeof sound.createStore = (module, rules) =>
    sound.createStore(module, rules, memory.limit === undefined ? {} : { limit: memory.limit });
  return { ...sound, createStore };
});
afterEach(() => {
  memory.limit = undefined;
});

test('[AD5] a full graph takes nothing of others from anybody: it is kept, in order, and shown where there is room', async () => {
  memory.limit = 2 ** 19;
  const here = await stage();
  const { tab, beacon, authors, people } = here;
  const many = [];
  for (let i = 0; i < 120; i++) many.push(await here.set(authors.member, `k${i}`, 'x'.repeat(4_000)));
  const got = await tab.space.receive(many.map(encodeEntry), undefined);
  expect(new Set(got.map(({ type }) => type))).toEqual(new Set(['admitted']));
  const { replica } = tab.space;
  expect(replica.graph.isFull).toBe(true);
  expect(counted(tab, /^graphFull$/)).toBeGreaterThan(0);
  expect(many.every(({ id }) => replica.entries.has(id) && replica.isDurable(replica.entries.get(id) as never))).toBe(
    true,
  );
  // It still answers, and signs nothing that it could not show.
  expect(here.shown('title')).toBe('Plan');
  const told = await tab.space.write(here.outline, 'content', [
    { type: 'fieldSet', node: here.document, key: 'title', value: '"mine"' },
  ]);
  expect(told).toMatchObject({ ok: false, error: { type: 'graphFull' } });
  // Nor does a change of rights, which builds it anew, end in a fault.
  const removal = await here.author.act([here.head], [{ type: 'revoke', user: people.guest.user, cut: [] }]);
  expect((await here.give(removal)).tab).toEqual(['admitted']);
  await replica.rebuild();
  expect(replica.graph.isFull).toBe(true);
  expect(here.shown('title')).toBe('Plan');
  expect(counted(beacon, /^graphFull$/)).toBe(0);

  // With room it is all there.
  memory.limit = undefined;
  await replica.rebuild();
  expect(replica.graph.isFull).toBe(false);
  expect(here.shown('k119')).toBe('x'.repeat(4_000));
  expect([...replica.unfolded.values()]).not.toContain('full');
});
