/**
 * A member whose client was changed: a whole kernel in Node with real keys, that writes what it likes wherever a peer may write, and
 * the corpus of what it writes. Each payload runs `window.ran` where it is taken for markup or for an address that may be followed.
 */
import * as Y from 'yjs';
import type { KernelApi } from '../../src/bridge/messages';
import { apps } from '../../src/domain/index';
import { createKernel, type KernelOptions } from '../../src/os/kernel/kernel';
import { systemClock } from '../../src/platform/clock';
import { discover } from '../../src/platform/discovery';
import { graphModule } from '../../src/platform/engine';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { nodeTransport } from '../../src/platform/node/transport';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';

const RUN = 'top.ran=(top.ran||0)+1';
/** Runs when it is set as markup. */
export const MARKUP = [
  `<img src=x onerror="${RUN}">`,
  `<svg><image href=x onerror="${RUN}"></image></svg>`,
  `<svg><animate onbegin="${RUN}" attributeName=x dur=1s></svg>`,
  `<iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<details open ontoggle="${RUN}"><summary>x</summary></details>`,
  `"><img src=x onerror="${RUN}">`,
  `'><img src=x onerror='${RUN}'>`,
  `</title></style></textarea><img src=x onerror="${RUN}">`,
  `<video><source onerror="${RUN}"></video>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${RUN}&gt;"></math><img src=x onerror="${RUN}">`,
] as const;
/** Runs when it is followed. */
export const ADDRESSES = [
  `javascript:${RUN}`,
  `JaVaScRiPt:${RUN}`,
  `java\nscript:${RUN}`,
  ` javascript:${RUN}`,
  `javascript://https://example.org/%0a${RUN}`,
] as const;
/** Neither runs; none may be followed or turn the page around. */
const OTHERS = [
  'data:text/html,<script>opener.ran=1</script>',
  'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="top.ran=1"/>',
  'vbscript:top.ran=1',
  'blob:https://example.org/1',
  'https://user:pass@example.org/',
  'https://еxample.org/',
  'report\u202egpj.exe',
  '\u2067\u202e\u2066 turned \u2069\u2069\u2069 around',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L',
  '\u0000\u0001\u001b[31m\ufeff\ufff0',
  '{{constructor.constructor("top.ran=1")()}}',
  '$' + '{top.ran=1}',
  '__proto__',
];
const marked = (address: string): string[] => [
  `[press](${address})`,
  `![press](${address})`,
  `<${address}>`,
  `[press](<${address}> "x")`,
  `[**press**](${address} onmouseover=${RUN})`,
];
/** All texts: as they are, and in Markdown. */
export const TEXTS: readonly string[] = [
  ...MARKUP,
  ...ADDRESSES,
  ...OTHERS,
  ...[...ADDRESSES, ...OTHERS].flatMap(marked),
  ...MARKUP.map((markup) => `**${markup}** \`${markup}\` [${markup}](https://example.org/?${markup})`),
];

export const openHostile = async (origin: string): Promise<KernelApi & { close(): Promise<void> }> => {
  const storage = memoryStorage();
  const found = await discover(origin, storage);
  const transport = nodeTransport({});
  const kernel = await createKernel(
    {
      clock: systemClock(),
      random: webRandom(),
      crypto: webCrypto(),
      storage,
      vault: memoryVault(),
      transport,
      graph: graphModule(),
      log: () => {},
    },
    apps,
    {
      kind: 'tab',
      links: 'relay',
      origin,
      version: '0.0.0',
      build: 'hostile',
      signaling: found.signaling,
      ...(found.beacon ? { beacon: found.beacon as NonNullable<KernelOptions['beacon']> } : {}),
    },
  );
  const close = async (): Promise<void> => {
    await kernel.stop();
    transport.close();
  };
  return { ...kernel, close };
};

/** Writes into a document as no editor would: links that run, elements and attributes that are none, cells as wide as the sea. */
export const spoilDocument = async (kernel: KernelApi, documentId: string): Promise<void> => {
  const open = await kernel.openDocument(documentId, { updated: () => {}, presence: () => {}, refused: () => {} });
  const doc = new Y.Doc();
  Y.applyUpdateV2(doc, open.state);
  doc.clientID = open.clientId;
  const before = Y.encodeStateVector(doc);
  const root = doc.getXmlFragment('default');
  const element = (name: string, attributes: Record<string, unknown>, ...inner: (Y.XmlElement | Y.XmlText)[]) => {
    const made = new Y.XmlElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as string);
    made.insert(0, inner);
    return made;
  };
  const words = (value: string, marks: Record<string, object> = {}): Y.XmlText => {
    const made = new Y.XmlText();
    made.insert(0, value, marks);
    return made;
  };
  doc.transact(() => {
    const blocks: Y.XmlElement[] = TEXTS.map((value) => element('paragraph', {}, words(value)));
    for (const href of [...ADDRESSES, ...OTHERS])
      for (const link of [{ href }, { href, target: '_self', class: 'btn', onclick: RUN, rel: 'opener' }])
        blocks.push(element('paragraph', {}, words('press', { link })));
    for (const markup of MARKUP) {
      blocks.push(element('codeBlock', { language: `x" onmouseover="${RUN}` }, words(markup)));
      blocks.push(
        element(
          'paragraph',
          { class: markup, style: 'position:fixed;inset:0', onclick: RUN, blockId: markup },
          words('x'),
        ),
      );
    }
    blocks.push(
      element('heading', { level: 1e9 }, words('deep')),
      element('heading', { level: 'h1 onclick=1' }, words('odd')),
    );
    const paragraph = () => element('paragraph', {}, words('cell'));
    const cell = (attributes: object) => element('tableCell', attributes as Record<string, unknown>, paragraph());
    blocks.push(
      element(
        'table',
        {},
        element(
          'tableRow',
          {},
          cell({ colspan: 1e9, rowspan: 1e9, colwidth: [1e9] }),
          cell({ colspan: 'x', rowspan: -5 }),
        ),
        element(
          'tableRow',
          {},
          cell({ colspan: 2 ** 31, colwidth: 'x' }),
          cell({ style: 'position:fixed', onclick: RUN }),
        ),
      ),
      element('orderedList', { start: 1e308, type: markupOf(0) }, element('listItem', {}, paragraph())),
    );
    root.insert(root.length, blocks);
  });
  // What the schema does not know comes last: the editor drops it, and only it.
  doc.transact(() => {
    for (const name of ['script', 'iframe', 'image', 'img', 'object', 'svg', 'style'])
      root.insert(root.length, [
        element(name, { src: `javascript:${RUN}`, srcdoc: markupOf(0), onload: RUN, onerror: RUN }),
      ]);
  });
  open.push(Y.encodeStateAsUpdateV2(doc, before));
  open.setPresence({ anchor: null, head: null, name: markupOf(0), color: `red;background:url(javascript:${RUN})` });
};
const markupOf = (index: number): string => MARKUP[index] as string;
