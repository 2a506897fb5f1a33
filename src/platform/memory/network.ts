/**
 * A network in memory for tests and simulations: links to beacons, signaling and direct channels under given conditions (delay,
 * bandwidth, who can meet directly), with cuts, partitions and nodes that vanish, all on a given clock and seed. It knows no
 * protocol; what a signaling server does with what it hears is given to it, or is plain publish and subscribe.
 */
import { utf8 } from '../../base/bytes';
import type { SeededRandom } from '../../base/random';
import type { Channel, ChannelEvents, Clock, PeerChannel, PeerEvents, Route, Transport } from '../../ports';

/** Nodes by name, servers by address. */
type Conditions = {
  /** One way in ms, drawn for each message. */
  delay(from: string, to: string): number;
  /** How much longer it takes because packets were lost and sent again, ms: what is sent after it comes after it. */
  resending(from: string, to: string, bytes: number): number;
  /** Bytes that a node sends in a millisecond. */
  uplink(node: string): number;
  /** Whether a direct channel between two nodes ever opens. */
  meets(a: string, b: string): boolean;
  /** What each end is told of the way that a direct channel takes. */
  route(a: string, b: string): Route;
  /** How long it takes to open once both have agreed, ms. */
  connectMs(): number;
  /** How long one end takes to notice that the other has vanished, ms. */
  noticeMs(): number;
};
/** One client of a signaling server, as the server sees it. */
type ServedClient = { received(text: string): void; closed(): void };
export type MemoryServer = (client: { readonly node: string; send(text: string): void; close(): void }) => ServedClient;

export type MemoryNetworkOptions = {
  readonly latencyMs?: number;
  readonly conditions?: Partial<Conditions>;
  /** Of each address its own, made when it is first dialled. */
  readonly server?: () => MemoryServer;
  /** Hears all that arrives, and when it was sent. */
  readonly heard?: (from: string, to: string, message: Uint8Array | string, sentAt: number) => void;
};
export type MemoryNetwork = {
  /** The transport of one node. `direct: false`: it has no WebRTC. Nodes whose names are alike up to a `/` come from one network. */
  transport(node: string, options?: { direct?: boolean }): Transport;
  /** Nodes of different groups cannot reach each other; an empty list heals. Open channels across the cut close. */
  partition(groups: readonly (readonly string[])[]): void;
  /** A beacon or signaling server (by address) stops or comes back; its channels close. */
  setUp(url: string, up: boolean): void;
  /** It is gone without a word: whatever it says from now on is lost, and others notice after a while. */
  vanish(node: string): void;
  /** Messages delivered so far. */
  delivered(): number;
};

type Open = { readonly ends: readonly [string, string]; cut(reason: string): void; lose(): void };
/** One run of a node. */
type Home = { readonly node: string; isHere: boolean; busyUntil: number; readonly open: Set<Open> };
type Peer = {
  readonly home: Home;
  readonly events: PeerEvents;
  attach(channel: Channel<Uint8Array>): void;
  readonly isFree: boolean;
};

const NOWHERE = { send: () => {}, buffered: () => 0, close: () => {} };

