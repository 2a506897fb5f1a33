/** Files beside messages: what a sender may say of them, and what of it a reader believes. Members write them, so both are checked. */
import { isHex } from '../../base/bytes';
import type { AttachmentRow } from '../../bridge/messages';
import { type GraphNode, type NodeId, type SpaceId, textField, type Value, type View } from '../../os/schema/define';
import { ATTACHMENT, MAX_ALT, MAX_FILE, MAX_FILES, MAX_NAME, MAX_THUMB } from './schema';

type Fields = Readonly<Record<string, Value>>;
const THUMB = /^data:image\/(?:webp|jpeg|png);base64,[A-Za-z0-9+/=]+$/;
const MIME = /^[\w.+-]{1,60}\/[\w.+-]{1,80}$/;

const textOf = (value: unknown, max: number): string => (typeof value === 'string' ? value.slice(0, max) : '');
const sizeOf = (value: unknown, max: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max ? value : 0;

/** What is told of a file, with nothing in it that is not of its form; `undefined` where it names no file. */
const soundly = (given: Fields): Omit<AttachmentRow, 'id'> | undefined => {
  const { blob, key } = given;
  if (typeof blob !== 'string' || typeof key !== 'string' || !isHex(blob, 32) || !isHex(key, 32)) return undefined;
  const [mime, thumb] = [textOf(given.mime, 150), textOf(given.thumb, MAX_THUMB)];
  // A name is shown and saved under, so it has no folders and no lines.
  const name = textOf(given.name, MAX_NAME)
    .replace(/[\p{C}/\\]+/gu, ' ')
    .trim();
  return {
    name: name || 'file',
    mime: MIME.test(mime) ? mime : 'application/octet-stream',
    size: sizeOf(given.size, MAX_FILE),
    blob,
    key,
    alt: textOf(given.alt, MAX_ALT),
    width: sizeOf(given.width, 100_000),
    height: sizeOf(given.height, 100_000),
    thumb: THUMB.test(thumb) ? thumb : '',
  };
};

/** The files of a message that is sent; `undefined` where they are none or too many. */
export const filesOf = (given: unknown): readonly Fields[] | undefined => {
  if (!Array.isArray(given) || given.length > MAX_FILES) return undefined;
  const files = given.map((each) => (typeof each === 'object' && each !== null ? soundly(each as Fields) : undefined));
  return files.every((file) => file !== undefined) ? files : undefined;
};

/** Message -> its files, in the order in which they were given. A file counts only where who wrote the message put it. */
export const attachmentsTo = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  messages: readonly NodeId[],
): ReadonlyMap<string, readonly AttachmentRow[]> => {
  const byMessage = new Map<string, AttachmentRow[]>();
  const where = { and: [{ within: channel }, { field: 'message', among: messages }] };
  for (const node of view.find(space, { type: [ATTACHMENT], where })) {
    const message = textField(node, 'message');
    const row = view.graph(space)?.node(message as NodeId)?.author === node.author ? rowOf(node) : undefined;
    const own = byMessage.get(message) ?? [];
    if (row && own.length < MAX_FILES) byMessage.set(message, [...own, row]);
  }
  return byMessage;
};
const rowOf = (node: GraphNode): AttachmentRow | undefined => {
  const said = soundly(Object.fromEntries(node.keys().map((key) => [key, node.field(key) ?? null])));
  return said && { id: node.id, ...said };
};
