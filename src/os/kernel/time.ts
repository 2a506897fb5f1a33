/**
 * Network time: the median of what linked nodes and this device take the time to be. One's own clock is one voice, a
 * beacon's three, so a beacon decides; where the voices are even the later half wins, so that two nodes alone agree and
 * nothing that either wrote lies in the other's future.
 *
 * NT1 a clock that jumps (it was set, or the machine slept) ends what was measured against it; everybody is asked again.
 * NT2 tabs alone pull nobody more than a day ahead.
 * NT3 a beacon keeps its own time: whoever links to it must not move it.
 */
import { setLatest } from '../../base/latest';
import type { Clock } from '../../ports';

const MAX_SAMPLES = 64;
const WEIGHT = { tab: 1, beacon: 3 } as const;
const MAX_PULL_MS = 86_400_000;
/** How long we wait for the answers of those we asked. */
const ASK_MS = 1_000;
/** Readings of a running kernel are at most a tick apart; more than this beyond it is a jump. */
const TICK_MS = 1_000;
const JUMP_MS = 5_000;

/** `offset`: the other's wall time minus ours, in milliseconds. */
type Sample = { readonly offset: number; readonly weight: number };

export const medianOffset = (samples: readonly Sample[]): number => {
  const voices = [...samples, { offset: 0, weight: 1 }]
    .flatMap(({ offset, weight }) => Array<number>(weight).fill(offset))
    .sort((a, b) => a - b);
  return voices[Math.floor(voices.length / 2)] as number;
};

export class NetworkTime {
  readonly #samples = new Map<string, Sample>();
  /** Of the samples: asked far more often than they change. */
  #offset = 0;
  #readAt: number;
  #cancel: () => void = () => {};
  #unanswered = 0;
  #answered: (() => void)[] = [];
  /** Called after a jump, and when a new sample moved the time by more than a second. */
  moved: (why: 'jump' | 'sample') => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly listens = true,
  ) {
    this.#readAt = clock.now();
  }

  /** Reads the clock from time to time, so that a jump is seen as one. */
  start(): void {
    this.#cancel = this.clock.after(TICK_MS, () => {
      this.#read();
      this.start();
    });
  }
  stop(): void {
    this.#cancel();
  }

  /** NT1. */
  #read(): number {
    const now = this.clock.now();
    const jumped = now < this.#readAt - TICK_MS || now > this.#readAt + TICK_MS + JUMP_MS;
    this.#readAt = now;
    if (jumped && this.#samples.size > 0) {
      this.#samples.clear();
      this.#offset = 0;
      this.moved('jump');
    }
    return now;
  }

  /** So many nodes were asked for their time. */
  asked(count: number): void {
    this.#unanswered = count;
    if (count > 0) this.clock.after(ASK_MS, () => this.#answer(count));
  }
  #answer(count: number): void {
    this.#unanswered = Math.max(0, this.#unanswered - count);
    if (this.#unanswered === 0) for (const done of this.#answered.splice(0)) done();
  }
  /** Settles when whoever was asked after a jump has answered: a time just after one is only our own. */
  async settled(): Promise<void> {
    this.#read();
    if (this.#unanswered > 0) await new Promise<void>((done) => this.#answered.push(done));
  }

  /** What a node said the time is: in its signed handshake, later on the link. */
  heard(device: string, kind: 'tab' | 'beacon', theirs: number): void {
    if (!this.listens) return;
    const now = this.#read();
    const before = this.#offset;
    const ahead = kind === 'tab' ? Math.min(theirs - now, MAX_PULL_MS) : theirs - now;
    setLatest(this.#samples, device, { offset: ahead, weight: WEIGHT[kind] }, MAX_SAMPLES);
    this.#offset = medianOffset([...this.#samples.values()]);
    if (this.#unanswered > 0) this.#answer(1);
    if (Math.abs(this.#offset - before) > 1_000) this.moved('sample');
  }
  get offset(): number {
    return this.#offset;
  }
  get known(): boolean {
    return this.#samples.size > 0;
  }
  now(): number {
    return this.#read() + this.#offset;
  }
}
