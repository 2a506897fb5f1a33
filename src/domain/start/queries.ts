/** The first steps, read from the graph: a step is done because what it asks for is there, wherever it was done. */
import { query, type SpaceId, type View } from '../../os/schema/define';
import { MESSAGE } from '../chat/schema';
import { DOCUMENT } from '../editor/schema';
import { DEMO, DISMISSED } from './schema';

export type StepsAnswer = {
  readonly dismissed: boolean;
  /** The space to play in, while there is one. */
  readonly demo: string | null;
  readonly named: boolean;
  readonly wrote: boolean;
  readonly documented: boolean;
  /** Somebody else is in one of this person's spaces. */
  readonly met: boolean;
};

const PROFILE = 'Profile';

const demoOf = (view: View): SpaceId | null => {
  const demo = view.personal(DEMO);
  return typeof demo === 'string' && view.spaces.includes(demo as SpaceId) ? (demo as SpaceId) : null;
};

const steps = query({
  describes: 'The first steps of this person, and which are done; what lies in the demo space does not count.',
  args: {},
  run: (view): StepsAnswer => {
    const demo = demoOf(view);
    // What a file brought is somebody else's.
    const spaces = view.spaces.filter((space) => space !== demo && view.role(space) !== 'none');
    const { userId: me, personalSpace } = view.me;
    const has = (type: string, by: 'me' | 'others', least = 1): boolean => {
      const author = { field: '@author', is: me } as const;
      const where = by === 'me' ? author : { not: author };
      return spaces.some((space) => view.find(space, { type: [type], where, limit: least }).length >= least);
    };
    const elsewhere = spaces.some(
      (space) =>
        space !== personalSpace &&
        view.find(space, { type: [DOCUMENT], where: { field: '@author', is: me }, limit: 1 }).length > 0,
    );
    const name = view.personal('name');
    return {
      dismissed: view.personal(DISMISSED) === true,
      demo,
      named: typeof name === 'string' && name !== '',
      wrote: has(MESSAGE, 'me'),
      // The first one greets them: it was there before they were.
      documented: elsewhere || has(DOCUMENT, 'me', 2),
      met: has(PROFILE, 'others'),
    };
  },
});

export const queries = { steps };
