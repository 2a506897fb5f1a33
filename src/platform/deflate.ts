/** The Deflate port over the streams that browsers and Node have. Inflating ends at the bound: what is behind it is never made. */
import { concat } from '../base/bytes';
import type { Deflate } from '../ports';

const FORMAT = 'deflate-raw';

const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new Blob([new Uint8Array(bytes)]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>;

/** All of it, or `undefined` where it is more than `limit` bytes, or not what it should be. */
const upTo = async (
  stream: ReadableStream<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length;
      if (bytes > limit) {
        await reader.cancel().catch(() => {});
        return undefined;
      }
      chunks.push(next.value);
    }
  } catch {
    return undefined;
  }
  return concat(...chunks);
};

/** `undefined` where the platform has none. */
export const webDeflate = (): Deflate | undefined => {
  try {
    new DecompressionStream(FORMAT);
  } catch {
    return undefined;
  }
  return {
    deflate: (bytes, limit) => upTo(streamOf(bytes).pipeThrough(new CompressionStream(FORMAT)), limit),
    inflate: (bytes, limit) => upTo(streamOf(bytes).pipeThrough(new DecompressionStream(FORMAT)), limit),
  };
};
