/** Making a document say again what it said: exact alone, and sparing beside others. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { reviseText } from '../../../src/vm/graph/revise';
import { prepareDoc } from '../../../src/vm/graph/text';
import { createFold } from '../../support/fold/fold';
import { OPEN, paragraph, typingHistory } from './world';

const docOf = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = prepareDoc(new Y.Doc());
  for (const update of updates) Y.applyUpdateV2(doc, update);
  return doc;
};
const shown = (doc: Y.Doc): string => doc.getXmlFragment('default').toString();
const stateOf = (edit: (fragment: Y.XmlFragment) => void, base?: Uint8Array, client = 7): Uint8Array => {
  const doc = base ? docOf(base) : prepareDoc(new Y.Doc());
  doc.clientID = client;
  doc.transact(() => edit(doc.getXmlFragment('default')));
  return Y.encodeStateAsUpdateV2(doc);
};
const revised = (present: Uint8Array, to: Uint8Array, from?: Uint8Array) => {
  const revision = reviseText(present, { to, ...(from ? { from } : {}) }, 99);
  if (!revision.ok) throw new Error(revision.error.message);
  return revision.value;
};
const textIn = (fragment: Y.XmlFragment, block: number): Y.XmlText =>
  (fragment.get(block) as Y.XmlElement).get(0) as Y.XmlText;
const words = (fragment: Y.XmlFragment): readonly string[] =>
  fragment
    .toArray()
    .map(
      (block) => `${(block as Y.XmlElement).getAttribute('blockId')}: ${(block as Y.XmlElement).toArray().join('')}`,
    );
const three = stateOf((fragment) =>
  fragment.insert(0, [
    paragraph('one two three', { blockId: 'a' }),
    paragraph('four five', { blockId: 'b' }),
    paragraph('six', { blockId: 'c' }),
  ]),
);

describe('revising a document', () => {
  it('gives any earlier state of a random history back, marks and lists and all', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const { document, entries, random } = typingHistory(seed, 60);
      const past = createFold(OPEN);
      past.apply(entries.slice(0, 1 + random.below(entries.length)));
      const now = createFold(OPEN);
      now.apply(entries);
      const [old, present] = [past.documentUpdate(document), now.documentUpdate(document)];
      const { update } = revised(present, old);
      expect(shown(docOf(present, update)), `seed ${seed}`).toBe(shown(docOf(old)));
      // Nothing more to do then, and the way back is as exact.
      const after = Y.encodeStateAsUpdateV2(docOf(present, update));
      expect(revised(after, old).changed).toBe(false);
      expect(shown(docOf(after, revised(after, present, after).update)), `seed ${seed} back`).toBe(
        shown(docOf(present)),
      );
    }
  });

  it('touches only the words that differ, so that what others write beside them at the same time stays', () => {
    const later = stateOf((fragment) => textIn(fragment, 0).insert(7, ' quite'), three);
    const { update } = revised(later, three);
    const beside = stateOf(
      (fragment) => {
        textIn(fragment, 0).insert(19, ' and more');
        textIn(fragment, 1).insert(0, 'fourth, ');
      },
      later,
      8,
    );
    const both = docOf(beside, update).getXmlFragment('default');
    expect(words(both)).toEqual(['a: one two three and more', 'b: fourth, four five', 'c: six']);
  });

  it('keeps the ids of blocks, and the blocks that did not move', () => {
    const later = stateOf((fragment) => {
      fragment.delete(1, 1);
      fragment.insert(0, [paragraph('new', { blockId: 'n' })]);
    }, three);
    const doc = docOf(later);
    const kept = doc.getXmlFragment('default').get(2);
    Y.applyUpdateV2(doc, revised(later, three).update);
    expect(words(doc.getXmlFragment('default'))).toEqual(['a: one two three', 'b: four five', 'c: six']);
    expect(doc.getXmlFragment('default').get(2)).toBe(kept);
  });

  it('taking a revision back leaves blocks that somebody changed since, and says how many', () => {
    const later = stateOf((fragment) => {
      textIn(fragment, 0).insert(0, 'Zero ');
      textIn(fragment, 1).insert(0, 'Third ');
    }, three);
    const restored = Y.encodeStateAsUpdateV2(docOf(later, revised(later, three).update));
    const since = stateOf((fragment) => textIn(fragment, 0).insert(13, '!'), restored, 8);
    const { update, left } = revised(since, later, restored);
    expect(left).toBe(1);
    const doc = docOf(since, update).getXmlFragment('default');
    expect(words(doc)).toEqual(['a: one two three!', 'b: Third four five', 'c: six']);
  });

  it('cuts no character in two', () => {
    const [old, now] = ['a 😀 b', 'a 😁 b'].map((text) =>
      stateOf((fragment) => fragment.insert(0, [paragraph(text, { blockId: 'a' })])),
    ) as [Uint8Array, Uint8Array];
    expect(words(docOf(now, revised(now, old).update).getXmlFragment('default'))).toEqual(['a: a 😀 b']);
  });

  it('refuses what is nested deeper than any editor makes', () => {
    const deep = stateOf((fragment) => {
      let parent: Y.XmlFragment | Y.XmlElement = fragment;
      for (let i = 0; i < 80; i++) {
        const inner = new Y.XmlElement('blockquote');
        parent.insert(0, [inner]);
        parent = inner;
      }
    });
    expect(reviseText(deep, { to: three }, 99).ok).toBe(false);
  });
});
