/** A base in the place of the changes that it is made of: nothing tells the two apart, until an order of changes has to be found anew. */
import { expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import type { Engine, FoldEntry } from '../../../src/vm/graph/engine';
import type { GraphStore } from '../../../src/vm/graph/store/store';
import type { NodeId } from '../../../src/vm/op/ids';
import { newStore, reopened } from '../../support/engines';
import { paragraph, Twin, typingHistory } from './world';

/** As an entry is given whose body is not here. */
const bare = (entry: FoldEntry): FoldEntry => ({
  ...entry,
  ops: entry.ops.map((op) => (op.type === 'textUpdate' ? { ...op, update: new Uint8Array() } : op)),
});
const told = (engine: Engine, document: NodeId) => ({
  state: toHex(engine.stateHash([]).space),
  text: engine.documentText(document),
  update: toHex(engine.documentUpdate(document)),
  blocks: engine.blocks(document),
  history: engine.history(document),
  writers: engine.blocks(document).map(({ id }) => engine.textHistory(document, id)),
  updatedAt: engine.node(document)?.updatedAt,
});
const baseOf = (engine: GraphStore, document: NodeId) => {
  const base = engine.layTogether(document);
  if (!base) throw new Error('no base');
  return base;
};

test('[CO1] a graph given a base and bare entries, or put on one, says what the graph of all changes says, also of what is written after', () => {
  let covered = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const { entries, document } = typingHistory(seed, 30 + (seed % 40));
    const random = seededRandom(seed);
    const [birth, ...typed] = entries as [FoldEntry, ...FoldEntry[]];
    const cut = 1 + random.below(typed.length - 1);
    const [before, after] = [typed.slice(0, cut), typed.slice(cut)];
    const whole = newStore();
    whole.apply([birth, ...before]);
    // Changes that wait for others are in no base.
    const base = whole.layTogether(document);
    if (!base) continue;
    covered += base.claims.length;
    const given = newStore();
    given.layBase(document, base);
    given.apply(random.shuffle([birth, ...before.map(bare)]));
    const put = newStore();
    put.apply([birth, ...before]);
    put.layBase(document, baseOf(put, document));
    // Over fewer changes, and over a base of fewer.
    const half = newStore();
    half.apply([birth, ...before.slice(0, cut >> 1)]);
    const lesser = half.layTogether(document);
    if (lesser && random.below(2) === 0) half.layBase(document, lesser);
    half.layBase(document, base);
    half.apply(random.shuffle(before.map(bare)));
    for (const engine of [given, put, half])
      expect(told(engine, document), `seed ${seed}`).toEqual(told(whole, document));
    // Put away and taken out; laid together once more on the way.
    const image = reopened(given);
    put.apply(after.slice(0, after.length >> 1));
    put.layBase(document, baseOf(put, document));
    for (const engine of [whole, given, put, image]) engine.apply(random.shuffle([...after]));
    for (const engine of [given, put, image])
      expect(told(engine, document), `seed ${seed}, after`).toEqual(told(whole, document));
    expect([given, put, image].flatMap((engine) => engine.takeLostBases())).toEqual([]);
  }
  expect(covered).toBeGreaterThan(150);
});

test('[CO3] a base is lost when a clock that it holds is claimed again, and there is none of a text that keeps to an order', () => {
  const { entries, document, twins } = typingHistory(3, 40);
  const { device, shard } = twins[0] as Twin;
  // A device that signs another change under clocks that it has used.
  const again = new Twin(device, document).ops((fragment) => fragment.insert(0, [paragraph('other')]));
  const rival = device.write(again, 1_000, { shard });
  const whole = newStore();
  whole.apply(entries);
  const base = baseOf(whole, document);
  const light = newStore();
  light.layBase(document, base);
  light.apply(entries.map(bare));
  expect(light.takeLostBases()).toEqual([]);
  const changes = light.apply([rival]);
  expect(light.takeLostBases()).toEqual([document]);
  expect(light.takeLostBases()).toEqual([]);
  expect(changes.rebuilt.has(document)).toBe(true);
  expect(light.layTogether(document)).toBeUndefined();
  whole.apply([rival]);
  expect(whole.takeLostBases()).toEqual([]);
  expect(whole.layTogether(document)).toBeUndefined();
});

test('[CO1] what waits for what it builds on is in no base', () => {
  const { entries, document } = typingHistory(5, 30);
  const [birth, first, ...rest] = entries as [FoldEntry, FoldEntry, ...FoldEntry[]];
  const engine = newStore();
  engine.apply([birth, ...rest]);
  expect(engine.layTogether(document)).toBeUndefined();
  engine.apply([first]);
  expect(engine.layTogether(document)?.claims).toHaveLength(rest.length + 1);
});
