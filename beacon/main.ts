/**
 * The beacon's host: reads what was asked for, opens the ports, starts the parts, and stops them in reverse. Whatever
 * goes wrong at the start is one sentence on standard error and exit code 1; nothing stays locked or half open.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { type Signaling, serveSignaling } from '../signaling/server';
import { fromUtf8, utf8 } from '../src/base/bytes';
import { openLmdbStorage } from '../src/platform/node/lmdb';
import { type NodeRtc, openNodeRtc } from '../src/platform/node/rtc';
import { LINK_SERVER_OPTIONS, nodeTransport } from '../src/platform/node/transport';
import { openFileVault } from '../src/platform/node/vault';
import { webCrypto, webRandom } from '../src/platform/webcrypto';
import type { Log, Vault } from '../src/ports';
import { networkOf, perNetwork, widerNetworkOf } from './address';
import { type BeaconConfig, HELP, parseConfig } from './config';
import { greetingLines, listenSentence, newJoinCode, stunSentence } from './greeting';
import { addressOf, httpHandler, isLocalPage, refuseUpgrade, type Upgrade, upgradeRouter } from './http';
import { type Listening, listen } from './listen';
import { startBeacon } from './node';
import { openStun, type Stun } from './stun-socket';
import { fingerprintOf, machineAddresses, type TlsSource, tlsFromFiles, tlsFromOwnAuthority } from './tls';

const PROTOCOL = 1;
const MAX_LINKS = 2048;
/** As of signaling sockets: one customer of a provider must not take all places. */
const MAX_LINKS_OF_NETWORK = 256;
const RENEWAL_CHECK_MS = 3_600_000;
const STOP_MS = 10_000;
const APP_DIRECTORY = fileURLToPath(new URL('../app', import.meta.url));

/** A start that failed for a reason that the operator can act on. */
class CannotStart extends Error {}

/** What was opened, newest last; stopped newest first, each once. */
const undoStack = () => {
  const undos: (() => unknown)[] = [];
  return {
    add: (undo: () => unknown): void => void undos.push(undo),
    run: async (): Promise<void> => {
      for (let undo = undos.pop(); undo; undo = undos.pop()) await undo();
    },
  };
};
type Undos = ReturnType<typeof undoStack>;

