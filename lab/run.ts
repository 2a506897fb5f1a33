/**
 * A network that runs on virtual time: it does what it is told when it is told, and is looked at from outside each second. It plans
 * nothing; who runs it says what happens when.
 */
import type { createKernel } from '../src/os/kernel/kernel';
import type { Crypto } from '../src/ports';
import { contentShardOf, type DeviceId } from '../src/vm/op/ids';
import { largestPart, Recorder } from './figures';
import { createFleet, type Fleet, type SimulatedNode } from './fleet';
import { type Moment, type Outcome, outcomeOf, spanOf } from './outcome';
import type { Scenario } from './scenario';
import { createWorld, type World } from './world';

/** A link on which nothing was heard for so long is none: kernels ping each 5 s. */
export const ALIVE_MS = 6_000;
/** How long a node that left in a churn is away, s. */
const AWAY = 20;

export type Host = {
  crypto(): Crypto;
  /** As `createWorld` wants it. */
  settle(): Promise<void>;
  /** Of an earlier release, for a scenario in which some run it. */
  readonly earlier?: typeof createKernel | undefined;
};

export const openRun = async (scenario: Scenario, host: Host): Promise<Run> => {
  const listening: { recorder?: Recorder } = {};
  const world = createWorld(scenario.seed, scenario.links, host.settle, (from, to, message, sentAt) =>
    listening.recorder?.heard(from, to, message, sentAt),
  );
  const fleet = await createFleet(world, scenario, host.crypto(), host.earlier);
  const nameByDevice = new Map<DeviceId, string>(fleet.nodes.map(({ disk, name }) => [disk.device, name]));
  const { space, channel } = fleet.founded;
  const recorder = new Recorder(
    () => world.clock.now(),
    (device) => nameByDevice.get(device),
    contentShardOf(space, channel),
  );
  listening.recorder = recorder;
  return new Run(scenario, world, fleet, recorder);
};

export class Run {
  written = 0;
  readonly moments: Moment[] = [];
  #happenedAt: number | undefined;
  #passed = 0;
  readonly #away = new Set<SimulatedNode>();

  constructor(
    readonly scenario: Scenario,
    readonly world: World,
    readonly fleet: Fleet,
    readonly recorder: Recorder,
  ) {}

  get sound(): readonly SimulatedNode[] {
    return this.fleet.nodes.filter(({ kernel, insider }) => kernel && !insider);
  }

  /** `told` of each second that ended. */
  async pass(ms: number, told: (moment: Moment) => void = () => {}): Promise<void> {
    const end = this.#passed + ms;
    while (this.#passed < end) {
      const next = Math.min(end, (Math.floor(this.#passed / 1_000) + 1) * 1_000);
      await this.world.clock.advance(next - this.#passed);
      this.#passed = next;
      if (next % 1_000 !== 0) continue;
      this.moments.push(this.#moment());
      told(this.moments.at(-1) as Moment);
    }
  }
  #moment(): Moment {
    const links = this.recorder.links(ALIVE_MS);
    const up = this.sound;
    const counts = up.map(({ name }) => links.get(name)?.size ?? 0);
    return {
      second: this.#passed / 1_000,
      up: up.length,
      links: spanOf(counts),
      largestPart: largestPart(links, new Set([...up.map(({ name }) => name), ...this.fleet.beacons])),
      ...this.recorder.arrived(),
    };
  }

  /** One after the other. */
  arm(withinMs: number): void {
    const { nodes } = this.fleet;
    for (const [i, node] of nodes.entries())
      this.world.clock.after((i / nodes.length) * withinMs, () => this.begin(node));
  }
  begin(node: SimulatedNode): void {
    this.fleet.start(node).catch(this.fleet.failed);
  }

  write({ name, kernel }: SimulatedNode): void {
    this.written++;
    this.recorder.wrote(name);
    const text = `Message ${this.written} of a simulation`;
    kernel?.run('chat.send', { channelId: this.fleet.founded.channel, text }).catch(this.fleet.failed);
  }
  /** And comes back. */
  leave(node: SimulatedNode): void {
    this.fleet.kill(node);
    this.#away.add(node);
    this.world.clock.after(AWAY * 1_000, () => {
      if (this.#away.delete(node)) this.begin(node);
    });
  }
  isAway(node: SimulatedNode): boolean {
    return this.#away.has(node);
  }
  kill(nodes: readonly SimulatedNode[]): void {
    this.#happenedAt = this.world.clock.now();
    for (const node of nodes) this.fleet.kill(node);
  }
  /** No islands: it is whole again. */
  part(islands: readonly (readonly string[])[]): void {
    this.#happenedAt = this.world.clock.now();
    this.world.network.partition(islands);
  }

  /** `measured`: for how many seconds traffic has been counted. */
  outcome(measured: number): Outcome {
    const { recorder, moments, written } = this;
    return outcomeOf({
      ...{ moments, measured, written, happenedAt: this.#happenedAt },
      ...{ spreads: recorder.spreads, unseen: recorder.unseen },
      ...{ sent: recorder.sent, received: recorder.received, kinds: recorder.kinds },
      up: this.sound,
      nodes: this.fleet.nodes.map(({ name }) => name),
      signalingRefused: this.world.refused(),
    });
  }
}
