/**
 * A cheap simulation: the overlay's machines alone, thousands of them, on virtual time. The scenario, the delays and the figures are
 * those of `simulate`; what is left out is cryptography, storage, frames and the limits of signaling.
 */
import { performance } from 'node:perf_hooks';
import { largestPart, type Spread, type Traffic } from '../../lab/figures';
import { type Moment, type Outcome, outcomeOf, percent, spanOf } from '../../lab/outcome';
import type { Happening, Scenario } from '../../lab/scenario';
import { BEGAN, delaysOf } from '../../lab/world';
import { seededRandom } from '../../src/base/random';
import { virtualClock } from '../../src/platform/memory/clock';
import type { DeviceId } from '../../src/vm/op/ids';
import { BROADCAST_RULES, type BroadcastRules } from '../../src/vm/overlay/broadcast';
import { VIEW_RULES, type ViewRules } from '../../src/vm/overlay/view';
import { CheapNode, cheapRank, type Kind, PRESENCE_MS, type Wires, type Written } from './cheap-node';
import type { Cost } from './simulate';

/** Of whom an announcement reaches, as signaling limits it. */
const FAN_OUT = 16;
const SIGNALING_BYTES = 430;
/** A dial that nobody answers is given up. */
const ANSWER_MS = 5_000;
const MAX_INSIDER_LINKS = 200;

export type CheapScenario = Scenario & {
  readonly rules?: Partial<ViewRules & BroadcastRules>;
  /** Ranks are what they would be if insiders could choose them: always the best. */
  readonly ranksChosen?: boolean;
  /** Insiders dial this node alone. */
  readonly victim?: boolean;
  /** Of how many devices that nobody ever heard of each insider tells whom it is linked with, each time. */
  readonly invented?: number;
};
export type CheapOutcome = Outcome & {
  /** Of those nodes that are sound: links to insiders, and nodes that have no others. */
  readonly insiders: {
    readonly inViews: number;
    readonly eclipsed: number;
    /** Devices that they invented, and the share of those in what sound nodes know, on average over them, at the worst second. */
    readonly invented: number;
    readonly known: number;
  };
  /** The most dials that a sound node made within a second. */
  readonly dialsPerSecond: number;
  /** What is sent beside entries, for each delivery. */
  readonly controlPerDelivery: number;
  /**
   * The node that all insiders dialled: its links with sound nodes at the worst moment of what was measured, and how long it took at
   * most until what it wrote was with all sound nodes, and what they wrote with it.
   */
  readonly victim?: { readonly soundLinks: number; readonly outMs: number; readonly inMs: number };
};

const meanOf = (shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);

