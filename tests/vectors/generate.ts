/**
 * Writes the vector files anew: `LGOS_VECTORS=write npx vitest run -c tests/vitest.config.ts tests/vectors`.
 * A changed vector is a changed protocol: it needs a new version, and a line in docs/changelog.md.
 */
import { writeFileSync } from 'node:fs';
import { webCrypto } from '../../src/platform/webcrypto';
import { computeVectors } from './compute';

export const writeVectors = async (): Promise<void> => {
  for (const [file, value] of Object.entries(await computeVectors(webCrypto())))
    writeFileSync(new URL(`./${file}.json`, import.meta.url), `${JSON.stringify(value, null, 2)}\n`);
};
