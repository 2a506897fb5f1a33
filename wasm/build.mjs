/**
 * `node wasm/build.mjs`: compiles `wasm/assembly` to `wasm/build/engine.ts`, the module as text that every host imports.
 * The outcome is committed, so that nothing but Node runs the product; a test compiles again and compares.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'wasm/assembly');
const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd', '--enable', 'bulk-memory', '--initialMemory', '2'],
];
export const OUTCOME = 'wasm/build/engine.ts';

/** What the sources give now: the text of the outcome. Throws with the compiler's own words. */
export const compile = async () => {
  const { default: asc } = await import('assemblyscript/asc');
  let bytes;
  const read = (name, base) => (existsSync(join(base, name)) ? readFileSync(join(base, name), 'utf8') : null);
  const { error, stderr } = await asc.main(['index.ts', '--baseDir', SOURCES, ...OPTIONS, '--outFile', 'engine.wasm'], {
    readFile: read,
    listFiles: () => [],
    writeFile: (_name, contents) => {
      bytes = contents;
    },
  });
  if (error || !bytes) throw new Error(`${error?.message ?? 'nothing was compiled'}\n${stderr.toString()}`);
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const text = Buffer.from(bytes).toString('base64');
  return `/** Made by \`node wasm/build.mjs\` from \`wasm/assembly\`; not to be edited. */\nexport const ENGINE_ID = '${id}';\nexport const ENGINE_BYTES =\n  '${text}';\n`;
};
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(ROOT, OUTCOME), await compile());
}
