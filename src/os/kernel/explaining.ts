/** What `lgos.explain` gives: a person's rights over something, or who set a value of it. */
import type { ExplainAnswer, ValueAnswer } from '../../bridge/messages';
import { isAction } from '../rights/explain';
import { refusal } from '../schema/define';

/**
 * With an action: whether it is allowed, and the chain or what is missing. With the name of a field: the change that set
 * it. Without: both, every action and the last change.
 */
export const explainFor = (
  query: (name: string, args: unknown) => unknown,
  id: string,
  action?: string,
  userId?: string,
): unknown => {
  const who = userId === undefined ? {} : { userId };
  const value = (key?: string) =>
    query('os.value', { id, ...(key === undefined ? {} : { key }) }) as ValueAnswer | null;
  const known = query('os.explain', { id, ...who }) as ExplainAnswer | null;
  if (!known)
    throw refusal(
      'notFound',
      'This device holds no such space or object.',
      'Nothing was changed.',
      'Open the space that it is in.',
    );
  if (action === undefined) return { ...known, value: value() };
  if (!isAction(action)) return value(action);
  const { actions, ...rest } = known;
  const answer = actions.find((each) => each.id === action);
  return { ...rest, action, allowed: answer?.allowed ?? false, missing: answer?.missing ?? null };
};
