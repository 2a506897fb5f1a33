/** The page of the bench: asks a worker, and hands its answer to who drives the page. */
import type { Ask, Told } from './ingest.worker';

declare global {
  interface Window {
    takeIn(ask: Ask): Promise<Told>;
  }
}
window.takeIn = (ask) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./ingest.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      resolve(data);
      worker.terminate();
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(ask);
  });
