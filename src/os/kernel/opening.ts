/**
 * Opening what the parts of a kernel share: this device and its person, made on the first visit, network time, and the
 * types and commands of all applications. A beacon has a device only.
 */
import type { Ports } from '../../ports';
import { loadDevice, loadIdentity } from '../rights/identity';
import type { App } from '../schema/define';
import { createRegistry, schemaRules } from '../schema/registry';
import { createContext, type KernelContext } from './context';
import type { KernelOptions } from './options';
import { NetworkTime } from './time';

export const openContext = async (
  ports: Ports,
  {
    kind,
    serverTime,
    calmMs,
    floods,
    metered,
  }: Pick<KernelOptions, 'kind' | 'serverTime' | 'calmMs' | 'floods' | 'metered'>,
  apps: readonly App[],
): Promise<KernelContext> => {
  const time = new NetworkTime(ports.clock, kind === 'tab');
  if (serverTime !== undefined) time.heard('server', 'beacon', serverTime);
  const identity =
    kind === 'tab'
      ? await loadIdentity(ports.crypto, ports.random, ports.vault, Math.max(0, Math.floor(time.now())))
      : undefined;
  const device = identity ?? (await loadDevice(ports.crypto, ports.random, ports.vault));
  return createContext(
    {
      ports,
      kind,
      device,
      identity,
      registry: createRegistry(apps),
      rules: schemaRules(apps),
      time,
      floods,
      metered,
    },
    calmMs,
  );
};
