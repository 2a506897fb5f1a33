/**
 * A kernel client in memory, for looking at views: invented people of a lake-buoy group, English and Russian, in the
 * states that a screen must show. It answers the queries and commands of the views and nothing else.
 */

import { fits, foldName } from '../../src/base/called';
import type { AnswerStore, KernelClient } from '../../src/bridge/client';
import type {
  BeaconRow,
  ChannelRow,
  ContentAnswer,
  DocumentRow,
  ExplainAnswer,
  HistoryRow,
  InviteRow,
  JoinRow,
  LockAnswer,
  MayInviteAnswer,
  MemberRow,
  MessageRow,
  MessageWindow,
  NetworkAnswer,
  NetworkPeer,
  NewcomerRow,
  Person,
  PersonRow,
  Refusal,
  RequestRow,
  ShelfAnswer,
  SpaceRow,
  StorageAnswer,
  SyncAnswer,
  UndoStep,
} from '../../src/bridge/messages';
import { hitsFor, inboxOf, longFeed, longText, manyMembers, missedBy, weekOf } from './fake-long';
import { neighbourhoods, trafficOf } from './fake-traffic';

export type Scene =
  | 'ordinary'
  | 'empty'
  | 'overfull'
  | 'island'
  | 'offline'
  /** Without a recovery phrase on paper: beside whatever banner there is, another offers it. */
  | 'unwritten'
  | 'waiting'
  | 'readOnly'
  | 'needsCode'
  | 'lost'
  | 'lostWork'
  /** Another device came by the phrase; this one did. */
  | 'newcomer'
  | 'restored';

const person = (name: string, hue: number): Person => ({ userId: `u${hue}`, name, hue });
export const anna = person('Anna Sorokina', 1);
const ilya = person('Илья Белов', 2);
const tomas = person('Tomas Lindqvist', 3);
const maya = person('Maya Okafor', 4);
const lena = person('Лена Марти', 5);
const denis = person('Денис Ким', 6);
const people = [anna, tomas, maya, ilya, denis, lena];

/** What commands carry here; each reads only its own. */
type Sent = Readonly<Record<'text' | 'messageId' | 'channelId' | 'title' | 'key', string>> & {
  readonly replyTo?: string;
};
const HOUR = 3_600_000;
const refused: Refusal = {
  type: 'tooLong',
  message: 'The message is too long.',
  safe: 'Your text is kept.',
  next: 'Shorten it and send it again.',
};

