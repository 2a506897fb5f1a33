import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import * as Y from 'yjs';
import type { KernelClient } from '../../../src/bridge/client';
import type { PresenceRow, Refusal, SuggestionRow } from '../../../src/bridge/messages';
import { blocksFrom } from '../../../src/os/schema/blocks';
import { cursorsKey, readCursor } from '../../../src/view/editor/cursors';
import { Sheet } from '../../../src/view/editor/Sheet';
import { useSession } from '../../../src/view/editor/session';
import { text } from '../../../src/view/editor/strings';
import { Title } from '../../../src/view/editor/Title';
import { BODY } from '../../../src/view/editor/twin';
import '../../../src/view/editor/editor.css';
import { InspectionContext } from '../../../src/view/kit/inspect';
import { KernelProvider } from '../../../src/view/kit/kernel';
import { TooltipProvider } from '../../../src/view/kit/Tooltip';
import { updateWriting } from '../../../src/vm/graph/written';
import { eventually } from '../../support/eventually';
import { at, blockIds, closeDesks, openDesk, settle } from './bench';
import { FakeKernel, REFUSAL, rowOf } from './kernel';

let root: Root | null = null;
afterEach(() => {
  root?.unmount();
  root = null;
  document.body.replaceChildren();
  closeDesks();
});

function mount(element: React.ReactNode): HTMLElement {
  const place = document.body.appendChild(document.createElement('div'));
  root = createRoot(place);
  root.render(element);
  return place;
}

/** Answers nothing. */
const silent = {
  store: () => ({ subscribe: () => () => {}, getSnapshot: () => undefined, getRefusal: () => undefined }),
} as unknown as KernelClient;
const NOTHING_SHOWN = {
  open: false,
  target: null,
  pointed: null,
  point() {},
  toggle() {},
  close() {},
};
let lostWords: { refusal: Refusal; words: string | null } | null = null;
const caret = { current: null };
type DocumentProps = {
  kernel: FakeKernel;
  suggestions?: readonly SuggestionRow[];
  client?: KernelClient;
  begin?: (title: string) => void;
};
function Document({ kernel, suggestions, client = silent, begin }: DocumentProps) {
  const { session, rows, lost } = useSession(kernel, 'document', true);
  lostWords = lost;
  if (session.step !== 'open') return null;
  return (
    <KernelProvider client={client}>
      <TooltipProvider>
        <Sheet
          key={session.generation}
          spaceId="s1"
          documentId="document"
          twin={session.twin}
          rows={rows}
          head={() => null}
          caret={caret}
          suggestions={suggestions}
          {...(begin ? { begin } : {})}
        />
      </TooltipProvider>
    </KernelProvider>
  );
}
async function openPage(kernel: FakeKernel): Promise<HTMLElement> {
  mount(<Document kernel={kernel} />);
  return eventually(() => {
    const body = document.querySelector<HTMLElement>('[data-testid=document-body]');
    if (body === null) throw new Error('not open yet');
    return body;
  });
}
function kernelNames(kernel: FakeKernel): string[] {
  return kernel.doc
    .getXmlFragment(BODY)
    .toArray()
    .map((element) => (element as Y.XmlElement).nodeName);
}

const waitLonger = async (kernel: FakeKernel) => {
  const writer = await openDesk(kernel);
  writer.editor.commands.setContent('<p>wait forty minutes</p>');
  settle(writer);
  const block = writer.editor.state.doc.child(0).toJSON() as { attrs: { blockId: string } };
  const other = { ...block, content: [{ type: 'text', text: 'wait twenty minutes' }] };
  const suggestion: SuggestionRow = {
    id: 's',
    author: { userId: 'g', name: 'Gus', hue: 4 },
    mine: false,
    at: 1,
    parent: '',
    blocks: [block.attrs.blockId],
    after: '',
    base: [other],
    proposed: [block],
    note: '',
    state: { step: 'saved' },
    decided: null,
  };
  return { suggestion, block, other };
};

