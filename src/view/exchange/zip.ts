/** Files into a zip, in pieces, handed on as they come: no more of it is held here than waits to be written. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { t } from '../kit/i18n';

export type ZippedFile = {
  readonly path: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly compress: boolean;
};

/** Where the bytes go. What was written counts only once it is closed. */
export type Sink = { write(bytes: Uint8Array<ArrayBuffer>[]): Promise<void>; close(): Promise<void> };

/** Bytes that wait in this page before they go on. */
const FLUSH = 4 * 1024 * 1024;
/** Of one piece: between two of them the page draws. */
const PIECE = 256 * 1024;

/** What a zip of this form can count and reach; of what is beyond, programs read something else or nothing. */
export const MOST = { files: 65_000, bytes: 4_000_000_000 };
const tooLarge = (): Error =>
  Object.assign(new Error(t('export.zipTooLarge')), {
    type: 'zipTooLarge',
    safe: t('export.zipTooLargeSafe'),
    next: t('export.zipTooLargeNext'),
  });

/** Rejects with the signal's reason when it is stopped. `at`: when all of it is said to be from. */
export async function zipInto(
  sink: Sink,
  files: AsyncIterable<ZippedFile>,
  at: Date,
  signal: AbortSignal,
): Promise<void> {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  let [total, count] = [0, 0];
  const zip = new Zip((fault, bytes) => {
    if (fault) throw fault;
    parts.push(bytes as Uint8Array<ArrayBuffer>);
    waiting += bytes.length;
    total += bytes.length;
  });
  const flush = async (): Promise<void> => {
    const ready = parts;
    parts = [];
    waiting = 0;
    await sink.write(ready);
  };
  for await (const { path, bytes, compress } of files) {
    if (++count > MOST.files) throw tooLarge();
    const file = compress ? new ZipDeflate(path, { level: 6 }) : new ZipPassThrough(path);
    file.mtime = at;
    zip.add(file);
    for await (const all of bytes)
      for (let from = 0; from < all.length; from += PIECE) {
        signal.throwIfAborted();
        file.push(all.subarray(from, from + PIECE));
        if (total > MOST.bytes) throw tooLarge();
        if (waiting > FLUSH) await flush();
      }
    file.push(new Uint8Array(), true);
  }
  signal.throwIfAborted();
  zip.end();
  await flush();
  signal.throwIfAborted();
  await sink.close();
}
