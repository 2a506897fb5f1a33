/** Runs a scenario: starts the nodes, lets them write, lets happen what is to happen, and gives the figures. */
import { performance } from 'node:perf_hooks';
import { contentShardOf, type DeviceId } from '../../src/vm/op/ids';
import { largestPart, quantile, Recorder, type Traffic } from './figures';
import { createFleet, type Fleet, type SimulatedNode } from './fleet';
import type { Happening, Scenario } from './scenario';
import { createWorld, type World } from './world';

/** A link on which nothing was heard for so long is none: kernels ping each 5 s. */
const ALIVE_MS = 6_000;
/** How long a node that left in a churn is away, s. */
const AWAY = 20;

/** At one second of a run. */
export type Moment = {
  readonly second: number;
  readonly up: number;
  readonly links: { readonly mean: number; readonly least: number; readonly most: number };
  readonly largestPart: number;
  /** Of entries, in this second; `first` at their node. */
  readonly copies: number;
  readonly first: number;
};
export type Outcome = {
  readonly nodes: number;
  readonly written: number;
  /** To those who were there from the writing to the end: ms, and shares of all pairs of an entry and a node. */
  readonly delivery: {
    readonly p50?: number | undefined;
    readonly p95?: number | undefined;
    readonly p99?: number | undefined;
    readonly most?: number | undefined;
    readonly pushed: number;
    readonly reached: number;
    readonly whole: number;
  };
  /** Arrivals beyond the first, for each first one. */
  readonly redundancy: number;
  /** For each node and virtual second: bytes. */
  readonly bytesIn: Quantiles;
  readonly bytesOut: Quantiles;
  /** By kind of frame, for each node and virtual second. */
  readonly kinds: Readonly<Record<string, Traffic>>;
  readonly links: { readonly mean: number; readonly least: number; readonly most: number };
  readonly largestPart: number;
  /** Of the nodes that are up at the end and sound, those that hold all that was written. */
  readonly complete: number;
  readonly signalingRefused: Readonly<Record<string, number>>;
  /** How many of the nodes had an entry, by ms since it was written. */
  readonly curve: readonly { readonly ms: number; readonly share: number }[];
  readonly moments: readonly Moment[];
};
type Quantiles = { readonly p50: number; readonly p95: number; readonly most: number };
/** What depends on the machine. */
export type Cost = {
  readonly bytesPerNode: number;
  readonly startMsPerNode: number;
  /** Of processor, for each virtual second in which entries were counted. */
  readonly cpuPerSecond: number;
  readonly wallSeconds: number;
};

export const simulate = async (
  scenario: Scenario,
  tell: (line: string) => void = () => {},
): Promise<{ readonly outcome: Outcome; readonly cost: Cost }> => {
  const began = performance.now();
  const listening: { recorder?: Recorder } = {};
  const world = createWorld(scenario.seed, scenario.links, (from, to, message) =>
    listening.recorder?.heard(from, to, message),
  );
  const fleet = await createFleet(world, scenario);
  const nameByDevice = new Map<DeviceId, string>(fleet.nodes.map(({ disk, name }) => [disk.device, name]));
  const { space, channel } = fleet.founded;
  const recorder = new Recorder(
    () => world.clock.now(),
    (device) => nameByDevice.get(device),
    contentShardOf(space, channel),
  );
  listening.recorder = recorder;
  tell(`founded ${fleet.founded.entries} entries in ${seconds(performance.now() - began)} s`);

  const moments: Moment[] = [];
  const run = new Run(world, fleet, scenario, recorder, moments, tell);
  const memory = process.memoryUsage().rss;
  const starting = processorMs();
  await run.start();
  const bytesPerNode = Math.max(0, process.memoryUsage().rss - memory) / scenario.nodes;
  const startMsPerNode = (processorMs() - starting) / scenario.nodes;
  await run.pass(scenario.settle);
  recorder.reset();
  const measuredFrom = processorMs();
  await run.measure();
  const cpuPerSecond = (processorMs() - measuredFrom) / 1_000 / run.measured;
  const outcome = outcomeOf(run, fleet, recorder, moments, world);
  await fleet.stop();
  if (fleet.faults.length > 0) throw new Error(`Kernels failed:\n${fleet.faults.join('\n')}`);
  const wallSeconds = (performance.now() - began) / 1_000;
  return { outcome, cost: { bytesPerNode, startMsPerNode, cpuPerSecond, wallSeconds } };
};

