/** Runs a scenario: starts the nodes, lets them write, lets happen what is to happen, and gives the figures. */
import { performance } from 'node:perf_hooks';
import { contentShardOf, type DeviceId } from '../../src/vm/op/ids';
import { largestPart, Recorder } from './figures';
import { createFleet, type Fleet, type SimulatedNode } from './fleet';
import { type Moment, type Outcome, outcomeOf, percent, spanOf } from './outcome';
import type { Happening, Scenario } from './scenario';
import { createWorld, type World } from './world';

/** A link on which nothing was heard for so long is none: kernels ping each 5 s. */
const ALIVE_MS = 6_000;
/** How long a node that left in a churn is away, s. */
const AWAY = 20;

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
  const { measured, written, happenedAt } = run;
  const outcome = outcomeOf({
    ...{ moments, measured, written, happenedAt },
    ...{ spreads: recorder.spreads, unseen: recorder.unseen },
    ...{ sent: recorder.sent, received: recorder.received, kinds: recorder.kinds },
    up: run.sound,
    nodes: fleet.nodes.map(({ name }) => name),
    signalingRefused: world.refused(),
  });
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
  happenedAt: number | undefined;
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
    const { clock, network, random } = this.world;
    this.happenedAt = clock.now();
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
