/**
 * What the network lab of the page runs: one network, and beside it the same one with flooding. Both get the same entries, losses and
 * cuts at the same times. It draws who does what from a seed of its own, so that the same orders give the same run.
 */
import { type SeededRandom, seededRandom } from '../src/base/random';
import type { SimulatedNode } from './fleet';
import { LAB_LIMITS, type LabFrame, type LabKind, type LabOrder, type LabSettings } from './messages';
import { Observed } from './observed';
import { type Host, openRun, type Run } from './run';
import { LINKS, SCENARIO, type Scenario } from './scenario';
import { BEGAN } from './world';

const START_MS = 3_000;
/** Nodes find each other before anybody writes. */
const WRITES_FROM_MS = 8_000;
/** A lab is no place to live: journals grow. */
const LONGEST_MS = 60 * 60_000;
/** In one order. */
const MOST_MS = 5_000;

/** As near to what was asked as there is. */
export const bounded = (settings: LabSettings): LabSettings => {
  const within = (name: keyof typeof LAB_LIMITS): number => {
    const { least, most } = LAB_LIMITS[name];
    const value = Number(settings[name]);
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
  };
  const whole = (name: keyof typeof LAB_LIMITS): number => Math.round(within(name));
  return {
    ...{ seed: whole('seed'), nodes: whole('nodes'), beacons: whole('beacons'), delayMs: whole('delayMs') },
    ...{
      shut: within('shut'),
      black: within('black'),
      grey: within('grey'),
      churn: whole('churn'),
      writes: whole('writes'),
    },
    flooded: settings.flooded === true,
  };
};

const scenarioOf = (settings: LabSettings, spread: Scenario['spread']): Scenario => {
  const { seed, nodes, beacons, delayMs, shut, black, grey, churn } = settings;
  return {
    ...SCENARIO,
    ...{ seed, nodes, beacons, churn, spread, blackHoles: black, greyHoles: grey, comeBack: true, crypto: 'cheap' },
    links: {
      ...LINKS,
      medianMs: delayMs,
      leastMs: Math.min(LINKS.leastMs, delayMs),
      mostMs: Math.max(LINKS.mostMs, 3 * delayMs),
      shutShare: shut,
    },
  };
};

export const openExperiment = async (asked: LabSettings, host: Host): Promise<Experiment> => {
  const settings = bounded(asked);
  const tree = await openRun(scenarioOf(settings, 'tree'), host);
  const flood = settings.flooded ? await openRun(scenarioOf(settings, 'flood'), host) : undefined;
  for (const run of [tree, flood]) run?.arm(START_MS);
  return new Experiment(settings, tree, flood);
};

export class Experiment {
  readonly #tree: Observed;
  readonly #flood: Observed | undefined;
  readonly #random: SeededRandom;
  readonly #kinds: readonly LabKind[];
  #at = 0;
  #isSplit = false;
  #writeAt: number;
  #leaveAt: number;

