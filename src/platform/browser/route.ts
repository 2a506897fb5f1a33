/**
 * Which way an open connection takes, as the browser's own statistics say: of the pair of addresses that ICE chose, what each of
 * them is. It must not guess: where the statistics name no pair, nothing is told.
 *
 * Rules kept here: [RO1] over TURN is what one side reaches through a relay; through a NAT, where an address is one that a server or the
 * other side saw instead of its own. A remote address that only came up on the way (`prflx`) proves no NAT: browsers hide
 * addresses of a local network as names.
 * [RO2] A route is told when it is known first, and when it is another one.
 */
import type { Route } from '../../ports';
import { routeBetween } from '../route';

type Stats = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>;

/** RO1 */
export const routeOf = (report: Iterable<Stats>): Route | undefined => {
  const byId = new Map([...report].map((stats) => [stats.id, stats]));
  const of = (type: string): readonly Stats[] => [...byId.values()].filter((stats) => stats.type === type);
  const chosen = of('transport').map(({ selectedCandidatePairId: id }) => byId.get(String(id)));
  // Firefox marks the pair instead.
  const marked = of('candidate-pair').filter(({ selected }) => selected === true);
  const pair = [...chosen, ...marked].find((found) => found !== undefined);
  const kindOf = (id: unknown): unknown => byId.get(String(id))?.candidateType;
  const [local, remote] = [kindOf(pair?.localCandidateId), kindOf(pair?.remoteCandidateId)];
  return typeof local === 'string' && typeof remote === 'string' ? routeBetween(local, remote) : undefined;
};

/** Not every browser says when another pair is chosen. */
const LOOK_MS = 10_000;

/** Tells of `connection`, which is open, until the function that it gives is called. */
export const watchRoute = (connection: RTCPeerConnection, tell: (route: Route) => void): (() => void) => {
  let told: Route | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const report: Stats[] = [];
    (await connection.getStats()).forEach((stats: Stats) => {
      report.push(stats);
    });
    const route = routeOf(report);
    if (stopped || route === undefined || route === told) return;
    told = route;
    tell(route);
  };
  // A connection that ended meanwhile has no statistics, and no route.
  const lookAgain = (): void => void look().catch(() => undefined);
  const ice = connection.sctp?.transport.iceTransport;
  ice?.addEventListener?.('selectedcandidatepairchange', lookAgain);
  const timer = setInterval(lookAgain, LOOK_MS);
  lookAgain();
  return () => {
    stopped = true;
    clearInterval(timer);
    ice?.removeEventListener?.('selectedcandidatepairchange', lookAgain);
  };
};