export function createFakeClient(
  scene: Scene,
  now: number,
): KernelClient & {
  readonly ran: { name: string; args: unknown }[];
  /** Others said this in the channel; it comes now. */
  arrive(texts: readonly string[], at: number): void;
} {
  const ran: { name: string; args: unknown }[] = [];
  const listeners = new Set<() => void>();
  const answers = new Map<string, { text: string; value: unknown }>();
  let made = 0;
  const undone: { readonly step: UndoStep; readonly back: () => void }[] = [];
  let loss = scene === 'lost' ? ('person' as const) : scene === 'lostWork' ? ('work' as const) : null;
  let newcomers: readonly NewcomerRow[] =
    scene === 'newcomer'
      ? [{ id: 'd9', name: 'Firefox on Linux', at: now - HOUR, until: now + 47 * HOUR, spaces: 2 }]
      : [];
  let online = scene !== 'offline';
  let me = { ...anna, deviceId: 'd1', personalSpace: 'home' };
  const drafts: Record<string, string> = { c2: 'Тогда сегодня закажу, и **протокол** можно утверждать' };
  const message = (
    id: string,
    author: Person,
    at: number,
    text: string,
    more: Partial<MessageRow> = {},
  ): MessageRow => ({
    id,
    text,
    author,
    at,
    mine: author === anna,
    edited: false,
    deleted: false,
    unread: false,
    late: false,
    replyTo: null,
    thread: null,
    replies: null,
    attachments: [],
    state: { step: 'beacon', beacons: 2, devices: 3 },
    mayEdit: author === anna,
    mayRemove: author === anna,
    mayErase: author === anna,
    mayComment: true,
    reactions: [],
    comments: 0,
    ...more,
  });
  const yesterday = new Date(now);
  yesterday.setHours(16, 42, 0, 0);
  const y = yesterday.getTime() - 24 * HOUR;
  const today = new Date(now);
  today.setHours(9, 12, 0, 0);
  const d = Math.min(today.getTime(), now - 600_000);
  const ordinary: MessageRow[] = [
    message('m1', tomas, y, 'Bench run finished. 3B reads `2.1 %` high below 4 °C, the other two stay inside 0.4 %.'),
    message(
      'm2',
      ilya,
      y + 9 * 60_000,
      'Похоже на дрейф термистора, а не ячейки. У 3A в прошлом году было то же самое после ночи в холодильнике.',
    ),
    message(
      'm3',
      maya,
      y + 83 * 60_000,
      'Swapped the thermistor on the spare unit, running it overnight at 2 °C. Data sheet: https://example.org/ntc-10k',
    ),
    message('m4', denis, y + 84 * 60_000, '', { deleted: true }),
    message('m5', lena, d - 72 * 60_000, 'Форма для порта готова, нужна *подпись до пятницы*.', { unread: true }),
    message(
      'm6',
      maya,
      d,
      'Overnight run is flat, 0.3 % at 2 °C. So it is the thermistor. Anna, I would rather **swap all three** than recalibrate one and wonder about the rest.',
      { unread: true },
    ),
    message('m7', anna, d + 5 * 60_000, 'Agreed. Moved the deadline and updated the protocol.', {
      replyTo: {
        id: 'm6',
        author: maya,
        text: 'Overnight run is flat, 0.3 % at 2 °C. So it is the thermistor. Anna, I would rather **swap all three**',
      },
      edited: true,
    }),
    message('m8', anna, d + 6 * 60_000, 'Денис, сколько термисторов осталось на складе? Нужно шесть и два запасных.', {
      state: { step: 'devices', devices: 1 },
    }),
    message('m9', anna, d + 9.5 * 60_000, 'The lab gate opens at 07:00 on the 26th, bring your passes', {
      state: { step: 'refused', reason: 'only Admins may post here.' },
    }),
    message('m10', anna, d + 9.8 * 60_000, 'Новый список для выезда уже в плане.', { state: { step: 'sending' } }),
  ];
  const many: MessageRow[] = Array.from({ length: 500 }, (_, n) => {
    const author = [tomas, ilya, maya, anna, denis][((n * 7) % 11) % 5] ?? tomas;
    return message(
      `x${n}`,
      author,
      now - (500 - n) * 13 * 60_000,
      n % 9 === 0
        ? 'Очень длинное сообщение о том, как мы готовили буй к спуску. '.repeat(8)
        : `Reading ${n}: ${((n * 37) % 100) / 10} °C${n % 5 === 0 ? '\nwind from the north\nwaves half a metre' : ''}`,
    );
  });
  let messages: MessageRow[] = scene === 'empty' ? [] : scene === 'overfull' ? many : ordinary;
  const longTitle =
    'Протокол калибровки датчиков температуры и солёности для третьего буя с приложениями, таблицами и графиками за все полевые сезоны '
      .repeat(2)
      .slice(0, 200);
  let unread = scene === 'ordinary' ? 2 : 0;
  let spaces: SpaceRow[] = [
    {
      id: 'lft',
      title: scene === 'overfull' ? longTitle : 'Ladoga Field Team',
      kind: 'team',
      role: 'owner',
      members: 6,
      unread: 14,
    },
    { id: 'home', title: 'Anna', kind: 'personal', role: 'owner', members: 1, unread: 0 },
  ];
  let channels: ChannelRow[] =
    scene === 'empty'
      ? [{ id: 'c2', title: 'general', unread: 0, mentions: 0, draft: false, level: 'all' as const }]
      : [
          { id: 'c1', title: 'announcements', unread: 0, mentions: 0, draft: false, level: 'none' as const },
          { id: 'c2', title: 'buoy-3', unread: 0, mentions: 0, draft: false, level: 'all' as const },
          { id: 'c3', title: 'firmware', unread: 12, mentions: 0, draft: false, level: 'all' as const },
          { id: 'c4', title: 'выезды', unread: 0, mentions: 0, draft: true, level: 'mentions' as const },
          { id: 'c5', title: 'permits', unread: 2, mentions: 2, draft: false, level: 'all' as const },
          ...(scene === 'overfull'
            ? Array.from({ length: 40 }, (_, n) => ({
                id: `cx${n}`,
                title: `${longTitle.slice(0, 40)} ${n}`,
                unread: n,
                mentions: 0,
                draft: false,
                level: 'all' as const,
              }))
            : []),
        ];
  let documents: DocumentRow[] =
    scene === 'empty'
      ? []
      : [
          {
            id: 'd1',
            title: scene === 'overfull' ? longTitle : 'Calibration protocol v2',
            icon: '',
            kind: 'document',
            template: false,
            parent: null,
            depth: 0,
            unread: 0,
            mentions: 0,
            level: 'all',
          },
          {
            id: 'd2',
            title: 'Журнал датчика 3B',
            icon: '',
            kind: 'document',
            template: false,
            parent: null,
            depth: 0,
            unread: 0,
            mentions: 0,
            level: 'all',
          },
          {
            id: 'f1',
            title: 'Field notes 2026',
            icon: '',
            kind: 'folder',
            template: false,
            parent: null,
            depth: 0,
            unread: 0,
            mentions: 0,
            level: 'all',
          },
          {
            id: 'd3',
            title: 'Спуск на воду',
            icon: '',
            kind: 'document',
            template: false,
            parent: 'f1',
            depth: 1,
            unread: 0,
            mentions: 0,
            level: 'all',
          },
          {
            id: 'd4',
            title: '',
            icon: '',
            kind: 'document',
            template: false,
            parent: null,
            depth: 0,
            unread: 0,
            mentions: 0,
            level: 'all',
          },
        ];
  /** References have whole ids: this one names the first document. */
  const documentNamed = (id: unknown) => {
    const found = id === 'd'.repeat(32) ? documents[0] : undefined;
    return found
      ? { ...found, type: found.kind, kind: 'object', spaceId: 'lft', removed: false, place: null, author: null }
      : null;
  };
  let members: MemberRow[] = [
    { id: 'u1', ...anna, role: 'owner', online: true, you: true },
    { id: 'u3', ...tomas, role: 'admin', online: true, you: false },
    { id: 'u4', ...maya, role: 'member', online: true, you: false },
    { id: 'u2', ...ilya, role: 'member', online: true, you: false },
    { id: 'u6', ...denis, role: 'member', online: false, you: false },
    { id: 'u5', ...lena, role: 'guest', online: false, you: false },
    ...(scene === 'overfull' ? manyMembers(30) : []),
  ];
  const hidden: ChannelRow[] = [];
  let invites: InviteRow[] = [
    {
      id: 'i1',
      role: 'member',
      uses: 3,
      used: 1,
      expiresAt: now + 5 * 24 * HOUR,
      confirm: true,
      revoked: false,
      by: anna,
      mine: true,
      waiting: 1,
      lastHour: 1,
      hasty: false,
      parts: null,
      passes: 0,
      mayRevoke: true,
      url: 'https://lgos.example/#/join/k7Qe2',
    },
    {
      id: 'i2',
      role: 'guest',
      uses: 10,
      used: 0,
      expiresAt: now + 20 * HOUR,
      confirm: false,
      revoked: false,
      by: tomas,
      mine: false,
      waiting: 0,
      lastHour: 0,
      hasty: false,
      parts: null,
      passes: 0,
      mayRevoke: true,
    },
  ];
  let requests: RequestRow[] = [
    {
      id: 'r1',
      userId: 'u9',
      name: 'Ольга Ветрова',
      role: 'member',
      at: now - 9 * 60_000,
      inviteId: 'i1',
      by: anna,
      usedUp: false,
    },
  ];
  let joins: JoinRow[] = [];
  const history: HistoryRow[] = [
    {
      id: 'h6',
      entry: 'e6',
      at: now - 6 * 60_000,
      from: now - 24 * 60_000,
      changes: 34,
      author: anna,
      deviceId: 'd1c0ffee00',
      kind: 'text',
      lost: false,
    },
    {
      id: 'h3',
      entry: 'e3',
      at: now - 38 * 60_000,
      author: anna,
      deviceId: 'd1c0ffee00',
      kind: 'field',
      key: 'title',
      before: 'buoy',
      value: 'buoy-3',
      lost: false,
    },
    {
      id: 'h2',
      entry: 'e2',
      at: now - 38 * 60_000,
      author: maya,
      deviceId: 'd4beef1234',
      kind: 'field',
      key: 'title',
      before: 'buoy',
      value: 'buoy three',
      lost: true,
    },
    {
      id: 'h5',
      entry: 'e5',
      at: now - 26 * HOUR,
      author: ilya,
      deviceId: 'd2beef1234',
      kind: 'moved',
      target: { id: 'f1', title: 'Полевой журнал осенней экспедиции на Онежское озеро', kind: 'folder' },
      lost: false,
    },
    { id: 'h1', entry: 'e1', at: now - 60 * 24 * HOUR, author: tomas, deviceId: 'd3', kind: 'created', lost: false },
  ];
  const sync = (): SyncAnswer => {
    const waiting = scene === 'waiting' || scene === 'island' || !online ? 3 : 0;
    return {
      online,
      waiting,
      files: scene === 'waiting' ? 1 : 0,
      safe: waiting === 0,
      island: scene === 'island' ? 4 : null,
      readOnly: scene === 'readOnly' ? 'The disk is full.' : null,
      clockOffsetMs: scene === 'waiting' ? 190_000 : 12,
      holders:
        scene === 'empty'
          ? []
          : [
              {
                deviceId: 'b1',
                name: 'KTH beacon',
                kind: 'beacon',
                linked: waiting === 0,
                behind: waiting,
                receiptAt: scene === 'needsCode' ? null : now - 4_000,
                ...(scene === 'needsCode' ? { refused: scene } : {}),
              },
              {
                deviceId: 'b2',
                name: 'Маяк на пирсе',
                kind: 'beacon',
                linked: waiting === 0,
                behind: waiting,
                receiptAt: now - 60_000,
              },
              { deviceId: 't1', name: 'Tomas, laptop', kind: 'tab', linked: true, behind: 0, receiptAt: now - 2_000 },
              { deviceId: 't2', name: 'Maya', kind: 'tab', linked: true, behind: 0, receiptAt: now - 3_000 },
              { deviceId: 't3', name: 'Илья', kind: 'tab', linked: false, behind: 0, receiptAt: now - 30 * HOUR },
            ],
    };
  };

  const answer = (name: string, args: Record<string, unknown>): unknown => {
    const own = args.spaceId !== 'home';
    switch (name) {
      case 'os.me':
        return me;
      case 'os.spaces':
        return spaces;
      case 'os.members':
        return (own ? members : members.slice(0, 1)).filter(
          ({ name }) => fits(foldName(name), foldName(String(args.text ?? ''))) > 0,
        );
      case 'os.invites':
        return own ? invites : [];
      case 'os.requests':
        return own ? requests : [];
      case 'os.peers':
        return Array.from({ length: online ? 5 : 0 }, (_, n) => ({ id: `p${n}` }));
      case 'os.traffic':
        return trafficOf(now, online);
      case 'os.neighbours':
        return scene === 'overfull' ? neighbourhoods : [];
      case 'os.network': {
        const moved = { sent: 1_284_000, received: 18_400_000 };
        const peer = { device: '', yours: false, rttMs: 14, linkedAt: now - HOUR, turnedAway: [], ...moved };
        const inSpace = {
          spaceId: 's1',
          title: scene === 'overfull' ? longTitle : 'Harbour',
          sent: 900_000,
          received: 9e6,
        };
        const peers: NetworkPeer[] = [
          {
            ...peer,
            id: 'p0',
            deviceId: 'p0aa11bb22cc',
            kind: 'tab',
            name: 'Tomas',
            path: 'direct',
            spaces: [inSpace],
          },
          {
            ...peer,
            id: 'p1',
            deviceId: 'p1',
            kind: 'tab',
            name: 'Anna',
            yours: true,
            device: 'Phone',
            path: 'direct',
            rttMs: null,
            spaces: [],
          },
          {
            ...peer,
            id: 'p2',
            deviceId: 'p2',
            kind: 'beacon',
            name: 'Маяк на пирсе',
            path: 'beacon',
            spaces: [inSpace],
          },
          {
            ...peer,
            id: 'p3',
            deviceId: 'p3cc44dd55ee',
            kind: 'tab',
            name: 'Maya',
            path: 'relayed',
            via: 'p2',
            rttMs: null,
            linkedAt: null,
            sent: 0,
            received: 0,
            spaces: [],
          },
          {
            ...peer,
            id: 'p4',
            deviceId: 'p4ee66ff7788',
            kind: 'tab',
            name: 'Илья',
            path: null,
            rttMs: null,
            linkedAt: null,
            spaces: [],
          },
        ];
        return {
          online,
          since: now - 3 * HOUR,
          sent: online ? 4 * moved.sent : 0,
          received: online ? 4 * moved.received : 0,
          peers: online ? peers : [],
          beacons: [
            {
              url: 'wss://harbour.example/link',
              deviceId: 'p2',
              name: 'Маяк на пирсе',
              state: online ? 'open' : 'off',
              failures: 0,
              retryAt: null,
            },
          ],
          carried: { circuits: online ? 1 : 0, bytes: 480_000 },
          signaling: [
            { url: 'wss://harbour.example/signal', state: online ? 'open' : 'off', failures: 0, retryAt: null },
            {
              url: 'wss://signal.other.example',
              state: online ? 'waiting' : 'off',
              failures: 4,
              retryAt: online ? now + 12_000 : null,
            },
          ],
        } satisfies NetworkAnswer;
      }
      case 'os.storage': {
        const row = { kind: 'team', role: 'member', personal: false, images: 900_000, leaving: false } as const;
        const none = { changes: 0, bytes: 0 };
        return {
          search: 2_400_000,
          spaces: [
            {
              ...row,
              id: 's1',
              title: scene === 'overfull' ? longTitle : 'Harbour',
              journal: 8_400_000,
              files: 41e6,
              onlyHere: { changes: 12, bytes: 48_000 },
            },
            { ...row, id: 's2', title: 'Demo', role: 'none', journal: 600_000, files: 0, onlyHere: none },
            {
              ...row,
              id: 's3',
              title: 'Старая гавань',
              role: 'none',
              journal: 400_000,
              files: 0,
              leaving: true,
              onlyHere: { changes: 1, bytes: 300 },
            },
            {
              ...row,
              id: 'home',
              title: 'Anna',
              kind: 'personal',
              role: 'owner',
              personal: true,
              journal: 40_000,
              files: 0,
              images: 0,
              onlyHere: none,
            },
          ],
        } satisfies StorageAnswer;
      }
      case 'os.shelf':
        return {
          budget: null,
          used: 12_400_000,
          images: 0,
          over: false,
          away: { bytes: 0, objects: 0 },
          compacted: { bytes: 0, objects: 0 },
        } satisfies ShelfAnswer;
      case 'os.content':
        return {
          here: true,
          changes: true,
          pinned: false,
          bytes: 0,
          got: 0,
          total: 0,
          from: null,
          holders: [],
        } satisfies ContentAnswer;
      case 'os.sync':
        return sync();
      case 'os.beacons':
        return [
          {
            id: 'b1',
            deviceId: 'b1',
            name: 'KTH beacon',
            own: true,
            linked: online,
            joinCode: '',
            state: scene === 'needsCode' ? 'needsCode' : 'accepted',
            refused: scene === 'needsCode' ? 2 : 0,
          },
        ] satisfies BeaconRow[];
      case 'os.history':
        return history;
      case 'os.undoable':
        return { undo: undone.at(-1)?.step ?? null, redo: null };
      case 'os.moments':
        return {
          from: now - 60 * 24 * HOUR,
          to: now,
          changes: 412,
          moments: Array.from({ length: 100 }, (_, n) => now - (99 - n) * 14 * HOUR),
        };
      case 'os.asAt':
        return current(String(args.name), args.args);
      case 'os.stateAt':
        return {
          id: args.id,
          at: now - 38 * 60_000,
          ready: true,
          made: true,
          deleted: false,
          object: { id: args.id, title: 'buoy three', kind: 'channel' },
          fields: { title: 'buoy three', topic: 'Where the third buoy is, and who looks after it' },
          place: null,
          relations: [],
          text: '',
          differs: ['title', 'parent'],
          mayRestore: true,
        };
      case 'os.durability':
        return { beacons: 2, devices: 3, safe: true, level: 'green' };
      case 'os.apart':
        return null;
      case 'os.health':
        return [
          {
            ...{ id: 'lft', beacons: online ? 1 : 0, kept: 0, others: 0, here: 'mayGo', aim: 3, doubted: [] },
            level: online ? 'yellow' : 'red',
            unsaved: 2,
          },
        ];
      case 'os.join':
        return joins;
      case 'os.pairing':
        return { step: 'none' };
      case 'os.presence':
        return [];
      case 'browser.loss':
        return loss;
      case 'os.recovery':
        return {
          way: 'phrase',
          written: scene !== 'unwritten',
          saved: false,
          later: false,
          home: true,
          known: 1,
          here: 1,
          removed: false,
          refused: false,
          waits: scene === 'restored' ? now + 40 * HOUR : null,
          restart: false,
        };
      case 'os.newcomers':
        return newcomers;
      case 'os.pictures':
      case 'os.devices':
      case 'os.conflicts':
      case 'os.held':
      case 'os.reports':
      case 'os.banned':
      case 'os.access':
      case 'os.policies':
      case 'os.audit':
        return [];
      case 'os.mayInvite':
        return { roles: ['guest', 'member', 'admin'], why: null } satisfies MayInviteAnswer;
      case 'os.people':
        return (own ? members : members.slice(0, 1)).map(
          (row): PersonRow => ({ ...row, until: null, parts: null, blocked: false, lastOwner: false, why: {} }),
        );
      case 'os.explain':
        return {
          person: anna,
          spaceId: own ? 'lft' : 'home',
          object: null,
          role: 'owner',
          until: null,
          parts: null,
          chain: [],
          actions: (['read', 'comment', 'edit', 'share', 'people', 'rules'] as const).map((id) => ({
            id,
            allowed: true,
            missing: null,
          })),
        } satisfies ExplainAnswer;
      case 'os.value':
        return null;
      case 'browser.lock':
        return {
          at: 'open',
          on: false,
          passphrase: false,
          passkey: null,
          afterMinutes: null,
          waitUntil: null,
          moved: null,
          fault: null,
          reload: false,
        } satisfies LockAnswer;
      case 'os.linking':
        return { side: 'none', step: 'none' };
      case 'os.search':
        return scene === 'overfull'
          ? hitsFor(people, now, Number(args.skip ?? 0))
          : { rows: [], more: false, indexing: null, filters: [] };
      case 'os.draft':
        return drafts[String(args.key)] ?? '';
      case 'os.backlinks':
        return { rows: [], indexing: null };
      case 'os.trash':
        return [];
      case 'os.titles': {
        const words = foldName(String(args.text));
        const channel = channels.map((row) => ({ id: row.id, spaceId: 'lft', kind: 'channel', title: row.title }));
        const document = documents.map((row) => ({ id: row.id, spaceId: 'lft', kind: row.kind, title: row.title }));
        return [...channel, ...document]
          .filter(({ kind, title }) => (args.kind ?? kind) === kind && fits(foldName(title), words) > 0)
          .map((row) => ({ ...row, icon: '' }));
      }
      case 'os.places':
        return { favourites: [], recent: [] };
      case 'os.folded':
        return [];
      case 'hub.muted':
        return [];
      case 'hub.inbox':
        return inboxOf(people, now);
      case 'hub.feed':
        return longFeed(people, now);
      case 'hub.digest':
        return missedBy(people, Number(args.since));
      case 'hub.week':
        return weekOf(people);
      case 'hub.badge':
        return { unread: 0, open: 0, snoozed: 0, until: null, left: null };
      case 'chat.channels':
        return own ? channels : [];
      case 'chat.channel': {
        const row = channels.find((channel) => channel.id === args.channelId);
        return row
          ? {
              id: row.id,
              spaceId: 'lft',
              title: row.title,
              topic: 'Bench, hull, launch before the ice',
              made: { by: anna, at: now - 40 * 24 * 3_600_000 },
              firstUnread: (unread > 0 && messages.find((row) => row.unread)?.id) || null,
              unread,
              unreadComments: 0,
              threads: [],
              level: 'all',
              pins: [],
              mayPin: true,
            }
          : null;
      }
      case 'start.steps':
        return { dismissed: true, demo: null, named: true, wrote: true, documented: true, met: true };
      case 'chat.where':
        return { channelId: 'c2', thread: null };
      case 'chat.thread':
        return messages.filter((row) => row.id === args.messageId);
      case 'os.file':
        return { here: true, coming: false, share: 1, sources: 0, larger: false, beacons: 1, devices: 0 };
      case 'os.keptFiles':
        return { keep: false, files: 12, bytes: 34_000_000 };
      case 'os.candidates':
        return [];
      case 'os.card': {
        const object = documentNamed(args.id);
        return object
          ? {
              object,
              by: tomas,
              at: now - 3_600_000,
              text: 'Rinse the probe with distilled water.\nWait for the reading to settle.',
            }
          : null;
      }
      case 'os.named': {
        const named = members.find((row) => row.userId === args.id);
        return named ? { ...named, kind: 'person', member: true } : documentNamed(args.id);
      }
      case 'chat.window': {
        if (args.channelId !== 'c2') return { rows: [], before: 0, after: 0 };
        const room = Number(args.limit);
        const at =
          args.at === undefined ? (args.rank ?? messages.length) : messages.findIndex(({ id }) => id === args.at);
        if (Number(at) < 0) return null;
        const half = at === messages.length ? room : room / 2;
        const from = Math.max(0, Number(at) - half);
        const to = Math.min(messages.length, Number(at) + room - half);
        return { rows: messages.slice(from, to), before: from, after: messages.length - to } satisfies MessageWindow;
      }
      case 'editor.documents':
        return own
          ? documents
          : [
              {
                id: 'welcome',
                title: 'Welcome',
                icon: '',
                kind: 'document',
                template: false,
                parent: null,
                depth: 0,
                unread: 0,
                mentions: 0,
                level: 'all',
              },
            ];
      case 'editor.document':
        return {
          id: args.documentId,
          spaceId: own ? 'lft' : 'home',
          title: documents.find((row) => row.id === args.documentId)?.title ?? 'Welcome',
          icon: '',
          deleted: false,
          author: tomas,
          template: false,
          mayEdit: true,
          maySuggest: true,
          state: { step: 'beacon', beacons: 2, devices: 3 },
        };
      case 'editor.templates':
        return documents.filter((row) => row.template).map(({ id, title, icon }) => ({ id, title, icon }));
      case 'editor.suggestions':
      case 'comments.thread':
        return [];
      case 'comments.about':
        return { count: 0, open: 0, unread: 0, mayComment: true };
      default:
        throw new Error(`The fake has no query ${name}`);
    }
  };
  const current = (name: string, args: unknown): unknown => {
    const key = `${name} ${JSON.stringify(args)}`;
    const value = answer(name, (args ?? {}) as Record<string, unknown>);
    const text = JSON.stringify(value);
    const kept = answers.get(key);
    if (kept?.text === text) return kept.value;
    answers.set(key, { text, value });
    return value;
  };
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const store = (name: string, args?: unknown): AnswerStore => ({
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => current(name, args),
    getRefusal: () => undefined,
  });
  const patch = (id: unknown, change: Partial<MessageRow>) => {
    messages = messages.map((row) => (row.id === id ? { ...row, ...change } : row));
  };
  const commands: Record<string, (args: Sent) => Record<string, string>> = {
    'chat.send': ({ text, replyTo }) => {
      if (String(text).length > 4_000) throw refused;
      const id = `n${++made}`;
      const to = messages.find((row) => row.id === replyTo);
      messages = [
        ...messages,
        message(id, anna, Date.now(), text, {
          state: { step: 'sending' },
          replyTo: to ? { id: to.id, author: to.author, text: to.text } : null,
        }),
      ];
      return { id };
    },
    'chat.edit': ({ messageId, text }) => {
      patch(messageId, { text, edited: true });
      return {};
    },
    'chat.remove': ({ messageId }) => {
      patch(messageId, { deleted: true });
      const id = `step${++made}`;
      undone.push({
        step: {
          id,
          command: 'chat.remove',
          did: 'deleted',
          object: { id: String(messageId), title: 'Новый список для выезда уже в плане.', kind: 'message' },
          objects: 1,
        },
        back: () => patch(messageId, { deleted: false }),
      });
      return { step: id };
    },
    'chat.restore': ({ messageId }) => {
      patch(messageId, { deleted: false });
      return {};
    },
    'chat.markRead': () => {
      unread = 0;
      messages = messages.map((row) => (row.unread ? { ...row, unread: false } : row));
      return {};
    },
    'chat.createChannel': ({ title }) => {
      const id = `c${++made}n`;
      channels = [...channels, { id, title, unread: 0, mentions: 0, draft: false, level: 'all' as const }];
      return { id };
    },
    'editor.createDocument': ({ title }) => {
      const id = `d${++made}n`;
      documents = [
        ...documents,
        {
          id,
          title,
          icon: '',
          kind: 'document',
          template: false,
          parent: null,
          depth: 0,
          unread: 0,
          mentions: 0,
          level: 'all',
        },
      ];
      return { id };
    },
    'chat.renameChannel': ({ channelId, title }) => {
      channels = channels.map((row) => (row.id === channelId ? { ...row, title } : row));
      return {};
    },
    'chat.removeChannel': ({ channelId }) => {
      hidden.push(...channels.filter((row) => row.id === channelId));
      channels = channels.filter((row) => row.id !== channelId);
      return {};
    },
    'chat.restoreChannel': ({ channelId }) => {
      channels = [...channels, ...hidden.filter((row) => row.id === channelId)];
      return {};
    },
    'os.confirmDevice': () => {
      newcomers = [];
      return {};
    },
    'os.refuseDevice': () => {
      newcomers = [];
      return {};
    },
    'browser.acceptLoss': () => {
      loss = null;
      return {};
    },
    'os.saveDraft': ({ key, text }) => {
      drafts[key] = text;
      return {};
    },
    'os.restoreValue': () => ({}),
    'os.travel': () => ({}),
    'os.returnToNow': () => ({}),
    'os.restore': () => ({ step: 'restored' }),
    'os.undo': () => {
      undone.pop()?.back();
      return {};
    },
  };
  const calls = {
    run: async (name: string, args: unknown) => {
      ran.push({ name, args });
      const run = commands[name];
      if (!run)
        throw {
          type: 'noCommand',
          message: `There is no command ${name}.`,
          safe: 'Nothing was changed.',
          next: 'Reload the page.',
        };
      const ids = run(args as Sent);
      changed();
      return ids;
    },
    query: async (name: string, args: unknown) => current(name, args),
    ready: async () => ({ version: '0.0.0', protocol: '0.0', build: 'fake' }),
    setName: async (name: string) => {
      me = { ...me, name };
      changed();
    },
    setOnline: async (on: boolean) => {
      online = on;
      changed();
    },
    createSpace: async ({ title, kind }: { title: string; kind: SpaceRow['kind'] }) => {
      const id = `s${++made}`;
      spaces = [...spaces, { id, title, kind, role: 'owner', members: 1, unread: 0 }];
      changed();
      return { id };
    },
    invite: async () => ({ inviteId: 'i9', url: `https://lgos.example/#/join/${'k7Qe2Zx9'.repeat(24)}` }),
    revokeInvite: async (_: string, id: string) => {
      invites = invites.filter((row) => row.id !== id);
      changed();
    },
    admit: async (_: string, id: string) => {
      requests = requests.filter((row) => row.id !== id);
      changed();
    },
    setRole: async (_: string, userId: string, role: MemberRow['role']) => {
      members = members.map((row) => (row.userId === userId ? { ...row, role } : row));
      changed();
    },
    remove: async (_: string, userId: string) => {
      members = members.filter((row) => row.userId !== userId);
      changed();
    },
    leave: async () => undefined,
    readInvite: async () => ({
      spaceId: 'far',
      title: 'Onega Survey',
      kind: 'team',
      expiresAt: now + 40 * HOUR,
      confirm: true,
    }),
    join: () => {
      joins = [{ id: 'j1', spaceId: 'far', title: 'Onega Survey', step: 'catchingUp', received: 214 }];
      changed();
      return new Promise(() => {});
    },
    exportKeys: async () => '{}',
    importKeys: async () => undefined,
    openDocument: async () => {
      if (scene !== 'overfull') throw { type: 'fake', message: 'This preview has no documents.', safe: '', next: '' };
      return { clientId: 8, state: longText(), push: () => {}, setPresence: () => {}, close: () => {} };
    },
  };
  return {
    ...calls,
    session: 'page',
    store,
    ran,
    arrive: (texts: readonly string[], at: number) => {
      unread += texts.length;
      messages = [...messages, ...texts.map((text) => message(`n${++made}`, maya, at, text, { unread: true }))];
      changed();
    },
    onRefusal: () => () => {},
    watch: () => () => {},
    stop: async () => {},
  } as unknown as ReturnType<typeof createFakeClient>;
}
