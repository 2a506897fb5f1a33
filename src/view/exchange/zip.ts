/** Files into a zip, in pieces, handed to the browser as they come: it may keep a large one on the disk. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

export type ZippedFile = {
  readonly path: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly compress: boolean;
};

/** Bytes that wait in this page before the browser has them. */
const FLUSH = 8 * 1024 * 1024;
/** Of one piece: between two of them the page draws. */
const PIECE = 256 * 1024;

/** Rejects with the signal's reason when it is stopped. `at`: when all of it is said to be from. */
export async function zipOf(files: AsyncIterable<ZippedFile>, at: Date, signal: AbortSignal): Promise<Blob> {
  let whole = new Blob([]);
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  const zip = new Zip((fault, bytes) => {
    if (fault) throw fault;
    parts.push(bytes as Uint8Array<ArrayBuffer>);
    waiting += bytes.length;
  });
  const flush = (): void => {
    whole = new Blob([whole, ...parts]);
    parts = [];
    waiting = 0;
  };
  for await (const { path, bytes, compress } of files) {
    const file = compress ? new ZipDeflate(path, { level: 6 }) : new ZipPassThrough(path);
    file.mtime = at;
    zip.add(file);
    for await (const all of bytes)
      for (let from = 0; from < all.length; from += PIECE) {
        signal.throwIfAborted();
        file.push(all.subarray(from, from + PIECE));
        if (waiting > FLUSH) flush();
      }
    file.push(new Uint8Array(), true);
  }
  signal.throwIfAborted();
  zip.end();
  flush();
  return new Blob([whole], { type: 'application/zip' });
}
