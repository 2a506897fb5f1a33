/**
 * Links to beacons: one WebSocket for each known address, tried again with growing pauses while online. Where WebRTC leads to the
 * same device (`upgrading.ts`), the WebSocket rests, and is dialled again at once when that ends.
 */
import type { ServerState } from '../../bridge/messages';
import type { DeviceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import { BETTER_WAY, type Link } from './link';
import type { Network } from './network';

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;
const MAX_BEACONS = 32;

export type BeaconAddress = { readonly url: string; readonly device: DeviceId };
type Dial = {
  readonly address: BeaconAddress;
  link: Link | undefined;
  /** In its place. */
  direct: Link | undefined;
  failures: number;
  retryAt: number;
  cancel: () => void;
};

export class Beacons {
  readonly #dials = new Map<string, Dial>();
  #online = false;
  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
  ) {}

  know(address: BeaconAddress): void {
    if (this.#dials.has(address.url) || this.#dials.size >= MAX_BEACONS || !/^wss?:\/\//.test(address.url)) return;
    const dial: Dial = { address, link: undefined, direct: undefined, failures: 0, retryAt: 0, cancel: () => {} };
    this.#dials.set(address.url, dial);
    if (this.#online) this.#dial(dial);
  }
  get dialled(): readonly (ServerState & { readonly device: DeviceId })[] {
    return [...this.#dials.values()].map(({ address, link, direct, failures, retryAt }) => {
      const state = !this.#online ? 'off' : direct || link?.ready ? 'open' : link ? 'dialling' : 'waiting';
      return { ...address, state, failures, retryAt: state === 'waiting' ? retryAt : null };
    });
  }
  /** The host name under which a beacon is dialled. */
  hostOf(device: DeviceId): string | undefined {
    const dial = [...this.#dials.values()].find(({ address }) => address.device === device);
    return /^wss?:\/\/(\[[^\]]+\]|[^/:?#]+)/.exec(dial?.address.url ?? '')?.[1];
  }
  setOnline(online: boolean): void {
    this.#online = online;
    for (const dial of this.#dials.values()) {
      dial.cancel();
      if (online) this.#dial(dial);
    }
  }
  #dial(dial: Dial): void {
    if (!this.#online || dial.link || dial.direct) return;
    const { url, device } = dial.address;
    // The same beacon under another address.
    dial.direct = [...this.#dials.values()].find(({ address, direct }) => direct && address.device === device)?.direct;
    if (dial.direct) return;
    dial.link = this.network.open({ path: 'relayed', expected: device }, (link) =>
      this.context.ports.transport.dialLink(url, link.channelEvents),
    );
  }
  linked(link: Link): void {
    const direct = link.options.path === 'direct' ? link.ready?.device : undefined;
    for (const dial of this.#dials.values()) {
      if (dial.link === link) dial.failures = 0;
      if (dial.address.device !== direct) continue;
      dial.direct = link;
      dial.cancel();
      dial.link?.close(BETTER_WAY);
    }
  }
  unlinked(link: Link): void {
    for (const dial of this.#dials.values()) {
      if (dial.direct === link) {
        dial.direct = undefined;
        this.#dial(dial);
      }
      if (dial.link !== link) continue;
      dial.link = undefined;
      if (dial.direct) continue;
      const pause = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(dial.failures++, 10));
      const jitter = 0.5 + (this.context.ports.random.bytes(1)[0] ?? 0) / 512;
      dial.retryAt = this.context.ports.clock.now() + pause * jitter;
      dial.cancel = this.context.ports.clock.after(pause * jitter, () => this.#dial(dial));
    }
  }
  close(): void {
    this.#online = false;
    for (const dial of this.#dials.values()) dial.cancel();
  }
}
