import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Inline } from '../../src/view/chat/inline';
import { inlineOf, plainOf, safeHref } from '../../src/view/chat/inline';

const text = (words: string): Inline => ({ kind: 'text', text: words });
const links = (tree: readonly Inline[]): string[] =>
  tree.flatMap((node) => (node.kind === 'link' ? [node.href] : 'inner' in node ? links(node.inner) : []));

describe('the Markdown of messages', () => {
  test('bold, italic and code are recognised, also inside each other', () => {
    expect(inlineOf('**swap all** three')).toEqual([{ kind: 'bold', inner: [text('swap all')] }, text(' three')]);
    expect(inlineOf('*наклон*')).toEqual([{ kind: 'italic', inner: [text('наклон')] }]);
    expect(inlineOf('**a _b_ c**')).toEqual([
      { kind: 'bold', inner: [text('a '), { kind: 'italic', inner: [text('b')] }, text(' c')] },
    ]);
    expect(inlineOf('`**x**`')).toEqual([{ kind: 'code', text: '**x**' }]);
    expect(inlineOf('```\na\n  b\n```')).toEqual([{ kind: 'code', text: 'a\n  b' }]);
  });

  test('marks that stand alone or inside words stay as they are', () => {
    for (const words of ['2 * 3 * 4', 'snake_case_name', '** not bold **', '`open', '[a](b)', '*', '**', '']) {
      expect(plainOf(words)).toBe(words.trim());
      expect(inlineOf(words).every((node) => node.kind === 'text')).toBe(true);
    }
  });

  test('only https addresses become links', () => {
    expect(links(inlineOf('see https://example.org/a_b_c, then go'))).toEqual(['https://example.org/a_b_c']);
    expect(links(inlineOf('[here](https://example.org) and (https://example.com).'))).toEqual([
      'https://example.org/',
      'https://example.com/',
    ]);
    for (const address of [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://example.org',
      'https://user:pass@evil.example',
      '//evil.example',
      ' javascript:x',
    ]) {
      expect(safeHref(address)).toBeNull();
      expect(links(inlineOf(`[click](${address})`))).toEqual([]);
    }
  });

  test('no text is lost: what is not a mark is shown', () => {
    const flat = (tree: readonly Inline[]): string =>
      tree.map((node) => ('inner' in node ? flat(node.inner) : node.text)).join('');
    const without = (words: string) => words.replace(/[*_`[\]()\n]|https:\S*/g, '');
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('*', '**', '_', '`', '```', '[', '](', ')', 'a', ' ', 'слово', '\n', 'b'), {
          maxLength: 60,
        }),
        (parts) => {
          const words = parts.join('');
          expect(without(flat(inlineOf(words)))).toBe(without(words));
        },
      ),
    );
  });

  test('the longest message of marks alone is read in a blink', () => {
    for (const mark of ['*', '**', '_', '`', '[', '](', '[*_`']) {
      const started = performance.now();
      inlineOf(mark.repeat(8_000 / mark.length));
      expect(performance.now() - started).toBeLessThan(500);
    }
  });
});
