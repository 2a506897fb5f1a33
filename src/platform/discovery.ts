/**
 * The beacon that a page came from, as it describes itself at `/.well-known/lgos.json`. A page from a static host has none, and an
 * offline page starts with what it learned last. What it says is checked: it names servers that the kernel will dial.
 */
import { fromUtf8, isHex, utf8 } from '../base/bytes';
import type { Storage } from '../ports';

/** Whom the operator lets it keep spaces for. */
export type Hosting = (typeof HOSTING)[number];
const HOSTING = ['open', 'code', 'listed'] as const;

export type Discovery = {
  readonly beacon:
    | { readonly url: string; readonly device: string; readonly name: string; readonly hosting?: Hosting }
    | undefined;
  readonly signaling: readonly string[];
  /** The operator wants no direct connections. */
  readonly relayOnly: boolean;
};
export type Found = Discovery & {
  /** What the server says the time is, in milliseconds, to the second. */
  readonly serverTime: number | undefined;
};

/** Not finding one must not hold up the start. */
const TIMEOUT_MS = 1_500;
const KEY = 'discovery';
const MAX_SERVERS = 8;
const NONE: Discovery = { beacon: undefined, signaling: [], relayOnly: false };

const socketUrl = (value: unknown, origin: string): string | undefined => {
  if (typeof value !== 'string' || !URL.canParse(value, origin)) return undefined;
  const url = new URL(value, origin);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  return url.protocol === 'ws:' || url.protocol === 'wss:' ? url.href : undefined;
};

/** Reads the document as it came; anything that is not as it should be is left out. */
export const readDiscovery = (document: unknown, origin: string): Discovery => {
  if (typeof document !== 'object' || document === null) return NONE;
  const { devicePub, link, signaling, links, hosting } = document as Record<string, unknown>;
  const policy = HOSTING.find((name) => name === hosting);
  const url = socketUrl(link, origin);
  const servers = Array.isArray(signaling) ? signaling.slice(0, MAX_SERVERS) : [];
  return {
    beacon:
      url && isHex(devicePub, 32)
        ? { url, device: devicePub, name: new URL(origin).host, ...(policy ? { hosting: policy } : {}) }
        : undefined,
    signaling: servers.map((server) => socketUrl(server, origin)).filter((server) => server !== undefined),
    relayOnly: links === 'relay',
  };
};

const remembered = async (storage: Storage, origin: string): Promise<Discovery> => {
  const bytes = await storage.read('outbox', KEY);
  try {
    return bytes ? readDiscovery(JSON.parse(fromUtf8(bytes)), origin) : NONE;
  } catch {
    return NONE;
  }
};

export const discover = async (origin: string, storage: Storage, ask: typeof fetch = fetch): Promise<Found> => {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await ask(new URL('/.well-known/lgos.json', origin), { signal, cache: 'no-store' });
    const date = Date.parse(answer.headers.get('Date') ?? '');
    const serverTime = Number.isNaN(date) ? undefined : date;
    if (!answer.ok) return { ...NONE, serverTime };
    const document: unknown = await answer.json();
    // Only for an offline start: one that cannot be kept costs nothing now.
    await storage.write([{ table: 'outbox', key: KEY, value: utf8(JSON.stringify(document)) }], 'relaxed');
    return { ...readDiscovery(document, origin), serverTime };
  } catch {
    return { ...(await remembered(storage, origin)), serverTime: undefined };
  }
};
