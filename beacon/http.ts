/**
 * The beacon over HTTP: the page's files, discovery, health, metrics, and the upgrades of `/signal` and `/link`.
 * Every answer carries the headers that isolate the page (HT1) and say what it may load (HT2). It reads no request
 * bodies, and nothing of a request is trusted.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import sirv from 'sirv';
import { installPage } from './page';

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' https: wss: ws://localhost:* ws://127.0.0.1:*",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  // What may become markup or a script is in src/platform/browser/trusted.ts; nobody else may make a policy.
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

export const HEADERS: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** What a page, ours or another beacon's, learns at `/.well-known/lgos.json`. Addresses are relative to it. */
export type Discovery = {
  readonly protocol: number;
  readonly devicePub?: string;
  readonly link?: string;
  readonly signaling: readonly string[];
  readonly hosting?: string;
  readonly links: 'any' | 'relay';
};

export type HttpOptions = {
  /** The built page; absent where this process serves none. */
  readonly appDirectory?: string;
  readonly discovery: Discovery;
  /** PEM and SHA-256 fingerprint of the authority to install. */
  readonly authority?: { readonly certificate: string; readonly fingerprint: string };
  readonly isStopping: () => boolean;
  readonly metrics: () => Readonly<Record<string, number>>;
};

/** A hashed file of the build never changes; every other is asked for again. */
const cacheControlOf = (path: string): string =>
  /^\/assets\/.+-[\w-]{8}\.\w+(\.map)?$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';

export const httpHandler = (options: HttpOptions): RequestListener => {
  const discovery = JSON.stringify(options.discovery);
  const files = options.appDirectory
    ? sirv(options.appDirectory, {
        etag: true,
        single: true,
        setHeaders: (response, path) => response.setHeader('Cache-Control', cacheControlOf(path)),
        onNoMatch: (_, response) => answer(response, 404, 'text/plain', 'Not found\n'),
      })
    : undefined;

  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return answer(response, 405, 'text/plain', 'Only GET and HEAD\n');
    }
    switch (pathOf(request)) {
      case '/.well-known/lgos.json':
        // The one thing that pages of other origins read: it is public, and says where to knock.
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
        return answer(response, 200, 'application/json', discovery);
      case '/health':
        if (options.isStopping()) return answer(response, 503, 'application/json', '{"status":"stopping"}\n');
        return answer(response, 200, 'application/json', '{"status":"ok"}\n');
      case '/metrics':
        if (!isLoopback(request)) break;
        return answer(response, 200, 'text/plain; version=0.0.4', metricsText(options.metrics()));
      case '/authority.crt':
        if (!options.authority) break;
        return answer(response, 200, 'application/x-x509-ca-cert', options.authority.certificate);
      case '/install-authority': {
        if (!options.authority) break;
        const page = installPage({
          fingerprint: options.authority.fingerprint,
          host: request.headers.host ?? 'localhost',
        });
        return answer(response, 200, 'text/html; charset=utf-8', page);
      }
      default:
        if (files) return files(request, response);
    }
    return answer(response, 404, 'text/plain', 'Not found\n');
  };
};

const answer = (response: ServerResponse, status: number, type: string, body: string): void => {
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-cache');
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';

const metricsText = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `lgos_${name.replace(/[^a-zA-Z0-9]+/g, '_')} ${value}\n`)
    .join('');

// --- Where a request comes from ----------------------------------------------------------------------------

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Sent by a program on this machine that is no proxy. */
export const isLoopback = (request: IncomingMessage): boolean =>
  LOOPBACK.test(request.socket.remoteAddress ?? '') && request.headers['x-forwarded-for'] === undefined;

/** The `Host` header names this machine to itself. */
export const namesLocalhost = (request: IncomingMessage): boolean => LOCAL_HOST.test(request.headers.host ?? '');

/** From a page that this machine serves to itself: the browser vouches for the origin. */
export const isLocalPage = (request: IncomingMessage): boolean =>
  isLoopback(request) &&
  namesLocalhost(request) &&
  [`http://${request.headers.host}`, `https://${request.headers.host}`].includes(request.headers.origin ?? '');

/** The client's address. A proxy is believed only when it runs on this machine, and only about its last hop. */
export const addressOf = (request: IncomingMessage): string => {
  const direct = request.socket.remoteAddress ?? 'unknown';
  const forwarded = request.headers['x-forwarded-for'];
  if (!LOOPBACK.test(direct) || forwarded === undefined) return direct;
  return String(forwarded).split(',').at(-1)?.trim().slice(0, 64) || direct;
};

// --- Upgrades ----------------------------------------------------------------------------------------------

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** By path; any other upgrade is refused and its socket ended. */
export const upgradeRouter = (routes: Readonly<Record<string, Upgrade>>): Upgrade => {
  const byPath = new Map(Object.entries(routes));
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const route = byPath.get(pathOf(request));
    if (route) route(request, socket, head);
    else refuseUpgrade(socket, '404 Not Found');
  };
};

export const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
