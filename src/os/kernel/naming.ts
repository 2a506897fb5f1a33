/**
 * What can be named in a text, and what a reference in a text is called today. Knows types only by how they are searched: what
 * has a title is named by it, a message by its words. Gives nothing that the asking view could not read anyway.
 */
import { isHex } from '../../base/bytes';
import { byName, namelessName } from '../../base/called';
import { readable } from '../../base/reference';
import type { CardAnswer, NamedAnswer, NamedObject, NameRow } from '../../bridge/messages';
import type { GraphNode } from '../../vm/graph/engine';
import type { NodeId, SpaceId, UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { isBlocked } from '../schema/blocking';
import { type App, defineApp, msOf, query, textField, type View } from '../schema/define';
import type { Registry, Searched } from '../schema/registry';
import { findIn } from '../search/find';
import { readQuestion } from '../search/question';
import { foldWord, wordsOf } from '../search/words';
import { SEARCH, type Search } from './search';
import type { Space } from './space';

const ROWS = 8;
const MAX_ROWS = 20;
/** Titles that are looked at, the last changed first. */
const MOST_TITLES = 2_000;
const EXCERPT = 120;
/** Of a card, in UTF-16 units. */
const FIRST_LINES = 280;
/** Of what is typed, from here on messages are looked through. */
const WORTH_SEARCHING = 3;

type NamingFacts = {
  space(id: SpaceId): Space | undefined;
  search(): Search;
  registry(): Registry;
  /** ms */
  now(): number;
};

export const namingApp = (facts: NamingFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      candidates: query({
        describes:
          'What can be named in a text of a space: people and what has a title; with `kind` title no people, with `kind` object messages by their words too.',
        args: {
          spaceId: { type: 'id' },
          text: { type: 'text', max: 200 },
          kind: { type: 'text', max: 10, optional: true },
          limit: { type: 'number', optional: true },
          /** What whoever asks calls people without a name. */
          nameless: { type: 'text', max: 40, optional: true },
        },
        run: (view, { spaceId, text, kind, limit = ROWS, nameless = '' }): readonly NameRow[] => {
          const space = spaceId as SpaceId;
          if (!view.graph(space)) return [];
          const most = Math.max(1, Math.min(MAX_ROWS, Math.floor(limit)));
          const rows: NameRow[] =
            kind === undefined ? peopleLike(view, facts, space, text, nameless).slice(0, most) : [];
          rows.push(...titlesLike(view, facts, space, text).slice(0, most - rows.length));
          if (kind === 'object' && text.trim().length >= WORTH_SEARCHING && rows.length < most)
            rows.push(...messagesLike(view, facts, space, text, most - rows.length));
          return rows;
        },
      }),
      named: query({
        describes: 'What a person or object is called now, for references in texts; null where it is not known here.',
        args: { spaceId: { type: 'id' }, id: { type: 'id' } },
        run: (view, { spaceId, id }): NamedAnswer | null => {
          if (isHex(id, 32)) return personNamed(view, facts, spaceId as SpaceId, id as UserId);
          const space = isHex(id, 16) ? view.spaceOf(id as NodeId) : undefined;
          const node = space && view.graph(space)?.node(id as NodeId);
          const searched = node && facts.registry().searched().get(node.type);
          return space && node && searched ? objectNamed(view, facts, space, node, searched) : null;
        },
      }),
      card: query({
        describes:
          'An object as a card: what it is called, who wrote last and when, its first lines; null where it is not here.',
        args: { spaceId: { type: 'id' }, id: { type: 'id' } },
        run: (view, { id }): CardAnswer | null => {
          const space = isHex(id, 16) ? view.spaceOf(id as NodeId) : undefined;
          const node = space && view.graph(space)?.node(id as NodeId);
          const searched = node && facts.registry().searched().get(node.type);
          return space && node && searched ? cardOf(view, facts, space, node, searched) : null;
        },
      }),
    },
  });

const personNamed = (view: View, facts: NamingFacts, space: SpaceId, user: UserId): NamedAnswer | null => {
  view.note(topics.rights(space));
  const known = facts.space(space)?.replica.rights.members(facts.now()).has(user) ?? false;
  const person = view.person(space, user);
  return { kind: 'person', ...person, you: user === view.me.userId, member: known };
};

