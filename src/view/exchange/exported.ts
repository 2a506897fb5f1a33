/** One export: what is in the zip, in which order. The journal first, so that what it cannot give stops all of it at once. */
import type { KernelClient } from '../../bridge/client';
import type { ExportHow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { readableFiles } from './readable';
import { type Sink, type ZippedFile, zipInto } from './zip';

/** As the kernel looks for it. */
const JOURNAL = 'journal.lgos';
/** Worth compressing; files of people mostly are compressed already. */
const TEXTS = /\.(md|json|txt|csv|html?|svg)$/i;

type ExportPlan = {
  readonly spaceId: string;
  readonly title: string;
  readonly how: ExportHow;
  /** Also in forms that people read. */
  readonly readable: boolean;
};

/** `step`: how many files are done. */
export function exportZip(
  client: KernelClient,
  sink: Sink,
  { spaceId, title, how, readable }: ExportPlan,
  signal: AbortSignal,
  step: (files: number) => void,
): Promise<void> {
  const at = new Date();
  const utf8 = new TextEncoder();
  const bytesOf = async function* (pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
    let waiting = '';
    for await (const piece of pieces) {
      if (typeof piece !== 'string') {
        yield piece;
        continue;
      }
      waiting += piece;
      if (waiting.length < 65_536) continue;
      yield utf8.encode(waiting);
      waiting = '';
    }
    yield utf8.encode(waiting);
  };
  const once = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  const files = async function* (): AsyncGenerator<ZippedFile> {
    let done = 0;
    yield { path: JOURNAL, bytes: journalOf(client, spaceId, how, signal), compress: false };
    step(++done);
    const keys = how.passphrase !== undefined ? 'sealed' : how.keys === 'none' ? 'none' : 'open';
    const readme = t('export.readme', {
      title,
      at: at.toISOString(),
      keys: t(`export.readmeKeys.${keys}`),
      readable: readable ? t('export.readmeReadable') : '',
    });
    yield { path: 'README.txt', bytes: once(utf8.encode(`${readme}\n`)), compress: true };
    if (!readable) return;
    for await (const { path, pieces } of readableFiles(client, spaceId)) {
      yield { path, bytes: bytesOf(pieces()), compress: TEXTS.test(path) };
      step(++done);
    }
  };
  return zipInto(sink, files(), at, signal);
}

async function* journalOf(
  client: KernelClient,
  spaceId: string,
  how: ExportHow,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { id } = await client.beginExport(spaceId, how);
  for (let n = 0; ; n++) {
    const piece = await client.exportPiece(id, n);
    signal.throwIfAborted();
    if (piece.length === 0) return;
    yield piece;
  }
}
