/** Text of somebody who was removed, on which others built: nothing of it shows, nothing of theirs is lost. */
import { describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import type { Engine, FoldEntry } from '../../../src/vm/graph/engine';
import { createEngine as createFold } from '../../support/engines';
import { Device, OPEN, paragraph, Twin, typingHistory } from './world';

const hashOf = (engine: Engine): string => toHex(engine.stateHash([]).space);
const fold = (entries: readonly FoldEntry[]): Engine => {
  const engine = createFold(OPEN);
  for (const entry of entries) engine.apply([entry]);
  return engine;
};
const updatesOf = (entries: readonly FoldEntry[]) =>
  entries.flatMap((entry) => entry.ops.flatMap((op) => (op.type === 'textUpdate' ? [op.update] : [])));
const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) =>
        permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
      );
const textIn = (fragment: Y.XmlFragment) => (fragment.get(0) as Y.XmlElement).get(0) as Y.XmlText;

describe('held text', () => {
  it('[T26] in all orders: it is gone, what it deleted is back, and what others built on it stands', () => {
    const [ann, eve, bob] = [new Device('ann'), new Device('eve'), new Device('bob')];
    const page = ann.born('Document');
    const twin = new Twin(ann, page.node);
    const { shard } = twin;
    const first = ann.write([page], 1);
    const typed = ann.write(
      twin.ops((fragment) => fragment.insert(0, [paragraph('hello world')])),
      2,
      { shard },
    );
    const evil = new Twin(eve, page.node);
    evil.receive(updatesOf([typed]));
    const held = eve.write(
      evil.ops((fragment) => {
        textIn(fragment).insert(5, ' EVIL');
        textIn(fragment).delete(0, 3);
        (fragment.get(0) as Y.XmlElement).setAttribute('textAlign', 'right');
        fragment.insert(1, [paragraph('EVIL block')]);
      }),
      3,
      { shard },
    );
    const reader = new Twin(bob, page.node);
    reader.receive(updatesOf([typed, held]));
    const answer = bob.write(
      reader.ops((fragment) => {
        textIn(fragment).insert(7, ' good');
        fragment.insert(2, [paragraph('Bob below')]);
      }),
      4,
      { shard },
    );
    const later = ann.write(
      twin.ops((fragment) => textIn(fragment).insert(11, '!')),
      5,
      { shard },
    );
    const states = new Set<string>();
    for (const order of permutations([first, typed, { ...held, hollow: true }, answer, later])) {
      const engine = fold(order);
      expect(engine.counts().pendingStructs).toBe(0);
      states.add(`${engine.documentText(page.node)} ${hashOf(engine)}`);
    }
    expect([...states].map((state) => state.slice(0, -65))).toEqual(['hello good world!\nBob below']);
    // Left out altogether, it takes what others built on it along.
    const without = fold([first, typed, answer, later]);
    expect(without.counts().pendingStructs).toBeGreaterThan(0);
    expect(without.documentText(page.node)).toBe('hello world!');
    expect(fold([first, typed, held, answer, later]).documentText(page.node)).toContain('EVIL');
  });

  it('[T26] 60 random histories with one author held come to one state in every order, and nothing waits', () => {
    let hollowed = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { document, entries } = typingHistory(seed, 30);
      const random = seededRandom(seed);
      const held = entries.at(-1)?.author;
      const from = random.below(entries.length);
      const marked = entries.map((entry, i) =>
        entry.author === held && i >= from ? { ...entry, hollow: true } : entry,
      );
      hollowed += marked.filter((entry) => entry.hollow).length;
      const expected = fold(marked);
      for (let shuffle = 0; shuffle < 3; shuffle++) {
        const engine = fold(random.shuffle([...marked, ...marked.slice(0, 3)]));
        expect([seed, engine.documentText(document), hashOf(engine)]).toEqual([
          seed,
          expected.documentText(document),
          hashOf(expected),
        ]);
        expect([seed, engine.counts().pendingStructs]).toEqual([seed, 0]);
      }
    }
    expect(hollowed).toBeGreaterThan(120);
  });
});
