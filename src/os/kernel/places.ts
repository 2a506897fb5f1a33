/**
 * What a person keeps about places, for themselves alone: favourites, where they were last, what is folded in a tree. Settings
 * of their personal space, so that they follow the person; nobody else is told. It knows no application: a place is whatever
 * stands in the outline of a space.
 */
import { err } from '../../base/result';
import type { PlaceRow, PlacesAnswer } from '../../bridge/messages';
import { type NodeId, outlineShardOf, type SpaceId } from '../../vm/op/ids';
import {
  type App,
  command,
  DONE,
  defineApp,
  type GraphNode,
  notFound,
  notPossible,
  query,
  textField,
  type View,
} from '../schema/define';
import { systemTypes } from '../schema/system';

const FAVOURITES = 'favourites';
const RECENT = 'recent';
const foldedKey = (spaceId: string): string => `folded/${spaceId}`;

const MAX_FAVOURITES = 100;
const MAX_RECENT = 8;
const MAX_FOLDED = 500;
/** An object, or the name of a section. */
const MAX_NAME = 64;

const id = { type: 'id' } as const;
const never = { undoable: false } as const;

/** Settings come from any device of the person, of any version. */
const listed = (view: View, key: string): readonly string[] => {
  const value = view.personal(key);
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
};

/** Where the person was last, the newest first. */
export const recentIn = (view: View): readonly string[] => listed(view, RECENT);

const placeAt = (view: View, object: string): { readonly space: SpaceId; readonly node: GraphNode } | undefined => {
  const space = view.spaceOf(object as NodeId);
  const node = space === undefined ? undefined : view.graph(space)?.node(object as NodeId);
  if (space === undefined || !node || node.deleted || Object.hasOwn(systemTypes, node.type)) return undefined;
  return node.shard === outlineShardOf(space) ? { space, node } : undefined;
};
export const placeRow = (space: SpaceId, node: GraphNode): PlaceRow => ({
  id: node.id,
  spaceId: space,
  kind: node.type.toLowerCase(),
  title: textField(node, 'title'),
  icon: textField(node, 'icon'),
});
/** What is removed, or not here, is left out, and is back when it is. */
const rowsOf = (view: View, ids: readonly string[]): readonly PlaceRow[] =>
  ids.flatMap((object) => {
    const place = placeAt(view, object);
    if (!place) return [];
    return [placeRow(place.space, place.node)];
  });

export const placesApp = (): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {
      star: command({
        describes:
          'Puts a channel or document among your favourites, last, `first`, or right after another; `on` false takes it out.',
        args: {
          id,
          on: { type: 'flag' },
          after: { type: 'id', optional: true },
          first: { type: 'flag', optional: true },
        },
        ...never,
        run(view, write, { id: object, on, after, first }) {
          const before = listed(view, FAVOURITES);
          const stays = after === undefined && !first;
          if (before.includes(object) === on && (stays || !on)) return DONE;
          if (on && !placeAt(view, object)) return err(notFound('place'));
          const others = before.filter((each) => each !== object);
          if (on && others.length >= MAX_FAVOURITES)
            return err(
              notPossible('tooMany', `There are ${MAX_FAVOURITES} favourites already.`, 'Take one out first.'),
            );
          const at = stays ? others.length : after === undefined ? 0 : others.indexOf(after) + 1;
          write.setPersonal(FAVOURITES, on ? [...others.slice(0, at), object, ...others.slice(at)] : others);
          return DONE;
        },
      }),
      visited: command({
        describes: `Notes where you are now, for the list of the last ${MAX_RECENT} places.`,
        args: { id },
        ...never,
        run(view, write, { id: object }) {
          const before = listed(view, RECENT);
          if (before[0] === object) return DONE;
          if (!placeAt(view, object)) return err(notFound('place'));
          write.setPersonal(RECENT, [object, ...before.filter((each) => each !== object)].slice(0, MAX_RECENT));
          return DONE;
        },
      }),
      fold: command({
        describes: 'Folds a part of the sidebar of a space, an object or a section, or unfolds it with `on` false.',
        args: { spaceId: id, name: { type: 'text', max: MAX_NAME }, on: { type: 'flag' } },
        ...never,
        run(view, write, { spaceId, name, on }) {
          const before = listed(view, foldedKey(spaceId));
          if (before.includes(name) === on) return DONE;
          if (!view.graph(spaceId as SpaceId)) return err(notFound('space'));
          const others = before.filter((each) => each !== name);
          write.setPersonal(foldedKey(spaceId), on ? [...others, name].slice(-MAX_FOLDED) : others);
          return DONE;
        },
      }),
    },
    queries: {
      places: query({
        describes: 'Your favourites in their order, and where you were last, the newest first.',
        args: {},
        early: true,
        textless: true,
        run: (view): PlacesAnswer => ({
          favourites: rowsOf(view, listed(view, FAVOURITES)),
          recent: rowsOf(view, recentIn(view)),
        }),
      }),
      folded: query({
        describes: 'What you have folded in the sidebar of a space: objects and names of sections.',
        args: { spaceId: id },
        early: true,
        run: (view, { spaceId }): readonly string[] => listed(view, foldedKey(spaceId)),
      }),
    },
  });
