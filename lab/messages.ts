/** What a page and the worker of its network lab say to each other: nothing but shapes. Nodes are known by their place, beacons after them. */

export type LabSettings = {
  readonly seed: number;
  readonly nodes: number;
  readonly beacons: number;
  /** The median one-way delay between two nodes, ms. */
  readonly delayMs: number;
  /** Shares of the nodes. */
  readonly shut: number;
  readonly black: number;
  readonly grey: number;
  /** Nodes a minute that vanish, and come back. */
  readonly churn: number;
  /** Entries a minute, in the whole space. */
  readonly writes: number;
  /** The same world a second time, in which entries go to all neighbours. */
  readonly flooded: boolean;
};
export const LAB_LIMITS = {
  nodes: { least: 8, most: 60 },
  beacons: { least: 0, most: 2 },
  delayMs: { least: 5, most: 300 },
  shut: { least: 0, most: 0.6 },
  black: { least: 0, most: 0.3 },
  grey: { least: 0, most: 0.3 },
  churn: { least: 0, most: 30 },
  writes: { least: 0, most: 240 },
  seed: { least: 1, most: 999_999 },
} as const;

export type LabOrder =
  /** Ends what ran before. */
  | { readonly type: 'open'; readonly settings: LabSettings }
  /** Time goes on: virtual ms. */
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'write' | 'killHalf' | 'bringBack' | 'split' | 'heal' };

/** Each order has one answer. */
export type LabAnswer =
  | { readonly type: 'frame'; readonly frame: LabFrame }
  /** The lab is at its end; in the worker's words. */
  | { readonly type: 'failed'; readonly message: string };

export type LabFrame = {
  /** Virtual ms since the beginning. */
  readonly at: number;
  /** Time goes on no more. */
  readonly isOver: boolean;
  readonly kinds: readonly LabKind[];
  /** By place: the half that a node is in while the network is split, else 0. */
  readonly islands: Uint8Array;
  readonly isSplit: boolean;
  readonly tree: LabNetwork;
  readonly flood: LabNetwork | undefined;
};
export type LabKind = 'tab' | 'beacon' | 'black' | 'grey';
export type LabNetwork = {
  /** By place: 1 while it is there. */
  readonly up: Uint8Array;
  /** Places, two for each link. */
  readonly links: Uint8Array;
  /** The latest entries, the newest last. */
  readonly entries: readonly LabEntry[];
  readonly figures: LabFigures;
};
export type LabEntry = {
  readonly author: number;
  readonly writtenAt: number;
  readonly hops: readonly LabHop[];
};
/** A copy that came over a link; the first at its node, or one too many. */
export type LabHop = {
  readonly from: number;
  readonly to: number;
  readonly sentAt: number;
  readonly at: number;
  readonly isFirst: boolean;
};
/** Of the last minute. What is not known yet is absent. */
export type LabFigures = {
  readonly up: number;
  readonly written: number;
  /** Of pairs of an entry and a node that is there, two seconds after it was written at the latest. */
  readonly delivered: number | undefined;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  /** That came, for each that was needed. */
  readonly copies: number | undefined;
  /** In, for each node and second, over ten seconds. */
  readonly bytesIn: number | undefined;
  readonly links: { readonly mean: number; readonly least: number; readonly most: number };
  /** The share of what is there that hangs together. */
  readonly together: number;
  /** Of the sound nodes, those that have all that is left of what was written. */
  readonly complete: number;
};
