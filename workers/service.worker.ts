/**
 * Service worker: keeps the page's own files, so that it opens without a network. It must not know of spaces, keys or
 * messages, and never stands between the kernel and the network.
 *
 * - An update waits until the page says so: two versions of the code never run against one storage unasked.
 * - Addresses that a beacon answers itself are never answered from here.
 * - It serves the page that installed it too: what that page loads later is here, also when nobody answers any more.
 */
/// <reference lib="webworker" />
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: Parameters<typeof precacheAndRoute>[0];
};

/** Paths of the beacon's own doors: signaling, links, the description of the host, health and metrics. */
const BEACON_PATHS = [
  /^\/signal(?:[/?]|$)/,
  /^\/link(?:[/?]|$)/,
  /^\/\.well-known\//,
  /^\/health(?:[/?]|$)/,
  /^\/metrics(?:[/?]|$)/,
  /^\/tls(?:[/?]|$)/,
];

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL('index.html'), { denylist: BEACON_PATHS }));

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  if ((event.data as { type?: unknown } | null)?.type === 'SKIP_WAITING') void self.skipWaiting();
});
