/** What moved over links, told to whoever asks: by time, by what it was for, and what left to whom; and who is near in large spaces. */
import type { NeighbourhoodRow, TrafficAnswer, TrafficKind } from '../../bridge/messages';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, defineApp, query, type View } from '../schema/define';
import { type Moved, SLOT_MS } from './moved';
import type { Space } from './space';

/** Told again after this long, while somebody looks. */
const AGAIN_MS = 2_000;
const ORDER: readonly TrafficKind[] = [
  'changes',
  'files',
  'receipts',
  'presence',
  'introductions',
  'comparing',
  'link',
];

export type MovingFacts = {
  /** Network time. */
  now(): number;
  moved(): Moved;
  space(id: SpaceId): Space | undefined;
  title(space: Space): string;
  /** Of large spaces. */
  neighbourhoods(): readonly {
    readonly space: SpaceId;
    readonly known: number;
    readonly neighbours: readonly { readonly device: DeviceId; readonly isEager: boolean }[];
  }[];
};

export const movingApp = (facts: MovingFacts): App => {
  const watched = (view: View): void => {
    view.note(topics.net);
    view.note(topics.spaces);
    view.passed((Math.floor(facts.now() / AGAIN_MS) + 1) * AGAIN_MS);
  };
  const titleOf = (id: SpaceId | undefined): string => {
    const space = id === undefined ? undefined : facts.space(id);
    return space ? facts.title(space) : '';
  };
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      traffic: query({
        describes:
          'What went over links since this node started: in slots of ten seconds, by what it was for, and what left this device to whom, the newest first.',
        args: {},
        run: (view): TrafficAnswer => {
          watched(view);
          const moved = facts.moved();
          return {
            slotMs: SLOT_MS,
            slots: moved.slots.map((slot) => ({ ...slot })),
            kinds: ORDER.flatMap((kind) => {
              const counted = moved.kinds.get(kind);
              return counted ? [{ kind, sent: { ...counted.sent }, received: { ...counted.received } }] : [];
            }),
            recipients: [...moved.recipients].reverse().map(([device, kinds]) => ({
              deviceId: device,
              kinds: ORDER.flatMap((kind) => {
                const counted = kinds.get(kind);
                return counted ? [{ kind, ...counted }] : [];
              }),
            })),
            sends: moved.sends.map(({ n, at, device, space, kind, messages, bytes }) => ({
              ...{ id: String(n), at, deviceId: device, kind, messages, bytes },
              ...(space === undefined ? {} : { spaceId: space, title: titleOf(space) }),
            })),
          };
        },
      }),
      neighbours: query({
        describes:
          'Large spaces: how many others are known to be there, and the neighbours of this node, to whom entries are pushed or announced. Rows.',
        args: {},
        run: (view): readonly NeighbourhoodRow[] => {
          watched(view);
          return facts.neighbourhoods().map(({ space, known, neighbours }) => ({
            ...{ id: space, spaceId: space, title: titleOf(space), known },
            neighbours: neighbours.map(({ device, isEager }) => ({
              deviceId: device,
              gets: isEager ? 'entries' : 'announcements',
            })),
          }));
        },
      }),
    },
  });
};
