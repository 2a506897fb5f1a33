/**
 * Network time: the median of what linked nodes and this device take the time to be. One's own clock is one voice, a
 * beacon's three; so two nodes that disagree meet in the middle, and a beacon decides.
 */
import type { Clock } from '../../ports';

const MAX_SAMPLES = 64;
const WEIGHT = { tab: 1, beacon: 3 } as const;

/** `offset`: the other's wall time minus ours, in milliseconds. */
type Sample = { readonly offset: number; readonly weight: number };

export const medianOffset = (samples: readonly Sample[]): number => {
  const voices = [...samples, { offset: 0, weight: 1 }]
    .flatMap(({ offset, weight }) => Array<number>(weight).fill(offset))
    .sort((a, b) => a - b);
  const middle = voices.length / 2;
  return voices.length % 2 === 1
    ? (voices[Math.floor(middle)] as number)
    : Math.round(((voices[middle - 1] as number) + (voices[middle] as number)) / 2);
};

export class NetworkTime {
  readonly #samples = new Map<string, Sample>();
  constructor(private readonly clock: Clock) {}

  /** What a node's signed handshake said. `now`: our wall time when it came. */
  heard(device: string, kind: 'tab' | 'beacon', theirs: number, now = this.clock.now()): void {
    this.#samples.delete(device);
    this.#samples.set(device, { offset: theirs - now, weight: WEIGHT[kind] });
    if (this.#samples.size > MAX_SAMPLES) this.#samples.delete(this.#samples.keys().next().value as string);
  }
  get offset(): number {
    return medianOffset([...this.#samples.values()]);
  }
  get known(): boolean {
    return this.#samples.size > 0;
  }
  now(): number {
    return this.clock.now() + this.offset;
  }
}
