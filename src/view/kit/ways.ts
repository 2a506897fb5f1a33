/** Where an object is opened, as an address of the page; `null` where there is no page for such a thing. */
import { addressOf, labelOf, writeReference } from '../../base/reference';
import type { NamedAnswer, NamedObject, NameRow, Person } from '../../bridge/messages';
import { paths } from './routes';
import { labelFor } from './writing/Candidates';

export function wayTo({ type, id, spaceId, place }: NamedObject): string | null {
  if (type === 'channel') return paths.channel(spaceId, id);
  if (type === 'document') return paths.document(spaceId, id);
  if (type === 'message' && place) return paths.channel(spaceId, place.id, { message: id });
  return null;
}

/** How a text refers to what was chosen: its address, and what it is called now. */
export const referenceTo = (row: NameRow): { readonly address: string; readonly label: string } => ({
  address: addressOf({ kind: row.kind === 'person' ? 'user' : 'node', id: row.id }),
  label: labelFor(row),
});
/** How a reference to it is written today. */
export const calledNow = (named: NamedAnswer): string => labelOf(labelFor(named));
/** Of an object, as texts refer to it. */
export const nodeAddress = (id: string): string => addressOf({ kind: 'node', id });
/** A person in a text in Markdown. */
export const mentionOf = ({ userId, name }: Person): string => writeReference({ kind: 'user', id: userId }, `@${name}`);
export { type Target, targetOf } from '../../base/reference';
