/**
 * Telling all of a device that signed two histories. Whoever holds two of its entries for one place says so in the rights
 * log, with both headers as proof and with what they hold of the device; from then on nothing new of it counts.
 *
 * FK1 a node reports a device once, and not where others have reported it and taken in all that this node held of it then.
 * FK2 what an Admin cleared is not reported again; only a fork signed with knowledge of the clearing is.
 */
import type { Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { ForkProof } from '../../vm/journal/log';
import type { Entry } from '../../vm/op/entry';
import type { DeviceId } from '../../vm/op/ids';
import type { Act, ActOf } from '../rights/acl';
import { type CutPlace, within } from '../rights/cuts';
import { clearingsOf, forkAct, lifts } from '../rights/fork';
import { has } from '../rights/past';
import type { Suspension } from '../rights/verdict';
import type { KernelContext } from './context';
import { cutOfDevice } from './cuts';
import type { Replica } from './replica';

/** By chance within, lest all who see it report it at once. */
const REPORT_MIN_MS = 50;
const REPORT_SPREAD_MS = 1_500;

export class Forks {
  readonly #due = new Set<DeviceId>();

  constructor(
    private readonly context: KernelContext,
    private readonly replica: Replica,
    private readonly act: (acts: readonly Act[]) => Promise<Result<unknown, Refusal>>,
  ) {}

  /** A log forked, or rights changed. */
  look(): void {
    const { ports } = this.context;
    for (const device of this.#forked()) {
      if (this.#due.has(device) || !this.#report(device)) continue;
      this.#due.add(device);
      const chance = (ports.random.bytes(1)[0] ?? 0) / 255;
      ports.clock.after(REPORT_MIN_MS + chance * REPORT_SPREAD_MS, () => {
        this.#due.delete(device);
        const report = this.#report(device);
        if (report) void this.#tell(report);
      });
    }
  }
  async #tell(report: ActOf<'fork'>): Promise<void> {
    const told = await this.act([report]);
    if (!told.ok) this.context.ports.log('forkNotReported', { reason: told.error.type });
  }

  #forked(): ReadonlySet<DeviceId> {
    const devices = new Set<DeviceId>();
    for (const log of this.replica.logs.values()) {
      const device = log.forked ? log.head?.header.device : undefined;
      if (device && device !== this.context.device.device) devices.add(device);
    }
    return devices;
  }

  /** What this node has to tell of the device; `undefined` where nothing. */
  #report(device: DeviceId): ActOf<'fork'> | undefined {
    const { identity } = this.context;
    const { rights } = this.replica;
    if (!identity || rights.role(identity.user, this.replica.now()) === 'none' || !rights.userOf(device))
      return undefined;
    if (rights.suspensions(identity.device).length > 0) return undefined;
    const live = rights.suspensions(device).filter(({ type, cleared }) => type === 'forked' && !cleared);
    if (live.length > 0) return this.#widened(device, live);
    const items = rights.history().map(({ item }) => item);
    const clears = clearingsOf(items).filter(({ id }) => rights.stands(id));
    const cut = cutOfDevice(this.replica, device);
    return this.#proofs(device)
      .map(({ a, b }) => forkAct(a, b, cut))
      .find((act) => !clears.some((clear) => lifts(clear, act, items)));
  }
  #proofs(device: DeviceId): readonly ForkProof[] {
    return [...this.replica.logs.values()]
      .filter((log) => log.head?.header.device === device)
      .flatMap((log) => log.proofs);
  }

  /** FK1: of what was here before the first report, what no report takes in. */
  #widened(device: DeviceId, live: readonly Suspension[]): ActOf<'fork'> | undefined {
    const { replica } = this;
    if (live.some(({ item }) => item.device === this.context.device.device)) return undefined;
    const reports = new Set(live.map(({ item }) => item.id));
    const held: Entry[] = [];
    for (const entry of replica.entries.values()) {
      if (reports.has(entry.id)) break;
      if (entry.header.device === device) held.push(entry);
    }
    const items = new Map(replica.rights.history().map(({ item }) => [item.id, item]));
    const taken = (entry: Entry): boolean =>
      live.some(({ item, cut }) => {
        const rightsItem = items.get(entry.id);
        if (rightsItem) return has(item.past, rightsItem.index);
        const log = replica.log(entry.log);
        return within(cut.get(entry.log), {
          log: entry.log,
          seq: entry.header.seq,
          leadsTo: (head, length) => log.leadsTo(entry, head, length),
        });
      });
    if (held.every(taken)) return undefined;
    const followed = new Set(held.map(({ header }) => header.prev));
    const cut: CutPlace[] = held
      .filter(({ id, header }) => header.shard !== replica.acl && !followed.has(id))
      .map(({ id, log, header }) => ({ log, seq: header.seq, head: id }));
    const [act] = live.flatMap(({ item }) =>
      item.acts.filter((each) => each.type === 'fork' && each.device === device),
    );
    return act?.type === 'fork' ? { ...act, cut } : undefined;
  }
}