describe('proposed changes', () => {
  test('name who proposes them, whose face opens them', async () => {
    const kernel = new FakeKernel();
    const { suggestion, block, other } = await waitLonger(kernel);
    const shown: string[] = [];
    mount(
      <InspectionContext.Provider
        value={{ ...NOTHING_SHOWN, show: ({ id, spaceId }) => shown.push(`${spaceId} ${id}`) }}
      >
        <Document kernel={kernel} suggestions={[{ ...suggestion, base: [block], proposed: [other] }]} />
      </InspectionContext.Provider>,
    );
    await page.getByRole('toolbar').getByRole('button', { name: 'About Gus' }).click();
    expect(shown).toEqual(['s1 g']);
  });

  test('that have landed, and are not decided yet, are drawn and left alone', async () => {
    const kernel = new FakeKernel();
    const { suggestion } = await waitLonger(kernel);
    mount(<Document kernel={kernel} suggestions={[suggestion]} />);
    await eventually(() => expect(document.querySelectorAll('[data-testid=document-body]')).toHaveLength(1));
    await eventually(() => expect(document.body.textContent).toContain('wait forty minutes'));
    expect(document.querySelector('.sug-bar')).toBeNull();
    expect(document.querySelector('ins, del')).toBeNull();
  });
});

describe('what is named in a document', () => {
  const ID = 'a'.repeat(64);
  test('shows its name of today, live, and the words that were written where the cursor touches them', async () => {
    const kernel = new FakeKernel();
    const blocks = blocksFrom(`ask [@Bob](lgos:user/${ID}) first`);
    Y.applyUpdateV2(kernel.doc, updateWriting(blocks, 77));
    let name = 'Bob';
    const listeners = new Set<() => void>();
    const client = {
      ...silent,
      store: (asked: string) =>
        asked === 'os.named'
          ? {
              subscribe: (told: () => void) => {
                listeners.add(told);
                return () => listeners.delete(told);
              },
              getSnapshot: () => ({ kind: 'person', userId: ID, name, hue: 1, you: false, member: true }),
              getRefusal: () => undefined,
            }
          : silent.store(asked),
    } as unknown as KernelClient;
    mount(<Document kernel={kernel} client={client} />);
    const body = await eventually(() => {
      const found = document.querySelector<HTMLElement>('[data-testid=document-body]');
      if (!found?.querySelector('a.name, a .name')) throw new Error('not drawn yet');
      return found;
    });
    const written = (): Element | null => body.querySelector('.name-written');
    expect([body.textContent, written()]).toEqual(['ask @Bob first', null]);
    name = 'Robert';
    for (const told of listeners) told();
    await eventually(() => expect(body.querySelector('a.name')?.textContent).toBe('@Robert'));
    expect(written()?.getBoundingClientRect().width).toBe(0);
    expect(kernel.peers[0]?.pushed).toEqual([]);
    await userEvent.click(body.querySelector('a.name') as Element);
    await eventually(() => expect([body.textContent, written()]).toEqual(['ask @Bob first', null]));
    await userEvent.keyboard('{End}');
    await eventually(() => expect(body.querySelector('a.name')?.textContent).toBe('@Robert'));
  });
});

