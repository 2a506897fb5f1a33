/**
 * One port for HTTP and HTTPS: the first byte of a connection tells which it is. Without a certificate everything is
 * plain; with one, plain HTTP is for this machine alone (a browser trusts `localhost` as it is), and others are sent to
 * HTTPS, or to the page that explains how to install the authority.
 */
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer, type Socket } from 'node:net';
import { HEADERS, isLoopback, namesLocalhost, refuseUpgrade, type Upgrade } from './http';
import type { Identity } from './tls';

const MAX_CONNECTIONS = 8192;
const FIRST_BYTE_MS = 10_000;
const TLS_HANDSHAKE = 0x16;
const OPEN_TO_ALL = ['/install-authority', '/authority.crt'];

export type Listening = {
  readonly port: number;
  /** New connections get the new certificate. */
  renew(identity: Identity): void;
  close(): Promise<void>;
};

export type ListenOptions = {
  readonly port: number;
  readonly listenOn: string | undefined;
  readonly identity: Identity | undefined;
  readonly handle: RequestListener;
  readonly upgrade: Upgrade;
};

/** Rejects with Node's own error (`EADDRINUSE`, `EACCES`, ...) when the port cannot be had. */
export const listen = async (options: ListenOptions): Promise<Listening> => {
  const { identity } = options;
  const plainAllowed = (request: IncomingMessage): boolean =>
    !identity || (isLoopback(request) && namesLocalhost(request));

  const http = createHttpServer((request, response) => {
    if (plainAllowed(request) || OPEN_TO_ALL.includes(request.url ?? '')) return options.handle(request, response);
    const { host } = request.headers;
    response.writeHead(host ? 308 : 400, {
      ...HEADERS,
      ...(host ? { Location: `https://${host}${request.url ?? '/'}` } : {}),
    });
    response.end();
  });
  http.on('upgrade', (request, socket, head) => {
    if (plainAllowed(request)) options.upgrade(request, socket, head);
    else refuseUpgrade(socket, '426 Upgrade Required');
  });
  const https = identity && createHttpsServer({ cert: identity.certificate, key: identity.key }, options.handle);
  https?.on('upgrade', options.upgrade);

  const sockets = new Set<Socket>();
  const server = createNetServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(FIRST_BYTE_MS, () => socket.destroy());
    socket.once('data', (first) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.pause();
      socket.unshift(first);
      (https && first[0] === TLS_HANDSHAKE ? https : http).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  server.maxConnections = MAX_CONNECTIONS;

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, ...(options.listenOn === undefined ? {} : { host: options.listenOn }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    renew: ({ certificate, key }) => https?.setSecureContext({ cert: certificate, key }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
