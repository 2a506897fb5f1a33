/** Serves the preview: `npx vite --config tests/view/preview/vite.config.ts`. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  publicDir: here('../../../public'),
  cacheDir: here('../../../node_modules/.vite-preview'),
  plugins: [react()],
  resolve: { dedupe: ['yjs', 'react', 'react-dom'] },
  server: { fs: { allow: [here('../../..')] } },
});