export const simulateCheap = async (
  scenario: CheapScenario,
  tell: (line: string) => void = () => {},
): Promise<{ readonly outcome: CheapOutcome; readonly cost: Cost }> => {
  const began = performance.now();
  const { seed, nodes: count } = scenario;
  const clock = virtualClock(BEGAN, () => Promise.resolve());
  const random = seededRandom(seed);
  const delay = delaysOf(seed, scenario.links, random);
  const entries: Written[] = [];
  const logs = new Map<number, Written[]>();
  const spreads: Spread[] = [];
  const kinds = new Map<string, Traffic>();
  const sent = new Map<string, number>();
  const dials = new Map<CheapNode, number>();
  let [dialsPerSecond, invented, inventedKnown] = [0, 0, 0];
  const received = new Map<string, number>();
  let [lately, happenedAt, worstOfVictim] = [
    { copies: 0, first: 0 },
    undefined as number | undefined,
    Number.POSITIVE_INFINITY,
  ];

  const weigh = (from: string | undefined, to: string, kind: Kind, bytes: number): void => {
    if (from !== undefined) sent.set(from, (sent.get(from) ?? 0) + bytes);
    received.set(to, (received.get(to) ?? 0) + bytes);
    const traffic = kinds.get(kind) ?? { bytes: 0, messages: 0 };
    traffic.bytes += bytes;
    traffic.messages++;
    kinds.set(kind, traffic);
  };
  const isLinked = (a: CheapNode, b: CheapNode): boolean => a.isUp && b.isUp && a.links.has(b) && b.links.has(a);
  const link = (a: CheapNode, b: CheapNode): void => {
    a.linked(b);
    b.linked(a);
  };
  const wires: Wires = {
    now: () => clock.now(),
    ...{ random, entries, logs },
    after: (ms, run) => void clock.after(ms, run),
    send: (from, to, kind, bytes, run) => {
      if (!from.isUp || !from.links.has(to)) return;
      clock.after(delay(from.name, to.name), () => {
        if (!to.isUp || !to.links.has(from)) return;
        weigh(from.name, to.name, kind, bytes);
        run();
      });
    },
    rttMs: (a, b) => 2 * delay(a.name, b.name),
    arrived: (at, entry, isPush) => {
      const spread = spreads[entry.id];
      if (!spread || !at.isSound) return;
      spread.copies++;
      lately.copies++;
      if (spread.author === at.name || spread.arrivals.has(at.name)) return;
      spread.arrivals.set(at.name, clock.now());
      if (isPush) spread.pushed++;
      lately.first++;
    },
    dial: (from, to) => {
      if (from.isSound) dials.set(from, (dials.get(from) ?? 0) + 1);
      const way = delay(from.name, to.name);
      weigh(from.name, to.name, 'signaling', SIGNALING_BYTES);
      const giveUp = (): void => {
        if (from.isUp && !from.links.has(to)) from.failed(to);
      };
      clock.after(2 * way, () => {
        if (!from.isUp || !to.isUp || !to.asked(from)) return void clock.after(ANSWER_MS, giveUp);
        clock.after(scenario.links.connectMs * (0.6 + 0.8 * random.next()), () => {
          if (!from.isUp || !to.isUp) return giveUp();
          if (!from.links.has(to)) link(from, to);
        });
      });
    },
    leave: (from, to) => {
      if (!from.links.has(to)) return;
      // What was said just before arrives.
      clock.after(delay(from.name, to.name), () => to.unlinked(from));
      from.unlinked(to);
    },
    // Whoever was invented is known by the name alone, and never up.
    nodeOf: (device) => byDevice.get(device) ?? nodeNamed(device),
  };

  const rules = { ...VIEW_RULES, ...BROADCAST_RULES, ...scenario.rules };
  const firstInsider = count * (1 - scenario.blackHoles);
  const rankOf = (a: number, b: number): number =>
    cheapRank(seed * 7919, a, b) * (scenario.ranksChosen && (a >= firstInsider || b >= firstInsider) ? 1e-3 : 1);
  const nodes = Array.from({ length: count + scenario.beacons }, (_, i) => {
    const kind = i >= count ? 'beacon' : i >= firstInsider ? 'insider' : 'tab';
    return new CheapNode(i, kind, wires, rankOf, scenario.spread === 'tree', rules);
  });
  const byDevice = new Map<DeviceId, CheapNode>(nodes.map((node) => [node.device, node]));
  const nodeNamed = (device: DeviceId): CheapNode => {
    const node = new CheapNode(Number(device.slice(1)), 'insider', wires, rankOf, false, rules);
    byDevice.set(device, node);
    return node;
  };
  const beacons = nodes.slice(count);
  const tabs = nodes.slice(0, count);
  const insiders = tabs.filter(({ kind }) => kind === 'insider');
  const sound = (): CheapNode[] => tabs.filter(({ isUp, isSound }) => isUp && isSound);
  const victim = scenario.victim ? tabs[0] : undefined;

  const announce = (node: CheapNode): void => {
    if (!node.isUp) return;
    for (let i = 0; i < FAN_OUT; i++) {
      const other = random.pick(tabs);
      if (!other.isUp || other === node) continue;
      weigh(i === 0 ? node.name : undefined, other.name, 'signaling', SIGNALING_BYTES);
      other.heard(node, clock.now());
    }
    clock.after(PRESENCE_MS * (0.75 + random.next() / 2), () => announce(node));
  };
  /** They take every link, dial without end, and tell of each other. */
  const press = (node: CheapNode): void => {
    if (!node.isUp) return;
    const target = victim ?? random.pick(tabs);
    if (target.isUp && target.isSound && !node.links.has(target) && node.links.size < MAX_INSIDER_LINKS)
      wires.dial(node, target);
    for (const other of node.links)
      if (other.isSound && random.next() < 0.3)
        for (let i = 0; i < 8; i++) {
          const friend = random.pick(insiders);
          other.heard(friend, clock.now(), node);
        }
    for (const other of node.links)
      for (let i = 0; other.isSound && i < (scenario.invented ?? 0); i++)
        other.told(nodes.length + invented++, clock.now(), node);
    clock.after(3_000 + random.next() * 3_000, () => press(node));
  };
  for (const beacon of beacons) beacon.start();
  for (const [i, node] of tabs.entries())
    clock.after((i / count) * scenario.startWithin * 1_000, () => {
      node.start();
      announce(node);
      for (const beacon of beacons) link(node, beacon);
      if (node.kind === 'insider') press(node);
    });

  const moments: Moment[] = [];
  let second = 0;
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1_000);
      second++;
      const up = sound();
      const names = new Set([...up, ...beacons].map(({ name }) => name));
      const links = new Map([...up, ...beacons].map((node) => [node.name, linked(node)]));
      const counts = up.map((node) => links.get(node.name)?.size ?? 0);
      moments.push({ second, up: up.length, links: spanOf(counts), largestPart: largestPart(links, names), ...lately });
      lately = { copies: 0, first: 0 };
      dialsPerSecond = Math.max(dialsPerSecond, ...dials.values());
      dials.clear();
      const invent = up.map((node) => {
        const known = [...node.view.known(clock.now())];
        return known.filter(({ device }) => Number(device.slice(1)) >= nodes.length).length / Math.max(1, known.length);
      });
      inventedKnown = Math.max(inventedKnown, meanOf(invent));
      if (victim)
        worstOfVictim = Math.min(
          worstOfVictim,
          [...victim.links].filter((each) => each.isSound && isLinked(victim, each)).length,
        );
      if (second % 10 === 0) {
        const { links: span, largestPart: part, up: there } = moments.at(-1) as Moment;
        tell(`${second} s: ${there} up, ${span.mean.toFixed(1)} links, ${percent(part)} hang together`);
      }
    }
  };
  const linked = (node: CheapNode): Set<string> =>
    new Set([...node.links].filter((other) => isLinked(node, other)).map(({ name }) => name));

  const write = (): void => {
    const up = sound();
    if (up.length === 0) return;
    const author = victim && spreads.length % 5 === 0 ? victim : random.pick(up);
    const log = logs.get(author.index) ?? [];
    const entry: Written = { id: entries.length, log: author.index, seq: log.length };
    logs.set(author.index, [...log, entry]);
    entries.push(entry);
    spreads.push({ author: author.name, writtenAt: clock.now(), arrivals: new Map(), pushed: 0, copies: 0 });
    author.write(entry);
  };
  const kill = (node: CheapNode): void => {
    node.isUp = false;
    for (const other of [...node.links])
      clock.after(scenario.links.noticeMs * (0.4 + 0.6 * random.next()), () => other.isUp && other.unlinked(node));
  };
  const happen = (happening: Happening): void => {
    happenedAt = clock.now();
    if (happening.type !== 'kill') throw new Error(`A cheap simulation knows no "${happening.type}".`);
    const up = sound();
    for (const node of random.shuffle(up).slice(0, Math.round(up.length * happening.share))) kill(node);
  };

  const starting = process.cpuUsage().user;
  await pass(scenario.startWithin + scenario.settle);
  const startMs = (process.cpuUsage().user - starting) / 1_000;
  for (const sums of [kinds, sent, received]) sums.clear();
  worstOfVictim = Number.POSITIVE_INFINITY;
  [dialsPerSecond, inventedKnown] = [0, 0];
  const writing = scenario.minutes * 60;
  const total = Math.round((writing / 60) * scenario.writes);
  for (let i = 0; i < total; i++) clock.after(((i + random.next()) / total) * writing * 1_000, write);
  for (const happening of scenario.happenings) clock.after(happening.at * 1_000, () => happen(happening));
  const measured = writing + scenario.calm;
  const measuring = process.cpuUsage().user;
  await pass(measured);

  const up = sound();
  // Whoever has none but insiders hears of nothing by push.
  const eclipsed = up.filter((node) => [...node.links].every((other) => !other.isSound || !isLinked(node, other)));
  const inViews = up.map((node) => {
    const neighbours = node.view.neighbours.map((device) => wires.nodeOf(device));
    return neighbours.filter(({ isSound }) => !isSound).length / Math.max(1, neighbours.length);
  });
  const first = spreads.reduce((sum, { arrivals }) => sum + arrivals.size, 0);
  const control = [...kinds].reduce(
    (sum, [kind, { messages }]) => sum + (/^(ihave|graft|prune)$/.test(kind) ? messages : 0),
    0,
  );
  /** Of what a node wrote until all that are up have it, and of what they wrote until it has it. */
  const waits = ({ name }: CheapNode): { readonly outMs: number; readonly inMs: number } => {
    let [outMs, inMs] = [0, 0];
    for (const { author, writtenAt, arrivals } of spreads) {
      const waitOf = (to: string): number => (arrivals.get(to) ?? Number.POSITIVE_INFINITY) - writtenAt;
      if (author !== name) inMs = Math.max(inMs, waitOf(name));
      else for (const other of up) if (other.name !== name) outMs = Math.max(outMs, waitOf(other.name));
    }
    return { outMs, inMs };
  };
  const outcome = outcomeOf({
    ...{ moments, measured, happenedAt, kinds, sent, received, spreads, up },
    nodes: tabs.map(({ name }) => name),
    written: total,
    unseen: [],
    signalingRefused: {},
  });
  return {
    outcome: {
      ...outcome,
      insiders: {
        inViews: meanOf(inViews),
        eclipsed: eclipsed.length / Math.max(1, up.length),
        invented,
        known: inventedKnown,
      },
      dialsPerSecond,
      controlPerDelivery: control / Math.max(1, first),
      ...(victim ? { victim: { soundLinks: worstOfVictim, ...waits(victim) } } : {}),
    },
    cost: {
      bytesPerNode: process.memoryUsage().rss / count,
      startMsPerNode: startMs / count,
      cpuPerSecond: (process.cpuUsage().user - measuring) / 1e6 / measured,
      wallSeconds: (performance.now() - began) / 1_000,
    },
  };
};