const objectNamed = (
  view: View,
  facts: NamingFacts,
  space: SpaceId,
  node: GraphNode,
  { rule, home }: Searched,
): NamedObject => {
  const place = home === 'outline' ? node : placeOf(view, facts, space, node);
  const placeRule = place && facts.registry().searched().get(place.type)?.rule;
  return {
    kind: 'object',
    id: node.id,
    spaceId: space,
    type: rule.names[0],
    title: rule.title === undefined ? wordsIn(node, rule.text) : textField(node, rule.title),
    icon: textField(node, 'icon'),
    removed: node.deleted || place?.deleted === true,
    place: place ? { id: place.id, title: textField(place, 'title'), type: placeRule?.names[0] ?? '' } : null,
    author: rule.title === undefined ? view.person(space, node.author) : null,
  };
};

const cardOf = (view: View, facts: NamingFacts, space: SpaceId, node: GraphNode, searched: Searched): CardAnswer => {
  const object = objectNamed(view, facts, space, node, searched);
  const { rule } = searched;
  const [last] = rule.document ? view.writers(space, view.partOf(space, node.id)) : [];
  const isOwn = last !== undefined && last.at > node.updatedAt;
  const hidden = object.removed || isBlocked(view, node.author);
  const text = rule.document ? view.graph(space)?.documentText(node.id) : textField(node, rule.text ?? '');
  return {
    object: hidden && object.author ? { ...object, title: '' } : object,
    by: view.person(space, isOwn ? last.user : node.author),
    at: msOf(isOwn ? last.at : node.updatedAt),
    text: hidden ? '' : readable((text ?? '').slice(0, FIRST_LINES * 2)).slice(0, FIRST_LINES),
  };
};

const wordsIn = (node: GraphNode, field: string | undefined): string =>
  node.deleted || field === undefined ? '' : readable(textField(node, field)).slice(0, EXCERPT);

/** The object of the outline that a node lies in. */
const placeOf = (view: View, facts: NamingFacts, space: SpaceId, node: GraphNode): GraphNode | undefined => {
  const outlined = [...facts.registry().searched()].filter(([, { home }]) => home === 'outline').map(([type]) => type);
  for (const type of outlined)
    for (const each of view.graph(space)?.nodesOfType(type) ?? [])
      if (view.partOf(space, each.id) === node.shard) return each;
  return undefined;
};

/** Every word typed begins a word of the name. */
const isLike = (name: string, typed: readonly string[]): boolean => {
  const words = wordsOf(name).map(({ text }) => text);
  return typed.every((word) => words.some((each) => each.startsWith(word)));
};
const typedWords = (text: string): readonly string[] => wordsOf(text).map((word) => foldWord(word.text));

const peopleLike = (view: View, facts: NamingFacts, space: SpaceId, text: string, nameless: string): NameRow[] => {
  view.note(topics.rights(space));
  const typed = typedWords(text);
  return [...(facts.space(space)?.replica.rights.members(facts.now()).keys() ?? [])]
    .filter((user) => user !== view.me.userId && !isBlocked(view, user))
    .map((user) => ({ id: user as string, kind: 'person' as const, ...view.person(space, user) }))
    .filter(({ name, userId }) => isLike(name || namelessName(nameless, userId), typed))
    .sort(byName);
};

const titlesLike = (view: View, facts: NamingFacts, space: SpaceId, text: string): NameRow[] => {
  const titled = [...facts.registry().searched()].filter(([, { rule }]) => rule.title !== undefined);
  const typed = typedWords(text);
  return view
    .find(space, {
      type: titled.map(([type]) => type),
      order: [{ by: '@updatedAt', down: true }, { by: '@id' }],
      limit: MOST_TITLES,
    })
    .flatMap((node): NameRow[] => {
      const searched = facts.registry().searched().get(node.type);
      const named = searched && isLike(textField(node, searched.rule.title ?? ''), typed);
      return named ? [objectNamed(view, facts, space, node, searched)] : [];
    });
};

const messagesLike = (view: View, facts: NamingFacts, space: SpaceId, text: string, limit: number): NameRow[] => {
  const search = facts.search();
  view.note(SEARCH);
  search.refresh();
  const question = readQuestion(text, { now: facts.now(), offset: 0 });
  const hits = findIn(search.index, question, {
    accepts: (item) => item.space === space && facts.registry().searched().get(item.type)?.rule.names[0] === 'message',
    weigh: (item) => search.ties.weightOf(item.id),
    now: facts.now(),
    limit,
  });
  return hits.flatMap(({ item }) => {
    const node = view.graph(space)?.node(item.id as NodeId);
    const searched = node && facts.registry().searched().get(node.type);
    if (!node || node.deleted || !searched || isBlocked(view, node.author)) return [];
    return [objectNamed(view, facts, space, node, searched)];
  });
};
