/** Which way a node is reached, in words. Whoever is in between is named as in the list of those who are linked. */
import type { NetworkPath } from '../../bridge/messages';
import { t } from './i18n';

type Reached = { readonly path: NetworkPath | null; readonly via?: string };
type Named = { readonly deviceId: string; readonly name: string };

export const reachWords = ({ path, via }: Reached, peers: readonly Named[]): string => {
  if (path !== 'relayed' && path !== 'circuit') return t(`network.path.${path ?? 'none'}`);
  const name = peers.find(({ deviceId }) => deviceId === via)?.name;
  const isLink = path === 'circuit';
  if (!name) return t(isLink ? 'network.path.circuit' : 'network.path.relayed');
  return t(isLink ? 'network.path.circuitThrough' : 'network.path.through', { name });
};
