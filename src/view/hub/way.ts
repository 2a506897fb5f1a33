/** Where a card of the Hub leads, as an address of the page. */
import type { ActivityItem, NotificationRow, PlaceAnswer } from '../../bridge/messages';
import { paths } from '../kit/routes';

export function wayTo({ spaceId, id, kind, message, block, thread }: PlaceAnswer): string {
  if (kind === 'channel') return paths.channel(spaceId, id, { message, thread });
  if (kind === 'document') return paths.document(spaceId, id, { block, thread });
  return paths.space(spaceId);
}

/** What waits for an Admin is decided where the people of the space are. */
export const wayOf = ({ kind, place }: NotificationRow): string =>
  kind === 'request' || kind === 'report' || kind === 'held' ? paths.members(place.spaceId) : wayTo(place);

/** What was removed is opened where it lies, and who is not there any more where the people are. */
export const wayOfItem = ({ kind, place }: ActivityItem): string => {
  if (kind === 'removed') return paths.trash(place.spaceId);
  return kind === 'left' || kind === 'putOut' ? paths.members(place.spaceId) : wayTo(place);
};
