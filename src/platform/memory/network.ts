/**
 * A network in memory for simulations: beacons' links, signaling and direct channels with latency, cuts and partitions,
 * all on a given clock and seed. It knows no protocol but the publish and subscribe of signaling.
 */

import { concat, utf8 } from '../../base/bytes';
import type { SeededRandom } from '../../base/random';
import type { Channel, ChannelEvents, Clock, PeerChannel, PeerEvents, Transport } from '../../ports';

export type MemoryNetwork = {
  /** The transport of one node. `direct: false`: it has no WebRTC. */
  transport(node: string, options?: { direct?: boolean }): Transport;
  /** Nodes of different groups cannot reach each other; an empty list heals. Open channels across the cut close. */
  partition(groups: readonly (readonly string[])[]): void;
  /** A beacon or signaling server (by address) stops or comes back; its channels close. */
  setUp(url: string, up: boolean): void;
  /** Messages delivered so far. */
  delivered(): number;
};

type Open = { readonly ends: readonly [string, string]; readonly cut: (reason: string) => void };

export const memoryNetwork = (
  clock: Clock,
  random: SeededRandom,
  options: { latencyMs?: number } = {},
): MemoryNetwork => {
  const latency = options.latencyMs ?? 5;
  const listeners = new Map<
    string,
    { node: string; accept: (channel: Channel<Uint8Array>) => ChannelEvents<Uint8Array> }
  >();
  const down = new Set<string>();
  const open = new Set<Open>();
  const subscribers = new Map<string, Set<(text: string) => void>>();
  /** Offers of direct channels by their token. */
  const offers = new Map<string, (token: string) => void>();
  let groups: readonly (readonly string[])[] = [];
  let delivered = 0;

  const groupOf = (node: string): number => groups.findIndex((group) => group.includes(node));
  const reachable = (a: string, b: string): boolean =>
    groups.length === 0 || groupOf(a) === groupOf(b) || groupOf(a) < 0 || groupOf(b) < 0;
  const later = (run: () => void): void => void clock.after(latency + random.below(latency + 1), run);

  /** Two ends of one ordered channel; `a` and `b` are told when it closes. */
  const join = <M>(
    ends: readonly [string, string],
    a: ChannelEvents<M>,
    b: () => ChannelEvents<M>,
  ): readonly [Channel<M>, Channel<M>] => {
    let closed = false;
    let bEvents: ChannelEvents<M> | undefined;
    const queues: [M[], M[]] = [[], []];
    const cut = (reason: string): void => {
      if (closed) return;
      closed = true;
      open.delete(entry);
      later(() => {
        a.closed(reason);
        bEvents?.closed(reason);
      });
    };
    const entry: Open = { ends, cut };
    const end = (side: 0 | 1, to: () => ChannelEvents<M> | undefined): Channel<M> => ({
      send: (message) => {
        if (closed) return;
        queues[side].push(message instanceof Uint8Array ? (message.slice() as M) : message);
        later(() => {
          const next = queues[side].shift();
          if (next === undefined || closed) return;
          delivered++;
          to()?.received(next);
        });
      },
      buffered: () => 0,
      close: () => cut('closed'),
    });
    const channels = [end(0, () => bEvents), end(1, () => a)] as const;
    open.add(entry);
    later(() => {
      if (closed) return;
      bEvents = b();
    });
    return channels;
  };

  return {
    delivered: () => delivered,
    partition: (next) => {
      groups = next;
      for (const { ends, cut } of [...open]) if (!reachable(...ends)) cut('partition');
    },
    setUp: (url, up) => {
      if (up) down.delete(url);
      else down.add(url);
      if (!up)
        for (const { ends, cut } of [...open])
          if (ends.includes(url) || ends.includes(listeners.get(url)?.node ?? '')) cut('server down');
    },
    transport: (node, { direct = true } = {}) => ({
      dialLink: (url, events) => {
        const listener = listeners.get(url);
        if (!listener || down.has(url) || !reachable(node, listener.node)) {
          later(() => events.closed('unreachable'));
          return { send: () => {}, buffered: () => 0, close: () => {} };
        }
        let theirs: ChannelEvents<Uint8Array> | undefined;
        const [mine, other] = join<Uint8Array>([node, listener.node], events, () => {
          theirs = listener.accept(other);
          theirs.opened(new Uint8Array());
          events.opened(new Uint8Array());
          return theirs;
        });
        return mine;
      },
      dialSignaling: (url, events) => {
        if (down.has(url)) {
          later(() => events.closed('unreachable'));
          return { send: () => {}, buffered: () => 0, close: () => {} };
        }
        const topics = new Set<string>();
        const hear = (text: string): void => later(() => channelOpen && events.received(text));
        let channelOpen = true;
        const leave = (): void => {
          for (const topic of topics) subscribers.get(topic)?.delete(hear);
        };
        const entry: Open = {
          ends: [node, url],
          cut: (reason) => {
            if (!channelOpen) return;
            channelOpen = false;
            open.delete(entry);
            leave();
            later(() => events.closed(reason));
          },
        };
        open.add(entry);
        later(() => channelOpen && events.opened(new Uint8Array()));
        return {
          send: (text) => {
            const message = JSON.parse(text) as { type: string; topics?: string[]; topic?: string };
            if (message.type === 'subscribe') {
              for (const topic of message.topics ?? []) {
                topics.add(topic);
                subscribers.set(topic, (subscribers.get(topic) ?? new Set()).add(hear));
              }
            }
            if (message.type === 'publish' && message.topic)
              for (const other of subscribers.get(message.topic) ?? []) if (other !== hear) other(text);
          },
          buffered: () => 0,
          close: () => entry.cut('closed'),
        };
      },
      ...(direct
        ? {
            // The impolite side offers a token; the polite side takes it up. No negotiation to go wrong.
            createPeer: (polite: boolean, events: PeerEvents): PeerChannel => {
              let channel: Channel<Uint8Array> | undefined;
              let closed = false;
              const token = `${node}/${random.below(2 ** 31)}`;
              const opened = (other: string): void => {
                const binding = utf8([token, other].sort().join());
                events.opened(concat(binding));
              };
              if (!polite) {
                offers.set(token, (answer) => opened(answer));
                later(() => !closed && events.signal(`offer ${token}`));
              }
              return {
                signal: (message) => {
                  const offered = message.split(' ')[1] ?? '';
                  const take = offers.get(offered);
                  if (!polite || closed || channel || !take || !reachable(node, offered.split('/')[0] ?? '')) return;
                  offers.delete(offered);
                  const offerer = takers.get(offered);
                  if (!offerer) return;
                  const [mine, theirs] = join<Uint8Array>([node, offered.split('/')[0] ?? ''], events, () => {
                    offerer.attach(theirs);
                    take(token);
                    opened(offered);
                    return offerer.events;
                  });
                  channel = mine;
                },
                send: (bytes) => channel?.send(bytes),
                buffered: () => 0,
                close: () => {
                  closed = true;
                  offers.delete(token);
                  if (channel) channel.close();
                  else later(() => events.closed('closed'));
                },
                ...register(token, events, (theirs) => {
                  channel = theirs;
                }),
              };
            },
          }
        : {}),
      listen: (accept) => {
        listeners.set(`ws://${node}/link`, { node, accept });
        return () => void listeners.delete(`ws://${node}/link`);
      },
    }),
  };
};

/** Who made an offer, so that the side that takes it up can hand over its end. */
const takers = new Map<string, { events: PeerEvents; attach: (channel: Channel<Uint8Array>) => void }>();
const register = (
  token: string,
  events: PeerEvents,
  attach: (channel: Channel<Uint8Array>) => void,
): Record<string, never> => {
  takers.set(token, { events, attach });
  return {};
};
