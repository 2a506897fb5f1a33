/**
 * A whole space as it was at a moment: the same queries over a graph of the past. For looking only: nothing is written
 * through it. People's rights and what this person has read are of today; what was there, and how it was called, is of then.
 */
import { isHex, toBase64Url } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { MomentsAnswer, Refusal } from '../../bridge/messages';
import { msOf } from '../../vm/op/clock';
import type { NodeId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, DONE, deed, defineApp, notPossible, query, type View } from '../schema/define';
import { withCovers } from './covers';
import { momentOf, type Past, type Pasts, pastTopic } from './pasts';
import { unknownSpace } from './refusals';
import { SHELF } from './shelf';
import type { Space } from './space';
import { seenAs, stanceOf } from './stance';

const MAX_MOMENTS = 200;

export type TravelFacts = {
  space(id: SpaceId): Space | undefined;
  pasts(): Pasts;
  /** Network time, ms. */
  now(): number;
  /** Any query, under a view. */
  answer(name: string, args: unknown, view: View): Result<unknown, Refusal>;
};

/** All that is not named is as in `of`. */
const wrapped = (of: View, own: Partial<View>): View => Object.assign(Object.create(of) as View, own);

/** `view` with `engine` in the place of the space's graph; other spaces are not to be seen, and nothing may be written. */
const seenThen = (view: View, space: Space, { engine, names }: Past, now: number): View => {
  const { outline, rights, logs, acl } = space.replica;
  const then = withCovers({ id: space.id, replica: { engine, outline, rights, logs, acl } });
  const base = wrapped(view, {
    graph: (id) => (id === space.id ? then : undefined),
    spaceOf: (node) => (then.node(node) ? space.id : undefined),
    person: (id, user) => {
      const known = id === space.id ? names.person({ id, replica: { engine } }, user) : undefined;
      return known && known.name !== '' ? known : view.person(id, user);
    },
  });
  return wrapped(seenAs(base, stanceOf(space, view.me.userId, undefined, now)), {
    may: () => false,
    // What is read is read; what is half written is of today.
    personal: (key) => (key.startsWith('read/') ? view.personal(key) : undefined),
  });
};

const momentsOf = (space: Space): MomentsAnswer | null => {
  const { entries, judged } = space.replica;
  const times: number[] = [];
  for (const [id, { header }] of entries) if (judged.has(id)) times.push(msOf(header.hlc));
  times.sort((a, b) => a - b);
  const [from, to] = [times[0], times.at(-1)];
  if (from === undefined || to === undefined) return null;
  const steps = Math.min(MAX_MOMENTS, times.length);
  const spread = Array.from(
    { length: steps },
    (_, i) => times[Math.round((i * (times.length - 1)) / (steps - 1 || 1))],
  );
  return { from, to, changes: times.length, moments: [...new Set(spread as number[])] };
};

const id = { type: 'id' } as const;
const at = { type: 'number' } as const;

export const travelApp = (facts: TravelFacts): App => {
  const readable = (view: View, text: string): Space | undefined => {
    const space = isHex(text, 32) ? facts.space(text as SpaceId) : undefined;
    view.note(topics.spaces);
    if (space) view.note(topics.graph(space.id));
    return space && view.graph(space.id) ? space : undefined;
  };
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      travel: deed({
        describes: 'Makes a space ready to be looked at as it was at a moment (`at`, ms): `os.asAt` answers from it.',
        args: { spaceId: id, at },
        perform: async (view, args) => {
          const space = readable(view, args.spaceId);
          if (!space) return err(unknownSpace);
          const { from } = momentsOf(space) ?? { from: Number.POSITIVE_INFINITY };
          if (args.at < from || args.at >= 2 ** 42)
            return err(notPossible('noMoment', 'The space has nothing from then.', 'Choose a moment of os.moments.'));
          await facts.pasts().settled(space, momentOf(args.at));
          return DONE;
        },
      }),
      returnToNow: deed({
        describes: 'Forgets the earlier states of a space that were made ready.',
        args: { spaceId: id },
        perform: async (view, { spaceId }) => {
          const space = readable(view, spaceId);
          if (space) facts.pasts().drop(space);
          return ok({});
        },
      }),
    },
    queries: {
      asAt: query({
        describes:
          'What another query answers of a space as it was at a moment; null while that is not ready (see os.travel).',
        args: { spaceId: id, at, name: { type: 'text', max: 100 }, args: { type: 'json', max: 20_000 } },
        run: (view, args): unknown => {
          const space = readable(view, args.spaceId);
          if (!space || args.name === 'os.asAt' || !(args.at >= 0 && args.at < 2 ** 42)) return null;
          view.note(pastTopic(space.id));
          view.note(SHELF);
          const past = facts.pasts().at(space, momentOf(args.at));
          if (!past.ready) return null;
          const answer = facts.answer(args.name, args.args, seenThen(view, space, past, facts.now()));
          return answer.ok ? answer.value : null;
        },
      }),
      moments: query({
        describes: 'From when until when a space has changes, and moments spread over them.',
        args: { spaceId: id },
        run: (view, { spaceId }): MomentsAnswer | null => {
          const space = readable(view, spaceId);
          return space ? momentsOf(space) : null;
        },
      }),
      documentState: query({
        describes: 'The text of a document as Yjs V2, base64url; with os.asAt, as it was.',
        args: { documentId: id },
        run: (view, { documentId }): string | null => {
          const holding = isHex(documentId, 16) ? view.spaceOf(documentId as NodeId) : undefined;
          const graph = holding && view.graph(holding);
          return graph ? toBase64Url(graph.documentUpdate(documentId as NodeId)) : null;
        },
      }),
    },
  });
};
