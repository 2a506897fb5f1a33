/**
 * Bringing back bodies that are away: asks whoever stated to hold them, beacons first, then anybody who may read; a part at a
 * time, the next as soon as one is here. It believes nobody: what comes passes the door like everything else.
 */

import type { Clock } from '../../ports';
import { contentShardOf, type DeviceId, type EntryId, type NodeId, type ShardId } from '../../vm/op/ids';
import { refusal } from '../schema/define';
import type { Session } from './session';
import type { Space } from './space';

/** Bodies asked for at once, and how long somebody may send none of them (PR6). */
const WINDOW = 512;
const PATIENCE_MS = 5_000;
/** Who waits for a whole text hears by then. */
const LIMIT_MS = 20_000;

export const notHere = refusal(
  'notHere',
  'The text of this document is not on this device, and nobody who holds it answers now.',
  'Nothing is lost: it was held elsewhere when it was let go of here.',
  'Open it again when a beacon or another device that holds it can be reached.',
);
const changesNotHere = refusal(
  'notHere',
  'Earlier changes of this document are not on this device, and nobody who holds them answers now.',
  'The document is whole, and nothing is lost: they were held elsewhere when they were let go of here.',
  'Look back again when a beacon or another device that holds them can be reached.',
);

type Waiter = { readonly done: () => void; readonly failed: () => void };
type Job = {
  readonly space: Space;
  readonly object: NodeId;
  readonly shard: ShardId;
  readonly total: number;
  readonly silent: Set<DeviceId>;
  readonly waiters: Set<Waiter>;
  asked: Session | undefined;
  window: readonly EntryId[];
  stop: () => void;
};
/** `from`: who is asked now. */
type Progress = {
  readonly got: number;
  readonly total: number;
  readonly from: DeviceId | undefined;
  readonly silent: ReadonlySet<DeviceId>;
};

type FetchingFacts = {
  sessions(space: Space): readonly Session[];
  changed(): void;
  /** Somebody stated to hold what they do not send. */
  withheld(device: DeviceId): void;
};

export class Fetching {
  readonly #jobs = new Map<ShardId, Job>();

  constructor(
    private readonly clock: Clock,
    private readonly facts: FetchingFacts,
  ) {}

  /** Begins, or begins anew, also with those who kept silent. */
  fetch(space: Space, object: NodeId): void {
    const shard = contentShardOf(space.id, object);
    const total = space.replica.shelved.get(shard)?.size ?? 0;
    const known = this.#jobs.get(shard);
    if (total === 0 || known?.asked) return;
    space.replica.want(shard);
    const waiters = known?.waiters ?? new Set();
    known?.stop();
    const job: Job = {
      space,
      object,
      shard,
      total: Math.max(total, known?.total ?? 0),
      silent: new Set(),
      waiters,
      asked: undefined,
      window: [],
      stop: () => {},
    };
    this.#jobs.set(shard, job);
    this.#ask(job);
  }

  /** Once: not again while nobody brings it. */
  looked(space: Space, object: NodeId): void {
    if (!this.#jobs.has(contentShardOf(space.id, object))) this.fetch(space, object);
  }

  /** Settles when the text is here; rejects with a refusal when nobody brings it. */
  async here(space: Space, object: NodeId): Promise<void> {
    if (space.replica.isAway(contentShardOf(space.id, object))) await this.whole(space, object);
  }
  /** The same of all changes of the text (CO5). */
  async whole(space: Space, object: NodeId): Promise<void> {
    const shard = contentShardOf(space.id, object);
    if (!space.replica.shelved.has(shard)) return;
    const why = space.replica.isAway(shard) ? notHere : changesNotHere;
    this.fetch(space, object);
    const job = this.#jobs.get(shard);
    if (!job?.asked) throw why;
    await new Promise<void>((done, failed) => {
      const cancel = this.clock.after(LIMIT_MS, () => {
        if (job.waiters.delete(waiter)) failed(why);
      });
      const ended = (tell: () => void) => () => {
        cancel();
        tell();
      };
      const waiter: Waiter = { done: ended(done), failed: ended(() => failed(why)) };
      job.waiters.add(waiter);
    });
  }

  progress(space: Space, object: NodeId): Progress | undefined {
    const shard = contentShardOf(space.id, object);
    const job = this.#jobs.get(shard);
    const left = space.replica.shelved.get(shard)?.size ?? 0;
    return job && { got: job.total - left, total: job.total, from: job.asked?.device, silent: job.silent };
  }

  /** Bodies of a part are on the disk. */
  durable(space: Space, shard: ShardId): void {
    const job = this.#jobs.get(shard);
    if (!job || job.space !== space) return;
    this.facts.changed();
    if (!space.replica.shelved.has(shard)) this.#done(job);
    else if (job.asked && this.#left(job) === 0) this.#ask(job);
  }
  /** Somebody came who may have what nobody else sent. */
  met(session: Session): void {
    for (const job of this.#jobs.values()) {
      if (job.space !== session.space) continue;
      job.silent.delete(session.device);
      if (!job.asked) this.#ask(job);
    }
  }
  unlinked(): void {
    for (const job of this.#jobs.values())
      if (job.asked && !this.facts.sessions(job.space).includes(job.asked)) this.#ask(job);
  }
  stop(): void {
    for (const job of this.#jobs.values()) this.#end(job);
  }

  #left({ space, shard, window }: Job): number {
    const away = space.replica.shelved.get(shard);
    return window.filter((id) => away?.has(id)).length;
  }

  #ask(job: Job): void {
    job.stop();
    const { space, shard } = job;
    const missing = [...(space.replica.shelved.get(shard) ?? [])];
    if (missing.length === 0) return this.#done(job);
    job.asked = this.#candidates(job)[0];
    this.facts.changed();
    if (!job.asked) {
      for (const { failed } of job.waiters) failed();
      job.waiters.clear();
      return;
    }
    job.window = missing.slice(0, WINDOW);
    job.asked.want(job.window);
    this.#watch(job, job.window.length);
  }
  #watch(job: Job, before: number): void {
    job.stop = this.clock.after(PATIENCE_MS, () => {
      const left = this.#left(job);
      if (left < before) return this.#watch(job, left);
      const device = job.asked?.device;
      if (device) {
        job.silent.add(device);
        if (this.#holds(job, device)) this.facts.withheld(device);
      }
      this.#ask(job);
    });
  }
  /** Beacons that stated to hold it, devices that did, and then whoever may. */
  #candidates(job: Job): readonly Session[] {
    const relays = job.space.replica.rights.relays();
    const rank = ({ device }: Session): number =>
      this.#holds(job, device) ? (relays.has(device) ? 0 : 1) : relays.has(device) ? 2 : 3;
    return this.facts
      .sessions(job.space)
      .filter((session) => session.mayRead && session.theirIndex !== undefined && !job.silent.has(session.device))
      .sort((a, b) => rank(a) - rank(b));
  }
  #holds({ space, shard }: Job, device: DeviceId): boolean {
    return (space.replica.receipts.get(device)?.get(shard)?.heights.size ?? 0) > 0;
  }

  #done(job: Job): void {
    const waiters = [...job.waiters];
    job.waiters.clear();
    this.#end(job);
    for (const { done } of waiters) done();
    this.facts.changed();
  }
  #end(job: Job): void {
    job.stop();
    for (const { failed } of job.waiters) failed();
    this.#jobs.delete(job.shard);
  }
}
