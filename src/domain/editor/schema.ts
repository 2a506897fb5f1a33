/** What the Editor keeps in the graph: documents and folders stand in the outline, a document's text in its own shard. */
import type { TypeRule } from '../../os/schema/define';

export const DOCUMENT = 'Document';
export const FOLDER = 'Folder';

export const MAX_TITLE = 200;
/** An emoji, or the name of an icon. */
export const MAX_ICON = 64;

const outlined: TypeRule = {
  home: 'outline',
  class: 'content',
  fields: { title: 'members', icon: 'members' },
  deletion: 'members',
};
export const types: Readonly<Record<string, TypeRule>> = { [DOCUMENT]: outlined, [FOLDER]: outlined };