  constructor(
    private readonly settings: LabSettings,
    tree: Run,
    flood: Run | undefined,
  ) {
    this.#tree = new Observed(tree, BEGAN);
    this.#flood = flood && new Observed(flood, BEGAN);
    this.#random = seededRandom(settings.seed + 1);
    const { nodes, beacons } = tree.fleet;
    this.#kinds = [...nodes.map(({ insider }) => insider ?? 'tab'), ...beacons.map(() => 'beacon' as const)];
    this.#writeAt = settings.writes === 0 ? Number.POSITIVE_INFINITY : WRITES_FROM_MS;
    this.#leaveAt = WRITES_FROM_MS + this.#gap(settings.churn);
  }
  get runs(): readonly Run[] {
    return [this.#tree.run, ...(this.#flood ? [this.#flood.run] : [])];
  }

  async do(order: Exclude<LabOrder, { type: 'open' }>): Promise<void> {
    switch (order.type) {
      case 'pass':
        return this.#pass(Math.min(MOST_MS, Math.max(0, Math.round(order.ms))));
      case 'write':
        return this.#write();
      case 'killHalf':
        return this.#killHalf();
      case 'bringBack':
        return this.#bringBack();
      case 'split':
      case 'heal':
        return this.#split(order.type === 'split');
    }
  }

  async #pass(ms: number): Promise<void> {
    const end = Math.min(LONGEST_MS, this.#at + ms);
    while (this.#at < end) {
      const next = Math.min(end, Math.max(this.#at, Math.min(this.#writeAt, this.#leaveAt)));
      await this.#advance(next - this.#at);
      if (this.#at >= this.#writeAt) {
        this.#write();
        this.#writeAt = this.#at + this.#gap(this.settings.writes);
      }
      if (this.#at >= this.#leaveAt) {
        this.#leave();
        this.#leaveAt = this.#at + this.#gap(this.settings.churn);
      }
    }
  }
  async #advance(ms: number): Promise<void> {
    for (const seen of [this.#tree, this.#flood]) await seen?.run.pass(ms, () => seen.ticked());
    this.#at += ms;
    const fault = this.runs.flatMap(({ fleet }) => fleet.faults)[0];
    if (fault !== undefined) throw new Error(fault);
  }
  /** Until the next of so many a minute. */
  #gap(perMinute: number): number {
    return perMinute === 0
      ? Number.POSITIVE_INFINITY
      : Math.ceil((60_000 / perMinute) * (0.6 + 0.8 * this.#random.next()));
  }

  // --- What happens, in both networks alike --------------------------------------------------------------------

  /** Sound, and there in both. */
  #there(): readonly string[] {
    const names = this.runs.map(({ sound }) => new Set(sound.map(({ name }) => name)));
    return [...(names[0] ?? [])].filter((name) => names.every((each) => each.has(name)));
  }
  #each(names: ReadonlySet<string>, act: (run: Run, node: SimulatedNode) => void): void {
    for (const run of this.runs) for (const node of run.fleet.nodes) if (names.has(node.name)) act(run, node);
  }
  #write(): void {
    const there = this.#there();
    if (there.length === 0) return;
    this.#each(new Set([this.#random.pick(there)]), (run, node) => run.write(node));
  }
  #leave(): void {
    const there = this.#there();
    if (there.length < 2) return;
    this.#each(new Set([this.#random.pick(there)]), (run, node) => run.leave(node));
  }
  #killHalf(): void {
    const there = this.#there();
    const chosen = new Set(this.#random.shuffle(there).slice(0, Math.floor(there.length / 2)));
    this.#each(chosen, (run, node) => run.kill([node]));
  }
  /** Whoever is gone for good; those of the churn come by themselves. */
  #bringBack(): void {
    for (const run of this.runs)
      for (const node of run.fleet.nodes) if (node.since === undefined && !run.isAway(node)) run.begin(node);
  }
  /** In the middle, where it is seen; signaling stays in reach of all. */
  #split(isSplit: boolean): void {
    this.#isSplit = isSplit;
    const { nodes, beacons } = this.#tree.run.fleet;
    const names = [...nodes.map(({ name }) => name), ...beacons];
    const halves = [0, 1].map((half) => names.filter((_, place) => this.#halfOf(place) === half));
    for (const run of this.runs) run.part(isSplit ? halves : []);
  }
  #halfOf(place: number): number {
    const { nodes } = this.settings;
    return place < nodes ? (place < nodes / 2 ? 0 : 1) : (place - nodes) % 2;
  }

  frame(): LabFrame {
    return {
      at: this.#at,
      isOver: this.#at >= LONGEST_MS,
      kinds: this.#kinds,
      islands: Uint8Array.from(this.#kinds, (_, place) => (this.#isSplit ? this.#halfOf(place) : 0)),
      isSplit: this.#isSplit,
      tree: this.#tree.seen(),
      flood: this.#flood?.seen(),
    };
  }
  async close(): Promise<void> {
    for (const { fleet } of this.runs) await fleet.stop();
  }
}
