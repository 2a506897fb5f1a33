/** What a person has muted, of what this device knows by name: people, channels and documents. */
import type { MutedRow } from '../../bridge/messages';
import { levelOf, query, textField, type UserId, type View } from '../../os/schema/define';
import { CHANNEL } from '../chat/schema';
import { DOCUMENT } from '../editor/schema';

export const muted = query({
  describes: 'The people, channels and documents that you muted; `hub.mute` with the level `all` hears of them again.',
  args: {},
  run: (view): readonly MutedRow[] => {
    const rows = new Map<string, MutedRow>();
    const isMuted = (id: string): boolean => !rows.has(id) && levelOf(view, id) === 'none';
    for (const space of view.spaces) {
      const graph = view.graph(space);
      for (const type of [CHANNEL, DOCUMENT])
        for (const node of graph?.nodesOfType(type) ?? [])
          if (isMuted(node.id))
            rows.set(node.id, {
              id: node.id,
              kind: type === CHANNEL ? 'channel' : 'document',
              title: textField(node, 'title'),
            });
      for (const user of peopleIn(view, space))
        if (isMuted(user)) rows.set(user, { id: user, kind: 'person', title: view.person(space, user).name });
    }
    return [...rows.values()];
  },
});

/** All who have a name there. */
const peopleIn = (view: View, space: View['spaces'][number]): ReadonlySet<UserId> =>
  new Set(Array.from(view.graph(space)?.nodesOfType('Profile') ?? [], ({ author }) => author));
