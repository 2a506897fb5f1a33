/**
 * A better way to a beacon: once a WebSocket links a tab to it, both try WebRTC, signalled over that very link. Whoever is behind the
 * new channel is judged by the same handshake. What becomes of the WebSocket is decided in `beacons.ts`.
 *
 * Rules kept here: [UP1] only over a link that is ready, to the device at its other end, at most one try at a time for each link.
 * [UP2] A beacon answers and never begins. [UP3] A tab tries again later and later, as long as the WebSocket is what it has.
 * [UP4] A beacon opens few connections for one device: each costs it a certificate and a search for addresses.
 */
import { TokenBuckets } from '../../base/bucket';
import { fromUtf8, utf8 } from '../../base/bytes';
import type { PeerChannel } from '../../ports';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Network } from './network';

/** Number of the feature in hellos, of those that can: frames `rtc` are sent where both have it. */
export const BEACON_RTC = 13;
const MAX_SIGNAL_BYTES = 16 * 1024;
const AGAIN_MIN_MS = 30_000;
const AGAIN_MAX_MS = 30 * 60_000;
const OPENED = { rate: 0.1, burst: 3, devices: 1_000 } as const;

type Try = { readonly channel: PeerChannel; readonly link: Link };

export class Upgrading {
  readonly #tries = new Map<Link, Try>();
  readonly #failures = new Map<Link, { count: number; cancel: () => void }>();

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    /** Direct links are not wanted. */
    private readonly isOff: boolean,
    private readonly opened = new TokenBuckets(OPENED.rate, OPENED.burst, OPENED.devices),
  ) {}

  linked(link: Link): void {
    const { ready, options } = link;
    if (options.path !== 'relayed' || ready?.kind !== 'beacon' || !ready.features.includes(BEACON_RTC)) return;
    if (!this.isOff && this.context.kind === 'tab') this.#try(link, false);
  }

  unlinked(link: Link): void {
    this.#failures.get(link)?.cancel();
    this.#failures.delete(link);
    this.#tries.delete(link);
    for (const [socket, { link: direct }] of this.#tries) if (direct === link) this.#failed(socket);
  }

  /** False for what no such node would say. */
  heard(link: Link, payload: Uint8Array): boolean {
    if (payload.length > MAX_SIGNAL_BYTES || link.options.path !== 'relayed') return false;
    let text: string;
    try {
      text = fromUtf8(payload);
    } catch {
      return false;
    }
    const { kind, ports, count } = this.context;
    const { device } = link.ready as NonNullable<Link['ready']>;
    if (kind === 'beacon' && !this.#tries.has(link) && this.opened.take(device, ports.clock.now()))
      this.#try(link, true);
    const going = this.#tries.get(link);
    if (going) going.channel.signal(text);
    else count('ignored.rtc');
    return true;
  }

  #try(socket: Link, polite: boolean): void {
    const { transport } = this.context.ports;
    const { device } = socket.ready as NonNullable<Link['ready']>;
    if (!transport.createPeer || this.#tries.has(socket)) return;
    const { local = false, network } = socket.options;
    this.network.open({ path: 'direct', expected: device, local, network }, (link) => {
      const channel = (transport.createPeer as NonNullable<typeof transport.createPeer>)(polite, {
        ...link.channelEvents,
        signal: (text) => void socket.send('rtc', utf8(text)),
        routed: (route) => this.network.routed(link, route),
      });
      this.#tries.set(socket, { channel, link });
      return channel;
    });
  }

  #failed(socket: Link): void {
    this.#tries.delete(socket);
    if (this.context.kind !== 'tab' || socket.closed) return;
    const count = (this.#failures.get(socket)?.count ?? 0) + 1;
    const pause = Math.min(AGAIN_MAX_MS, AGAIN_MIN_MS * 2 ** Math.min(count - 1, 10));
    const cancel = this.context.ports.clock.after(pause, () => this.#try(socket, false));
    this.#failures.set(socket, { count, cancel });
  }
}
