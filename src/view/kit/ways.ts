/** Where an object is opened, as an address of the page; `null` where there is no page for such a thing. */
import type { NamedObject } from '../../bridge/messages';
import { paths } from './routes';

export function wayTo({ type, id, spaceId, place }: NamedObject): string | null {
  if (type === 'channel') return paths.channel(spaceId, id);
  if (type === 'document') return paths.document(spaceId, id);
  if (type === 'message' && place) return paths.channel(spaceId, place.id, { message: id });
  return null;
}
