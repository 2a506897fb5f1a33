/**
 * What happened in a space, the newest first: read from indexes by time, a window of each kind, so that the cost is that of the
 * window and of the list of channels, and not of what was ever written. It groups nothing and knows nothing of settings.
 */
import { readable } from '../../base/reference';
import type { ActivityKind } from '../../bridge/messages';
import {
  contentShardOf,
  type GraphNode,
  type Hlc,
  msOf,
  removalOf,
  type SpaceId,
  textField,
  type UserId,
  type View,
} from '../../os/schema/define';
import { CHANNEL, MESSAGE } from '../chat/schema';
import { COMMENT } from '../comments/schema';
import { DOCUMENT, FOLDER, SUGGESTION, VERDICT } from '../editor/schema';
import { containerOf } from './place';

/** Of one kind, and of the messages of one channel. */
export const WINDOW = 120;

export type Happening = {
  readonly id: string;
  readonly kind: ActivityKind;
  readonly at: number;
  readonly user: UserId;
  /** What it is, and the channel or document in which it happened; neither of what concerns the space. */
  readonly node?: GraphNode;
  readonly container?: GraphNode;
  /** Whom it was done to. */
  readonly about?: UserId;
  readonly text: string;
};
/** `complete`: from when on nothing is missing, ms; 0 where there is nothing older. */
type Happenings = { readonly all: readonly Happening[]; readonly complete: number };

const KIND_OF: Readonly<Record<string, ActivityKind>> = {
  [MESSAGE]: 'said',
  [COMMENT]: 'commented',
  [SUGGESTION]: 'proposed',
  [VERDICT]: 'decided',
};
const textOf = (node: GraphNode): string =>
  readable(textField(node, 'text') || textField(node, 'note') || textField(node, 'verdict'));

/** `before`, in ms: only what is older. */
export const happeningsIn = (view: View, space: SpaceId, before = Number.POSITIVE_INFINITY): Happenings => {
  const older = Number.isFinite(before) ? { below: before } : undefined;
  const all: Happening[] = [];
  let complete = 0;
  /** A full window ends somewhere: before that something may be missing. */
  const window = (nodes: readonly GraphNode[], timeOf: (node: GraphNode) => Hlc): readonly GraphNode[] => {
    const last = nodes.length < WINDOW ? undefined : nodes.at(-1);
    if (last) complete = Math.max(complete, msOf(timeOf(last)));
    return nodes;
  };
  const newest = (
    type: string,
    by: '@createdAt' | '@updatedAt',
    of: { readonly removed?: 'only' } = {},
  ): readonly GraphNode[] =>
    window(
      view.find(space, {
        type: [type],
        ...of,
        order: [{ by, down: true }],
        limit: WINDOW,
        ...(older ? { where: { field: by, ...older } } : {}),
      }),
      (node) => (by === '@createdAt' ? node.createdAt : node.updatedAt),
    );
  const add = (node: GraphNode): void => {
    const container = containerOf(view, space, node);
    const kind = KIND_OF[node.type];
    if (!container || !kind) return;
    all.push({ id: node.id, kind, at: msOf(node.createdAt), user: node.author, node, container, text: textOf(node) });
  };

  for (const messages of lately(view, space, older))
    for (const node of window(messages, (each) => each.createdAt)) add(node);
  for (const type of [COMMENT, SUGGESTION, VERDICT]) for (const node of newest(type, '@createdAt')) add(node);
  for (const type of [CHANNEL, DOCUMENT, FOLDER])
    for (const node of newest(type, '@updatedAt')) all.push(...whatBecameOf(view, space, node));
  const { joined, gone } = view.community(space);
  for (const { id, user, at } of joined) all.push({ id, kind: 'joined', at, user, text: '' });
  for (const { id, user, by, at } of gone)
    all.push(
      user === by
        ? { id: `left ${id}`, kind: 'left', at, user, text: '' }
        : { id: `putOut ${id} ${user}`, kind: 'putOut', at, user: by, about: user, text: '' },
    );
  for (const type of [CHANNEL, DOCUMENT, FOLDER])
    for (const node of newest(type, '@updatedAt', { removed: 'only' })) all.push(removalIn(view, space, node));
  return { all: all.filter(({ at }) => at < before).sort(newestFirst), complete };
};

const newestFirst = (a: Happening, b: Happening): number => b.at - a.at || (a.id < b.id ? 1 : -1);

/** The last messages of those channels in which something was said last. */
const lately = (view: View, space: SpaceId, older: { readonly below: number } | undefined) => {
  const last = (channel: GraphNode, limit: number): readonly GraphNode[] =>
    view.find(space, {
      type: [MESSAGE],
      where: { and: [{ within: channel.id }, ...(older ? [{ field: '@createdAt', ...older }] : [])] },
      order: [{ by: '@createdAt', down: true }],
      limit,
    });
  const channels = (view.graph(space)?.children('', CHANNEL) ?? [])
    .flatMap((channel) => {
      const [newest] = last(channel, 1);
      return newest ? [{ channel, at: newest.createdAt }] : [];
    })
    .sort((a, b) => b.at - a.at);
  const windows: (readonly GraphNode[])[] = [];
  const times: Hlc[] = [];
  for (const { channel, at } of channels) {
    // A channel that was silent since then adds nothing to what is shown.
    times.sort((a, b) => b - a);
    const least = times[WINDOW - 1];
    if (least !== undefined && at < least) break;
    const messages = last(channel, WINDOW);
    windows.push(messages);
    times.push(...messages.map(({ createdAt }) => createdAt));
  }
  return windows;
};

/** That something was made, is called otherwise, and who wrote in it last. */
const whatBecameOf = (view: View, space: SpaceId, node: GraphNode): readonly Happening[] => {
  const container = node;
  const found: Happening[] = [];
  const tell = (kind: ActivityKind, user: UserId, at: Hlc, id: string = node.id): void => {
    found.push({ id: `${kind} ${id}`, kind, at: msOf(at), user, node, container, text: '' });
  };
  tell('created', node.author, node.createdAt);
  const title = node.fieldState('title');
  // What is named while it is being made was not renamed.
  if (title && title.entry !== node.createdBy && msOf(title.hlc) - msOf(node.createdAt) > MADE_MS)
    tell('renamed', title.author, title.hlc);
  if (node.type !== DOCUMENT) return found;
  for (const { user, at } of view.writers(space, contentShardOf(space, node.id)))
    if (user !== node.author || msOf(at) - msOf(node.createdAt) > MADE_MS)
      tell('wrote', user, at, `${node.id} ${user}`);
  return found;
};
/** It lies in the trash: by whose hand, since when. */
const removalIn = (view: View, space: SpaceId, node: GraphNode): Happening => {
  const graph = view.graph(space);
  const { by, at } = graph ? removalOf(graph, node) : { by: node.author, at: node.updatedAt };
  const text = textField(node, 'title');
  return { id: `removed ${node.id}`, kind: 'removed', at: msOf(at), user: by, node, container: node, text };
};
const MADE_MS = 10 * 60_000;