describe('an object alone in a paragraph', () => {
  test('is a card, and its words again where the cursor is', async () => {
    const kernel = new FakeKernel();
    const id = 'd'.repeat(32);
    const markdown = `first\n\n[Plan](lgos:node/${id})\n\nand [Plan](lgos:node/${id})`;
    Y.applyUpdateV2(kernel.doc, updateWriting(blocksFrom(markdown), 77));
    const object = {
      kind: 'object',
      id,
      spaceId: 's1',
      type: 'document',
      title: 'Plan',
      icon: '',
      removed: false,
      place: null,
      author: null,
    };
    const card = { object, by: { userId: 'u', name: 'Ann', hue: 1 }, at: 1_700_000_000_000, text: 'Rinse the probe.' };
    const answers: Readonly<Record<string, unknown>> = { 'os.named': object, 'os.card': card };
    const client = {
      ...silent,
      store: (asked: string) => ({ ...silent.store(asked), getSnapshot: () => answers[asked] }),
    } as unknown as KernelClient;
    mount(<Document kernel={kernel} client={client} />);
    const body = await eventually(() => {
      const found = document.querySelector<HTMLElement>('[data-testid=document-body]');
      if (!found?.querySelector('a.object-card')) throw new Error('not drawn yet');
      return found;
    });
    expect(body.querySelectorAll('a.object-card')).toHaveLength(1);
    expect(body.querySelector('a.object-card')?.textContent).toContain('Rinse the probe.');
    expect(kernel.peers[0]?.pushed).toEqual([]);
    await userEvent.click(body.querySelector('p') as Element);
    await userEvent.keyboard('{End}{ArrowDown}');
    await eventually(() => expect(body.querySelector('a.object-card')).toBeNull());
    await userEvent.keyboard('{ArrowUp}');
    await eventually(() => expect(body.querySelector('a.object-card')).not.toBeNull());
    // The address of one, pasted.
    await userEvent.keyboard('{End}{Enter}');
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', `${location.origin}${location.pathname}#/s/s1/d/${id}`);
    body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    await userEvent.keyboard('{ArrowUp}');
    await eventually(() => expect(body.querySelectorAll('a.object-card')).toHaveLength(2));
    expect([...body.querySelectorAll('.name-written')].map(({ textContent }) => textContent)).toEqual(['Plan', 'Plan']);
  });
});

describe('a document without a word', () => {
  test('begins from a template that is chosen, as one edit that is taken back by the keys', async () => {
    const kernel = new FakeKernel();
    const asked: unknown[] = [];
    const client = {
      ...silent,
      query: async (name: string, args: { markdown: string }) => {
        asked.push(name);
        return blocksFrom(args.markdown);
      },
    } as unknown as KernelClient;
    const begun: string[] = [];
    const begin = (title: string): void => void begun.push(title);
    mount(<Document kernel={kernel} client={client} begin={begin} />);
    const choice = await eventually(() => {
      const found = [...document.querySelectorAll<HTMLElement>('.editor-starters button')].find(({ textContent }) =>
        textContent?.includes('Decision'),
      );
      if (found === undefined) throw new Error('not offered yet');
      return found;
    });
    await userEvent.click(choice);
    await eventually(() => expect(kernelNames(kernel)).toContain('table'));
    expect([asked, begun]).toEqual([['editor.content'], ['Decision']]);
    expect(document.querySelector('.editor-starters')).toBeNull();
    await userEvent.keyboard('{Control>}z{/Control}');
    await eventually(() => expect(kernelNames(kernel)).not.toContain('table'));
    await eventually(() => expect(document.querySelector('.editor-starters')).not.toBeNull());
  });
});

describe('the slash menu', () => {
  test('is found, chosen and closed by keyboard, and inserts its block', async () => {
    const kernel = new FakeKernel();
    const body = await openPage(kernel);
    await userEvent.click(body);
    await userEvent.keyboard('/ta');
    const options = await eventually(() => {
      const found = [...document.querySelectorAll('[role=option]')];
      expect(found.map((option) => option.querySelector('.cut')?.textContent)).toEqual([
        text('taskList'),
        text('table'),
      ]);
      return found;
    });
    expect(body.getAttribute('aria-activedescendant')).toBe(options[0]?.id);
    await userEvent.keyboard('{ArrowDown}');
    await eventually(() =>
      expect(document.querySelectorAll('[role=option]')[1]?.getAttribute('aria-selected')).toBe('true'),
    );
    await userEvent.keyboard('{Enter}');
    await eventually(() => expect(body.querySelectorAll('table tr').length).toBe(3));
    expect(document.querySelector('[role=listbox]')).toBeNull();
    await eventually(() => expect(kernelNames(kernel)).toContain('table'));
    expect(body.textContent).not.toContain('/ta');
  });

  test('is found by Russian words too, and Escape leaves what was typed', async () => {
    const body = await openPage(new FakeKernel());
    await userEvent.click(body);
    await userEvent.keyboard('/цит');
    await eventually(() => expect(document.querySelectorAll('[role=option]').length).toBe(1));
    await userEvent.keyboard('{Escape}');
    await eventually(() => expect(document.querySelector('[role=listbox]')).toBeNull());
    expect(body.textContent).toContain('/цит');
  });

  test('Markdown typed at the start of a line makes the block', async () => {
    const body = await openPage(new FakeKernel());
    await userEvent.click(body);
    await userEvent.keyboard('## Head{Enter}[[ ] task');
    await eventually(() => expect(body.querySelector('h2')?.textContent).toBe('Head'));
    await eventually(() => expect(body.querySelector('li[data-checked]')?.textContent).toContain('task'));
  });
});