/** Of this process: a busy machine makes it wait, not work more. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

class Run {
  written = 0;
  measured = 0;
  #second = 0;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
    readonly scenario: Scenario,
    private readonly recorder: Recorder,
    private readonly moments: Moment[],
    private readonly tell: (line: string) => void,
  ) {}

  get sound(): readonly SimulatedNode[] {
    return this.fleet.nodes.filter(({ kernel, isInsider }) => kernel && !isInsider);
  }

  /** One second after the other, with a look at the links at the end of each. */
  async pass(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.world.clock.advance(1_000);
      this.#second++;
      this.moments.push(this.#moment());
      if (this.#second % 10 === 0) {
        const { links, largestPart: part, up } = this.moments.at(-1) as Moment;
        this.tell(`${this.#second} s: ${up} up, ${links.mean.toFixed(1)} links, ${percent(part)} hang together`);
      }
    }
  }
  #moment(): Moment {
    const links = this.recorder.links(ALIVE_MS);
    const up = this.sound;
    const counts = up.map(({ name }) => links.get(name)?.size ?? 0);
    return {
      second: this.#second,
      up: up.length,
      links: spanOf(counts),
      largestPart: largestPart(links, new Set([...up.map(({ name }) => name), ...this.fleet.beacons])),
      ...this.recorder.arrived(),
    };
  }

  async start(): Promise<void> {
    const { clock } = this.world;
    const { nodes } = this.fleet;
    const within = this.scenario.startWithin * 1_000;
    for (const [i, node] of nodes.entries()) clock.after((i / nodes.length) * within, () => void this.#begin(node));
    await this.pass(this.scenario.startWithin);
  }
  #begin(node: SimulatedNode): void {
    this.fleet.start(node).catch(this.fleet.failed);
  }

  async measure(): Promise<void> {
    const { scenario } = this;
    const writing = scenario.minutes * 60;
    this.measured = writing + scenario.calm;
    this.#arm(writing);
    await this.pass(this.measured);
  }
  #arm(writing: number): void {
    const { clock, random } = this.world;
    const { writes, churn, happenings } = this.scenario;
    const total = Math.round((writing / 60) * writes);
    for (let i = 0; i < total; i++) clock.after(((i + random.next()) / total) * writing * 1_000, () => this.#write());
    const leaving = Math.round((writing / 60) * churn);
    for (let i = 0; i < leaving; i++)
      clock.after(((i + random.next()) / leaving) * writing * 1_000, () => this.#leave());
    for (const happening of happenings) clock.after(happening.at * 1_000, () => this.#happen(happening));
  }
  #write(): void {
    const { random } = this.world;
    const { sound } = this;
    if (sound.length === 0) return;
    const { name, kernel } = random.pick(sound);
    const { channel } = this.fleet.founded;
    this.written++;
    this.recorder.wrote(name);
    const text = `Message ${this.written} of a simulation`;
    kernel?.run('chat.send', { channelId: channel, text }).catch(this.fleet.failed);
  }
  #leave(): void {
    const { clock, random } = this.world;
    const { sound } = this;
    if (sound.length < 2) return;
    const node = random.pick(sound);
    this.fleet.kill(node);
    clock.after(AWAY * 1_000, () => this.#begin(node));
  }
  #happen(happening: Happening): void {
    const { network, random } = this.world;
    const names = this.fleet.nodes.map(({ name }) => name);
    switch (happening.type) {
      case 'kill':
        for (const node of random.shuffle(this.sound).slice(0, Math.round(this.sound.length * happening.share)))
          this.fleet.kill(node);
        return;
      case 'part': {
        const mixed = random.shuffle(names);
        network.partition(
          Array.from({ length: happening.islands }, (_, island) =>
            mixed.filter((_name, i) => i % happening.islands === island),
          ),
        );
        return;
      }
      case 'heal':
        network.partition([]);
    }
  }
}

