/** Serves the editor alone, on a fake kernel: `npx vite --config tests/view/editor-preview/vite.config.ts`. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  publicDir: at('../../../public'),
  cacheDir: at('../../../node_modules/.vite-editor-preview'),
  server: { fs: { allow: [at('../../..')] } },
  build: { outDir: at('../../../dist/editor-preview'), emptyOutDir: true },
  plugins: [react()],
});
