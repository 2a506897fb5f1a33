/** The first steps of a person: which demo space is theirs, and that they have seen enough of the steps. */
import { command, DONE } from '../../os/schema/define';
import { DEMO, DISMISSED } from './schema';

const dismiss = command({
  describes: 'Puts the first steps away, on all devices of this person; or with `shown` brings them back.',
  args: { shown: { type: 'flag', optional: true } },
  undoable: false,
  run(_view, write, { shown = false }) {
    write.setPersonal(DISMISSED, !shown);
    return DONE;
  },
});

const rememberDemo = command({
  describes: 'Says which space is the demo, so that nothing in it counts as a first step; none without `spaceId`.',
  args: { spaceId: { type: 'id', optional: true } },
  undoable: false,
  run(_view, write, { spaceId }) {
    write.setPersonal(DEMO, spaceId ?? null);
    return DONE;
  },
});

export const commands = { dismiss, rememberDemo };
