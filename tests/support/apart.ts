/** Three of a team, of whom two, who cannot connect, are to have a space of their own that the third does not hold. */
import type { KernelApi, MessageRow, NetworkAnswer } from '../../src/bridge/messages';
import { hastyClock } from './clocks';
import { converged, createFleet, type TabOptions, until } from './fleet';

export type Fleet = Awaited<ReturnType<typeof createFleet>>;
export const told = async (kernel: KernelApi) => (await kernel.query('os.network', {})) as NetworkAnswer;
export const wayTo = async (kernel: KernelApi, other: KernelApi) => {
  const { deviceId } = await other.me();
  return (await told(kernel)).peers.find((peer) => peer.deviceId === deviceId);
};
export const pathTo = async (kernel: KernelApi, other: KernelApi) => (await wayTo(kernel, other))?.path ?? null;
export const reached = (kernel: KernelApi, other: KernelApi, path: string | null) =>
  until(async () => (await pathTo(kernel, other)) === path, `by ${path}`);
export const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map(({ text }) => text);

type Names = 'a' | 'b' | 'c';
/** `opened` is told of the fleet, which the caller stops. `invite` leads into the space of the two; `open`: from then on they can connect. */
export const threeApart = async (opened: (fleet: Fleet) => void, options: Partial<Record<Names, TabOptions>> = {}) => {
  let shut = true;
  const fleet = await createFleet(1, {
    clock: hastyClock(12),
    meets: (a, b) => !(shut && [a, b].sort().join() === 'a,b'),
  });
  opened(fleet);
  const tab = (name: Names) => fleet.tab(name, { beacon: false, ...options[name] });
  const [a, b, c] = await Promise.all([tab('a'), tab('b'), tab('c')]);
  const { id: team } = await c.createSpace({ title: 'Team', kind: 'team' });
  const { url } = await c.invite(team, { role: 'member', uses: 9 });
  await Promise.all([a, b].map((kernel) => kernel.join(url, { timeoutMs: 600_000 })));
  await converged([a, b, c], team);
  const { id: pair } = await a.createSpace({ title: 'Pair', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: pair, title: 'c' })) as { id: string };
  const { url: invite } = await a.invite(pair, { role: 'member' });
  const open = (): void => {
    shut = false;
  };
  return { a, b, c, team, pair, channelId, url, invite, open };
};
