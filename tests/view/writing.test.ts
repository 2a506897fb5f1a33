import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeReference } from '../../src/base/reference';
import { askedAt, edited, markedOf, naming, wrapped, writtenOf } from '../../src/view/kit/writing/marked';

const ANN = { kind: 'user', id: 'a'.repeat(64) } as const;
const BOB = { kind: 'user', id: 'b'.repeat(64) } as const;
const PLAN = { kind: 'node', id: 'c'.repeat(32) } as const;

describe('a text in a field', () => {
  test('shows names, and is written with references', () => {
    const written = `hi ${writeReference(ANN, '@Ann')}, see ${writeReference(PLAN, 'Plan [v2]')}`;
    const marked = markedOf(written);
    expect(marked.text).toBe('hi @Ann, see Plan v2');
    expect(writtenOf(marked)).toBe(written);
  });

  test('keeps two people of one name apart, wherever is typed', () => {
    const both = `${writeReference(ANN, '@Ann')} and ${writeReference(BOB, '@Ann')}`;
    const typed = edited(markedOf(both), '@Ann and not @Ann');
    expect(writtenOf(typed)).toBe(`${writeReference(ANN, '@Ann')} and not ${writeReference(BOB, '@Ann')}`);
    expect(writtenOf(edited(edited(markedOf(both), 'x@Ann and @Ann'), 'x@Ann and @Ann!'))).toBe(`x${both}!`);
  });

  test('makes plain text of a name that was changed', () => {
    const marked = markedOf(`hi ${writeReference(ANN, '@Ann')}!`);
    expect(writtenOf(edited(marked, 'hi @Anna!'))).toBe(`hi ${writeReference(ANN, '@Ann')}a!`);
    expect(writtenOf(edited(marked, 'hi @An!'))).toBe('hi @An!');
    expect(writtenOf(edited(marked, 'hi @xAnn!'))).toBe('hi @xAnn!');
  });

  test('is what was typed, whatever is typed', () => {
    const piece = fc.constantFrom('a', ' ', '@Ann', 'x', '\n');
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 12 }), (texts) => {
        let marked = markedOf(`a ${writeReference(ANN, '@Ann')} ${writeReference(BOB, '@Ann')}`);
        for (const text of texts.map((pieces) => pieces.join(''))) {
          marked = edited(marked, text);
          expect(marked.text).toBe(text);
          expect(markedOf(writtenOf(marked))).toEqual(marked);
          for (const { from, to } of marked.names) expect(marked.text.slice(from, to)).toBe('@Ann');
        }
      }),
    );
  });

  test('asks after a sign at the beginning of a word, and not inside of a name', () => {
    const at = (text: string) => askedAt({ text, names: [] }, text.length);
    expect(at('hi @an')).toEqual({ from: 3, sign: '@', query: 'an' });
    expect(at('#')).toEqual({ from: 0, sign: '#', query: '' });
    expect(at('see [[cal pro')).toEqual({ from: 4, sign: '[[', query: 'cal pro' });
    expect(at('ann@example')).toBeNull();
    expect(at('@ann\n')).toBeNull();
    const marked = markedOf(writeReference(ANN, '@Ann'));
    expect(askedAt(marked, 4)).toBeNull();
  });

  test('takes the name that was chosen, and goes on after it', () => {
    const asked = markedOf('hi @an');
    const { marked, caret } = naming(asked, { from: 3, to: 6 }, ANN, '@Ann Lee');
    expect(writtenOf(marked)).toBe(`hi ${writeReference(ANN, '@Ann Lee')} `);
    expect(caret).toBe(marked.text.length);
  });

  test('puts marks around what is chosen, and takes them away', () => {
    expect(wrapped('a b', 2, 3, '**')).toEqual({ put: '**b**', from: 2, to: 3, select: [4, 5] });
    expect(wrapped('a **b**', 4, 5, '**')).toEqual({ put: 'b', from: 2, to: 7, select: [2, 3] });
  });
});
