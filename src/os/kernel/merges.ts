/**
 * Being apart, and what comes of meeting again: since when nobody of a space is in reach, and afterwards who had done what meanwhile,
 * where, and what of it contradicts. It reads what the fold made of it and decides nothing; all of it stands in the histories of the
 * objects too.
 *
 * MG1 apart is who has no link in a space that others are known to hold, for half a minute.
 * MG2 told is what others did between that and the meeting, once, when both hold the same or a minute has passed.
 * MG3 what is told stays on the device until somebody puts it away, through restarts too: the ids of what came, nothing of what it says.
 *     Of several meetings the latest are told, as many as fit.
 */
import { type Codec, decode, encode, list, u64 } from '../../base/codec';
import { err } from '../../base/result';
import type { ApartAnswer, MergeAnswer, MergeConflict, ObjectName } from '../../bridge/messages';
import type { GraphNode, HistoryItem } from '../../vm/graph/engine';
import type { Entry } from '../../vm/op/entry';
import { type EntryId, entryIdCodec, type NodeId, nodeIdCodec, type SpaceId, type UserId } from '../../vm/op/ids';
import { type App, DONE, deed, defineApp, notFound, query, type View } from '../schema/define';
import type { KernelContext } from './context';
import { heldIn } from './held';
import { nameOf, nameOfPart, partOf } from './objects';
import type { Space } from './space';

const APART_MS = 30_000;
const GATHER_MS = 60_000;
/** What is looked at of one meeting, and told of it. */
const MAX_CAME = 5_000;
const MAX_NODES = 1_000;
const MAX_TOLD = 20;
const MAX_MEETINGS = 8;

/** One meeting; times are the network's. */
export type Gathered = {
  readonly since: number;
  readonly until: number;
  /** By others, while apart. */
  readonly came: Set<EntryId>;
  readonly nodes: Set<NodeId>;
};
type Apart = { readonly since: number; readonly stop: () => void };
const mergeTopic = (space: SpaceId): string => `merge/${space}`;

/** Rows of the table `local`. */
const ROWS = 'merge/';
const [cameCodec, nodesCodec] = [list(entryIdCodec, MAX_CAME), list(nodeIdCodec, MAX_NODES)];
const meetingCodec: Codec<Gathered> = {
  write: (writer, { since, until, came, nodes }) => {
    for (const at of [since, until]) u64.write(writer, Math.max(0, Math.floor(at)));
    cameCodec.write(writer, [...came]);
    nodesCodec.write(writer, [...nodes]);
  },
  read: (reader) => ({
    since: u64.read(reader),
    until: u64.read(reader),
    came: new Set(cameCodec.read(reader)),
    nodes: new Set(nodesCodec.read(reader)),
  }),
};
const meetingsCodec = list(meetingCodec, MAX_MEETINGS);

