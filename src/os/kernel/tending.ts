/**
 * Looks after copies: tells how well each space is kept, and fetches again what too few others have. What is well and whose turn it is
 * is decided in `health.ts`; it fetches nothing for which the person's budget has no room (RP3).
 */
import { err, ok } from '../../base/result';
import type { HealthRow } from '../../bridge/messages';
import type { DeviceId, NodeId, ShardId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, command, defineApp, notFound, query, refusal } from '../schema/define';
import { SPACE } from '../schema/system';
import type { KernelContext } from './context';
import {
  AIMS,
  aimOf,
  type Copies,
  copiesBy,
  holdersOf,
  levelOf,
  type OwnCopy,
  repairTurn,
  type Shown,
  shownNext,
} from './health';
import { loneEntries, textTypes } from './shelf';
import type { Space } from './space';

/** After a change, and while nothing changes: receipts age, and bad news may have lasted. */
const SOON_MS = 2_000;
const LOOK_MS = 30_000;
const TURN_MS = 60_000;
/** Texts that are fetched at one look. */
const AT_ONCE = 8;

type TendingFacts = {
  spaces(): ReadonlyMap<SpaceId, Space>;
  /** Bytes that there is still room for. */
  room(): number;
  fetch(space: Space, object: NodeId): void;
  changed(topic: string): void;
};
type Health = { readonly shown: Shown; readonly copies: Copies; readonly own: OwnCopy; readonly aim: number };

export class Tending {
  readonly #known = new Map<Space, Health>();
  readonly #due = new Set<Space>();
  /** Since when copies of a part are lacking. */
  readonly #lacking = new Map<ShardId, number>();
  readonly startedAt: number;
  #isKept = false;
  #soon: (() => void) | undefined;
  #stopLook: () => void = () => {};
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: TendingFacts,
  ) {
    this.startedAt = context.time.now();
  }

  start(): void {
    void this.#look();
  }
  stop(): void {
    this.#stopped = true;
    this.#stopLook();
    this.#soon?.();
  }
  closed(space: Space): void {
    this.#known.delete(space);
    this.#due.delete(space);
  }

  /** Receipts, rights or entries of it changed. */
  stirred(space: Space): void {
    if (!this.#known.has(space)) return;
    this.#due.add(space);
    this.#soon ??= this.context.ports.clock.after(SOON_MS, () => {
      this.#soon = undefined;
      for (const each of this.#due) this.#reckon(each);
      this.#due.clear();
    });
  }
  of(space: Space): Health {
    return this.#known.get(space) ?? this.#reckon(space);
  }
  /** Whether this device's browser keeps what it has. */
  get isKept(): boolean {
    return this.#isKept;
  }

  #reckon(space: Space): Health {
    const { replica } = space;
    const before = this.#known.get(space);
    const me = this.context.device.device;
    const now = this.context.ports.clock.now();
    const copies = copiesBy(replica, holdersOf(replica, me, now));
    const own: OwnCopy = replica.shelved.size > 0 ? 'partly' : this.#isKept ? 'kept' : 'mayGo';
    const aim = aimOf(replica);
    const health = {
      shown: shownNext(before?.shown ?? { level: undefined }, levelOf(copies, own, aim), now),
      copies,
      own,
      aim,
    };
    this.#known.set(space, health);
    if (before && isOther(before, health)) this.facts.changed(topics.health(space.id));
    return health;
  }
  async #look(): Promise<void> {
    const isAway = [...this.facts.spaces().values()].some(({ replica }) => replica.shelved.size > 0);
    if (isAway || this.#known.size > 0) {
      this.#isKept = (await this.context.ports.storage.usage().catch(() => undefined))?.kept ?? false;
      if (this.#stopped) return;
      for (const space of this.#known.keys()) this.#reckon(space);
      this.#repair();
    }
    this.#stopLook = this.context.ports.clock.after(LOOK_MS, () => void this.#look());
  }

  /** RP1 to RP3. */
  #repair(): void {
    const now = this.context.ports.clock.now();
    let left = this.facts.room();
    let begun = 0;
    for (const space of this.facts.spaces().values()) {
      for (const { object, shard, bytes } of awayIn(space, textTypes(this.context.registry))) {
        const turn = repairTurn(space.replica, shard, this.context.device.device, this.#isKept, now);
        if (turn === undefined) {
          this.#lacking.delete(shard);
          continue;
        }
        const since = this.#lacking.get(shard) ?? now;
        this.#lacking.set(shard, since);
        if (now - since < turn * TURN_MS || bytes > left || begun === AT_ONCE) continue;
        left -= bytes;
        begun++;
        this.facts.fetch(space, object);
      }
    }
  }
}

