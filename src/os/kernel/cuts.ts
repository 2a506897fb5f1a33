/** What of a person's work, or of one of their devices, this node holds: what a removal accepts, each log on each branch. */
import type { DeviceId, UserId } from '../../vm/op/ids';
import type { CutPlace } from '../rights/cuts';
import type { Replica } from './replica';

/** Content only: of the rights log an entry says by what it cites what it had seen. */
const cutWhere = (
  { logs, acl }: Pick<Replica, 'logs' | 'acl'>,
  isTheirs: (device: DeviceId) => boolean,
): CutPlace[] => {
  const cut: CutPlace[] = [];
  for (const [id, log] of logs) {
    const header = log.head?.header;
    if (!header || header.shard === acl || !isTheirs(header.device)) continue;
    for (const { length, head } of log.tips) cut.push({ log: id, seq: length - 1, head });
  }
  return cut;
};

export const cutOf = ({ replica }: { readonly replica: Replica }, user: UserId): CutPlace[] =>
  cutWhere(replica, (device) => replica.rights.userOf(device) === user);
export const cutOfDevice = (replica: Replica, device: DeviceId): CutPlace[] =>
  cutWhere(replica, (other) => other === device);
