/** Documents that are made with something in them: of Markdown, of a message, of a template. */
import { describe, expect, test } from 'vitest';
import { addressOf, writeReference } from '../../src/base/reference';
import type { MarkupNode, TemplateRow } from '../../src/bridge/messages';
import { blocksFrom } from '../../src/os/schema/blocks';
import { answerOf, createReplica, deliver, idOf, type Replica, SPACE, team, ticking, whyNot } from '../support/view';

const MARKDOWN = [
  '## Plan **of** it',
  '',
  'first\\',
  'second',
  '',
  '- a',
  '',
  '  3. b',
  '  4. c',
  '',
  '- [x] done',
  '- [ ] open',
  '',
  '> said',
  '',
  '```ts',
  'const a = **1**;',
  '```',
  '',
  '---',
  '',
  '| x | y |',
  '| --- | --- |',
  '| 1 | 2\\|3 |',
].join('\n');

const solo = () => createReplica({ name: 'Ann', clock: ticking() });
const make = (replica: Replica, args: object) =>
  idOf(replica.run('editor.createDocument', { spaceId: SPACE, ...args }));
const contentOf = (replica: Replica, documentId: string) =>
  answerOf<readonly MarkupNode[]>(replica.query('editor.content', { documentId }));
const markdownOf = (replica: Replica, documentId: string) =>
  answerOf<string>(replica.query('editor.markdown', { documentId }));
const titleOf = (replica: Replica, id: string) =>
  replica.view
    .graph(SPACE)
    ?.node(id as never)
    ?.field('title');
const idsIn = (content: readonly MarkupNode[]): readonly unknown[] =>
  content.flatMap((node) => ('type' in node ? [node.attributes.blockId, ...idsIn(node.content)] : []));
const withoutIds = (content: readonly MarkupNode[]): unknown =>
  JSON.parse(JSON.stringify(content, (key, value: unknown) => (key === 'blockId' ? undefined : value)));

describe('a text in Markdown', () => {
  test('becomes the blocks that are written as this text again', () => {
    const ann = solo();
    const id = make(ann, { title: 'T', markdown: MARKDOWN.replace('first\\\n', 'first\n') });
    expect(markdownOf(ann, id)).toBe(`# T\n\n${MARKDOWN}\n`);
    expect(withoutIds(contentOf(ann, id))).toEqual(blocksFrom(MARKDOWN.replace('first\\\n', 'first\n')));
  });

  test('is written with names as they are today, and as they were written where nobody knows', () => {
    const ann = solo();
    const plan = make(ann, { title: 'Plan' });
    const target = { kind: 'node', id: plan } as const;
    const gone = writeReference({ kind: 'node', id: 'f'.repeat(32) }, 'Gone');
    const id = make(ann, { title: 'T', markdown: `${writeReference(target, 'Pl')} and ${gone}` });
    ann.run('editor.rename', { documentId: plan, title: 'Plan *B*' });
    expect(markdownOf(ann, id)).toBe(
      `# T\n\n[Plan \\*B\\*](<${addressOf(target)}>) and ${gone.replace(/\((.*)\)/, '(<$1>)')}\n`,
    );
  });

  test('names people and objects by their ids, and links to what may be followed alone', () => {
    const target = { kind: 'user', id: 'a'.repeat(64) } as const;
    expect(blocksFrom(`**hi ${writeReference(target, '@Ann')}** [x](javascript:1) [y](https://a.example)`)).toEqual([
      {
        type: 'paragraph',
        attributes: {},
        content: [
          { text: 'hi ', marks: { bold: {} } },
          { text: '@Ann', marks: { bold: {}, link: { href: addressOf(target) } } },
          { text: ' [x](javascript:1) ', marks: {} },
          { text: 'y', marks: { link: { href: 'https://a.example' } } },
        ],
      },
    ]);
  });

  test('gives what the editor takes: lines where a block must not be empty, code with no other mark', () => {
    const empty = { type: 'paragraph', attributes: {}, content: [] };
    expect(blocksFrom('- [ ]')).toEqual([
      {
        type: 'taskList',
        attributes: {},
        content: [{ type: 'taskItem', attributes: { checked: false }, content: [empty] }],
      },
    ]);
    expect(blocksFrom('- # x')).toMatchObject([{ content: [{ content: [empty, { type: 'heading' }] }] }]);
    expect(blocksFrom('>')).toMatchObject([{ type: 'blockquote', content: [empty] }]);
    expect(blocksFrom('**a `b`**')).toMatchObject([{ content: [{ marks: { bold: {} } }, { marks: { code: {} } }] }]);
    expect(blocksFrom('a\n\n\nb')).toMatchObject([{ type: 'paragraph' }, { type: 'paragraph' }]);
    expect(blocksFrom('')).toEqual([]);
  });
});

