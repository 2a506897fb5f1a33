/** The engine in WebAssembly against the fold in TypeScript, and its images against damage. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { graphModule } from '../../../src/platform/engine';
import type { Engine, FoldEntry, SchemaRules } from '../../../src/vm/graph/engine';
import { createStore, EngineFull, openStore } from '../../../src/vm/graph/store/store';
import type { Op } from '../../../src/vm/op/body';
import type { NodeId } from '../../../src/vm/op/ids';
import { compareEngines, newStore, reopened } from '../../support/engines';
import { createFold } from '../../support/fold/fold';
import { bodyOf, RULES, randomHistory } from '../../support/graph-histories';
import { Device, OPEN } from './world';

const MODULE = graphModule();
const hashOf = (engine: Engine): string => toHex(engine.stateHash([]).space);

describe('the engine in WebAssembly', () => {
  it('[GR12] comes to what the fold in TypeScript comes to, on 400 random histories, put away in between', () => {
    let reloads = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const compared = compareEngines(seed, 3 + (seed % 9));
      expect(compared.differs, `seed ${seed}`).toBeUndefined();
      reloads += compared.reloads;
    }
    expect(reloads).toBeGreaterThan(24);
  });

  it('[GR12] on long histories too', () => {
    for (const seed of [9, 16]) expect(compareEngines(seed, 200).differs, `seed ${seed}`).toBeUndefined();
  });

  it('[GR12] also of a node with many fields, written before and after it is born', () => {
    const random = seededRandom(4);
    const ann = new Device('ann');
    const task = ann.born();
    const keys = Array.from({ length: 300 }, (_, i) => `field ${i}`);
    const entries = Array.from({ length: 900 }, (_, i) =>
      ann.write(
        [
          { type: 'fieldSet', node: task.node, key: i < 300 ? (keys[i] as string) : random.pick(keys), value: `${i}` },
          ...(i === 450 ? [task] : []),
        ],
        i,
      ),
    );
    const fold = createFold(RULES);
    let store = newStore();
    const delivered = random.shuffle(entries);
    for (let i = 0; i < delivered.length; i += 50) {
      const some = delivered.slice(i, i + 50);
      fold.apply(some);
      store.apply(some);
      if (i % 300 === 0) store = reopened(store);
      const [a, b] = [fold.node(task.node), store.node(task.node)];
      expect(b?.keys()).toEqual(a?.keys());
      for (const key of a?.keys() ?? []) expect(b?.fieldState(key)).toEqual(a?.fieldState(key));
      expect(hashOf(store)).toBe(hashOf(fold));
    }
    expect(store.node(task.node)?.keys().length).toBe(300);
    expect(store.history(task.node)).toEqual(fold.history(task.node));
  });

  it('a node of which only the text is said to have changed has its place and its fields as before', () => {
    const shapeOf = (engine: Engine, id: NodeId): unknown => {
      const node = engine.node(id);
      return node && [node.parent, node.order, node.deleted, node.type, node.keys().map((key) => node.fieldState(key))];
    };
    let told = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { entries, nodes } = randomHistory(seed, 40, true);
      const store = newStore();
      const random = seededRandom(seed);
      for (let i = 0; i < entries.length; ) {
        const some = entries.slice(i, i + 1 + random.below(3));
        i += some.length;
        const before = new Map(nodes.map((id) => [id, JSON.stringify(shapeOf(store, id))]));
        const changes =
          random.below(2) === 0
            ? store.apply(some)
            : store.ingest(some.map((entry) => (entry.hollow ? entry : bodyOf(entry))));
        for (const id of changes.texts ?? []) {
          told++;
          expect(changes.nodes.has(id)).toBe(true);
          expect(JSON.stringify(shapeOf(store, id)), `seed ${seed}, entry ${i}`).toBe(before.get(id));
        }
      }
    }
    expect(told).toBeGreaterThan(40);
  });

  it('[GR14] a full memory takes nothing of a batch in, and still answers', () => {
    const ann = new Device('ann');
    const task = ann.born();
    const engine = createStore(MODULE, OPEN, { limit: 2 ** 19 });
    const set = (value: string): Op => ({
      type: 'fieldSet',
      node: task.node,
      key: 'title',
      value: JSON.stringify(value),
    });
    engine.apply([ann.write([task, set('first')], 1)]);
    const told = () => [hashOf(engine), engine.counts(), engine.history(task.node), engine.node(task.node)?.deletions];
    const before = told();
    const many = Array.from({ length: 150 }, (_, i) => ann.write([set('x'.repeat(2_000 + i))], 2 + i));
    expect(() => engine.apply(many)).toThrow(EngineFull);
    expect(() => engine.ingest(many.map((entry) => bodyOf(entry)))).toThrow(EngineFull);
    expect(told()).toEqual(before);
    const opened = openStore(MODULE, OPEN, engine.save(), { limit: 2 ** 19 });
    expect(opened.ok && hashOf(opened.value)).toBe(before[0]);
    // What fits goes in, until nothing does: no batch is taken in half.
    let taken = 0;
    try {
      for (; taken < many.length; taken++) engine.apply([many[taken] as FoldEntry]);
    } catch (fault) {
      expect(fault).toBeInstanceOf(EngineFull);
    }
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(many.length);
    expect(engine.node(task.node)?.field('title')).toBe('x'.repeat(2_000 + taken - 1));
    const { used, reserved, limit } = engine.memory();
    expect([used < reserved, reserved <= limit]).toEqual([true, true]);
  });
});

describe('images', () => {
  const store = newStore();
  store.apply(randomHistory(24, 40, true).entries);
  const hash = hashOf(store);
  const image = store.save();

  it('[GR15] give back the state, and go on where it stopped', () => {
    expect(hashOf(reopened(store))).toBe(hash);
    expect(toHex(reopened(store).save()).length).toBe(toHex(image).length);
    const more = randomHistory(25, 40, true).entries;
    const again = reopened(store);
    store.apply(more);
    again.apply(more);
    expect(hashOf(again)).toBe(hashOf(store));
  });

  it('[GR15] the hash taken by steps, while more comes, is the hash taken at once', () => {
    const { entries } = randomHistory(26, 2_000, true);
    const stepwise = newStore();
    stepwise.apply(entries.slice(0, 1_500));
    expect(stepwise.digestSome(), 'one step is not all').toBe(true);
    stepwise.apply(entries.slice(1_500));
    while (stepwise.digestSome());
    const plain = newStore();
    plain.apply(entries);
    expect(hashOf(stepwise)).toBe(hashOf(plain));
    expect(hashOf(reopened(stepwise))).toBe(hashOf(plain));
  });

  it('[GR15] every bit that flips, every cut and every addition is found', () => {
    const random = seededRandom(3);
    const kinds = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const damaged = image.slice(0, i % 3 === 0 ? random.below(image.length) : image.length);
      // Half of the time in the header, where lengths are.
      for (let n = i % 3 === 0 ? 0 : 1 + random.below(3); n > 0; n--) {
        const at = random.below(2) === 0 ? random.below(32) : random.below(damaged.length);
        damaged[at] = (damaged[at] as number) ^ (1 << random.below(8));
      }
      if (damaged.length === image.length && damaged.every((byte, at) => byte === image[at])) continue;
      const opened = openStore(MODULE, RULES, i % 7 === 0 ? new Uint8Array([...damaged, 0]) : damaged);
      kinds.add(opened.ok ? 'opened' : opened.error.type);
    }
    expect([...kinds].sort()).toEqual(['damaged', 'other']);
    for (const bytes of [new Uint8Array(0), new Uint8Array(32), new Uint8Array(100_000).fill(255)])
      expect(openStore(MODULE, RULES, bytes)).toMatchObject({ ok: false, error: { type: 'damaged' } });
  });

  it('[GR15] another build, or other rules, read no image: what counts is decided by both', () => {
    expect(openStore({ ...MODULE, id: '0'.repeat(16) }, RULES, image)).toMatchObject({ error: { type: 'other' } });
    const strict: SchemaRules = { ...RULES, field: () => 'admins' };
    expect(openStore(MODULE, strict, image)).toMatchObject({ error: { type: 'other' } });
    expect(openStore(MODULE, RULES, image).ok).toBe(true);
  });
});
