/** Long answers for the client in memory, made by rule: a Hub of many cards, many hits, a text of many lines, many people. */
import type {
  ActivityItem,
  DigestAnswer,
  FeedAnswer,
  InboxAnswer,
  MemberRow,
  Person,
  PlaceAnswer,
  SearchAnswer,
  SearchRow,
  WeekAnswer,
} from '../../src/bridge/messages';
import { blocksFrom } from '../../src/os/schema/blocks';
import { updateWriting } from '../../src/vm/graph/written';

const MINUTE = 60_000;
const place: PlaceAnswer = {
  spaceId: 'lft',
  spaceTitle: 'Ladoga Field Team',
  id: 'c2',
  kind: 'channel',
  title: 'buoy-3',
};

export const longFeed = (people: readonly Person[], now: number): FeedAnswer => ({
  items: Array.from(
    { length: 40 },
    (_, n): ActivityItem => ({
      id: `a${n}`,
      kind: 'said',
      at: now - n * 40 * MINUTE,
      since: now - n * 40 * MINUTE,
      people: [people[n % people.length] as Person],
      others: 0,
      count: n + 1,
      about: [],
      text: `Reading ${n} of the buoy`,
      place,
      rank: 'rest',
      own: false,
    }),
  ),
  next: null,
  gathering: false,
});

export const inboxOf = (people: readonly Person[], now: number): InboxAnswer => ({
  rows: Array.from({ length: 30 }, (_, n) => ({
    id: `n${n}`,
    ids: [`n${n}`],
    kind: 'mention' as const,
    at: now - n * 50 * MINUTE,
    person: people[n % people.length] as Person,
    others: 0,
    text: `Can you look at reading ${n}?`,
    about: '',
    place: { ...place, message: 'm5' },
    unread: n < 3,
    quiet: false,
    state: 'open' as const,
    until: null,
  })),
  more: false,
  gathering: false,
});

export const missedBy = (people: readonly Person[], since: number): DigestAnswer => ({
  since,
  messages: 12,
  places: [
    {
      id: 'c2',
      place,
      count: 12,
      more: false,
      people: people.slice(1, 4),
      others: 0,
      edited: false,
      lines: people.slice(1, 3).map((person, n) => ({
        id: `l${n}`,
        person,
        text: `What ${person.name} wrote meanwhile. `.repeat(6),
        place: { ...place, message: 'm5' },
      })),
    },
  ],
  rest: 0,
});

export const weekOf = (people: readonly Person[]): WeekAnswer => ({
  messages: 214,
  comments: 12,
  documents: 9,
  more: false,
  people: people.map((person, n) => ({ person, count: 80 - n * 9 })),
  others: 0,
  open: { proposals: 1, requests: 1, reports: 0 },
});

/** Of thirty places, a page at a time. */
export const hitsFor = (people: readonly Person[], now: number, skip: number): SearchAnswer => ({
  rows: Array.from({ length: Math.max(0, Math.min(20, 30 - skip)) }, (_, i): SearchRow => {
    const n = skip + i;
    return {
      id: `hit${n}`,
      spaceId: 'lft',
      objectId: 'c2',
      app: 'chat',
      type: 'message',
      title: '',
      titleRanges: [],
      snippet: `Reading ${n} of the buoy in the night, in degrees`,
      ranges: [[0, 7]],
      author: people[n % people.length] as Person,
      at: now - n * 60 * MINUTE,
      place: { id: 'c2', title: 'buoy-3', type: 'channel' },
      line: null,
      block: null,
    };
  }),
  more: skip + 20 < 30,
  indexing: null,
  filters: [],
});

/** As a kernel would hand it out. */
export const longText = (): Uint8Array =>
  updateWriting(
    blocksFrom(
      Array.from({ length: 120 }, (_, n) => `Line ${n} of the log, with a reading and a remark.`).join('\n\n'),
    ),
    7,
  );

const GIVEN = ['Vera', 'Oleg', 'Ingrid', 'Павел', 'Kofi', 'Марина'];
export const manyMembers = (most: number): readonly MemberRow[] =>
  Array.from({ length: most }, (_, n) => ({
    id: `crew${n}`,
    userId: `crew${n}`,
    name: `${GIVEN[n % GIVEN.length]} ${n}`,
    hue: (n % 6) + 1,
    role: 'member',
    online: n % 3 === 0,
    you: false,
  }));
