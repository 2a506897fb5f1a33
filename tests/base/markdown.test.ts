import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Block, blocksOf, plainOf } from '../../src/base/markdown/blocks';
import type { Inline } from '../../src/base/markdown/inline';
import { flat, inlineOf, safeHref } from '../../src/base/markdown/inline';

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
      'https://example.org',
      'https://example.com',
    ]);
    for (const address of [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://example.org',
      'https://user:pass@evil.example',
      'https://good.example\\@evil.example',
      'https://good.example%40evil.example',
      'https://',
      'https://-.example',
      'https:/one.example',
      '//evil.example',
      ' javascript:x',
    ]) {
      expect(safeHref(address)).toBeNull();
      expect(links(inlineOf(`[click](${address})`))).toEqual([]);
    }
  });

  test('no text is lost: what is not a mark is shown', () => {
    const without = (words: string) => words.replace(/[*_~`[\]()\n]|https:\S*/g, '');
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('*', '**', '_', '~~', '`', '```', '[', '](', ')', 'a', ' ', 'слово', '\n', 'b'), {
          maxLength: 60,
        }),
        (parts) => {
          const words = parts.join('');
          expect(without(flat(inlineOf(words)))).toBe(without(words));
        },
      ),
    );
  });

  // One that is tried again at each of its signs would not end within the time of a test.
  test('the longest message of marks alone is read to its end', () => {
    for (const mark of [
      '*',
      '~~',
      '**',
      '_',
      '`',
      '[',
      '](',
      '[*_`',
      '> ',
      '- ',
      '```\n',
      '- \n',
      '> - ',
      '|',
      '|-',
      '|-|\n',
      '- [ ] ',
      '-\n\n  ',
    ]) {
      expect(blocksOf(mark.repeat(8_000 / mark.length)).length).toBeGreaterThan(0);
    }
  });

  test('strike is recognised, and mail addresses may be followed', () => {
    expect(inlineOf('~~old~~ new')).toEqual([{ kind: 'strike', inner: [text('old')] }, text(' new')]);
    expect(safeHref('mailto:ann@example.org')).toBe('mailto:ann@example.org');
    expect(safeHref('mailto:ann@example.org?body=x')).toBeNull();
  });

  test('a reference is a whole id of a person or an object, and nothing else', () => {
    const user = 'a'.repeat(64);
    const node = 'b'.repeat(32);
    expect(inlineOf(`hi [@Ann](lgos:user/${user})!`)).toEqual([
      text('hi '),
      { kind: 'reference', target: { kind: 'user', id: user }, label: '@Ann' },
      text('!'),
    ]);
    expect(plainOf(`see [Plan](lgos:node/${node})`)).toBe('see Plan');
    for (const address of [`lgos:user/${node}`, `lgos:node/${user}`, 'lgos:node/', `lgos:other/${node}`])
      expect(inlineOf(`[x](${address})`).every(({ kind }) => kind === 'text')).toBe(true);
  });

  test('code keeps its language and its lines, quotes and lists hold blocks of their own', () => {
    expect(blocksOf('so:\n```ts\nconst a = **1**;\n\n> no quote\n```\nend')).toEqual([
      { kind: 'paragraph', inner: [text('so:')] },
      { kind: 'code', language: 'ts', text: 'const a = **1**;\n\n> no quote' },
      { kind: 'paragraph', inner: [text('end')] },
    ]);
    const paragraph = (words: string): Block => ({ kind: 'paragraph', inner: [text(words)] });
    expect(blocksOf('> a\n> b\nc')).toEqual([{ kind: 'quote', blocks: [paragraph('a\nb')] }, paragraph('c')]);
    expect(blocksOf('3. a\n4. b\n  - c')).toEqual([
      {
        kind: 'list',
        from: 3,
        items: [[paragraph('a')], [paragraph('b'), { kind: 'list', from: null, items: [[paragraph('c')]] }]],
      },
    ]);
    expect(blocksOf('```\nnever closed')).toEqual([paragraph('```\nnever closed')]);
    expect(plainOf('-5 degrees')).toBe('-5 degrees');
  });

  test('headings, tasks, tables and rules are blocks too', () => {
    const paragraph = (words: string): Block => ({ kind: 'paragraph', inner: [text(words)] });
    expect(blocksOf('# One\ntwo\n### **Three**\n#four')).toEqual([
      { kind: 'heading', level: 1, inner: [text('One')] },
      paragraph('two'),
      { kind: 'heading', level: 3, inner: [{ kind: 'bold', inner: [text('Three')] }] },
      paragraph('#four'),
    ]);
    expect(blocksOf('- [ ] a\n- [x] b\n- [ ]\n- c\n---')).toEqual([
      {
        kind: 'tasks',
        items: [
          { done: false, blocks: [paragraph('a')] },
          { done: true, blocks: [paragraph('b')] },
          { done: false, blocks: [] },
        ],
      },
      { kind: 'list', from: null, items: [[paragraph('c')]] },
      { kind: 'rule' },
    ]);
    expect(blocksOf('| a | b\\|c |\n| --- | :-: |\n| 1 |\n\n| d |')).toEqual([
      {
        kind: 'table',
        rows: [
          [[text('a')], [text('b|c')]],
          [[text('1')], []],
        ],
      },
      paragraph('| d |'),
    ]);
    expect(plainOf('# a\n| b | c |\n|---|---|\n- [x] d')).toBe('a b c d');
    expect(blocksOf('1. a\n\n   b\n2. c')).toEqual([
      { kind: 'list', from: 1, items: [[paragraph('a\n\nb')], [paragraph('c')]] },
    ]);
  });

  test('a short text does not become a large table: what would be one is a paragraph, and no word of it is lost', () => {
    const wide = (rows: number) => `|${'a|'.repeat(32)}\n|${'-|'.repeat(32)}\n${'|b|\n'.repeat(rows)}`;
    const [table] = blocksOf(wide(61));
    expect(table?.kind === 'table' && table.rows.length).toBe(62);
    const large = blocksOf(wide(2_000));
    expect(large.map(({ kind }) => kind)).toEqual(['paragraph']);
    expect(plainOf(wide(2_000)).match(/b/g)).toHaveLength(2_000);
  });

  test('what is read over and over where it is tried at each line would not end within the time of a test', () => {
    expect(blocksOf('|-|\n'.repeat(20_000))).toHaveLength(1);
    expect(blocksOf(`a${'\n'.repeat(200_000)}b`)).toHaveLength(1);
    expect(blocksOf('```\n'.repeat(30_000))).toHaveLength(15_000);
  });

  test('no word is lost in blocks either', () => {
    const words = (said: string): readonly string[] => said.match(/[a-z]+/g) ?? [];
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '> ',
            '- ',
            '1. ',
            '```',
            '```js',
            '  ',
            '\n',
            'word',
            ' ',
            'b',
            '**',
            '# ',
            '- [ ] ',
            '|',
            '---',
          ),
          {
            maxLength: 60,
          },
        ),
        (parts) => {
          // What stands right behind a fence is the name of its language.
          const said = parts
            .join('')
            .replaceAll('```js', '```')
            .replace(/```(?=[a-z])/g, '``` ');
          expect(words(plainOf(said)).join('')).toBe(words(said).join(''));
        },
      ),
    );
  });
});