describe('a refused update', () => {
  test('opens the document anew and hands over the words that were not taken', async () => {
    const kernel = new FakeKernel();
    const body = await openPage(kernel);
    await userEvent.click(body);
    await userEvent.keyboard('kept');
    await eventually(() => expect(kernel.doc.getXmlFragment(BODY).toString()).toContain('kept'));
    kernel.refuseNext = true;
    await userEvent.keyboard('!');
    await eventually(() => expect(lostWords?.refusal).toEqual(REFUSAL));
    expect(lostWords?.words).toBe('kept!');
    await eventually(() => expect(document.querySelector('[data-testid=document-body]')?.textContent).toBe('kept'));
    expect(kernel.peers.length).toBe(1);
  });

  test('a change of leader keeps what was typed, the cursor and the focus', async () => {
    const kernel = new FakeKernel();
    const body = await openPage(kernel);
    await userEvent.click(body);
    await userEvent.keyboard('before');
    await eventually(() => expect(kernel.doc.getXmlFragment(BODY).toString()).toContain('before'));
    const [peer] = kernel.peers;
    if (peer === undefined) throw new Error('nobody is here');
    kernel.peers.splice(0, 1);
    await userEvent.keyboard(' unsent');
    peer.events.refused({ type: 'leaderChanged', message: '', safe: '', next: '' });
    await eventually(() => expect(kernel.doc.getXmlFragment(BODY).toString()).toContain('before unsent'));
    await eventually(() => expect(document.activeElement).not.toBe(document.body));
    await userEvent.keyboard(' after');
    await eventually(() => expect(kernel.doc.getXmlFragment(BODY).toString()).toContain('before unsent after'));
    expect(lostWords).toBeNull();
  });
});

