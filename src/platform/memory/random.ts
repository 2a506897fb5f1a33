/** The Random port from a seed: the same run twice. Never for secrets that leave a test. */
import { seededRandom } from '../../base/random';
import type { Random } from '../../ports';

export const seededEntropy = (seed: number): Random => {
  const random = seededRandom(seed);
  return { bytes: (length) => random.bytes(length) };
};