const start = async (config: BeaconConfig, undos: Undos): Promise<void> => {
  const log: Log = config.logging
    ? (event, details) =>
        process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`)
    : () => {};
  const withBeacon = config.parts !== 'signaling';
  const withSignaling = config.parts !== 'beacon';
  const hasApp = existsSync(`${APP_DIRECTORY}/index.html`);
  if (config.parts === 'all' && !hasApp) throw new CannotStart('The page is not built: run "npm run build" first.');

  const storage = withBeacon ? await openLmdbStorage(config.dataDirectory) : undefined;
  if (storage) undos.add(() => storage.close());
  const vault = storage || config.tls.kind === 'self' ? await openFileVault(config.dataDirectory) : undefined;
  const tls = await tlsFor(config, vault);
  const identity = await tls?.current();
  const rtc = withBeacon ? await rtcOf(config) : undefined;
  const transport = nodeTransport(rtc ? { createPeer: rtc.createPeer } : {});
  if (rtc) undos.add(() => rtc.left());
  undos.add(() => transport.close());
  const joinCode = vault && withBeacon ? await joinCodeIn(vault) : undefined;

  const stun = withBeacon ? await stunOf(config) : undefined;
  if (stun) undos.add(() => stun.close());
  const beacon =
    storage && vault && joinCode
      ? await startBeacon({
          storage,
          vault,
          transport,
          joinCode,
          log,
          hosting: config.hosting,
          hosted: config.hosted,
          quotaBytes: config.quotaBytes,
          ice: { stunPort: stun?.port ?? 0, ...(config.turn ? { turn: config.turn } : {}) },
        })
      : undefined;
  if (beacon) undos.add(() => beacon.stop());
  const signaling = withSignaling ? await signalingOf(config) : undefined;
  if (signaling) undos.add(() => signaling.close());

  const linkServer = new WebSocketServer(LINK_SERVER_OPTIONS);
  const linksByNetwork = perNetwork(MAX_LINKS_OF_NETWORK);
  const acceptLink: Upgrade = (request, socket, head) => {
    if (transport.links() >= MAX_LINKS) return refuseUpgrade(socket, '503 Service Unavailable');
    const address = addressOf(request);
    const leave = linksByNetwork.take(address);
    if (!leave) return refuseUpgrade(socket, '429 Too Many Requests');
    socket.once('close', leave);
    const local = isLocalPage(request);
    linkServer.handleUpgrade(request, socket, head, (link) =>
      transport.accept(link, { local, network: widerNetworkOf(address) }),
    );
  };

  let isStopping = false;
  const fingerprint = tls?.authority && fingerprintOf(tls.authority);
  const handle = httpHandler({
    ...(withBeacon && hasApp ? { appDirectory: APP_DIRECTORY } : {}),
    discovery: {
      protocol: PROTOCOL,
      ...(beacon ? { devicePub: beacon.deviceId, link: '/link', hosting: config.hosting } : {}),
      signaling: [...(withSignaling ? ['/signal'] : []), ...config.signaling],
      links: config.links,
    },
    ...(tls?.authority && fingerprint ? { authority: { certificate: tls.authority, fingerprint } } : {}),
    isStopping: () => isStopping,
    metrics: () => ({
      ...processMetrics(),
      ...prefixed('beacon', beacon?.stats()),
      ...prefixed('signaling', signaling?.stats()),
      ...prefixed('stun', stun?.stats()),
      ...prefixed('rtc', rtc && { peers: rtc.peers() }),
    }),
  });
  const upgrade = upgradeRouter({
    ...(signaling ? { '/signal': signaling.upgrade } : {}),
    ...(beacon ? { '/link': acceptLink } : {}),
  });
  const listening = await listenOrSay(config, { handle, upgrade, identity });
  undos.add(() => listening.close());
  undos.add(() => {
    isStopping = true;
    return signaling?.drain();
  });
  if (tls) undos.add(keepRenewed(tls, listening, log));

  const lines = greetingLines({
    port: listening.port,
    addresses: machineAddresses(),
    name: config.name,
    listenOn: config.listenOn,
    tls: config.tls.kind,
    fingerprint,
    joinCode: config.hosting === 'code' ? joinCode : undefined,
  });
  process.stdout.write(`${lines.join('\n')}\n`);
};

const processMetrics = (): Record<string, number> => {
  const { rss, heapUsed, external } = process.memoryUsage();
  return prefixed('process', {
    rssBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    uptimeS: process.uptime(),
  });
};
const prefixed = (prefix: string, stats: Record<string, number> = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(stats).map(([name, value]) => [`${prefix}.${name}`, value]));

/** WebSockets lead here as well, so what keeps WebRTC from starting is said and left. */
const rtcOf = async ({ rtcPort: port, udpOn: address }: BeaconConfig): Promise<NodeRtc | undefined> => {
  if (port === undefined) return undefined;
  const opened = await openNodeRtc({ port, address });
  if (opened.ok) return opened.value;
  process.stderr.write(`WebRTC at the beacon is off, because ${opened.error}.\n`);
  return undefined;
};

/** Nothing else rests on it, so a port that cannot be had is said and left. */
const stunOf = async ({ stunPort, udpOn }: BeaconConfig): Promise<Stun | undefined> => {
  if (stunPort === undefined) return undefined;
  try {
    return await openStun(stunPort, udpOn);
  } catch (fault) {
    process.stderr.write(`${stunSentence(fault, stunPort)}\n`);
    return undefined;
  }
};

const signalingOf = async ({ bus }: BeaconConfig): Promise<Signaling> => {
  const originOf = (request: IncomingMessage) => {
    const address = addressOf(request);
    return { address: networkOf(address), network: widerNetworkOf(address) };
  };
  const parts = { verify: webCrypto().verify, originOf };
  if (bus === undefined) return serveSignaling(parts);
  const { natsBus } = await import('../signaling/nats');
  try {
    return await serveSignaling({ ...parts, bus: natsBus(bus) });
  } catch (fault) {
    throw new CannotStart(`The bus at ${withoutSecrets(bus)} cannot be reached: ${(fault as Error).message}`, {
      cause: fault,
    });
  }
};
const withoutSecrets = (urls: string): string =>
  urls
    .split(',')
    .map((url) => `nats://${new URL(url).host}`)
    .join(', ');

const tlsFor = async (
  { tls, name, listenOn }: BeaconConfig,
  vault: Vault | undefined,
): Promise<TlsSource | undefined> => {
  if (tls.kind === 'files') return tlsFromFiles(tls.certificate, tls.key);
  if (tls.kind === 'off' || !vault) return undefined;
  const names = () => [...machineAddresses(), ...[name, listenOn].filter((given) => given !== undefined)];
  return tlsFromOwnAuthority(vault, names, Date.now);
};

const joinCodeIn = async (vault: Vault): Promise<string> => {
  const kept = await vault.get('join-code');
  if (kept) return fromUtf8(kept);
  const code = newJoinCode(webRandom());
  await vault.put('join-code', utf8(code));
  return code;
};

const listenOrSay = async (
  config: BeaconConfig,
  parts: Pick<Parameters<typeof listen>[0], 'handle' | 'upgrade' | 'identity'>,
): Promise<Listening> => {
  try {
    return await listen({ port: config.port, listenOn: config.listenOn, ...parts });
  } catch (fault) {
    throw new CannotStart(listenSentence(fault, config), { cause: fault });
  }
};

const keepRenewed = (tls: TlsSource, listening: Listening, log: Log): (() => void) => {
  const check = () =>
    tls
      .current()
      .then(listening.renew)
      .catch((fault: Error) => log('certificateNotRenewed', { message: fault.message }));
  const checking = setInterval(check, RENEWAL_CHECK_MS);
  return () => clearInterval(checking);
};

const main = async (): Promise<void> => {
  const parsed = parseConfig(process.env, process.argv.slice(2));
  if (!parsed.ok) {
    process.stderr.write(`${parsed.error.message}\n`);
    process.exitCode = 2;
    return;
  }
  if (parsed.value.type === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const undos = undoStack();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    await undos.run();
    process.exit(0);
  };
  try {
    await start(parsed.value, undos);
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (fault) {
    await undos.run();
    process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
    process.exit(1);
  }
};

await main();
