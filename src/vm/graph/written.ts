/**
 * Blocks as the update that writes them: into a document without text, by one author at once. Ids of blocks are given anew, so
 * that what was copied is nowhere taken for what it was copied from.
 */
import * as Y from 'yjs';
import { TEXT_BLOCKS } from './blocks';
import type { Markup } from './markup';
import { FRAGMENT, prepareDoc } from './text';

/** V2. `client`: that nobody has written with before. */
export const updateWriting = (content: readonly Markup[], client: number): Uint8Array => {
  const doc = prepareDoc(new Y.Doc());
  doc.clientID = client;
  const body = doc.getXmlFragment(FRAGMENT);
  doc.transact(() => {
    body.insert(0, content.map(made));
    stampIn(body);
  });
  const update = Y.encodeStateAsUpdateV2(doc);
  doc.destroy();
  return update;
};

const made = (item: Markup): Y.XmlText | Y.XmlElement => {
  if ('text' in item) {
    const text = new Y.XmlText();
    text.insert(0, item.text, item.marks);
    return text;
  }
  const element = new Y.XmlElement(item.type);
  for (const [key, value] of Object.entries(item.attributes))
    if (key !== 'blockId') element.setAttribute(key, value as string);
  element.insert(0, item.content.map(made));
  return element;
};

/** What stands in a line is no block. Client and clock are unique in the document, so the id is, without any chance. */
const stampIn = (parent: Y.XmlFragment): void => {
  for (const child of parent.toArray() as readonly unknown[]) {
    if (!(child instanceof Y.XmlElement)) continue;
    const id = child._item?.id;
    if (id) child.setAttribute('blockId', `${id.client.toString(36)}-${id.clock.toString(36)}`);
    if (!TEXT_BLOCKS.has(child.nodeName)) stampIn(child);
  }
};