export class Merges {
  readonly #apart = new Map<Space, Apart>();
  readonly #gathering = new Map<Space, Gathered & { readonly stop: () => void }>();
  /** The earliest first. */
  readonly #told = new Map<SpaceId, readonly Gathered[]>();
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: {
      spaces(): ReadonlyMap<SpaceId, Space>;
      isLinked(space: Space): boolean;
      changed(topic: string): void;
    },
  ) {}

  /** MG3. */
  async start(): Promise<void> {
    for (const { key, value } of await this.context.ports.storage.list('local', ROWS)) {
      const meetings = decode(meetingsCodec, value);
      if (meetings.ok) this.#told.set(key.slice(ROWS.length) as SpaceId, meetings.value);
      else this.context.count('mergeDamaged');
    }
    this.look();
  }
  /** A link went, or none was there yet. */
  look(): void {
    if (this.#stopped) return;
    for (const space of this.facts.spaces().values()) {
      if (this.#apart.has(space) || this.facts.isLinked(space) || !isKnownElsewhere(space)) continue;
      const stop = this.context.ports.clock.after(APART_MS, () => this.facts.changed(mergeTopic(space.id)));
      this.#apart.set(space, { since: this.context.time.now(), stop });
    }
  }
  stop(): void {
    this.#stopped = true;
    for (const { stop } of [...this.#apart.values(), ...this.#gathering.values()]) stop();
  }
  closed(space: Space): void {
    this.#apart.get(space)?.stop();
    this.#gathering.get(space)?.stop();
    for (const each of [this.#apart, this.#gathering]) each.delete(space);
    this.#keep(space.id, []);
  }

  met(space: Space): void {
    const apart = this.#apart.get(space);
    if (!apart) return;
    apart.stop();
    this.#apart.delete(space);
    const until = this.context.time.now();
    this.facts.changed(mergeTopic(space.id));
    // MG1.
    if (until - apart.since < APART_MS) return;
    this.#gathering.get(space)?.stop();
    const stop = this.context.ports.clock.after(GATHER_MS, () => this.#tell(space));
    this.#gathering.set(space, { since: apart.since, until, came: new Set(), nodes: new Set(), stop });
  }
  came(space: Space, entry: Entry): void {
    const gathered = this.#gathering.get(space);
    const { device, hlc } = entry.header;
    if (!gathered || device === this.context.device.device || !isWork(entry)) return;
    if (hlc < gathered.until && gathered.came.size < MAX_CAME) gathered.came.add(entry.id);
  }
  folded(space: Space, nodes: Iterable<NodeId>): void {
    const gathered = this.#gathering.get(space);
    if (gathered) for (const node of nodes) if (gathered.nodes.size < MAX_NODES) gathered.nodes.add(node);
  }
  /** Both hold the same. */
  level(space: Space): void {
    if (this.#gathering.has(space)) this.#tell(space);
  }
  #tell(space: Space): void {
    const gathered = this.#gathering.get(space);
    gathered?.stop();
    this.#gathering.delete(space);
    if (!gathered || gathered.came.size === 0) return;
    this.#keep(space.id, [...this.told(space), gathered]);
  }
  #keep(space: SpaceId, meetings: readonly Gathered[]): void {
    if (meetings.length === 0 && !this.#told.has(space)) return;
    const latest = latestOf(meetings);
    if (latest.length > 0) this.#told.set(space, latest);
    else this.#told.delete(space);
    const value = latest.length > 0 ? encode(meetingsCodec, latest) : undefined;
    void this.context.ports.storage.write([{ table: 'local', key: ROWS + space, ...(value && { value }) }], 'relaxed');
    this.facts.changed(mergeTopic(space));
  }

  apartSince(space: Space): number | undefined {
    const since = this.#apart.get(space)?.since;
    return since !== undefined && this.context.time.now() - since >= APART_MS ? since : undefined;
  }
  told(space: Space): readonly Gathered[] {
    return this.#told.get(space.id) ?? [];
  }
  seen(space: Space): void {
    this.#keep(space.id, []);
  }
}

/** Within what one row holds. */
const latestOf = (meetings: readonly Gathered[]): readonly Gathered[] => {
  let left = MAX_CAME;
  const first = meetings.findLastIndex(({ came }) => {
    left -= came.size;
    return left < 0;
  });
  return meetings.slice(first + 1).slice(-MAX_MEETINGS);
};

const isKnownElsewhere = ({ replica }: Space): boolean => replica.receipts.size > 0 || replica.rights.relays().size > 0;
const isWork = ({ header }: Entry): boolean => header.class === 'content' || header.class === 'annotation';

// --- What is told ----------------------------------------------------------------------------------------------------

/** Of one object, what was said of it twice while apart: the sides that do not hold. */
export const conflictsOf = (
  history: readonly HistoryItem[],
  { since, until, came }: Pick<Gathered, 'since' | 'until' | 'came'>,
): readonly HistoryItem[] => {
  const apart = history.filter(({ hlc }) => hlc >= since && hlc < until);
  const meets = (a: HistoryItem, b: HistoryItem): boolean => came.has(a.entry) !== came.has(b.entry);
  const fields = apart.filter(
    (item) =>
      item.type === 'field' &&
      item.concurrent &&
      !item.won &&
      apart.some((other) => other.type === 'field' && other.key === item.key && other.won && meets(item, other)),
  );
  const moves = apart.filter(({ type }) => type === 'moved');
  const skipped = moves.filter((item) => !item.won && moves.some((other) => meets(item, other)));
  return [...fields, ...skipped.slice(-1)];
};

const countBy = <K>(keys: readonly K[]): readonly (readonly [K, number])[] => {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, MAX_TOLD);
};

const answerOf = (view: View, space: Space, meetings: readonly Gathered[]): MergeAnswer => {
  const { replica } = space;
  const entries = meetings.flatMap(({ came }) => [...came].flatMap((id) => replica.entries.get(id) ?? []));
  const users = entries.map(({ header }) => replica.rights.userOf(header.device)).filter((user) => user !== undefined);
  const placeOf = (node: GraphNode): ObjectName => nameOfPart(space, partOf(space, node));
  const conflicts = meetings.flatMap((meeting) =>
    [...meeting.nodes].flatMap((id): readonly MergeConflict[] => {
      const node = replica.engine.node(id);
      if (!node) return [];
      return conflictsOf(replica.engine.history(id), meeting).map((item) => ({
        kind: item.type === 'moved' ? 'move' : 'field',
        key: item.type === 'moved' ? '' : (item.key ?? ''),
        object: nameOf(node),
        place: placeOf(node),
        by: view.person(space.id, item.author),
      }));
    }),
  );
  const shards = entries.map(({ header }) => header.shard).filter((shard) => shard !== replica.outline);
  const held = new Set(heldIn(replica).map(({ entry }) => entry.id));
  return {
    since: meetings[0]?.since ?? 0,
    until: meetings.at(-1)?.until ?? 0,
    changes: entries.length,
    people: countBy(users).map(([user, changes]) => ({ person: view.person(space.id, user as UserId), changes })),
    places: countBy(shards).map(([shard, changes]) => ({ place: nameOfPart(space, shard), changes })),
    outline: entries.length - shards.length,
    conflicts: conflicts.slice(0, MAX_TOLD),
    moreConflicts: Math.max(0, conflicts.length - MAX_TOLD),
    held: entries.filter(({ id }) => held.has(id)).length,
  };
};

export const mergesApp = (facts: { spaces(): ReadonlyMap<SpaceId, Space>; merges(): Merges }): App => {
  const spaceId = { type: 'id' } as const;
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      seenMerge: deed({
        describes: 'Puts away what os.apart tells of the last meeting; it stands in the histories of the objects.',
        args: { spaceId },
        perform: async (_view, args) => {
          const space = facts.spaces().get(args.spaceId as SpaceId);
          if (!space) return err(notFound('space'));
          facts.merges().seen(space);
          return DONE;
        },
      }),
    },
    queries: {
      apart: query({
        describes:
          'Since when nobody of a space is in reach, and what came when somebody was again, until it is put away.',
        args: { spaceId },
        run: (view, args): ApartAnswer | null => {
          view.note(mergeTopic(args.spaceId as SpaceId));
          const space = facts.spaces().get(args.spaceId as SpaceId);
          if (!space) return null;
          const told = facts.merges().told(space);
          const merge = told.length > 0 ? answerOf(view, space, told) : null;
          return { since: facts.merges().apartSince(space) ?? null, merge };
        },
      }),
    },
  });
};
