/** What a simulation is told: plain data. Times are in seconds of virtual time. */

/** How the network between nodes is. The defaults are those of the reference model of the overlay, and a usual home's uplink. */
export type Links = {
  /** Of the one-way delays between pairs. */
  readonly medianMs: number;
  /** Of their logarithm: 0 makes all alike. */
  readonly spread: number;
  readonly leastMs: number;
  readonly mostMs: number;
  /** Each message takes longer or shorter by up to this share. */
  readonly jitter: number;
  /** Pairs whose packets go a long way, and how long. */
  readonly farShare: number;
  readonly farMs: number;
  readonly uplinkKbps: number;
  /** Of packets, lost on their way. Links are reliable, so that it shows as waiting. */
  readonly loss: number;
  /** Of the nodes, those whose routers let no stranger in: two of them never connect directly. */
  readonly shutShare: number;
  readonly connectMs: number;
  /** The longest until a transport notices that the other end has vanished. */
  readonly noticeMs: number;
};
export const LINKS: Links = {
  medianMs: 55,
  spread: 0.55,
  leastMs: 8,
  mostMs: 280,
  jitter: 0.1,
  farShare: 0.15,
  farMs: 70,
  uplinkKbps: 5_000,
  loss: 0,
  shutShare: 0,
  connectMs: 1_800,
  noticeMs: 12_000,
};

/** What happens at a time, counted from when writing begins. */
export type Happening =
  /** A share of the nodes is gone at once, without a word. */
  | { readonly at: number; readonly type: 'kill'; readonly share: number }
  /** The nodes fall into so many islands; signaling servers stay in reach of all. */
  | { readonly at: number; readonly type: 'part'; readonly islands: number }
  | { readonly at: number; readonly type: 'heal' };

export type Scenario = {
  readonly seed: number;
  readonly nodes: number;
  /** Real primitives, or keyed hashes in their place. */
  readonly crypto: 'exact' | 'cheap';
  /** Beacons that keep the space; nodes know their addresses. */
  readonly beacons: number;
  readonly links: Links;
  /** Nodes start one after the other within this time, s. */
  readonly startWithin: number;
  /** Until entries are counted, s: the mesh finds itself. */
  readonly settle: number;
  /** For how long entries are written. */
  readonly minutes: number;
  /** Entries a minute, in the whole space. */
  readonly writes: number;
  /** How long all wait after the last one, s. */
  readonly calm: number;
  /** Nodes a minute that leave without a word and come back a while later, with what they had on their disk. */
  readonly churn: number;
  /** Disks keep what comes, for nodes that are started again. */
  readonly comeBack: boolean;
  /** Of the nodes: insiders with real keys, who link, listen, and pass on nothing. */
  readonly blackHoles: number;
  /** Of the nodes: insiders who pass on every other entry. */
  readonly greyHoles: number;
  /** Of the nodes: clocks that are up to an hour off. */
  readonly skewed: number;
  /** Of the nodes: they run the kernel of an earlier release. */
  readonly older: number;
  /** `flood`: the same views, and every entry to all neighbours. */
  readonly spread: 'tree' | 'flood';
  readonly happenings: readonly Happening[];
};
export const SCENARIO: Scenario = {
  seed: 1,
  nodes: 100,
  crypto: 'exact',
  beacons: 0,
  links: LINKS,
  startWithin: 20,
  settle: 40,
  minutes: 2,
  writes: 60,
  calm: 30,
  churn: 0,
  comeBack: false,
  blackHoles: 0,
  greyHoles: 0,
  skewed: 0,
  older: 0,
  spread: 'tree',
  happenings: [],
};
