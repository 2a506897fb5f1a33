/**
 * The page: `src/index.html` with its workers and service worker, built to `dist/app`.
 *
 * - The page is served under `script-src 'self'`, so nothing is inlined: no script, worker or WebAssembly as a `data:` address.
 * - Yjs compares its classes by identity, so there must be one copy of it.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Makes the page cross-origin isolated; the beacon sends the same. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
/** `vite dev` serves the page only; its beacon is an ordinary one beside it. */
const beacon = `http://localhost:${process.env.LGOS_PORT ?? '4780'}`;

export default defineConfig({
  root: here('src'),
  publicDir: here('public'),
  plugins: [
    react(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '../workers',
      filename: 'service.worker.ts',
      registerType: 'prompt',
      injectRegister: false,
      manifest: {
        id: '/',
        name: 'LifeGraph OS',
        short_name: 'LGOS',
        description: 'A peer-to-peer workspace that lives in your browser.',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#f5f7f8',
        theme_color: '#f5f7f8',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,wasm,svg,png,woff2}'],
        // A kernel once more, for those who look: it comes when the network lab is opened.
        globIgnores: ['assets/lab.worker*'],
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
      },
      devOptions: { enabled: false },
    }),
  ],
  resolve: { dedupe: ['yjs', 'lib0', 'y-protocols', 'react', 'react-dom'] },
  optimizeDeps: { entries: ['index.html'] },
  worker: { format: 'es' },
  build: {
    outDir: here('dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    headers: isolation,
    fs: { allow: [here('.')] },
    proxy: {
      '/.well-known': beacon,
      '/health': beacon,
      '/link': { target: beacon, ws: true },
      '/signal': { target: beacon, ws: true },
    },
  },
  preview: { headers: isolation },
});
