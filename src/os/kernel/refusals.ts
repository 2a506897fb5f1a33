/** Refusals that several parts of a kernel give, and the way from a `Result` to a thrown refusal at its surface. */
import type { Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import { refusal } from '../schema/define';

export const unknownSpace = refusal(
  'unknownSpace',
  'This device does not hold that space.',
  'Nothing was changed.',
  'Open the space, or join it by a link.',
);
export const notYet = (what: string): Refusal =>
  refusal(
    'notAvailable',
    `${what} is not part of this version.`,
    'Nothing was changed.',
    'Update LifeGraph OS when a version has it.',
  );

/** What was asked for, or its refusal thrown: what a caller of the surface catches. */
export const unwrap = <T>(result: Result<T, Refusal>): T => {
  if (!result.ok) throw result.error;
  return result.value;
};
