import { Selection } from '@tiptap/pm/state';
import { yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import { afterEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { seededRandom } from '../../../src/base/random';
import { blocksFrom } from '../../../src/os/schema/blocks';
import { carryOver } from '../../../src/view/editor/carry';
import { isSafeAddress } from '../../../src/view/editor/extensions';
import { BODY, openTwin } from '../../../src/view/editor/twin';
import type { Markup } from '../../../src/vm/graph/markup';
import { updateWriting } from '../../../src/vm/graph/written';
import { at, block, blockIds, closeDesks, type Desk, lostTypes, openDesk, pasteCopy, settle } from './bench';
import { FakeKernel } from './kernel';

afterEach(closeDesks);

async function two(...paragraphs: string[]): Promise<{ kernel: FakeKernel; a: Desk; b: Desk }> {
  const kernel = new FakeKernel();
  const a = await openDesk(kernel);
  if (paragraphs.length > 0) {
    a.editor.commands.setContent(paragraphs.map((words) => `<p>${words}</p>`).join(''));
    settle(a);
  }
  const b = await openDesk(kernel);
  return { kernel, a, b };
}

function kernelJson(kernel: FakeKernel, { editor }: Desk): unknown {
  return yXmlFragmentToProseMirrorRootNode(kernel.doc.getXmlFragment(BODY), editor.schema).toJSON();
}

function expectSame(kernel: FakeKernel, a: Desk, b: Desk): void {
  expect(a.editor.getJSON()).toEqual(b.editor.getJSON());
  expect(a.editor.getJSON()).toEqual(kernelJson(kernel, a));
}

function expectUnique(editor: Desk['editor']): void {
  const ids = blockIds(editor);
  expect(ids).not.toContain('null');
  expect(new Set(ids).size).toBe(ids.length);
}

describe('blocks that the kernel wrote', () => {
  test('are all shown, under ids of their own, and nothing is written for it', async () => {
    const markdown =
      '# One\n\n**two** `x`\nand\n\n- a\n  1. b\n- [x] no\n\n- [ ] c\n\n> d\n\n```js\ne\n```\n\n---\n\n| f | g |\n|---|---|\n| h | |';
    const kernel = new FakeKernel();
    const blocks = blocksFrom(markdown);
    Y.applyUpdateV2(kernel.doc, updateWriting(blocks, 77));
    const desk = await openDesk(kernel);
    settle(desk);
    const { doc } = desk.editor.state;
    doc.check();
    const shown: string[] = [];
    doc.descendants((node) => void shown.push(node.isText ? (node.text ?? '') : node.type.name));
    const listed = (content: readonly Markup[]): string[] =>
      content.flatMap((each) => ('text' in each ? [each.text] : [each.type, ...listed(each.content)]));
    expect(shown).toEqual(listed(blocks));
    expectUnique(desk.editor);
    expect(desk.peer.pushed).toEqual([]);
    expect(kernelJson(kernel, desk)).toEqual(desk.editor.getJSON());
  });
});

describe('twins', () => {
  test('an opened document that nobody edits sends nothing', async () => {
    const { kernel, a, b } = await two();
    settle(a, b);
    expect([a.peer.pushed.length, b.peer.pushed.length]).toEqual([0, 0]);
    expect(kernel.doc.getXmlFragment(BODY).length).toBe(0);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('interleaved edits converge to the same document, seed %i', async (seed) => {
    const random = seededRandom(seed).below;
    const { kernel, a, b } = await two('alpha beta gamma', 'delta epsilon', 'zeta');
    for (let round = 0; round < 6; round++) {
      kernel.hold();
      for (let step = 0; step < 10; step++) edit(random(2) === 0 ? a : b, random);
      settle(a, b);
      kernel.letGo(random);
      settle(a, b);
    }
    expectSame(kernel, a, b);
    expectUnique(a.editor);
    expect(lostTypes).toEqual([]);
  });

  test('the cursor goes with its words while another writes before them in the same paragraph', async () => {
    const { a, b } = await two('middle');
    a.editor.commands.setTextSelection(at(a.editor, 'middle', 6));
    b.editor.commands.setTextSelection(at(b.editor, 'middle'));
    for (const [own, other] of [...'and Anna'].map((letter, i) => [letter, 'Boris + '[i] ?? '']) as [
      string,
      string,
    ][]) {
      a.editor.view.dispatch(a.editor.state.tr.insertText(own));
      b.editor.view.dispatch(b.editor.state.tr.insertText(other));
      settle(a, b);
    }
    expect(a.editor.getText()).toBe('Boris + middleand Anna');
    expect(b.editor.getText()).toBe('Boris + middleand Anna');
  });

  test('a merge whose cursor y-tiptap cannot place is drawn all the same, seed 76', async () => {
    const { below } = seededRandom(76);
    const { kernel, a, b } = await two('alpha beta gamma', 'delta epsilon', 'zeta');
    kernel.hold();
    for (let step = 0; step < 10; step++) {
      edit(below(2) === 0 ? a : b, below, true);
      settle(a, b);
    }
    kernel.letGo(below);
    settle(a, b);
    expect(lostTypes).toEqual([]);
    expectSame(kernel, a, b);
  });

  test('a twin writes under the id the kernel gave, so nothing is refused', async () => {
    const { kernel, a, b } = await two('one');
    a.editor.commands.insertContentAt(1, 'a');
    b.editor.commands.insertContentAt(1, 'b');
    settle(a, b);
    expect(lostTypes).toEqual([]);
    expect([...kernel.doc.store.clients.keys()].sort()).toEqual([a.peer.clientId, b.peer.clientId]);
  });

  test('one turn of typing is one update', async () => {
    const { a } = await two('one');
    const before = a.peer.pushed.length;
    for (const char of 'words') a.editor.commands.insertContentAt(1, char);
    expect(a.peer.pushed.length).toBe(before);
    await Promise.resolve();
    expect(a.peer.pushed.length).toBe(before + 1);
  });

  test('what came from the kernel is not sent back', async () => {
    const { a, b } = await two('one');
    a.editor.commands.insertContentAt(1, 'more ');
    settle(a, b);
    expect(b.editor.getText()).toContain('more one');
    expect(b.peer.pushed).toEqual([]);
  });

  test('a twin that may not write sends nothing and its text cannot be edited', async () => {
    const { kernel, a } = await two('one');
    const reader = await openDesk(kernel, false);
    expect(reader.editor.view.editable).toBe(false);
    reader.editor.commands.insertContentAt(1, 'x');
    settle(a, reader);
    expect(reader.peer.pushed).toEqual([]);
    expect(a.editor.getText()).toBe('one');
  });

  test('edits that the last kernel did not keep are carried to the next twin, others’ edits stay', async () => {
    const { kernel, a, b } = await two('one', 'two');
    kernel.hold();
    b.editor.commands.insertContentAt(at(b.editor, 'two', 3), ' from b');
    settle(b);
    a.editor.commands.insertContentAt(at(a.editor, 'one', 3), ' unsent');
    kernel.lose(a.peer, { type: 'leaderChanged', message: '', safe: '', next: '' });
    const next = await openTwin(kernel, 'document', new Y.Doc(), { presence: () => {}, lost: () => {} });
    expect(next.doc.clientID).not.toBe(a.twin.doc.clientID);
    carryOver(a.twin.doc, next.doc);
    next.flush();
    kernel.letGo();
    settle(b);
    expect(b.editor.getText()).toBe('one unsent\n\ntwo from b');
    next.close();
  });
});

describe('formatting marks', () => {
  test('[decision 17] a twin under y-tiptap keeps the marks that Yjs would clean up after a merge', async () => {
    let cleaned = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { kernel, a, b } = await two('some words to mark');
      const { below, pick } = seededRandom(seed);
      for (let round = 0; round < 3; round++) {
        kernel.hold();
        for (const { editor } of [a, b, a, b]) {
          const from = 1 + below(9);
          editor
            .chain()
            .setTextSelection({ from, to: from + 2 + below(7) })
            .toggleMark(pick(['bold', 'italic']))
            .run();
        }
        settle(a, b);
        const pushed = [a.peer.pushed.length, b.peer.pushed.length];
        kernel.letGo();
        settle(a, b);
        // Nothing is answered to a merge.
        expect([a.peer.pushed.length, b.peer.pushed.length]).toEqual(pushed);
      }
      expectSame(kernel, a, b);
      for (const { doc } of [a.twin, b.twin]) expect(deletions(doc)).toEqual(deletions(kernel.doc));
      // The same updates in a document without the rule: where Yjs deletes marks of its own accord, it differs.
      const plain = new Y.Doc();
      plain.getXmlFragment(BODY);
      for (const update of [...a.peer.pushed, ...b.peer.pushed]) Y.applyUpdateV2(plain, update);
      if (JSON.stringify(deletions(plain)) !== JSON.stringify(deletions(kernel.doc))) cleaned += 1;
      closeDesks();
    }
    expect(cleaned).toBeGreaterThan(0);
  });
});

describe('block ids', () => {
  test('every block of an edited document has one', async () => {
    const { a } = await two();
    a.editor.commands.setContent(
      '<h1>h</h1><ul><li><p>i</p></li></ul><blockquote><p>q</p></blockquote><pre>c</pre><hr>',
    );
    a.editor.chain().focus('end').insertTable({ rows: 2, cols: 2 }).run();
    expectUnique(a.editor);
  });

  test('both halves of blocks that two people split at once have ids of their own', async () => {
    for (const offset of [0, 3, 5, 9]) {
      const { kernel, a, b } = await two('alpha bet');
      kernel.hold();
      for (const desk of [a, b])
        desk.editor
          .chain()
          .setTextSelection(at(desk.editor, 'alpha bet', offset))
          .splitBlock()
          .run();
      settle(a, b);
      kernel.letGo();
      settle(a, b);
      expectUnique(a.editor);
      expectSame(kernel, a, b);
      closeDesks();
    }
  });

  test('a split gives the new block a new id; at the start of a block the words keep theirs', async () => {
    const { a } = await two('alpha beta');
    const id = block(a.editor, 'alpha beta').attrs.blockId;
    a.editor
      .chain()
      .setTextSelection(at(a.editor, 'alpha beta', 5))
      .splitBlock()
      .run();
    expect(block(a.editor, 'alpha').attrs.blockId).toBe(id);
    a.editor.chain().setTextSelection(at(a.editor, 'alpha')).splitBlock().run();
    expect(block(a.editor, 'alpha').attrs.blockId).toBe(id);
    expectUnique(a.editor);
  });

  test('pasted copies get new ids and what was copied keeps its own, before and after it', async () => {
    const { kernel, a, b } = await two('first', 'second');
    const id = block(a.editor, 'second').attrs.blockId;
    const from = at(a.editor, 'second') - 1;
    pasteCopy(a.editor, from, from + 1, 0);
    const copies: unknown[] = [];
    a.editor.state.doc.forEach((node) => {
      copies.push(node.textContent === 'second' ? node.attrs.blockId : 'other');
    });
    expect(copies[2]).toBe(id);
    expect(copies[0]).not.toBe(id);
    a.editor.view.pasteHTML(`<p data-block-id="${id}">again</p><p data-block-id="&quot;><b>">bad</p>`);
    settle(a, b);
    expectUnique(a.editor);
    expectSame(kernel, a, b);
  });

  test('two blocks of one id after a merge: the lower (client, clock) keeps it, its maker alone renews the other', async () => {
    const { kernel, a, b } = await two('one');
    const c = await openDesk(kernel);
    kernel.hold();
    for (const desk of [a, b]) {
      const element = new Y.XmlElement('paragraph');
      element.setAttribute('blockId', 'same');
      element.insert(0, [new Y.XmlText(`by ${desk.peer.clientId}`)]);
      desk.twin.doc.transact(() => desk.twin.doc.getXmlFragment(BODY).push([element]));
    }
    settle(a, b, c);
    const pushed = [a, b, c].map(({ peer }) => peer.pushed.length);
    kernel.letGo();
    settle(a, b, c);
    expect(block(c.editor, `by ${a.peer.clientId}`).attrs.blockId).toBe('same');
    expectUnique(c.editor);
    expect([a, b, c].map(({ peer }, index) => peer.pushed.length - (pushed[index] ?? 0))).toEqual([0, 1, 0]);
    expectSame(kernel, a, b);
  });

  test('two blocks of one id whose maker has gone are renewed by whoever edits next, to the same value everywhere', async () => {
    const { kernel, a, b } = await two('one');
    kernel.doc.clientID = 5000;
    kernel.doc.transact(() => {
      for (const words of ['x', 'y']) {
        const element = new Y.XmlElement('paragraph');
        element.setAttribute('blockId', 'same');
        element.insert(0, [new Y.XmlText(words)]);
        kernel.doc.getXmlFragment(BODY).push([element]);
      }
    });
    settle(a, b);
    expect(a.peer.pushed.length + b.peer.pushed.length).toBe(1);
    kernel.hold();
    for (const desk of [a, b])
      desk.editor
        .chain()
        .setTextSelection(at(desk.editor, 'one', 1))
        .splitBlock()
        .run();
    expect(block(a.editor, 'y').attrs.blockId).toBe(block(b.editor, 'y').attrs.blockId);
    settle(a, b);
    kernel.letGo();
    settle(a, b);
    expectUnique(a.editor);
    expectSame(kernel, a, b);
  });
});

describe('undo', () => {
  test('takes back what this person wrote and nothing else, and redo brings it back', async () => {
    const { kernel, a, b } = await two('one');
    const c = await openDesk(kernel);
    c.editor.commands.insertContentAt(at(c.editor, 'one', 3), ' mine');
    settle(a, b, c);
    b.editor.commands.insertContentAt(1, 'theirs ');
    settle(a, b, c);
    expect(c.editor.getText()).toBe('theirs one mine');
    c.editor.commands.undo();
    settle(a, b, c);
    expect(b.editor.getText()).toBe('theirs one');
    expect(c.editor.can().undo()).toBe(false);
    c.editor.commands.redo();
    settle(a, b, c);
    expect(b.editor.getText()).toBe('theirs one mine');
    expectSame(kernel, b, c);
  });
});

describe('links', () => {
  test.each([
    ['https://example.org/a', true],
    ['mailto:anna@example.org', true],
    [`lgos:node/${'0a'.repeat(16)}`, true],
    ['lgos:node/1', false],
    ['http://example.org', false],
    ['javascript:alert(1)', false],
    ['java\nscript:alert(1)', false],
    [' data:text/html,x', false],
    ['file:///etc/passwd', false],
    ['/relative', false],
    [7, false],
  ])('%j is followed: %s', (address, safe) => expect(isSafeAddress(address)).toBe(safe));

  test('a link from a peer is drawn without a dangerous address, class or target', async () => {
    const { kernel, a } = await two('one');
    kernel.doc.clientID = 5001;
    const element = new Y.XmlElement('paragraph');
    const words = new Y.XmlText();
    words.insert(0, 'press', { link: { href: 'javascript:alert(1)', class: 'btn pri', target: '_top', rel: null } });
    element.insert(0, [words]);
    kernel.doc.getXmlFragment(BODY).push([element]);
    settle(a);
    const link = a.editor.view.dom.querySelector('a');
    expect(link?.textContent).toBe('press');
    expect(link?.getAttribute('href')).toBe('');
    expect(link?.className).toBe('');
    expect(link?.rel).toBe('noopener noreferrer nofollow');
    expect(link?.target).toBe('_blank');
  });
});

/** The ranges a document holds as deleted, by client. */
function deletions(doc: Y.Doc): unknown {
  return [...Y.snapshot(doc).ds.clients].sort(([one], [other]) => one - other);
}

/**
 * One edit of a person who types, splits, joins, marks, deletes and makes lists. `stray`: also from places between blocks,
 * where no cursor stands by itself.
 */
function edit({ editor }: Desk, random: (below: number) => number, stray = false): void {
  const end = editor.state.doc.content.size;
  const place = (position: number): number =>
    stray ? Math.min(end - 1, position) : Selection.near(editor.state.doc.resolve(Math.min(end, position))).from;
  const from = place(1 + random(end - 1));
  const to = place(from + random(6));
  const chain = editor.chain().setTextSelection(from);
  switch (random(8)) {
    case 0:
      chain.splitBlock().run();
      break;
    case 1:
      chain.joinBackward().run();
      break;
    case 2:
      editor.chain().setTextSelection({ from, to }).toggleBold().run();
      break;
    case 3:
      editor.chain().setTextSelection({ from, to }).deleteSelection().run();
      break;
    case 4:
      chain.toggleBulletList().run();
      break;
    case 5:
      chain.toggleHeading({ level: 2 }).run();
      break;
    default:
      chain.insertContent(`w${random(100)}`).run();
  }
}
