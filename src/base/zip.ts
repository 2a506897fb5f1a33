/**
 * One file taken out of a zip. It must lie in it as it is, without compression: then it is no longer than the zip itself, and
 * no small file grows into a large one.
 */
import { unzipSync } from 'fflate';

/** The bytes of the file of that very name; `undefined` where there is none that lies uncompressed. */
export const storedIn = (zip: Uint8Array, path: string): Uint8Array | undefined => {
  try {
    return unzipSync(zip, {
      filter: ({ name, compression, size, originalSize }) =>
        name === path && compression === 0 && size === originalSize && size <= zip.length,
    })[path];
  } catch {
    return undefined;
  }
};