describe('a template', () => {
  const shelf = () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann', clock });
    const bob = createReplica({ name: 'Bob', clock });
    const folder = idOf(ann.run('editor.createFolder', { spaceId: SPACE, title: 'F' }));
    const template = make(ann, { title: 'Meeting', parent: folder, markdown: MARKDOWN });
    ann.run('editor.setIcon', { documentId: template, icon: '🌱' });
    ann.run('editor.setTemplate', { documentId: template });
    deliver(ann, bob);
    return { ann, bob, folder, template };
  };
  const listed = (replica: Replica) =>
    answerOf<readonly TemplateRow[]>(replica.query('editor.templates', { spaceId: SPACE }));

  test('gives a new document its blocks, title, icon and folder, and no id of its own', () => {
    const { bob, folder, template } = shelf();
    const id = make(bob, { template });
    expect(withoutIds(contentOf(bob, id))).toEqual(withoutIds(contentOf(bob, template)));
    const ids = idsIn(contentOf(bob, id)).filter((each) => each !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter((each) => idsIn(contentOf(bob, template)).includes(each))).toEqual([]);
    expect(bob.view.graph(SPACE)?.node(id)).toMatchObject({ parent: folder });
    expect([titleOf(bob, id), bob.view.graph(SPACE)?.node(id)?.field('icon')]).toEqual(['Meeting', '🌱']);
    expect(listed(bob).map((row) => row.id)).toEqual([template]);
    const other = make(bob, { template, title: 'Monday' });
    expect(titleOf(bob, other)).toBe('Monday');
  });

  test('is one as long as it is marked and there', () => {
    const { ann, bob, folder, template } = shelf();
    expect(listed(ann)).toEqual([{ id: template, title: 'Meeting', icon: '🌱' }]);
    ann.run('editor.remove', { documentId: folder });
    expect(ann.view.graph(SPACE)?.node(make(ann, { template }))?.parent).toBe('');
    bob.run('editor.setTemplate', { documentId: template, on: false });
    expect(listed(bob)).toEqual([]);
    expect(whyNot(bob.run('editor.createDocument', { spaceId: SPACE, template }))).toBe('noSuchTemplate');
    ann.run('editor.remove', { documentId: template });
    expect(listed(ann)).toEqual([]);
    expect(whyNot(ann.run('editor.createDocument', { spaceId: SPACE, template }))).toBe('noSuchTemplate');
    expect(whyNot(ann.run('editor.setTemplate', { documentId: template }))).toBe('removed');
    expect(whyNot(ann.run('editor.setTemplate', { documentId: folder }))).toBe('notFound');
  });

  test('is marked and used by Members and above alone', () => {
    const { gus, ann } = team();
    const template = make(ann, { title: 'T' });
    ann.run('editor.setTemplate', { documentId: template });
    deliver(ann, gus);
    expect(whyNot(gus.run('editor.setTemplate', { documentId: template, on: false }))).toBe('notAllowed');
    expect(whyNot(gus.run('editor.createDocument', { spaceId: SPACE, template }))).toBe('notAllowed');
  });
});

describe('a document made of a message', () => {
  test('says what the message says, in blocks, or what it is told to say', () => {
    const { ann, channelId } = team();
    const messageId = idOf(ann.run('chat.send', { channelId, text: '# Plan\n- a\n- b\n```js\nx\n```' }));
    const of = (args: object) =>
      contentOf(ann, idOf(ann.run('chat.makeDocument', { messageId, ...args }))).map((node) =>
        'type' in node ? node.type : '',
      );
    expect(of({})).toEqual(['heading', 'bulletList', 'codeBlock']);
    expect(of({ text: 'only\n\nthis' })).toEqual(['paragraph', 'paragraph']);
  });
});