describe('live cursors', () => {
  test('others’ cursors are drawn where they stand and go when their rows go', async () => {
    const kernel = new FakeKernel();
    const a = await openDesk(kernel);
    a.editor.commands.setContent('<p>one</p><p>two</p>');
    settle(a);
    const b = await openDesk(kernel);
    b.editor
      .chain()
      .focus()
      .setTextSelection(at(b.editor, 'two', 3))
      .run();
    const drawn = (): HTMLElement[] => [...a.editor.view.dom.querySelectorAll<HTMLElement>('[data-testid=cursor]')];
    await eventually(() => expect(drawn().map((one) => one.className)).toEqual([expect.stringContaining('end')]));
    expect(drawn()[0]?.textContent).toContain(`Person${b.peer.clientId}`);
    expect(drawn()[0]?.closest('p')?.textContent).toContain('two');
    // Words written before it push it on.
    b.editor.commands.insertContentAt(1, 'more ');
    settle(a, b);
    expect(drawn()[0]?.closest('p')?.textContent).toContain('two');
    b.editor
      .chain()
      .setTextSelection({ from: at(b.editor, 'more one', 2), to: at(b.editor, 'more one', 5) })
      .run();
    await eventually(() => expect(a.editor.view.dom.querySelector('.editor-selected')?.textContent).toBe('re '));
    b.close();
    expect(drawn()).toEqual([]);
    expect(blockIds(a.editor).length).toBe(2);
  });

  test('what a person says of their place fits the 512 bytes of a presence', async () => {
    const kernel = new FakeKernel();
    const a = await openDesk(kernel);
    a.editor.commands.setContent('<p>one</p>');
    settle(a);
    const said: unknown[] = [];
    const listener = await kernel.openDocument('document', {
      updated: () => {},
      presence: (rows) => said.push(...rows.map(({ state }) => state)),
      refused: () => {},
    });
    a.editor.chain().focus().selectAll().run();
    await eventually(() => expect(said.at(-1)).toHaveProperty('head'));
    expect(JSON.stringify(said.at(-1)).length).toBeLessThanOrEqual(512);
    expect(Object.keys(said.at(-1) as object).sort()).toEqual(['anchor', 'head']);
    listener.close();
  });

  test('a malformed row of presence is ignored and the others are drawn', async () => {
    const kernel = new FakeKernel();
    const a = await openDesk(kernel);
    a.editor.commands.setContent('<p>one</p>');
    settle(a);
    const encode = (position: Y.RelativePosition): string =>
      btoa(String.fromCharCode(...Y.encodeRelativePosition(position)));
    const body = kernel.doc.getXmlFragment(BODY);
    const good = encode(Y.createRelativePositionFromTypeIndex(body, 0));
    const evil = encode(Y.createRelativePositionFromTypeIndex(new Y.Doc().getXmlFragment('evil'), 0));
    const unknown = encode(new Y.RelativePosition(Y.createID(77, 5), null, Y.createID(77, 9)));
    const states: unknown[] = [
      null,
      7,
      'x',
      [],
      {},
      { anchor: good },
      { anchor: good, head: 5 },
      { anchor: '!!', head: '!!' },
      { anchor: '', head: '' },
      { anchor: 'A'.repeat(600), head: 'A'.repeat(600) },
      { anchor: btoa('\xff\xff\xff\xff'), head: good },
      { anchor: evil, head: evil },
      { anchor: unknown, head: unknown },
    ];
    const rows: PresenceRow[] = states.map((state, index) => rowOf(index, state));
    rows.push(rowOf(99, { anchor: good, head: good }));
    a.editor.commands.showCursors(rows);
    const drawn = [...a.editor.view.dom.querySelectorAll('[data-testid=cursor]')];
    expect(drawn.map((one) => one.querySelector('b')?.textContent)).toEqual(['Person99']);
    expect([...a.twin.doc.share.keys()]).toEqual([BODY]);
    expect(cursorsKey.getState(a.editor.state)?.cursors.length).toBeLessThanOrEqual(2);
    const long = readCursor({ ...rowOf(1, { anchor: good, head: good }), name: '<b>'.repeat(100), hue: Number.NaN });
    expect(long?.name.length).toBe(40);
    expect(long?.hue).toMatch(/^w[1-6]$/);
  });
});

describe('the title', () => {
  test('shows what is typed at once, sends it after a pause, and goes back when it is refused', async () => {
    const sent: string[] = [];
    let accept = true;
    const props = {
      title: 'Plan',
      writable: true,
      rename: async (title: string) => {
        sent.push(title);
        return accept;
      },
      leave: () => {},
    };
    mount(<Title {...props} />);
    const area = await eventually(() => {
      const found = document.querySelector<HTMLTextAreaElement>('[data-testid=document-title]');
      if (found === null) throw new Error('not mounted yet');
      return found;
    });
    await userEvent.fill(area, 'Plan B');
    expect(area.value).toBe('Plan B');
    await eventually(() => expect(sent).toEqual(['Plan B']));
    accept = false;
    await userEvent.fill(area, 'Plan C');
    await userEvent.keyboard('{Enter}');
    await eventually(() => expect(area.value).toBe('Plan'));
    expect(sent).toEqual(['Plan B', 'Plan C']);
  });
});
