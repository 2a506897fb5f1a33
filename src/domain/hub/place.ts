/** Where something stands, so that a card opens it there. It knows the types of other applications by their schemas alone. */
import type { PlaceAnswer } from '../../bridge/messages';
import { type GraphNode, type NodeId, type SpaceId, textField, type View } from '../../os/schema/define';
import { CHANNEL, MESSAGE } from '../chat/schema';
import { COMMENT } from '../comments/schema';
import { DOCUMENT, FOLDER } from '../editor/schema';

const KINDS: Readonly<Record<string, PlaceAnswer['kind']>> = {
  [CHANNEL]: 'channel',
  [DOCUMENT]: 'document',
  [FOLDER]: 'folder',
};

const titleOfSpace = (view: View, space: SpaceId): string => {
  for (const node of view.graph(space)?.nodesOfType('Space') ?? []) {
    const title = textField(node, 'title');
    if (title !== '') return title;
  }
  return '';
};

/** The channel or document that a node is, or lies in; `undefined` for what was removed with it, or is neither. */
export const containerOf = (view: View, space: SpaceId, node: GraphNode): GraphNode | undefined => {
  const id = Object.hasOwn(KINDS, node.type) ? node.id : view.containerOf(space, node.shard);
  const container = id === undefined ? undefined : view.graph(space)?.node(id);
  return container && !container.deleted && Object.hasOwn(KINDS, container.type) ? container : undefined;
};

const insideOf = (view: View, space: SpaceId, node: GraphNode): Pick<PlaceAnswer, 'message' | 'block' | 'thread'> => {
  if (node.type === MESSAGE) return { message: node.id };
  const about = textField(node, 'message') || textField(node, 'object') || textField(node, 'suggestion');
  const object = about === '' ? undefined : view.graph(space)?.node(about as NodeId);
  const message = object?.type === MESSAGE && !object.deleted ? { message: object.id } : {};
  if (node.type !== COMMENT) return message;
  const block = textField(node, 'block');
  return { ...message, ...(block === '' ? {} : { block }), thread: textField(node, 'parent') || node.id };
};

export const placeOf = (view: View, space: SpaceId, container: GraphNode, node: GraphNode): PlaceAnswer => ({
  spaceId: space,
  spaceTitle: titleOfSpace(view, space),
  id: container.id,
  kind: KINDS[container.type] ?? 'document',
  title: textField(container, 'title'),
  ...(node === container ? {} : insideOf(view, space, node)),
});

export const placeOfSpace = (view: View, space: SpaceId): PlaceAnswer => ({
  spaceId: space,
  spaceTitle: titleOfSpace(view, space),
  id: '',
  kind: 'space',
  title: titleOfSpace(view, space),
});
