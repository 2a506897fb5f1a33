/**
 * `node wasm/build.mjs`: compiles `wasm/assembly` to `wasm/build`: the graph engine and the vector module, each as text that
 * hosts import. The outcome is committed, so that nothing but Node runs the product; a test compiles again and compares.
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
/** What is made of which source, and what it is called there. */
export const MODULES = [
  { source: 'index.ts', outcome: 'wasm/build/engine.ts', name: 'ENGINE', named: true },
  { source: 'vector.ts', outcome: 'wasm/build/vector.ts', name: 'VECTOR', named: false },
];

/** What the sources of a module give now: the text of its outcome. Throws with the compiler's own words. */
export const compile = async ({ source, name, named }) => {
  const { default: asc } = await import('assemblyscript/asc');
  let bytes;
  const read = (name, base) => (existsSync(join(base, name)) ? readFileSync(join(base, name), 'utf8') : null);
  const { error, stderr } = await asc.main([source, '--baseDir', SOURCES, ...OPTIONS, '--outFile', 'module.wasm'], {
    readFile: read,
    listFiles: () => [],
    writeFile: (_name, contents) => {
      bytes = contents;
    },
  });
  if (error || !bytes) throw new Error(`${error?.message ?? 'nothing was compiled'}\n${stderr.toString()}`);
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const text = Buffer.from(bytes).toString('base64');
  const head = named ? `export const ${name}_ID = '${id}';\n` : '';
  return `/** Made by \`node wasm/build.mjs\` from \`wasm/assembly\`; not to be edited. */\n${head}export const ${name}_BYTES =\n  '${text}';\n`;
};
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const module of MODULES) writeFileSync(join(ROOT, module.outcome), await compile(module));
}
