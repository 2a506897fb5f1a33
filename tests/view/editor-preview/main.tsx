/**
 * The editor on a fake kernel, with the content of the visual reference, for looking at. The query chooses:
 * theme=light|dark, lang=en|ru, kind=ordinary|empty|overfull|reader|deleted|refused.
 */
import { createRoot } from 'react-dom/client';
import type { KernelClient } from '../../../src/bridge/client';
import type { DocumentAnswer, PresenceRow } from '../../../src/bridge/messages';
import { EditorPage } from '../../../src/view/editor/EditorPage';
import { speak } from '../../../src/view/kit/i18n';
import '../../../src/view/kit/kit.css';
import { KernelProvider } from '../../../src/view/kit/kernel';
import '../../../src/view/kit/tokens.css';
import { at, type Desk, openDesk, settle } from '../../browser/editor/bench';
import { FakeKernel } from '../../browser/editor/kernel';

const query = new URLSearchParams(location.search);
const kind = query.get('kind') ?? 'ordinary';
document.documentElement.dataset.theme = query.get('theme') ?? 'light';
await speak(query.get('lang') === 'ru' ? 'ru' : 'en');

const CONTENT = `
<h2>Method</h2>
<p>Each sensor is compared with the reference probe at five points between 0 and 20 °C. If one sensor in a batch drifts, replace the thermistor in all three. <a href="https://example.org/wait">Wait forty minutes at each point</a>; the housing is slow to settle.</p>
<blockquote><p>Below 4 °C the old thermistors read up to <strong>2.1 %</strong> high. Do not sign a certificate from a run made before 18 November.</p></blockquote>
<h3>Five-point curve</h3>
<table><tr><th>Sensor</th><th>0 °C</th><th>4 °C</th><th>10 °C</th><th>Кто проверил</th></tr>
<tr><td>3A</td><td>0.38 %</td><td>0.31 %</td><td>0.12 %</td><td>Илья</td></tr>
<tr><td>3B</td><td>0.30 %</td><td>0.34 %</td><td>wait</td><td>Tomas</td></tr></table>
<h3>Before the salt bath</h3>
<ul data-type="taskList"><li data-type="taskItem" data-checked="true"><p>Заказать восемь термисторов</p></li><li data-type="taskItem" data-checked="false"><p>Five-point curve for 3B</p></li><li data-type="taskItem" data-checked="false"><p>Weigh the bath before and after</p></li></ul>
<ul><li><p>Rinse with <code>distilled</code> water</p><ul><li><p>twice</p></li></ul></li><li><p>Dry <em>in the shade</em></p></li></ul>
<ol><li><p>First</p></li><li><p>Second</p></li></ol>
<pre><code>probe read --sensor 3B --points 0,4,10,15,20</code></pre>
<hr>
<p></p>`;
const OVERFULL = `<h1>${'Очень длинный заголовок раздела про калибровку датчиков '.repeat(3)}</h1>${Array.from(
  { length: 60 },
  (_, index) =>
    `<h2>Раздел ${index + 1}: проверка и ещё раз проверка показаний</h2><p>${'Слово за словом. '.repeat(40)}${'нераспространённоеслово'.repeat(12)}</p>`,
).join('')}`;

const kernel = new FakeKernel();
const stage = document.body.appendChild(document.createElement('div'));
// Out of sight but laid out: an editor that is not shown cannot have the focus, and says no place.
stage.style.cssText = 'position: fixed; left: -9999px; top: 0; width: 600px';

/** Somebody else in the document; their editor is not shown. */
async function other(name: string, hue: number): Promise<Desk> {
  const desk = await openDesk(kernel);
  stage.append(desk.editor.view.dom.parentElement ?? '');
  kernel.people.set(desk.peer.clientId, { name, hue });
  return desk;
}

const maya = await other('Maya Okafor', 4);
if (kind !== 'empty') maya.editor.commands.setContent(kind === 'overfull' ? OVERFULL : CONTENT);
settle(maya);
const ilya = await other('Илья Белов', 2);

let answer: DocumentAnswer = {
  id: 'document',
  spaceId: 'space',
  title:
    kind === 'overfull'
      ? 'Протокол калибровки, вторая редакция, со всеми приложениями '.repeat(3)
      : kind === 'empty'
        ? ''
        : 'Calibration protocol v2',
  icon: '',
  template: false,
  deleted: kind === 'deleted',
  author: { userId: 'tomas', name: 'Tomas Lindqvist', hue: 3 },
  mayEdit: kind !== 'reader',
  maySuggest: true,
  state: { step: 'beacon', beacons: 2, devices: 3 },
};
const listeners = new Set<() => void>();
const client = {
  openDocument: kernel.openDocument.bind(kernel),
  store: (name: string) => ({
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => (name === 'os.content' ? null : answer),
    getRefusal: () => undefined,
  }),
  run: async (_name: string, { title }: { title: string }) => {
    answer = { ...answer, title };
    for (const listener of listeners) listener();
    return {};
  },
} as unknown as KernelClient;

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <KernelProvider client={client}>
      <EditorPage spaceId="space" documentId="document" />
    </KernelProvider>,
  );
}
const stand = (desk: Desk, from: number, to: number): void => {
  desk.editor.chain().setTextSelection({ from, to }).focus(undefined, { scrollIntoView: false }).run();
};
if (kind === 'ordinary') {
  const words = [...maya.editor.state.doc.child(1).textContent].length;
  const start = maya.editor.state.doc.child(0).nodeSize + 1;
  const cell = at(ilya.editor, '0.34 %');
  const say = async (): Promise<void> => {
    stand(maya, start + words, start + words);
    await new Promise((resolve) => setTimeout(resolve, 150));
    stand(ilya, cell, cell + 3);
    await new Promise((resolve) => setTimeout(resolve, 150));
    // A background editor says only that it is here; the last place it named is kept for the picture.
    document.querySelector<HTMLElement>('.editor-columns [data-testid=document-body]')?.focus();
  };
  setTimeout(() => {
    const page = kernel.peers.at(-1);
    if (page === undefined) return;
    const rows = new Map<string, PresenceRow>();
    const shown = page.events.presence.bind(page.events);
    page.events.presence = (now) => {
      for (const row of now)
        if (Object.keys(row.state as object).length > 0 || !rows.has(row.id)) rows.set(row.id, row);
      shown([...rows.values()]);
    };
    void say();
  }, 400);
}
if (kind === 'refused') {
  setTimeout(() => {
    kernel.refuseNext = true;
    const body = document.querySelector<HTMLElement>('.editor-columns [data-testid=document-body]');
    body?.focus();
    document.execCommand('insertText', false, 'Words that were not taken');
  }, 400);
}
