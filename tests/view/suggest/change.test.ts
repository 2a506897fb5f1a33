import { type Node, Schema } from '@tiptap/pm/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Change,
  changesOf,
  placesIn,
  readChange,
  standingOf,
  summaryOf,
  withChanges,
  wordChanges,
  writeChange,
} from '../../../src/view/editor/suggest/change';

const attrs = { blockId: { default: null } };
const schema = new Schema({
  nodes: {
    doc: { content: 'block+' },
    paragraph: { group: 'block', content: 'inline*', attrs },
    heading: { group: 'block', content: 'inline*', attrs: { ...attrs, level: { default: 1 } } },
    list: { group: 'block', content: 'item+', attrs },
    item: { content: 'block+', attrs },
    text: { group: 'inline' },
  },
  marks: { bold: {} },
});
const p = (blockId: string, text: string, bold = false): Node =>
  schema.node('paragraph', { blockId }, text === '' ? [] : [schema.text(text, bold ? [schema.mark('bold')] : [])]);
const list = (blockId: string, ...items: Node[]): Node =>
  schema.node(
    'list',
    { blockId },
    items.map((inner) => schema.node('item', { blockId: `${inner.attrs.blockId}i` }, [inner])),
  );
const doc = (...blocks: Node[]): Node => schema.node('doc', null, blocks);
const lines = (node: Node): string[] => {
  const found: string[] = [];
  node.descendants((inner) => {
    if (inner.isTextblock) found.push(inner.textContent);
  });
  return found;
};
const standing = (change: Change, now: Node) => standingOf(change, now, placesIn(now));
const only = (base: Node, next: Node): Change => {
  const changes = changesOf(base, next);
  expect(changes).toHaveLength(1);
  return changes[0] as Change;
};

describe('the changes between two documents', () => {
  test('a block that was rewritten is a change of its own; a split, a join and new blocks are one change each', () => {
    const base = doc(p('a', 'one'), p('b', 'two'), p('c', 'three'));
    const shape = (next: Node) =>
      changesOf(base, next).map(({ after, base: was, proposed }) => [
        after,
        was.map((n) => n.textContent),
        proposed.map((n) => n.textContent),
      ]);
    expect(shape(doc(p('a', 'ONE'), p('b', 'TWO'), p('c', 'three')))).toEqual([
      ['', ['one'], ['ONE']],
      ['a', ['two'], ['TWO']],
    ]);
    expect(shape(doc(p('a', 'o'), p('x', 'ne'), p('b', 'two'), p('c', 'three')))).toEqual([['', ['one'], ['o', 'ne']]]);
    expect(shape(doc(p('a', 'onetwo'), p('c', 'three')))).toEqual([['', ['one', 'two'], ['onetwo']]]);
    expect(shape(doc(p('a', 'one'), p('b', 'two'), p('x', 'new'), p('y', 'newer'), p('c', 'three')))).toEqual([
      ['b', [], ['new', 'newer']],
    ]);
    expect(shape(doc(p('b', 'two')))).toEqual([
      ['', ['one'], []],
      ['b', ['three'], []],
    ]);
    expect(shape(base)).toEqual([]);
  });

  test('a change inside a list names the item that it stands in', () => {
    const base = doc(p('a', 'one'), list('l', p('b', 'two'), p('c', 'three')));
    const change = only(base, doc(p('a', 'one'), list('l', p('b', 'two'), p('c', 'THREE'))));
    expect(change).toMatchObject({ parent: 'ci', after: '' });
    expect(lines(withChanges(base, [change]))).toEqual(['one', 'two', 'THREE']);
  });

  const blockArb = fc.record({
    id: fc.constantFrom(...'abcdefghij'),
    text: fc.constantFrom('', 'x', 'x y', 'y', 'z z'),
  });
  const docArb = fc
    .uniqueArray(blockArb, { selector: ({ id }) => id, minLength: 1, maxLength: 8 })
    .map((blocks) => doc(...blocks.map(({ id, text }) => p(id, text))));
  test('put together they give the other document, whatever the two', () => {
    fc.assert(
      fc.property(docArb, docArb, (base, next) => {
        expect(withChanges(base, changesOf(base, next)).toJSON()).toEqual(next.toJSON());
      }),
      { numRuns: 500 },
    );
  });
});

