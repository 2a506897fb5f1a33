/** `os.find`: any question of the graph of a space (docs/users/queries.md), answered once or kept up. */
import type { Result } from '../../base/result';
import { answerOnce } from '../graph/find';
import { follow } from '../graph/follow';
import { checkQuestion, type KnownTypes, type Question } from '../graph/question';
import { type App, type ArgsOf, defineApp, query, refusal, type SpaceId } from '../schema/define';

/** In characters of JSON. */
const MAX_QUESTION = 60_000;

const ARGS = {
  spaceId: { type: 'id' },
  type: { type: 'json', max: 1_000 },
  where: { type: 'json', max: MAX_QUESTION, optional: true },
  order: { type: 'json', max: 2_000, optional: true },
  window: { type: 'json', max: 1_000, optional: true },
  removed: { type: 'text', max: 10, optional: true },
  fields: { type: 'json', max: 10_000, optional: true },
  group: { type: 'text', max: 200, optional: true },
  count: { type: 'flag', optional: true },
} as const;
type Args = ArgsOf<typeof ARGS>;

export const findApp = (known: () => KnownTypes): App => {
  const questionOf = ({ spaceId: _, ...asked }: Args): Result<Question, string> => checkQuestion(asked, known());
  const checked = (args: Args): Question => {
    const question = questionOf(args);
    if (!question.ok) throw new Error('Broken invariant: a question is checked before it is answered');
    return question.value;
  };
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      find: query({
        describes:
          'Nodes of a type: filtered, ordered, in a window, grouped or counted; all of it as JSON (docs/users/queries.md).',
        args: ARGS,
        why: (_view, args) => {
          const question = questionOf(args);
          if (question.ok) return undefined;
          return refusal('badQuestion', `${question.error}.`, 'Nothing was changed.', 'Correct the question.');
        },
        run: (view, args) => {
          const question = checked(args);
          const found = view.source(args.spaceId as SpaceId);
          if (!found) return question.count ? { count: 0 } : [];
          return answerOnce(found.source, question, known());
        },
        follow: (view, args) => {
          const space = args.spaceId as SpaceId;
          const kept = follow(() => view.source(space), checked(args), known());
          return {
            space,
            get answer() {
              return kept.answer;
            },
            changed: kept.changed,
            advance: kept.advance,
          };
        },
      }),
    },
  });
};
