/** Runs a scenario: starts the nodes, lets them write, lets happen what is to happen, and gives the figures. */
import { performance } from 'node:perf_hooks';
import { type Moment, type Outcome, percent } from '../../lab/outcome';
import { openRun, type Run } from '../../lab/run';
import type { Happening, Scenario } from '../../lab/scenario';
import { cheapCrypto, exactCrypto } from './crypto';
import type { Release } from './release';

/** What depends on the machine. */
export type Cost = {
  /** By how much memory grew until the end. */
  readonly bytesPerNode: number;
  readonly startMsPerNode: number;
  /** Of processor, for each virtual second in which entries were counted. */
  readonly cpuPerSecond: number;
  readonly wallSeconds: number;
};

export const simulate = async (
  scenario: Scenario,
  tell: (line: string) => void = () => {},
  /** Where some nodes run it. */
  earlier?: Release,
): Promise<{ readonly outcome: Outcome; readonly cost: Cost }> => {
  const began = performance.now();
  const run = await openRun(scenario, {
    crypto: scenario.crypto === 'cheap' ? cheapCrypto : exactCrypto,
    settle: () => new Promise((done) => setImmediate(done)),
    earlier: earlier?.createKernel,
  });
  const { fleet, recorder } = run;
  tell(`founded ${fleet.founded.entries} entries in ${seconds(performance.now() - began)} s`);
  const told = ({ second, up, links, largestPart }: Moment): void => {
    if (second % 10 === 0)
      tell(`${second} s: ${up} up, ${links.mean.toFixed(1)} links, ${percent(largestPart)} hang together`);
  };

  const memory = memoryNow();
  const starting = processorMs();
  run.arm(scenario.startWithin * 1_000);
  await run.pass(scenario.startWithin * 1_000, told);
  const startMsPerNode = (processorMs() - starting) / scenario.nodes;
  await run.pass(scenario.settle * 1_000, told);
  recorder.reset();
  const measuredFrom = processorMs();
  const measured = scenario.minutes * 60 + scenario.calm;
  plan(run, scenario);
  await run.pass(measured * 1_000, told);
  const cpuPerSecond = (processorMs() - measuredFrom) / 1_000 / measured;
  const outcome = run.outcome(measured);
  const bytesPerNode = Math.max(0, memoryNow() - memory) / scenario.nodes;
  await fleet.stop();
  if (fleet.faults.length > 0) throw new Error(`Kernels failed:\n${fleet.faults.join('\n')}`);
  const wallSeconds = (performance.now() - began) / 1_000;
  return { outcome, cost: { bytesPerNode, startMsPerNode, cpuPerSecond, wallSeconds } };
};

/** What lives on the heap and beside it; where it may collect what nobody needs any more, without that. */
const memoryNow = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
/** Of this process: a busy machine makes it wait, not work more. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

/** What is written, who leaves and what else happens, counted from now. */
const plan = (run: Run, { minutes, writes, churn, happenings }: Scenario): void => {
  const { clock, random } = run.world;
  const writing = minutes * 60;
  const now = (perMinute: number, act: () => void): void => {
    const total = Math.round((writing / 60) * perMinute);
    for (let i = 0; i < total; i++) clock.after(((i + random.next()) / total) * writing * 1_000, act);
  };
  now(writes, () => {
    if (run.sound.length > 0) run.write(random.pick(run.sound));
  });
  now(churn, () => {
    if (run.sound.length > 1) run.leave(random.pick(run.sound));
  });
  for (const happening of happenings) clock.after(happening.at * 1_000, () => happen(run, happening));
};
const happen = (run: Run, happening: Happening): void => {
  const { random } = run.world;
  switch (happening.type) {
    case 'kill':
      return run.kill(random.shuffle(run.sound).slice(0, Math.round(run.sound.length * happening.share)));
    case 'part': {
      const mixed = random.shuffle(run.fleet.nodes.map(({ name }) => name));
      return run.part(
        Array.from({ length: happening.islands }, (_, island) =>
          mixed.filter((_name, i) => i % happening.islands === island),
        ),
      );
    }
    case 'heal':
      return run.part([]);
  }
};