describe('a change in a document that went on', () => {
  const base = doc(p('a', 'The probe waits twenty minutes.'), p('b', 'two'));
  const change = only(base, doc(p('a', 'The probe waits forty minutes.'), p('b', 'two')));

  test('is fresh while its block is as it was, wherever that went', () => {
    expect(standing(change, base).type).toBe('fresh');
    expect(standing(change, doc(p('x', 'new'), ...[base.child(1), base.child(0)])).type).toBe('fresh');
  });
  test('moves with other words of its block', () => {
    const now = doc(p('a', 'The old probe waits twenty minutes.'), p('b', 'two'));
    expect(standing(change, now).type).toBe('moved');
    expect(lines(withChanges(now, [change]))).toEqual(['The old probe waits forty minutes.', 'two']);
    const later = doc(p('a', 'The probe waits twenty minutes at least.'), p('b', 'two'));
    expect(lines(withChanges(later, [change]))[0]).toBe('The probe waits forty minutes at least.');
  });
  test('clashes where the same words changed, and is not applied then', () => {
    const now = doc(p('a', 'The probe waits an hour.'), p('b', 'two'));
    expect(standing(change, now).type).toBe('clash');
    expect(withChanges(now, [change])).toBe(now);
  });
  test('has landed once the block reads so, and is gone with its block', () => {
    expect(standing(change, doc(p('a', 'The probe waits forty minutes.'))).type).toBe('landed');
    expect(standing(change, doc(p('b', 'two'))).type).toBe('gone');
    const removal = only(base, doc(p('b', 'two')));
    expect(standing(removal, doc(p('b', 'two'))).type).toBe('landed');
  });
  test('that puts blocks in stands after its neighbour, and is gone with it', () => {
    const insertion = only(base, doc(base.child(0), p('x', 'new'), base.child(1)));
    expect(lines(withChanges(doc(p('z', 'zero'), base.child(0)), [insertion]))).toEqual([
      'zero',
      base.child(0).textContent,
      'new',
    ]);
    expect(standing(insertion, doc(p('b', 'two'))).type).toBe('gone');
  });
  test('keeps bold words and the kind of a block', () => {
    const turned = only(base, doc(schema.node('heading', { blockId: 'a' }, base.child(0).content), base.child(1)));
    const now = doc(p('a', 'The probe waits twenty minutes!'), p('b', 'two'));
    const made = withChanges(now, [turned]).child(0);
    expect([made.type.name, made.textContent]).toEqual(['heading', 'The probe waits twenty minutes!']);
    const bold = only(base, doc(base.child(0), p('b', 'two', true)));
    expect(withChanges(base, [bold]).child(1).child(0).marks).toHaveLength(1);
  });
});

describe('words that differ', () => {
  const words = (was: string, is: string) =>
    wordChanges(p('a', was), p('a', is)).map(({ from, to, nextFrom, nextTo }) => [
      was.slice(from, to),
      is.slice(nextFrom, nextTo),
    ]);
  test('are found word by word, neighbours together', () => {
    expect(words('wait twenty minutes', 'wait forty minutes')).toEqual([['twenty', 'forty']]);
    expect(words('one two three', 'one three')).toEqual([['two ', '']]);
    expect(words('a b c', 'x y c')).toEqual([['a b', 'x y']]);
    expect(words('', 'new words')).toEqual([['', 'new words']]);
    expect(words('ждать двадцать минут', 'ждать сорок минут')).toEqual([['двадцать', 'сорок']]);
  });
  test('give the second text when put in place of the first, whatever the two', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ' ', '.', 'д'), { maxLength: 24 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (was, is) => {
        let made = '';
        let at = 0;
        for (const { from, to, nextFrom, nextTo } of wordChanges(p('a', was), p('a', is))) {
          made += was.slice(at, from) + is.slice(nextFrom, nextTo);
          at = to;
        }
        expect(made + was.slice(at)).toBe(is);
      }),
    );
  });
  test('are told in short', () => {
    const change = only(doc(p('a', 'wait twenty minutes')), doc(p('a', 'wait forty minutes')));
    expect(summaryOf(change)).toEqual({ out: 'twenty', in: 'forty' });
  });
});

describe('a change from the graph', () => {
  const row = (change: Change) => ({ ...writeChange(change), id: 's' }) as never;
  const change = only(doc(p('a', 'one')), doc(p('a', 'two'), p('b', 'three')));
  test('is read as it was written', () => {
    expect(readChange(row(change), schema)).toEqual(change);
  });
  test('is not read when it is made of something else', () => {
    const wrong = { ...writeChange(change), proposed: [{ type: 'script' }] };
    const misnamed = { ...writeChange(change), blocks: ['z'] };
    const inline = { ...writeChange(change), proposed: [{ type: 'text', text: 'x' }] };
    const whole = { ...writeChange(change), proposed: [doc(p('a', 'x')).toJSON()] };
    for (const each of [wrong, misnamed, inline, whole, { blocks: [], base: [7], proposed: [null] }])
      expect(readChange(each as never, schema)).toBeNull();
  });
  test('that fits nowhere is left out', () => {
    const misfit: Change = { ...change, proposed: [schema.node('item', { blockId: 'q' }, [p('r', 'x')])] };
    const base = doc(p('a', 'one'));
    expect(withChanges(base, [misfit])).toBe(base);
  });
});
