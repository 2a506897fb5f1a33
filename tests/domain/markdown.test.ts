/** Documents as Markdown. */
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { markdownOf } from '../../src/domain/editor/markdown';
import { markupOf } from '../../src/vm/graph/markup';

type Part = string | readonly [text: string, marks: object] | { readonly [type: string]: readonly Part[] | object };
const put = (parent: Y.XmlFragment, parts: readonly Part[]): void => {
  for (const part of parts) {
    if (typeof part === 'string' || Array.isArray(part)) {
      const text = new Y.XmlText();
      parent.push([text]);
      const [said, marks] = typeof part === 'string' ? [part, {}] : (part as readonly [string, object]);
      text.insert(0, said, marks);
      continue;
    }
    const [[name, inside]] = Object.entries(part) as [
      [string, readonly Part[] & { attributes?: object; of?: readonly Part[] }],
    ];
    const element = new Y.XmlElement(name);
    parent.push([element]);
    for (const [key, value] of Object.entries(inside.attributes ?? {})) element.setAttribute(key, value as string);
    put(element, inside.of ?? inside);
  }
};
const markdown = (...parts: readonly Part[]): string => {
  const doc = new Y.Doc();
  put(doc.getXmlFragment('default'), parts);
  return markdownOf(markupOf(Y.encodeStateAsUpdateV2(doc)));
};
test('a name is said once, with the sign that it was written with, however its letters are marked', () => {
  const href = `lgos:user/${'a'.repeat(64)}`;
  const doc = new Y.Doc();
  const ann = [
    ['@An', { link: { href } }],
    ['n', { link: { href }, bold: true }],
  ] as const;
  put(doc.getXmlFragment('default'), [{ paragraph: ['hi ', ...ann, ', yes'] }]);
  const nameOf = ({ id }: { id: string }) => (id.startsWith('a') ? 'Anna' : undefined);
  expect(markdownOf(markupOf(Y.encodeStateAsUpdateV2(doc)), nameOf)).toBe(`hi [@Anna](<${href}>), yes`);
});
const p = (...of: readonly Part[]): Part => ({ paragraph: of });
const li = (...of: readonly Part[]): Part => ({ listItem: of });

describe('a document as Markdown', () => {
  test('has headings, lists in lists, tasks, quotes, code, tables and rules', () => {
    expect(
      markdown(
        { heading: { attributes: { level: 2 }, of: ['Plan'] } },
        p('first', ['bold', { bold: true }], [' gone ', { strike: true }]),
        {
          bulletList: [li(p('a'), { orderedList: { attributes: { start: 3 }, of: [li(p('b')), li(p('c'), p('d'))] } })],
        },
        { taskList: [{ taskItem: { attributes: { checked: true }, of: [p('done')] } }, { taskItem: [p('open')] }] },
        { blockquote: [p('said'), p('twice')] },
        { codeBlock: { attributes: { language: 'ts' }, of: ['const a = 1;\n```'] } },
        { horizontalRule: [] },
        {
          table: [
            { tableRow: [{ tableHeader: [p('x')] }, { tableHeader: [p('y')] }] },
            { tableRow: [{ tableCell: [p('1|2'), p('3')] }] },
          ],
        },
      ),
    ).toBe(
      [
        '## Plan',
        '',
        'first**bold** ~~gone~~ ',
        '',
        '- a',
        '',
        '  3. b',
        '  4. c',
        '',
        '     d',
        '',
        '- [x] done',
        '- [ ] open',
        '',
        '> said',
        '>',
        '> twice',
        '',
        '````ts',
        'const a = 1;',
        '```',
        '````',
        '',
        '---',
        '',
        '| x | y |',
        '| --- | --- |',
        '| 1\\|2<br>3 |  |',
      ].join('\n'),
    );
  });

  test('what only looks like a sign stays text, also where a line begins', () => {
    expect(markdown(p('# no *heading* [x](y) <b> `c`'))).toBe('\\# no \\*heading\\* \\[x\\](y) \\<b\\> \\`c\\`');
    expect(markdown(p('- no list'), p('12. no list'), p('+ no list'))).toBe(
      '\\- no list\n\n12\\. no list\n\n\\+ no list',
    );
    expect(markdown(p(['a`b', { code: true }]), p(['site', { link: { href: 'https://a.example/x y>' } }]))).toBe(
      '`` a`b ``\n\n[site](<https://a.example/x%20y%3e>)',
    );
  });

  test('of what nobody knows, or nests without end, the text is kept', () => {
    let deep: Part = p('inside');
    for (let i = 0; i < 400; i++) deep = { blockquote: [deep] };
    expect(markdown(deep)).toContain('inside');
    expect(markdown({ strange: { attributes: { x: '1' }, of: [p('kept')] } })).toBe('kept');
    expect(markdown()).toBe('');
  });
});
