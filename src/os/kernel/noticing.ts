/**
 * Telling the rights log that a device has come for which none of its person's vouched: from then on its time of waiting
 * runs (ND2), so that it cannot say that it had come long ago. The person's own devices tell at once, others by chance.
 *
 * NO1 a device is told of once by each side: by one of its person's older devices, and by one of everybody else's.
 * NO2 nothing is told of one whose time is over, unless this node held something later before it came: then it dates itself
 *     back, or was away while the space moved on.
 */
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import type { DeviceStanding } from '../rights/newcomers';
import type { KernelContext } from './context';
import type { Space } from './space';

const OTHERS_MIN_MS = 2_000;
const OTHERS_SPREAD_MS = 8_000;
/** Between the making of an entry and its coming, on an ordinary day. */
const SLACK_MS = 600_000;

export class Noticing {
  readonly #known = new Set<string>();
  /** How late the latest is that each space held when its rights were last looked at, in ms. */
  readonly #newest = new Map<SpaceId, number>();
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    /** Whether another device of ours stands by it, or will in a moment. */
    private readonly isVouched: (device: DeviceId) => boolean,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  /** Rights of a space moved. */
  heard(space: Space): void {
    const { identity, ports } = this.context;
    if (!identity || this.#stopped) return;
    const before = this.#newest.get(space.id) ?? Number.NEGATIVE_INFINITY;
    for (const newcomer of space.replica.rights.newcomers()) {
      const key = `${space.id}${newcomer.device}`;
      if (newcomer.device === identity.device || this.#known.has(key)) continue;
      this.#known.add(key);
      const late = before > newcomer.first.hlc + SLACK_MS;
      if (!late && this.context.time.now() >= newcomer.until) continue;
      const mine = newcomer.user === identity.user;
      const chance = (ports.random.bytes(1)[0] ?? 0) / 255;
      const wait = mine ? 0 : OTHERS_MIN_MS + chance * OTHERS_SPREAD_MS;
      ports.clock.after(wait, () => void this.#tell(space, newcomer.device));
    }
    let newest = before;
    for (const { head } of space.replica.logs.values()) newest = Math.max(newest, head?.header.hlc ?? 0);
    this.#newest.set(space.id, newest);
  }

  async #tell(space: Space, device: DeviceId): Promise<void> {
    const { identity, ports } = this.context;
    const { rights } = space.replica;
    const newcomer = rights.newcomers().find((one) => one.device === device);
    if (this.#stopped || !identity || !newcomer) return;
    const mine = newcomer.user === identity.user;
    if (mine ? this.isVouched(device) || isToldByOwn(space, newcomer) : newcomer.seen) return;
    if (rights.role(identity.user) === 'none' || rights.userOf(identity.device) !== identity.user) return;
    const told = await space.act('acl', [{ type: 'notice', device }]);
    if (!told.ok) ports.log('notTold', { reason: told.error.type });
  }
}

const isToldByOwn = (space: Space, { device, user }: DeviceStanding): boolean =>
  space.replica.rights
    .history()
    .some(({ item }) => item.user === user && item.acts.some((act) => act.type === 'notice' && act.device === device));
