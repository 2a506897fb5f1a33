/** The project's own code as the bundler makes it, for Node and for a page. */
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import { ROOT } from '../../beacon/install.mjs';

const newFolder = () => {
  // Not in `dist`: a build empties it.
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  return mkdtempSync(join(cache, 'bench-'));
};

/** A module in `tests/bench` for Node; `use` gets its path. It must stay inside the project, or its packages are not found. */
export const withModule = async (entry, use) => {
  const folder = newFolder();
  try {
    await build({
      configFile: false,
      root: ROOT,
      publicDir: false,
      logLevel: 'error',
      build: {
        ssr: join(ROOT, 'tests/bench', entry),
        outDir: folder,
        target: 'node20',
        minify: false,
        rollupOptions: { output: { entryFileNames: 'module.mjs' } },
      },
    });
    return await use(join(folder, 'module.mjs'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };
/** A folder in `tests/bench` with an `index.html`, served while `use` runs with its address. */
export const withPage = async (name, plugins, use) => {
  const folder = newFolder();
  await build({
    configFile: false,
    root: join(ROOT, 'tests/bench', name),
    base: './',
    publicDir: false,
    logLevel: 'error',
    plugins,
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2023' },
  });
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