const isOther = (a: Health, b: Health): boolean =>
  a.shown.level !== b.shown.level ||
  a.own !== b.own ||
  a.aim !== b.aim ||
  (['beacons', 'kept', 'others'] as const).some((kind) => a.copies[kind] !== b.copies[kind]);

/** Texts of which bodies are away, and how many bytes those take. */
const awayIn = ({ replica }: Space, types: readonly string[]) =>
  replica.shelved.size === 0
    ? []
    : types.flatMap((type) =>
        [...replica.engine.nodesOfType(type)].flatMap(({ id: object }) => {
          const shard = replica.partOf(object);
          const away = replica.shelved.get(shard);
          if (!away) return [];
          const bytes = [...away].reduce((sum, id) => sum + (replica.entries.get(id)?.header.bodyLength ?? 0), 0);
          return [{ object, shard, bytes }];
        }),
      );

type HealthFacts = {
  spaces(): ReadonlyMap<SpaceId, Space>;
  tending(): Tending;
  device(): DeviceId;
};
export const healthApp = (facts: HealthFacts): App => {
  const rowOf = (space: Space): HealthRow => {
    const { shown, copies, own, aim } = facts.tending().of(space);
    const { replica, unsealed } = space;
    const me = facts.device();
    const since = facts.tending().startedAt;
    const lone = [...replica.logs.values()]
      .filter(({ head }) => head?.header.device === me && head.header.hlc >= since)
      .flatMap((log) => loneEntries(replica, log, me).filter(({ header }) => header.hlc >= since));
    return {
      id: space.id,
      level: shown.level ?? null,
      ...copies,
      here: own,
      aim,
      doubted: [...replica.doubted.keys()],
      unsaved: lone.length + unsealed,
    };
  };
  return defineApp({
    name: 'os',
    types: {},
    commands: {
      setCopies: command({
        describes: `How many copies of a space there are to be, ${AIMS.least} to ${AIMS.most}; this device's is one.`,
        args: { spaceId: { type: 'id' }, copies: { type: 'number' } },
        run: (view, write, { spaceId, copies }) => {
          const [node] = [...(view.graph(spaceId as SpaceId)?.nodesOfType(SPACE) ?? [])];
          if (!node) return err(notFound('space'));
          if (!Number.isInteger(copies) || copies < AIMS.least || copies > AIMS.most)
            return err(
              refusal(
                'badArguments',
                `A space is to have ${AIMS.least} to ${AIMS.most} copies.`,
                'Nothing was changed.',
                'Give another number.',
              ),
            );
          write.set(node.id, 'copies', copies);
          return ok({});
        },
      }),
    },
    queries: {
      health: query({
        describes:
          'How well each space is kept, or one: copies elsewhere, how many are aimed at, and changes of this visit that nobody else has.',
        args: { spaceId: { type: 'id', optional: true } },
        run: (view, { spaceId }): readonly HealthRow[] => {
          view.note(topics.spaces);
          return [...facts.spaces().values()].flatMap((space) => {
            if (spaceId !== undefined && space.id !== spaceId) return [];
            for (const topic of [topics.health(space.id), topics.states(space.id), topics.rights(space.id)])
              view.note(topic);
            // Read, so that a new aim is noticed.
            for (const node of view.graph(space.id)?.nodesOfType(SPACE) ?? []) node.field('copies');
            return [rowOf(space)];
          });
        },
      }),
    },
  });
};
