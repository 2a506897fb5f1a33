/**
 * The signaling servers where two who share a code meet, several at once: dialled while there is a code, dialled again 2 s after
 * one closed, and told now and then that somebody is still here. Each hears all that is said.
 */
import type { Channel } from '../../ports';
import { PING_TEXT } from '../../vm/net/signal';
import type { KernelContext } from './context';

const MAX_SERVERS = 3;
const PING_MS = 20_000;
const RETRY_MS = 2_000;

type Server = { readonly url: string; channel: Channel<string> | undefined; open: boolean; retryAt: number };
export type SignalingEvents = {
  /** One that has heard nothing yet. */
  opened(say: (text: string) => void): void;
  heard(text: string): void;
};

export class SignalingServers {
  readonly #servers: readonly Server[];
  #pingAt = 0;

  constructor(
    private readonly context: KernelContext,
    urls: readonly string[],
    private readonly events: SignalingEvents,
  ) {
    const known = [...new Set(urls)].slice(0, MAX_SERVERS);
    this.#servers = known.map((url) => ({ url, channel: undefined, open: false, retryAt: 0 }));
  }

  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }
  /** Dials those that closed. To be called every second or so, as long as there is a code. */
  keep(): void {
    const now = this.context.ports.clock.now();
    const isSilent = now - this.#pingAt > PING_MS;
    if (isSilent) this.#pingAt = now;
    for (const server of this.#servers)
      if (!server.channel && now >= server.retryAt) this.#dial(server);
      else if (server.open && isSilent) server.channel?.send(PING_TEXT);
  }
  say(text: string): void {
    for (const { channel, open } of this.#servers) if (open) channel?.send(text);
  }
  close(): void {
    for (const server of this.#servers) {
      server.channel?.close();
      server.channel = undefined;
      server.open = false;
    }
  }

  #dial(server: Server): void {
    const channel: Channel<string> = this.context.ports.transport.dialSignaling(server.url, {
      opened: () => {
        server.open = true;
        this.events.opened((text) => void channel.send(text));
      },
      received: (text) => this.events.heard(text),
      drained: () => {},
      closed: () => {
        if (server.channel !== channel) return;
        server.channel = undefined;
        server.open = false;
        server.retryAt = this.context.ports.clock.now() + RETRY_MS;
      },
    });
    server.channel = channel;
  }
}
