/**
 * What a person does in the inbox: personal settings, one for each thing, so that they follow to every device and two devices never
 * undo each other's. Each tells as JSON what the marks were (`before`), for `hub.putBack`.
 */
import { err, ok, type Result } from '../../base/result';
import {
  command,
  LEVELS,
  levelKey,
  levelOf,
  notPossible,
  type Outcome,
  type Refusal,
  type View,
  type Writer,
} from '../../os/schema/define';
import { leave } from './digest';
import { isShown, showOf } from './inbox';
import { notificationsOf } from './notifications';
import { isNoticeId, MAX_SNOOZE, type Mark, markKey, markOf } from './schema';

const MAX_IDS = 1_000;
const ids = { type: 'json', max: 100_000 } as const;
const MARKS = ['done', 'read', 'unread'] as const;

const bad = (message: string): Refusal => notPossible('badNotification', `${message}.`, 'Correct the arguments.');

const idsOf = (given: unknown): Result<readonly string[], Refusal> =>
  Array.isArray(given) && given.length <= MAX_IDS && given.every(isNoticeId)
    ? ok(given)
    : err(bad(`"ids" is a list of at most ${MAX_IDS} ids of hub.inbox`));

const put = (view: View, write: Writer, marks: readonly (readonly [string, Mark])[]): Outcome => {
  const before: (readonly [string, Mark])[] = [];
  for (const [id, mark] of marks) {
    const was = markOf(view.personal(markKey(id)));
    if (was === mark) continue;
    before.push([id, was]);
    write.setPersonal(markKey(id), mark);
  }
  return ok({ before: JSON.stringify(before) });
};

const asMark = (as: string): Mark | undefined => (as === 'open' ? null : MARKS.find((each) => each === as));

const mark = command({
  describes: 'Marks notifications (`ids` of a row of hub.inbox) as done, read, unread, or open again. Gives {before}.',
  args: { ids, as: { type: 'text', max: 10 } },
  run(view, write, { ids: given, as }): Outcome {
    const list = idsOf(given);
    const to = asMark(as);
    if (!list.ok) return list;
    if (to === undefined) return err(bad(`"as" is ${MARKS.join(', ')} or open`));
    return put(
      view,
      write,
      list.value.map((id) => [id, to]),
    );
  },
});

const markAll = command({
  describes: 'Marks all that hub.inbox shows (`show`, open unless told) as done, or read. Gives {before}.',
  args: { as: { type: 'text', max: 10 }, show: { type: 'text', max: 20, optional: true } },
  run(view, write, { as, show }): Outcome {
    if (as !== 'done' && as !== 'read') return err(bad('"as" is done or read'));
    const shown = notificationsOf(view).all.filter((each) => isShown(showOf(show), each));
    return put(
      view,
      write,
      shown.filter(({ state, unread }) => (as === 'done' ? state !== 'done' : unread)).map(({ id }) => [id, as]),
    );
  },
});

const snooze = command({
  describes: 'Lets notifications sleep until a time (ms), at most a year from now. Gives {before}.',
  args: { ids, until: { type: 'number' } },
  run(view, write, { ids: given, until }, now): Outcome {
    const list = idsOf(given);
    if (!list.ok) return list;
    // A command is given network time in ms.
    const ahead = Math.floor(until) - now;
    if (ahead <= 0 || ahead > MAX_SNOOZE) return err(bad('"until" is a time within the next year'));
    return put(
      view,
      write,
      list.value.map((id) => [id, Math.floor(until)]),
    );
  },
});

const isMark = (value: unknown): value is Mark => value === null || markOf(value as never) !== null;
const putBack = command({
  describes: 'Puts marks back as they were: `before`, as another command of the Hub gave it. Gives {before}.',
  args: { before: { type: 'text', max: 200_000 } },
  run(view, write, { before }): Outcome {
    let marks: unknown;
    try {
      marks = JSON.parse(before);
    } catch {
      marks = undefined;
    }
    const sound = (pair: unknown): pair is readonly [string, Mark] =>
      Array.isArray(pair) && pair.length === 2 && isNoticeId(pair[0]) && isMark(pair[1]);
    if (!Array.isArray(marks) || marks.length > MAX_IDS || !marks.every(sound))
      return err(bad('"before" is what a command gave'));
    return put(view, write, marks);
  },
});

const mute = command({
  describes:
    'Tells you nothing more (`none`, unless told), only what addresses you (`mentions`), or `all` of a channel, a document or a person. Gives {before}.',
  args: { id: { type: 'id' }, level: { type: 'text', max: 10, optional: true } },
  run(view, write, { id, level: given = 'none' }): Outcome {
    const level = LEVELS.find((each) => each === given);
    if (!level) return err(bad(`"level" is ${LEVELS.join(', ')}`));
    const before = levelOf(view, id);
    if (before !== level) write.setPersonal(levelKey(id), level);
    return ok({ before });
  },
});

export const commands = { mark, markAll, snooze, putBack, mute, leave };