export const percent = (share: number): string => `${(share * 100).toFixed(share > 0.999 && share < 1 ? 2 : 1)} %`;

const spanOf = (counts: readonly number[]): Moment['links'] => ({
  mean: counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length),
  least: counts.length === 0 ? 0 : Math.min(...counts),
  most: counts.length === 0 ? 0 : Math.max(...counts),
});

const CURVE_MS = [
  50, 100, 150, 200, 250, 300, 400, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000, 40_000,
];

const outcomeOf = (run: Run, fleet: Fleet, recorder: Recorder, moments: readonly Moment[], world: World): Outcome => {
  const up = run.sound;
  const spreads = recorder.spreads;
  const { unseen } = recorder;
  const waits: number[] = [];
  let [pairs, first, pushed, copies, whole] = [0, 0, 0, 0, 0];
  for (const { author, writtenAt, arrivals, ...spread } of spreads) {
    const there = up.filter(({ name, since }) => name !== author && (since as number) <= writtenAt);
    const reached = there.flatMap(({ name }) => arrivals.get(name) ?? []);
    waits.push(...reached.map((at) => at - writtenAt));
    pairs += there.length;
    if (reached.length === there.length) whole++;
    first += arrivals.size;
    pushed += spread.pushed;
    copies += spread.copies;
  }
  for (const { author, writtenAt } of unseen)
    pairs += up.filter(({ name, since }) => name !== author && (since as number) <= writtenAt).length;
  waits.sort((a, b) => a - b);
  const survivors = new Set(up.map(({ name }) => name));
  const lasting = [...spreads, ...unseen.map((each) => ({ ...each, arrivals: new Map<string, number>() }))];
  const isComplete = (name: string): boolean =>
    lasting.every(({ author, arrivals }) => author === name || arrivals.has(name) || !reachesAny(arrivals, survivors));
  const perSecond = (total: number): number => total / run.measured;
  const loads = (sums: ReadonlyMap<string, number>): Quantiles => {
    const sorted = fleet.nodes.map(({ name }) => perSecond(sums.get(name) ?? 0)).sort((a, b) => a - b);
    return { p50: quantile(sorted, 0.5) ?? 0, p95: quantile(sorted, 0.95) ?? 0, most: sorted.at(-1) ?? 0 };
  };
  const each = run.measured * fleet.nodes.length;
  const last = moments.at(-1) as Moment;
  return {
    nodes: fleet.nodes.length,
    written: run.written,
    delivery: {
      p50: quantile(waits, 0.5),
      p95: quantile(waits, 0.95),
      p99: quantile(waits, 0.99),
      most: waits.at(-1),
      pushed: first === 0 ? 0 : pushed / first,
      reached: pairs === 0 ? 0 : waits.length / pairs,
      whole: run.written === 0 ? 0 : whole / run.written,
    },
    redundancy: first === 0 ? 0 : copies / first - 1,
    bytesIn: loads(recorder.received),
    bytesOut: loads(recorder.sent),
    kinds: Object.fromEntries(
      [...recorder.kinds]
        .sort(([, a], [, b]) => b.bytes - a.bytes)
        .map(([kind, { bytes, messages }]) => [kind, { bytes: bytes / each, messages: messages / each }]),
    ),
    links: last.links,
    largestPart: last.largestPart,
    complete: up.filter(({ name }) => isComplete(name)).length / Math.max(1, up.length),
    signalingRefused: world.refused(),
    curve: CURVE_MS.map((ms) => ({ ms, share: pairs === 0 ? 0 : waits.filter((wait) => wait <= ms).length / pairs })),
    moments,
  };
};

/** Whether anybody who is still there has it: what went with those who held it is lost for all. */
const reachesAny = (arrivals: ReadonlyMap<string, number>, survivors: ReadonlySet<string>): boolean =>
  [...arrivals.keys()].some((name) => survivors.has(name));