export const memoryNetwork = (
  clock: Clock,
  random: SeededRandom,
  options: MemoryNetworkOptions = {},
): MemoryNetwork => {
  const latency = options.latencyMs ?? 5;
  const conditions: Conditions = {
    delay: () => latency + random.below(latency + 1),
    resending: () => 0,
    uplink: () => Number.POSITIVE_INFINITY,
    meets: () => true,
    route: () => 'host',
    connectMs: () => 0,
    noticeMs: () => 0,
    ...options.conditions,
  };
  const homes = new Map<string, Home>();
  const listeners = new Map<
    string,
    { home: Home; accept: (channel: Channel<Uint8Array>, network: string) => ChannelEvents<Uint8Array> }
  >();
  const servers = new Map<string, { readonly serve: MemoryServer; readonly home: Home }>();
  const down = new Set<string>();
  /** Direct channels that are being made, by their token. */
  const peers = new Map<string, Peer>();
  let groupByNode = new Map<string, number>();
  let tokens = 0;
  let delivered = 0;

  const reachable = (a: string, b: string): boolean => {
    const [of, other] = [groupByNode.get(a), groupByNode.get(b)];
    return of === undefined || other === undefined || of === other;
  };
  const soon = (from: string, to: string, run: () => void): void => void clock.after(conditions.delay(from, to), run);
  const newHome = (node: string): Home => ({ node, isHere: true, busyUntil: 0, open: new Set() });
  const serverAt = (url: string) => {
    const known = servers.get(url) ?? { serve: (options.server ?? plainServer)(), home: newHome(url) };
    servers.set(url, known);
    return known;
  };

  /** An ordered way between two runs, with both ends told when it closes. */
  const join = <M extends Uint8Array | string>(
    [a, b]: readonly [Home, Home],
    events: readonly [() => ChannelEvents<M> | undefined, () => ChannelEvents<M> | undefined],
  ): readonly [Channel<M>, Channel<M>] => {
    let isOpen = true;
    const gone = (): void => {
      isOpen = false;
      a.open.delete(entry);
      b.open.delete(entry);
    };
    const tell = (side: 0 | 1, reason: string, after: number): void =>
      void clock.after(after, () => ([a, b] as const)[side].isHere && events[side]()?.closed(reason));
    const entry: Open = {
      ends: [a.node, b.node],
      cut: (reason) => {
        if (!isOpen) return;
        gone();
        for (const side of [0, 1] as const) tell(side, reason, conditions.delay(a.node, b.node));
      },
      lose: () => {
        if (!isOpen) return;
        gone();
        for (const side of [0, 1] as const) tell(side, 'gone', conditions.noticeMs());
      },
    };
    const end = (from: Home, to: Home, side: 0 | 1): Channel<M> => {
      const queue: { readonly message: M; readonly sentAt: number }[] = [];
      /** What was lost comes then, and nothing sent later before it. */
      let heldUp = 0;
      return {
        send: (message) => {
          if (!isOpen || !from.isHere) return;
          const now = clock.now();
          queue.push({ message: message instanceof Uint8Array ? (message.slice() as M) : message, sentAt: now });
          from.busyUntil = Math.max(now, from.busyUntil) + message.length / conditions.uplink(from.node);
          const takes = from.busyUntil - now + conditions.delay(from.node, to.node);
          const resending = conditions.resending(from.node, to.node, message.length);
          if (resending > 0) heldUp = Math.max(heldUp, now + takes + resending);
          clock.after(Math.max(takes, heldUp - now), () => {
            const next = queue.shift();
            if (next === undefined || !isOpen || !to.isHere) return;
            delivered++;
            options.heard?.(from.node, to.node, next.message, next.sentAt);
            events[side]()?.received(next.message);
          });
        },
        buffered: () => Math.max(0, Math.ceil((from.busyUntil - clock.now()) * conditions.uplink(from.node)) || 0),
        close: () => entry.cut('closed'),
      };
    };
    a.open.add(entry);
    b.open.add(entry);
    return [end(a, b, 1), end(b, a, 0)];
  };

  const dialLink = (home: Home, url: string, events: ChannelEvents<Uint8Array>): Channel<Uint8Array> => {
    const listener = listeners.get(url);
    if (!listener?.home.isHere || down.has(url) || !reachable(home.node, listener.home.node)) {
      soon(home.node, url, () => home.isHere && events.closed('unreachable'));
      return NOWHERE;
    }
    let theirs: ChannelEvents<Uint8Array> | undefined;
    const [mine, other] = join<Uint8Array>([home, listener.home], [() => events, () => theirs]);
    soon(home.node, url, () => {
      if (!home.isHere || !listener.home.isHere) return;
      theirs = listener.accept(other, home.node.split('/', 1)[0] as string);
      theirs.opened(new Uint8Array());
      events.opened(new Uint8Array());
    });
    return mine;
  };

  const dialSignaling = (home: Home, url: string, events: ChannelEvents<string>): Channel<string> => {
    if (down.has(url) || !reachable(home.node, url)) {
      soon(home.node, url, () => home.isHere && events.closed('unreachable'));
      return NOWHERE;
    }
    const server = serverAt(url);
    let client: ServedClient | undefined;
    let isClosed = false;
    const [mine, theirs] = join<string>(
      [home, server.home],
      [
        () => events,
        () => ({
          opened: () => {},
          drained: () => {},
          received: (text) => client?.received(text),
          closed: () => {
            isClosed = true;
            client?.closed();
          },
        }),
      ],
    );
    soon(home.node, url, () => {
      if (!home.isHere || isClosed) return;
      client = server.serve({ node: home.node, send: (text) => theirs.send(text), close: () => theirs.close() });
      events.opened(new Uint8Array());
    });
    return mine;
  };

  /** The impolite side offers a token, the polite one answers with its own: no negotiation to go wrong. */
  const createPeer = (home: Home, polite: boolean, events: PeerEvents): PeerChannel => {
    let channel: Channel<Uint8Array> | undefined;
    let isClosed = false;
    const token = `${home.node}/${tokens++}`;
    const self: Peer = {
      home,
      events,
      attach: (given) => {
        channel = given;
      },
      get isFree() {
        return !isClosed && !channel;
      },
    };
    peers.set(token, self);
    const connect = (theirs: string): void => {
      const other = peers.get(theirs);
      if (!other?.isFree || !self.isFree || !other.home.isHere || !home.isHere) return;
      if (!reachable(home.node, other.home.node) || !conditions.meets(home.node, other.home.node)) return;
      const [mine, far] = join<Uint8Array>([home, other.home], [() => events, () => other.events]);
      self.attach(mine);
      other.attach(far);
      for (const made of [token, theirs]) peers.delete(made);
      const binding = utf8([token, theirs].sort().join());
      for (const { home: at, events: told } of [self, other]) {
        if (!at.isHere) continue;
        told.opened(binding);
        told.routed(conditions.route(home.node, other.home.node));
      }
    };
    const say = (message: string): void => {
      events.signal(message);
      events.gathered?.();
    };
    if (!polite) clock.after(0, () => !isClosed && home.isHere && say(`offer ${token}`));
    return {
      signal: (message) => {
        const [kind, theirs = ''] = message.split(' ');
        if (!self.isFree || !home.isHere) return;
        if (polite && kind === 'offer') say(`answer ${token} ${theirs}`);
        if (!polite && kind === 'answer' && message.endsWith(` ${token}`))
          clock.after(conditions.connectMs() + conditions.delay(home.node, theirs.split('/')[0] ?? ''), () =>
            connect(theirs),
          );
      },
      send: (bytes) => channel?.send(bytes),
      buffered: () => channel?.buffered() ?? 0,
      close: () => {
        if (isClosed) return;
        isClosed = true;
        peers.delete(token);
        if (channel) channel.close();
        else clock.after(0, () => home.isHere && events.closed('closed'));
      },
    };
  };

  return {
    delivered: () => delivered,
    partition: (groups) => {
      groupByNode = new Map(groups.flatMap((group, i) => group.map((node) => [node, i] as const)));
      for (const home of [...homes.values()])
        for (const { ends, cut } of [...home.open]) if (!reachable(...ends)) cut('partition');
    },
    setUp: (url, up) => {
      if (up) down.delete(url);
      else down.add(url);
      const home = listeners.get(url)?.home ?? servers.get(url)?.home;
      if (!up) for (const { cut } of [...(home?.open ?? [])]) cut('server down');
    },
    vanish: (node) => {
      const home = homes.get(node);
      if (!home) return;
      home.isHere = false;
      for (const { lose } of [...home.open]) lose();
    },
    transport: (node, { direct = true } = {}) => {
      const home = newHome(node);
      homes.set(node, home);
      return {
        dialLink: (url, events) => dialLink(home, url, events),
        dialSignaling: (url, events) => dialSignaling(home, url, events),
        ...(direct ? { createPeer: (polite: boolean, events: PeerEvents) => createPeer(home, polite, events) } : {}),
        listen: (accept) => {
          const url = `ws://${node}/link`;
          listeners.set(url, { home, accept });
          return () => void (listeners.get(url)?.home === home && listeners.delete(url));
        },
      };
    },
  };
};

/** Publish and subscribe, with no limits. */
const plainServer = (): MemoryServer => {
  const subscribers = new Map<string, Set<(text: string) => void>>();
  return ({ send }) => {
    const topics = new Set<string>();
    return {
      received: (text) => {
        const message = JSON.parse(text) as { type: string; topics?: string[]; topic?: string };
        if (message.type === 'subscribe')
          for (const topic of message.topics ?? []) {
            topics.add(topic);
            subscribers.set(topic, (subscribers.get(topic) ?? new Set()).add(send));
          }
        if (message.type === 'publish' && message.topic)
          for (const other of subscribers.get(message.topic) ?? []) if (other !== send) other(text);
      },
      closed: () => {
        for (const topic of topics) subscribers.get(topic)?.delete(send);
      },
    };
  };
};
